import { useCallback, useReducer, useRef } from "react";
import { statements } from "@/api/client";
import type { Statement } from "@/api/types";
import { duplicateOf, uploadsReducer } from "./uploads";

let count = 0;

export function useUploads(creatorId: string) {
  const [list, change] = useReducer(uploadsReducer, []);
  const cancels = useRef(new Map<string, () => void>());

  const add = useCallback(
    (files: File[]) => {
      for (const file of files) {
        count += 1;
        const key = `upload-${count}`;
        change({ type: "add", key, name: file.name, size: file.size });
        const { done, cancel } = statements.upload(creatorId, file, (fraction) =>
          change({ type: "progress", key, fraction }),
        );
        cancels.current.set(key, cancel);
        void settle(key, done);
      }
      async function settle(key: string, done: Promise<Statement>) {
        try {
          change({ type: "done", key, statement: await done, known: false });
        } catch (error) {
          const known = duplicateOf(error);
          const found = known ? await statements.get(known).catch(() => null) : null;
          if (found) change({ type: "done", key, statement: found, known: true });
          else change({ type: "refused", key, error });
        }
      }
    },
    [creatorId],
  );

  const remove = useCallback((key: string) => {
    cancels.current.get(key)?.();
    change({ type: "remove", key });
  }, []);
  const update = useCallback((statement: Statement) => change({ type: "update", statement }), []);

  return { list, add, remove, update };
}
