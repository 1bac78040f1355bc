import type { Issuer, LoggedOut } from "@/api/types";
import { words } from "@/kit/words";

/** Where the button of an issuer leads: there and, after the login, back to `to`. */
export function issuerLink(issuer: Issuer, to: string): string {
  const join = issuer.login_url.includes("?") ? "&" : "?";
  return `${issuer.login_url}${join}return_to=${encodeURIComponent(to)}`;
}

const REASONS: Record<string, string> = {
  issuer_unavailable: "Who should confirm who you are cannot be reached. Try again in a moment.",
  login_disabled: "Your login is disabled here. Ask an admin of the house.",
  login_failed: "The answer to the login was not right. Try again, or ask an admin of the house.",
  login_refused: "The login was broken off. Try again.",
  login_state: "The login took too long, or was begun in another window. Try again.",
  login_without_role: "You are known, but have no role in this house. Ask for one.",
  too_many_requests: "That was too often. Try again in a minute.",
};

/** Why a login elsewhere came to nothing; a code without words of its own still says something. */
export const loginErrorText = (code: string) =>
  REASONS[code] ?? `The login did not work: ${words(code).toLowerCase()}.`;

/** Where a logout goes on, when the answer says so; only to a web page. */
export function logoutUrl(answer: LoggedOut | undefined): string | null {
  const url = answer?.logout_url;
  return url && /^(https?:\/\/|\/(?!\/))/.test(url) ? url : null;
}
