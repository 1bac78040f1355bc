import { describe, expect, it } from "vitest";
import type { OfferStats } from "@/api/types";
import { anOffer } from "@/testing";
import { offersCsv } from "./export";
import { totals } from "./Figures";
import { worksText } from "./Overview";
import { place } from "./Prices";
import { parseSearch, toggleGroup, toQuery } from "./search";
import { headline } from "./Timeline";
import { checkTerms, startTerms, toNewOffer } from "./terms";

describe("the URL of the deals page", () => {
  it("reads what it knows and drops the rest", () => {
    expect(
      parseSearch({
        show: "ready,nonsense,paid",
        sort: "-price",
        text: 1001,
        tab: "secrets",
        offer: "o",
        evil: "x",
      }),
    ).toEqual({ show: "ready,paid", text: "1001", offer: "o" });
    expect(parseSearch({ show: "toString", sort: "amount" })).toEqual({ sort: "amount" });
  });
  it("becomes the question to the server", () => {
    expect(toQuery({ show: "ready,paying", text: "alma", creator: "c" })).toEqual({
      status: "OFFER_READY,PAYOUT_REQUESTED,PAYOUT_PENDING",
      text: "alma",
      creator_id: "c",
      sort: "-created_at",
    });
    expect(toQuery({})).toEqual({ sort: "-created_at" });
  });
  it("switches groups on and off", () => {
    expect(toggleGroup(undefined, "ready")).toBe("ready");
    expect(toggleGroup("ready", "paid")).toBe("ready,paid");
    expect(toggleGroup("ready", "ready")).toBeUndefined();
  });
});

describe("figures", () => {
  it("adds up per currency and never across", () => {
    const eur = (amount: string) => ({ amount, currency: "EUR" });
    const stats: OfferStats = {
      total: 3,
      by_status: [
        { status: "PAID_OUT", count: 1, offered: [eur("10.10"), { amount: "5", currency: "USD" }] },
        { status: "CLOSED", count: 2, offered: [eur("20.20")] },
        { status: "OFFER_READY", count: 9, offered: [eur("99")] },
      ],
    };
    expect(totals(stats, ["PAID_OUT", "CLOSED"])).toEqual({
      count: 3,
      sums: [eur("30.30"), { amount: "5", currency: "USD" }],
    });
  });
});

describe("the price band", () => {
  const eur = (amount: string) => ({ amount, currency: "EUR" });
  it("has the median in its middle", () => {
    const [low, mid, high] = [eur("100"), eur("200"), eur("600")];
    expect(place(eur("200"), low, mid, high)).toBe(50);
    expect(place(eur("150"), low, mid, high)).toBe(25);
    expect(place(eur("400"), low, mid, high)).toBe(75);
    expect(place(eur("5"), low, mid, high)).toBe(0);
    expect(place(eur("900"), low, mid, high)).toBe(100);
  });
});

describe("terms", () => {
  it("become the order of a new offer", () => {
    const terms = {
      ...startTerms("Alma", "SEK"),
      term: "life",
      sharePercent: 87.5,
      requested: "12 400",
    };
    expect(checkTerms(terms)).toEqual({});
    expect(
      toNewOffer(terms, { creatorId: "c", statementIds: ["s"], works: ["Saltwater"] }),
    ).toEqual({
      creator_id: "c",
      kind: "purchase",
      title: "Alma, catalogue",
      requested: { amount: "12400.00", currency: "SEK" },
      currency: "SEK",
      term_years: null,
      share_bp: 8750,
      works: ["Saltwater"],
      statement_ids: ["s"],
      language: "en",
    });
  });
  it("name what is wrong", () => {
    const wrong = { ...startTerms("A", null), sharePercent: 101, requested: "0", title: " " };
    expect(Object.keys(checkTerms(wrong)).sort()).toEqual(["requested", "share", "title"]);
  });
});

describe("CSV of the deals", () => {
  it("has one line for each deal with exact amounts", () => {
    const lines = offersCsv([anOffer({ title: "One, two", term_years: null })]).split("\r\n");
    expect(lines[0]?.split(",")).toContain("offered");
    expect(lines[1]).toContain('"One, two"');
    expect(lines[1]).toContain("12400.00");
    expect(lines[1]).toContain(",life,");
  });
});

describe("words about a deal", () => {
  it("names a few works and counts the rest", () => {
    expect(worksText(null)).toBe("All works");
    expect(worksText(["a", "b"])).toBe("a, b");
    expect(worksText([..."abcdefgh"])).toBe("a, b, c, d, e, f and 2 more");
  });
  it("says a change of status in the words of the console, and leaves sentences alone", () => {
    const entry = { position: 1, at: "", type: "OFFER_STATUS_CHANGED", actor: "", details: {} };
    const [from, to] = ["PAID_OUT", "CLOSED"];
    expect(headline({ ...entry, from, to, summary: "Closed" })).toBe("The receipt is made");
    const details = { reason: "late" } as unknown as typeof entry.details;
    const late = { ...entry, from, to, summary: "Closed: late", details };
    expect(headline(late)).toBe("The receipt is made: late");
    const reason = { reason: "no_account" } as unknown as typeof entry.details;
    const failed = { from: "PAYOUT_PENDING", to: "PAYOUT_FAILED", summary: "x", details: reason };
    expect(headline({ ...entry, ...failed })).toBe(
      "Paying → Payout failed: the bank knows no such account",
    );
    expect(headline({ ...entry, from: null, to: null, summary: "" })).toBe("Offer status changed");
  });
});
