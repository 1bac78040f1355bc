/**
 * Calls and shapes of policy decisions and of foreign issuers, written by hand until the
 * contract has them: then the shapes come from `schema.gen.ts` and the calls move to `client.ts`.
 */
import { call, withQuery } from "./http";
import type { Page } from "./types";

export interface Decision {
  id: string;
  at: string;
  actor: string;
  roles: string[];
  action: string;
  /** An error: the policy could not be asked, so nobody was let in. */
  result: "allow" | "deny" | "error";
  /** What an allowed action may touch. */
  scope: "all" | "own" | "none";
  input_sha256: string;
  revision: string;
  engine: "embedded" | "opa" | "off";
  micros: number;
  request_id: string | null;
}

/** The policy in force. */
export interface PolicyState {
  engine: "embedded" | "opa" | "off";
  revision: string;
  loaded_at: string;
  source: string;
  last_error: string | null;
}

export interface DecisionQuery {
  actor?: string | undefined;
  action?: string | undefined;
  result?: Decision["result"] | undefined;
}

const PAGE = 100;

export const policy = {
  decisions: (
    query: DecisionQuery & { cursor: string | null },
    signal?: AbortSignal,
  ): Promise<Page<Decision>> =>
    call("GET", withQuery("/policy/decisions", { ...query, limit: PAGE }), { signal }),
  state: (): Promise<PolicyState> => call("GET", "/policy"),
};

/** Somebody else who knows the people of the house. */
export interface Issuer {
  name: string;
  title: string;
  login_url: string;
}

/** Answers a list, or one page of it. */
export async function issuers(): Promise<Issuer[]> {
  const answer: Issuer[] | { data: Issuer[] } = await call("GET", "/auth/issuers", {
    refresh: false,
  });
  return Array.isArray(answer) ? answer : answer.data;
}

/** Where a logout goes on, when the answer says so; only to a web page. */
export function logoutUrl(answer: unknown): string | null {
  const url = (answer as { logout_url?: unknown } | null | undefined)?.logout_url;
  return typeof url === "string" && /^(https?:\/\/|\/(?!\/))/.test(url) ? url : null;
}
