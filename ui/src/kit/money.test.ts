import { describe, expect, it } from "vitest";
import {
  formatAmount,
  formatMoney,
  formatPercent,
  formatShort,
  parseAmount,
  sumAmounts,
} from "./money";

describe("formatAmount", () => {
  it.each([
    ["12400", 2, "12,400.00"],
    ["12400.5", 2, "12,400.50"],
    ["1234567.005", 2, "1,234,567.01"],
    ["999.995", 2, "1,000.00"],
    ["-1234.5", 2, "\u22121,234.50"],
    ["-0.001", 2, "0.00"],
    ["0.045", 0, "0"],
    ["1999.5", 0, "2,000"],
    ["000123", 0, "123"],
    ["not a number", 2, "not a number"],
  ])("%s with %i decimals is %s", (amount, decimals, wanted) => {
    expect(formatAmount(amount, decimals)).toBe(wanted);
  });

  it("keeps every digit when no scale is asked for", () => {
    expect(formatAmount("44.096840290001")).toBe("44.096840290001");
  });

  it("never goes through a float", () => {
    expect(formatAmount("9007199254740993.01", 2)).toBe("9,007,199,254,740,993.01");
  });
});

describe("formatMoney", () => {
  it("always names the currency", () => {
    expect(formatMoney({ amount: "12400", currency: "EUR" })).toBe("EUR 12,400.00");
    expect(formatMoney({ amount: "12400", currency: "JPY" })).toBe("JPY 12,400");
  });
});

describe("parseAmount", () => {
  it.each([
    ["12400", "12400.00"],
    ["12,400.50", "12400.50"],
    ["12.400,50", "12400.50"],
    ["12 400,5", "12400.50"],
    ["12,400", "12400.00"],
    ["0,5", "0.50"],
    ["007", "7.00"],
    ["1.234", null],
    ["-5", null],
    ["", null],
    ["12e3", null],
    ["1234567890123456", null],
  ])("%s is %s", (typed, wanted) => {
    expect(parseAmount(typed)).toBe(wanted);
  });
});

describe("sumAmounts", () => {
  it("adds texts of different scales exactly", () => {
    expect(sumAmounts(["0.1", "0.20", "0.000000000001"])).toBe("0.300000000001");
    expect(sumAmounts(["1.50", "-2.25"])).toBe("-0.75");
    expect(sumAmounts(["-0.50", "0.25"])).toBe("-0.25");
    expect(sumAmounts([])).toBe("0");
  });
});

describe("short figures", () => {
  it.each([
    [1_234_567, "1.2M"],
    [340_000, "340k"],
    [12_000, "12k"],
    [950, "950"],
    [0.45, "0.45"],
    [0, "0"],
  ])("%d is %s", (value, wanted) => {
    expect(formatShort(value)).toBe(wanted);
  });
  it("says basis points as percent", () => {
    expect(formatPercent(8750, 1)).toBe("87.5%");
  });
});
