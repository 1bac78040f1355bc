//! Asking rails again about attempts that are over: money may come back months later, and what a
//! rail refused may have left after all.
//!
//! Each attempt has its own next look; a rail is asked by one process at a time, page by page,
//! and what goes wrong with one payout stops no other.

use std::sync::Arc;

use contracts::{Danger, Key};
use kernel::{Error, Kind};
use ledger::model::{Action, TransferKind};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::backfill::{Backfill, Piece};
use platform::db::{DbError, Tx};
use platform::leases;

use super::super::model::{Attempt, Payout, PayoutId, PayoutStatus, next_look};
use super::super::rail::{Rail, RailError, RailPayment, RailState};
use super::super::store;
use crate::offers::posting::{self, Movement};
use crate::offers::service::{go, lock as lock_offer};
use crate::offers::{Offer, Status, store as offers};

use super::drive::attempt_of;
use super::evidence::{self, Books};
use super::load;

/// Attempts of one page.
const PAGE: u32 = 100;
/// A process that died while it asked is replaced after this.
const LEASE_MS: i64 = 30_000;
/// A rail that does not answer about one payment is asked about it again so much later.
const SILENT_MS: i64 = 60_000;

/// After how many minutes a payout whose outcome is not known is an alarm.
const ALARM: Key = Key {
    name: "deals.payouts.unknown_alarm_minutes",
    default: 30,
    min: 1,
    max: 10_080,
    danger: Danger::Up,
    about: " After how many minutes a payout whose outcome is not known is an alarm.",
};

/// After how many hours a payout that a person called paid, and of which the rail has no
/// payment, is an alarm.
const UNHEARD: Key = Key {
    name: "deals.payouts.unheard_alarm_hours",
    default: 24,
    min: 1,
    max: 720,
    danger: Danger::Up,
    about: " After how many hours a payout that a person called paid, and that the rail does not \
        have, is an alarm.",
};

/// Every setting of payouts.
pub const KEYS: &[Key] = &[ALARM, UNHEARD];

/// Attempts from before each had its own next look.
pub(crate) const LOOKS: Backfill = Backfill {
    name: "payouts.look_at",
    piece: |tx, after| {
        let next = store::schedule(tx, after, 500)?;
        Ok(next.map_or(Piece::Done, |(cursor, rows)| Piece::Next { cursor, rows }))
    },
};

/// Asks a rail about everything that is due, unless another process does; answers how many
/// payouts turned out to have returned.
///
/// # Errors
/// When the database fails; what was done stays done.
pub async fn reconcile(cx: &Cx, rail: &Arc<dyn Rail>) -> Result<usize, Error> {
    evidence::count_from_zero(rail.name());
    watch_unknown(cx).await?;
    let holder = cx.ids.next();
    let (mut returned, mut holds) = (0, false);
    loop {
        let page = due(cx, rail.name(), holder, holds).await?;
        holds |= !page.is_empty();
        for (id, number) in &page {
            match look(cx, rail, *id, *number).await {
                Ok(came_back) => returned += usize::from(came_back),
                Err(e) if e.kind == Kind::Unavailable => return Err(e),
                Err(e) => {
                    tracing::error!(payout = %id, error = %e, "a payout cannot be looked at");
                    postpone(cx, *id, *number).await?;
                }
            }
        }
        if page.is_empty() {
            return Ok(returned);
        }
    }
}

/// The next page, for the holder of the rail's lease; empty for everybody else. The lease is
/// given back with the last page; where nothing is due, nothing is written.
async fn due(
    cx: &Cx,
    rail: &'static str,
    holder: kernel::ids::Uuid,
    holds: bool,
) -> Result<Vec<(PayoutId, i64)>, Error> {
    let now = cx.clock.now();
    let name = format!("payouts.look/{rail}");
    let waiting = cx
        .db
        .read(move |tx| Ok(!store::due(tx, rail, now, 1)?.is_empty()))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    if !waiting && !holds {
        return Ok(Vec::new());
    }
    cx.db
        .write(move |tx| {
            if !waiting {
                leases::release(tx, &name, holder)?;
                return Ok(Vec::new());
            }
            if !leases::claim(tx, &name, holder, now, LEASE_MS)? {
                return Ok(Vec::new());
            }
            store::due(tx, rail, now, PAGE)
        })
        .await
        .map_err(|e: DbError| Error::from(e))
}

async fn postpone(cx: &Cx, id: PayoutId, number: i64) -> Result<(), Error> {
    let at = cx.clock.now().plus_ms(SILENT_MS);
    let later = cx.db.write(move |tx| store::look_at(tx, id, number, at));
    later.await.map_err(|e: DbError| Error::from(e))
}

/// Asks about one attempt and books what follows; answers whether the money came back.
async fn look(cx: &Cx, rail: &Arc<dyn Rail>, id: PayoutId, number: i64) -> Result<bool, Error> {
    let (payout, attempt) =
        cx.db.read(move |tx| Ok::<_, Error>((load(tx, id)?, attempt_of(tx, id, number)?))).await?;
    let seen = match rail.read(&attempt.idempotency_key).await {
        Ok(seen) => seen,
        Err(RailError::Unknown { message } | RailError::Refused { message, .. }) => {
            tracing::warn!(payout = %id, rail = rail.name(), message, "a rail does not answer");
            postpone(cx, id, number).await?;
            return Ok(false);
        }
    };
    let (ctx, offer_id, now) = (cx.clone(), payout.offer, cx.clock.now());
    cx.db
        .write(move |tx| {
            // The offer first, as every step of a payout does.
            let mut offer = lock_offer(tx, offer_id)?;
            let mut payout = load(tx, id)?;
            let mut attempt = attempt_of(tx, id, number)?;
            let ended = attempt.ended_at.unwrap_or(attempt.updated_at);
            attempt.look_at = next_look(ended, now);
            let answer = judge(tx, &ctx, (&mut offer, &mut payout, &mut attempt), seen.as_ref())?;
            attempt.updated_at = now;
            store::update_attempt(tx, id, &attempt)?;
            Ok(answer)
        })
        .await
}

/// What the rail says now, against what was booked; answers whether booked money came back.
fn judge(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (offer, payout, attempt): (&mut Offer, &mut Payout, &mut Attempt),
    seen: Option<&RailPayment>,
) -> Result<bool, Error> {
    let Some(payment) = seen else {
        // It proves nothing, because what is on its way may still arrive; but it is told.
        let hours = cx.settings.snapshot().int(&UNHEARD);
        evidence::unheard(tx, cx, &Books { offer, payout, attempt }, hours)?;
        return Ok(false);
    };
    let another = Books { offer, payout, attempt }.is_another(payment);
    if let (PayoutStatus::Paid, false) = (attempt.status, another)
        && let RailState::Returned { code } | RailState::Failed { code } = &payment.state
    {
        take_back(tx, cx, (offer, payout, attempt), code)?;
        return Ok(true);
    }
    let books = Books { offer, payout, attempt };
    let rested = books.rest_on_a_word();
    if evidence::compare(tx, cx, &books, payment)? {
        attempt.look_at = None;
    }
    if rested {
        // From here on it is the rail's word; what the person typed in stays in the audit.
        attempt.error_code = None;
        attempt.rail_reference = Some(payment.reference.clone());
    }
    Ok(false)
}

/// The money came back after it was paid: a new transfer in reverse, into suspense.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (offer, payout, attempt): (&mut Offer, &mut Payout, &mut Attempt),
    code: &str,
) -> Result<(), Error> {
    let now = cx.clock.now();
    let a = posting::accounts(tx, cx, offer, &payout.rail)?;
    let back = Movement {
        debit: a.cash,
        credit: a.suspense,
        amount: payout.amount,
        action: Action::Single,
        kind: TransferKind::Adjustment,
        reference: code,
    };
    posting::post(tx, cx, offer, now, &back)?;
    payout.status = PayoutStatus::Returned;
    payout.failure_reason = Some(code.to_owned());
    payout.updated_at = now;
    attempt.status = PayoutStatus::Returned;
    attempt.look_at = None;
    store::update(tx, payout)?;
    go(tx, cx, offer, Status::Returned, Some(code.to_owned()))?;
    offers::update(tx, offer)?;
    let entry = Entry {
        action: "payouts.returned",
        subject: format!("payout/{}", payout.id),
        details: serde_json::json!({ "code": code }),
    };
    Ok(audit::append(tx, cx, now, &entry)?)
}

/// How many outcomes are not known, and for how long: as metrics, and as an alarm.
async fn watch_unknown(cx: &Cx) -> Result<(), Error> {
    let (count, oldest) = cx.db.read(store::unknown).await.map_err(|e: DbError| Error::from(e))?;
    let now = cx.clock.now().micros();
    let seconds = oldest.map_or(0, |since| now.saturating_sub(since.micros()) / 1_000_000);
    metrics::gauge!("payouts_unknown").set(as_metric(count));
    metrics::gauge!("payouts_unknown_oldest_seconds").set(as_metric(seconds));
    if seconds >= cx.settings.snapshot().int(&ALARM) * 60 {
        tracing::error!(
            count,
            oldest_seconds = seconds,
            "payouts whose outcome is not known wait for a person: see docs/runbooks/payouts.md"
        );
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a metric, not money")]
const fn as_metric(value: i64) -> f64 {
    value as f64
}
