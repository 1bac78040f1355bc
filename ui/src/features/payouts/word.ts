import type { PayoutWord } from "@/api/types";
import { onceKey } from "@/kit/once";

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
  return { outcome: null, reference: "", evidence: "", key: onceKey("settle") };
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
