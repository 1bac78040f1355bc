import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, call, parseError, readCookie, setSessionLostHandler, withQuery } from "./http";

type Reply = [status: number, body: unknown];
const calls: { path: string; init: RequestInit }[] = [];

function serve(replies: Record<string, Reply[]>): void {
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    calls.push({ path, init });
    const [status, body] = replies[path]?.shift() ?? [404, {}];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
}

beforeEach(() => {
  calls.length = 0;
  document.cookie = "kontor_csrf=token%3D1";
});
afterEach(() => {
  vi.unstubAllGlobals();
  setSessionLostHandler(() => undefined);
});

describe("call", () => {
  it("sends the CSRF token with unsafe methods only", async () => {
    serve({
      "/api/v1/x": [
        [200, {}],
        [200, {}],
      ],
    });
    await call("GET", "/x");
    await call("POST", "/x", { body: {} });
    expect(calls[0]?.init.headers).not.toHaveProperty("X-CSRF-Token");
    expect(calls[1]?.init.headers).toHaveProperty("X-CSRF-Token", "token=1");
  });

  it("refreshes once for many calls that meet a 401 together", async () => {
    serve({
      "/api/v1/a": [
        [401, {}],
        [200, { ok: 1 }],
      ],
      "/api/v1/b": [
        [401, {}],
        [200, { ok: 2 }],
      ],
      "/api/v1/auth/refresh": [[200, {}]],
    });
    const answers = await Promise.all([call("GET", "/a"), call("GET", "/b")]);
    expect(answers).toEqual([{ ok: 1 }, { ok: 2 }]);
    expect(calls.filter(({ path }) => path.endsWith("/refresh"))).toHaveLength(1);
  });

  it("takes a wrong password inside a session for no more than that", async () => {
    const lost = vi.fn();
    setSessionLostHandler(lost);
    serve({ "/api/v1/auth/password": [[401, { error: { code: "invalid_credentials" } }]] });
    await expect(call("POST", "/auth/password", { body: {} })).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    expect(calls).toHaveLength(1);
    expect(lost).not.toHaveBeenCalled();
  });

  it("does not take a server in a restart for the end of the session", async () => {
    const lost = vi.fn();
    setSessionLostHandler(lost);
    serve({ "/api/v1/a": [[401, {}]], "/api/v1/auth/refresh": [[502, {}]] });
    await expect(call("GET", "/a")).rejects.toMatchObject({ status: 401 });
    expect(lost).not.toHaveBeenCalled();
  });

  it("says that the session is over when the refresh fails", async () => {
    const lost = vi.fn();
    setSessionLostHandler(lost);
    serve({
      "/api/v1/a": [[401, { error: { code: "unauthenticated", message: "Log in." } }]],
      "/api/v1/auth/refresh": [[401, {}]],
    });
    await expect(call("GET", "/a")).rejects.toMatchObject({ status: 401, code: "unauthenticated" });
    expect(lost).toHaveBeenCalledOnce();
  });

  it("makes one kind of error of a dead network", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    await expect(call("GET", "/a")).rejects.toBeInstanceOf(ApiError);
  });
});

describe("parseError", () => {
  it("reads the error body of the house", () => {
    const body = { error: { code: "c", message: "m", details: { field: "f" }, request_id: "r" } };
    expect(parseError(422, JSON.stringify(body), null)).toMatchObject({
      status: 422,
      code: "c",
      message: "m",
      details: { field: "f" },
      requestId: "r",
    });
  });
  it("survives an answer that is no JSON", () => {
    const error = parseError(502, "<html>", "req-1");
    expect(error.code).toBe("unknown");
    expect(error.requestId).toBe("req-1");
  });
});

describe("small parts", () => {
  it("finds a cookie by its whole name", () => {
    expect(readCookie("b", "ab=1; b=2%20x; c=3")).toBe("2 x");
    expect(readCookie("z", "a=1")).toBeNull();
  });
  it("leaves empty parameters out", () => {
    expect(withQuery("/x", { a: 1, b: "", c: null, d: undefined, e: "f g" })).toBe("/x?a=1&e=f+g");
  });
});
