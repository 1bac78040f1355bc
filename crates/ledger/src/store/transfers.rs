//! Saving transfers: one by one, or many rows in a statement with postings for the accounts.

use std::sync::LazyLock;

use kernel::Asset;
use platform::db::{DbError, Tx, Value};

use super::accounts::AccountKey;
use super::postings;
use crate::model::{Action, Transfer, TransferId};

const INSERT_TRANSFER: &str = "insert into ledger_transfers (id, action, pending_id, debit, \
    credit, amount, asset, kind, offer_id, reference, at, bulk, actor) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const RETURNING: &str = " returning seq, debit, credit";
const INSERT_HOLD: &str = "insert into ledger_holds (transfer_id, state, expires_at) \
    values ($1, 'open', $2)";
const RESOLVE_HOLD: &str =
    "update ledger_holds set state = $2, resolved_by = $3 where transfer_id = $1";

const COLUMNS: usize = 13;
/// Rows in one statement: what a statement costs by itself is spread over them.
const WIDE: usize = 64;
/// A call is large when postings take at most a quarter of the rows that an index would.
const SMALL: usize = 32;
const SAVING: usize = 4;

static INSERT_WIDE: LazyLock<String> = LazyLock::new(|| insert_rows(WIDE));
static INSERT_ONE: LazyLock<String> = LazyLock::new(|| insert_rows(1));

/// [`INSERT_TRANSFER`] with that many rows, answering their places.
fn insert_rows(rows: usize) -> String {
    let mut text = INSERT_TRANSFER.to_owned();
    for row in 1..rows {
        let names: Vec<String> = (1..=COLUMNS).map(|c| format!("${}", row * COLUMNS + c)).collect();
        text += &format!(", ({})", names.join(", "));
    }
    text + RETURNING
}

/// A transfer to be saved, with the keys of its accounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRow<'a> {
    pub(crate) transfer: &'a Transfer,
    pub(crate) asset: Asset,
    pub(crate) debit: AccountKey,
    pub(crate) credit: AccountKey,
}

impl NewRow<'_> {
    fn values(&self, bulk: bool) -> [Value; COLUMNS] {
        let t = self.transfer;
        [
            t.id.0.into(),
            t.action.as_str().into(),
            t.action.resolves().map(|p| p.0).into(),
            self.debit.0.into(),
            self.credit.0.into(),
            t.amount.into(),
            self.asset.into(),
            t.kind.as_str().into(),
            t.offer.into(),
            t.reference.as_str().into(),
            t.at.into(),
            bulk.into(),
            t.actor.as_str().into(),
        ]
    }
}

/// Saves new transfers between `accounts` accounts with their holds, and what they resolved.
pub(crate) fn save_transfers(
    tx: &mut Tx<'_>,
    new: &[NewRow<'_>],
    accounts: usize,
) -> Result<(), DbError> {
    if new.len() >= SMALL && 2 * new.len() >= SAVING * accounts {
        save_bulk(tx, new)?;
    } else {
        let rows: Vec<Vec<Value>> = new.iter().map(|r| r.values(false).into()).collect();
        // The same identifier may have been saved by another process a moment ago.
        tx.execute_racing(INSERT_TRANSFER, &rows)?;
    }
    let (mut opened, mut resolved) = (Vec::new(), Vec::new());
    for t in new.iter().map(|r| r.transfer) {
        match t.action {
            Action::Single => {}
            Action::Pending { expires_at } => opened.push(vec![t.id.0.into(), expires_at.into()]),
            Action::Post { pending } => resolved.push(resolution(pending, "posted", t.id)),
            Action::Void { pending } => resolved.push(resolution(pending, "voided", t.id)),
            Action::Expire { pending } => resolved.push(resolution(pending, "expired", t.id)),
        }
    }
    tx.execute_many(INSERT_HOLD, &opened)?;
    tx.execute_many(RESOLVE_HOLD, &resolved)?;
    Ok(())
}

fn save_bulk(tx: &mut Tx<'_>, new: &[NewRow<'_>]) -> Result<(), DbError> {
    let mut entered = postings::Entered::default();
    let mut rest = new;
    while !rest.is_empty() {
        let wide = rest.len() >= WIDE;
        let (piece, after) = rest.split_at(if wide { WIDE } else { 1 });
        let text = if wide { &INSERT_WIDE } else { &INSERT_ONE };
        let values: Vec<Value> = piece.iter().flat_map(|r| r.values(true)).collect();
        let answer = tx.query_racing(text, &values)?;
        if answer.len() != piece.len() {
            return Err(DbError::NoRow);
        }
        piece.iter().for_each(|row| entered.add(row));
        // No engine promises the order of what it answers: a place goes by its own accounts.
        for saved in &answer {
            let sides = [saved.int("debit")?, saved.int("credit")?];
            entered.place(sides.map(AccountKey), saved.int("seq")?);
        }
        rest = after;
    }
    entered.save(tx)
}

fn resolution(pending: TransferId, state: &str, by: TransferId) -> Vec<Value> {
    vec![pending.0.into(), state.into(), by.0.into()]
}
