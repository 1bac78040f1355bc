//! A person's way out of a payout whose outcome the rail does not tell: with evidence, the
//! treasurer says whether the money left, and takes a wrong "paid" back while the rail has no such
//! payment.

use std::sync::Arc;

use kernel::Error;
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::Tx;
use platform::idempotency::Once;
use serde::{Deserialize, Serialize};

use super::super::model::{Attempt, Payout, PayoutId, PayoutStatus, next_look};
use super::super::rail::Rail;
use super::super::store;
use crate::offers::service::{go, lock as lock_offer};
use crate::offers::{Status, store as offers};

use super::drive::{close_attempt, fail, load_for_drive, newest_attempt, record, settle};
use super::evidence::BY_HAND;
use super::load;
use super::look::take_back;

/// What a person found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Found {
    /// The money left: the bank's statement of account shows it.
    Paid,
    /// It did not and will not: the bank says that it has no such payment.
    NotPaid,
}

/// A person's word about a payout.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ByHand {
    pub(crate) outcome: Found,
    /// The bank's reference of the payment, 1 to 140 characters; needed when it was paid.
    #[serde(default)]
    #[schema(max_length = 140)]
    pub(crate) reference: Option<String>,
    /// How it is known: who said so, when, on which paper. 10 to 2000 characters.
    #[schema(min_length = 10, max_length = 2000)]
    pub(crate) evidence: String,
}

impl ByHand {
    fn checked(mut self) -> Result<Self, Error> {
        self.evidence = crate::creators_text("evidence", &self.evidence, 2_000)?;
        if self.evidence.chars().count() < 10 {
            return Err(Error::invalid("evidence", "say how it is known: 10 to 2000 characters"));
        }
        self.reference = match (self.outcome, self.reference) {
            (Found::Paid, None) => {
                let why = "the bank's reference of the payment is needed";
                return Err(Error::invalid("reference", why));
            }
            (_, None) => None,
            (_, Some(r)) => Some(crate::creators_text("reference", &r, 140)?),
        };
        Ok(self)
    }
}

/// A person settles or cancels a payout whose outcome is not known, or takes back that it was
/// paid. The rail is asked once more first: when it knows, its word counts.
///
/// # Errors
/// `payout_outcome_known` with the status, `payout_not_found`, `Invalid` naming the field or the
/// missing Idempotency-Key.
pub(crate) async fn confirm(
    cx: &Cx,
    rail: &Arc<dyn Rail>,
    id: PayoutId,
    word: ByHand,
) -> Result<Payout, Error> {
    cx.decide_all("payouts.confirm").await?;
    let once = Once::required(cx, "payouts.confirm", &(id, &word))?;
    let word = word.checked()?;
    let asked = once.clone();
    let before = cx.db.read(move |tx| asked.before::<PayoutId>(tx)).await?;
    if before.is_none() {
        let (payout, attempt, _) = load_for_drive(cx, id).await?;
        refuse_known(&payout, &attempt, word.outcome)?;
        if let Ok(Some(payment)) = rail.read(&attempt.idempotency_key).await {
            record(cx, &payout, &attempt, Ok(Some(payment))).await?;
            if payout.status == PayoutStatus::Paid {
                return Err(known(&payout));
            }
        }
    }
    let (ctx, now) = (cx.clone(), cx.clock.now());
    cx.db
        .write(move |tx| {
            let of = load(tx, id)?.offer;
            let mut offer = lock_offer(tx, of)?;
            if let Some(before) = once.begin::<PayoutId>(tx, now)? {
                return load(tx, before);
            }
            let mut payout = load(tx, id)?;
            let mut attempt = newest_attempt(tx, id)?;
            refuse_known(&payout, &attempt, word.outcome)?;
            (payout.updated_at, attempt.updated_at) = (now, now);
            let was = payout.status;
            match word.outcome {
                Found::Paid => {
                    if offer.status == Status::PayoutRequested {
                        go(tx, &ctx, &mut offer, Status::PayoutPending, None)?;
                    }
                    let reference = word.reference.clone().unwrap_or_default();
                    settle(tx, &ctx, &mut offer, &mut payout, &reference)?;
                    attempt.rail_reference = Some(reference);
                    attempt.error_code = Some(BY_HAND.into());
                }
                Found::NotPaid if was == PayoutStatus::Paid => {
                    let of = (&mut offer, &mut payout, &mut attempt);
                    take_back(tx, &ctx, of, "corrected_by_hand")?;
                }
                Found::NotPaid => {
                    fail(tx, &ctx, &mut offer, &mut payout, &mut attempt, "cancelled_by_hand")?;
                    payout.status = PayoutStatus::Cancelled;
                }
            }
            close_attempt(&mut attempt, payout.status, now);
            if was == PayoutStatus::Paid {
                // No money left by it, as far as anybody knows: the rail goes on being asked.
                attempt.status = PayoutStatus::Cancelled;
                attempt.error_code = Some("corrected_by_hand".into());
                attempt.look_at = next_look(now, now);
            }
            store::update_attempt(tx, id, &attempt)?;
            store::update(tx, &payout)?;
            offers::update(tx, &offer)?;
            note(tx, &ctx, &payout, &word)?;
            once.done(tx, &payout.id)?;
            Ok(payout)
        })
        .await
}

fn refuse_known(payout: &Payout, attempt: &Attempt, outcome: Found) -> Result<(), Error> {
    let open = matches!(payout.status, PayoutStatus::Unknown | PayoutStatus::Sending);
    let rests_on_a_word = payout.status == PayoutStatus::Paid
        && attempt.error_code.as_deref() == Some(BY_HAND)
        && outcome == Found::NotPaid;
    if open || rests_on_a_word { Ok(()) } else { Err(known(payout)) }
}

fn known(payout: &Payout) -> Error {
    Error::conflict(
        "payout_outcome_known",
        format!(
            "the payout is {}: only one whose outcome the rail does not tell is settled by hand",
            payout.status.as_str()
        ),
    )
    .with("status", payout.status.as_str())
}

fn note(tx: &mut Tx<'_>, cx: &Cx, payout: &Payout, word: &ByHand) -> Result<(), Error> {
    let entry = Entry {
        action: "payouts.confirm",
        subject: format!("payout/{}", payout.id),
        details: serde_json::json!({ "outcome": word.outcome, "reference": word.reference,
            "evidence": word.evidence, "status": payout.status }),
    };
    Ok(audit::append(tx, cx, cx.clock.now(), &entry)?)
}
