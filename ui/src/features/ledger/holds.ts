/** A hold and what ended it are one line to whoever reads the list. Pure. */
import type { Transfer } from "@/api/types";

const ENDS: Record<string, string> = { void: "Released", expire: "Expired" };

/** Without the holds whose end is in the list itself: that line tells both. */
export function foldHolds(rows: Transfer[]): Transfer[] {
  const ended = new Set(rows.map((row) => row.pending_id).filter((id) => id !== null));
  return rows.filter((row) => !ended.has(row.id));
}

/** "Held → Paid"; nothing where the state alone says it. */
export function holdWords(row: Transfer): string | undefined {
  if (row.kind === "pending") return row.state === "pending" ? undefined : "Held, ended later";
  if (row.kind === "post") return row.type === "payout" ? "Held → Paid" : "Held → Booked";
  const end = ENDS[row.kind];
  return end && `Held → ${end}`;
}
