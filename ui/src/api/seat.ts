/**
 * Who this tab speaks for. Usually whoever the browser's cookies say; a tab that was opened as
 * somebody else has tokens of its own, which live and die with the tab.
 */
const PLACE = "kontor_seat";

export interface Seat {
  access_token: string;
  refresh_token: string;
}

export const seat = {
  get(): Seat | null {
    try {
      const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null") as Partial<Seat> | null;
      const { access_token, refresh_token } = kept ?? {};
      return access_token && refresh_token ? { access_token, refresh_token } : null;
    } catch {
      return null;
    }
  },
  take({ access_token, refresh_token }: Seat): void {
    sessionStorage.setItem(PLACE, JSON.stringify({ access_token, refresh_token }));
  },
  leave(): void {
    sessionStorage.removeItem(PLACE);
  },
};

/** Headers and credentials of a request from this tab: its own token, or the browser's cookies. */
export function asSeated(headers: Record<string, string>): {
  headers: Record<string, string>;
  credentials: RequestCredentials;
} {
  const own = seat.get();
  return own
    ? {
        headers: { ...headers, Authorization: `Bearer ${own.access_token}` },
        credentials: "omit",
      }
    : { headers, credentials: "same-origin" };
}
