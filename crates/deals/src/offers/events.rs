//! From inner facts to public events; each also becomes a line of the deal's timeline.

use contracts::deals as public;
use kernel::{Error, Timestamp};
use platform::Cx;
use platform::db::Tx;
use platform::outbox::{self, NewEvent};

use super::model::{Document, Offer, Step};
use super::store::{self, TimelineRow};

/// What happened to an offer.
#[derive(Debug, Clone)]
pub(crate) enum Fact {
    Created,
    Valuated {
        sheet: Document,
    },
    /// Somebody set the offered amount, minor units; others hear of the new term sheet.
    AmountSet {
        sheet: Document,
        amount: i64,
        reason: String,
    },
    Accepted,
    Moved {
        step: Step,
        reason: Option<String>,
    },
    PayoutRequested {
        payout: String,
        amount: i64,
        rail: String,
        recipient: String,
    },
    PayoutCompleted {
        payout: String,
        amount: i64,
        rail: String,
        failure: Option<String>,
    },
    Receipt {
        document: Document,
    },
}

/// Emits `fact` as the next event of `offer` (whose row is locked) and counts its version.
pub(crate) fn emit(tx: &mut Tx<'_>, cx: &Cx, offer: &mut Offer, fact: &Fact) -> Result<(), Error> {
    let at = cx.clock.now();
    offer.version += 1;
    let (topic, version, payload) = public_form(cx, offer, at, fact)?;
    let event = NewEvent {
        topic,
        version,
        aggregate: offer.id.0,
        aggregate_version: offer.version,
        payload: payload.clone(),
    };
    outbox::emit(tx, cx, at, &event)?;
    let mut row = TimelineRow {
        version: offer.version,
        at,
        topic: topic.to_owned(),
        actor: cx.principal.name.clone(),
        payload,
    };
    if let Fact::AmountSet { amount, reason, .. } = fact {
        // The house's own reason: it is in the timeline, and nobody outside hears it.
        row.payload["offered"] = (*amount).into();
        row.payload["reason"] = reason.clone().into();
    }
    store::add_timeline(tx, offer.id, &row)?;
    Ok(())
}

fn form<T: serde::Serialize>(
    topic: &'static str,
    version: i64,
    event: &T,
) -> Result<(&'static str, i64, serde_json::Value), Error> {
    let payload = serde_json::to_value(event)
        .map_err(|e| Error::internal("an event cannot be written").caused_by(e))?;
    Ok((topic, version, payload))
}

fn public_form(
    cx: &Cx,
    o: &Offer,
    at: Timestamp,
    fact: &Fact,
) -> Result<(&'static str, i64, serde_json::Value), Error> {
    let event_id = cx.ids.next().to_string();
    let (offer_id, creator_id) = (o.id.to_string(), o.creator.to_string());
    let (occurred_at, currency) = (at.micros(), o.currency.code().to_owned());
    macro_rules! build {
        ($ty:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
            form(public::$ty::TOPIC, public::$ty::VERSION, &public::$ty {
                event_id, offer_id, creator_id, occurred_at, $($field $(: $value)?),*
            })
        };
    }
    match fact.clone() {
        Fact::Created => build!(OfferCreated {
            kind: o.kind.as_str().to_owned(),
            title: o.title.clone(),
            currency,
            term_years: o.term_years,
            share_bp: o.share_bp,
        }),
        Fact::Valuated { sheet } | Fact::AmountSet { sheet, .. } => {
            let (price_low, price_median, price_high) = o.prices.unwrap_or_default();
            build!(OfferValuated {
                price_low,
                price_median,
                price_high,
                currency,
                confidence_bp: o.confidence_bp.unwrap_or(0),
                term_sheet_sha256: sheet.sha256,
            })
        }
        Fact::Accepted => {
            let yes = o.acceptance.as_ref();
            build!(OfferAccepted {
                amount: yes.map_or(0, |a| a.amount.minor),
                currency,
                term_sheet_sha256: yes.map(|a| a.term_sheet_sha256.clone()).unwrap_or_default(),
                terms_version: yes.map(|a| a.terms_version.clone()).unwrap_or_default(),
            })
        }
        Fact::Moved { step, reason } => build!(OfferStatusChanged {
            from_status: step.from.as_str().to_owned(),
            to_status: step.to.as_str().to_owned(),
            reason,
        }),
        Fact::PayoutRequested { payout, amount, rail, recipient } => {
            build!(OfferPayoutRequested {
                payout_id: payout,
                amount,
                currency,
                rail,
                recipient_id: recipient,
            })
        }
        Fact::PayoutCompleted { payout, amount, rail, failure } => {
            build!(OfferPayoutCompleted {
                payout_id: payout,
                amount,
                currency,
                rail,
                status: if failure.is_none() { "SUCCESS" } else { "FAILURE" }.to_owned(),
                failure_reason: failure,
            })
        }
        Fact::Receipt { document } => build!(OfferReceiptGenerated {
            sha256: document.sha256,
            size_bytes: document.size_bytes,
        }),
    }
}
