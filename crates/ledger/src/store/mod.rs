//! Every SQL text of the ledger.
//!
//! Tables name an account by its integer key ([`AccountKey`]); identifiers go in and come out.
//! A transfer of a small call is entered under both of its accounts in an index. A large call
//! writes one row of `ledger_postings` for each account it touches instead, with the places of
//! its transfers: nobody but this folder sees the difference.

mod accounts;
mod known;
mod lists;
mod postings;
mod sums;
mod transfers;

use platform::chain::Chain;

pub(crate) use accounts::key;
pub(crate) use accounts::{
    AccountKey, account_by_code, accounts, lock_accounts, open_account, save_accounts,
};
pub(crate) use known::{DueAt, due_holds, holds, known, only_one_expires, save_failed};
pub(crate) use lists::{Before, Filter, Listed, transfers};
pub(crate) use sums::{
    AllMoved, Moved, behind, close_days, identifiers, moved, open_holds, posted,
};
pub(crate) use transfers::{NewRow, save_transfers};

/// The ledger's sealed chain: identifiers, not keys, so that a seal says what people see.
pub const CHAIN: Chain = Chain {
    name: "ledger",
    lock: "select at from seq where name = 'ledger' for update",
    // As many as two of the largest calls, so that sealing keeps up with them.
    assign: "update ledger_transfers set pos = cast($1 as bigint) + n.rn from \
        (select seq as nid, row_number() over (order by seq) as rn from ledger_transfers \
         where pos is null order by seq limit 16384) as n where ledger_transfers.seq = n.nid",
    save: "update seq set at = $1 where name = 'ledger'",
    lines: "select t.pos, t.id || '|' || t.action || '|' || coalesce(t.pending_id, '') || '|' \
        || d.id || '|' || c.id || '|' || cast(t.amount as text) || '|' || t.asset || '|' \
        || t.kind || '|' || coalesce(t.offer_id, '') || '|' || t.reference || '|' \
        || cast(t.at as text) as line from ledger_transfers t \
        join ledger_accounts d on d.key = t.debit join ledger_accounts c on c.key = t.credit \
        where t.pos > $1 and t.pos <= $2 order by t.pos",
    cells: "select t.pos, t.id, t.action, t.pending_id, d.id as debit, c.id as credit, \
        t.amount, t.asset, t.kind, t.offer_id, t.reference, t.at, h.expires_at, t.actor, \
        t.bulk from ledger_transfers t \
        join ledger_accounts d on d.key = t.debit join ledger_accounts c on c.key = t.credit \
        left join ledger_holds h on h.transfer_id = t.id \
        where t.pos > $1 and t.pos <= $2 order by t.pos",
    // All but the last, which says how a transfer is entered and is nobody's to see.
    sealed: 14,
};
