/** One Tab stop for a whole table; inside of it the arrow keys walk. */
import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useState } from "react";

interface Options {
  frame: RefObject<HTMLElement | null>;
  /** Ids of the rows, in their order. */
  ids: string[];
  activeId: string | undefined;
}

/** How far the page keys go. */
const PAGE = 10;

const CONTROL = "button, input, a[href]";

/** Where in a row the focus goes: the row itself when it opens something, or else its control. */
export const targetIn = (row: Element): HTMLElement | null =>
  row.matches("[data-opens]") ? (row as HTMLElement) : row.querySelector<HTMLElement>(CONTROL);

export function nextIndex(key: string, at: number, count: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const wanted = steps[key];
  return wanted === undefined ? null : Math.max(0, Math.min(count - 1, wanted));
}

export function useRoving({ frame, ids, activeId }: Options) {
  const [stop, setStop] = useState<string | undefined>(activeId);
  const [asked, setAsked] = useState(0);
  const [was, setWas] = useState(activeId);
  // The row that is open is where Tab leads, and where the focus comes back to.
  if (was !== activeId) {
    setWas(activeId);
    if (activeId) setStop(activeId);
    else setAsked(asked + 1);
  }
  const found = stop === undefined ? -1 : ids.indexOf(stop);
  const at = found < 0 ? 0 : found;

  const focusRow = (index: number) => {
    const id = ids[index];
    if (id === undefined) return;
    setStop(id);
    setAsked((count) => count + 1);
  };
  useEffect(() => {
    if (asked === 0) return;
    const row = frame.current?.querySelector(`[data-row="${at}"]`);
    const { activeElement } = document;
    const free = activeElement === null || activeElement === document.body;
    if (row && (free || frame.current?.contains(activeElement))) {
      targetIn(row)?.focus({ preventScroll: true });
    }
    // Only when it is asked for: rows come and go without anybody's doing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [asked]);

  const heads = () => [
    ...(frame.current?.querySelectorAll<HTMLElement>(`[data-head] :is(${CONTROL})`) ?? []),
  ];
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    if (target.closest("[data-head]")) {
      const all = heads();
      const place = all.indexOf(target);
      if (event.key === "ArrowDown") focusRow(at);
      else if (event.key === "ArrowRight") all[place + 1]?.focus();
      else if (event.key === "ArrowLeft") all[place - 1]?.focus();
      else return;
      event.preventDefault();
      return;
    }
    const row = target.closest("[data-row]");
    if (!row) return;
    const from = Number(row.getAttribute("data-row"));
    const to = nextIndex(event.key, from, ids.length, PAGE);
    if (to === null) return;
    event.preventDefault();
    if (event.key === "ArrowUp" && from === 0) heads()[0]?.focus();
    else focusRow(to);
  };
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const row = event.target.closest("[data-row]");
    const id = row && ids[Number(row.getAttribute("data-row"))];
    if (id) setStop(id);
  };
  return { at, asked, onKeyDown, onFocus };
}
