//! Leases: work that one process does at a time, by a row with an end. Whoever holds one renews it
//! while it works; one that died loses it by the clock.
//!
//! A lease saves double work; it proves nothing. What must not happen twice is fenced by its own
//! rows.

use kernel::Timestamp;
use kernel::ids::Uuid;

use crate::db::{DbError, Tx};
use crate::params;

const CLAIM: &str = "insert into leases (name, holder, until) values ($1, $2, $3) \
    on conflict (name) do update set holder = $2, until = $3 \
    where leases.holder = $2 or leases.until < $4";
const RELEASE: &str = "delete from leases where name = $1 and holder = $2";

/// Takes or renews a lease for so many milliseconds; false when somebody else has it.
///
/// # Errors
/// When the database fails.
pub fn claim(
    tx: &mut Tx<'_>,
    name: &str,
    holder: Uuid,
    now: Timestamp,
    ms: i64,
) -> Result<bool, DbError> {
    Ok(tx.execute(CLAIM, params![name, holder, now.plus_ms(ms), now])? == 1)
}

/// Gives a lease back.
///
/// # Errors
/// When the database fails.
pub fn release(tx: &mut Tx<'_>, name: &str, holder: Uuid) -> Result<(), DbError> {
    tx.execute(RELEASE, params![name, holder]).map(drop)
}
