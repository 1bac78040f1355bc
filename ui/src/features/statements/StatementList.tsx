import { useQuery } from "@tanstack/react-query";
import { statements } from "@/api/client";
import { keys } from "@/api/keys";
import type { Statement } from "@/api/types";
import { Money } from "@/kit/Money";
import { formatCount } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { ErrorBox, Lines } from "@/kit/states";
import { monthName } from "@/kit/time";
import classes from "./statements.module.css";
import { moneyOf } from "./totals";

/** The statements behind one offer. */
export function StatementList({ creatorId, ids }: { creatorId: string; ids: string[] }) {
  const query = useQuery({
    queryKey: keys.statements.list(creatorId),
    queryFn: () => statements.list(creatorId),
  });
  if (query.isPending) return <Lines count={2} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  const used = query.data.data.filter((each) => ids.includes(each.id));
  return (
    <Panel title={`Statements (${used.length})`} flush>
      {used.map((each) => (
        <StatementLine key={each.id} statement={each} />
      ))}
    </Panel>
  );
}

function StatementLine({ statement }: { statement: Statement }) {
  return (
    <div className={classes.line}>
      <div style={{ minWidth: 0 }}>
        <div className={classes.fileName}>{statement.file_name}</div>
        <div className={classes.small}>
          {statement.format_name} · {formatCount(statement.rows)} rows
          {statement.period &&
            ` · ${monthName(statement.period.from)} to ${monthName(statement.period.to)}`}
          {statement.warnings_total > 0 && ` · ${statement.warnings_total} warnings`}
        </div>
      </div>
      <Money value={moneyOf(statement)} />
    </div>
  );
}
