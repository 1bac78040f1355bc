//! Payouts on both databases: a process that dies between each two steps pays exactly once.

mod by_hand;
mod evidence;
mod looks;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kernel::{Money, Month};
use platform::db::migrate::Migration;
use platform::db::{Db, DbError};
use platform::jobs::{self, Handlers};
use platform::testing::{self, On, TestHouse};
use platform::{Cx, on_both, params};

use super::model::{Payout, PayoutId};
use super::{Instruction, PayoutStatus, Rail, RailError, RailPayment, RailState, service};
use crate::Deals;
use crate::bank::{Bank, Faults};
use crate::documents::HouseName;
use crate::letters::Post;
use crate::offers::service::AcceptOffer;
use crate::offers::{NewOffer, Offer, OfferKind, Status};
use crate::statements::samples::{self, Sample, SampleLayout};
use crate::statements::service::Received;

pub(crate) const ALL: &[Migration] = &[
    platform::MIGRATIONS[0],
    ledger::MIGRATIONS[0],
    crate::MIGRATIONS[0],
    platform::MIGRATIONS[1],
    platform::MIGRATIONS[2],
    ledger::MIGRATIONS[1],
    crate::MIGRATIONS[1],
    crate::MIGRATIONS[2],
    crate::MIGRATIONS[3],
];

struct Fixture {
    t: TestHouse,
    deals: Deals,
    handlers: Handlers,
    cx: Cx,
}

impl Fixture {
    async fn new(on: On) -> Self {
        let t = testing::house(on, ALL).await.unwrap();
        let house = Arc::clone(&t.house);
        let db = Db::inline(Arc::default()).unwrap();
        let bank = Bank::open(db, house.clock.clone(), house.ids.clone(), 1_000).await.unwrap();
        let name = HouseName { name: "Test House".into(), lines: vec![] };
        let bank = Arc::new(bank);
        let post = Arc::new(Post::to_log("http://localhost"));
        let deals = Deals { house, name: Arc::new(name), bank, post, upload_limit: 1 << 20 };
        let handlers = deals.jobs(Handlers::default());
        let cx = t.house.system_cx();
        Self { t, deals, handlers, cx }
    }

    /// Runs what is due, over and over, until nothing is left.
    async fn settle(&self) {
        for _ in 0..60 {
            jobs::run_due(&self.t.house, &self.handlers).await.unwrap();
            if jobs::counts(&self.t.house.db).await.unwrap().0 == 0 {
                return;
            }
            self.t.clock.advance_ms(61_000);
        }
        panic!("jobs never end");
    }

    async fn accepted(&self) -> Offer {
        let cx = &self.cx;
        let new = serde_json::from_value(serde_json::json!({ "platform": "spotify",
            "platform_id": "x", "username": "x", "display_name": "X" }));
        let creator = crate::creators::service::add(cx, new.unwrap()).await.unwrap();
        let to = serde_json::from_value(serde_json::json!({ "holder_name": "X",
            "kind": "account_number", "account": "000123456789" }));
        crate::creators::service::set_recipient(cx, creator.id, to.unwrap()).await.unwrap();
        let statement = self.statement(creator.id).await;
        let new = NewOffer {
            creator_id: creator.id.0,
            kind: OfferKind::Purchase,
            title: "T".into(),
            description: None,
            requested: None,
            currency: "USD".parse().unwrap(),
            term_years: Some(10),
            share_bp: 10_000,
            works: None,
            statement_ids: vec![statement.0],
            language: None,
        };
        let offer = crate::offers::service::create(cx, new).await.unwrap();
        jobs::run_due(&self.t.house, &self.handlers).await.unwrap();
        let ready = self.offer(&offer).await;
        assert_eq!(ready.status, Status::OfferReady);
        let cmd = AcceptOffer {
            id: ready.id,
            typed_name: "X".into(),
            term_sheet_sha256: ready.term_sheet.as_ref().unwrap().sha256.clone(),
            amount: ready.money(ready.offered.unwrap()),
        };
        crate::offers::service::accept(cx, cmd).await.unwrap()
    }

    async fn statement(
        &self,
        creator: crate::creators::CreatorId,
    ) -> crate::statements::StatementId {
        let sample = Sample {
            layout: SampleLayout::DistrokidTsv,
            seed: 1,
            artist: "X".into(),
            titles: vec!["S".into()],
            first: Month::new(2024, 1),
            months: 24,
            monthly_cents: 50_000,
            decay_bp: 1_000,
            home: "SE",
            rows_per_month: 10,
            noise_bp: 600,
        };
        let path = self.t.folder().join("statement");
        let bytes = samples::bytes(&sample).0;
        let size_bytes = bytes.len() as u64;
        std::fs::write(&path, bytes).unwrap();
        let sha256 = "ab".repeat(32);
        let file = Received { path, file_name: "s.tsv".into(), sha256, size_bytes };
        let s = crate::statements::service::upload(&self.cx, creator, file).await.unwrap();
        crate::statements::service::confirm(&self.cx, s.id).await.unwrap().id
    }

    async fn pay_in(&self) {
        let cx = self.cx.clone();
        let amount = Money::new(1_000_000_000, "USD".parse().unwrap());
        let db = self.t.house.db.clone();
        db.write(move |tx| {
            crate::offers::pay_in_capital(tx, &cx, "sandbox_bank", amount, cx.ids.next())
        })
        .await
        .unwrap();
    }

    /// The owners take money out again.
    async fn take_out(&self, minor: i64) {
        let cx = self.cx.clone();
        let taken = self.t.house.db.write(move |tx| {
            let find = |tx: &mut platform::db::Tx<'_>, purpose: &str| {
                let sql = "select id from ledger_accounts where purpose = $1";
                tx.query_one(sql, params![purpose])?.parse("id")
            };
            let transfer = ledger::model::Transfer {
                id: ledger::model::TransferId::new(&*cx.ids),
                action: ledger::model::Action::Single,
                debit: find(tx, "equity")?,
                credit: find(tx, "house_cash")?,
                amount: minor,
                kind: ledger::model::TransferKind::Adjustment,
                offer: None,
                reference: "taken out".into(),
                actor: "test".into(),
                at: cx.clock.now(),
            };
            ledger::service::post_linked(tx, &[transfer])
        });
        taken.await.unwrap();
    }

    async fn offer(&self, o: &Offer) -> Offer {
        let id = o.id;
        self.t.house.db.read(move |tx| crate::offers::service::load(tx, id)).await.unwrap()
    }

    /// Posted balances in minor units by what the accounts are for; the ledger verifies.
    async fn balances(&self) -> BTreeMap<String, i64> {
        let db = &self.t.house.db;
        while platform::chain::seal_once(db, ledger::CHAIN, testing::START).await.unwrap() > 0 {}
        ledger::service::verify(db).await.unwrap();
        let sql = "select purpose, debits_posted - credits_posted as net from ledger_accounts";
        let read: Result<BTreeMap<String, i64>, DbError> = db
            .read(move |tx| {
                let mut all = BTreeMap::new();
                for row in tx.query(sql, &[])? {
                    *all.entry(row.text("purpose")?).or_insert(0) += row.int("net")?;
                }
                Ok(all)
            })
            .await;
        read.unwrap()
    }

    async fn payout(&self, id: PayoutId) -> Payout {
        self.t.house.db.read(move |tx| service::load(tx, id)).await.unwrap()
    }

    /// Audit rows of one kind.
    async fn audited(&self, action: &'static str) -> i64 {
        let sql = "select count(*) as n from audit where action = $1";
        let db = &self.t.house.db;
        let read: Result<i64, DbError> =
            db.read(move |tx| tx.query_one(sql, params![action])?.int("n")).await;
        read.unwrap()
    }

    /// A payout on its way, by a rail of the test's own.
    async fn requested(&self, offer: &Offer, key: &str) -> PayoutId {
        let cx = self.cx.clone().with_key(key);
        service::request(&cx, "sandbox_bank", offer.id).await.unwrap().id
    }

    async fn paid_once(&self, o: &Offer) {
        assert_eq!(self.offer(o).await.status, Status::Closed);
        assert_eq!(self.deals.bank.paid_count().await.unwrap(), 1);
        while platform::chain::seal_once(&self.t.house.db, ledger::CHAIN, testing::START)
            .await
            .unwrap()
            > 0
        {}
        ledger::service::verify(&self.t.house.db).await.unwrap();
    }

    /// The process died: the rows say that a call is on its way, nobody knows its answer.
    async fn forget_the_answer(&self, id: PayoutId) {
        let changed: Result<u64, DbError> = self
            .t
            .house
            .db
            .write(move |tx| {
                tx.execute(
                    "update payouts_attempts set status = 'SENDING', rail_reference = null \
                     where payout_id = $1",
                    params![id.0],
                )
            })
            .await;
        assert_eq!(changed.unwrap(), 1);
    }
}

async fn died_before_the_call(on: On) {
    let f = Fixture::new(on).await;
    f.pay_in().await;
    let offer = f.accepted().await;
    let payout =
        service::request(&f.cx.clone().with_key("k"), "sandbox_bank", offer.id).await.unwrap();
    f.forget_the_answer(payout.id).await;
    f.settle().await;
    f.paid_once(&offer).await;
}

async fn died_after_the_call(on: On) {
    let f = Fixture::new(on).await;
    f.pay_in().await;
    let offer = f.accepted().await;
    let payout =
        service::request(&f.cx.clone().with_key("k"), "sandbox_bank", offer.id).await.unwrap();
    jobs::run_due(&f.t.house, &f.handlers).await.unwrap();
    assert_eq!(f.offer(&offer).await.status, Status::PayoutPending);
    f.forget_the_answer(payout.id).await;
    f.settle().await;
    f.paid_once(&offer).await;
}

async fn every_answer_is_lost_for_a_while(on: On) {
    let f = Fixture::new(on).await;
    f.pay_in().await;
    let offer = f.accepted().await;
    let faults =
        Faults { timeout_before: 3, timeout_after: 1, server_error: 3, ..Faults::default() };
    f.deals.bank.set_faults(faults).await.unwrap();
    let payout =
        service::request(&f.cx.clone().with_key("k"), "sandbox_bank", offer.id).await.unwrap();
    jobs::run_due(&f.t.house, &f.handlers).await.unwrap();
    let id = payout.id;
    let seen = f.t.house.db.read(move |tx| service::load(tx, id)).await.unwrap();
    assert_eq!(seen.status, PayoutStatus::Unknown, "a timeout is UNKNOWN, never FAILED");
    f.settle().await;
    f.paid_once(&offer).await;
}

/// A rail that says what the test wants it to say.
#[derive(Default)]
struct Script {
    kept: Mutex<BTreeMap<String, RailPayment>>,
    refuses: AtomicBool,
    silent: AtomicBool,
    reads: AtomicUsize,
}

impl Script {
    fn shared() -> (Arc<Self>, Arc<dyn Rail>) {
        let script = Arc::new(Self::default());
        let rail: Arc<dyn Rail> = Arc::new(Scripted(Arc::clone(&script)));
        (script, rail)
    }

    /// From now on every payment stands like this.
    fn all(&self, state: &RailState) {
        self.kept.lock().unwrap().values_mut().for_each(|p| p.state = state.clone());
    }

    fn keep(&self, key: &str, reference: &str, state: RailState) {
        let payment = RailPayment { reference: reference.into(), state };
        self.kept.lock().unwrap().insert(key.into(), payment);
    }
}

struct Scripted(Arc<Script>);

#[async_trait]
impl Rail for Scripted {
    fn name(&self) -> &'static str {
        "sandbox_bank"
    }

    async fn send(&self, i: &Instruction) -> Result<RailPayment, RailError> {
        if self.0.refuses.load(Ordering::Relaxed) {
            let (code, message) = ("refused".into(), "no".into());
            return Err(RailError::Refused { code, message });
        }
        let mut kept = self.0.kept.lock().unwrap();
        let fresh = || RailPayment { reference: format!("R{}", i.key), state: RailState::Pending };
        Ok(kept.entry(i.key.clone()).or_insert_with(fresh).clone())
    }

    async fn read(&self, key: &str) -> Result<Option<RailPayment>, RailError> {
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        if self.0.silent.load(Ordering::Relaxed) {
            return Err(RailError::Unknown { message: "no answer".into() });
        }
        Ok(self.0.kept.lock().unwrap().get(key).cloned())
    }
}

/// A rail whose answers come when others have driven the payout to its end.
struct Late {
    fixture: Fixture,
    asked: AtomicUsize,
}

#[async_trait]
impl Rail for Late {
    fn name(&self) -> &'static str {
        self.fixture.deals.bank.name()
    }

    async fn send(&self, instruction: &Instruction) -> Result<RailPayment, RailError> {
        let seen = self.fixture.deals.bank.send(instruction).await;
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.fixture.settle().await;
        seen
    }

    async fn read(&self, _key: &str) -> Result<Option<RailPayment>, RailError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.fixture.settle().await;
        Err(RailError::Unknown { message: "no answer".into() })
    }
}

/// A worker that stood still for longer than its lease: what it heard is of yesterday.
async fn overtaken(on: On, already_sent: bool) {
    let f = Fixture::new(on).await;
    f.pay_in().await;
    let offer = f.accepted().await;
    let payout =
        service::request(&f.cx.clone().with_key("k"), "sandbox_bank", offer.id).await.unwrap();
    if already_sent {
        jobs::run_due(&f.t.house, &f.handlers).await.unwrap();
    }
    let cx = f.cx.clone();
    let late = Arc::new(Late { fixture: f, asked: AtomicUsize::new(0) });
    let rail: Arc<dyn Rail> = late.clone();
    let outcome = service::drive(&cx, &rail, payout.id).await.unwrap();
    assert_eq!(outcome, jobs::Outcome::Done);
    assert_eq!(late.asked.load(Ordering::Relaxed), 1);
    let (f, id) = (&late.fixture, payout.id);
    let seen = f.t.house.db.read(move |tx| service::load(tx, id)).await.unwrap();
    assert_eq!(seen.status, PayoutStatus::Paid, "what is over is not begun again");
    f.paid_once(&offer).await;
}

async fn overtaken_while_sending(on: On) {
    overtaken(on, false).await;
}

async fn overtaken_while_reading(on: On) {
    overtaken(on, true).await;
}

async fn without_money_nothing_is_held(on: On) {
    let f = Fixture::new(on).await;
    let offer = f.accepted().await;
    let e =
        service::request(&f.cx.clone().with_key("k"), "sandbox_bank", offer.id).await.unwrap_err();
    assert_eq!(e.code, "insufficient_funds");
    assert_eq!(f.offer(&offer).await.status, Status::Accepted, "nothing is half done");
    f.pay_in().await;
    service::request(&f.cx.clone().with_key("k"), "sandbox_bank", offer.id).await.unwrap();
    f.settle().await;
    f.paid_once(&offer).await;
}

on_both!(
    died_before_the_call,
    died_after_the_call,
    every_answer_is_lost_for_a_while,
    overtaken_while_sending,
    overtaken_while_reading,
    without_money_nothing_is_held,
);
