/** Other terms for the same deal: what the sliders mean and what they change. Pure. */
import type { Money, Prices, Reprice } from "@/api/types";
import { sumAmounts } from "@/kit/money";

/** The place of the term's slider behind 30 years: no end. */
export const LIFE = 31;

export interface Terms {
  /** 1 to 30 years, or `LIFE`. */
  term: number;
  /** 1 to 100. */
  percent: number;
}

export const savedTerms = (value: Prices): Terms => ({
  term: value.term_years ?? LIFE,
  percent: value.share_bp / 100,
});

export const sameTerms = (a: Terms, b: Terms) => a.term === b.term && a.percent === b.percent;

export function toReprice(terms: Terms, works: string[] | null): Reprice {
  return {
    term_years: terms.term === LIFE ? null : terms.term,
    share_bp: Math.round(terms.percent * 100),
    works,
  };
}

export interface Difference {
  money: Money;
  /** In basis points of what is saved; none of nothing. */
  bp: number | null;
  tone: "good" | "bad" | undefined;
}

export function differenceOf(saved: Money, now: Money): Difference {
  const amount = sumAmounts([now.amount, negative(saved.amount)]);
  const part = Number(amount) / Number(saved.amount);
  const zero = Number(amount) === 0;
  return {
    money: { amount, currency: saved.currency },
    bp: Number(saved.amount) > 0 ? Math.round(part * 10_000) : null,
    tone: zero ? undefined : amount.startsWith("-") ? "bad" : "good",
  };
}

const negative = (amount: string) => (amount.startsWith("-") ? amount.slice(1) : `-${amount}`);
