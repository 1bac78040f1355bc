//! One event to one consumer: once, and in its aggregate's order where the consumer wants that.
//!
//! On Kafka the events of one aggregate lie in several topics and may arrive in any order. A
//! consumer with [`Order::PerAggregate`] hears all topics of its family; what comes before its
//! turn is parked in the database, and handled when the gap closes. A gap that stays open is
//! closed from the outbox, and where the outbox has forgotten it, it is passed over, loudly.

use kernel::ids::Uuid;
use kernel::{Envelope, Error};

use super::store;
use crate::cx::Cx;
use crate::db::{DbError, Tx};
use crate::inbox::{Consumer, Order, once};

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// Handled, now or before, or of no interest.
    Done,
    /// It waits for the versions before it.
    Parked,
}

/// Hands an event over, inside the transaction that also keeps its inbox row.
///
/// # Errors
/// What the consumer's own work failed with, or the database.
pub(super) fn deliver(
    tx: &mut Tx<'_>,
    cx: &Cx,
    consumer: &Consumer,
    event: &Envelope,
) -> Result<Delivered, Error> {
    if consumer.order == Order::Any {
        once(tx, cx, consumer, event)?;
        return Ok(Delivered::Done);
    }
    let last = store::version(tx, consumer.name, event.aggregate)?;
    if event.aggregate_version <= last {
        return Ok(Delivered::Done);
    }
    if event.aggregate_version > last + 1 {
        store::park(tx, consumer.name, event, cx.clock.now())?;
        return Ok(Delivered::Parked);
    }
    once(tx, cx, consumer, event)?;
    store::save_version(tx, consumer.name, event.aggregate, event.aggregate_version)?;
    Ok(Delivered::Done)
}

/// Passes over an event that was given up: what follows it must not wait for ever.
///
/// # Errors
/// When the database fails.
pub(super) fn pass_over(
    tx: &mut Tx<'_>,
    consumer: &Consumer,
    event: &Envelope,
) -> Result<(), DbError> {
    if consumer.order == Order::Any {
        return Ok(());
    }
    let last = store::version(tx, consumer.name, event.aggregate)?;
    if event.aggregate_version <= last {
        return Ok(());
    }
    store::save_version(tx, consumer.name, event.aggregate, event.aggregate_version)
}

/// The parked event whose turn it is, if there is one.
///
/// # Errors
/// When the database fails.
pub(super) fn next_parked(
    tx: &mut Tx<'_>,
    consumer: &Consumer,
    of: Uuid,
) -> Result<Option<Envelope>, DbError> {
    let last = store::version(tx, consumer.name, of)?;
    store::parked(tx, consumer.name, of, last + 1)
}
