import { describe, expect, it } from "vitest";
import type { Transfer } from "@/api/types";
import { foldHolds, holdWords } from "./holds";

const row = (given: Partial<Transfer>) =>
  ({
    id: "t",
    kind: "single",
    state: "posted",
    type: "payout",
    pending_id: null,
    ...given,
  }) as Transfer;

describe("a hold and its end", () => {
  const hold = row({ id: "h", kind: "pending", state: "posted" });
  const post = row({ id: "p", kind: "post", pending_id: "h" as Transfer["pending_id"] });

  it("are one line", () => {
    expect(foldHolds([post, hold]).map((each) => each.id)).toEqual(["p"]);
    expect(holdWords(post)).toBe("Held → Paid");
    expect(holdWords(row({ kind: "void", state: "voided" }))).toBe("Held → Released");
  });
  it("stay two when the end is not in the list", () => {
    expect(foldHolds([hold]).map((each) => each.id)).toEqual(["h"]);
    expect(holdWords(hold)).toBe("Held, ended later");
    expect(holdWords(row({ kind: "pending", state: "pending" }))).toBeUndefined();
    expect(holdWords(row({}))).toBeUndefined();
  });
});
