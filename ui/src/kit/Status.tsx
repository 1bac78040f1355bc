import classes from "./kit.module.css";
import { words } from "./words";

type Tone = "neutral" | "info" | "good" | "warn" | "bad";

const TONES: Record<string, Tone> = {
  PENDING_VALUATION: "neutral",
  VALUATING: "info",
  OFFER_READY: "info",
  ACCEPTED: "info",
  PAYOUT_REQUESTED: "warn",
  PAYOUT_PENDING: "warn",
  REQUESTED: "warn",
  SENDING: "warn",
  PENDING: "warn",
  UNKNOWN: "warn",
  AWAITING_MANUAL_FUNDING: "warn",
  PAID_OUT: "good",
  CLOSED: "good",
  PAID: "good",
  posted: "good",
  pending: "warn",
  VALUATION_FAILED: "bad",
  PAYOUT_FAILED: "bad",
  FAILED: "bad",
  RETURNED: "bad",
  // Nearly every answer is a yes: the others are to be seen.
  allow: "neutral",
  deny: "warn",
  error: "bad",
  user_active: "good",
  user_disabled: "bad",
  session_current: "good",
  key_signs: "good",
  key_checks: "info",
  key_withdrawn: "neutral",
};
const BUSY = new Set([
  "VALUATING",
  "PENDING_VALUATION",
  "PAYOUT_REQUESTED",
  "SENDING",
  "REQUESTED",
]);
/** One word for each, wherever it stands: chips, figures, rows, cards and the timeline. */
const LABELS: Record<string, string> = {
  PENDING_VALUATION: "Valuing",
  VALUATING: "Valuing",
  OFFER_READY: "Ready",
  PAYOUT_REQUESTED: "Paying",
  PAYOUT_PENDING: "Paying",
  PAID_OUT: "Paid",
  // Paid, and the receipt is made.
  CLOSED: "Paid",
  REQUESTED: "Paying",
  SENDING: "Paying",
  PENDING: "Paying",
  posted: "Booked",
  pending: "Held",
  voided: "Released",
  AWAITING_MANUAL_FUNDING: "Needs funding",
  allow: "Allowed",
  deny: "Denied",
  error: "Not asked",
  user_active: "Active",
  user_disabled: "Disabled",
  session_current: "This one",
  key_signs: "Signs",
  key_checks: "Checks only",
  key_withdrawn: "Withdrawn",
};

export const statusLabel = (code: string) => LABELS[code] ?? words(code);

interface Props {
  code: string;
  /** Where it is more than the word. */
  text?: string;
}

export function Status({ code, text }: Props) {
  return (
    <span
      className={classes.status}
      data-tone={TONES[code] ?? "neutral"}
      data-busy={BUSY.has(code) || undefined}
      data-status={code}
    >
      {text ?? statusLabel(code)}
    </span>
  );
}
