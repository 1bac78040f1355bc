import type { ColumnDef } from "@tanstack/react-table";
import type { Decision } from "@/api/types";
import { Clock } from "@/kit/When";
import { words } from "@/kit/words";
import classes from "./policy.module.css";
import { Result } from "./Result";
import { scopeWords, took } from "./words";

export const COLUMNS: ColumnDef<Decision>[] = [
  {
    id: "result",
    header: "Result",
    size: 108,
    cell: ({ row }) => <Result decision={row.original} />,
  },
  {
    id: "action",
    header: "Action",
    size: 200,
    meta: { grow: true },
    cell: ({ row }) => <span className={`${classes.ellipsis} mono`}>{row.original.action}</span>,
  },
  {
    id: "actor",
    header: "Who asked",
    size: 160,
    meta: { grow: true },
    cell: ({ row }) => (
      <span className={classes.ellipsis}>{row.original.actor || "Nobody logged in"}</span>
    ),
  },
  {
    id: "roles",
    header: "Roles",
    size: 170,
    meta: { from: 1000 },
    cell: ({ row }) => (
      <span className={`${classes.ellipsis} muted`}>
        {row.original.roles.map(words).join(", ") || "None"}
      </span>
    ),
  },
  {
    id: "scope",
    header: "May touch",
    size: 120,
    meta: { from: 840 },
    cell: ({ row }) => scopeWords(row.original.scope),
  },
  {
    id: "took",
    header: "Took",
    size: 88,
    meta: { from: 720, right: true },
    cell: ({ row }) => <span className="num">{took(row.original.micros)}</span>,
  },
  {
    id: "at",
    header: "When",
    size: 140,
    meta: { right: true },
    cell: ({ row }) => <Clock at={row.original.at} />,
  },
];
