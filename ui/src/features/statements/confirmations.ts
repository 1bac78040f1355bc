/** What a person has to say yes to before statements count. Pure; the step keeps the state. */
import { ApiError } from "@/api/http";
import type { Statement, StatementConfirmation } from "@/api/types";

/** What was said yes to, by statement. */
export type Yes = Readonly<Record<string, readonly string[]>>;
/** What the server asked for when it refused, by statement. */
export type Asked = Readonly<Record<string, readonly StatementConfirmation[]>>;

/** What a refusal asks for; null when it is another error. */
export function askedBy(error: unknown): StatementConfirmation[] | null {
  if (!(error instanceof ApiError) || error.code !== "confirmation_needed") return null;
  const listed = error.details.confirmations;
  return Array.isArray(listed) ? (listed as StatementConfirmation[]) : null;
}

/** Everything that one statement needs a yes to: what its file says, what the server added. */
export function needed(statement: Statement, asked: Asked): StatementConfirmation[] {
  if (statement.status !== "ready") return [];
  const added = asked[statement.id] ?? [];
  const known = new Set(statement.confirmations.map((each) => each.key));
  return [...statement.confirmations, ...added.filter((each) => !known.has(each.key))];
}

/** True when everything has its yes. */
export function settled(statements: Statement[], asked: Asked, yes: Yes): boolean {
  return statements.every((each) =>
    needed(each, asked).every((one) => yes[each.id]?.includes(one.key)),
  );
}

/** A yes given or taken back. */
export function withYes(yes: Yes, statement: string, key: string, given: boolean): Yes {
  const others = (yes[statement] ?? []).filter((each) => each !== key);
  return { ...yes, [statement]: given ? [...others, key] : others };
}
