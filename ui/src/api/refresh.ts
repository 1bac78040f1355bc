/** A refresh token may be used once: the tabs of a browser, which share it, refresh together. */
import { alone } from "./lock";

const DONE_AT = "kontor_refreshed_at";

/** Another tab may hang while it refreshes; this one does not wait for ever. */
const LONGEST_MS = 15_000;

export type Renewal = "renewed" | "ended" | "unreachable";

/** When any tab was given new tokens; 0 before the first time. */
export function refreshedAt(): number {
  try {
    return Number(localStorage.getItem(DONE_AT) ?? 0);
  } catch {
    return 0;
  }
}

function remember(): void {
  try {
    localStorage.setItem(DONE_AT, String(Date.now()));
  } catch {
    // Without storage each tab refreshes for itself.
  }
}

/**
 * `seen` is what `refreshedAt` said when the request was sent that was refused: if another tab has
 * refreshed since, its new tokens are already in the common cookies.
 */
export async function renewTogether(seen: number, ask: () => Promise<Renewal>): Promise<Renewal> {
  let answer: Renewal = "unreachable";
  await alone("kontor-refresh", AbortSignal.timeout(LONGEST_MS), async () => {
    if (refreshedAt() > seen) {
      answer = "renewed";
      return;
    }
    answer = await ask();
    if (answer === "renewed") remember();
  });
  return answer;
}
