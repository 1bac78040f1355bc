export interface LoginSearch {
  to?: string;
  error?: string;
}

/** Only a path of this console: a link must not send anybody elsewhere after the login. */
const isOurs = (path: string) => /^\/(?![/\\])/.test(path);

export function parseLoginSearch(raw: Record<string, unknown>): LoginSearch {
  const search: LoginSearch = {};
  if (typeof raw.to === "string" && isOurs(raw.to)) search.to = raw.to;
  if (typeof raw.error === "string" && /^[a-z_]{1,60}$/.test(raw.error)) search.error = raw.error;
  return search;
}
