/**
 * The event stream: one connection for all tabs of a browser, because a server without TLS gives a
 * browser six of them, and a stream keeps its own for ever. The leading tab listens and tells the
 * others; when it closes, the next one takes over. A tab that speaks for somebody else (see
 * `seat.ts`) has a stream of its own.
 */
import { alone } from "./lock";
import { listen, type Handlers, type StreamState } from "./stream";
import { seat } from "./seat";
import type { DealEvent } from "./types";

export type LiveState = "off" | StreamState;

export interface LiveHandlers {
  onEvent: (event: DealEvent) => void;
  /** Something may have been missed: everything on the screen is asked for again. */
  onReset: () => void;
}

let state: LiveState = "off";
/** Since when the stream has not been there; 0 while it is. */
let since = 0;
const listeners = new Set<() => void>();

export const liveState = {
  get: () => state,
  brokenSince: () => since,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function setState(next: LiveState): void {
  if (state === next) return;
  state = next;
  if (next !== "reconnecting") since = 0;
  else if (since === 0) since = Date.now();
  for (const listener of listeners) listener();
}

/** What the leading tab says to the others, and what a new one asks. */
export type Word =
  | { kind: "event"; event: DealEvent }
  | { kind: "reset" }
  | { kind: "state"; state: StreamState }
  | { kind: "hello" };

/** `who` is logged in here: tabs of different people do not share. */
export function connectLive(who: string, handlers: LiveHandlers): () => void {
  setState("connecting");
  const over = new AbortController();
  if (seat.get()) {
    listen(over.signal, { ...handlers, onState: setState });
  } else {
    share(`kontor-live-${who}`, over.signal, handlers);
  }
  return () => {
    over.abort();
    setState("off");
  };
}

function share(name: string, over: AbortSignal, handlers: LiveHandlers): void {
  const channel = new BroadcastChannel(name);
  const say = (word: Word) => channel.postMessage(word);
  let leads = false;
  // Until the leading tab is heard for the first time, anything may have been missed.
  let fresh = true;
  const hear = (word: Word) => {
    if (word.kind === "hello") {
      if (leads && state !== "off") say({ kind: "state", state });
    } else if (word.kind === "event") handlers.onEvent(word.event);
    else if (word.kind === "reset") handlers.onReset();
    else {
      setState(word.state);
      if (word.state === "live" && fresh) handlers.onReset();
      if (word.state === "live") fresh = false;
    }
  };
  channel.onmessage = (message: MessageEvent<Word>) => {
    if (!over.aborted) hear(message.data);
  };
  say({ kind: "hello" });
  void alone(name, over, async (until) => {
    leads = true;
    lead(until, handlers, say);
    await new Promise<void>((resolve) => {
      if (until.aborted) resolve();
      until.addEventListener("abort", () => resolve());
    });
    leads = false;
  }).finally(() => channel.close());
}

/** Listens itself, and passes on what it hears. */
function lead(until: AbortSignal, handlers: LiveHandlers, say: (word: Word) => void): void {
  const both: Handlers = {
    onEvent: (event) => {
      say({ kind: "event", event });
      handlers.onEvent(event);
    },
    onReset: () => {
      say({ kind: "reset" });
      handlers.onReset();
    },
    onState: (next) => {
      // After the end nothing is said: the next one speaks.
      if (until.aborted) return;
      say({ kind: "state", state: next });
      setState(next);
    },
  };
  listen(until, both);
}
