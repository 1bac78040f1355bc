/** A payout as the story it is: sent, not answered, asked, paid once. Pure. */
import type { Payout, PayoutAttempt } from "@/api/types";
import { failureWords } from "@/kit/failures";
import { words } from "@/kit/words";

export interface Step {
  text: string;
  at: string | null;
  tone?: "good" | "bad" | "warn";
}

const times = (count: number) => (count === 1 ? "once" : `${count} times`);

export function storyOf(payout: Payout): Step[] {
  const many = payout.attempts.length > 1;
  return payout.attempts.flatMap((attempt) => stepsOf(attempt, many));
}

function stepsOf(attempt: PayoutAttempt, many: boolean): Step[] {
  const rail = words(attempt.rail).toLowerCase();
  const steps: Step[] = [
    {
      text: `Sent to the ${rail}${many ? `, attempt ${attempt.number}` : ""}`,
      at: attempt.started_at,
    },
  ];
  const asked = attempt.read_backs > 0;
  if (asked) {
    steps.push(
      { text: "Timed out: no answer said whether the bank had taken it", at: null, tone: "warn" },
      {
        text: `Read back: the bank was asked ${times(attempt.read_backs)} what became of it`,
        at: null,
      },
    );
  }
  return [...steps, ...endOf(attempt, asked)];
}

function endOf(attempt: PayoutAttempt, asked: boolean): Step[] {
  const at = attempt.ended_at ?? attempt.updated_at;
  const code = attempt.error_code ?? "";
  const paid: Step = {
    text: asked ? "It had been taken: paid once, not twice" : "Paid",
    at,
    tone: "good",
  };
  switch (attempt.status) {
    case "PAID":
      if (code === "confirmed_by_hand") {
        return [
          { text: "Called paid by a person, on what the bank said elsewhere", at, tone: "good" },
        ];
      }
      return [paid];
    case "RETURNED":
      return [
        { ...paid, at: attempt.ended_at },
        { text: `Came back: ${failureWords(code)}`, at: attempt.updated_at, tone: "bad" },
      ];
    case "FAILED":
      return [{ text: `Failed: ${failureWords(code)}. Nothing left the house`, at, tone: "bad" }];
    case "CANCELLED":
      return [{ text: "Called off", at }];
    case "UNKNOWN":
      return [{ text: "Still not known; it is asked again", at: null, tone: "warn" }];
    case "PENDING":
      return [{ text: "The bank has taken it and is paying", at: null }];
    default:
      return [];
  }
}
