import {
  replaceEqualDeep,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { keepNewer, newerOf, type OfferPages } from "@/api/cache";
import { offers, type OfferQuery } from "@/api/client";
import { keys } from "@/api/keys";
import { putOffer } from "@/api/sync";
import type { Offer } from "@/api/types";

const PAGE = 100;

export function useOffers(query: OfferQuery) {
  return useInfiniteQuery({
    queryKey: keys.offers.list(query),
    queryFn: ({ pageParam, signal }) =>
      offers.list({ ...query, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.next : null),
    placeholderData: (previous) => previous,
    structuralSharing: (known, next) =>
      replaceEqualDeep(known, keepNewer(known as OfferPages | undefined, next as OfferPages)),
  });
}

export function useStats() {
  return useQuery({
    queryKey: keys.offers.stats,
    queryFn: offers.stats,
  });
}

export function useOffer(id: string) {
  return useQuery({
    queryKey: keys.offers.detail(id),
    queryFn: ({ signal }) => offers.get(id, signal),
    structuralSharing: (known, next) =>
      replaceEqualDeep(known, newerOf(known as Offer | undefined, next as Offer)),
  });
}

export function useTimeline(id: string) {
  return useQuery({ queryKey: keys.offers.timeline(id), queryFn: () => offers.timeline(id) });
}

/** The answer of an action goes into the cache at once; the event follows and changes nothing. */
export function useOfferActions(id: string) {
  const client = useQueryClient();
  const put = (offer: Offer) => {
    putOffer(client, offer);
    void client.invalidateQueries({ queryKey: keys.offers.timeline(id) });
    void client.invalidateQueries({ queryKey: keys.offers.stats });
  };
  return {
    accept: (body: Parameters<typeof offers.accept>[1]) => offers.accept(id, body).then(put),
    decline: (reason: string) => offers.decline(id, reason).then(put),
    withdraw: (reason: string) => offers.withdraw(id, reason).then(put),
    value: () => offers.value(id).then(put),
    setAmount: (...args: [Parameters<typeof offers.setOfferedAmount>[1], string]) =>
      offers.setOfferedAmount(id, ...args).then(put),
    pay: async (key: string) => {
      await offers.requestPayout(id, key);
      await client.invalidateQueries({ queryKey: keys.offers.one(id) });
    },
  };
}
