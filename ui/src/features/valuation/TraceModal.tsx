import { useQuery } from "@tanstack/react-query";
import { offers } from "@/api/client";
import { keys } from "@/api/keys";
import type { Trace } from "@/api/types";
import { formatAmount, formatCount } from "@/kit/money";
import { Dialog } from "@/kit/layers";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { monthName } from "@/kit/time";
import classes from "./valuation.module.css";

interface Props {
  offerId: string;
  figure: string;
  currency: string;
  onClose: () => void;
}

function figureName(figure: string): string {
  if (figure === "ltm") return "Last twelve months";
  const [kind = "", name = ""] = figure.split(/:(.*)/s);
  return kind === "month" ? monthName(name) : name;
}

/** From a figure back to the lines of the files it came from. */
export function TraceModal({ offerId, figure, currency, onClose }: Props) {
  const query = useQuery({
    queryKey: keys.offers.trace(offerId, figure),
    queryFn: () => offers.trace(offerId, figure),
  });
  return (
    <Dialog opened onClose={onClose} size="xl" title={`${figureName(figure)}: where it comes from`}>
      {query.isPending ? (
        <Lines count={8} />
      ) : query.isError ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.data.length === 0 ? (
        <Empty title="No rows stand behind this figure" />
      ) : (
        <TraceTable trace={query.data} currency={currency} />
      )}
    </Dialog>
  );
}

function TraceTable({ trace, currency }: { trace: Trace; currency: string }) {
  return (
    <>
      <p style={{ marginTop: 0 }}>
        Exact total <strong className="num">{`${currency} ${formatAmount(trace.total)}`}</strong>
        {trace.has_more && <span className="muted">; the largest {trace.data.length} shown</span>}
      </p>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Rows">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Month</th>
              <th scope="col">Work</th>
              <th scope="col">Store</th>
              <th scope="col">File, first line</th>
              <th scope="col" className={classes.right}>
                Rows
              </th>
              <th scope="col" className={classes.right}>
                Amount
              </th>
            </tr>
          </thead>
          <tbody>
            {trace.data.map((row, index) => (
              <tr key={index}>
                <td style={{ whiteSpace: "nowrap" }}>{monthName(row.month)}</td>
                <td>{row.work}</td>
                <td>
                  {row.store} {row.country && <span className="muted">{row.country}</span>}
                </td>
                <td>
                  {row.file_name} <span className="muted num">line {row.first_line}</span>
                </td>
                <td className={`${classes.right} num`}>{formatCount(row.rows)}</td>
                <td className={`${classes.right} num`}>{formatAmount(row.amount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
