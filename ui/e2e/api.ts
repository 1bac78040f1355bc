/** The API itself, beside the browser: what somebody else does in the meantime. */
import { type APIRequestContext, expect, request } from "@playwright/test";
import type { Creator, Offer, OfferStatus, SandboxBank, Statement } from "../src/api/types";

const API = "/api/v1";
const PASSWORD = "kontor-demo-2026";

export async function theApi(
  baseURL: string | undefined,
  username = "admin",
): Promise<APIRequestContext> {
  const door = await request.newContext({ baseURL: baseURL ?? "" });
  const login = await door.post(`${API}/auth/login`, {
    data: { username, password: PASSWORD },
  });
  expect(login.ok()).toBe(true);
  const { access_token: token } = (await login.json()) as { access_token: string };
  await door.dispose();
  return request.newContext({
    baseURL: baseURL ?? "",
    extraHTTPHeaders: { Authorization: `Bearer ${token}` },
  });
}

async function get<T>(api: APIRequestContext, path: string): Promise<T> {
  const answer = await api.get(API + path);
  expect(answer.ok(), path).toBe(true);
  return (await answer.json()) as T;
}

/** Asks again until there is an answer: the demo may still be making its house. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const found: T[] = [];
  const poll = async () => {
    const answer = await ask();
    if (answer !== undefined) found[0] = answer;
    return found.length;
  };
  await expect.poll(poll, { message: what, timeout: 90_000 }).toBe(1);
  return found[0] as T;
}

/** The oldest confirmed statement: every journey takes the same one, whatever was added since. */
async function firstStatement(api: APIRequestContext): Promise<Statement> {
  return until("a confirmed statement", async () => {
    const { data } = await get<{ data: Statement[] }>(api, "/statements?limit=250");
    return data.findLast((each) => each.status === "confirmed");
  });
}

/** Somebody with a confirmed statement, so that no upload is needed. */
export async function knownCreator(api: APIRequestContext): Promise<Creator> {
  const { creator_id: id } = await firstStatement(api);
  return get<Creator>(api, `/offers/creators/${id}`);
}

/** A new offer with a title of its own, over a statement that is there already. */
export async function createOffer(api: APIRequestContext, name: string): Promise<Offer> {
  const statement = await firstStatement(api);
  const created = await api.post(`${API}/offers`, {
    data: {
      creator_id: statement.creator_id,
      kind: "purchase",
      title: `${name} ${Date.now()}`,
      currency: statement.currency,
      term_years: 5,
      share_bp: 5000,
      statement_ids: [statement.id],
    },
  });
  expect(created.status()).toBe(201);
  return (await created.json()) as Offer;
}

/** A valued offer that the demo does not know: it leads its own deals on at any moment. */
export async function readyOffer(api: APIRequestContext, name: string): Promise<Offer> {
  const { id } = await createOffer(api, name);
  return until("the valuation", async () => {
    const offer = await get<Offer>(api, `/offers/${id}`);
    const waits: OfferStatus[] = ["PENDING_VALUATION", "VALUATING"];
    if (waits.includes(offer.status)) return undefined;
    expect(offer.status).toBe("OFFER_READY");
    return offer;
  });
}

/** The oldest deal that is paid and over: nobody changes it any more. */
export async function closedOffer(api: APIRequestContext): Promise<Offer> {
  return until("a closed deal", async () => {
    const query = "status=CLOSED&sort=created_at&limit=1";
    return (await get<{ data: Offer[] }>(api, `/offers?${query}`)).data[0];
  });
}

/** The bank is everybody's: as a new demo has it. */
export async function calmBank(api: APIRequestContext): Promise<void> {
  const calm: SandboxBank = {
    settlement_delay_ms: 2000,
    faults: { timeout_before: 0, timeout_after: 0, server_error: 0, late_return: 0 },
  };
  expect((await api.put(`${API}/sandbox-bank`, { data: calm })).ok()).toBe(true);
}
