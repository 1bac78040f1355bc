import type { DecisionQuery, OfferQuery, TransferQuery } from "./client";

/** Every key of the query cache; live updates find their entries by these. */
export const keys = {
  me: ["me"] as const,
  demo: ["demo"] as const,
  issuers: ["issuers"] as const,
  creators: { list: (text: string) => ["creators", "list", text] as const },
  statements: {
    list: (creatorId: string) => ["statements", creatorId] as const,
    works: (id: string) => ["works", id] as const,
  },
  offers: {
    lists: ["offers", "list"] as const,
    list: (query: OfferQuery) => ["offers", "list", query] as const,
    stats: ["offers", "stats"] as const,
    one: (id: string) => ["offer", id] as const,
    detail: (id: string) => ["offer", id, "detail"] as const,
    timeline: (id: string) => ["offer", id, "timeline"] as const,
    valuation: (id: string) => ["offer", id, "valuation"] as const,
    payouts: (id: string) => ["offer", id, "payouts"] as const,
    reprice: (id: string, of: string, term: number, percent: number) =>
      ["reprice", id, of, term, percent] as const,
    saved: (id: string, version: number) => ["reprice", id, "saved", version] as const,
    trace: (id: string, figure: string) => ["offer", id, "trace", figure] as const,
  },
  ledger: {
    all: ["ledger"] as const,
    accounts: ["ledger", "accounts"] as const,
    transfers: (query: TransferQuery) => ["ledger", "transfers", query] as const,
    transfer: (id: string) => ["ledger", "transfer", id] as const,
    trialBalance: ["ledger", "trial-balance"] as const,
  },
  policy: {
    decisions: (query: DecisionQuery) => ["policy", "decisions", query] as const,
    state: ["policy", "state"] as const,
  },
  users: {
    lists: ["users", "list"] as const,
    sessions: (id: string) => ["users", "sessions", id] as const,
    own: ["users", "own-sessions"] as const,
  },
  signing: ["signing-keys"] as const,
  sandbox: ["sandbox-bank"] as const,
  simulator: ["simulator"] as const,
};
