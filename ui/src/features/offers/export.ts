import type { Offer } from "@/api/types";
import { toCsv } from "@/kit/csv";

const HEADER = [
  "number",
  "id",
  "creator",
  "username",
  "platform",
  "country",
  "title",
  "kind",
  "status",
  "currency",
  "offered",
  "low",
  "median",
  "high",
  "confidence_bp",
  "term_years",
  "share_bp",
  "created_at",
  "updated_at",
];

export function offersCsv(rows: Offer[]): string {
  return toCsv(
    HEADER,
    rows.map((offer) => [
      offer.number,
      offer.id,
      offer.creator.display_name,
      offer.creator.username,
      offer.creator.platform,
      offer.creator.country,
      offer.title,
      offer.kind,
      offer.status,
      offer.currency,
      offer.offered?.amount,
      offer.price_low?.amount,
      offer.price_median?.amount,
      offer.price_high?.amount,
      offer.valuation_confidence_bp,
      offer.term_years ?? "life",
      offer.share_bp,
      offer.created_at,
      offer.updated_at,
    ]),
  );
}
