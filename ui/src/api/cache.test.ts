import { describe, expect, it } from "vitest";
import { anOffer } from "@/testing";
import { applyOffer, keepNewer, matches, type OfferPages } from "./cache";
import type { Offer } from "./types";

const pages = (...lists: Offer[][]): OfferPages => ({
  pages: lists.map((data) => ({ data, next: null, has_more: false })),
  pageParams: lists.map(() => null),
});
const ids = (value: OfferPages) => value.pages.map((page) => page.data.map((each) => each.id));

describe("applyOffer", () => {
  const first = anOffer({ id: "a", version: 3 });
  const second = anOffer({ id: "b", version: 3 });

  it("replaces the row in place, in whichever page it is", () => {
    const changed = anOffer({ id: "b", version: 4, status: "ACCEPTED" });
    const next = applyOffer(pages([first], [second]), changed, {});
    expect(next.pages[1]?.data[0]?.status).toBe("ACCEPTED");
    expect(ids(next)).toEqual([["a"], ["b"]]);
  });

  it("takes the row away when it leaves the filter", () => {
    const changed = anOffer({ id: "a", version: 4, status: "ACCEPTED" });
    const next = applyOffer(pages([first, second]), changed, { status: "OFFER_READY" });
    expect(ids(next)).toEqual([["b"]]);
  });

  it("ignores an answer that is older than what is known", () => {
    const known = pages([first]);
    const late = anOffer({ id: "a", version: 2, status: "VALUATING" });
    expect(applyOffer(known, late, {})).toBe(known);
  });

  it("puts a new offer on top of a list whose newest come first", () => {
    const fresh = anOffer({ id: "c", created_at: "2026-03-02T00:00:00Z" });
    expect(ids(applyOffer(pages([first], [second]), fresh, { sort: "-created_at" }))).toEqual([
      ["c", "a"],
      ["b"],
    ]);
  });

  it("does not guess where a new offer belongs in another order", () => {
    const fresh = anOffer({ id: "c", created_at: "2026-03-02T00:00:00Z" });
    expect(ids(applyOffer(pages([first]), fresh, { sort: "amount" }))).toEqual([["a"]]);
  });

  it("does not put an old offer on top only because it changed", () => {
    const old = anOffer({ id: "c", created_at: "2025-01-01T00:00:00Z" });
    const all = pages([first]);
    expect(ids(applyOffer(all, old, {}))).toEqual([["a", "c"]]);
    const [page] = all.pages;
    const more = { ...all, pages: page ? [{ ...page, has_more: true }] : [] };
    expect(ids(applyOffer(more, old, {}))).toEqual([["a"]]);
  });

  it("puts two new offers in their order, whichever is answered first", () => {
    const second = anOffer({ id: "x", created_at: "2027-01-01T00:00:01Z" });
    const third = anOffer({ id: "y", created_at: "2027-01-01T00:00:02Z" });
    const late = applyOffer(applyOffer(pages([first]), third, {}), second, {});
    expect(ids(late)).toEqual([["y", "x", "a"]]);
  });

  it("fills an empty list", () => {
    expect(ids(applyOffer(pages([]), first, {}))).toEqual([["a"]]);
  });
});

describe("keepNewer", () => {
  it("takes a late answer, but none of its rows that an event has overtaken", () => {
    const known = pages([anOffer({ id: "a", version: 5, status: "ACCEPTED" })]);
    const late = pages([
      anOffer({ id: "a", version: 4, status: "OFFER_READY" }),
      anOffer({ id: "b", version: 1 }),
    ]);
    const shown = keepNewer(known, late);
    expect(ids(shown)).toEqual([["a", "b"]]);
    expect(shown.pages[0]?.data[0]?.status).toBe("ACCEPTED");
    expect(keepNewer(undefined, late)).toEqual(late);
  });
});

describe("matches", () => {
  it("knows status, creator and text", () => {
    const offer = anOffer();
    expect(matches(offer, { status: "ACCEPTED,OFFER_READY" })).toBe(true);
    expect(matches(offer, { status: "ACCEPTED" })).toBe(false);
    expect(matches(offer, { creator_id: "somebody" })).toBe(false);
    expect(matches(offer, { text: "alma b" })).toBe(true);
    expect(matches(offer, { text: "k-1001" })).toBe(true);
    expect(matches(offer, { text: "1001" })).toBe(true);
    expect(matches(offer, { text: "k-1002" })).toBe(false);
    expect(matches(offer, { text: "nothing" })).toBe(false);
  });
});
