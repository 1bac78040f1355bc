import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowsExchange, IconDownload } from "@tabler/icons-react";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { ledger, type TransferQuery } from "@/api/client";
import type { Transfer } from "@/api/types";
import { DataTable } from "@/kit/DataTable";
import { Empty, ErrorBox } from "@/kit/states";
import { Status } from "@/kit/Status";
import { TableSkeleton } from "@/kit/TableSkeleton";
import { When } from "@/kit/When";
import { words } from "@/kit/words";
import { foldHolds, holdWords } from "./holds";
import { useTransfers } from "./hooks";
import classes from "./ledger.module.css";
import { TransferAmount } from "./TransferAmount";

interface Props {
  query: TransferQuery;
  accountId?: string;
  activeId: string | undefined;
  onOpen: (id: string) => void;
}

const COLUMNS: ColumnDef<Transfer>[] = [
  {
    id: "position",
    header: "Position",
    size: 84,
    meta: { from: 1010 },
    cell: ({ row }) => <Position at={row.original.position} />,
  },
  {
    id: "type",
    header: "Type",
    size: 100,
    meta: { from: 860 },
    cell: ({ row }) => words(row.original.type),
  },
  {
    id: "debit",
    header: "Debit",
    size: 140,
    meta: { grow: true },
    cell: ({ row }) => <span className={classes.ellipsis}>{row.original.debit_account.name}</span>,
  },
  {
    id: "credit",
    header: "Credit",
    size: 140,
    meta: { grow: true },
    cell: ({ row }) => <span className={classes.ellipsis}>{row.original.credit_account.name}</span>,
  },
  {
    id: "state",
    header: "State",
    size: 152,
    cell: ({ row }) => <State transfer={row.original} />,
  },
  {
    id: "reference",
    header: "Reference",
    size: 128,
    meta: { from: 1130 },
    cell: ({ row }) => (
      <span className={`${classes.ellipsis} mono muted`}>{row.original.reference || "–"}</span>
    ),
  },
  {
    id: "amount",
    header: "Amount",
    size: 176,
    meta: { right: true },
    cell: ({ row }) => <TransferAmount transfer={row.original} />,
  },
  {
    id: "at",
    header: "When",
    size: 104,
    meta: { from: 690, right: true },
    cell: ({ row }) => <When at={row.original.at} />,
  },
];

const State = ({ transfer }: { transfer: Transfer }) => {
  const text = holdWords(transfer);
  return <Status code={transfer.state} {...(text ? { text } : {})} />;
};

/** A transfer is sealed into the chain about a second after it is posted. */
function Position({ at }: { at: number | null }) {
  return <span className="num muted">{at === null ? "–" : `#${at}`}</span>;
}

export function Transfers({ query, accountId, activeId, onOpen }: Props) {
  const list = useTransfers(query);
  const rows = useMemo(
    () => foldHolds(list.data?.pages.flatMap((page) => page.data) ?? []),
    [list.data],
  );
  if (list.isPending) return <TableSkeleton rows={8} />;
  if (list.isError) return <ErrorBox error={list.error} onRetry={() => void list.refetch()} />;
  if (rows.length === 0) {
    const period = query.from !== undefined || query.to !== undefined;
    return (
      <Empty
        icon={<IconArrowsExchange size={20} />}
        title={period ? "No transfers in this period" : "No transfers yet"}
      />
    );
  }
  return (
    <>
      <div className={classes.listTitle}>
        <strong>Transfers</strong>
        <Tooltip label="Export all of them as CSV">
          <ActionIcon
            component="a"
            aria-label="Export transfers as CSV"
            href={ledger.transfersCsv(query)}
            download="transfers.csv"
          >
            <IconDownload size={18} />
          </ActionIcon>
        </Tooltip>
      </div>
      <DataTable
        label="Transfers"
        rows={rows}
        columns={COLUMNS}
        rowId={(row) => row.id}
        activeId={activeId}
        onOpen={(row) => onOpen(row.id)}
        onEnd={
          list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined
        }
        loadingMore={list.isFetchingNextPage}
        card={(row) => <TransferCard transfer={row} accountId={accountId} />}
        cardHeight={72}
        news={{ list: JSON.stringify(query), one: "transfer", many: "transfers" }}
      />
    </>
  );
}

function TransferCard({
  transfer,
  accountId,
}: {
  transfer: Transfer;
  accountId?: string | undefined;
}) {
  const { debit_account: debit, credit_account: credit } = transfer;
  const text = accountId
    ? (debit.id === accountId ? credit : debit).name
    : `${debit.name} ← ${credit.name}`;
  return (
    <>
      <span className={classes.transferCard}>
        <span className={classes.ellipsis}>{text}</span>
        <TransferAmount transfer={transfer} />
      </span>
      <span className={classes.transferCard}>
        <span className={classes.sub}>
          {words(transfer.type)} · <When at={transfer.at} />
        </span>
        <State transfer={transfer} />
      </span>
    </>
  );
}
