import { useRef } from "react";

/** A new idempotency key; `what` tells it apart in a log. */
export function onceKey(what: string): string {
  // randomUUID is missing where the console is not served over TLS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `console-${what}-${key}`;
}

/**
 * Keys for one kind of request: the same content sent again after an answer that was lost is the
 * same request. Once it is done, the next one is another, whatever is in it.
 */
export function onceSender(what: string) {
  let last: { content: string; key: string } | null = null;
  return async <T>(content: unknown, send: (key: string) => Promise<T>): Promise<T> => {
    const text = JSON.stringify(content);
    if (last?.content !== text) last = { content: text, key: onceKey(what) };
    const done = await send(last.key);
    last = null;
    return done;
  };
}

export function useOnce(what: string): ReturnType<typeof onceSender> {
  const sender = useRef<ReturnType<typeof onceSender>>(null);
  return (content, send) => (sender.current ??= onceSender(what))(content, send);
}
