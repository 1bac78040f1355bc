import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { statements } from "@/api/client";
import { keys } from "@/api/keys";
import type { Statement } from "@/api/types";
import { type Asked, askedBy, withYes, type Yes } from "./confirmations";

/** Confirms statements one by one and keeps what was asked for and said yes to. */
export function useConfirm(
  creatorId: string,
  all: Statement[],
  onUpdate: (statement: Statement) => void,
  onConfirmed: (statements: Statement[]) => void,
) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>({});
  const [yes, setYes] = useState<Yes>({});

  async function confirmOne(statement: Statement): Promise<Statement> {
    try {
      const done = await statements.confirm(statement.id, [...(yes[statement.id] ?? [])]);
      onUpdate(done);
      return done;
    } catch (error) {
      const more = askedBy(error);
      if (more) {
        setAsked((now) => {
          const before = now[statement.id] ?? [];
          const fresh = more.filter((each) => !before.some((one) => one.key === each.key));
          return { ...now, [statement.id]: [...before, ...fresh] };
        });
      }
      throw error;
    }
  }

  const confirm = useMutation({
    mutationFn: async () => {
      const confirmed: Statement[] = [];
      // One after the other: the second may hold what the first one has just added.
      for (const each of all) {
        confirmed.push(each.status === "ready" ? await confirmOne(each) : each);
      }
      await client.invalidateQueries({ queryKey: keys.statements.list(creatorId) });
      return confirmed;
    },
    onSuccess: onConfirmed,
  });
  const say = (statement: string, key: string, given: boolean) =>
    setYes((now) => withYes(now, statement, key, given));
  return { confirm, asked, yes, say };
}
