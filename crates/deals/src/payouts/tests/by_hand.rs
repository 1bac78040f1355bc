//! A person's way out of an outcome that the rail never tells.

use super::*;
use crate::payouts::service::{ByHand, confirm};

fn word(outcome: &str) -> ByHand {
    serde_json::from_value(serde_json::json!({ "outcome": outcome, "reference": "SWIFT-77",
        "evidence": "the bank's statement of account of today, page 2" }))
    .unwrap()
}

/// A payout whose outcome nobody knows, because the rail says nothing.
async fn unknown(f: &Fixture, script: &Script, rail: &Arc<dyn Rail>) -> (Offer, PayoutId) {
    f.pay_in().await;
    let offer = f.accepted().await;
    let id = f.requested(&offer, "k").await;
    f.forget_the_answer(id).await;
    script.silent.store(true, Ordering::Relaxed);
    service::drive(&f.cx, rail, id).await.unwrap();
    assert_eq!(f.payout(id).await.status, PayoutStatus::Unknown);
    (offer, id)
}

async fn found_paid_it_is_settled(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (offer, id) = unknown(&f, &script, &rail).await;
    let cx = f.cx.clone().with_key("hand-1");
    let e = confirm(&f.cx, &rail, id, word("paid")).await.unwrap_err();
    assert_eq!(e.details.unwrap()["field"], "Idempotency-Key");
    for _ in 0..2 {
        let payout = confirm(&cx, &rail, id, word("paid")).await.unwrap();
        assert_eq!(payout.status, PayoutStatus::Paid);
    }
    assert_eq!(f.audited("payouts.confirm").await, 1);
    assert_eq!(f.offer(&offer).await.status, Status::PaidOut);
    let amount = offer.acceptance.as_ref().unwrap().amount.minor;
    assert_eq!(f.balances().await["house_cash"], 1_000_000_000 - amount);
    // The rail finds its voice: it has the payment, under its own reference. Nothing is new.
    let key = crate::payouts::model::idempotency_key(id, "sandbox_bank", 1);
    script.silent.store(false, Ordering::Relaxed);
    script.keep(&key, "its-own", RailState::Paid);
    f.t.clock.advance_ms(3_000);
    service::reconcile(&f.cx, &rail).await.unwrap();
    assert_eq!(f.balances().await["suspense"], 0);
    let other = f.cx.clone().with_key("hand-2");
    let e = confirm(&other, &rail, id, word("not_paid")).await.unwrap_err();
    assert_eq!(e.code, "payout_outcome_known");
}

async fn found_not_paid_it_is_cancelled_and_can_be_paid_again(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (offer, id) = unknown(&f, &script, &rail).await;
    let cx = f.cx.clone().with_key("hand-1");
    let payout = confirm(&cx, &rail, id, word("not_paid")).await.unwrap();
    assert_eq!(payout.status, PayoutStatus::Cancelled);
    assert_eq!(f.offer(&offer).await.status, Status::PayoutFailed);
    assert_eq!(f.balances().await["house_cash"], 1_000_000_000);
    script.silent.store(false, Ordering::Relaxed);
    let again = f.requested(&offer, "k2").await;
    service::drive(&f.cx, &rail, again).await.unwrap();
    script.all(&RailState::Paid);
    service::drive(&f.cx, &rail, again).await.unwrap();
    assert_eq!(f.payout(again).await.status, PayoutStatus::Paid);
    let amount = offer.acceptance.as_ref().unwrap().amount.minor;
    assert_eq!(f.balances().await["house_cash"], 1_000_000_000 - amount);
    // The person was wrong after all: the first one was paid. That lies in suspense.
    let key = crate::payouts::model::idempotency_key(id, "sandbox_bank", 1);
    script.keep(&key, "first", RailState::Paid);
    f.t.clock.advance_ms(3_000);
    service::reconcile(&f.cx, &rail).await.unwrap();
    let balances = f.balances().await;
    assert_eq!(balances["suspense"], amount);
    assert_eq!(balances["house_cash"], 1_000_000_000 - 2 * amount);
}

async fn a_word_that_the_rail_never_bears_out_is_told_and_taken_back(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (offer, id) = unknown(&f, &script, &rail).await;
    let amount = offer.acceptance.as_ref().unwrap().amount.minor;
    confirm(&f.cx.clone().with_key("hand-1"), &rail, id, word("paid")).await.unwrap();
    f.settle().await;
    // The rail is there again and has no such payment.
    script.silent.store(false, Ordering::Relaxed);
    f.t.clock.advance_ms(3_600_000);
    service::reconcile(&f.cx, &rail).await.unwrap();
    assert_eq!(f.audited("payouts.late_evidence").await, 0, "an hour is no reason yet");
    for _ in 0..3 {
        f.t.clock.advance_ms(48 * 3_600_000);
        service::reconcile(&f.cx, &rail).await.unwrap();
    }
    assert_eq!(f.audited("payouts.late_evidence").await, 1, "told once");
    let e = f.t.house.db.read(move |tx| crate::payouts::store::evidence(tx, id)).await.unwrap();
    assert_eq!((e[0].state.as_str(), e[0].rail_reference.as_str()), ("unheard", "SWIFT-77"));
    assert_eq!(f.balances().await["house_cash"], 1_000_000_000 - amount);

    let cx = f.cx.clone().with_key("hand-2");
    let e = confirm(&cx, &rail, id, word("paid")).await.unwrap_err();
    assert_eq!(e.code, "payout_outcome_known");
    let cx = f.cx.clone().with_key("hand-3");
    for _ in 0..2 {
        let payout = confirm(&cx, &rail, id, word("not_paid")).await.unwrap();
        assert_eq!(payout.status, PayoutStatus::Returned);
    }
    assert_eq!(f.offer(&offer).await.status, Status::Returned);
    let balances = f.balances().await;
    assert_eq!((balances["house_cash"], balances["suspense"]), (1_000_000_000, -amount));
    // And it was paid after all: that closes the suspense again.
    let key = crate::payouts::model::idempotency_key(id, "sandbox_bank", 1);
    script.keep(&key, "SWIFT-77", RailState::Paid);
    f.t.clock.advance_ms(3_600_000);
    service::reconcile(&f.cx, &rail).await.unwrap();
    let balances = f.balances().await;
    assert_eq!((balances["house_cash"], balances["suspense"]), (1_000_000_000 - amount, 0));
}

async fn what_the_rail_bears_out_is_not_taken_back(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (_, id) = unknown(&f, &script, &rail).await;
    confirm(&f.cx.clone().with_key("hand-1"), &rail, id, word("paid")).await.unwrap();
    let key = crate::payouts::model::idempotency_key(id, "sandbox_bank", 1);
    script.silent.store(false, Ordering::Relaxed);
    script.keep(&key, "its-own", RailState::Paid);
    // Asked in the moment of the correction ...
    let e = confirm(&f.cx.clone().with_key("hand-2"), &rail, id, word("not_paid")).await;
    assert_eq!(e.unwrap_err().code, "payout_outcome_known");
    // ... or heard before, and silent since.
    f.t.clock.advance_ms(3_000);
    service::reconcile(&f.cx, &rail).await.unwrap();
    script.silent.store(true, Ordering::Relaxed);
    let e = confirm(&f.cx.clone().with_key("hand-3"), &rail, id, word("not_paid")).await;
    assert_eq!(e.unwrap_err().code, "payout_outcome_known");
    assert_eq!(f.payout(id).await.status, PayoutStatus::Paid);
    // A return is booked as any other.
    script.silent.store(false, Ordering::Relaxed);
    script.keep(&key, "its-own", RailState::Returned { code: "closed".into() });
    f.t.clock.advance_ms(3_600_000);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 1);
    assert_eq!(f.payout(id).await.status, PayoutStatus::Returned);
}

async fn when_the_rail_knows_its_word_counts(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (offer, id) = unknown(&f, &script, &rail).await;
    script.silent.store(false, Ordering::Relaxed);
    let key = crate::payouts::model::idempotency_key(id, "sandbox_bank", 1);
    script.keep(&key, "bank", RailState::Paid);
    let cx = f.cx.clone().with_key("hand-1");
    let e = confirm(&cx, &rail, id, word("not_paid")).await.unwrap_err();
    assert_eq!(
        (e.code, e.details.unwrap()["status"].as_str()),
        ("payout_outcome_known", Some("PAID"))
    );
    assert_eq!(f.offer(&offer).await.status, Status::PaidOut);
}

async fn a_word_without_evidence_is_refused(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (_, id) = unknown(&f, &script, &rail).await;
    let cx = f.cx.clone().with_key("hand-1");
    for (body, field) in [
        (serde_json::json!({ "outcome": "paid", "evidence": "statement of account" }), "reference"),
        (serde_json::json!({ "outcome": "not_paid", "evidence": "  no  " }), "evidence"),
        (serde_json::json!({ "outcome": "not_paid", "evidence": "x".repeat(2_001) }), "evidence"),
    ] {
        let word = serde_json::from_value(body).unwrap();
        let e = confirm(&cx, &rail, id, word).await.unwrap_err();
        assert_eq!(e.details.unwrap()["field"], field);
    }
    assert_eq!(f.payout(id).await.status, PayoutStatus::Unknown);
}

on_both!(
    found_paid_it_is_settled,
    found_not_paid_it_is_cancelled_and_can_be_paid_again,
    a_word_that_the_rail_never_bears_out_is_told_and_taken_back,
    what_the_rail_bears_out_is_not_taken_back,
    when_the_rail_knows_its_word_counts,
    a_word_without_evidence_is_refused,
);
