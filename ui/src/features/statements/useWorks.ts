import { useQueries } from "@tanstack/react-query";
import { statements } from "@/api/client";
import { keys } from "@/api/keys";
import type { Work } from "@/api/types";
import { mergeWorks } from "./works";

async function allWorks(id: string, signal: AbortSignal): Promise<Work[]> {
  const all: Work[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof statements.works>> = await statements.works(
      id,
      cursor,
      signal,
    );
    all.push(...page.data);
    cursor = page.has_more ? page.next : null;
  } while (cursor);
  return all;
}

/** The works of the chosen statements, put together. They never change once a file is read. */
export function useWorks(ids: string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: keys.statements.works(id),
      queryFn: ({ signal }: { signal: AbortSignal }) => allWorks(id, signal),
      staleTime: Infinity,
    })),
    combine,
  });
}

type Results = { data?: Work[]; isPending: boolean; error: unknown; refetch: () => unknown }[];

function combine(results: Results) {
  return {
    isPending: results.some((each) => each.isPending),
    error: results.find((each) => each.error)?.error ?? null,
    list: mergeWorks(results.map((each) => each.data ?? [])),
    retry: () => results.forEach((each) => void each.refetch()),
  };
}
