import { expect, it } from "vitest";
import { heat, nearest } from "./heat";

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
