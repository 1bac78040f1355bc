import type { NewCapital } from "@/api/types";
import { decimalsOf, parseAmount } from "@/kit/money";

export interface Capital {
  amount: string;
  currency: string;
  reference: string;
  /** Makes sending it twice one payment. */
  key: string;
}

export function startCapital(): Capital {
  // randomUUID is missing where the console is not served over TLS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { amount: "", currency: "EUR", reference: "", key: `console-capital-${key}` };
}

/** Null while something is missing or wrong. */
export function toCapital(capital: Capital): NewCapital | null {
  const amount = parseAmount(capital.amount, decimalsOf(capital.currency));
  const reference = capital.reference.trim();
  if (amount === null || !/[1-9]/.test(amount) || reference === "") return null;
  return { amount: { amount, currency: capital.currency }, reference };
}
