import { describe, expect, it } from "vitest";
import type { Account } from "@/api/types";
import { parseLedgerSearch } from "./search";
import { cashByAsset, groupAccounts, groupTrial, type TrialLine } from "./sums";

function account(
  purpose: Account["purpose"],
  balance: string,
  hold: string,
  asset = "EUR",
): Account {
  const money = (amount: string) => ({ amount, currency: asset });
  const debit = purpose === "house_cash";
  return {
    id: `${purpose}-${balance}`,
    code: purpose,
    name: purpose,
    owner: null,
    purpose,
    asset,
    debits_posted: money("0"),
    debits_pending: money(debit ? "0.00" : hold),
    credits_posted: money("0"),
    credits_pending: money(debit ? hold : "0.00"),
    balance: money(balance),
    available: money(balance),
    normal_side: debit ? "debit" : "credit",
    constraint: "none",
    created_at: "2026-01-01T00:00:00Z",
  };
}

describe("groupAccounts", () => {
  it("adds up by purpose and currency, cash first", () => {
    const groups = groupAccounts([
      account("equity", "500.00", "0.00"),
      account("house_cash", "100.00", "30.00"),
      account("house_cash", "50.50", "0.00"),
      account("house_cash", "7.00", "0.00", "USD"),
    ]);
    expect(
      groups.map(({ purpose, asset, balance, pending }) => [purpose, asset, balance, pending]),
    ).toEqual([
      ["house_cash", "EUR", "150.50", "30.00"],
      ["house_cash", "USD", "7.00", "0.00"],
      ["equity", "EUR", "500.00", "0.00"],
    ]);
  });
});

describe("cashByAsset", () => {
  it("takes holds off what is free, each currency for itself", () => {
    const groups = groupAccounts([
      account("house_cash", "150.50", "30.25"),
      account("creator_payable", "80.00", "0.00"),
    ]);
    expect(cashByAsset(groups)).toEqual([
      { asset: "EUR", balance: "150.50", held: "30.25", free: "120.25", owed: "80.00" },
    ]);
  });
});

describe("groupTrial", () => {
  const line = (purpose: TrialLine["purpose"], debits: string, credits: string): TrialLine => {
    const money = (amount: string) => ({ amount, currency: "EUR" });
    return {
      account: { id: `${purpose}-${debits}`, code: purpose, name: purpose },
      purpose,
      debits: money(debits),
      credits: money(credits),
      balance: money("0.00"),
    };
  };
  it("adds up by purpose, cash first, and loses no cent", () => {
    const groups = groupTrial([
      line("equity", "0.00", "500.00"),
      line("creator_payable", "0.10", "0.20"),
      line("house_cash", "500.00", "0.10"),
      line("creator_payable", "0.00", "0.20"),
    ]);
    expect(
      groups.map((each) => [each.purpose, each.lines.length, each.debits, each.credits]),
    ).toEqual([
      ["house_cash", 1, "500.00", "0.10"],
      ["creator_payable", 2, "0.10", "0.40"],
      ["equity", 1, "0.00", "500.00"],
    ]);
  });
});

describe("the URL of the cash page", () => {
  it("drops what it does not know", () => {
    expect(parseLedgerSearch({ view: "everything", account: "a", x: 1 })).toEqual({ account: "a" });
    expect(parseLedgerSearch({ view: "trial" })).toEqual({ view: "trial" });
  });
});
