import type { Money } from "@/api/types";

/** Decimal text to grouped text, without ever becoming a float: amounts stay exact. */
export function formatAmount(amount: string, decimals?: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount.trim());
  if (!match) return amount;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const kept = decimals === undefined ? fraction : fraction.padEnd(decimals, "0");
  const [units, rest] = decimals === undefined ? [whole, kept] : round(whole, kept, decimals);
  const grouped = units.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",");
  const isZero = /^0*$/.test(units + rest);
  return `${isZero ? "" : sign.replace("-", "\u2212")}${grouped}${rest ? `.${rest}` : ""}`;
}

function round(whole: string, fraction: string, decimals: number): [string, string] {
  if (fraction.length <= decimals) return [whole, fraction];
  const digits = BigInt(whole + fraction.slice(0, decimals));
  const up = (fraction[decimals] ?? "0") >= "5" ? 1n : 0n;
  const text = (digits + up).toString().padStart(decimals + 1, "0");
  return decimals === 0
    ? [text, ""]
    : [text.slice(0, text.length - decimals), text.slice(text.length - decimals)];
}

const ZERO_DECIMALS = new Set(["JPY", "KRW", "ISK", "CLP"]);

export function decimalsOf(currency: string): number {
  return ZERO_DECIMALS.has(currency) ? 0 : 2;
}

/** "EUR 12,400.00" */
export function formatMoney(money: Money): string {
  return `${money.currency} ${formatAmount(money.amount, decimalsOf(money.currency))}`;
}

/** "1.2M", "340k": for headlines and axes only, where the exact figure is one click away. */
export function formatShort(value: number): string {
  const abs = Math.abs(value);
  const steps: [number, string][] = [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  for (const [size, suffix] of steps) {
    if (abs >= size) return `${trim((value / size).toFixed(abs >= size * 100 ? 0 : 1))}${suffix}`;
  }
  return abs > 0 && abs < 10 ? trim(value.toFixed(2)) : trim(value.toFixed(0));
}

const trim = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** What a person types: "12 400,50", "12,400.50", "12400.5" -> "12400.50"; null if it is no amount. */
export function parseAmount(input: string, decimals = 2): string | null {
  let text = input.replace(/[\s\u00a0\u202f']/g, "");
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma >= 0 && point >= 0) {
    text = comma > point ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", "");
  } else if (comma >= 0) {
    const grouped = /^\d{1,3}(,\d{3})+$/.test(text);
    text = grouped ? text.replaceAll(",", "") : text.replace(",", ".");
  }
  const match = /^(\d{1,15})(?:\.(\d*))?$/.exec(text);
  if (!match) return null;
  const [, whole = "0", fraction = ""] = match;
  if (fraction.length > decimals) return null;
  const units = whole.replace(/^0+(?=\d)/, "");
  return decimals === 0 ? units : `${units}.${fraction.padEnd(decimals, "0")}`;
}

/** Exact sum of decimal texts of any scale. */
export function sumAmounts(amounts: string[]): string {
  const scale = Math.max(0, ...amounts.map((a) => a.split(".")[1]?.length ?? 0));
  const total = amounts.reduce((sum, amount) => {
    const [whole = "0", fraction = ""] = amount.split(".");
    return sum + BigInt(whole + fraction.padEnd(scale, "0"));
  }, 0n);
  if (scale === 0) return total.toString();
  const sign = total < 0n ? "-" : "";
  const text = (total < 0n ? -total : total).toString().padStart(scale + 1, "0");
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

export function formatPercent(basisPoints: number, decimals = 0): string {
  return `${(basisPoints / 100).toFixed(decimals)}%`;
}

export const formatCount = (value: number) => formatAmount(String(Math.round(value)));
