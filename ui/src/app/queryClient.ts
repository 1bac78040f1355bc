import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/http";

const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    // Without a network each call fails with a sentence: waiting for it says nothing to anybody.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      // The event stream keeps the cache fresh; a reset asks for everything again.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => {
        const status = error instanceof ApiError ? error.status : 0;
        return count < RETRIES && (status === 0 || status >= 502);
      },
    },
  },
});
