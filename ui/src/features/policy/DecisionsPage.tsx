import { Button } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { DataTable } from "@/kit/DataTable";
import { ExportButton } from "@/kit/ExportButton";
import { PageHead, TablePanel } from "@/kit/Panel";
import { Empty, ErrorBox } from "@/kit/states";
import { TableSkeleton } from "@/kit/TableSkeleton";
import { Clock } from "@/kit/When";
import { policy } from "@/api/client";
import type { Decision } from "@/api/types";
import { COLUMNS } from "./columns";
import { DecisionDrawer } from "./DecisionDrawer";
import { decisionsCsv } from "./export";
import { Filters } from "./Filters";
import { useDecisions, useRows } from "./hooks";
import classes from "./policy.module.css";
import { PolicyStrip } from "./PolicyStrip";
import { Result } from "./Result";
import type { DecisionSearch } from "./search";
import { useTitle } from "@/kit/useTitle";

interface Props {
  search: DecisionSearch;
  onSearch: (change: Partial<DecisionSearch>) => void;
}

export function DecisionsPage({ search, onSearch }: Props) {
  useTitle("Decisions");
  const { actor, action, result } = search;
  const list = useDecisions({ actor, action, result });
  const rows = useRows(list);
  const chosen = rows.find((row) => row.id === search.decision);
  return (
    <div className={classes.page}>
      <PageHead title="Decisions" />
      <PolicyStrip />
      <TablePanel>
        <Filters
          search={search}
          onSearch={onSearch}
          exporter={
            <ExportButton
              label="Export decisions as CSV"
              fileName="decisions.csv"
              page={(cursor) => policy.decisions({ actor, action, result }, cursor)}
              toCsv={decisionsCsv}
              disabled={rows.length === 0}
            />
          }
        />
        <Body list={list} rows={rows} search={search} onSearch={onSearch} />
      </TablePanel>
      {chosen && (
        <DecisionDrawer decision={chosen} onClose={() => onSearch({ decision: undefined })} />
      )}
    </div>
  );
}

interface BodyProps extends Props {
  list: ReturnType<typeof useDecisions>;
  rows: Decision[];
}

function Body({ list, rows, search, onSearch }: BodyProps) {
  if (list.isPending) return <TableSkeleton rows={10} />;
  // What was loaded stays on the screen when a later look fails.
  if (list.isError && rows.length === 0) {
    return <ErrorBox error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (rows.length === 0) return <Nothing search={search} onSearch={onSearch} />;
  return (
    <DataTable
      label="Decisions"
      rows={rows}
      columns={COLUMNS}
      rowId={(row) => row.id}
      activeId={search.decision}
      onOpen={(row) => onSearch({ decision: row.id })}
      onEnd={
        list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined
      }
      loadingMore={list.isFetchingNextPage}
      card={(row) => <DecisionCard decision={row} />}
      cardHeight={72}
      news={{
        list: JSON.stringify([search.actor, search.action, search.result]),
        one: "decision",
        many: "decisions",
      }}
    />
  );
}

function Nothing({ search, onSearch }: Props) {
  const filtered = search.actor ?? search.action ?? search.result;
  return (
    <Empty
      icon={<IconShieldCheck size={20} />}
      title={filtered ? "No decision matches" : "No decisions yet"}
      text={
        filtered
          ? "Names and actions must be exact, such as offers.accept."
          : "Each time somebody asks for something, the policy decides, and it stands here."
      }
      action={
        filtered && (
          <Button
            variant="default"
            onClick={() => onSearch({ actor: undefined, action: undefined, result: undefined })}
          >
            Show all
          </Button>
        )
      }
    />
  );
}

function DecisionCard({ decision }: { decision: Decision }) {
  return (
    <>
      <span className={classes.card}>
        <span className={`${classes.ellipsis} mono`}>{decision.action}</span>
        <Result decision={decision} />
      </span>
      <span className={classes.card}>
        <span className={`${classes.ellipsis} muted`}>{decision.actor || "Nobody logged in"}</span>
        <span className="muted">
          <Clock at={decision.at} />
        </span>
      </span>
    </>
  );
}
