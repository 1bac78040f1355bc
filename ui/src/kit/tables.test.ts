import { describe, expect, it } from "vitest";
import { holdRows } from "./heldRows";
import { nextIndex } from "./useRoving";

interface Row {
  id: string;
  at?: number;
}
const rows = (...ids: string[]): Row[] => ids.map((id) => ({ id }));
const id = (row: Row) => row.id;
const hold = (shown: Row[], fresh: Row[], latest?: (id: string) => Row | undefined) => {
  const held = holdRows(shown, fresh, id, latest);
  return [held.rows.map(id).join(""), held.waiting];
};

describe("rows under a pointer", () => {
  it("stay in their places while new ones come", () => {
    expect(hold(rows("a", "b", "c"), rows("y", "x", "a", "b", "c"))).toEqual(["abc", 2]);
  });
  it("stay when one of them leaves the filter, or the order changes", () => {
    expect(hold(rows("a", "b", "c"), rows("a", "c"))).toEqual(["abc", 0]);
    expect(hold(rows("a", "b", "c"), rows("c", "x", "a", "b"))).toEqual(["abc", 1]);
  });
  it("are followed by what is loaded at the end", () => {
    expect(hold(rows("a", "b"), rows("x", "a", "b", "c", "d"))).toEqual(["abcd", 1]);
  });
  it("all wait when the whole list is new", () => {
    expect(hold(rows("a"), rows("x", "y"))).toEqual(["a", 2]);
  });
  it("show themselves as they are now", () => {
    const shown = rows("a", "b");
    const held = holdRows(shown, [{ id: "a", at: 2 }], id, (each) => ({ id: each, at: 3 }));
    expect(held.rows).toEqual([
      { id: "a", at: 2 },
      { id: "b", at: 3 },
    ]);
  });
});

describe("the keys of a table", () => {
  it("walk within it and stop at its ends", () => {
    expect(nextIndex("ArrowDown", 0, 30, 10)).toBe(1);
    expect(nextIndex("ArrowUp", 0, 30, 10)).toBe(0);
    expect(nextIndex("PageDown", 25, 30, 10)).toBe(29);
    expect(nextIndex("Home", 25, 30, 10)).toBe(0);
    expect(nextIndex("End", 0, 30, 10)).toBe(29);
    expect(nextIndex("n", 0, 30, 10)).toBeNull();
  });
});
