/** The shapes of the wire (`/api/v1`). Kept in one file: it is replaced by the generated client. */

export interface Money {
  amount: string;
  currency: string;
}

export interface Page<T> {
  data: T[];
  next: string | null;
  has_more: boolean;
}

export interface Me {
  id: string;
  username: string;
  display_name: string;
  roles: string[];
}

export interface DemoLogin {
  username: string;
  password: string;
  role: string;
  description: string;
}

export interface DemoSample {
  name: string;
  url: string;
  description: string;
  creator_hint: string | null;
}

export interface Demo {
  enabled: boolean;
  logins: DemoLogin[];
  samples: DemoSample[];
  today: string;
}

export interface Recipient {
  id: string;
  holder_name: string;
  kind?: RecipientKind;
  account_masked: string;
}

export type RecipientKind = "iban" | "account_number";

export interface NewRecipient {
  holder_name: string;
  kind: RecipientKind;
  account: string;
}

export const PLATFORMS = [
  "spotify",
  "youtube",
  "apple_music",
  "bandcamp",
  "soundcloud",
  "beatport",
  "other",
] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface Creator {
  id: string;
  platform: Platform;
  platform_id: string;
  username: string;
  display_name: string;
  email: string | null;
  country: string | null;
  recipient: Recipient | null;
  created_at: string;
}

export interface NewCreator {
  platform: Platform;
  platform_id: string;
  username: string;
  display_name: string;
  email?: string;
  country?: string;
}

export interface Mapping {
  month: string;
  amount: string;
  title: string | null;
  store: string | null;
  country: string | null;
  units: string | null;
  isrc: string | null;
  currency_column: string | null;
  currency: string | null;
  decimal: "point" | "comma";
  date_order: "ymd" | "mdy" | "dmy";
}

export interface StatementMonth {
  month: string;
  amount: string;
  units: number;
  complete: boolean;
}

export interface StatementWarning {
  line: number;
  column: string | null;
  code: string;
  message: string;
}

export interface StatementLayout {
  header: string[];
  sample: string[][];
  suggested: Partial<Mapping> | null;
}

export interface Statement {
  id: string;
  creator_id: string;
  file_name: string;
  sha256: string;
  size_bytes: number;
  status: "needs_mapping" | "ready" | "confirmed";
  format: string;
  format_name: string;
  currency: string | null;
  period: { from: string; to: string } | null;
  rows: number;
  total: Money | null;
  months: StatementMonth[];
  stores: { name: string; amount: string; share_bp: number }[];
  works_count: number;
  countries_count: number;
  warnings: StatementWarning[];
  warnings_total: number;
  layout: StatementLayout | null;
  created_at: string;
}

export type OfferKind = "purchase" | "advance";

export const OFFER_STATUSES = [
  "PENDING_VALUATION",
  "VALUATING",
  "VALUATION_FAILED",
  "OFFER_READY",
  "DECLINED",
  "EXPIRED",
  "WITHDRAWN",
  "ACCEPTED",
  "PAYOUT_REQUESTED",
  "PAYOUT_PENDING",
  "PAYOUT_FAILED",
  "PAID_OUT",
  "CLOSED",
  "RETURNED",
] as const;
export type OfferStatus = (typeof OFFER_STATUSES)[number];

export type OfferAction =
  "accept" | "decline" | "withdraw" | "value" | "request_payout" | "set_offered_amount";

export interface DocumentRef {
  url: string;
  sha256: string;
  size_bytes: number;
}

export interface OfferCreator {
  id: string;
  display_name: string;
  username: string;
  platform: string;
  country: string | null;
  recipient: Recipient | null;
}

export interface Offer {
  id: string;
  number: string;
  creator: OfferCreator;
  kind: OfferKind;
  title: string;
  description: string | null;
  requested: Money | null;
  currency: string;
  term_years: number | null;
  share_bp: number;
  works: string[] | null;
  statement_ids: string[];
  language: "en" | "sv";
  status: OfferStatus;
  price_low: Money | null;
  price_median: Money | null;
  price_high: Money | null;
  valuation_confidence_bp: number | null;
  offered: Money | null;
  expires_at: string | null;
  term_sheet: DocumentRef | null;
  receipt: DocumentRef | null;
  payout_id: string | null;
  acceptance: {
    typed_name: string;
    at: string;
    amount: Money;
    term_sheet_sha256: string;
    terms_version: string;
  } | null;
  guard_rails: { code: string; message: string }[];
  failure: { code: string; message: string } | null;
  actions: OfferAction[];
  version: number;
  created_at: string;
  updated_at: string;
}

export interface NewOffer {
  creator_id: string;
  kind: OfferKind;
  title: string;
  description?: string;
  requested?: Money;
  currency: string;
  term_years: number | null;
  share_bp: number;
  works: string[] | null;
  statement_ids: string[];
  language: "en" | "sv";
}

export interface OfferStats {
  total: number;
  by_status: { status: OfferStatus; count: number; offered: Money[] }[];
}

export interface GuardRail {
  code: string;
  message: string;
  setting: string | null;
  before: string | null;
  after: string | null;
}

export interface Valuation {
  version: number;
  computed_at: string;
  ltm: Money;
  ltm_from: string;
  ltm_to: string;
  ltm_units: number;
  multiple: string;
  dollar_age_years: string;
  decay_bp: number;
  decay_source: "fitted" | "prior" | "blended";
  decay_note: string | null;
  discount_bp: number;
  fee_bp: number;
  share_bp: number;
  term_years: number | null;
  low: Money;
  median: Money;
  high: Money;
  confidence_bp: number;
  confidence_parts: { name: string; bp: number; why: string }[];
  history: StatementMonth[];
  forecast: { year: number; low: string; median: string; high: string }[];
  sensitivity: { decay_bp: number[]; discount_bp: number[]; median: string[][] };
  works: { title: string; isrc: string | null; ltm: string; share_bp: number; value: string }[];
  stores: { name: string; ltm: string; share_bp: number }[];
  countries: { code: string; ltm: string; share_bp: number }[];
  guard_rails: GuardRail[];
  settings: Record<string, unknown>;
  simulations: number;
  seed: number | string;
}

export interface TimelineEntry {
  position: number;
  at: string;
  type: string;
  from: OfferStatus | null;
  to: OfferStatus | null;
  actor: string | null;
  summary: string;
  details: Record<string, unknown> | null;
}

export interface TraceRow {
  statement_id: string;
  file_name: string;
  month: string;
  work: string | null;
  store: string | null;
  country: string | null;
  amount: string;
  units: number;
  first_line: number;
  rows: number;
}

export interface Trace {
  figure: string;
  total: Money | string;
  data: TraceRow[];
  has_more: boolean;
}

export type PayoutStatus =
  | "REQUESTED"
  | "SENDING"
  | "UNKNOWN"
  | "PENDING"
  | "AWAITING_MANUAL_FUNDING"
  | "PAID"
  | "FAILED"
  | "RETURNED"
  | "CANCELLED";

export interface PayoutAttempt {
  number: number;
  rail: string;
  idempotency_key: string;
  status: PayoutStatus;
  rail_reference: string | null;
  error_code: string | null;
  error_message: string | null;
  read_backs: number;
  started_at: string;
  updated_at: string;
}

export interface Payout {
  id: string;
  offer_id: string;
  amount: Money;
  status: PayoutStatus;
  rail: string | null;
  recipient: Recipient | null;
  failure_reason: string | null;
  attempts: PayoutAttempt[];
  created_at: string;
  updated_at: string;
}

export interface SandboxBank {
  settlement_delay_ms: number;
  faults: {
    timeout_before: number;
    timeout_after: number;
    server_error: number;
    late_return: number;
  };
}

export interface Account {
  id: string;
  code: string;
  name: string;
  owner: string | null;
  purpose: string;
  asset: string;
  debits_posted: Money;
  debits_pending: Money;
  credits_posted: Money;
  credits_pending: Money;
  balance: Money;
  available: Money;
  normal_side: "debit" | "credit";
  constraint: "none" | "debits_not_exceed_credits" | "credits_not_exceed_debits";
  created_at: string;
}

export interface AccountRef {
  id: string;
  code: string;
  name: string;
}

export interface Transfer {
  id: string;
  kind: "single" | "pending" | "post" | "void" | "expire";
  state: "posted" | "pending" | "voided" | "expired" | "post";
  debit_account: AccountRef;
  credit_account: AccountRef;
  amount: Money;
  pending_id: string | null;
  type: string;
  offer_id: string | null;
  reference: string | null;
  at: string;
  position: number;
}

export interface TrialBalance {
  at: string;
  assets: { asset: string; debits: Money; credits: Money; difference: Money }[];
  accounts: (Account & { debits: Money; credits: Money })[];
  sealed_position: number | null;
}

export interface DealEvent {
  type: string;
  offer_id: string;
  creator_id: string;
  status?: OfferStatus;
  at: string;
  actor: string | null;
  data: Record<string, unknown>;
}
