//! One audit for the whole house: who did what to what, when, in the same transaction as the
//! deed. Sealed into a hash chain by [`crate::chain`].

use kernel::Timestamp;
use serde_json::Value as Json;

use crate::chain::Chain;
use crate::cx::Cx;
use crate::db::{DbError, Tx};
use crate::params;

const INSERT: &str = "insert into audit (at, actor, action, subject, details, request, address) \
    values ($1, $2, $3, $4, $5, $6, $7)";

/// The audit's chain: which rows are sealed and which cells go into the digest.
pub const CHAIN: Chain = Chain {
    name: "audit",
    lock: "select at from seq where name = 'audit' for update",
    assign: "update audit set pos = cast($1 as bigint) + n.rn from \
        (select id as nid, row_number() over (order by id) as rn from audit \
         where pos is null order by id limit 5000) as n where audit.id = n.nid",
    save: "update seq set at = $1 where name = 'audit'",
    lines: "select pos, cast(at as text) || '|' || actor || '|' || action || '|' || subject \
        || '|' || details || '|' || coalesce(request, '') || '|' || coalesce(address, '') \
        as line from audit where pos > $1 and pos <= $2 order by pos",
    cells: "select pos, at, actor, action, subject, details, request, address from audit \
        where pos > $1 and pos <= $2 order by pos",
    sealed: 8,
};

/// One deed.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `offers.accept`, `identity.login`.
    pub action: &'static str,
    /// What it was done to: `offer/0192...`.
    pub subject: String,
    /// Particulars; never secrets.
    pub details: Json,
}

/// Adds a deed to the running transaction.
///
/// # Errors
/// When the database fails.
pub fn append(tx: &mut Tx<'_>, cx: &Cx, at: Timestamp, entry: &Entry) -> Result<(), DbError> {
    tx.execute(
        INSERT,
        params![
            at,
            &cx.principal.name,
            entry.action,
            &entry.subject,
            &entry.details,
            cx.request.clone(),
            cx.address.clone()
        ],
    )?;
    Ok(())
}
