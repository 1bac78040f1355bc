/** What the page of users says: who may what, what a step does and to whom, why it was refused. */
import { ApiError } from "@/api/http";
import type { User } from "@/api/types";
import { words } from "@/kit/words";

interface Role {
  role: string;
  may: string;
}

/** Roles of people of the house, as `docs/glossary.md` tells them. */
export const STAFF_ROLES: Role[] = [
  { role: "admin", may: "Everything, also users, keys and the sandbox bank" },
  { role: "underwriter", may: "Reads; creators, statements, offers up to acceptance" },
  { role: "treasurer", may: "Reads; accounts, payouts, capital, transfers by hand" },
  { role: "operator", may: "Reads; what the policy decided, and by which revision" },
  { role: "risk_officer", may: "Reads; what the policy decided, and by which revision" },
  { role: "viewer", may: "Reads, changes nothing" },
];

/** Roles that may be chosen for somebody: those of staff, and what is held already. */
export function rolesFor(held: string[]): Role[] {
  const known = new Set(STAFF_ROLES.map(({ role }) => role));
  const others = held.filter((role) => !known.has(role));
  return [...STAFF_ROLES, ...others.map((role) => ({ role, may: "" }))];
}

export const roleWords = (roles: string[]) => roles.map(words).join(", ") || "None";

export const issuerName = (user: User) => user.issuer ?? "This house";

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? "" : "s"}`;

/** "2 sessions end at once"; while nobody knows how many there are, all of them. */
export function ending(sessions: number | undefined): string {
  if (sessions === undefined) return "every session ends at once";
  if (sessions === 0) return "nobody is logged in with it now";
  return `${plural(sessions, "session")} ${sessions === 1 ? "ends" : "end"} at once`;
}

/** Characters as the server counts them: an emoji is one. */
const length = (text: string) => [...text].length;

/** What is wrong with a new password, or null. */
export function passwordProblem(password: string): string | null {
  const count = length(password);
  if (count < 12) return `At least 12 characters; these are ${count}.`;
  if (count > 128) return `At most 128 characters; these are ${count}.`;
  return null;
}

const USERNAME = /^[a-z0-9._-]{3,40}$/;

/** What is wrong with the name of a new user, or null. */
export const usernameProblem = (name: string): string | null =>
  USERNAME.test(name) ? null : "3 to 40 of a-z, 0-9, dot, underscore and hyphen.";

// Without what is easily taken for something else when it is read aloud or typed from paper.
const LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";

/** A password to hand over: 20 characters, four groups of five. */
export function makePassword(): string {
  const letters: string[] = [];
  while (letters.length < 20) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
    // Drawn again above the last whole round, or the first letters would come more often.
    if (byte < 256 - (256 % LETTERS.length)) letters.push(LETTERS.charAt(byte % LETTERS.length));
  }
  return [0, 5, 10, 15].map((from) => letters.slice(from, from + 5).join("")).join("-");
}

/** Users in whose name, display name or roles every word is found. */
export function withText(users: User[], text: string): User[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return users.filter((user) => {
    const all = [user.username, user.display_name, ...user.roles.map(words)];
    const hay = all.join(" ").toLowerCase();
    return wanted.every((word) => hay.includes(word));
  });
}

const REFUSALS: Record<string, (name: string) => string> = {
  own_account: () =>
    "Nobody disables himself or takes the role admin from himself. Ask another admin to do it.",
  last_admin: (name) =>
    `The last admin who can log in is ${name}. Make somebody else an admin first, then try again.`,
  foreign_user: (name) =>
    `Roles and password of ${name} are kept by another issuer. Change them there.`,
  user_not_found: (name) => `There is no user ${name} any more. Load the page again.`,
  username_taken: (name) => `There is already a user called ${name}. Choose another name.`,
  session_not_found: () => "This session has already ended.",
  key_not_found: () => "This key has already been withdrawn. Load the page again.",
  invalid_credentials: () => "The current password is wrong.",
};

/** A refusal as a sentence about somebody; what has no words of its own stays as it came. */
export function inWords(error: unknown, name: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const sentence = REFUSALS[error.code]?.(name);
  if (!sentence) return error;
  return new ApiError(error.status, error.code, sentence, error.details, error.requestId);
}

/** Does it, and refuses in words. */
export async function told<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw inWords(error, name);
  }
}
