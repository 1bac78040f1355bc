import type { Issuer } from "@/api/policy";
import { words } from "@/kit/words";

/** Where the button of an issuer leads: there and, after the login, back to `to`. */
export function issuerLink(issuer: Issuer, to: string): string {
  const join = issuer.login_url.includes("?") ? "&" : "?";
  return `${issuer.login_url}${join}return_to=${encodeURIComponent(to)}`;
}

const REASONS: Record<string, string> = {
  issuer_unavailable: "Who should confirm who you are cannot be reached. Try again in a moment.",
  login_failed: "The login took too long, or was begun in another window. Try again.",
  login_refused: "The login was broken off, or you have no role in this house.",
  too_many_requests: "That was too often. Try again in a minute.",
};

/** Why a login elsewhere came to nothing; a code without words of its own still says something. */
export const loginErrorText = (code: string) =>
  REASONS[code] ?? `The login did not work: ${words(code).toLowerCase()}.`;
