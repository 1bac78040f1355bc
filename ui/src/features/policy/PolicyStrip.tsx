import { Alert, Skeleton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Copy } from "@/kit/Copy";
import { errorText } from "@/kit/states";
import { When } from "@/kit/When";
import { usePolicyState } from "./hooks";
import classes from "./policy.module.css";
import { engineName, faultTitle, sourceWords } from "./words";

/** Which policy decides now, and what went wrong when it was last looked for. */
export function PolicyStrip() {
  const query = usePolicyState();
  if (query.isPending) return <Skeleton height={62} radius={12} />;
  if (query.isError) {
    return (
      <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />}>
        The policy in force is not known: {errorText(query.error)}
      </Alert>
    );
  }
  const { engine, revision, loaded_at, source, last_error } = query.data;
  return (
    <>
      <section className={classes.strip} aria-label="Policy in force">
        <Figure label="Engine">{engineName(engine)}</Figure>
        <Figure label="Revision">
          <Copy text={revision} label="revision" show={20} />
        </Figure>
        <Figure label="Loaded">
          {/* A remote engine does not say when it loaded its policy. */}
          {loaded_at ? <When at={loaded_at} /> : "Not told"}
        </Figure>
        <Figure label="From">
          <span className={classes.ellipsis} title={source}>
            {sourceWords(source)}
          </span>
        </Figure>
      </section>
      {last_error && (
        <Alert
          color="yellow"
          variant="light"
          icon={<IconAlertTriangle size={18} />}
          title={faultTitle(engine)}
          styles={{ title: { color: "var(--k-text)" } }}
        >
          {last_error}
        </Alert>
      )}
    </>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.figure}>
      <div className={classes.figureLabel}>{label}</div>
      <div className={classes.figureValue}>{children}</div>
    </div>
  );
}
