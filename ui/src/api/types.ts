/** The console's names for the shapes of the wire; the shapes themselves are generated. */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Money = Schemas["Money"];
/** A sum before any rounding; a file whose currency is unknown has none. */
export type ExactMoney = Schemas["ExactMoney"];

export interface Page<T> {
  data: T[];
  next: string | null;
  has_more: boolean;
}

export type LoggedOut = Schemas["LoggedOut"];
export type Me = Schemas["Me"];
export type Demo = Schemas["DemoView"];
export type DemoLogin = Schemas["DemoLogin"];
export type DemoSample = Schemas["SampleFile"];

export type Creator = Schemas["CreatorView"];
export type NewCreator = Schemas["NewCreator"];
export type Recipient = Schemas["RecipientView"];
export type NewRecipient = Schemas["NewRecipient"];
export type RecipientKind = "iban" | "account_number";

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

export type Mapping = Schemas["Mapping"];
export type Statement = Schemas["StatementView"];
export type StatementLayout = Schemas["Layout"];
export type StatementQuestion = Schemas["StatementQuestion"];
export type StatementRowKind = Schemas["StatementRowKind"];
export type StatementRowAnswer = Schemas["StatementRowAnswer"];
export type StatementConfirmation = Schemas["StatementConfirmation"];
export type StatementMonth = Schemas["MonthLine"];
export type StatementWarning = Schemas["Warning"];
export type Work = Schemas["WorkLine"];

export type Offer = Schemas["OfferView"];
export type OfferKind = Schemas["OfferKind"];
export type OfferStatus = Schemas["OfferStatus"];
export type OfferStats = Schemas["Stats"];
export type NewOffer = Schemas["NewOffer"];
export type DocumentRef = Schemas["DocumentView"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type Trace = Schemas["TraceView"];
export type Valuation = Schemas["Valuation"];
/** What both the house and the creator are told of other terms. */
export type Prices = Schemas["OwnPrices"];
export type Reprice = Schemas["Reprice"];

export type NewCapital = Schemas["NewCapital"];
export type Payout = Schemas["PayoutView"];
export type PayoutAttempt = Schemas["AttemptView"];
export type PayoutWord = Schemas["ByHand"];
export type LateEvidence = Schemas["EvidenceView"];
export type SandboxBank = Schemas["Behaviour"];

export type Account = Schemas["AccountView"];
export type AccountRef = Schemas["Party"];
export type Transfer = Schemas["TransferView"];
export type TrialBalance = Schemas["TrialBalance"];

/** Somebody else who knows the people of the house. */
export type Issuer = Schemas["Door"];
export type Decision = Schemas["DecisionView"];
/** The policy in force. */
export type PolicyState = Schemas["PolicyStatus"];

export type User = Schemas["UserView"];
export type NewUser = Schemas["AddUser"];
export type Session = Schemas["SessionView"];
export type SigningKey = Schemas["KeyView"];

/** A message of the event stream; streams have no schema in the contract. */
export interface DealEvent {
  type: string;
  offer_id: string;
  creator_id: string;
  status?: OfferStatus;
  at: string;
  actor: string | null;
  data: Record<string, unknown>;
}
