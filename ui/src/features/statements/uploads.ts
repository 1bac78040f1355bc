/** The files of one offer on their way: from dropped to confirmed. Pure; the hook feeds it. */
import { ApiError } from "@/api/http";
import type { Statement } from "@/api/types";

export interface Upload {
  key: string;
  name: string;
  size: number;
  progress: number;
  state: "uploading" | "reading" | "done" | "refused";
  statement: Statement | null;
  /** The same file was uploaded before: the known statement is used. */
  known: boolean;
  reasons: string[];
  requestId: string | null;
}

export type UploadChange =
  | { type: "add"; key: string; name: string; size: number }
  | { type: "progress"; key: string; fraction: number }
  | { type: "done"; key: string; statement: Statement; known: boolean }
  | { type: "refused"; key: string; error: unknown }
  | { type: "remove"; key: string }
  | { type: "update"; statement: Statement };

export function uploadsReducer(list: Upload[], change: UploadChange): Upload[] {
  const patch = (key: string, next: Partial<Upload>) =>
    list.map((each) => (each.key === key ? { ...each, ...next } : each));
  switch (change.type) {
    case "add":
      return [...list, fresh(change)];
    case "progress":
      return patch(change.key, {
        progress: change.fraction,
        // All bytes are there; the server is still reading the rows.
        state: change.fraction >= 1 ? "reading" : "uploading",
      });
    case "done": {
      const twice = list.some(
        (each) => each.key !== change.key && each.statement?.id === change.statement.id,
      );
      if (twice) return list.filter((each) => each.key !== change.key);
      return patch(change.key, {
        state: "done",
        progress: 1,
        statement: change.statement,
        known: change.known,
      });
    }
    case "refused":
      return patch(change.key, { state: "refused", ...explain(change.error) });
    case "remove":
      return list.filter((each) => each.key !== change.key);
    case "update":
      return list.map((each) =>
        each.statement?.id === change.statement.id
          ? { ...each, statement: change.statement }
          : each,
      );
  }
}

function fresh({ key, name, size }: { key: string; name: string; size: number }): Upload {
  return {
    key,
    name,
    size,
    progress: 0,
    state: "uploading",
    statement: null,
    known: false,
    reasons: [],
    requestId: null,
  };
}

function explain(error: unknown): Pick<Upload, "reasons" | "requestId"> {
  if (!(error instanceof ApiError)) return { reasons: [String(error)], requestId: null };
  const listed = error.details.reasons;
  const reasons = Array.isArray(listed) ? listed.map(reasonText) : [];
  return { reasons: [error.message, ...reasons], requestId: error.requestId };
}

function reasonText(reason: unknown): string {
  if (typeof reason === "string") return reason;
  if (reason && typeof reason === "object" && "message" in reason) return String(reason.message);
  return JSON.stringify(reason);
}

export function duplicateOf(error: unknown): string | null {
  if (!(error instanceof ApiError) || error.code !== "statement_duplicate") return null;
  const id = error.details.statement_id;
  return typeof id === "string" ? id : null;
}

export const usable = (list: Upload[]): Statement[] =>
  list.flatMap((each) =>
    each.statement && each.statement.status !== "needs_mapping" ? [each.statement] : [],
  );

export const busy = (list: Upload[]): boolean =>
  list.some(
    (each) =>
      each.state === "uploading" ||
      each.state === "reading" ||
      each.statement?.status === "needs_mapping",
  );
