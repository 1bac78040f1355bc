import type { Account, TrialBalance } from "@/api/types";
import { sumAmounts } from "@/kit/money";

export interface AccountGroup {
  purpose: string;
  asset: string;
  accounts: Account[];
  balance: string;
  pending: string;
}

const ORDER = [
  "house_cash",
  "creator_payable",
  "catalogue_asset",
  "advance_receivable",
  "fees",
  "suspense",
  "equity",
  "exchange",
  "income",
];

/** What is on hold: pending on the side that takes away from the account's normal side. */
export function onHold(account: Account): string {
  return account.normal_side === "debit"
    ? account.credits_pending.amount
    : account.debits_pending.amount;
}

export function groupAccounts(accounts: Account[]): AccountGroup[] {
  const groups = new Map<string, Account[]>();
  for (const account of accounts) {
    const key = `${account.purpose}\n${account.asset}`;
    groups.set(key, [...(groups.get(key) ?? []), account]);
  }
  const result = [...groups.values()].flatMap((members) => {
    const first = members[0];
    if (!first) return [];
    return {
      purpose: first.purpose,
      asset: first.asset,
      accounts: members,
      balance: sumAmounts(members.map((each) => each.balance.amount)),
      pending: sumAmounts(members.map(onHold)),
    };
  });
  return result.sort((a, b) => rank(a.purpose) - rank(b.purpose) || a.asset.localeCompare(b.asset));
}

const rank = (purpose: string) => (ORDER.includes(purpose) ? ORDER.indexOf(purpose) : ORDER.length);

export type TrialLine = TrialBalance["accounts"][number];

export interface TrialGroup {
  purpose: string;
  lines: TrialLine[];
  debits: string;
  credits: string;
}

/** Lines of one currency by purpose, in the order of the balances. */
export function groupTrial(lines: TrialLine[]): TrialGroup[] {
  const groups = new Map<string, TrialLine[]>();
  for (const line of lines) groups.set(line.purpose, [...(groups.get(line.purpose) ?? []), line]);
  return [...groups]
    .map(([purpose, members]) => ({
      purpose,
      lines: members,
      debits: sumAmounts(members.map((each) => each.debits.amount)),
      credits: sumAmounts(members.map((each) => each.credits.amount)),
    }))
    .sort((a, b) => rank(a.purpose) - rank(b.purpose));
}

export interface Cash {
  asset: string;
  balance: string;
  held: string;
  free: string;
  owed: string;
}

/** The four figures a treasurer looks at first, for each currency the house holds. */
export function cashByAsset(groups: AccountGroup[]): Cash[] {
  const find = (purpose: string, asset: string) =>
    groups.find((each) => each.purpose === purpose && each.asset === asset);
  return groups
    .filter((each) => each.purpose === "house_cash")
    .map(({ asset, balance, pending }) => ({
      asset,
      balance,
      held: pending,
      free: sumAmounts([balance, negate(pending)]),
      owed: find("creator_payable", asset)?.balance ?? "0",
    }));
}

const negate = (amount: string) => (amount.startsWith("-") ? amount.slice(1) : `-${amount}`);
