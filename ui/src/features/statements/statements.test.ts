import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/http";
import { aStatement } from "@/testing";
import { checkMapping, finishMapping, startMapping } from "./mapping";
import { byMonth, totalsByCurrency } from "./totals";
import { busy, duplicateOf, type Upload, uploadsReducer, usable } from "./uploads";

const add = (list: Upload[], key: string) =>
  uploadsReducer(list, { type: "add", key, name: `${key}.tsv`, size: 10 });

describe("uploads", () => {
  it("go from sending over reading to done", () => {
    let list = add([], "a");
    list = uploadsReducer(list, { type: "progress", key: "a", fraction: 0.4 });
    expect(list[0]).toMatchObject({ state: "uploading", progress: 0.4 });
    list = uploadsReducer(list, { type: "progress", key: "a", fraction: 1 });
    expect(list[0]?.state).toBe("reading");
    expect(busy(list)).toBe(true);
    list = uploadsReducer(list, { type: "done", key: "a", statement: aStatement(), known: false });
    expect(busy(list)).toBe(false);
    expect(usable(list)).toHaveLength(1);
  });

  it("say why a file was refused", () => {
    const error = new ApiError(422, "statement_refused", "No statement.", {
      reasons: ["no months", { message: "no amounts" }],
    });
    const list = uploadsReducer(add([], "a"), { type: "refused", key: "a", error });
    expect(list[0]).toMatchObject({
      state: "refused",
      reasons: ["No statement.", "no months", "no amounts"],
    });
    expect(busy(list)).toBe(false);
  });

  it("count the same statement once", () => {
    let list = add(add([], "a"), "b");
    const statement = aStatement();
    list = uploadsReducer(list, { type: "done", key: "a", statement, known: false });
    list = uploadsReducer(list, { type: "done", key: "b", statement, known: true });
    expect(list.map((each) => each.key)).toEqual(["a"]);
  });

  it("wait for the mapping", () => {
    const open = aStatement({ status: "needs_mapping" });
    let list = uploadsReducer(add([], "a"), {
      type: "done",
      key: "a",
      statement: open,
      known: false,
    });
    expect(busy(list)).toBe(true);
    expect(usable(list)).toEqual([]);
    list = uploadsReducer(list, { type: "update", statement: { ...open, status: "ready" } });
    expect(busy(list)).toBe(false);
  });

  it("find the known statement of a duplicate", () => {
    const details = { statement_id: "s" };
    expect(duplicateOf(new ApiError(409, "statement_duplicate", "", details))).toBe("s");
    expect(duplicateOf(new ApiError(409, "other", "", details))).toBeNull();
    expect(duplicateOf(new Error("x"))).toBeNull();
  });
});

describe("mapping", () => {
  const layout = {
    hash: "h",
    line: 1,
    header: ["Date", "Net", "Song"],
    sample: [],
    suggested: { month: "Date", amount: "Gone", title: "Song" },
  };
  it("starts with the suggestions that exist in the file", () => {
    expect(startMapping(layout)).toMatchObject({ month: "Date", amount: "", title: "Song" });
    expect(startMapping({ ...layout, suggested: { month: "", amount: "" } })).toMatchObject({
      month: "",
      title: null,
    });
  });
  it("asks for month, amount and a currency", () => {
    const start = startMapping(layout);
    expect(Object.keys(checkMapping(start))).toEqual(["amount", "currency"]);
    expect(checkMapping({ ...start, amount: "Date", currency: "EUR" })).toHaveProperty("amount");
    expect(checkMapping({ ...start, amount: "Net", currency: "EUR" })).toEqual({});
    expect(checkMapping({ ...start, amount: "Net", currency_column: "Song" })).toEqual({});
  });
  it("sends either a column or a currency", () => {
    const both = { ...startMapping(layout), currency: "EUR", currency_column: "Song" };
    expect(finishMapping(both).currency).toBeNull();
  });
});

describe("totals", () => {
  const month = (name: string, amount: string, complete = true) => ({
    month: name,
    amount,
    units: 1,
    rows: 1,
    complete,
  });
  it("lay the months of several files on top of each other", () => {
    const first = aStatement({ months: [month("2024-02", "1.5"), month("2024-01", "1")] });
    const second = aStatement({ months: [month("2024-02", "0.25", false)] });
    expect(byMonth([first, second])).toEqual([
      { month: "2024-01", amount: "1", units: 1, rows: 1, complete: true },
      { month: "2024-02", amount: "1.75", units: 2, rows: 2, complete: false },
    ]);
  });
  it("keep currencies apart", () => {
    const usd = aStatement({ total: { amount: "1", currency: "USD" } });
    expect(totalsByCurrency([aStatement(), aStatement(), usd])).toEqual([
      { currency: "EUR", amount: "7.00" },
      { currency: "USD", amount: "1" },
    ]);
  });
});
