export interface UsersSearch {
  view?: "keys";
  text?: string;
  user?: string;
}

export function parseUsersSearch(raw: Record<string, unknown>): UsersSearch {
  const search: UsersSearch = {};
  if (raw.view === "keys") search.view = "keys";
  for (const key of ["text", "user"] as const) {
    const value = raw[key];
    if (typeof value === "string" && value.trim()) search[key] = value.trim();
  }
  return search;
}
