import { queryOptions } from "@tanstack/react-query";
import { auth } from "./client";
import { ApiError } from "./http";
import { keys } from "./keys";
import type { Me } from "./types";

/** Who is logged in; nobody is an answer, too. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  staleTime: Infinity,
  retry: false,
  queryFn: async (): Promise<Me | null> => {
    try {
      return await auth.me();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});
