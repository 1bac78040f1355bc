/** Which rows changed a moment ago: the table paints them, nobody else has to know. */
const FLASH_MS = 2_000;
const until = new Map<string, number>();
const listeners = new Set<() => void>();
let version = 0;

function notify(): void {
  version += 1;
  for (const listener of listeners) listener();
}

export const flash = {
  mark(id: string, now = Date.now()): void {
    until.set(id, now + FLASH_MS);
    notify();
    setTimeout(() => {
      if ((until.get(id) ?? 0) <= Date.now()) {
        until.delete(id);
        notify();
      }
    }, FLASH_MS + 20);
  },
  has: (id: string, now = Date.now()) => (until.get(id) ?? 0) > now,
  version: () => version,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
