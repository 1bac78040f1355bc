/** What the codes of a payout that did not arrive mean, and what helps. */
import { words } from "./words";

interface Failure {
  what: string;
  /** Whether another account is what helps. */
  account?: boolean;
}

const FAILURES: Record<string, Failure> = {
  no_account: { what: "the bank knows no such account", account: true },
  account_closed: { what: "the account is closed", account: true },
  closed: { what: "the account is closed", account: true },
  returned_by_recipient_bank: { what: "the recipient's bank sent the money back", account: true },
  refused_for_now: { what: "the bank refused it for now" },
  refused: { what: "the bank refused it" },
  confirmed_by_hand: { what: "called paid by a person" },
  corrected_by_hand: { what: "it was called paid by hand, and that word was taken back" },
  settled_by_hand: { what: "somebody found out that it was not paid" },
  not_paid: { what: "somebody found out that it was not paid" },
  unknown: { what: "no answer came in time" },
};

export const failureWords = (code: string): string =>
  FAILURES[code]?.what ?? words(code).toLowerCase();

export const wantsAnotherAccount = (code: string): boolean => FAILURES[code]?.account ?? false;
