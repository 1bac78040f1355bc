import { CloseButton } from "@mantine/core";
import type { Decision } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { SideDrawer } from "@/kit/layers";
import { Facts, Panel } from "@/kit/Panel";
import { exact } from "@/kit/time";
import { words } from "@/kit/words";
import classes from "./policy.module.css";
import { Result } from "./Result";
import { engineName, scopeWords, took } from "./words";

interface Props {
  decision: Decision;
  onClose: () => void;
}

export function DecisionDrawer({ decision, onClose }: Props) {
  return (
    <SideDrawer label="Decision" size={560} onClose={onClose} className={classes.drawer}>
      <div className={classes.drawerTop}>
        <h2 className="mono">{decision.action}</h2>
        <Result decision={decision} />
        <CloseButton aria-label="Close decision" onClick={onClose} />
      </div>
      <Panel>
        <Facts
          wide
          items={[
            ["Who asked", decision.actor || "Nobody logged in"],
            ["Roles", decision.roles.map(words).join(", ") || "None"],
            ["May touch", scopeWords(decision.scope)],
            ["When", exact(decision.at)],
            ["Engine", engineName(decision.engine)],
            ["Took", took(decision.micros)],
            ["Revision", <Copy key="r" text={decision.revision} label="revision" show={20} />],
            [
              "Input hash",
              <Copy key="i" text={decision.input_sha256} label="input hash" show={20} />,
            ],
            [
              "Request",
              decision.request_id && (
                <Copy text={decision.request_id} label="request id" show={20} />
              ),
            ],
            ["Decision id", <Copy key="id" text={decision.id} label="decision id" show={20} />],
          ]}
        />
      </Panel>
    </SideDrawer>
  );
}
