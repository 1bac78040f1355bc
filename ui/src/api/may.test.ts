import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { anOffer } from "@/testing";
import { allows, GRANTS, stepsOf } from "./may";
import type { Me } from "./types";

const as = (...roles: string[]): Me => ({
  id: "u",
  username: "u",
  display_name: "U",
  roles,
  creator_id: null,
});

/** The lists of the policy that the server is delivered with, role by role. */
function policyGrants(): Record<string, string[]> {
  const text = readFileSync("../policies/authz/decision.rego", "utf8");
  const quoted = (part: string) => [...part.matchAll(/"([a-z_]+\.[a-z_*]+)"/g)].map((m) => m[1]);
  const named = (name: string) =>
    quoted(new RegExp(`${name} := \\[([^\\]]*)\\]`).exec(text)?.[1] ?? "");
  const lists: Record<string, (string | undefined)[]> = {
    readers: named("readers"),
    watchers: named("watchers"),
  };
  const found: Record<string, string[]> = {};
  const tables = text.slice(text.indexOf("grants := {"));
  for (const [, role = "", value = ""] of tables.matchAll(
    /"([a-z_]+)":\s*(\[[^\]]*\]|array\.concat\([^)]*\)|[a-z]+)/g,
  )) {
    const words = [...value.matchAll(/\b(readers|watchers)\b/g)].flatMap(
      ([word]) => lists[word] ?? [],
    );
    found[role] = [...words, ...quoted(value)].filter((each) => each !== undefined);
  }
  return found;
}

describe("what somebody may do", () => {
  it("is what the delivered policy says, for every role of it", () => {
    const sorted = (table: Record<string, string[]>) =>
      Object.fromEntries(Object.entries(table).map(([role, list]) => [role, list.toSorted()]));
    expect(Object.keys(policyGrants()).length).toBeGreaterThan(6);
    expect(sorted(GRANTS)).toEqual(sorted(policyGrants()));
  });

  it("is the server's word where it gives one", () => {
    expect(allows({ ...as("admin"), actions: ["offers.read"] } as Me, "offers.accept")).toBe(false);
    expect(allows({ ...as("guest"), actions: ["offers.*"] } as Me, "offers.accept")).toBe(true);
  });

  it("is nothing for nobody and for a role that is not known", () => {
    expect(allows(null, "offers.read")).toBe(false);
    expect(allows(as("gardener"), "offers.read")).toBe(false);
  });
});

describe("the steps of an offer", () => {
  const actions = ["accept", "decline", "withdraw", "value", "set_offered_amount"];
  const ready = anOffer({ status: "OFFER_READY", actions });
  const accepted = anOffer({
    status: "ACCEPTED",
    actions: ["withdraw", "request_payout"],
    acceptance: {
      typed_name: "A",
      amount: { amount: "1.00", currency: "EUR" },
      at: "2026-03-01T10:00:00Z",
      term_sheet_sha256: "",
      terms_version: "1",
    } as never,
  });

  it.each([
    ["viewer", [], []],
    ["operator", [], []],
    ["underwriter", actions, []],
    ["treasurer", ["withdraw"], ["withdraw", "request_payout"]],
    ["admin", actions, ["withdraw", "request_payout"]],
    ["creator", ["accept", "decline"], []],
  ])("are for the %s only what the server will not refuse", (role, open, booked) => {
    expect([...stepsOf(ready, as(role))]).toEqual(open);
    expect([...stepsOf(accepted, as(role))]).toEqual(booked);
  });
});
