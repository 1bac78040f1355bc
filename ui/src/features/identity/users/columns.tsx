import type { ColumnDef } from "@tanstack/react-table";
import type { User } from "@/api/types";
import { Initials } from "@/kit/Initials";
import { Standing } from "./Marks";
import classes from "./users.module.css";
import { issuerName, roleWords } from "./words";

export const COLUMNS: ColumnDef<User>[] = [
  {
    id: "username",
    header: "Username",
    size: 200,
    meta: { grow: true },
    cell: ({ row }) => (
      <span className={classes.who}>
        <Initials name={row.original.display_name} size={24} />
        <span className={classes.ellipsis}>{row.original.username}</span>
      </span>
    ),
  },
  {
    id: "name",
    header: "Name",
    size: 180,
    meta: { grow: true, from: 840 },
    cell: ({ row }) => <span className={classes.ellipsis}>{row.original.display_name}</span>,
  },
  {
    id: "roles",
    header: "Roles",
    size: 200,
    meta: { grow: true },
    cell: ({ row }) => <span className={classes.ellipsis}>{roleWords(row.original.roles)}</span>,
  },
  {
    id: "issuer",
    header: "Kept by",
    size: 140,
    meta: { from: 720 },
    cell: ({ row }) => (
      <span className={`${classes.ellipsis} muted`}>{issuerName(row.original)}</span>
    ),
  },
  {
    id: "standing",
    header: "Login",
    size: 120,
    cell: ({ row }) => <Standing user={row.original} />,
  },
];
