//! Property test with an oracle: a second, naive ledger that keeps only the list of applied
//! transfers and recomputes every figure from it after each step.

use std::collections::{BTreeMap, BTreeSet};

use kernel::ids::Uuid;
use kernel::{Asset, Timestamp};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;

/// A stream of transfers, plausible and not, from a seed.
pub(crate) struct Workload {
    rng: ChaCha8Rng,
    accounts: Vec<Account>,
    issued: Vec<Transfer>,
    now: i64,
}

impl Workload {
    pub(crate) fn new(seed: u64) -> Self {
        let eur: Asset = "EUR".parse().unwrap();
        let usd: Asset = "USD".parse().unwrap();
        let rules = [Rule::None, Rule::DebitsNotExceedCredits, Rule::CreditsNotExceedDebits];
        let accounts = (0..12_u32)
            .map(|n| {
                let id = AccountId(Uuid::from_u128(u128::from(n) + 1));
                let asset = if n % 4 == 3 { usd } else { eur };
                let mut a = Account::new(id, &format!("a{n}"), Purpose::Suspense, asset);
                a.rule = rules[n as usize % 3];
                a
            })
            .collect();
        Self { rng: ChaCha8Rng::seed_from_u64(seed), accounts, issued: Vec::new(), now: 0 }
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    pub(crate) fn next_transfer(&mut self) -> Transfer {
        self.now += self.rng.random_range(1..2_000);
        let mut t = self.fresh();
        if !self.issued.is_empty() {
            let at =
                self.rng.random_range(self.issued.len().saturating_sub(400)..self.issued.len());
            let earlier = self.issued[at].clone();
            let reuse: u32 = self.rng.random_range(0..40);
            if reuse == 0 {
                t = earlier.clone();
                t.at = Timestamp(self.now);
            } else if reuse == 1 {
                t.id = earlier.id;
            } else if t.action.resolves().is_some() {
                self.aim_at(&mut t, &earlier);
            }
        }
        self.issued.push(t.clone());
        t
    }

    fn fresh(&mut self) -> Transfer {
        let pick = |rng: &mut ChaCha8Rng, all: &[Account]| all[rng.random_range(0..all.len())].id;
        let nobody = TransferId(Uuid::from_u128(7));
        let action = match self.rng.random_range(0..10_u32) {
            0..=3 => Action::Single,
            4..=6 => Action::Pending {
                expires_at: (self.rng.random_range(0..2_u32) == 0)
                    .then(|| Timestamp(self.now + self.rng.random_range(0..100_000))),
            },
            7 => Action::Post { pending: nobody },
            8 => Action::Void { pending: nobody },
            _ => Action::Expire { pending: nobody },
        };
        let amount = match self.rng.random_range(0..60_u32) {
            0 => 0,
            1 => i64::MAX - 1,
            2 => -5,
            3 => 1_000_000_000_000_000,
            4 => 1_000_000_000_000_001,
            _ => self.rng.random_range(1..1_000),
        };
        let zero = matches!(action, Action::Void { .. } | Action::Expire { .. });
        Transfer {
            id: TransferId(Uuid::from_u128(self.rng.random::<u128>())),
            action,
            debit: pick(&mut self.rng, &self.accounts),
            credit: pick(&mut self.rng, &self.accounts),
            amount: if zero { 0 } else { amount },
            kind: TransferKind::Adjustment,
            offer: None,
            reference: String::new(),
            actor: "somebody".into(),
            at: Timestamp(self.now),
        }
    }

    /// Makes a resolving transfer aim at an earlier one, mostly with the right accounts.
    fn aim_at(&mut self, t: &mut Transfer, earlier: &Transfer) {
        let pending = earlier.id;
        t.action = match t.action {
            Action::Post { .. } => Action::Post { pending },
            Action::Void { .. } => Action::Void { pending },
            Action::Expire { .. } => Action::Expire { pending },
            other => other,
        };
        if self.rng.random_range(0..20_u32) > 0 {
            (t.debit, t.credit) = (earlier.debit, earlier.credit);
            if matches!(t.action, Action::Post { .. }) {
                t.amount = self.rng.random_range(1..=earlier.amount.clamp(1, 2_000));
            }
        }
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Totals {
    dp: i128,
    d: i128,
    cp: i128,
    c: i128,
}

/// The oracle: what was applied, in order, and nothing else.
#[derive(Default)]
pub(crate) struct Oracle {
    totals: BTreeMap<AccountId, Totals>,
    open: BTreeMap<TransferId, Transfer>,
    ever_pending: BTreeSet<TransferId>,
    applied: BTreeMap<TransferId, String>,
    failed: BTreeMap<TransferId, String>,
    rules: BTreeMap<AccountId, (Rule, Asset)>,
}

impl Oracle {
    pub(crate) fn new(accounts: &[Account]) -> Self {
        let rules = accounts.iter().map(|a| (a.id, (a.rule, a.asset))).collect();
        let totals = accounts.iter().map(|a| (a.id, Totals::default())).collect();
        Self { totals, rules, ..Self::default() }
    }

    /// What must happen: applied newly, applied before, or refused.
    pub(crate) fn expect(&mut self, t: &Transfer) -> Result<Applied, ()> {
        if let Some(content) = self.applied.get(&t.id) {
            return if *content == t.content() { Ok(Applied::Again) } else { Err(()) };
        }
        if self.failed.contains_key(&t.id) {
            return Err(());
        }
        let ok = self.try_change(t).is_some();
        let log = if ok { &mut self.applied } else { &mut self.failed };
        log.insert(t.id, t.content());
        if ok { Ok(Applied::New) } else { Err(()) }
    }

    fn try_change(&mut self, t: &Transfer) -> Option<()> {
        let (rule_d, asset_d) = *self.rules.get(&t.debit)?;
        let (rule_c, asset_c) = *self.rules.get(&t.credit)?;
        if t.debit == t.credit || asset_d != asset_c || t.amount > 1_000_000_000_000_000 {
            return None;
        }
        let (mut d, mut c) = (self.totals[&t.debit], self.totals[&t.credit]);
        let amount = i128::from(t.amount);
        if let Some(pending) = t.action.resolves() {
            let held = self.open.get(&pending)?.clone();
            if (held.debit, held.credit) != (t.debit, t.credit) {
                return None;
            }
            let held_amount = i128::from(held.amount);
            d.dp -= held_amount;
            c.cp -= held_amount;
            match t.action {
                Action::Post { .. } if (1..=held_amount).contains(&amount) => {
                    let Action::Pending { expires_at } = held.action else { return None };
                    if expires_at.is_some_and(|e| e <= t.at) {
                        return None;
                    }
                    d.d += amount;
                    c.c += amount;
                    if d.d > i128::from(i64::MAX) || c.c > i128::from(i64::MAX) {
                        return None;
                    }
                }
                Action::Void { .. } if amount == 0 => {}
                Action::Expire { .. } if amount == 0 => {
                    let Action::Pending { expires_at: Some(e) } = held.action else { return None };
                    if e > t.at {
                        return None;
                    }
                }
                _ => return None,
            }
            self.open.remove(&pending);
        } else {
            if amount <= 0 {
                return None;
            }
            if t.action == Action::Single {
                d.d += amount;
                c.c += amount;
            } else {
                d.dp += amount;
                c.cp += amount;
            }
            let fits = |v: i128| v <= 4_000_000_000_000_000_000;
            let kept = |rule: Rule, x: Totals| match rule {
                Rule::None => true,
                Rule::DebitsNotExceedCredits => x.d + x.dp <= x.c,
                Rule::CreditsNotExceedDebits => x.c + x.cp <= x.d,
            };
            if ![d.d + d.dp, c.c + c.cp].into_iter().all(fits)
                || !kept(rule_d, d)
                || !kept(rule_c, c)
            {
                return None;
            }
            if let Action::Pending { .. } = t.action {
                self.open.insert(t.id, t.clone());
                self.ever_pending.insert(t.id);
            }
        }
        self.totals.insert(t.debit, d);
        self.totals.insert(t.credit, c);
        Some(())
    }

    /// Compares an account with the oracle's figures.
    pub(crate) fn check(&self, a: &Account) {
        let got = Totals {
            dp: a.debits_pending.into(),
            d: a.debits_posted.into(),
            cp: a.credits_pending.into(),
            c: a.credits_posted.into(),
        };
        assert_eq!(got, self.totals[&a.id], "account {}", a.code);
        assert!(a.keeps_rule() || self.totals[&a.id] == got, "rule of {}", a.code);
    }

    /// The invariants over everything: per asset debits equal credits, pending equals open holds.
    pub(crate) fn check_all<'a>(&self, accounts: impl Iterator<Item = &'a Account>) {
        let mut per_asset: BTreeMap<Asset, i128> = BTreeMap::new();
        let mut pending = 0_i128;
        for a in accounts {
            self.check(a);
            let net = i128::from(a.debits_posted) - i128::from(a.credits_posted);
            *per_asset.entry(a.asset).or_default() += net;
            pending += i128::from(a.debits_pending);
        }
        assert!(per_asset.values().all(|v| *v == 0), "the ledger does not balance: {per_asset:?}");
        let open: i128 = self.open.values().map(|t| i128::from(t.amount)).sum();
        assert_eq!(pending, open, "pending totals equal open holds");
    }
}

fn run(seed: u64, steps: u32) {
    let mut workload = Workload::new(seed);
    let mut oracle = Oracle::new(workload.accounts());
    let mut state = State::default();
    for a in workload.accounts() {
        state.accounts.insert(a.id, a.clone());
    }
    let (mut applied, mut refused) = (0, 0);
    for step in 0..steps {
        let t = workload.next_transfer();
        let want = oracle.expect(&t);
        let got = state.apply(&t);
        assert_eq!(got.clone().map_err(|_| ()), want, "seed {seed} step {step}: {t:?} -> {got:?}");
        if got.is_ok() {
            applied += 1;
        } else {
            refused += 1;
        }
        for id in [t.debit, t.credit] {
            oracle.check(&state.accounts[&id]);
        }
        if step % 1_000 == 0 {
            oracle.check_all(state.accounts.values());
        }
    }
    oracle.check_all(state.accounts.values());
    assert!(applied > steps / 10 && refused > steps / 20, "{applied} applied, {refused} refused");
}

#[test]
fn a_million_steps_agree_with_the_oracle() {
    run(1, 500_000);
    let fresh = u64::from_le_bytes(platform::clock::random_bytes());
    platform::testing::say(&format!("fresh seed: {fresh}"));
    run(fresh, 500_000);
}

#[test]
fn linked_transfers_are_all_or_none() {
    let mut w = Workload::new(3);
    let mut state = State::default();
    for a in w.accounts() {
        state.accounts.insert(a.id, a.clone());
    }
    let (free, limited) = (w.accounts()[0].id, w.accounts()[1].id);
    let mut first = w.fresh();
    first.action = Action::Single;
    (first.debit, first.credit, first.amount) = (free, limited, 100);
    let mut second = first.clone();
    second.id = TransferId(Uuid::from_u128(99));
    (second.debit, second.credit, second.amount) = (limited, free, 101);
    let before = state.accounts.clone();
    let refused = state.apply_linked(&[first.clone(), second.clone()]).unwrap_err();
    assert_eq!(refused.0, 1);
    assert_eq!(refused.1.code(), "insufficient_funds");
    assert_eq!(state.accounts, before, "nothing of the group stays");
    second.amount = 100;
    assert_eq!(state.apply_linked(&[first, second]).unwrap(), [Applied::New, Applied::New]);
}

#[test]
fn the_same_id_with_other_content_names_the_field() {
    let mut w = Workload::new(3);
    let mut state = State::default();
    for a in w.accounts() {
        state.accounts.insert(a.id, a.clone());
    }
    let mut t = w.fresh();
    t.action = Action::Single;
    (t.debit, t.credit, t.amount) = (w.accounts()[0].id, w.accounts()[1].id, 5);
    state.apply(&t).unwrap();
    t.amount = 6;
    assert_eq!(state.apply(&t), Err(Refusal::IdReused("amount")));
}

/// A state whose first two accounts moved as much as an account may.
fn nearly_full() -> (State, Transfer) {
    let mut w = Workload::new(3);
    let mut state = State::default();
    for a in w.accounts() {
        state.accounts.insert(a.id, Account { rule: Rule::None, ..a.clone() });
    }
    let mut t = w.fresh();
    t.action = Action::Single;
    (t.debit, t.credit, t.amount) = (w.accounts()[0].id, w.accounts()[1].id, 10);
    for id in [t.debit, t.credit] {
        let account = state.accounts.get_mut(&id).unwrap();
        account.debits_posted = MOST_TOTAL - 100;
        account.credits_posted = MOST_TOTAL - 100;
    }
    (state, t)
}

#[test]
fn what_is_held_can_be_resolved_when_an_account_is_full() {
    let (mut state, template) = nearly_full();
    let mut number = 500_u128;
    let mut new = |action, amount| {
        number += 1;
        let id = TransferId(Uuid::from_u128(number));
        Transfer { id, action, amount, ..template.clone() }
    };
    let hold = new(Action::Pending { expires_at: None }, 60);
    state.apply(&hold).unwrap();
    let too_much = new(Action::Single, 41);
    assert_eq!(state.apply(&too_much).unwrap_err().code(), "amount_not_allowed");
    state.apply(&new(Action::Single, 40)).unwrap();
    let one_more = new(Action::Pending { expires_at: None }, 1);
    assert_eq!(state.apply(&one_more).unwrap_err().code(), "amount_not_allowed");
    state.apply(&new(Action::Post { pending: hold.id }, 60)).unwrap();
    let (debit, credit) = (&state.accounts[&template.debit], &state.accounts[&template.credit]);
    assert_eq!((debit.debits_posted, credit.credits_posted), (MOST_TOTAL, MOST_TOTAL));
    assert_eq!((debit.debits_pending, credit.credits_pending), (0, 0));
}

#[test]
fn one_transfer_moves_no_more_than_every_door_lets_in() {
    let (mut state, mut t) = nearly_full();
    state.accounts.values_mut().for_each(|a| (a.debits_posted, a.credits_posted) = (0, 0));
    t.amount = kernel::Money::MOST + 1;
    assert_eq!(state.apply(&t).unwrap_err().code(), "amount_not_allowed");
    (t.id, t.amount) = (TransferId(Uuid::from_u128(98)), kernel::Money::MOST);
    state.apply(&t).unwrap();
}

#[test]
fn a_hold_whose_time_is_over_can_only_be_released() {
    let (mut state, mut hold) = nearly_full();
    (hold.at, hold.action) = (Timestamp(10), Action::Pending { expires_at: Some(Timestamp(20)) });
    state.apply(&hold).unwrap();
    let resolve = |n: u128, at: i64, action: Action| Transfer {
        id: TransferId(Uuid::from_u128(n)),
        at: Timestamp(at),
        action,
        amount: if matches!(action, Action::Post { .. }) { 10 } else { 0 },
        ..hold.clone()
    };
    let pending = hold.id;
    let late = resolve(700, 20, Action::Post { pending });
    assert_eq!(state.apply(&late), Err(Refusal::HoldExpired));
    let early = resolve(701, 19, Action::Expire { pending });
    assert_eq!(state.apply(&early), Err(Refusal::NotExpired));
    state.apply(&resolve(702, 20, Action::Expire { pending })).unwrap();
}
