/**
 * One holder at a time among the tabs of a browser. The browser's own locks are used where it has
 * them; a page without TLS has none, and there a lease in the common storage stands in for them.
 */
const LEASE_MS = 6_000;
const BEAT_MS = 2_000;
/** How long a writer waits before it believes that nobody wrote after it. */
const SETTLE_MS = 300;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const place = (name: string) => `kontor_lock_${name}`;

interface Lease {
  holder: string;
  until: number;
}

export function readLease(text: string | null, now: number): Lease | null {
  try {
    const kept = JSON.parse(text ?? "null") as Partial<Lease> | null;
    const { holder, until } = kept ?? {};
    return holder && until && until > now ? { holder, until } : null;
  } catch {
    return null;
  }
}

async function leased(name: string, signal: AbortSignal, run: Run): Promise<void> {
  const me = Math.random().toString(36).slice(2);
  const key = place(name);
  const beat = () => {
    const lease: Lease = { holder: me, until: Date.now() + LEASE_MS };
    localStorage.setItem(key, JSON.stringify(lease));
  };
  const holder = () => readLease(localStorage.getItem(key), Date.now())?.holder;
  for (;;) {
    if (signal.aborted) return;
    if (holder() === undefined) {
      beat();
      await wait(SETTLE_MS);
      if (holder() === me) break;
    }
    // Not all at the same moment.
    await wait(BEAT_MS / 20 + (Math.random() * BEAT_MS) / 10);
  }
  const taken = new AbortController();
  const timer = setInterval(() => {
    const now = holder();
    // A tab that slept too long has been replaced.
    if (now !== undefined && now !== me) taken.abort();
    else beat();
  }, BEAT_MS);
  const leave = () => {
    if (holder() === me) localStorage.removeItem(key);
  };
  window.addEventListener("pagehide", leave);
  try {
    await run(AbortSignal.any([signal, taken.signal]));
  } finally {
    clearInterval(timer);
    window.removeEventListener("pagehide", leave);
    leave();
  }
  if (taken.signal.aborted && !signal.aborted) await leased(name, signal, run);
}

/** Its signal ends when the holding is over before `run` is. */
type Run = (until: AbortSignal) => Promise<void>;

/** Waits for its turn and runs; gives up waiting when `signal` ends. */
export async function alone(name: string, signal: AbortSignal, run: Run): Promise<void> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return leased(name, signal, run);
  try {
    await locks.request(name, { signal }, () => run(signal));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
