import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { auth } from "@/api/client";
import { ApiError } from "@/api/http";
import { keys } from "@/api/keys";
import { meQuery } from "@/api/me";
import type { Demo, Issuer, Me } from "@/api/types";

/** 404 is an answer here: this house is no demo. */
export const demoQuery = queryOptions({
  queryKey: keys.demo,
  staleTime: Infinity,
  retry: false,
  queryFn: async (): Promise<Demo | null> => {
    try {
      const demo = await auth.demo();
      return demo.enabled ? demo : null;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
});

/** Without an answer there is still the house's own login. */
export const issuersQuery = queryOptions({
  queryKey: keys.issuers,
  staleTime: Infinity,
  retry: false,
  queryFn: async (): Promise<Issuer[]> => auth.issuers().catch(() => []),
});

export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery);
  if (!data) throw new Error("useMe is for pages behind the login");
  return data;
}

/** A creator's login sees his own deals and nothing of the house. */
export const isCreator = (me: Me) => me.roles.includes("creator");

export const useDemo = () => useQuery(demoQuery).data ?? null;

export const useIssuers = () => useQuery(issuersQuery).data ?? [];
