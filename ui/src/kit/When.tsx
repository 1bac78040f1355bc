import { Tooltip } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { clock, exact, relative } from "./time";

// One clock for all the relative times on a page; a timer per row would be thousands.
const TICK_MS = 15_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function When({ at }: { at: string }) {
  const tick = useSyncExternalStore(subscribe, () => now);
  // What happened after the last tick is "just now" and not in the future.
  const base = Math.max(tick, Math.min(Date.parse(at), tick + TICK_MS));
  return (
    <Tooltip label={exact(at)}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {relative(at, base)}
      </time>
    </Tooltip>
  );
}

/** The time of day, for rows of a log. */
export function Clock({ at }: { at: string }) {
  return (
    <Tooltip label={exact(at)}>
      <time dateTime={at} className="num" style={{ whiteSpace: "nowrap" }}>
        {clock(at)}
      </time>
    </Tooltip>
  );
}
