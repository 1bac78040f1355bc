//! Attempts that are over are asked about again, each at its own time, and none is forgotten.

use platform::leases;

use super::*;
use crate::payouts::model::idempotency_key;

const COPY_PAYOUT: &str = "insert into payouts (id, offer_id, creator_id, recipient_id, amount, \
    currency, status, rail, hold_id, created_at, updated_at) \
    select $1, offer_id, creator_id, recipient_id, amount, currency, 'PAID', rail, hold_id, \
    created_at, updated_at from payouts where id = $2";
const COPY_ATTEMPT: &str = "insert into payouts_attempts (payout_id, number, rail, \
    idempotency_key, status, read_backs, started_at, updated_at, ended_at, look_at) \
    select $1, 1, rail, $3, 'PAID', 0, started_at, updated_at, ended_at, look_at - 1000000 \
    from payouts_attempts where payout_id = $2";

/// A deal that was paid by the scripted rail.
async fn paid(f: &Fixture, script: &Script, rail: &Arc<dyn Rail>) -> (Offer, PayoutId) {
    f.pay_in().await;
    let offer = f.accepted().await;
    let id = f.requested(&offer, "k").await;
    service::drive(&f.cx, rail, id).await.unwrap();
    script.all(&RailState::Paid);
    service::drive(&f.cx, rail, id).await.unwrap();
    assert_eq!(f.payout(id).await.status, PayoutStatus::Paid);
    (offer, id)
}

/// So many paid payouts that are more overdue than the one there is.
async fn crowd(f: &Fixture, script: &Script, like: PayoutId, count: usize) {
    let ids: Vec<PayoutId> = (0..count).map(|_| PayoutId::new(&*f.cx.ids)).collect();
    for id in &ids {
        script.keep(&idempotency_key(*id, "sandbox_bank", 1), "other", RailState::Paid);
    }
    let copied: Result<(), DbError> =
        f.t.house
            .db
            .write(move |tx| {
                for id in &ids {
                    tx.execute(COPY_PAYOUT, params![id.0, like.0])?;
                    let key = idempotency_key(*id, "sandbox_bank", 1);
                    tx.execute(COPY_ATTEMPT, params![id.0, like.0, key])?;
                }
                Ok(())
            })
            .await;
    copied.unwrap();
}

async fn the_last_of_many_returns_is_noticed(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (offer, id) = paid(&f, &script, &rail).await;
    crowd(&f, &script, id, 650).await;
    let key = idempotency_key(id, "sandbox_bank", 1);
    script.keep(&key, &format!("R{key}"), RailState::Returned { code: "closed".into() });
    f.t.clock.advance_ms(3_000);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 1);
    assert_eq!(f.payout(id).await.status, PayoutStatus::Returned);
    assert_eq!(f.offer(&offer).await.status, Status::Returned);
    assert_eq!(script.reads.load(Ordering::Relaxed), 1 + 651, "each is asked about once");
    // Nothing is due again at once.
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 0);
    assert_eq!(script.reads.load(Ordering::Relaxed), 1 + 651);
}

async fn one_that_cannot_be_looked_at_stops_no_other(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (offer, id) = paid(&f, &script, &rail).await;
    crowd(&f, &script, id, 3).await;
    let broken: Result<u64, DbError> =
        f.t.house
            .db
            .write(move |tx| {
                let sql = "update payouts set offer_id = 'nowhere' where id <> $1";
                tx.execute(sql, params![id.0])
            })
            .await;
    assert_eq!(broken.unwrap(), 3);
    script.all(&RailState::Returned { code: "closed".into() });
    f.t.clock.advance_ms(3_000);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 1);
    assert_eq!(f.offer(&offer).await.status, Status::Returned);
}

async fn another_process_asks_meanwhile(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (_, id) = paid(&f, &script, &rail).await;
    script.all(&RailState::Returned { code: "closed".into() });
    f.t.clock.advance_ms(3_000);
    let (now, other) = (f.cx.clock.now(), f.cx.ids.next());
    let name = "payouts.look/sandbox_bank";
    let db = &f.t.house.db;
    let taken: Result<bool, DbError> =
        db.write(move |tx| leases::claim(tx, name, other, now, 10_000)).await;
    assert!(taken.unwrap());
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 0);
    assert_eq!(f.payout(id).await.status, PayoutStatus::Paid);
    // It died: its lease runs out.
    f.t.clock.advance_ms(11_000);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 1);
    assert_eq!(f.payout(id).await.status, PayoutStatus::Returned);
}

async fn a_rail_that_is_silent_is_asked_again_later(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (_, id) = paid(&f, &script, &rail).await;
    script.all(&RailState::Returned { code: "closed".into() });
    script.silent.store(true, Ordering::Relaxed);
    f.t.clock.advance_ms(3_000);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 0);
    script.silent.store(false, Ordering::Relaxed);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 0, "not at once");
    f.t.clock.advance_ms(61_000);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 1);
    assert_eq!(f.payout(id).await.status, PayoutStatus::Returned);
}

/// Paid, and failed after all, as some rails say it: that is a return as well.
async fn paid_then_failed_is_a_return(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (offer, _) = paid(&f, &script, &rail).await;
    let before = f.balances().await;
    assert_eq!(before["suspense"], 0);
    script.all(&RailState::Failed { code: "account_closed".into() });
    f.t.clock.advance_ms(3_000);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 1);
    assert_eq!(f.offer(&offer).await.status, Status::Returned);
    let amount = offer.acceptance.as_ref().unwrap().amount.minor;
    let after = f.balances().await;
    assert_eq!(after["house_cash"], before["house_cash"] + amount);
    assert_eq!(after["suspense"], -amount, "a credit until people decide");
}

/// Payouts from before each attempt had its own next look.
async fn old_payouts_are_looked_at_too(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    let (_, id) = paid(&f, &script, &rail).await;
    crowd(&f, &script, id, 1_200).await;
    let db = &f.t.house.db;
    let old: Result<u64, DbError> = db
        .write(|tx| tx.execute("update payouts_attempts set look_at = null, ended_at = null", &[]))
        .await;
    assert_eq!(old.unwrap(), 1_201);
    f.t.clock.advance_ms(3_000);
    script.all(&RailState::Paid);
    let reads = script.reads.load(Ordering::Relaxed);
    assert_eq!(service::reconcile(&f.cx, &rail).await.unwrap(), 0);
    assert_eq!(script.reads.load(Ordering::Relaxed), reads, "nothing is due");
    let finish = || platform::backfill::finish(&f.t.house, service::LOOKS);
    assert_eq!(finish().await.unwrap(), 1_201);
    assert_eq!(finish().await.unwrap(), 0);
    service::reconcile(&f.cx, &rail).await.unwrap();
    assert_eq!(script.reads.load(Ordering::Relaxed), reads + 1_201);
}

on_both!(
    the_last_of_many_returns_is_noticed,
    one_that_cannot_be_looked_at_stops_no_other,
    another_process_asks_meanwhile,
    a_rail_that_is_silent_is_asked_again_later,
    paid_then_failed_is_a_return,
    old_payouts_are_looked_at_too,
);
