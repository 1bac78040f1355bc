/** How a deal stands, for whoever has a form about it open while somebody else goes on. */
import type { Offer } from "@/api/types";
import { formatMoney } from "@/kit/money";
import { statusLabel } from "@/kit/Status";

/** What a form of a deal is about; when this changes, it is not the same question any more. */
export function aboutOf(offer: Offer): string {
  const { status, offered, term_sheet: sheet, creator } = offer;
  return JSON.stringify([status, offered, sheet?.sha256, creator.recipient?.account_masked]);
}

export function nowOf({ number, status, offered }: Offer): string {
  const amount = offered ? `, at ${formatMoney(offered)}` : "";
  return `${number} is now "${statusLabel(status)}"${amount}.`;
}

export const standing = (offer: Offer) => ({ about: aboutOf(offer), now: nowOf(offer) });
