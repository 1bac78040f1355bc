import { describe, expect, it } from "vitest";
import type { Payout, PayoutAttempt } from "@/api/types";
import { storyOf } from "./story";

const attempt = (given: Partial<PayoutAttempt>): PayoutAttempt => ({
  number: 1,
  rail: "sandbox_bank",
  idempotency_key: "k",
  status: "PAID",
  rail_reference: "R1",
  error_code: null,
  error_message: null,
  read_backs: 0,
  started_at: "2026-03-01T10:00:00Z",
  updated_at: "2026-03-01T10:00:09Z",
  ended_at: "2026-03-01T10:00:05Z",
  next_look_at: null,
  ...given,
});
const told = (...attempts: Partial<PayoutAttempt>[]) =>
  storyOf({ attempts: attempts.map(attempt) } as Payout).map((step) => step.text);

describe("the story of a payout", () => {
  it("is short when nothing went wrong", () => {
    expect(told({})).toEqual(["Sent to the sandbox bank", "Paid"]);
  });
  it("tells a lost answer: sent, timed out, read back, paid once", () => {
    expect(told({ read_backs: 2, error_code: "unknown" })).toEqual([
      "Sent to the sandbox bank",
      "Timed out: no answer said whether the bank had taken it",
      "Read back: the bank was asked 2 times what became of it",
      "It had been taken: paid once, not twice",
    ]);
  });
  it("says that it is still not known", () => {
    expect(told({ status: "UNKNOWN", read_backs: 1, ended_at: null }).at(-1)).toContain(
      "not known",
    );
  });
  it("tells a refusal in words, and the attempt after it", () => {
    expect(told({ status: "FAILED", error_code: "no_account" }, { number: 2 })).toEqual([
      "Sent to the sandbox bank, attempt 1",
      "Failed: the bank knows no such account. Nothing left the house",
      "Sent to the sandbox bank, attempt 2",
      "Paid",
    ]);
  });
  it("tells money that came back", () => {
    expect(told({ status: "RETURNED", error_code: "returned_by_recipient_bank" }).slice(1)).toEqual(
      ["Paid", "Came back: the recipient's bank sent the money back"],
    );
  });
});
