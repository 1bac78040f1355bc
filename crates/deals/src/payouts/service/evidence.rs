//! What a rail says of an attempt that is over, held against what the house booked.
//!
//! Nothing of it goes into the void: money that left although the books say that none did lies in
//! suspense, with audit and alarm, until people decide; money that came back is booked back.

use kernel::Error;
use ledger::model::{Action, TransferKind};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::Tx;

use super::super::model::{Attempt, Evidence, Payout, PayoutStatus};
use super::super::rail::{RailPayment, RailState};
use super::super::store;
use crate::offers::Offer;
use crate::offers::posting::{self, Movement};

/// Stands as the code of an attempt that a person settled.
pub(super) const BY_HAND: &str = "confirmed_by_hand";

/// A payment of which the rail knows nothing although a person called it paid.
const UNHEARD: &str = "unheard";

const STATES: [&str; 5] = ["pending", "paid", "returned", "failed", UNHEARD];

/// The counters are there from the start: an alarm on their increase sees the first one, too.
pub(super) fn count_from_zero(rail: &'static str) {
    for state in STATES {
        metrics::counter!("payouts_late_evidence_total", "rail" => rail, "state" => state)
            .increment(0);
    }
}

/// What is known of the attempt that somebody asked about.
pub(super) struct Books<'a> {
    pub(super) offer: &'a Offer,
    pub(super) payout: &'a Payout,
    pub(super) attempt: &'a Attempt,
}

impl Books<'_> {
    /// The house says that no money left by this attempt.
    const fn say_nothing_left(&self) -> bool {
        matches!(self.attempt.status, PayoutStatus::Failed | PayoutStatus::Cancelled)
    }

    /// A person said that the money left, and the rail has not spoken of it yet.
    pub(super) fn rest_on_a_word(&self) -> bool {
        self.attempt.status == PayoutStatus::Paid
            && self.attempt.error_code.as_deref() == Some(BY_HAND)
    }

    /// The rail speaks of another payment than the one that was booked. What a person typed in
    /// as its reference proves nothing of the kind.
    pub(super) fn is_another(&self, payment: &RailPayment) -> bool {
        self.attempt.error_code.as_deref() != Some(BY_HAND)
            && self.attempt.rail_reference.as_ref().is_some_and(|r| *r != payment.reference)
    }
}

/// An answer that came when the attempt was over: what it proves is booked, and the rail is
/// asked again at once, because an answer that waited may be an old one.
pub(super) fn overheard(
    tx: &mut Tx<'_>,
    cx: &Cx,
    books: &Books<'_>,
    payment: &RailPayment,
) -> Result<(), Error> {
    compare(tx, cx, books, payment)?;
    Ok(store::look_at(tx, books.payout.id, books.attempt.number, cx.clock.now())?)
}

/// Compares what the rail says with the books; answers whether the rail will never again move
/// money under this key.
pub(super) fn compare(
    tx: &mut Tx<'_>,
    cx: &Cx,
    books: &Books<'_>,
    payment: &RailPayment,
) -> Result<bool, Error> {
    let unexpected = books.say_nothing_left() || books.is_another(payment);
    match &payment.state {
        RailState::Pending if unexpected => note(tx, cx, books, payment, "pending").map(|()| false),
        RailState::Paid if unexpected => left_after_all(tx, cx, books, payment).map(|()| false),
        RailState::Returned { .. } if unexpected => {
            came_back(tx, cx, books, payment, "returned").map(|()| true)
        }
        RailState::Failed { .. } if unexpected => {
            came_back(tx, cx, books, payment, "failed").map(|()| true)
        }
        // Of the payment that was booked. When it came back, its own look books that.
        _ => Ok(false),
    }
}

/// A person called it paid, and `hours` later the rail still has no such payment: told once. No
/// money is booked, because nobody knows yet whether the person or the rail is wrong.
pub(super) fn unheard(
    tx: &mut Tx<'_>,
    cx: &Cx,
    books: &Books<'_>,
    hours: i64,
) -> Result<(), Error> {
    let said = books.attempt.ended_at.unwrap_or(books.attempt.updated_at);
    if !books.rest_on_a_word() || cx.clock.now() < said.plus_ms(hours * 3_600_000) {
        return Ok(());
    }
    let claimed = RailPayment {
        reference: books.attempt.rail_reference.clone().unwrap_or_default(),
        state: RailState::Paid,
    };
    note(tx, cx, books, &claimed, UNHEARD)
}

/// Money left although the books say that none did: suspense against the cash it left from.
fn left_after_all(
    tx: &mut Tx<'_>,
    cx: &Cx,
    books: &Books<'_>,
    payment: &RailPayment,
) -> Result<(), Error> {
    let known = store::evidence(tx, books.payout.id)?;
    if known.iter().any(|e| is_of(e, books, payment, "paid") && e.transfer.is_some()) {
        return Ok(());
    }
    let a = posting::accounts(tx, cx, books.offer, &books.payout.rail)?;
    let out = Movement {
        debit: a.suspense,
        credit: a.cash,
        amount: books.payout.amount,
        action: Action::Single,
        kind: TransferKind::Adjustment,
        reference: &payment.reference,
    };
    let now = cx.clock.now();
    let booked = tx.savepoint(|tx| posting::post(tx, cx, books.offer, now, &out));
    let transfer = match booked {
        Ok(id) => Some(id.0),
        // There is not enough cash in the books for what left the bank: it stays noted without
        // a booking, and each look tries again.
        Err(e) if e.code == "insufficient_funds" => None,
        Err(e) => return Err(e),
    };
    keep(tx, cx, books, payment, "paid", transfer)
}

/// What was booked into suspense came back, or never left: booked the other way round.
fn came_back(
    tx: &mut Tx<'_>,
    cx: &Cx,
    books: &Books<'_>,
    payment: &RailPayment,
    state: &'static str,
) -> Result<(), Error> {
    let known = store::evidence(tx, books.payout.id)?;
    let out = known.iter().any(|e| is_of(e, books, payment, "paid") && e.transfer.is_some());
    let back = known.iter().any(|e| {
        (is_of(e, books, payment, "returned") || is_of(e, books, payment, "failed"))
            && e.transfer.is_some()
    });
    if !out || back {
        // The rail agrees with the books, or was heard before.
        return Ok(());
    }
    let a = posting::accounts(tx, cx, books.offer, &books.payout.rail)?;
    let home = Movement {
        debit: a.cash,
        credit: a.suspense,
        amount: books.payout.amount,
        action: Action::Single,
        kind: TransferKind::Adjustment,
        reference: &payment.reference,
    };
    let transfer = posting::post(tx, cx, books.offer, cx.clock.now(), &home)?;
    keep(tx, cx, books, payment, state, Some(transfer.0))
}

/// Keeps what nothing can be booked for yet.
fn note(
    tx: &mut Tx<'_>,
    cx: &Cx,
    books: &Books<'_>,
    payment: &RailPayment,
    state: &'static str,
) -> Result<(), Error> {
    let known = store::evidence(tx, books.payout.id)?;
    if known.iter().any(|e| is_of(e, books, payment, state)) {
        return Ok(());
    }
    keep(tx, cx, books, payment, state, None)
}

fn is_of(e: &Evidence, books: &Books<'_>, payment: &RailPayment, state: &str) -> bool {
    e.number == books.attempt.number && e.rail_reference == payment.reference && e.state == state
}

fn keep(
    tx: &mut Tx<'_>,
    cx: &Cx,
    books: &Books<'_>,
    payment: &RailPayment,
    state: &'static str,
    transfer: Option<kernel::ids::Uuid>,
) -> Result<(), Error> {
    let (payout, now) = (books.payout, cx.clock.now());
    let evidence = Evidence {
        number: books.attempt.number,
        state: state.to_owned(),
        rail_reference: payment.reference.clone(),
        seen_at: now,
        transfer,
    };
    store::save_evidence(tx, payout.id, &evidence)?;
    let entry = Entry {
        action: "payouts.late_evidence",
        subject: format!("payout/{}", payout.id),
        details: serde_json::json!({ "attempt": evidence.number, "state": state,
            "rail_reference": evidence.rail_reference, "transfer": transfer,
            "amount": kernel::Money::new(payout.amount, payout.currency),
            "books": books.attempt.status }),
    };
    audit::append(tx, cx, now, &entry)?;
    let what = match state {
        UNHEARD => "a rail has no payment that a person called paid",
        _ => "a rail moves money that the books say is not moved",
    };
    tracing::error!(payout = %payout.id, rail = payout.rail, state, booked = transfer.is_some(),
        "{what}: see docs/runbooks/payouts.md");
    metrics::counter!("payouts_late_evidence_total", "rail" => payout.rail.clone(),
        "state" => state)
    .increment(1);
    Ok(())
}
