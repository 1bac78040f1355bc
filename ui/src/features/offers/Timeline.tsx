import { Tooltip } from "@mantine/core";
import type { TimelineEntry } from "@/api/types";
import { Panel } from "@/kit/Panel";
import { failureWords } from "@/kit/failures";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { statusLabel } from "@/kit/Status";
import { When } from "@/kit/When";
import { words } from "@/kit/words";
import { useTimeline } from "./hooks";
import classes from "./offers.module.css";

const GOOD = new Set(["PAID_OUT", "CLOSED", "ACCEPTED", "OFFER_READY"]);
const BAD = new Set(["PAYOUT_FAILED", "VALUATION_FAILED", "RETURNED", "DECLINED", "EXPIRED"]);

function tone(entry: TimelineEntry): string | undefined {
  if (!entry.to) return undefined;
  return GOOD.has(entry.to) ? "good" : BAD.has(entry.to) ? "bad" : undefined;
}

const NOT_ARRIVED = new Set(["PAYOUT_FAILED", "RETURNED"]);
/** Steps between two states that have the same word. */
const WITHIN: Record<string, string> = {
  VALUATING: "Valuing has begun",
  PAYOUT_PENDING: "The bank has taken the payment",
  CLOSED: "The receipt is made",
};

/** A mere change of status reads in the words of the console; anything more is said by the server. */
export function headline(entry: TimelineEntry): string {
  const { from, to, summary, type, details } = entry;
  if (from && to) {
    const { reason } = details as { reason?: string | null };
    const why = reason && NOT_ARRIVED.has(to) ? failureWords(reason) : reason;
    const said = [statusLabel(from), statusLabel(to)];
    const step = (said[0] === said[1] && WITHIN[to]) || said.join(" → ");
    return `${step}${why ? `: ${why}` : ""}`;
  }
  return summary || words(type);
}

export function Timeline({ id }: { id: string }) {
  const query = useTimeline(id);
  if (query.isPending) return <Lines count={6} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.data.length === 0) return <Empty title="Nothing has happened yet" />;
  return (
    <Panel>
      <ol className={classes.timeline} aria-label="Timeline, newest first">
        {query.data.data.toReversed().map((entry) => (
          <li key={`${entry.position}-${entry.type}`}>
            <span className={classes.dot} data-tone={tone(entry)} />
            <div>
              <div>{headline(entry)}</div>
              <div className={classes.timelineMeta}>by {entry.actor}</div>
            </div>
            <div className={classes.timelineMeta}>
              <When at={entry.at} />
              <Tooltip label="Position in the log">
                <div className="num" style={{ textAlign: "right", color: "var(--k-faint)" }}>
                  #{entry.position}
                </div>
              </Tooltip>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
