import type { Offer } from "@/api/types";
export function ValuationPanel({ offer }: { offer: Offer }) {
  return <div>{offer.id}</div>;
}
