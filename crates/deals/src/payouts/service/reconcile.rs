//! Reading paid payouts back: money may return days later.

use std::sync::Arc;

use kernel::Error;
use ledger::model::{Action, TransferKind};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::DbError;

use super::super::model::{Payout, PayoutId, PayoutStatus};
use super::super::rail::{Rail, RailPayment, RailState};
use super::super::store;
use crate::offers::posting::{self, Movement};
use crate::offers::service::{go, lock as lock_offer};
use crate::offers::{Status, store as offers};

use super::drive::{load_for_drive, newest_attempt};
use super::{RETURN_DAYS, load};

/// Reads paid payouts back from the rail and books what came back; answers how many returned.
///
/// # Errors
/// When the database fails; a rail that does not answer is asked again next time.
pub async fn reconcile(cx: &Cx, rail: &Arc<dyn Rail>) -> Result<usize, Error> {
    let since = cx.clock.now().plus_days(-RETURN_DAYS);
    let paid: Vec<PayoutId> = cx
        .db
        .read(move |tx| store::paid_since(tx, since))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    let mut returned = 0;
    for id in paid {
        let (payout, attempt, _) = load_for_drive(cx, id).await?;
        let seen = rail.read(&attempt.idempotency_key).await;
        if let Ok(Some(RailPayment { state: RailState::Returned { code }, .. })) = seen {
            take_back(cx, &payout, code).await?;
            returned += 1;
        }
    }
    Ok(returned)
}

/// The money came back after it was paid: a new transfer in reverse, into suspense.
async fn take_back(cx: &Cx, paid: &Payout, code: String) -> Result<(), Error> {
    let (ctx, id, offer_id, now) = (cx.clone(), paid.id, paid.offer, cx.clock.now());
    cx.db
        .write(move |tx| {
            // The offer first, as every step of a payout does.
            let mut offer = lock_offer(tx, offer_id)?;
            let mut payout = load(tx, id)?;
            if payout.status != PayoutStatus::Paid {
                return Ok(());
            }
            let a = posting::accounts(tx, &ctx, &offer, &payout.rail)?;
            let back = Movement {
                debit: a.cash,
                credit: a.suspense,
                amount: payout.amount,
                action: Action::Single,
                kind: TransferKind::Adjustment,
                reference: &code,
            };
            posting::post(tx, &ctx, &offer, now, &back)?;
            let mut attempt = newest_attempt(tx, id)?;
            payout.status = PayoutStatus::Returned;
            payout.failure_reason = Some(code.clone());
            payout.updated_at = now;
            (attempt.status, attempt.updated_at) = (PayoutStatus::Returned, now);
            store::update(tx, &payout)?;
            store::update_attempt(tx, id, &attempt)?;
            go(tx, &ctx, &mut offer, Status::Returned, Some(code.clone()))?;
            offers::update(tx, &offer)?;
            let entry = Entry {
                action: "payouts.returned",
                subject: format!("payout/{id}"),
                details: serde_json::json!({ "code": code }),
            };
            Ok(audit::append(tx, &ctx, now, &entry)?)
        })
        .await
}
