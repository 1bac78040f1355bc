import type { Account, Money, Offer, Transfer, Valuation } from "../src/api/types";
import { iso, money, months, offers, STORES, TRACKS } from "./house.ts";

export function valuation(offer: Offer): Valuation {
  const history = months(24, Number(offer.price_median?.amount ?? 20000) / 38);
  const ltm = history.slice(11, 23).reduce((sum, each) => sum + Number(each.amount), 0);
  const median = Number(offer.price_median?.amount ?? 0);
  const years = offer.term_years ?? 20;
  const currency = offer.currency;
  const discounts = [900, 1050, 1200, 1350, 1500];
  const decays = [600, 900, 1200, 1500, 1800];
  const shares = [3100, 2200, 1400, 1000, 800, 600, 400, 300, 120, 80];
  return {
    version: 1,
    computed_at: offer.updated_at,
    ltm: money(ltm, currency),
    ltm_from: history[11]?.month ?? "",
    ltm_to: history[22]?.month ?? "",
    ltm_units: Math.round(ltm * 290),
    multiple: (median / ltm).toFixed(2),
    dollar_age_years: "2.4",
    decay_bp: 1200,
    decay_source: "blended",
    decay_note: "23 complete months: fitted 13.1%, blended with the prior of 10%.",
    discount_bp: 1200,
    fee_bp: 800,
    share_bp: offer.share_bp,
    term_years: offer.term_years,
    low: offer.price_low ?? money(0, currency),
    median: offer.price_median ?? money(0, currency),
    high: offer.price_high ?? money(0, currency),
    confidence_bp: offer.valuation_confidence_bp ?? 0,
    confidence_parts: [
      { name: "length", bp: 8200, why: "23 complete months" },
      { name: "stability", bp: 7100, why: "Monthly earnings vary by 18% around the trend" },
      { name: "freshness", bp: 9500, why: "The newest month is 1 month old" },
    ],
    history,
    forecast: Array.from({ length: Math.min(years, 15) }, (_, index) => {
      const base = ltm * Math.exp(-0.12 * (index + 0.5));
      const spread = 0.06 + 0.03 * index;
      return {
        year: index + 1,
        low: (base * (1 - spread)).toFixed(2),
        median: base.toFixed(2),
        high: (base * (1 + spread * 1.2)).toFixed(2),
      };
    }),
    sensitivity: {
      decay_bp: decays,
      discount_bp: discounts,
      median: decays.map((decay) =>
        discounts.map((rate) =>
          (median * (1 - (decay - 1200) / 6000 - (rate - 1200) / 9000)).toFixed(2),
        ),
      ),
    },
    works: TRACKS.map((title, index) => ({
      title,
      isrc: `SEXYZ24000${index}`,
      ltm: ((ltm * (shares[index] ?? 0)) / 10000).toFixed(4),
      share_bp: shares[index] ?? 0,
      value: ((median * (shares[index] ?? 0)) / 10000).toFixed(2),
    })),
    stores: STORES.map((name, index) => ({
      name,
      ltm: (ltm * [0.48, 0.22, 0.14, 0.09, 0.05, 0.02][index]!).toFixed(4),
      share_bp: [4800, 2200, 1400, 900, 500, 200][index]!,
    })),
    countries: ["US", "SE", "DE", "GB", "FR", "NO"].map((code, index) => ({
      code,
      ltm: (ltm * [0.38, 0.2, 0.14, 0.12, 0.1, 0.06][index]!).toFixed(4),
      share_bp: [3800, 2000, 1400, 1200, 1000, 600][index]!,
    })),
    guard_rails: offer.guard_rails.map((rail) => ({
      ...rail,
      setting: "deals.valuation.stream_decline_factor",
      before: (median / 0.8).toFixed(2),
      after: median.toFixed(2),
    })),
    settings: {},
    simulations: 4000,
    seed: "8412771",
  };
}

const ref = (account: Account) => ({ id: account.id, code: account.code, name: account.name });

function account(
  purpose: string,
  name: string,
  code: string,
  debit: number,
  credit: number,
  held = 0,
  debitSide = true,
): Account {
  const m = (value: number): Money => money(value, "EUR");
  const balance = debitSide ? debit - credit : credit - debit;
  return {
    id: `acc-${code}`,
    code,
    name,
    owner: null,
    purpose,
    asset: "EUR",
    debits_posted: m(debit),
    debits_pending: m(debitSide ? 0 : held),
    credits_posted: m(credit),
    credits_pending: m(debitSide ? held : 0),
    balance: m(balance),
    available: m(balance - held),
    normal_side: debitSide ? "debit" : "credit",
    constraint: debitSide ? "credits_not_exceed_debits" : "none",
    created_at: iso(Date.now() - 9e9),
  };
}

const CAPITAL = 5_000_000;

export function ledger(): { accounts: Account[]; transfers: Transfer[] } {
  const signed = offers.filter((each) => each.acceptance);
  const paid = signed.filter((each) => ["PAID_OUT", "CLOSED"].includes(each.status));
  const held = signed.filter(
    (each) => each.status.startsWith("PAYOUT_") && each.status !== "PAYOUT_FAILED",
  );
  const sum = (list: Offer[]) =>
    list.reduce((total, each) => total + Number(each.offered?.amount ?? 0), 0);
  const cash = account(
    "house_cash",
    "House cash, sandbox bank",
    "house_cash:sandbox_bank:EUR",
    CAPITAL,
    sum(paid),
    sum(held),
  );
  const payable = account(
    "creator_payable",
    "Payable to creators",
    "creator_payable:EUR",
    sum(paid),
    sum(signed),
    sum(held),
    false,
  );
  const equity = account("equity", "Equity", "equity:EUR", 0, CAPITAL, 0, false);
  const assets = signed
    .slice(0, 40)
    .map((each) =>
      account(
        "catalogue_asset",
        `${each.number} ${each.title}`,
        `catalogue_asset:${each.number}`,
        Number(each.offered?.amount),
        0,
      ),
    );
  const rest = account(
    "catalogue_asset",
    "Older deals",
    "catalogue_asset:older",
    sum(signed.slice(40)),
    0,
  );
  const transfers = signed.flatMap((each, index): Transfer[] => {
    const asset = assets[index] ?? rest;
    const base = {
      offer_id: each.id,
      at: each.updated_at,
      pending_id: null,
      amount: each.offered ?? money(0, "EUR"),
    };
    const booked: Transfer = {
      ...base,
      id: `t-${each.number}-a`,
      kind: "single",
      state: "posted",
      debit_account: ref(asset),
      credit_account: ref(payable),
      type: "purchase",
      reference: each.number,
      position: 5000 - index * 2,
    };
    if (!paid.includes(each)) return [booked];
    return [
      {
        ...base,
        id: `t-${each.number}-p`,
        kind: "post",
        state: "posted",
        debit_account: ref(payable),
        credit_account: ref(cash),
        type: "payout",
        reference: `SBX-${each.number}`,
        pending_id: `t-${each.number}-h`,
        position: 5001 - index * 2,
      },
      booked,
    ];
  });
  return { accounts: [cash, payable, ...assets, rest, equity], transfers };
}

export function trialBalance() {
  const { accounts } = ledger();
  const rows = accounts.map((each) => ({
    ...each,
    debits: each.debits_posted,
    credits: each.credits_posted,
  }));
  const total = (side: "debits" | "credits") =>
    rows.reduce((sum, each) => sum + Number(each[side].amount), 0);
  return {
    at: iso(Date.now()),
    assets: [
      {
        asset: "EUR",
        debits: money(total("debits"), "EUR"),
        credits: money(total("credits"), "EUR"),
        difference: money(0, "EUR"),
      },
    ],
    accounts: rows,
    sealed_position: 9120,
  };
}

export function trace(figure: string) {
  const data = Array.from({ length: 30 }, (_, index) => ({
    statement_id: "s",
    file_name: "alma.berg-2024-2025.tsv",
    month: `2025-${String((index % 12) + 1).padStart(2, "0")}`,
    work: TRACKS[index % 10]!,
    store: STORES[index % 6]!,
    country: "SE",
    amount: (12.345678 * (index + 1)).toFixed(6),
    units: 400 * (index + 1),
    first_line: 12 + index * 40,
    rows: 38,
  }));
  return { figure, total: "5740.740270", data, has_more: true };
}
