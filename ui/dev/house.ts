/** A small house in memory: enough of the contract to look at every view. */
import type {
  Creator,
  Money,
  Offer,
  OfferStatus,
  Payout,
  Statement,
  TimelineEntry,
} from "../src/api/types";
import { between, newId, pick, random, sha } from "./random.ts";

const FIRST = [
  "Alma",
  "Noah",
  "Ines",
  "Jonas",
  "Maja",
  "Theo",
  "Freja",
  "Emil",
  "Sofia",
  "Luca",
  "Edda",
  "Milan",
];
const LAST = [
  "Berg",
  "Okafor",
  "Lindqvist",
  "Moreau",
  "Tanaka",
  "Novak",
  "Holm",
  "Silva",
  "Kovacs",
  "Reyes",
];
const BANDS = [
  "The Night Ferry",
  "Glass Harbour",
  "Velvet Meridian",
  "Low Tide Choir",
  "Paper Lanterns",
  "Northbound",
  "Copper & Pine",
  "Slow Comet",
];
const ALBUMS = [
  "Catalogue 2019 to 2025",
  "Harbour Lights EP",
  "Winter Sessions",
  "All recordings",
  "Saltwater",
  "Live in Malmö",
  "Instrumentals",
  "Second Sun",
  "Tape Loops Vol. 2",
  "Channel back catalogue",
];
export const TRACKS = [
  "Saltwater",
  "Second Sun",
  "Paper Boats",
  "Low Tide",
  "Northern Line",
  "Copper",
  "Window Seat",
  "Slow Comet",
  "Halogen",
  "Undertow",
];
export const STORES = ["Spotify", "Apple Music", "YouTube Music", "Amazon", "Deezer", "TikTok"];
const PLATFORMS = ["spotify", "youtube", "bandcamp", "soundcloud", "apple_music"] as const;
const COUNTRIES = ["SE", "DE", "FR", "US", "GB", "NO", "JP", "PT"];
const STATES: OfferStatus[] = [
  "CLOSED",
  "CLOSED",
  "CLOSED",
  "CLOSED",
  "OFFER_READY",
  "OFFER_READY",
  "OFFER_READY",
  "ACCEPTED",
  "ACCEPTED",
  "PAYOUT_PENDING",
  "PAID_OUT",
  "PAYOUT_FAILED",
  "VALUATION_FAILED",
  "DECLINED",
  "EXPIRED",
  "WITHDRAWN",
  "RETURNED",
  "PAYOUT_REQUESTED",
  "PENDING_VALUATION",
];
const DAY_MS = 86_400_000;

export const money = (value: number, currency: string): Money => ({
  amount: value.toFixed(2),
  currency,
});
export const iso = (ms: number) => new Date(ms).toISOString();

export const creators: Creator[] = [];
export const statements: Statement[] = [];
export const offers: Offer[] = [];
export const payouts: Payout[] = [];
export const timelines = new Map<string, TimelineEntry[]>();
export const sandbox = {
  settlement_delay_ms: 2000,
  faults: { timeout_before: 0, timeout_after: 0, server_error: 0, late_return: 0 },
};

let position = 9000;
export const nextPosition = () => (position += 1);

export function addCreator(index: number): Creator {
  const name = index % 3 === 0 ? pick(BANDS) : `${pick(FIRST)} ${pick(LAST)}`;
  const creator: Creator = {
    id: newId(),
    platform: pick(PLATFORMS),
    platform_id: `artist-${1000 + index}`,
    username: name.toLowerCase().replace(/[^a-z]+/g, "."),
    display_name: name,
    email: `${index}@example.com`,
    country: pick(COUNTRIES),
    recipient: {
      id: newId(),
      holder_name: name,
      account_masked: `${pick(COUNTRIES)}•• •••• ${Math.floor(between(1000, 9999))}`,
    },
    created_at: iso(Date.now() - between(30, 700) * DAY_MS),
  };
  creators.push(creator);
  return creator;
}

export function months(count: number, scale: number): Statement["months"] {
  const now = new Date();
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count + index, 1));
    const trend =
      Math.exp(-index * 0.012) * (1 + 0.18 * Math.sin(index / 1.9)) * between(0.9, 1.12);
    const complete = index < count - 1;
    const amount = scale * trend * (complete ? 1 : 0.4);
    return {
      month: date.toISOString().slice(0, 7),
      amount: amount.toFixed(6),
      units: Math.round(amount * 290),
      complete,
    };
  });
}

export function addStatement(creator: Creator, name: string, size: number): Statement {
  const list = months(24, between(400, 5000));
  const total = list.reduce((sum, each) => sum + Number(each.amount), 0);
  const statement: Statement = {
    id: newId(),
    creator_id: creator.id,
    file_name: name,
    sha256: sha(),
    size_bytes: size,
    status: "confirmed",
    format: "distrokid_tsv",
    format_name: "DistroKid (TSV)",
    currency: "EUR",
    period: { from: list[0]?.month ?? "", to: list.at(-1)?.month ?? "" },
    rows: Math.round(between(2000, 90000)),
    total: { amount: total.toFixed(6), currency: "EUR" },
    months: list,
    stores: STORES.slice(0, 4).map((store, index) => ({
      name: store,
      amount: (total * [0.52, 0.24, 0.15, 0.09][index]!).toFixed(6),
      share_bp: [5200, 2400, 1500, 900][index]!,
    })),
    works_count: 12,
    countries_count: 41,
    warnings: [],
    warnings_total: 0,
    layout: null,
    created_at: iso(Date.now()),
  };
  statements.push(statement);
  return statement;
}

let number = 1000;

export function addOffer(creator: Creator, given: Partial<Offer> = {}): Offer {
  number += 1;
  const offer: Offer = {
    id: newId(),
    number: `K-${number}`,
    creator,
    kind: random() < 0.7 ? "purchase" : "advance",
    title: pick(ALBUMS),
    description: null,
    requested: null,
    currency: "EUR",
    term_years: pick([5, 10, 10, 15, null]),
    share_bp: pick([10000, 8000, 5000, 7500]),
    works: null,
    statement_ids: [],
    language: "en",
    status: "PENDING_VALUATION",
    price_low: null,
    price_median: null,
    price_high: null,
    valuation_confidence_bp: null,
    offered: null,
    expires_at: null,
    term_sheet: null,
    receipt: null,
    payout_id: null,
    acceptance: null,
    guard_rails: [],
    failure: null,
    actions: [],
    version: 1,
    created_at: iso(Date.now()),
    updated_at: iso(Date.now()),
    ...given,
  };
  offers.unshift(offer);
  timelines.set(offer.id, []);
  log(offer, null, offer.status, Date.parse(offer.created_at), "OFFER_CREATED");
  return offer;
}

export function log(
  offer: Offer,
  from: OfferStatus | null,
  to: OfferStatus,
  at: number,
  type: string,
): void {
  timelines.get(offer.id)?.push({
    position: nextPosition(),
    at: iso(at),
    type,
    from,
    to,
    actor: pick(["operator", "treasurer", "valuation job"]),
    summary:
      type === "OFFER_CREATED" ? "Offer created" : `Now ${to.toLowerCase().replaceAll("_", " ")}`,
    details: null,
  });
}

const VALUED = new Set<OfferStatus>(["PENDING_VALUATION", "VALUATING", "VALUATION_FAILED"]);
const SIGNED = new Set<OfferStatus>([
  "ACCEPTED",
  "PAYOUT_REQUESTED",
  "PAYOUT_PENDING",
  "PAYOUT_FAILED",
  "PAID_OUT",
  "CLOSED",
  "RETURNED",
]);
const ACTIONS: Partial<Record<OfferStatus, Offer["actions"]>> = {
  OFFER_READY: ["accept", "decline", "withdraw", "value", "set_offered_amount"],
  ACCEPTED: ["request_payout", "withdraw"],
  PAYOUT_FAILED: ["request_payout", "withdraw"],
  VALUATION_FAILED: ["value", "withdraw"],
  DECLINED: ["value"],
  EXPIRED: ["value"],
  RETURNED: ["request_payout", "withdraw"],
};

/** Everything that follows from a status, so that each mocked deal is whole. */
export function settle(offer: Offer, status: OfferStatus, at = Date.now()): void {
  const from = offer.status;
  offer.status = status;
  offer.version += 1;
  offer.updated_at = iso(at);
  offer.actions = ACTIONS[status] ?? [];
  if (!VALUED.has(status) && !offer.offered) price(offer, at);
  if (SIGNED.has(status) && offer.offered && offer.term_sheet) {
    offer.acceptance ??= {
      typed_name: offer.creator.display_name,
      at: iso(at),
      amount: offer.offered,
      term_sheet_sha256: offer.term_sheet.sha256,
      terms_version: "2026-01",
    };
  }
  if (status === "VALUATION_FAILED")
    offer.failure = {
      code: "history_too_short",
      message: "The statements cover 2 complete months; at least 6 are needed.",
    };
  if (status === "CLOSED") offer.receipt = { url: "", sha256: sha(), size_bytes: 48211 };
  if (SIGNED.has(status) && status !== "ACCEPTED" && offer.offered) payout(offer, status, at);
  log(offer, from, status, at, "OFFER_STATUS_CHANGED");
}

function price(offer: Offer, at: number): void {
  const median = Math.round(between(4, 120)) * 620;
  offer.price_low = money(median * 0.82, offer.currency);
  offer.price_median = money(median, offer.currency);
  offer.price_high = money(median * 1.24, offer.currency);
  offer.offered = offer.price_median;
  offer.valuation_confidence_bp = Math.round(between(2800, 9300));
  offer.expires_at = iso(at + 14 * DAY_MS);
  offer.term_sheet = { url: "", sha256: sha(), size_bytes: 102400 };
  if (random() < 0.35) {
    offer.guard_rails = [
      {
        code: "STREAM_DECLINE",
        message:
          "Units of the last three complete months are 34% below the year before: value x 0.8.",
      },
    ];
  }
}

function payout(offer: Offer, status: OfferStatus, at: number): void {
  const failed = status === "PAYOUT_FAILED";
  const state = failed
    ? "FAILED"
    : status === "PAYOUT_REQUESTED"
      ? "SENDING"
      : status === "PAYOUT_PENDING"
        ? "PENDING"
        : status === "RETURNED"
          ? "RETURNED"
          : "PAID";
  let known = payouts.find((each) => each.offer_id === offer.id);
  if (!known && offer.offered) {
    known = {
      id: newId(),
      offer_id: offer.id,
      amount: offer.offered,
      status: state,
      rail: "sandbox_bank",
      recipient: offer.creator.recipient,
      failure_reason: null,
      attempts: [],
      created_at: iso(at),
      updated_at: iso(at),
    };
    payouts.push(known);
  }
  if (!known) return;
  known.status = state;
  known.failure_reason = failed ? "The account is closed." : null;
  known.attempts = [
    {
      number: 1,
      rail: "sandbox_bank",
      idempotency_key: `payout-${known.id}-1`,
      status: state,
      rail_reference: `SBX-${known.id.slice(-6)}`,
      error_code: failed ? "account_closed" : null,
      error_message: failed ? "The account is closed." : null,
      read_backs: 0,
      started_at: iso(at),
      updated_at: iso(at),
    },
  ];
  offer.payout_id = known.id;
}

export function fill(): void {
  for (let index = 0; index < 40; index += 1) addCreator(index);
  for (let index = 0; index < 200; index += 1) {
    const at = Date.now() - (200 - index) * 0.11 * DAY_MS - 120_000;
    const creator = pick(creators);
    const statement = addStatement(creator, `${creator.username}-2024-2025.tsv`, 4_200_000);
    const offer = addOffer(creator, {
      created_at: iso(at),
      updated_at: iso(at),
      statement_ids: [statement.id],
    });
    const target = pick(STATES);
    if (target !== "PENDING_VALUATION") settle(offer, "VALUATING", at + 200);
    for (const step of road(target)) settle(offer, step, at + 60_000);
  }
}

function road(target: OfferStatus): OfferStatus[] {
  const all: OfferStatus[] = [
    "OFFER_READY",
    "ACCEPTED",
    "PAYOUT_REQUESTED",
    "PAYOUT_PENDING",
    "PAID_OUT",
    "CLOSED",
  ];
  if (target === "PENDING_VALUATION") return [];
  if (target === "VALUATION_FAILED") return [target];
  if (all.includes(target)) return all.slice(0, all.indexOf(target) + 1);
  if (target === "PAYOUT_FAILED") return [...all.slice(0, 3), target];
  if (target === "RETURNED") return [...all.slice(0, 5), target];
  return ["OFFER_READY", target];
}
