//! What the ledger does for other modules: open accounts, post in the caller's transaction,
//! verify. `post` never commits; money and deed commit together or not at all.

use std::collections::{BTreeSet, HashMap};

use kernel::ids::Uuid;
use kernel::{Asset, Error, Kind, Money, Timestamp};
use platform::Cx;
use platform::db::{Db, DbError, Tx};
use platform::idempotency::Once;
use serde::{Deserialize, Serialize};

use crate::model::{
    Account, AccountId, Action, Applied, Known, Outcome, Purpose, Refusal, Rule, State, Transfer,
    TransferId, TransferKind,
};
use crate::store::{self, AccountKey, Filter, Listed, NewRow};

/// Transfers in one call at most.
pub const MAX_BATCH: usize = 8_190;

/// An account as its owner describes it; opened when missing.
#[derive(Debug, Clone)]
pub struct OpenAccount {
    /// Unique code.
    pub code: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is.
    pub owner: Option<kernel::ids::Uuid>,
    /// What it counts.
    pub asset: Asset,
    /// What it may never do.
    pub rule: Rule,
}

/// Opens the account, or finds it by its code.
///
/// # Errors
/// When the database fails.
pub fn ensure_account(tx: &mut Tx<'_>, cx: &Cx, open: &OpenAccount) -> Result<AccountId, DbError> {
    if let Some(account) = store::account_by_code(tx, &open.code)? {
        return Ok(account.id);
    }
    let mut account = Account::new(AccountId::new(&*cx.ids), &open.code, open.purpose, open.asset);
    account.name.clone_from(&open.name);
    account.owner = open.owner;
    account.rule = open.rule;
    account.created_at = cx.clock.now();
    store::open_account(tx, &account)?;
    store::account_by_code(tx, &open.code)?.map(|a| a.id).ok_or(DbError::NoRow)
}

/// Posts transfers one by one: each is applied or refused by itself, and a refused identifier
/// stays refused. The answer has one outcome per transfer, in order.
///
/// # Errors
/// When the batch is too large or the database fails.
pub fn post(tx: &mut Tx<'_>, transfers: &[Transfer]) -> Result<Vec<Outcome>, Error> {
    let (mut state, keys) = load(tx, transfers)?;
    let mut outcomes = Vec::with_capacity(transfers.len());
    let mut new = Vec::new();
    for t in transfers {
        let fresh = !state.known.contains_key(&t.id);
        let outcome = state.apply(t);
        match &outcome {
            Ok(Applied::New) => new.push(t),
            Err(refusal) if fresh => {
                store::save_failed(tx, t.id, refusal.code(), &t.content(), t.at)?;
            }
            Ok(Applied::Again) | Err(_) => {}
        }
        outcomes.push(outcome);
    }
    save(tx, &state, &keys, &new)?;
    Ok(outcomes)
}

/// Posts transfers that belong together: all or none. A refusal is the error; the caller's
/// transaction is undone by it, so nothing is remembered of the attempt.
///
/// # Errors
/// The refusal as `Conflict` or `Invalid` with its code, or a database failure.
pub fn post_linked(tx: &mut Tx<'_>, transfers: &[Transfer]) -> Result<Vec<Applied>, Error> {
    let (mut state, keys) = load(tx, transfers)?;
    let applied =
        state.apply_linked(transfers).map_err(|(i, r)| Error::from(r).with("transfer", i))?;
    let new: Vec<&Transfer> = transfers
        .iter()
        .zip(&applied)
        .filter_map(|(t, a)| (*a == Applied::New).then_some(t))
        .collect();
    save(tx, &state, &keys, &new)?;
    Ok(applied)
}

type Keys = HashMap<AccountId, AccountKey>;

fn load(tx: &mut Tx<'_>, transfers: &[Transfer]) -> Result<(State, Keys), Error> {
    if transfers.len() > MAX_BATCH {
        return Err(Error::invalid(
            "transfers",
            format!("{} transfers in one call: at most {MAX_BATCH}", transfers.len()),
        ));
    }
    let accounts: BTreeSet<AccountId> =
        transfers.iter().flat_map(|t| [t.debit, t.credit]).collect();
    let holds: BTreeSet<TransferId> =
        transfers.iter().filter_map(|t| t.action.resolves()).collect();
    let ids: BTreeSet<TransferId> =
        transfers.iter().map(|t| t.id).chain(holds.iter().copied()).collect();
    let (mut state, mut keys) = (State::default(), Keys::new());
    let accounts: Vec<AccountId> = accounts.into_iter().collect();
    for (key, account) in store::lock_accounts(tx, &accounts)? {
        keys.insert(account.id, key);
        state.accounts.insert(account.id, account);
    }
    let ids: Vec<TransferId> = ids.into_iter().collect();
    state.known.extend(store::known(tx, &ids)?);
    if !holds.is_empty() {
        let holds: Vec<TransferId> = holds.into_iter().collect();
        state.holds.extend(store::holds(tx, &holds)?);
    }
    Ok((state, keys))
}

fn save(tx: &mut Tx<'_>, state: &State, keys: &Keys, new: &[&Transfer]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let row = |t| NewRow {
        transfer: t,
        asset: state.accounts[&t.debit].asset,
        debit: keys[&t.debit],
        credit: keys[&t.credit],
    };
    let rows: Vec<NewRow<'_>> = new.iter().copied().map(row).collect();
    let touched: BTreeSet<AccountId> = new.iter().flat_map(|t| [t.debit, t.credit]).collect();
    store::save_transfers(tx, &rows, touched.len())?;
    store::save_accounts(tx, touched.iter().map(|id| (keys[id], &state.accounts[id])))?;
    Ok(())
}

/// Ends holds whose time is over; answers how many.
///
/// # Errors
/// When the database fails.
pub async fn expire_due(cx: &Cx) -> Result<usize, Error> {
    let cx = cx.clone();
    cx.db
        .clone()
        .write(move |tx| {
            let due = store::due_holds(tx, cx.clock.now())?;
            let transfers: Vec<Transfer> = due
                .into_iter()
                .map(|(_, t)| Transfer { id: TransferId::new(&*cx.ids), ..t })
                .collect();
            let outcomes = post(tx, &transfers)?;
            Ok(outcomes.iter().filter(|o| o.is_ok()).count())
        })
        .await
}

/// The posted balance of an account at a past moment, on its normal side.
///
/// # Errors
/// `NotFound` when there is no such account.
pub fn balance_at(tx: &mut Tx<'_>, id: AccountId, at: Timestamp) -> Result<Money, Error> {
    let mut account = find_account(tx, id)?;
    (account.debits_posted, account.credits_posted) = store::moved(tx, id, at)?;
    Ok(account.balance())
}

/// One account.
///
/// # Errors
/// `NotFound` when there is no such account.
pub fn find_account(tx: &mut Tx<'_>, id: AccountId) -> Result<Account, Error> {
    store::lock_accounts(tx, &[id])?
        .pop()
        .map(|(_, account)| account)
        .ok_or_else(|| Error::not_found("account_not_found", format!("there is no account {id}")))
}

/// What is known of a transfer identifier.
///
/// # Errors
/// When the database fails.
pub fn find_transfer(tx: &mut Tx<'_>, id: TransferId) -> Result<Option<Known>, DbError> {
    Ok(store::known(tx, &[id])?.pop().map(|(_, k)| k))
}

/// What `kontor ledger verify` found.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Verified {
    /// Accounts checked.
    pub accounts: usize,
    /// Transfers in the sealed chain.
    pub transfers: i64,
    /// Last sealed position.
    pub sealed_position: i64,
    /// Head of the chain.
    pub digest: String,
}

/// Replays all transfers and compares: balances, pending totals, rules, zero sum, chain.
///
/// # Errors
/// `Conflict` (`ledger_broken`) naming the first account or position that does not agree.
pub async fn verify(db: &Db) -> Result<Verified, Error> {
    let broken = |what: String| Error::new(Kind::Conflict, "ledger_broken", what);
    let accounts = db
        .read(move |tx| {
            let accounts = store::accounts(tx, None, None, "", u32::MAX)?;
            let moved = store::all_moved(tx, Timestamp(i64::MAX))?;
            let held = store::open_held(tx)?;
            check(&accounts, &moved, &held).map_err(broken)?;
            if let Some(code) = store::disagreeing(tx)? {
                return Err(broken(format!("account {code}: postings differ from its transfers")));
            }
            Ok::<_, Error>(accounts.len())
        })
        .await?;
    let chain = platform::chain::verify(db, store::CHAIN)
        .await
        .map_err(|e| Error::new(Kind::Conflict, "ledger_broken", e.to_string()))?;
    Ok(Verified {
        accounts,
        transfers: chain.rows,
        sealed_position: chain.upto,
        digest: chain.digest,
    })
}

fn check(
    accounts: &[Account],
    moved: &[(AccountId, i64, i64)],
    held: &[(AccountId, bool, i64)],
) -> Result<(), String> {
    let mut sums: std::collections::BTreeMap<Asset, i128> = std::collections::BTreeMap::new();
    for a in accounts {
        let (_, debits, credits) =
            moved.iter().find(|(id, ..)| *id == a.id).copied().unwrap_or((a.id, 0, 0));
        if (debits, credits) != (a.debits_posted, a.credits_posted) {
            return Err(format!(
                "account {}: transfers say {debits} debits and {credits} credits, the account \
                 says {} and {}",
                a.code, a.debits_posted, a.credits_posted
            ));
        }
        let pending = |debit: bool| {
            held.iter().filter(|(id, d, _)| *id == a.id && *d == debit).map(|h| h.2).sum::<i64>()
        };
        if (pending(true), pending(false)) != (a.debits_pending, a.credits_pending) {
            return Err(format!("account {}: pending totals do not equal open holds", a.code));
        }
        if !a.keeps_rule() {
            return Err(format!("account {}: breaks its rule {}", a.code, a.rule));
        }
        *sums.entry(a.asset).or_default() += i128::from(debits) - i128::from(credits);
    }
    match sums.iter().find(|(_, sum)| **sum != 0) {
        Some((asset, sum)) => Err(format!("{asset}: debits and credits differ by {sum}")),
        None => Ok(()),
    }
}

/// Turns a refused outcome into the error a caller sees.
///
/// # Errors
/// The refusal.
pub fn accepted(outcome: &Result<Applied, Refusal>) -> Result<Applied, Error> {
    outcome.clone().map_err(Error::from)
}

/// A movement that a treasurer books by hand: capital in, a correction.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTransfer {
    /// Given by the caller; the same identifier is the same transfer for ever.
    id: Option<Uuid>,
    debit_account: Uuid,
    credit_account: Uuid,
    amount: Money,
    r#type: TransferKind,
    /// At most 140 characters.
    #[schema(max_length = 140)]
    reference: String,
}

/// Books a movement by hand, once per `id` or Idempotency-Key.
///
/// # Errors
/// `Invalid` naming the field, `account_not_found`, or the ledger's refusal.
pub(crate) async fn book_by_hand(cx: &Cx, new: NewTransfer) -> Result<Listed, Error> {
    cx.decide_all("ledger.write").await?;
    if new.reference.chars().count() > 140 {
        return Err(Error::invalid("reference", "at most 140 characters are allowed"));
    }
    let once = match new.id {
        Some(_) => Once::optional(cx, "ledger.transfers", &new)?,
        None => Once::required(cx, "ledger.transfers", &new)?,
    };
    let at = cx.clock.now();
    let fresh = TransferId(new.id.unwrap_or_else(|| cx.ids.next()));
    cx.db
        .write(move |tx| {
            let id = match once.begin(tx, at)? {
                Some(before) => before,
                None => {
                    let transfer = by_hand(tx, &new, fresh, at)?;
                    post_linked(tx, std::slice::from_ref(&transfer))?;
                    once.done(tx, &fresh)?;
                    fresh
                }
            };
            let filter = Filter { id: Some(id), ..Filter::default() };
            let listed = store::transfers(tx, &filter, i64::MAX, 1)?.pop();
            listed.ok_or_else(|| Error::internal("a booked transfer is not there"))
        })
        .await
}

fn by_hand(
    tx: &mut Tx<'_>,
    new: &NewTransfer,
    id: TransferId,
    at: Timestamp,
) -> Result<Transfer, Error> {
    let debit = find_account(tx, AccountId(new.debit_account))?;
    if debit.asset != new.amount.asset {
        return Err(Error::invalid(
            "amount.currency",
            format!("account {} counts {}", debit.code, debit.asset),
        ));
    }
    Ok(Transfer {
        id,
        action: Action::Single,
        debit: debit.id,
        credit: AccountId(new.credit_account),
        amount: new.amount.minor,
        kind: new.r#type,
        offer: None,
        reference: new.reference.clone(),
        at,
    })
}
