/** Every call of the API, by name; paths, bodies and answers are those of the contract. */
import { API, parseError } from "./http";
import { del, get, post, put, route, type QueryOf } from "./routes";
import type * as T from "./types";
import { upload } from "./upload";

type Signal = AbortSignal | undefined;

export type OfferQuery = QueryOf<"/offers", "get">;
export type TransferQuery = QueryOf<"/ledger/transfers", "get">;
export type DecisionQuery = Omit<QueryOf<"/policy/decisions", "get">, "cursor" | "limit">;
type AccountQuery = QueryOf<"/ledger/accounts", "get">;
type CreatorQuery = QueryOf<"/offers/creators", "get">;

export const auth = {
  login: (username: string, password: string) =>
    post("/auth/login", { body: { username, password }, refresh: false }),
  logout: () => post("/auth/logout", { refresh: false }),
  me: () => get("/auth/me"),
  issuers: () => get("/auth/issuers", { refresh: false }),
  demo: () => get("/demo", { refresh: false }),
  changePassword: (current_password: string, password: string) =>
    post("/auth/password", { body: { current_password, password } }),
  sessions: () => get("/auth/sessions"),
  endSession: (id: string) => del("/auth/sessions/{id}", { path: { id } }),
  setSimulator: (running: boolean) => put("/demo/simulator", { body: { running } }),
  openAs: (creatorId: string) => post("/demo/creators/{id}/login", { path: { id: creatorId } }),
};

export const creators = {
  list: (query: CreatorQuery, signal?: Signal) => get("/offers/creators", { query, signal }),
  get: (id: string) => get("/offers/creators/{id}", { path: { id } }),
  create: (body: T.NewCreator) => post("/offers/creators", { body }),
  addRecipient: (id: string, body: T.NewRecipient) =>
    post("/offers/creators/{id}/recipients", { path: { id }, body }),
};

export const statements = {
  list: (creatorId: string) => get("/statements", { query: { creator_id: creatorId, limit: 250 } }),
  get: (id: string) => get("/statements/{id}", { path: { id } }),
  works: (id: string, cursor: string | null, signal?: Signal) =>
    get("/statements/{id}/works", { path: { id }, query: { limit: 250, cursor }, signal }),
  upload: (creatorId: string, file: File, onProgress: (fraction: number) => void) =>
    upload<T.Statement>(
      route("/statements", { query: { creator_id: creatorId } }),
      file,
      onProgress,
    ),
  map: (id: string, body: T.Mapping) => put("/statements/{id}/mapping", { path: { id }, body }),
  confirm: (id: string, acknowledged: string[] = []) =>
    post("/statements/{id}/confirm", { path: { id }, body: { acknowledged } }),
};

export const offers = {
  list: (query: OfferQuery, signal?: Signal) => get("/offers", { query, signal }),
  stats: () => get("/offers/stats"),
  get: (id: string, signal?: Signal) => get("/offers/{id}", { path: { id }, signal }),
  create: (body: T.NewOffer) => post("/offers", { body }),
  value: (id: string) => post("/offers/{id}/value", { path: { id } }),
  reprice: (id: string, body: T.Reprice, signal?: Signal) =>
    post("/offers/{id}/reprice", { path: { id }, body, signal }),
  accept: (id: string, body: { typed_name: string; term_sheet_sha256: string; amount: T.Money }) =>
    post("/offers/{id}/accept", { path: { id }, body }),
  decline: (id: string, reason: string) =>
    post("/offers/{id}/decline", { path: { id }, body: { reason } }),
  withdraw: (id: string, reason: string) =>
    post("/offers/{id}/withdraw", { path: { id }, body: { reason } }),
  setOfferedAmount: (id: string, amount: T.Money, reason: string) =>
    post("/offers/{id}/offered-amount", { path: { id }, body: { amount, reason } }),
  requestPayout: (id: string, idempotencyKey: string) =>
    post("/offers/{id}/request-payout", {
      path: { id },
      headers: { "Idempotency-Key": idempotencyKey },
    }),
  valuation: (id: string) => get("/offers/{id}/valuation", { path: { id } }),
  timeline: (id: string) => get("/offers/{id}/timeline", { path: { id } }),
  trace: (id: string, figure: string) =>
    get("/offers/{id}/trace", { path: { id }, query: { figure } }),
};

export const payouts = {
  forOffer: (offerId: string) => get("/payouts", { query: { offer_id: offerId } }),
  payInCapital: (body: T.NewCapital, idempotencyKey: string) =>
    post("/payouts/capital", { body, headers: { "Idempotency-Key": idempotencyKey } }),
  confirmManual: (id: string, body: T.PayoutWord, idempotencyKey: string) =>
    post("/payouts/{id}/confirm-manual", {
      path: { id },
      body,
      headers: { "Idempotency-Key": idempotencyKey },
    }),
  sandbox: () => get("/sandbox-bank"),
  setSandbox: (body: T.SandboxBank) => put("/sandbox-bank", { body }),
};

export const ledger = {
  accounts: (query: AccountQuery) => get("/ledger/accounts", { query: { ...query, limit: 250 } }),
  account: (id: string) => get("/ledger/accounts/{id}", { path: { id } }),
  transfers: (query: TransferQuery) =>
    get("/ledger/transfers", { query: { ...query, limit: 100 } }),
  /** All of them, as the browser downloads it. */
  transfersCsv: (query: TransferQuery) => {
    const asked = Object.entries(query).filter(
      ([, value]) => value !== undefined && value !== null,
    );
    const text = new URLSearchParams(asked.map(([name, value]) => [name, String(value)]));
    return `/api/v1/ledger/transfers.csv?${text.toString()}`;
  },
  transfer: (id: string) => get("/ledger/transfers/{id}", { path: { id } }),
  trialBalance: () => get("/ledger/trial-balance"),
};

export const policy = {
  decisions: (query: DecisionQuery, cursor: string | null, signal?: Signal) =>
    get("/policy/decisions", { query: { ...query, limit: 100, cursor }, signal }),
  state: () => get("/policy"),
};

const once = (idempotencyKey: string) => ({ "Idempotency-Key": idempotencyKey });

export const users = {
  list: (cursor: string | null, signal?: Signal) =>
    get("/users", { query: { limit: 100, cursor }, signal }),
  add: (body: T.NewUser, idempotencyKey: string) =>
    post("/users", { body, headers: once(idempotencyKey) }),
  setRoles: (id: string, roles: string[]) =>
    put("/users/{id}/roles", { path: { id }, body: { roles } }),
  setPassword: (id: string, password: string) =>
    put("/users/{id}/password", { path: { id }, body: { password } }),
  disable: (id: string, reason: string, idempotencyKey: string) =>
    post("/users/{id}/disable", {
      path: { id },
      body: { reason },
      headers: once(idempotencyKey),
    }),
  enable: (id: string, reason: string, idempotencyKey: string) =>
    post("/users/{id}/enable", { path: { id }, body: { reason }, headers: once(idempotencyKey) }),
  sessions: (id: string) => get("/users/{id}/sessions", { path: { id } }),
  endSessions: (id: string) => del("/users/{id}/sessions", { path: { id } }),
};

/** The house's own signing keys, which its tokens are checked with. */
export const signing = {
  list: () => get("/keys"),
  rotate: (idempotencyKey: string) => post("/keys/rotate", { headers: once(idempotencyKey) }),
  withdraw: (kid: string, reason: string, idempotencyKey: string) =>
    post("/keys/{kid}/withdraw", {
      path: { kid },
      body: { reason },
      headers: once(idempotencyKey),
    }),
};

/** A sample of the demo becomes a file as if it had been dropped from the desktop. */
export async function fetchSample(sample: T.DemoSample): Promise<File> {
  const response = await fetch(sample.url, { credentials: "same-origin" });
  if (!response.ok) throw parseError(response.status, await response.text(), null);
  return new File([await response.blob()], sample.name);
}

export const documentUrl = (offerId: string, kind: "termsheet" | "receipt") =>
  `${API}/offers/${offerId}/documents/${kind}`;
