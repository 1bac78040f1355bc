/** The state of the deals page lives in the URL; this is how it is read and written. */
import type { OfferQuery } from "@/api/client";
import type { OfferStatus } from "@/api/types";

export const GROUPS = {
  valuing: ["PENDING_VALUATION", "VALUATING"],
  ready: ["OFFER_READY"],
  accepted: ["ACCEPTED"],
  paying: ["PAYOUT_REQUESTED", "PAYOUT_PENDING"],
  paid: ["PAID_OUT", "CLOSED"],
  attention: ["VALUATION_FAILED", "PAYOUT_FAILED", "RETURNED"],
  ended: ["DECLINED", "EXPIRED", "WITHDRAWN"],
} as const satisfies Record<string, readonly OfferStatus[]>;
export type Group = keyof typeof GROUPS;

export const GROUP_NAMES: Record<Group, string> = {
  valuing: "Valuing",
  ready: "Ready",
  accepted: "Accepted",
  paying: "Paying",
  paid: "Paid",
  attention: "Attention",
  ended: "Ended",
};

export const SORTS = ["-created_at", "created_at", "-updated_at", "-amount", "amount", "title"];
export const TABS = ["overview", "valuation", "payout", "documents", "timeline"] as const;
export type Tab = (typeof TABS)[number];

export interface OffersSearch {
  show?: string;
  text?: string;
  sort?: string;
  creator?: string;
  offer?: string;
  tab?: Tab;
}

const isGroup = (name: string): name is Group => Object.hasOwn(GROUPS, name);

/** A link may be old or typed by hand: what is unknown is dropped, never an error. */
export function parseSearch(raw: Record<string, unknown>): OffersSearch {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const groups = readGroups(text(raw.show));
  const sort = text(raw.sort);
  const tab = text(raw.tab) as Tab | undefined;
  // A search for digits arrives as a number from the URL parser.
  const found = typeof raw.text === "number" ? String(raw.text) : text(raw.text);
  return clean({
    show: groups.join(",") || undefined,
    text: found,
    sort: sort && SORTS.includes(sort) ? sort : undefined,
    creator: text(raw.creator),
    offer: text(raw.offer),
    tab: tab && TABS.includes(tab) ? tab : undefined,
  });
}

function clean(search: { [K in keyof OffersSearch]: OffersSearch[K] | undefined }): OffersSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

export function readGroups(show: string | undefined): Group[] {
  return (show ?? "").split(",").filter(isGroup);
}

export function toggleGroup(show: string | undefined, group: Group): string | undefined {
  const groups = readGroups(show);
  const next = groups.includes(group)
    ? groups.filter((each) => each !== group)
    : [...groups, group];
  return next.join(",") || undefined;
}

export function toQuery(search: OffersSearch): OfferQuery {
  const statuses = readGroups(search.show).flatMap((group) => [...GROUPS[group]]);
  return {
    ...(statuses.length > 0 ? { status: statuses.join(",") } : {}),
    ...(search.text ? { text: search.text } : {}),
    ...(search.creator ? { creator_id: search.creator } : {}),
    sort: search.sort ?? "-created_at",
  };
}
