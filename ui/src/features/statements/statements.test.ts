import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/http";
import { aStatement } from "@/testing";
import type { StatementConfirmation, StatementQuestion } from "@/api/types";
import { askedBy, needed, settled, withYes } from "./confirmations";
import {
  answered,
  asksColumns,
  checkMapping,
  finishMapping,
  isIncome,
  periodOf,
  startMapping,
  unanswered,
  withRows,
} from "./mapping";
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

describe("what a file leaves open", () => {
  const layout = {
    hash: "h",
    line: 1,
    header: ["Date", "Net"],
    sample: [],
    suggested: { month: "Date", amount: "", currency: "EUR" },
  };
  const question = (code: string, field: string, ...values: string[]): StatementQuestion => ({
    code,
    field,
    message: code,
    choices: values.map((value) => ({ value, label: `read so: ${value}` })),
    values: [],
  });
  const columns = question("columns", "amount");
  const order = question("date_order", "date_order", "mdy", "dmy");
  const twice = question("duplicate_column", "amount", "Net", "Net #2");

  it("is answered field by field", () => {
    const start = startMapping(layout);
    expect(start).toMatchObject({ decimal: null, date_order: null, period: null });
    expect(unanswered(start, [columns, order, twice])).toEqual([order, twice]);
    const half = answered(start, order, "dmy");
    expect(half.date_order).toBe("dmy");
    expect(unanswered(half, [order, twice])).toEqual([twice]);
    const whole = answered(half, twice, "Net #2");
    expect(whole.amount).toBe("Net #2");
    expect(unanswered(whole, [order, twice])).toEqual([]);
    expect(asksColumns([order, columns])).toBe(true);
    expect(asksColumns([order])).toBe(false);
  });

  it("may be which kinds of rows are income, each by itself", () => {
    const kind = (value: string) => ({ column: "Type", value, rows: 2, amount: "7.5" });
    const kinds = { ...question("row_kinds", "rows"), values: [kind("Wire"), kind("*")] };
    const start = { ...startMapping(layout), amount: "Net" };
    expect(unanswered(start, [kinds])).toEqual([kinds]);
    const half = withRows(start, kind("Wire"), true);
    expect(unanswered(half, [kinds])).toEqual([kinds]);
    const other = withRows(withRows(half, kind("*"), false), kind("Wire"), false);
    expect(unanswered(other, [kinds])).toEqual([]);
    expect(isIncome(other, kind("Wire"))).toBe(false);
    expect(other.rows).toHaveLength(2);
  });

  it("may be the months of the whole file", () => {
    const start = { ...startMapping(layout), month: "", amount: "Net" };
    expect(Object.keys(checkMapping(start))).toEqual(["month"]);
    const period = periodOf("2024-01", "2024-03");
    expect(period).toEqual({ from: "2024-01", to: "2024-03" });
    expect(checkMapping({ ...start, period })).toEqual({});
    expect(Object.keys(checkMapping({ ...start, month: "Date", period }))).toEqual(["period"]);
    expect(periodOf("2024-03", "2024-01")).toBeNull();
    expect(periodOf("2024-13", "2025-01")).toBeNull();
  });
});

describe("what needs a yes", () => {
  const one = (key: string): StatementConfirmation => ({
    key,
    code: key,
    message: `${key}: -5 EUR`,
    rows: 1,
    amount: "-5",
  });
  const statement = aStatement({ confirmations: [one("rows_left_out")] });

  it("is what the file says and what the server adds, each once", () => {
    const error = new ApiError(409, "confirmation_needed", "say yes", {
      confirmations: [one("rows_left_out"), one("overlap:x")],
    });
    const more = askedBy(error);
    expect(more?.map((each) => each.key)).toEqual(["rows_left_out", "overlap:x"]);
    const asked = { [statement.id]: more ?? [] };
    expect(needed(statement, {}).map((each) => each.key)).toEqual(["rows_left_out"]);
    expect(needed(statement, asked).map((each) => each.key)).toEqual([
      "rows_left_out",
      "overlap:x",
    ]);
    expect(needed({ ...statement, status: "confirmed" }, asked)).toEqual([]);
    expect(askedBy(new ApiError(409, "statement_confirmed", ""))).toBeNull();
  });

  it("holds the confirmation back until each has its own", () => {
    const asked = { [statement.id]: [one("overlap:x")] };
    expect(settled([statement], asked, {})).toBe(false);
    const first = withYes({}, statement.id, "rows_left_out", true);
    expect(settled([statement], asked, first)).toBe(false);
    const both = withYes(first, statement.id, "overlap:x", true);
    expect(settled([statement], asked, both)).toBe(true);
    expect(settled([statement], asked, withYes(both, statement.id, "overlap:x", false))).toBe(
      false,
    );
    const other = aStatement({ id: "other" });
    expect(settled([other], {}, {})).toBe(true);
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
