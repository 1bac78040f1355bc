/** What a live event does to the cached lists: pure, so that each case is a small test. */
import type { InfiniteData } from "@tanstack/react-query";
import type { OfferQuery } from "./client";
import { hasWords } from "./find";
import type { Offer, Page } from "./types";

export type OfferPages = InfiniteData<Page<Offer>, string | null>;

export function matches(offer: Offer, query: OfferQuery): boolean {
  if (query.status && !query.status.split(",").includes(offer.status)) return false;
  if (query.creator_id && offer.creator.id !== query.creator_id) return false;
  if (!query.text) return true;
  // What the server searches, or a row would come and go with the next answer.
  const { title, number, creator } = offer;
  return hasWords([number, title, creator.display_name, creator.username].join(" "), query.text);
}

/** Only a list whose newest rows come first can take a new row without asking the server. */
export function takesNewRows(query: OfferQuery): boolean {
  return query.sort === undefined || query.sort === "-created_at" || query.sort === "-updated_at";
}

export function applyOffer(pages: OfferPages, offer: Offer, query: OfferQuery): OfferPages {
  const fits = matches(offer, query);
  let found = false;
  let stale = false;
  const next = pages.pages.map((page) => {
    const index = page.data.findIndex((row) => row.id === offer.id);
    if (index < 0) return page;
    found = true;
    const known = page.data[index];
    // Answers may overtake each other: an older version never replaces a newer one.
    if (known && known.version > offer.version) {
      stale = true;
      return page;
    }
    const data = fits ? page.data.with(index, offer) : page.data.toSpliced(index, 1);
    return { ...page, data };
  });
  if (stale) return pages;
  if (found) return { ...pages, pages: next };
  const [first, ...rest] = next;
  if (!fits || !first || !takesNewRows(query)) return pages;
  const at = placeIn(first, offer, query);
  if (at === undefined) return pages;
  return { ...pages, pages: [{ ...first, data: first.data.toSpliced(at, 0, offer) }, ...rest] };
}

/** Answers may overtake each other and the events. */
export const newerOf = (known: Offer | undefined, next: Offer): Offer =>
  known && known.version > next.version ? known : next;

/** A list as it was answered, but with no row older than what an event has brought since. */
export function keepNewer(known: OfferPages | undefined, next: OfferPages): OfferPages {
  const rows = new Map(known?.pages.flatMap((page) => page.data.map((row) => [row.id, row])));
  const pages = next.pages.map((page) => ({
    ...page,
    data: page.data.map((row) => newerOf(rows.get(row.id), row)),
  }));
  return { ...next, pages };
}

/** Where a new row belongs in the first page, newest first: answers may overtake each other, so
 * not always on top. Not at all when it may belong to a page behind. */
function placeIn(first: Page<Offer>, offer: Offer, query: OfferQuery): number | undefined {
  const field = query.sort === "-updated_at" ? "updated_at" : "created_at";
  const moment = Date.parse(offer[field]);
  const at = first.data.findIndex((row) => moment >= Date.parse(row[field]));
  if (at >= 0) return at;
  return first.has_more ? undefined : first.data.length;
}
