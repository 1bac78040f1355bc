import { expect, it } from "vitest";
import { heat, nearest } from "./heat";
import { differenceOf, LIFE, toReprice } from "./whatIf";

it("spreads the heat from the smallest to the largest figure", () => {
  expect(
    heat([
      ["10", "20"],
      ["30", "20"],
    ]),
  ).toEqual([
    [0, 0.5],
    [1, 0.5],
  ]);
  expect(heat([["5", "5"]])).toEqual([[0, 0]]);
});

it("finds the row the valuation used", () => {
  expect(nearest([600, 900, 1200], 1150)).toBe(2);
  expect(nearest([600, 900, 1200], 100)).toBe(0);
});

it("asks for other terms in the words of the server", () => {
  expect(toReprice({ term: 7, percent: 12.5 }, ["a"])).toEqual({
    term_years: 7,
    share_bp: 1250,
    works: ["a"],
  });
  expect(toReprice({ term: LIFE, percent: 100 }, null).term_years).toBeNull();
});

it("says how far a what-if is from what is saved, exactly", () => {
  const eur = (amount: string) => ({ amount, currency: "EUR" });
  expect(differenceOf(eur("100.00"), eur("87.50"))).toEqual({
    money: eur("-12.50"),
    bp: -1250,
    tone: "bad",
  });
  expect(differenceOf(eur("100.00"), eur("100.00")).tone).toBeUndefined();
  expect(differenceOf(eur("0.00"), eur("1.00"))).toMatchObject({ bp: null, tone: "good" });
});
