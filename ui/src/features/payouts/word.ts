import type { PayoutWord } from "@/api/types";

/** What a person found out about a payout, while it is typed. */
export interface Word {
  /** Nothing is chosen for anybody: a wrong word costs the amount. */
  outcome: "paid" | "not_paid" | null;
  reference: string;
  evidence: string;
  /** Makes sending it twice one word. */
  key: string;
}

export function startWord(): Word {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { outcome: null, reference: "", evidence: "", key: `console-settle-${key}` };
}

/** Null while something is missing. */
export function toWord(word: Word): PayoutWord | null {
  const reference = word.reference.trim();
  const evidence = word.evidence.trim();
  if (
    word.outcome === null ||
    evidence.length < 10 ||
    (word.outcome === "paid" && reference === "")
  )
    return null;
  return { outcome: word.outcome, evidence, reference: reference === "" ? null : reference };
}
