/** One door to the server: cookies, CSRF header, one silent refresh, one error type. */
import { refreshedAt, renewTogether, type Renewal } from "./refresh";
import { asSeated, seat, type Seat } from "./seat";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly requestId: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export const API = "/api/v1";
const SAFE = new Set(["GET", "HEAD"]);

export function readCookie(name: string, cookies = document.cookie): string | null {
  for (const part of cookies.split(";")) {
    const [key, ...rest] = part.trim().split("=");
    if (key === name) return decodeURIComponent(rest.join("="));
  }
  return null;
}

export function parseError(status: number, text: string, requestId: string | null): ApiError {
  const fallback =
    status === 0
      ? "The server cannot be reached. Nothing was lost: try again when the network is back."
      : `The server answered with status ${status}.`;
  try {
    const body = JSON.parse(text) as { error?: Record<string, unknown> };
    const error = body.error ?? {};
    return new ApiError(
      status,
      typeof error.code === "string" ? error.code : "unknown",
      typeof error.message === "string" ? error.message : fallback,
      (error.details as Record<string, unknown> | undefined) ?? {},
      typeof error.request_id === "string" ? error.request_id : requestId,
    );
  } catch {
    return new ApiError(status, status === 0 ? "unreachable" : "unknown", fallback, {}, requestId);
  }
}

let onSessionLost: () => void = () => undefined;
export function setSessionLostHandler(handler: () => void): void {
  onSessionLost = handler;
}

/** The server does not know this session any more. */
export const endSession = () => onSessionLost();

// Many queries may see the 401 at once; a rotating refresh token may be used once only.
let renewing: Promise<Renewal> | null = null;

/** `seen`: what `refreshedAt` said before the request that was refused. */
export function renewSession(seen = refreshedAt()): Promise<Renewal> {
  const own = seat.get();
  const ask = async (): Promise<Renewal> => {
    try {
      const response = await send(
        "POST",
        "/auth/refresh",
        own ? { refresh_token: own.refresh_token } : {},
      );
      if (own && response.ok) seat.take((await response.json()) as Seat);
      if (response.ok) return "renewed";
      // Anything else (a restart behind a proxy) says nothing about the session.
      return response.status === 401 || response.status === 403 ? "ended" : "unreachable";
    } catch {
      return "unreachable";
    }
  };
  renewing ??= (own ? ask() : renewTogether(seen, ask)).finally(() => {
    renewing = null;
  });
  return renewing;
}

export function unsafeHeaders(extra: Record<string, string> = {}): Record<string, string> {
  const token = readCookie("kontor_csrf");
  return token ? { ...extra, "X-CSRF-Token": token } : extra;
}

function send(
  method: string,
  path: string,
  body?: unknown,
  extra: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...extra };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return fetch(API + path, {
    method,
    ...asSeated(SAFE.has(method) ? headers : unsafeHeaders(headers)),
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: signal ?? null,
  });
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Login and the first "who am I" must not try a refresh that cannot help. */
  refresh?: boolean;
}

/** A wrong password, asked for again inside a session, says nothing about the session. */
const asksWhoOneIs = ({ status }: Response, text: string): boolean =>
  status === 401 && parseError(status, text, null).code !== "invalid_credentials";

export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const attempt = () =>
    send(method, path, options.body, options.headers, options.signal).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
      throw parseError(0, "", null);
    });
  const seen = refreshedAt();
  let response = await attempt();
  let text = await response.text();
  if (asksWhoOneIs(response, text) && options.refresh !== false) {
    const renewal = await renewSession(seen);
    if (renewal === "renewed") {
      response = await attempt();
      text = await response.text();
    }
    if (asksWhoOneIs(response, text) && renewal !== "unreachable") onSessionLost();
  }
  if (!response.ok) {
    throw parseError(response.status, text, response.headers.get("X-Request-ID"));
  }
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

type Query = Record<string, string | number | null | undefined>;

export function withQuery(path: string, query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** A file of the house, for whoever this tab speaks for; opens in a tab of its own. */
export async function openFile(address: string): Promise<void> {
  // Opened before anything is waited for, or the browser takes it for a pop-up.
  const tab = window.open("", "_blank");
  try {
    const response = await fetch(address, asSeated({}));
    if (!response.ok) throw parseError(response.status, await response.text(), null);
    const url = URL.createObjectURL(await response.blob());
    if (tab) tab.location.href = url;
  } catch (error) {
    tab?.close();
    throw error;
  }
}
