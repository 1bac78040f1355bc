import { describe, expect, it } from "vitest";
import { toCsv } from "./csv";
import { nextSort } from "./sort";
import { clock, monthName, relative } from "./time";
import { bytes, countryName, words } from "./words";

describe("toCsv", () => {
  it("quotes what needs quotes and ends every line", () => {
    expect(
      toCsv(
        ["a", "b"],
        [
          ["x,y", 'say "hi"'],
          [null, "two\nlines"],
        ],
      ),
    ).toBe('a,b\r\n"x,y","say ""hi"""\r\n,"two\nlines"\r\n');
  });
  it("defuses formulas but leaves negative numbers alone", () => {
    expect(toCsv(["a"], [["=1+1"], ["-12.50"], ["-cmd"], ["@x"]])).toBe(
      "a\r\n'=1+1\r\n-12.50\r\n'-cmd\r\n'@x\r\n",
    );
  });
});

describe("nextSort", () => {
  it("turns around where the server knows both ways", () => {
    const both = { down: "-amount", up: "amount" };
    expect(nextSort(both, "-created_at")).toBe("-amount");
    expect(nextSort(both, "-amount")).toBe("amount");
    expect(nextSort(both, "amount")).toBe("-amount");
  });
  it("stays where it knows one way", () => {
    expect(nextSort({ up: "title" }, "title")).toBe("title");
    expect(nextSort({ down: "-updated_at" }, "-updated_at")).toBe("-updated_at");
  });
});

describe("clock", () => {
  const now = new Date(2026, 2, 10, 12, 0, 0);
  it("has the day only when it is another one", () => {
    expect(clock(new Date(2026, 2, 10, 7, 5, 9).toISOString(), now)).toBe("07:05:09");
    expect(clock(new Date(2026, 2, 9, 23, 5, 9).toISOString(), now)).toBe("9 Mar, 23:05:09");
  });
});

describe("relative", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  it.each([
    ["2026-03-10T11:59:55Z", "just now"],
    ["2026-03-10T11:59:20Z", "40 s ago"],
    ["2026-03-10T11:15:00Z", "45 min ago"],
    ["2026-03-10T07:00:00Z", "5 h ago"],
    ["2026-03-12T12:30:00Z", "in 2 d"],
    ["2026-01-02T12:00:00Z", "2 Jan"],
    ["2024-01-02T12:00:00Z", "2 Jan 2024"],
  ])("%s is %s", (at, wanted) => {
    expect(relative(at, now)).toBe(wanted);
  });
});

describe("words", () => {
  it("reads codes", () => {
    expect(words("STREAM_DECLINE")).toBe("Stream decline");
    expect(monthName("2024-03")).toBe("Mar 2024");
    expect(monthName("?")).toBe("?");
    expect(countryName("SE")).toBe("Sweden");
    expect(countryName("not a code")).toBe("not a code");
    expect(bytes(107_000_000)).toBe("107.0 MB");
    expect(bytes(12)).toBe("12 B");
  });
});
