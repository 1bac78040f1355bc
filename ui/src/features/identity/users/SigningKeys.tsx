import { IconKey } from "@tabler/icons-react";
import { useState } from "react";
import { signing } from "@/api/client";
import { useMay } from "@/api/may";
import type { SigningKey } from "@/api/types";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { Copy } from "@/kit/Copy";
import { useOnce } from "@/kit/once";
import { Panel } from "@/kit/Panel";
import { Empty, ErrorBox } from "@/kit/states";
import { Status } from "@/kit/Status";
import { TableSkeleton } from "@/kit/TableSkeleton";
import { When } from "@/kit/When";
import { useShowKeys, useSigningKeys } from "./hooks";
import { Reason } from "./Reason";
import classes from "./users.module.css";
import { told } from "./words";

export function SigningKeys() {
  const mayWrite = useMay("keys.write");
  return (
    <div className={classes.keys}>
      <p className={classes.note}>
        Whoever logs in gets a token that is signed with the newest key. The keys before it go on
        checking the tokens that they signed. When a key may have been seen by others, withdraw it:
        tokens of this key are refused at once; people stay logged in.
      </p>
      <Panel title="Signing keys" aside={mayWrite && <Rotate />} flush>
        <Keys mayWrite={mayWrite} />
      </Panel>
    </div>
  );
}

function Keys({ mayWrite }: { mayWrite: boolean }) {
  const query = useSigningKeys();
  if (query.isPending) return <TableSkeleton rows={2} />;
  if (query.isError && !query.data) {
    return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (query.data.data.length === 0) {
    return (
      <Empty
        icon={<IconKey size={20} />}
        title="No signing keys"
        text="The house makes its first one when it starts."
      />
    );
  }
  return (
    <ul className={classes.list} aria-label="Signing keys">
      {query.data.data.map((key) => (
        <li key={key.kid} className={classes.line}>
          <span className={classes.lineText}>
            <Copy text={key.kid} label="key id" show={24} />
            <div>
              Made <When at={key.created_at} />
              {key.withdrawn_at && (
                <>
                  , withdrawn <When at={key.withdrawn_at} />
                </>
              )}
            </div>
          </span>
          <Status code={stateOf(key)} />
          {mayWrite && <Withdraw signingKey={key} />}
        </li>
      ))}
    </ul>
  );
}

function stateOf({ signs, withdrawn_at }: SigningKey): string {
  if (withdrawn_at !== null) return "key_withdrawn";
  return signs ? "key_signs" : "key_checks";
}

const short = (kid: string) => `${kid.slice(0, 8)}…`;

function Rotate() {
  const once = useOnce("rotate-key");
  const show = useShowKeys();
  return (
    <ConfirmButton
      label="New key"
      title="Make a new signing key"
      confirm="Make a new key"
      button={{ variant: "default", size: "xs" }}
      effect={
        <p>
          Tokens are signed with the new key from now on. Those of the keys before stay good until
          they end: nobody notices.
        </p>
      }
      run={async () => show(await once("rotate", signing.rotate))}
    />
  );
}

function Withdraw({ signingKey: { kid, signs, withdrawn_at } }: { signingKey: SigningKey }) {
  const once = useOnce("withdraw-key");
  const show = useShowKeys();
  const [reason, setReason] = useState("");
  const why = reason.trim();
  return (
    <ConfirmButton
      label="Withdraw"
      title={`Withdraw the key ${short(kid)}`}
      confirm={`Withdraw ${short(kid)}`}
      danger
      button={{ variant: "default", size: "xs" }}
      disabled={why === ""}
      gone={withdrawn_at !== null}
      now="Somebody else has withdrawn this key."
      effect={
        <>
          <p>
            Tokens of this key are refused at once. People stay logged in: the console gets a new
            token by itself. Programs that keep a token have to log in again.
          </p>
          <p>
            {signs
              ? "It is the key that signs: the newest of the others takes over, or a new one is made. "
              : ""}
            A withdrawn key never comes back.
          </p>
        </>
      }
      run={async () => {
        show(
          await told(
            short(kid),
            once([kid, why], (key) => signing.withdraw(kid, why, key)),
          ),
        );
        setReason("");
      }}
    >
      <Reason value={reason} onChange={setReason} />
    </ConfirmButton>
  );
}
