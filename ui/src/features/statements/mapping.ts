/** Which column means what, and what else only a person can say of a file. */
import type { Mapping, StatementLayout, StatementQuestion, StatementRowKind } from "@/api/types";

export type ColumnField =
  "month" | "month_end" | "year" | "amount" | "title" | "store" | "country" | "units" | "isrc";

export const FIELDS: { name: ColumnField; label: string; required: boolean }[] = [
  { name: "month", label: "Month or date", required: false },
  { name: "amount", label: "Amount earned", required: true },
  { name: "title", label: "Title of the work", required: false },
  { name: "isrc", label: "ISRC", required: false },
  { name: "store", label: "Store", required: false },
  { name: "country", label: "Country", required: false },
  { name: "units", label: "Units", required: false },
  { name: "month_end", label: "Last month, if apart", required: false },
  { name: "year", label: "Year, if apart", required: false },
];

/** A mapping in the making: every answer is there, "none" is null. */
export type Draft = Required<Mapping>;

/** What the server suggests, without columns that the file does not have. */
export function startMapping({ header, suggested: given }: StatementLayout): Draft {
  const column = (name: string | null | undefined) => (name && header.includes(name) ? name : null);
  return {
    month: column(given.month) ?? "",
    month_end: column(given.month_end),
    year: column(given.year),
    period: given.period ?? null,
    amount: column(given.amount) ?? "",
    title: column(given.title),
    store: column(given.store),
    country: column(given.country),
    units: column(given.units),
    isrc: column(given.isrc),
    currency_column: column(given.currency_column),
    currency: given.currency ?? null,
    decimal: given.decimal ?? null,
    date_order: given.date_order ?? null,
    unit: given.unit ?? null,
    rows: given.rows ?? [],
  };
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** The months of the whole file; null while one of them is missing. */
export function periodOf(from: string, to: string): Draft["period"] {
  return MONTH.test(from) && MONTH.test(to) && from <= to ? { from, to } : null;
}

export type MappingErrors = Partial<Record<"month" | "amount" | "currency" | "period", string>>;

export function checkMapping(mapping: Draft): MappingErrors {
  const errors: MappingErrors = {};
  if (!mapping.month && !mapping.period) {
    errors.month = "Choose the column with the month or the date, or say the months of the file.";
  }
  if (mapping.month && mapping.period) {
    errors.period = "A column has the months: leave these empty, or the column.";
  }
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

/** Whether nobody has said yet which column is which. */
export const asksColumns = (questions: StatementQuestion[]): boolean =>
  questions.some((each) => each.code === "columns");

/** Questions with answers to choose from, which are fields of the mapping. */
export const choosable = (questions: StatementQuestion[]): StatementQuestion[] =>
  questions.filter((each) => each.choices.length > 0);

/** Questions that are only read: the form below them answers. */
export const readable = (questions: StatementQuestion[]): StatementQuestion[] =>
  questions.filter(
    (each) => each.choices.length + each.values.length === 0 && each.code !== "columns",
  );

/** Questions about kinds of rows, each of which is answered by itself. */
export const aboutRows = (questions: StatementQuestion[]): StatementQuestion[] =>
  questions.filter((each) => each.values.length > 0);

/** Whether rows of a kind are income; null while nobody has said it. */
export function isIncome(mapping: Draft, kind: StatementRowKind): boolean | null {
  const said = mapping.rows.find((row) => row.column === kind.column && row.value === kind.value);
  return said?.income ?? null;
}

/** The mapping with the answer about a kind of rows in it. */
export function withRows(mapping: Draft, kind: StatementRowKind, income: boolean): Draft {
  const { column, value } = kind;
  const others = mapping.rows.filter((row) => row.column !== column || row.value !== value);
  return { ...mapping, rows: [...others, { column, value, income }] };
}

/** The mapping with a question's answer in it. */
export function answered(mapping: Draft, question: StatementQuestion, value: string): Draft {
  return { ...mapping, [question.field]: value };
}

/** Questions with answers to choose from that the mapping leaves open. */
export function unanswered(mapping: Draft, questions: StatementQuestion[]): StatementQuestion[] {
  const chosen = choosable(questions).filter(
    (each) => !each.choices.some((choice) => mapping[each.field as keyof Draft] === choice.value),
  );
  const rows = aboutRows(questions).filter((each) =>
    each.values.some((kind) => isIncome(mapping, kind) === null),
  );
  return [...chosen, ...rows];
}
