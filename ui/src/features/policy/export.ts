import type { Decision } from "@/api/types";
import { toCsv } from "@/kit/csv";

const HEADER = [
  "at",
  "actor",
  "roles",
  "action",
  "result",
  "scope",
  "engine",
  "micros",
  "revision",
  "input_sha256",
  "request_id",
  "id",
];

export function decisionsCsv(rows: Decision[]): string {
  return toCsv(
    HEADER,
    rows.map((row) => [
      row.at,
      row.actor,
      row.roles.join(" "),
      row.action,
      row.result,
      row.scope,
      row.engine,
      row.micros,
      row.revision,
      row.input_sha256,
      row.request_id,
      row.id,
    ]),
  );
}
