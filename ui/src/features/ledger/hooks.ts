import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ledger, type TransferQuery } from "@/api/client";
import { keys } from "@/api/keys";
import type { Account } from "@/api/types";

/** All accounts: the totals must be of everything and not of the first page. */
async function allAccounts(): Promise<Account[]> {
  const all: Account[] = [];
  let cursor: string | null = null;
  do {
    const page = await ledger.accounts({ cursor });
    all.push(...page.data);
    cursor = page.has_more ? page.next : null;
  } while (cursor);
  return all;
}

/** Money also moves without a deal (capital, transfers by hand), which no event tells. */
const LOOK_AGAIN = { refetchInterval: 15_000 };

export const useAccounts = () =>
  useQuery({ queryKey: keys.ledger.accounts, queryFn: allAccounts, ...LOOK_AGAIN });

export function useTransfers(query: TransferQuery) {
  return useInfiniteQuery({
    queryKey: keys.ledger.transfers(query),
    queryFn: ({ pageParam }) => ledger.transfers({ ...query, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.next : null),
    ...LOOK_AGAIN,
  });
}

export const useTransfer = (id: string) =>
  useQuery({ queryKey: keys.ledger.transfer(id), queryFn: () => ledger.transfer(id) });

export const useTrialBalance = () =>
  useQuery({ queryKey: keys.ledger.trialBalance, queryFn: ledger.trialBalance, ...LOOK_AGAIN });
