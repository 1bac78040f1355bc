const RESULTS = ["allow", "deny", "error"] as const;

export interface DecisionSearch {
  actor?: string;
  action?: string;
  result?: (typeof RESULTS)[number];
  decision?: string;
}

export function parseDecisionSearch(raw: Record<string, unknown>): DecisionSearch {
  const search: DecisionSearch = {};
  for (const key of ["actor", "action", "decision"] as const) {
    const value = raw[key];
    if (typeof value === "string" && value.trim()) search[key] = value.trim();
  }
  const result = RESULTS.find((each) => each === raw.result);
  if (result) search.result = result;
  return search;
}
