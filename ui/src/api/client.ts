/** Every call of the API, by name. Mirrors the contract; replaced by the generated client. */
import { API, call, parseError, withQuery } from "./http";
import type * as T from "./types";
import { upload } from "./upload";

type Signal = AbortSignal | undefined;
const get = <R>(path: string, signal?: Signal) => call<R>("GET", path, { signal });
const post = <R>(path: string, body: unknown = {}, headers?: Record<string, string>) =>
  call<R>("POST", path, headers ? { body, headers } : { body });

export interface OfferQuery {
  status?: string;
  creator_id?: string;
  text?: string;
  sort?: string;
  limit?: number;
  cursor?: string | null;
}

export interface TransferQuery {
  account_id?: string;
  offer_id?: string;
  reference?: string;
  cursor?: string | null;
}

export const auth = {
  login: (username: string, password: string) =>
    call<unknown>("POST", "/auth/login", { body: { username, password }, refresh: false }),
  logout: () => call<unknown>("POST", "/auth/logout", { body: {}, refresh: false }),
  me: () => get<T.Me>("/auth/me"),
  demo: () => call<T.Demo>("GET", "/demo", { refresh: false }),
};

export const creators = {
  list: (query: { text?: string; limit?: number; cursor?: string | null }, signal?: Signal) =>
    get<T.Page<T.Creator>>(withQuery("/offers/creators", query), signal),
  get: (id: string) => get<T.Creator>(`/offers/creators/${id}`),
  create: (body: T.NewCreator) => post<T.Creator>("/offers/creators/", body),
  addRecipient: (id: string, body: T.NewRecipient) =>
    post<T.Recipient>(`/offers/creators/${id}/recipients`, body),
};

export const statements = {
  list: (creatorId: string) =>
    get<T.Page<T.Statement>>(withQuery("/statements", { creator_id: creatorId, limit: 250 })),
  get: (id: string) => get<T.Statement>(`/statements/${id}`),
  upload: (creatorId: string, file: File, onProgress: (fraction: number) => void) =>
    upload<T.Statement>(withQuery("/statements", { creator_id: creatorId }), file, onProgress),
  map: (id: string, body: T.Mapping) =>
    call<T.Statement>("PUT", `/statements/${id}/mapping`, { body }),
  confirm: (id: string) => post<T.Statement>(`/statements/${id}/confirm`),
};

export const offers = {
  list: (query: OfferQuery, signal?: Signal) =>
    get<T.Page<T.Offer>>(withQuery("/offers", { ...query }), signal),
  stats: () => get<T.OfferStats>("/offers/stats"),
  get: (id: string, signal?: Signal) => get<T.Offer>(`/offers/${id}`, signal),
  create: (body: T.NewOffer) => post<T.Offer>("/offers", body),
  value: (id: string) => post<T.Offer>(`/offers/${id}/value`),
  accept: (
    id: string,
    body: { typed_name: string; term_sheet_sha256: string | null; amount: T.Money },
  ) => post<T.Offer>(`/offers/${id}/accept`, body),
  decline: (id: string, reason: string) => post<T.Offer>(`/offers/${id}/decline`, { reason }),
  withdraw: (id: string, reason: string) => post<T.Offer>(`/offers/${id}/withdraw`, { reason }),
  setOfferedAmount: (id: string, amount: T.Money, reason: string) =>
    post<T.Offer>(`/offers/${id}/offered-amount`, { amount, reason }),
  requestPayout: (id: string, idempotencyKey: string) =>
    post<T.Payout>(`/offers/${id}/request-payout`, {}, { "Idempotency-Key": idempotencyKey }),
  valuation: (id: string) => get<T.Valuation>(`/offers/${id}/valuation`),
  timeline: (id: string) => get<{ data: T.TimelineEntry[] }>(`/offers/${id}/timeline`),
  trace: (id: string, figure: string) => get<T.Trace>(withQuery(`/offers/${id}/trace`, { figure })),
};

export const payouts = {
  forOffer: (offerId: string) =>
    get<T.Page<T.Payout>>(withQuery("/payouts", { offer_id: offerId })),
  sandbox: () => get<T.SandboxBank>("/sandbox-bank"),
  setSandbox: (body: T.SandboxBank) => call<T.SandboxBank>("PUT", "/sandbox-bank", { body }),
};

export const ledger = {
  accounts: (query: { purpose?: string; asset?: string; cursor?: string | null }) =>
    get<T.Page<T.Account>>(withQuery("/ledger/accounts", { ...query, limit: 250 })),
  account: (id: string) => get<T.Account>(`/ledger/accounts/${id}`),
  transfers: (query: TransferQuery) =>
    get<T.Page<T.Transfer>>(withQuery("/ledger/transfers", { ...query, limit: 100 })),
  transfer: (id: string) => get<T.Transfer>(`/ledger/transfers/${id}`),
  trialBalance: () => get<T.TrialBalance>("/ledger/trial-balance"),
};

/** A sample of the demo becomes a file as if it had been dropped from the desktop. */
export async function fetchSample(sample: T.DemoSample): Promise<File> {
  const response = await fetch(sample.url, { credentials: "same-origin" });
  if (!response.ok) throw parseError(response.status, await response.text(), null);
  return new File([await response.blob()], sample.name);
}

export const documentUrl = (offerId: string, kind: "termsheet" | "receipt") =>
  `${API}/offers/${offerId}/documents/${kind}`;
