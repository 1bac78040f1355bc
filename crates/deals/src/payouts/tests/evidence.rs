//! What a rail says when the payout is over: nothing of it goes into the void.

use super::*;

/// A rail that stands still inside its first call until others have driven the payout to its end.
struct Stalled {
    fixture: Fixture,
    script: Arc<Script>,
    inner: Arc<dyn Rail>,
    id: Mutex<Option<PayoutId>>,
    calls: AtomicUsize,
}

#[async_trait]
impl Rail for Stalled {
    fn name(&self) -> &'static str {
        "sandbox_bank"
    }

    async fn send(&self, i: &Instruction) -> Result<RailPayment, RailError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let id = self.id.lock().unwrap().unwrap();
        // Another worker reads nothing back, sends, is refused, and gives the payout up.
        self.script.refuses.store(true, Ordering::Relaxed);
        service::drive(&self.fixture.cx, &self.inner, id).await.unwrap();
        assert_eq!(self.fixture.payout(id).await.status, PayoutStatus::Failed);
        self.script.refuses.store(false, Ordering::Relaxed);
        self.inner.send(i).await
    }

    async fn read(&self, key: &str) -> Result<Option<RailPayment>, RailError> {
        self.inner.read(key).await
    }
}

/// The state of `suspense` and the cash that is missing against `before`.
async fn moved(f: &Fixture, before: &BTreeMap<String, i64>) -> (i64, i64) {
    let now = f.balances().await;
    (now["suspense"] - before["suspense"], before["house_cash"] - now["house_cash"])
}

async fn what_is_sent_after_it_was_given_up_lies_in_suspense(on: On) {
    let f = Fixture::new(on).await;
    let (script, inner) = Script::shared();
    f.pay_in().await;
    let offer = f.accepted().await;
    let amount = offer.acceptance.as_ref().unwrap().amount.minor;
    let id = f.requested(&offer, "k").await;
    let before = f.balances().await;
    let (cx, bare) = (f.cx.clone(), Arc::clone(&inner));
    let stalled = Arc::new(Stalled {
        fixture: f,
        script: Arc::clone(&script),
        inner,
        id: Mutex::new(Some(id)),
        calls: AtomicUsize::new(0),
    });
    let rail: Arc<dyn Rail> = stalled.clone();
    service::drive(&cx, &rail, id).await.unwrap();
    let f = &stalled.fixture;
    assert_eq!(f.payout(id).await.status, PayoutStatus::Failed);
    assert_eq!(f.audited("payouts.late_evidence").await, 1, "the bank has it: that is told");
    assert_eq!(moved(f, &before).await, (0, 0), "nothing has left yet");

    script.all(&RailState::Paid);
    service::reconcile(&cx, &bare).await.unwrap();
    assert_eq!(moved(f, &before).await, (amount, amount), "left, and nobody knows what for");
    assert_eq!(f.audited("payouts.late_evidence").await, 2);
    // Heard again, nothing is booked twice.
    for _ in 0..3 {
        f.t.clock.advance_ms(600_000);
        service::reconcile(&cx, &bare).await.unwrap();
    }
    assert_eq!(moved(f, &before).await, (amount, amount));
    assert_eq!(f.audited("payouts.late_evidence").await, 2);

    script.all(&RailState::Returned { code: "closed".into() });
    f.t.clock.advance_ms(3_600_000);
    service::reconcile(&cx, &bare).await.unwrap();
    assert_eq!(moved(f, &before).await, (0, 0), "it came back");
    // The key is dead: the rail is left in peace.
    let reads = script.reads.load(Ordering::Relaxed);
    f.t.clock.advance_ms(86_400_000);
    service::reconcile(&cx, &bare).await.unwrap();
    assert_eq!(script.reads.load(Ordering::Relaxed), reads);
}

async fn a_worker_that_was_overtaken_does_not_call(on: On) {
    let f = Fixture::new(on).await;
    let (script, inner) = Script::shared();
    f.pay_in().await;
    let offer = f.accepted().await;
    let id = f.requested(&offer, "k").await;
    f.forget_the_answer(id).await;
    // Two workers have read nothing back; the first is refused and gives the payout up.
    let stalled = ReadsLate { inner: Arc::clone(&inner), script: Arc::clone(&script), f, id };
    let stalled = Arc::new(stalled);
    let rail: Arc<dyn Rail> = stalled.clone();
    let cx = stalled.f.cx.clone();
    service::drive(&cx, &rail, id).await.unwrap();
    assert_eq!(stalled.f.payout(id).await.status, PayoutStatus::Failed);
    assert!(script.kept.lock().unwrap().is_empty(), "the rail was called for what is over");
}

/// A rail whose answer to a reading is old when it comes.
struct ReadsLate {
    inner: Arc<dyn Rail>,
    script: Arc<Script>,
    f: Fixture,
    id: PayoutId,
}

#[async_trait]
impl Rail for ReadsLate {
    fn name(&self) -> &'static str {
        "sandbox_bank"
    }

    async fn send(&self, i: &Instruction) -> Result<RailPayment, RailError> {
        self.inner.send(i).await
    }

    async fn read(&self, _key: &str) -> Result<Option<RailPayment>, RailError> {
        self.script.refuses.store(true, Ordering::Relaxed);
        service::drive(&self.f.cx, &self.inner, self.id).await.unwrap();
        self.script.refuses.store(false, Ordering::Relaxed);
        Ok(None)
    }
}

async fn without_cash_in_the_books_it_is_noted_and_booked_later(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    f.pay_in().await;
    let offer = f.accepted().await;
    let amount = offer.acceptance.as_ref().unwrap().amount.minor;
    let id = f.requested(&offer, "k").await;
    script.refuses.store(true, Ordering::Relaxed);
    service::drive(&f.cx, &rail, id).await.unwrap();
    let key = crate::payouts::model::idempotency_key(id, "sandbox_bank", 1);
    script.keep(&key, "after-all", RailState::Paid);
    // The owners took their capital out meanwhile.
    let all = f.balances().await["house_cash"];
    f.take_out(all).await;
    f.t.clock.advance_ms(3_000);
    service::reconcile(&f.cx, &rail).await.unwrap();
    assert_eq!(f.audited("payouts.late_evidence").await, 1);
    assert_eq!(f.balances().await["suspense"], 0, "it cannot be booked yet");
    f.pay_in().await;
    f.t.clock.advance_ms(600_000);
    service::reconcile(&f.cx, &rail).await.unwrap();
    assert_eq!(f.balances().await["suspense"], amount);
}

/// The receipt of a first payout, whose job wakes when a second one has paid the deal.
async fn an_old_receipt_closes_nothing(on: On) {
    let f = Fixture::new(on).await;
    let (script, rail) = Script::shared();
    f.pay_in().await;
    let offer = f.accepted().await;
    let first = f.requested(&offer, "k1").await;
    service::drive(&f.cx, &rail, first).await.unwrap();
    script.all(&RailState::Paid);
    service::drive(&f.cx, &rail, first).await.unwrap();
    script.all(&RailState::Returned { code: "closed".into() });
    f.t.clock.advance_ms(3_000);
    service::reconcile(&f.cx, &rail).await.unwrap();
    assert_eq!(f.offer(&offer).await.status, Status::Returned);

    let second = f.requested(&offer, "k2").await;
    service::drive(&f.cx, &rail, second).await.unwrap();
    let key = crate::payouts::model::idempotency_key(second, "sandbox_bank", 1);
    script.keep(&key, &format!("R{key}"), RailState::Paid);
    service::drive(&f.cx, &rail, second).await.unwrap();
    let paid = f.offer(&offer).await;
    assert_eq!(paid.status, Status::PaidOut);
    let house = HouseName { name: "Test House".into(), lines: vec![] };
    let (transfer, at) = (ledger::model::TransferId::new(&*f.cx.ids), testing::START);
    service::make_receipt(&f.cx, &house, first, transfer, at).await.unwrap();
    let after = f.offer(&offer).await;
    assert_eq!((after.status, after.receipt.is_none()), (Status::PaidOut, true));
    service::make_receipt(&f.cx, &house, second, transfer, at).await.unwrap();
    let closed = f.offer(&offer).await;
    assert_eq!((closed.status, closed.receipt.is_some()), (Status::Closed, true));
    // Paid, returned, owed again, paid: the creator has it once, nothing is left over.
    let amount = offer.acceptance.as_ref().unwrap().amount.minor;
    let balances = f.balances().await;
    assert_eq!(balances["house_cash"], 1_000_000_000 - amount);
    assert_eq!(balances["creator_payable"], 0);
    assert_eq!(balances["suspense"], 0);
    assert_eq!(balances["catalogue_asset"], amount);
}

on_both!(
    what_is_sent_after_it_was_given_up_lies_in_suspense,
    a_worker_that_was_overtaken_does_not_call,
    without_cash_in_the_books_it_is_noted_and_booked_later,
    an_old_receipt_closes_nothing,
);
