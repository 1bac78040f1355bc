export const VIEWS = ["accounts", "transfers", "trial"] as const;
export type LedgerView = (typeof VIEWS)[number];

export interface LedgerSearch {
  view?: LedgerView;
  account?: string;
  transfer?: string;
}

export function parseLedgerSearch(raw: Record<string, unknown>): LedgerSearch {
  const search: LedgerSearch = {};
  const view = VIEWS.find((each) => each === raw.view);
  if (view && view !== "accounts") search.view = view;
  if (typeof raw.account === "string" && raw.account) search.account = raw.account;
  if (typeof raw.transfer === "string" && raw.transfer) search.transfer = raw.transfer;
  return search;
}
