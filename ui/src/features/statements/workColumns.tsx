import { Checkbox } from "@mantine/core";
import type { ColumnDef } from "@tanstack/react-table";
import { createContext, useContext } from "react";
import { Money } from "@/kit/Money";
import { formatCount } from "@/kit/money";
import { useRowStop } from "@/kit/rowStop";
import { Share } from "@/kit/Share";
import { monthName } from "@/kit/time";
import type { WorkLine } from "./works";
import classes from "./works.module.css";

export interface Choosing {
  shown: WorkLine[];
  left: ReadonlySet<string>;
  onLeft: (left: ReadonlySet<string>) => void;
  currency: string;
}

/** Columns stay the same objects while the choice changes: new ones would take the focus away. */
export const ChoosingContext = createContext<Choosing>({
  shown: [],
  left: new Set(),
  onLeft: () => undefined,
  currency: "",
});
const useChoosing = () => useContext(ChoosingContext);

export const WORK_COLUMNS: ColumnDef<WorkLine>[] = [
  {
    id: "chosen",
    size: 48,
    header: () => <ChooseAll />,
    cell: ({ row }) => <ChooseOne work={row.original} />,
  },
  {
    id: "title",
    header: "Work",
    size: 130,
    meta: { grow: true, sort: { up: "title" } },
    cell: ({ row }) => <Title work={row.original} />,
  },
  {
    id: "period",
    header: "Months",
    size: 184,
    meta: { from: 690 },
    cell: ({ row: { original: work } }) =>
      work.from === work.to
        ? monthName(work.from)
        : `${monthName(work.from)} – ${monthName(work.to)}`,
  },
  {
    id: "rows",
    header: "Rows",
    size: 68,
    meta: { right: true, sort: { down: "-rows", up: "rows" } },
    cell: ({ row }) => <span className="num">{formatCount(row.original.rows)}</span>,
  },
  {
    id: "total",
    header: "Total",
    size: 128,
    meta: { right: true, sort: { down: "-total", up: "total" } },
    cell: ({ row }) => <Total work={row.original} />,
  },
  {
    id: "share",
    header: "Share",
    size: 124,
    meta: { from: 500 },
    cell: ({ row }) => (
      <Share bp={row.original.share_bp} label={`Share of ${row.original.title}`} />
    ),
  },
];

function ChooseAll() {
  const { shown, left, onLeft } = useChoosing();
  const out = shown.filter((work) => left.has(work.title)).length;
  return (
    <Checkbox
      size="xs"
      tabIndex={useRowStop()}
      aria-label="All works shown"
      checked={out === 0}
      indeterminate={out > 0 && out < shown.length}
      onChange={() => onLeft(toggled(left, shown, out > 0))}
    />
  );
}

function ChooseOne({ work }: { work: WorkLine }) {
  const { left, onLeft } = useChoosing();
  const out = left.has(work.title);
  return (
    <Checkbox
      size="xs"
      tabIndex={useRowStop()}
      aria-label={work.title}
      checked={!out}
      onChange={() => onLeft(toggled(left, [work], out))}
    />
  );
}

function Title({ work }: { work: WorkLine }) {
  const { left } = useChoosing();
  return (
    <div className={classes.work} data-left={left.has(work.title) || undefined}>
      <div className={classes.title}>{work.title}</div>
      {work.isrc && <div className={classes.isrc}>{work.isrc}</div>}
    </div>
  );
}

function Total({ work }: { work: WorkLine }) {
  return <Money value={{ amount: work.total, currency: useChoosing().currency }} weight={560} />;
}

function toggled(left: ReadonlySet<string>, works: WorkLine[], choose: boolean): Set<string> {
  const next = new Set(left);
  for (const { title } of works) {
    if (choose) next.delete(title);
    else next.add(title);
  }
  return next;
}
