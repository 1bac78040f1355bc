/**
 * What somebody may do, in the words of the server's policy (`offers.accept`). The server is who
 * decides; this is asked so that nobody fills in a form only to be refused afterwards.
 */
import { useQuery } from "@tanstack/react-query";
import { meQuery } from "./me";
import type { Me, Offer } from "./types";

const READERS = [
  "offers.read",
  "offers.timeline",
  "valuations.read",
  "creators.read",
  "statements.read",
  "payouts.read",
  "ledger.read",
  "events.read",
];
const WATCHERS = ["policy.read", "decisions.read"];
const TRADE = ["offers", "valuations", "creators", "statements", "payouts", "ledger", "events"];
const all = (kinds: string[]) => kinds.map((kind) => `${kind}.*`);

/**
 * For a server that does not tell `actions` in `/auth/me`: the policy that it is delivered with.
 * A test reads that policy and fails when this says something else.
 */
export const GRANTS: Record<string, string[]> = {
  admin: all([...TRADE, "bank", "users", "keys", "policy", "decisions", "auth"]),
  service: all([...TRADE, "auth"]),
  underwriter: [
    ...READERS,
    "creators.write",
    "creators.open_as",
    "statements.write",
    "offers.create",
    "offers.value",
    "offers.reprice",
    "offers.set_amount",
    "offers.accept",
    "offers.decline",
    "offers.withdraw",
  ],
  treasurer: [
    ...READERS,
    "offers.withdraw",
    "offers.withdraw_accepted",
    "payouts.request",
    "payouts.capital",
    "payouts.confirm",
    "ledger.write",
    "creators.recipient",
  ],
  operator: [...READERS, ...WATCHERS],
  risk_officer: [...READERS, ...WATCHERS],
  viewer: READERS,
  creator: [
    "offers.read",
    "offers.reprice",
    "offers.accept",
    "offers.decline",
    "creators.read",
    "creators.recipient",
    "statements.read",
    "events.read",
  ],
};

/** Newer servers tell it; the contract of this one has roles only. */
type Told = Me & { actions?: string[] };

export function allows(me: Me | null | undefined, action: string): boolean {
  if (!me) return false;
  const { actions, roles } = me as Told;
  const granted = actions ?? roles.flatMap((role) => GRANTS[role] ?? []);
  return granted.some(
    (each) => each === action || (each.endsWith(".*") && action.startsWith(each.slice(0, -1))),
  );
}

/** What the policy asks about a step of an offer. */
function asked(step: string, offer: Offer): string[] {
  switch (step) {
    case "request_payout":
      return ["payouts.request"];
    case "set_offered_amount":
      return ["offers.set_amount"];
    case "withdraw":
      // What is booked already is the treasurer's to take back.
      return offer.acceptance
        ? ["offers.withdraw", "offers.withdraw_accepted"]
        : ["offers.withdraw"];
    default:
      return [`offers.${step}`];
  }
}

/** The steps that the offer is ready for and that this person may take. */
export function stepsOf(offer: Offer, me: Me | null | undefined): Set<string> {
  return new Set(
    offer.actions.filter((step) => asked(step, offer).every((action) => allows(me, action))),
  );
}

function useKnownMe(): Me | null {
  return useQuery(meQuery).data ?? null;
}

export const useMay = (action: string): boolean => allows(useKnownMe(), action);

export const useSteps = (offer: Offer): Set<string> => stepsOf(offer, useKnownMe());
