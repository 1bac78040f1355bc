import type { ColumnDef, VisibilityState } from "@tanstack/react-table";
import type { Offer } from "@/api/types";
import { Money } from "@/kit/Money";
import { formatPercent } from "@/kit/money";
import { Share } from "@/kit/Share";
import { Status } from "@/kit/Status";
import { When } from "@/kit/When";
import { platformName, termWords, words } from "@/kit/words";
import { CreatorCell } from "./CreatorCell";
import classes from "./offers.module.css";

export const COLUMNS: ColumnDef<Offer>[] = [
  {
    id: "number",
    header: "Deal",
    size: 92,
    cell: ({ row }) => <span className={classes.number}>{row.original.number}</span>,
  },
  {
    id: "creator",
    header: "Creator",
    size: 190,
    meta: { from: 700 },
    cell: ({ row }) => <CreatorCell creator={row.original.creator} />,
  },
  {
    id: "title",
    header: "Title",
    size: 190,
    meta: { grow: true, sort: { up: "title" } },
    cell: ({ row }) => <span className={classes.ellipsis}>{row.original.title}</span>,
  },
  {
    id: "status",
    header: "Status",
    size: 136,
    cell: ({ row }) => <Status code={row.original.status} />,
  },
  {
    id: "offered",
    header: "Offered",
    size: 136,
    meta: { right: true, sort: { down: "-amount", up: "amount" } },
    cell: ({ row }) => <Money value={row.original.offered} weight={560} />,
  },
  {
    id: "low",
    header: "Low",
    size: 124,
    meta: { right: true },
    cell: ({ row }) => <Money value={row.original.price_low} />,
  },
  {
    id: "high",
    header: "High",
    size: 124,
    meta: { right: true },
    cell: ({ row }) => <Money value={row.original.price_high} />,
  },
  {
    id: "confidence",
    header: "Confidence",
    size: 136,
    meta: { from: 860 },
    cell: ({ row }) => <Confidence offer={row.original} />,
  },
  {
    id: "terms",
    header: "Terms",
    size: 158,
    meta: { from: 1120 },
    cell: ({ row }) => (
      <span className={classes.terms}>
        {formatPercent(row.original.share_bp)} · {termWords(row.original.term_years)}
      </span>
    ),
  },
  {
    id: "kind",
    header: "Kind",
    size: 96,
    cell: ({ row }) => words(row.original.kind),
  },
  {
    id: "platform",
    header: "Platform",
    size: 116,
    cell: ({ row }) => platformName(row.original.creator.platform),
  },
  {
    id: "updated",
    header: "Updated",
    size: 104,
    meta: { right: true, sort: { down: "-updated_at" } },
    cell: ({ row }) => <When at={row.original.updated_at} />,
  },
  {
    id: "created",
    header: "Created",
    size: 104,
    meta: { from: 980, right: true, sort: { down: "-created_at", up: "created_at" } },
    cell: ({ row }) => <When at={row.original.created_at} />,
  },
];

export const HIDDEN_FIRST: VisibilityState = {
  low: false,
  high: false,
  kind: false,
  platform: false,
  updated: false,
};

function Confidence({ offer }: { offer: Offer }) {
  if (offer.valuation_confidence_bp === null) return <span className="muted">–</span>;
  return <Share bp={offer.valuation_confidence_bp} label="Confidence" judged />;
}
