/** The event stream: one connection per browser tab, its state visible to everybody. */
import { EventSource } from "eventsource";
import { API, refreshSession } from "./http";
import { asSeated } from "./seat";
import type { DealEvent } from "./types";

export type LiveState = "off" | "connecting" | "live" | "reconnecting";

const TYPES = [
  "OFFER_CREATED",
  "OFFER_VALUATED",
  "OFFER_ACCEPTED",
  "OFFER_PAYOUT_REQUESTED",
  "OFFER_PAYOUT_COMPLETED",
  "OFFER_RECEIPT_GENERATED",
  "OFFER_STATUS_CHANGED",
];
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 15_000;

export interface LiveHandlers {
  onEvent: (event: DealEvent) => void;
  /** Something may have been missed: everything on the screen is asked for again. */
  onReset: () => void;
}

let state: LiveState = "off";
const listeners = new Set<() => void>();

export const liveState = {
  get: () => state,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function setState(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}

export function connectLive(handlers: LiveHandlers): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;
  let stopped = false;

  const open = (again: boolean) => {
    let fresh = true;
    setState(again ? "reconnecting" : "connecting");
    // The browser's own cannot send the token of a tab that speaks for somebody else.
    source = new EventSource(`${window.location.origin}${API}/offers/events/deals`, {
      fetch: (address, init) => fetch(address, { ...init, ...asSeated(init.headers) }),
    });
    source.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      setState("live");
      // What happened between the first answers and this moment was in neither; a source that
      // reconnects by itself says where it was, a new one does not.
      if (fresh) handlers.onReset();
      fresh = false;
    };
    source.onerror = () => {
      setState("reconnecting");
      if (source?.readyState === EventSource.CLOSED) retryLater();
    };
    source.addEventListener("reset", handlers.onReset);
    for (const type of TYPES) {
      source.addEventListener(type, (message: MessageEvent<string>) =>
        handlers.onEvent(JSON.parse(message.data) as DealEvent),
      );
    }
  };

  // The browser gives up when the answer is no stream (a 401 after the night, a 502 in a restart).
  const retryLater = () => {
    source?.close();
    timer = setTimeout(() => {
      void refreshSession().finally(() => {
        if (!stopped) open(true);
      });
    }, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  // A network that is gone breaks a stream minutes later; the browser knows at once.
  const onOffline = () => {
    clearTimeout(timer);
    source?.close();
    setState("reconnecting");
  };
  const onOnline = () => {
    clearTimeout(timer);
    source?.close();
    open(true);
  };
  window.addEventListener("offline", onOffline);
  window.addEventListener("online", onOnline);

  open(false);
  return () => {
    stopped = true;
    window.removeEventListener("offline", onOffline);
    window.removeEventListener("online", onOnline);
    clearTimeout(timer);
    source?.close();
    setState("off");
  };
}
