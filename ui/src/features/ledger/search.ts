export const VIEWS = ["accounts", "transfers", "trial"] as const;
export type LedgerView = (typeof VIEWS)[number];

export interface LedgerSearch {
  view?: LedgerView;
  account?: string;
  transfer?: string;
  /** Days of the period, inclusive, as `2026-11-28`. */
  from?: string;
  to?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function parseLedgerSearch(raw: Record<string, unknown>): LedgerSearch {
  const search: LedgerSearch = {};
  const view = VIEWS.find((each) => each === raw.view);
  if (view && view !== "accounts") search.view = view;
  if (typeof raw.account === "string" && raw.account) search.account = raw.account;
  if (typeof raw.transfer === "string" && raw.transfer) search.transfer = raw.transfer;
  if (typeof raw.from === "string" && DAY.test(raw.from)) search.from = raw.from;
  if (typeof raw.to === "string" && DAY.test(raw.to)) search.to = raw.to;
  return search;
}

/** A period of whole days of the reader's clock, as the API asks for it: from, and before. */
export function toPeriod(search: LedgerSearch): { from?: string; to?: string } {
  const period: { from?: string; to?: string } = {};
  const at = (day: string, days: number) => {
    const date = new Date(`${day}T00:00:00`);
    date.setDate(date.getDate() + days);
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  };
  const from = search.from && at(search.from, 0);
  const to = search.to && at(search.to, 1);
  if (from) period.from = from;
  if (to && (!from || to > from)) period.to = to;
  return period;
}
