//! Holds whose time is over are released: by one process at a time, in batches.

use kernel::{Error, Timestamp};
use platform::Cx;
use platform::db::Tx;

use super::{load, save};
use crate::model::{Transfer, TransferId};
use crate::store::{self, DueAt};

/// Holds of one transaction.
const BATCH: u32 = 500;

/// Releases every hold whose time is over; answers how many. One that cannot be released is
/// left for the next look and told to the log; it stops no other.
///
/// # Errors
/// When the database fails; what was released stays released.
pub async fn expire_due(cx: &Cx) -> Result<usize, Error> {
    let mut after: DueAt = (Timestamp(i64::MIN), String::new());
    let mut released = 0;
    loop {
        let (ctx, from) = (cx.clone(), after.clone());
        let batch = cx.db.write(move |tx| expire_batch(tx, &ctx, &from)).await?;
        released += batch.released;
        match batch.last {
            Some(last) => after = last,
            None => return Ok(released),
        }
    }
}

struct Batch {
    released: usize,
    /// Where the next batch begins; none after the last one.
    last: Option<DueAt>,
}

fn expire_batch(tx: &mut Tx<'_>, cx: &Cx, after: &DueAt) -> Result<Batch, Error> {
    let now = cx.clock.now();
    let mut due = store::due_holds(tx, now, after, BATCH)?;
    if due.is_empty() {
        return Ok(Batch { released: 0, last: None });
    }
    // Asked for only when there is something to do; whoever waited looks again.
    store::only_one_expires(tx)?;
    due = store::due_holds(tx, now, after, BATCH)?;
    let full = due.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
    let last = due.last().map(|(at, _)| at.clone()).filter(|_| full);
    let transfers: Vec<Transfer> =
        due.into_iter().map(|(_, t)| Transfer { id: TransferId::new(&*cx.ids), ..t }).collect();
    Ok(Batch { released: release(tx, &transfers)?, last })
}

/// As posting, but what is refused is not remembered: nobody gave these identifiers.
fn release(tx: &mut Tx<'_>, transfers: &[Transfer]) -> Result<usize, Error> {
    let (mut state, keys) = load(tx, transfers)?;
    let mut new = Vec::with_capacity(transfers.len());
    for t in transfers {
        match state.apply(t) {
            Ok(_) => new.push(t),
            Err(refusal) => {
                tracing::error!(hold = ?t.action, error = %refusal, "a hold cannot be released");
            }
        }
    }
    save(tx, &state, &keys, &new).map(|()| new.len())
}
