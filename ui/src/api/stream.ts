/** One connection to the event stream of the server, kept up until it is not wanted any more. */
import { EventSource } from "eventsource";
import { API, endSession, renewSession } from "./http";
import { asSeated } from "./seat";
import type { DealEvent } from "./types";

export type StreamState = "connecting" | "live" | "reconnecting";

export interface Handlers {
  onEvent: (event: DealEvent) => void;
  onReset: () => void;
  onState: (state: StreamState) => void;
}

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

export function listen(until: AbortSignal, handlers: Handlers): void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;

  const open = (again: boolean) => {
    let fresh = true;
    handlers.onState(again ? "reconnecting" : "connecting");
    // The browser's own cannot send the token of a tab that speaks for somebody else.
    source = new EventSource(`${window.location.origin}${API}/offers/events/deals`, {
      fetch: (address, init) => fetch(address, { ...init, ...asSeated(init.headers) }),
    });
    source.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      handlers.onState("live");
      // What happened between the first answers and this moment was in neither; a source that
      // reconnects by itself says where it was, a new one does not.
      if (fresh) handlers.onReset();
      fresh = false;
    };
    source.onerror = () => {
      handlers.onState("reconnecting");
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
      void renewSession().then((renewal) => {
        if (renewal === "ended") endSession();
        if (!until.aborted) open(true);
      });
    }, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  // A network that is gone breaks a stream minutes later; the browser knows at once.
  const onOffline = () => {
    clearTimeout(timer);
    source?.close();
    handlers.onState("reconnecting");
  };
  const onOnline = () => {
    clearTimeout(timer);
    source?.close();
    open(true);
  };
  window.addEventListener("offline", onOffline);
  window.addEventListener("online", onOnline);
  until.addEventListener("abort", () => {
    window.removeEventListener("offline", onOffline);
    window.removeEventListener("online", onOnline);
    clearTimeout(timer);
    source?.close();
  });
  open(false);
}
