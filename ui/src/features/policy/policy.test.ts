import { describe, expect, it } from "vitest";
import type { Decision } from "@/api/types";
import { decisionsCsv } from "./export";
import { parseDecisionSearch } from "./search";
import { faultTitle, sourceWords, took } from "./words";

const decision: Decision = {
  id: "d-1",
  at: "2026-03-01T10:00:00Z",
  actor: "tove",
  roles: ["treasurer", "operator"],
  action: "payouts.request",
  result: "deny",
  scope: "none",
  input_sha256: "ab".repeat(32),
  revision: "r-1",
  engine: "opa",
  micros: 1500,
  request_id: null,
};

describe("the address of the decisions page", () => {
  it("keeps what it knows", () => {
    const search = { actor: "tove", action: "offers.read", result: "deny", decision: "d-1" };
    expect(parseDecisionSearch(search)).toEqual(search);
  });

  it("drops what it does not know", () => {
    expect(parseDecisionSearch({ actor: " ", action: 7, result: "maybe", other: "x" })).toEqual({});
  });
});

describe("the policy in force", () => {
  it("says where it comes from, and what a fault means", () => {
    expect(sourceWords("part of the program")).toBe("Part of the program");
    expect(sourceWords("https://policies.test/bundle")).toBe("https://policies.test/bundle");
    expect(faultTitle("embedded")).toContain("still decides");
    expect(faultTitle("opa")).toContain("nobody is let in");
  });
});

describe("decisions", () => {
  it("are told with the unit that fits", () => {
    expect(took(0)).toBe("0 µs");
    expect(took(999)).toBe("999 µs");
    expect(took(1_500)).toBe("1.5 ms");
    expect(took(250_400)).toBe("250 ms");
  });

  it("become a table", () => {
    const [head, row] = decisionsCsv([decision]).split("\r\n");
    expect(head?.startsWith("at,actor,roles,action,result")).toBe(true);
    expect(row).toBe(
      `2026-03-01T10:00:00Z,tove,treasurer operator,payouts.request,deny,none,opa,1500,r-1,${"ab".repeat(32)},,d-1`,
    );
  });
});
