import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { auth, signing, users } from "@/api/client";
import { keys } from "@/api/keys";
import type { Page, SigningKey, User } from "@/api/types";

/** Users and sessions have no events of their own; a hidden tab does not ask. */
const LOOK_AGAIN = { refetchInterval: 10_000, refetchIntervalInBackground: false };

export function useUsers() {
  return useInfiniteQuery({
    queryKey: keys.users.lists,
    queryFn: ({ pageParam, signal }) => users.list(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.next : null),
    ...LOOK_AGAIN,
  });
}

/** The loaded users, each once: a page may repeat what moved while it was fetched. */
export function useLoaded(list: ReturnType<typeof useUsers>): User[] {
  return useMemo(() => {
    const all = list.data?.pages.flatMap((page) => page.data) ?? [];
    return [...new Map(all.map((user) => [user.id, user])).values()];
  }, [list.data]);
}

export const useUserSessions = (id: string) =>
  useQuery({
    queryKey: keys.users.sessions(id),
    queryFn: () => users.sessions(id),
    ...LOOK_AGAIN,
    staleTime: 0,
  });

export const useOwnSessions = () =>
  useQuery({ queryKey: keys.users.own, queryFn: auth.sessions, ...LOOK_AGAIN, staleTime: 0 });

export const useSigningKeys = () =>
  useQuery({ queryKey: keys.signing, queryFn: signing.list, ...LOOK_AGAIN });

function put(client: QueryClient, user: User): void {
  client.setQueryData<InfiniteData<Page<User>>>(
    keys.users.lists,
    (now) =>
      now && {
        ...now,
        pages: now.pages.map((page) => ({
          ...page,
          data: page.data.map((each) => (each.id === user.id ? user : each)),
        })),
      },
  );
}

/** Shows a user as a step has left him; his sessions are asked for again. */
export function useChanged(): (user: User) => Promise<void> {
  const client = useQueryClient();
  return async (user) => {
    put(client, user);
    await client.invalidateQueries({ queryKey: keys.users.sessions(user.id) });
  };
}

export function useShowKeys(): (answer: { data: SigningKey[] }) => void {
  const client = useQueryClient();
  return (answer) => client.setQueryData(keys.signing, answer);
}
