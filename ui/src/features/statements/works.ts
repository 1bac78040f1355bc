/** The works of several statements as one list to choose from. Pure. */
import { hasWords } from "@/api/find";
import type { Work } from "@/api/types";
import { sumAmounts } from "@/kit/money";

/** What the server takes in one offer. */
export const MOST_WORKS = 5_000;

export type WorkLine = Work;

/** Works are told apart by title, as the server tells them apart. The largest comes first. */
export function mergeWorks(statements: Work[][]): WorkLine[] {
  const found = new Map<string, WorkLine>();
  for (const work of statements.flat()) {
    const known = found.get(work.title);
    found.set(work.title, known ? together(known, work) : work);
  }
  const lines = [...found.values()];
  const whole = sumAmounts(lines.map((each) => each.total));
  return lines
    .map((each) => ({ ...each, share_bp: shareOf(each.total, whole) }))
    .sort((a, b) => compareAmounts(b.total, a.total) || a.title.localeCompare(b.title));
}

function together(one: WorkLine, other: WorkLine): WorkLine {
  return {
    title: one.title,
    isrc: one.isrc || other.isrc,
    total: sumAmounts([one.total, other.total]),
    share_bp: 0,
    units: one.units + other.units,
    rows: one.rows + other.rows,
    months: Math.max(one.months, other.months),
    from: one.from < other.from ? one.from : other.from,
    to: one.to > other.to ? one.to : other.to,
  };
}

export function compareAmounts(a: string, b: string): number {
  const difference = sumAmounts([a, b.startsWith("-") ? b.slice(1) : `-${b}`]);
  return difference.startsWith("-") ? -1 : /[1-9]/.test(difference) ? 1 : 0;
}

/** Of a whole that is not positive, nothing is a share. Shown only: a float is exact enough. */
export function shareOf(part: string, whole: string): number {
  const all = Number(whole);
  return all > 0 ? Math.round((Number(part) / all) * 10_000) : 0;
}

export function searchWorks(works: WorkLine[], text: string): WorkLine[] {
  return text.trim() ? works.filter((each) => hasWords(`${each.title} ${each.isrc}`, text)) : works;
}

export function sortWorks(works: WorkLine[], sort: string): WorkLine[] {
  const order: Record<string, (a: WorkLine, b: WorkLine) => number> = {
    "-total": (a, b) => compareAmounts(b.total, a.total),
    total: (a, b) => compareAmounts(a.total, b.total),
    title: (a, b) => a.title.localeCompare(b.title),
    "-rows": (a, b) => b.rows - a.rows,
    rows: (a, b) => a.rows - b.rows,
  };
  const by = order[sort];
  return by ? works.toSorted(by) : works;
}

export interface Choice {
  chosen: number;
  all: number;
  total: string;
  share_bp: number;
}

export function choiceOf(works: WorkLine[], left: ReadonlySet<string>): Choice {
  const chosen = works.filter((each) => !left.has(each.title));
  const total = sumAmounts(chosen.map((each) => each.total));
  const whole = sumAmounts(works.map((each) => each.total));
  return {
    chosen: chosen.length,
    all: works.length,
    total,
    share_bp: chosen.length === works.length ? 10_000 : shareOf(total, whole),
  };
}

/** What goes into the offer: nothing while all are chosen, so that new works belong to it, too. */
export function scopeOf(works: WorkLine[], left: ReadonlySet<string>): string[] | null {
  const chosen = works.filter((each) => !left.has(each.title));
  return chosen.length === works.length ? null : chosen.map((each) => each.title);
}

/** Why the choice cannot be offered. */
export function checkChoice({ chosen, all }: Choice): string | null {
  if (chosen === 0) return "Choose at least one work.";
  if (chosen < all && chosen > MOST_WORKS) return "Choose all works, or at most 5,000.";
  return null;
}
