//! What the ledger does for other modules: open accounts, post in the caller's transaction,
//! verify. `post` never commits; money and deed commit together or not at all.

mod expire;
mod manual;
mod verify;

use std::collections::{BTreeSet, HashMap};

use kernel::{Asset, Error, Money, Timestamp};
use platform::Cx;
use platform::db::{Db, DbError, Tx};

use crate::model::{
    Account, AccountId, Applied, Known, Outcome, Purpose, Refusal, Rule, State, Transfer,
    TransferId,
};
use crate::store::{self, AccountKey, NewRow};

pub use expire::expire_due;
pub use manual::{KEYS, checked_by_hand};
pub(crate) use manual::{NewTransfer, book_by_hand};
pub use verify::{Progress, Verified, verify, verify_told};

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

/// Positions that are put into the sums of days in one transaction.
const CLOSE_PIECE: i64 = 10_000;

/// Brings the sums of days up to what is sealed, so that a past moment need not be replayed.
/// Called again and again; answers how many positions it went on.
///
/// # Errors
/// When the database fails; what was done stays done.
pub async fn close_days(db: &Db) -> Result<i64, DbError> {
    let mut went = 0;
    loop {
        let piece = db.write(|tx| store::close_days(tx, CLOSE_PIECE)).await?;
        went += piece;
        if piece < CLOSE_PIECE {
            return Ok(went);
        }
        platform::tasks::sleep_ms(20).await;
    }
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

/// The posted balance of an account at a past moment, on its normal side.
///
/// # Errors
/// `NotFound` when there is no such account.
pub fn balance_at(tx: &mut Tx<'_>, id: AccountId, at: Timestamp) -> Result<Money, Error> {
    let mut account = find_account(tx, id)?;
    let key = store::key(tx, id)?.ok_or_else(|| not_found(id))?;
    let moved = store::moved(tx, Some(key), at)?.remove(&key).unwrap_or_default();
    (account.debits_posted, account.credits_posted) = moved.totals()?;
    Ok(account.balance())
}

fn not_found(id: AccountId) -> Error {
    Error::not_found("account_not_found", format!("there is no account {id}"))
}

/// One account.
///
/// # Errors
/// `NotFound` when there is no such account.
pub fn find_account(tx: &mut Tx<'_>, id: AccountId) -> Result<Account, Error> {
    store::lock_accounts(tx, &[id])?.pop().map(|(_, account)| account).ok_or_else(|| not_found(id))
}

/// What is known of a transfer identifier.
///
/// # Errors
/// When the database fails.
pub fn find_transfer(tx: &mut Tx<'_>, id: TransferId) -> Result<Option<Known>, DbError> {
    Ok(store::known(tx, &[id])?.pop().map(|(_, k)| k))
}

/// Turns a refused outcome into the error a caller sees.
///
/// # Errors
/// The refusal.
pub fn accepted(outcome: &Result<Applied, Refusal>) -> Result<Applied, Error> {
    outcome.clone().map_err(Error::from)
}
