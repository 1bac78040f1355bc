import { describe, expect, it } from "vitest";
import { assignedLtm, capOf, isCapped, multipleOf } from "./assigned";

const eur = (amount: string) => ({ amount, currency: "EUR" });
const settings = { max_multiple_bp: { value: 50_000, default: 50_000, source: "house" } };

describe("the multiple", () => {
  it("is of the assigned earnings, and not of all of them", () => {
    const half = { ltm: eur("2242.08"), share_bp: 5000, median: eur("3231.41") };
    expect(assignedLtm(half)).toBe("1121.04");
    expect(multipleOf(half)).toBe("2.88");
    expect(multipleOf({ ...half, ltm: eur("0") })).toBe("–");
  });
});

describe("a capped cell", () => {
  const cap = capOf({ ltm: eur("12950.03"), share_bp: 7500, settings });
  it("is one at the highest multiple of the assigned earnings", () => {
    expect(isCapped("48562.62", cap)).toBe(true);
    expect(isCapped("48562.50", cap)).toBe(false);
    expect(isCapped("1", capOf({ ltm: eur("1"), share_bp: 10_000, settings: {} }))).toBe(false);
  });
});
