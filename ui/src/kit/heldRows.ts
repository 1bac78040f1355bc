import { useState } from "react";

export interface Held<T> {
  rows: T[];
  /** New rows that wait until somebody asks for them. */
  waiting: number;
}

/**
 * The shown rows in their places while somebody points at them, each as it is now; what came since
 * waits. What was loaded at the end of the list is no news, and nothing moves for it.
 */
export function holdRows<T>(
  shown: T[],
  fresh: T[],
  rowId: (row: T) => string,
  latest: (id: string) => T | undefined = () => undefined,
): Held<T> {
  const byId = new Map(fresh.map((row) => [rowId(row), row]));
  const known = new Set(shown.map(rowId));
  const last = fresh.findLastIndex((row) => known.has(rowId(row)));
  const more = last < 0 ? [] : fresh.slice(last + 1);
  const waiting = fresh
    .slice(0, last < 0 ? fresh.length : last)
    .filter((row) => !known.has(rowId(row)));
  const kept = shown.map((row) => byId.get(rowId(row)) ?? latest(rowId(row)) ?? row);
  return { rows: [...kept, ...more], waiting: waiting.length };
}

const same = <T>(a: T[], b: T[]) => a.length === b.length && a.every((row, at) => row === b[at]);

interface Options<T> {
  rows: T[];
  rowId: (row: T) => string;
  /** While it is the same, it is the same list; another filter or order starts anew. */
  list: string;
  held: boolean;
  latest?: ((id: string) => T | undefined) | undefined;
}

export function useHeldRows<T>({ rows, rowId, list, held, latest }: Options<T>) {
  const [shown, setShown] = useState({ list, rows });
  const keeps = held && shown.list === list;
  const next = keeps ? holdRows(shown.rows, rows, rowId, latest) : { rows, waiting: 0 };
  // The same array while its rows are the same: the table takes another one for other data.
  const stays = shown.list === list && same(shown.rows, next.rows);
  if (!stays) setShown({ list, rows: next.rows });
  const calm = stays ? shown.rows : next.rows;
  return { rows: calm, waiting: next.waiting, release: () => setShown({ list, rows }) };
}
