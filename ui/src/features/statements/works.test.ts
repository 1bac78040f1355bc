import { describe, expect, it } from "vitest";
import type { Work } from "@/api/types";
import {
  checkChoice,
  choiceOf,
  compareAmounts,
  mergeWorks,
  scopeOf,
  searchWorks,
  sortWorks,
} from "./works";

const work = (title: string, total: string, given: Partial<Work> = {}): Work => ({
  title,
  isrc: "",
  total,
  share_bp: 0,
  units: 1,
  rows: 2,
  months: 3,
  from: "2024-01",
  to: "2024-03",
  ...given,
});

describe("works of several statements", () => {
  const works = mergeWorks([
    [work("Small", "10.25"), work("Big", "50", { isrc: "SE1" })],
    [work("Big", "39.75", { from: "2023-05", to: "2024-02", rows: 5 })],
  ]);
  it("are put together by title, the largest first, with their exact sums", () => {
    expect(works.map((each) => [each.title, each.total, each.share_bp])).toEqual([
      ["Big", "89.75", 8975],
      ["Small", "10.25", 1025],
    ]);
    expect(works[0]).toMatchObject({ from: "2023-05", to: "2024-03", rows: 7, isrc: "SE1" });
  });
  it("are found by title and ISRC, and sorted either way", () => {
    expect(searchWorks(works, " se1 ").map((each) => each.title)).toEqual(["Big"]);
    expect(searchWorks(works, "")).toBe(works);
    expect(sortWorks(works, "total").map((each) => each.title)).toEqual(["Small", "Big"]);
    expect(sortWorks(works, "-rows").map((each) => each.title)).toEqual(["Big", "Small"]);
    expect(sortWorks(works, "nonsense")).toBe(works);
  });
  it("all of them are no scope, some are their titles", () => {
    expect(scopeOf(works, new Set())).toBeNull();
    expect(scopeOf(works, new Set(["Big"]))).toEqual(["Small"]);
    expect(choiceOf(works, new Set(["Big", "of another file"]))).toEqual({
      chosen: 1,
      all: 2,
      total: "10.25",
      share_bp: 1025,
    });
  });
  it("none, or too many of more, cannot be offered", () => {
    const choice = { total: "1", share_bp: 1 };
    expect(checkChoice({ ...choice, chosen: 0, all: 2 })).toMatch(/at least one/);
    expect(checkChoice({ ...choice, chosen: 5_001, all: 6_000 })).toMatch(/at most/);
    expect(checkChoice({ ...choice, chosen: 6_000, all: 6_000 })).toBeNull();
  });
});

describe("compareAmounts", () => {
  it("compares exactly, with signs", () => {
    expect(compareAmounts("0.10", "0.1")).toBe(0);
    expect(compareAmounts("-2", "1")).toBe(-1);
    expect(compareAmounts("9007199254740993.1", "9007199254740993")).toBe(1);
    expect(compareAmounts("-1", "-2.5")).toBe(1);
  });
});
