import { beforeEach, describe, expect, it, vi } from "vitest";
import { readLease } from "./lock";
import { refreshedAt, renewTogether } from "./refresh";

beforeEach(() => localStorage.clear());

describe("a refresh that the tabs share", () => {
  it("is not asked for again when another tab was faster", async () => {
    const ask = vi.fn(() => Promise.resolve("renewed" as const));
    const seen = refreshedAt();
    expect(await renewTogether(seen, ask)).toBe("renewed");
    // The request of this tab was sent before the other one had refreshed.
    expect(await renewTogether(seen, ask)).toBe("renewed");
    expect(ask).toHaveBeenCalledOnce();
    // And one that was refused after it is a new matter.
    expect(await renewTogether(refreshedAt(), ask)).toBe("renewed");
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("passes on that the session is over, and remembers nothing", async () => {
    expect(await renewTogether(0, () => Promise.resolve("ended"))).toBe("ended");
    expect(refreshedAt()).toBe(0);
  });
});

describe("a lease in place of a lock", () => {
  it("holds until its time is over, whoever wrote it", () => {
    expect(readLease(JSON.stringify({ holder: "a", until: 10 }), 9)).toMatchObject({ holder: "a" });
    expect(readLease(JSON.stringify({ holder: "a", until: 10 }), 10)).toBeNull();
    expect(readLease("nonsense", 0)).toBeNull();
    expect(readLease(null, 0)).toBeNull();
  });
});
