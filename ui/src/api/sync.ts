/** From the event stream into the query cache. Pages read the cache and never the stream. */
import type { QueryClient } from "@tanstack/react-query";
import { applyOffer, newerOf, type OfferPages } from "./cache";
import { offers, type OfferQuery } from "./client";
import { flash } from "./flash";
import { keys } from "./keys";
import { connectLive } from "./live";
import type { Offer } from "./types";

const GATHER_MS = 120;
const STATS_MS = 1_000;
const LEDGER_MS = 1_500;
/** Above this many changed offers one list call is cheaper than a call for each. */
const MANY = 15;
/** Who somebody is and what house this is do not come by events. */
const LASTING = new Set<unknown>([keys.me[0], keys.demo[0]]);

export function putOffer(client: QueryClient, offer: Offer): void {
  client.setQueryData<Offer>(keys.offers.detail(offer.id), (known) => newerOf(known, offer));
  for (const query of client.getQueryCache().findAll({ queryKey: keys.offers.lists })) {
    const filter = query.queryKey[2] as OfferQuery;
    client.setQueryData<OfferPages>(query.queryKey, (pages) =>
      pages ? applyOffer(pages, offer, filter) : pages,
    );
  }
}

/** What hangs on an offer and is only asked for again while somebody looks at it. */
function refreshParts(client: QueryClient, id: string): void {
  for (const key of [
    keys.offers.timeline(id),
    keys.offers.valuation(id),
    keys.offers.payouts(id),
  ]) {
    void client.invalidateQueries({ queryKey: key });
  }
}

/** The first call waits, further calls within the wait are served by the same run. */
function throttle(ms: number, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      run();
    }, ms);
  };
}

export function startSync(client: QueryClient, who: string): () => void {
  const changed = new Set<string>();
  const refreshStats = throttle(STATS_MS, () => {
    void client.invalidateQueries({ queryKey: keys.offers.stats });
  });
  const refreshLedger = throttle(LEDGER_MS, () => {
    void client.invalidateQueries({ queryKey: keys.ledger.all });
  });
  const flush = throttle(GATHER_MS, () => {
    const ids = [...changed];
    changed.clear();
    if (ids.length > MANY) {
      void client.invalidateQueries({ queryKey: keys.offers.lists });
      void client.invalidateQueries({ queryKey: ["offer"] });
      return;
    }
    for (const id of ids) void fetchAndPut(client, id);
  });

  return connectLive(who, {
    onEvent: (event) => {
      changed.add(event.offer_id);
      flush();
      refreshStats();
      if (event.type !== "OFFER_CREATED" && event.type !== "OFFER_VALUATED") refreshLedger();
    },
    onReset: () =>
      void client.invalidateQueries({ predicate: ({ queryKey }) => !LASTING.has(queryKey[0]) }),
  });
}

async function fetchAndPut(client: QueryClient, id: string): Promise<void> {
  try {
    putOffer(client, await offers.get(id));
    flash.mark(id);
    refreshParts(client, id);
  } catch {
    // A failed read is not lost: the lists are asked for again.
    void client.invalidateQueries({ queryKey: keys.offers.lists });
  }
}
