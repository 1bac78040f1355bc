import type { NewOffer, OfferKind } from "@/api/types";
import { decimalsOf, parseAmount } from "@/kit/money";

export interface Terms {
  kind: OfferKind;
  title: string;
  description: string;
  term: string;
  sharePercent: number | null;
  currency: string;
  requested: string;
  language: "en" | "sv";
}

const LIFE = "life";
export const TERM_CHOICES = [
  { value: "3", label: "3 y" },
  { value: "5", label: "5 y" },
  { value: "10", label: "10 y" },
  { value: "15", label: "15 y" },
  { value: LIFE, label: "Life of rights" },
];

export const startTerms = (creatorName: string, currency: string | null): Terms => ({
  kind: "purchase",
  title: `${creatorName}, catalogue`,
  description: "",
  term: "10",
  sharePercent: 100,
  currency: currency ?? "EUR",
  requested: "",
  language: "en",
});

export function checkTerms(terms: Terms): { share?: string; requested?: string; title?: string } {
  const errors: ReturnType<typeof checkTerms> = {};
  const share = terms.sharePercent;
  if (share === null || !(share > 0 && share <= 100)) errors.share = "More than 0, at most 100 %.";
  if (terms.requested.trim() !== "") {
    const amount = parseAmount(terms.requested, decimalsOf(terms.currency));
    if (amount === null || Number(amount) <= 0) errors.requested = "Write an amount like 12400.00";
  }
  if (terms.title.trim() === "") errors.title = "A title is needed.";
  return errors;
}

interface Subject {
  creatorId: string;
  statementIds: string[];
  works: string[] | null;
}

export function toNewOffer(terms: Terms, of: Subject): NewOffer {
  const amount = parseAmount(terms.requested, decimalsOf(terms.currency));
  return {
    creator_id: of.creatorId,
    kind: terms.kind,
    title: terms.title.trim(),
    ...(terms.description.trim() ? { description: terms.description.trim() } : {}),
    ...(amount ? { requested: { amount, currency: terms.currency } } : {}),
    currency: terms.currency,
    term_years: terms.term === LIFE ? null : Number(terms.term),
    share_bp: Math.round((terms.sharePercent ?? 0) * 100),
    works: of.works,
    statement_ids: of.statementIds,
    language: terms.language,
  };
}
