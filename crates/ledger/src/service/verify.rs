//! Recomputes everything and compares, beside a running server and however large the ledger is:
//! the sealed chain is walked in pieces, each a short reading transaction, and replayed on the
//! way; then one snapshot of what the tables say is compared with it.
//!
//! What is compared comes from the immutable transfers alone: balances, pending totals and open
//! holds are derived from them, never from the tables that are checked.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{Asset, Error};
use platform::chain;
use platform::db::{Db, DbError, Row, Tx};

use crate::model::Account;
use crate::store::{self, AccountKey, AllMoved, Moved};

/// What `kontor ledger verify` found.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Verified {
    /// Accounts checked.
    pub accounts: usize,
    /// Transfers in the sealed chain.
    pub transfers: i64,
    /// Last sealed position.
    pub sealed_position: i64,
    /// Open holds, derived from the transfers.
    pub open_holds: usize,
    /// Head of the chain.
    pub digest: String,
}

/// How far a verification is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Sealed transfers that were replayed.
    pub done: i64,
    /// Sealed transfers there are.
    pub all: i64,
}

/// As [`verify_told`], without telling anybody.
///
/// # Errors
/// As [`verify_told`].
pub async fn verify(db: &Db) -> Result<Verified, Error> {
    verify_told(db, |_| {}).await
}

/// Replays all transfers and compares: the chain, balances, pending totals, open holds, rules,
/// the sums of large calls and of days, and that each asset adds up to nothing.
///
/// # Errors
/// What does not agree, each by its own code and naming the first place: `chain_broken`,
/// `ledger_balance_differs`, `ledger_pending_differs`, `ledger_hold_differs`,
/// `ledger_rule_broken`, `ledger_postings_differ`, `ledger_days_differ`, `ledger_not_zero`.
/// Any other error says that the database failed, not that the ledger is broken.
pub async fn verify_told(
    db: &Db,
    mut told: impl FnMut(Progress) + Send,
) -> Result<Verified, Error> {
    let (mut at, mut replayed) = (chain::Progress::default(), Replayed::default());
    loop {
        let from = at.clone();
        let (next, rows) = db.scan(move |tx| chain::piece(tx, store::CHAIN, &from)).await?;
        rows.iter().try_for_each(|row| replayed.add(row))?;
        told(Progress { done: next.upto, all: next.head });
        let done = next.upto == at.upto;
        at = next;
        if done {
            break;
        }
    }
    // A transaction may be run again: what it changes, it takes along.
    let (replayed, position) = (std::sync::Arc::new(replayed), at.upto);
    let (accounts, open_holds) = db
        .scan(move |tx| {
            let mut replayed = Replayed::clone(&replayed);
            store::behind(tx, position)?.iter().try_for_each(|row| replayed.add(row))?;
            Ok::<_, Error>((compare(tx, &replayed)?, replayed.open.len()))
        })
        .await?;
    Ok(Verified {
        accounts,
        transfers: at.rows,
        sealed_position: at.upto,
        open_holds,
        digest: at.digest().to_owned(),
    })
}

/// What the transfers say of one account.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    posted: Moved,
    /// Transfers of large calls, which postings enter, and what they moved.
    entries: i64,
    bulk: Moved,
}

/// A hold that nothing has resolved yet.
#[derive(Debug, Clone)]
struct Held {
    debit: String,
    credit: String,
    amount: i128,
}

/// What the transfers say, replayed in their order.
#[derive(Debug, Clone, Default)]
struct Replayed {
    sums: HashMap<String, Sums>,
    open: HashMap<String, Held>,
    /// Resolved before they were seen to be opened: the unsealed rows come in no order.
    resolved: HashSet<String>,
}

impl Replayed {
    fn add(&mut self, row: &Row) -> Result<(), DbError> {
        let (debit, credit) = (row.text("debit")?, row.text("credit")?);
        let (action, amount) = (row.text("action")?, i128::from(row.int("amount")?));
        let moves = if matches!(action.as_str(), "single" | "post") { amount } else { 0 };
        let bulk = i64::from(row.flag("bulk")?);
        let debited = Moved { debits: moves, credits: 0 };
        let credited = Moved { debits: 0, credits: moves };
        self.sums.entry(debit.clone()).or_default().add(debited, bulk);
        self.sums.entry(credit.clone()).or_default().add(credited, bulk);
        match (action.as_str(), row.opt_text("pending_id")?) {
            ("pending", _) => {
                let id = row.text("id")?;
                if !self.resolved.remove(&id) {
                    self.open.insert(id, Held { debit, credit, amount });
                }
            }
            (_, Some(pending)) if self.open.remove(&pending).is_none() => {
                self.resolved.insert(pending);
            }
            _ => {}
        }
        Ok(())
    }

    /// What open holds keep on each account.
    fn pending(&self) -> HashMap<&str, Moved> {
        let mut all: HashMap<&str, Moved> = HashMap::new();
        for held in self.open.values() {
            all.entry(&held.debit).or_default().debits += held.amount;
            all.entry(&held.credit).or_default().credits += held.amount;
        }
        all
    }
}

impl Sums {
    fn add(&mut self, moved: Moved, bulk: i64) {
        self.posted.debits += moved.debits;
        self.posted.credits += moved.credits;
        self.entries += bulk;
        if bulk > 0 {
            self.bulk.debits += moved.debits;
            self.bulk.credits += moved.credits;
        }
    }
}

/// Compares the tables, as one snapshot has them, with what was replayed; answers how many
/// accounts there are.
fn compare(tx: &mut Tx<'_>, replayed: &Replayed) -> Result<usize, Error> {
    let accounts = store::accounts(tx, None, None, "", u32::MAX)?;
    let pending = replayed.pending();
    let mut sums: BTreeMap<Asset, i128> = BTreeMap::new();
    for a in &accounts {
        let id = a.id.to_string();
        let posted = replayed.sums.get(&id).copied().unwrap_or_default().posted;
        check_account(a, posted, pending.get(id.as_str()).copied().unwrap_or_default())?;
        *sums.entry(a.asset).or_default() += posted.debits - posted.credits;
    }
    if let Some((asset, sum)) = sums.iter().find(|(_, sum)| **sum != 0) {
        let what = format!("{asset}: debits and credits differ by {sum}");
        return Err(Error::conflict("ledger_not_zero", what));
    }
    if !replayed.resolved.is_empty() {
        let id = replayed.resolved.iter().min().cloned().unwrap_or_default();
        let what = format!("hold {id} was resolved, but never made");
        return Err(Error::conflict("ledger_hold_differs", what));
    }
    check_holds(tx, replayed)?;
    check_postings(tx, replayed, &accounts)?;
    check_days(tx, &accounts)?;
    Ok(accounts.len())
}

fn check_account(a: &Account, posted: Moved, pending: Moved) -> Result<(), Error> {
    let of = |debits: i64, credits: i64| Moved {
        debits: i128::from(debits),
        credits: i128::from(credits),
    };
    let says = of(a.debits_posted, a.credits_posted);
    if posted != says {
        return Err(Error::conflict(
            "ledger_balance_differs",
            format!(
                "account {}: transfers say {} debits and {} credits, the account says {} and {}",
                a.code, posted.debits, posted.credits, says.debits, says.credits
            ),
        ));
    }
    let says = of(a.debits_pending, a.credits_pending);
    if pending != says {
        return Err(Error::conflict(
            "ledger_pending_differs",
            format!(
                "account {}: open holds keep {} debits and {} credits, the account says {} and {}",
                a.code, pending.debits, pending.credits, says.debits, says.credits
            ),
        ));
    }
    if !a.keeps_rule() {
        let what = format!("account {} breaks its rule {}", a.code, a.rule);
        return Err(Error::conflict("ledger_rule_broken", what));
    }
    Ok(())
}

fn check_holds(tx: &mut Tx<'_>, replayed: &Replayed) -> Result<(), Error> {
    let says: HashSet<String> = store::open_holds(tx)?.into_iter().collect();
    let differs = replayed
        .open
        .keys()
        .find(|id| !says.contains(*id))
        .or_else(|| says.iter().find(|id| !replayed.open.contains_key(*id)));
    differs.map_or(Ok(()), |id| {
        let (transfers, table) =
            if says.contains(id) { ("resolved", "open") } else { ("open", "resolved") };
        let what = format!("hold {id}: transfers say {transfers}, its row says {table}");
        Err(Error::conflict("ledger_hold_differs", what))
    })
}

/// The postings of large calls must be the sums of their transfers.
fn check_postings(tx: &mut Tx<'_>, replayed: &Replayed, accounts: &[Account]) -> Result<(), Error> {
    let posted: HashMap<String, (i64, Moved)> =
        store::posted(tx)?.into_iter().map(|(id, entries, sum)| (id, (entries, sum))).collect();
    for a in accounts {
        let id = a.id.to_string();
        let sums = replayed.sums.get(&id).copied().unwrap_or_default();
        if posted.get(&id).copied().unwrap_or_default() != (sums.entries, sums.bulk) {
            let what = format!("account {}: postings differ from its transfers", a.code);
            return Err(Error::conflict("ledger_postings_differ", what));
        }
    }
    Ok(())
}

/// The sums of days with what came since must be the totals of the accounts.
fn check_days(tx: &mut Tx<'_>, accounts: &[Account]) -> Result<(), Error> {
    let ids = store::identifiers(tx)?;
    let moved: AllMoved = store::moved(tx, None, kernel::Timestamp(i64::MAX))?;
    let by_id: HashMap<&str, Moved> = moved
        .iter()
        .filter_map(|(key, sum): (&AccountKey, _)| Some((ids.get(key)?.as_str(), *sum)))
        .collect();
    for a in accounts {
        let id = a.id.to_string();
        let days = by_id.get(id.as_str()).copied().unwrap_or_default();
        let totals = (i128::from(a.debits_posted), i128::from(a.credits_posted));
        if (days.debits, days.credits) != totals {
            let what = format!("account {}: the sums of its days differ from its totals", a.code);
            return Err(Error::conflict("ledger_days_differ", what));
        }
    }
    Ok(())
}
