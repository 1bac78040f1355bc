import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { policy, type DecisionQuery } from "@/api/client";
import { keys } from "@/api/keys";

/** Decisions have no events of their own; a hidden tab does not ask. */
const LOOK_AGAIN = { refetchInterval: 5_000, refetchIntervalInBackground: false };

export function useDecisions(query: DecisionQuery) {
  return useInfiniteQuery({
    queryKey: keys.policy.decisions(query),
    queryFn: ({ pageParam, signal }) => policy.decisions(query, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.next : null),
    ...LOOK_AGAIN,
  });
}

/** The loaded rows, each once: a page may repeat what moved while it was fetched. */
export function useRows(list: ReturnType<typeof useDecisions>) {
  return useMemo(() => {
    const all = list.data?.pages.flatMap((page) => page.data) ?? [];
    return [...new Map(all.map((row) => [row.id, row])).values()];
  }, [list.data]);
}

export const usePolicyState = () =>
  useQuery({ queryKey: keys.policy.state, queryFn: policy.state, ...LOOK_AGAIN });
