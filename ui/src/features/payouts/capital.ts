import type { NewCapital } from "@/api/types";
import { onceKey } from "@/kit/once";
import { decimalsOf, parseAmount } from "@/kit/money";

export interface Capital {
  amount: string;
  currency: string;
  reference: string;
  /** Makes sending it twice one payment. */
  key: string;
}

export function startCapital(): Capital {
  return { amount: "", currency: "EUR", reference: "", key: onceKey("capital") };
}

/** Null while something is missing or wrong. */
export function toCapital(capital: Capital): NewCapital | null {
  const amount = parseAmount(capital.amount, decimalsOf(capital.currency));
  const reference = capital.reference.trim();
  if (amount === null || !/[1-9]/.test(amount) || reference === "") return null;
  return { amount: { amount, currency: capital.currency }, reference };
}
