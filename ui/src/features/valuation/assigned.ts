/** What is bought are the assigned earnings: figures are compared with those. Pure. */
import type { Valuation } from "@/api/types";

type Assigned = Pick<Valuation, "ltm" | "share_bp">;

/** The bought share of the last twelve months, with two digits. */
export const assignedLtm = ({ ltm, share_bp }: Assigned): string =>
  ((Number(ltm.amount) * share_bp) / 10_000).toFixed(2);

/** The median over the assigned earnings of twelve months, two digits. */
export function multipleOf(value: Assigned & Pick<Valuation, "median">): string {
  const base = Number(assignedLtm(value));
  return base > 0 ? (Number(value.median.amount) / base).toFixed(2) : "–";
}

export interface Cap {
  most: number;
  /** What rounding of the earnings, times the multiple, can make of it. */
  within: number;
}

/** The most that any figure may be; nothing where the model has no such rule. */
export function capOf(value: Assigned & Pick<Valuation, "settings">): Cap | null {
  const multiple = Number(value.settings.max_multiple_bp?.value ?? 0) / 10_000;
  if (multiple <= 0) return null;
  const most = ((Number(value.ltm.amount) * value.share_bp) / 10_000) * multiple;
  return { most, within: 0.01 + 0.005 * multiple };
}

export const isCapped = (amount: string, cap: Cap | null): boolean =>
  cap !== null && cap.most > 0 && Number(amount) >= cap.most - cap.within;
