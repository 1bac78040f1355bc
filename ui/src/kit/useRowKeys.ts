import { useShortcuts } from "./useShortcuts";

interface Options<T> {
  rows: T[];
  rowId: (row: T) => string;
  activeId: string | undefined;
  onOpen: ((row: T) => void) | undefined;
  scrollTo: (index: number) => void;
}

/** j and k walk through the rows; with nothing open, both open the first one. */
export function useRowKeys<T>({ rows, rowId, activeId, onOpen, scrollTo }: Options<T>): void {
  const walk = (step: number) => {
    if (!onOpen || rows.length === 0) return;
    const at = rows.findIndex((row) => rowId(row) === activeId);
    const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
    const row = rows[next];
    if (!row || next === at) return;
    scrollTo(next);
    onOpen(row);
  };
  useShortcuts([
    ["j", () => walk(1)],
    ["k", () => walk(-1)],
  ]);
}
