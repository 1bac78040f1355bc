import { expect, test } from "vitest";
import { startCapital, toCapital } from "./capital";
import { startWord, toWord } from "./word";

test("capital is sent only when amount and reference are there", () => {
  const start = startCapital();
  expect(toCapital(start)).toBeNull();
  expect(toCapital({ ...start, amount: "10 000,00" })).toBeNull();
  expect(toCapital({ ...start, amount: "0.00", reference: "slip" })).toBeNull();
  expect(toCapital({ ...start, amount: "10 000,50", reference: " slip " })).toEqual({
    amount: { amount: "10000.50", currency: "EUR" },
    reference: "slip",
  });
  expect(toCapital({ ...start, currency: "JPY", amount: "1.5", reference: "slip" })).toBeNull();
});

test("every form has a key of its own", () => {
  expect(startCapital().key).not.toBe(startCapital().key);
  expect(startCapital().key).toMatch(/^console-capital-[0-9a-f]{32}$/);
});

test("a word about a payout needs evidence, and a reference when it was paid", () => {
  expect(toWord({ ...startWord(), evidence: "statement of account" })).toBeNull();
  const start = {
    ...startWord(),
    outcome: "not_paid" as const,
    evidence: " statement of account, page 2 ",
  };
  expect(toWord({ ...start, evidence: "it is so" })).toBeNull();
  expect(toWord(start)).toEqual({
    outcome: "not_paid",
    evidence: "statement of account, page 2",
    reference: null,
  });
  expect(toWord({ ...start, outcome: "paid", reference: "  " })).toBeNull();
  expect(toWord({ ...start, outcome: "paid", reference: " SB1 " })?.reference).toBe("SB1");
});
