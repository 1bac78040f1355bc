import type { Money, Statement, StatementMonth } from "@/api/types";
import { sumAmounts } from "@/kit/money";

/** A total without a currency (no mapping yet) is no money. */
export function moneyOf({ total }: Statement): Money | null {
  return total?.currency ? { amount: total.amount, currency: total.currency } : null;
}

const moneyIn = (statement: Statement) => moneyOf(statement) ?? [];

export function totalsByCurrency(statements: Statement[]): Money[] {
  const found = new Map<string, string[]>();
  for (const { currency, amount } of statements.flatMap(moneyIn)) {
    found.set(currency, [...(found.get(currency) ?? []), amount]);
  }
  return [...found].map(([currency, amounts]) => ({ currency, amount: sumAmounts(amounts) }));
}

/** The statements whose money is of one currency: amounts of two are never added. */
export const ofCurrency = (statements: Statement[], currency: string | undefined) =>
  statements.filter((each) => moneyOf(each)?.currency === currency);

/** Months of several files of one currency laid on top of each other; open in one file means open. */
export function byMonth(statements: Statement[]): StatementMonth[] {
  const found = new Map<string, StatementMonth>();
  for (const each of statements.flatMap((statement) => statement.months)) {
    const known = found.get(each.month);
    found.set(each.month, {
      month: each.month,
      amount: sumAmounts([known?.amount ?? "0", each.amount]),
      units: (known?.units ?? 0) + each.units,
      rows: (known?.rows ?? 0) + each.rows,
      complete: (known?.complete ?? true) && each.complete,
    });
  }
  return [...found.values()].sort((a, b) => a.month.localeCompare(b.month));
}
