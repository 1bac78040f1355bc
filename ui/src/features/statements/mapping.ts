/** Which column means what, for a file whose layout nobody has seen before. */
import type { Mapping, StatementLayout } from "@/api/types";

export type ColumnField = "month" | "amount" | "title" | "store" | "country" | "units" | "isrc";

export const FIELDS: { name: ColumnField; label: string; required: boolean }[] = [
  { name: "month", label: "Month or date", required: true },
  { name: "amount", label: "Amount earned", required: true },
  { name: "title", label: "Title of the work", required: false },
  { name: "isrc", label: "ISRC", required: false },
  { name: "store", label: "Store", required: false },
  { name: "country", label: "Country", required: false },
  { name: "units", label: "Units", required: false },
];

/** A mapping in the making: every answer is there, "none" is null. */
export type Draft = Required<Mapping>;

/** What the server suggests, without columns that the file does not have. */
export function startMapping({ header, suggested: given }: StatementLayout): Draft {
  const column = (name: string | null | undefined) => (name && header.includes(name) ? name : null);
  return {
    month: column(given.month) ?? "",
    amount: column(given.amount) ?? "",
    title: column(given.title),
    store: column(given.store),
    country: column(given.country),
    units: column(given.units),
    isrc: column(given.isrc),
    currency_column: column(given.currency_column),
    currency: given.currency ?? null,
    decimal: given.decimal ?? "point",
    date_order: given.date_order ?? "ymd",
  };
}

export type MappingErrors = Partial<Record<"month" | "amount" | "currency", string>>;

export function checkMapping(mapping: Draft): MappingErrors {
  const errors: MappingErrors = {};
  if (!mapping.month) errors.month = "Choose the column with the month or the date.";
  if (!mapping.amount) errors.amount = "Choose the column with the amount.";
  if (mapping.month && mapping.month === mapping.amount) {
    errors.amount = "Month and amount cannot be the same column.";
  }
  if (!mapping.currency_column && !/^[A-Z]{3}$/.test(mapping.currency ?? "")) {
    errors.currency = "The file names no currency: choose it here.";
  }
  return errors;
}

/** A column that is named and a fixed currency exclude each other. */
export function finishMapping(mapping: Draft): Draft {
  return mapping.currency_column ? { ...mapping, currency: null } : mapping;
}
