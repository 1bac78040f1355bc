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
};
const BUSY = new Set([
  "VALUATING",
  "PENDING_VALUATION",
  "PAYOUT_REQUESTED",
  "SENDING",
  "REQUESTED",
]);
const LABELS: Record<string, string> = {
  PENDING_VALUATION: "Queued",
  VALUATING: "Valuing",
  OFFER_READY: "Ready",
  PAYOUT_REQUESTED: "Payout requested",
  PAYOUT_PENDING: "Payout pending",
  PAID_OUT: "Paid",
  AWAITING_MANUAL_FUNDING: "Needs funding",
  allow: "Allowed",
  deny: "Denied",
  error: "Not asked",
};

export const statusLabel = (code: string) => LABELS[code] ?? words(code);

export function Status({ code }: { code: string }) {
  return (
    <span
      className={classes.status}
      data-tone={TONES[code] ?? "neutral"}
      data-busy={BUSY.has(code) || undefined}
      data-status={code}
    >
      {statusLabel(code)}
    </span>
  );
}
