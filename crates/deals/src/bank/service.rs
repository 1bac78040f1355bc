//! The bank's side of the rail port.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use kernel::{Clock, Error, Ids};
use platform::db::migrate::Migration;
use platform::db::{Db, DbError, Tx};
use sha2::{Digest as _, Sha256};

use super::model::{Faults, Payment, failure_of};
use super::store::{self, Fresh, Kept};
use crate::payouts::{Instruction, Rail, RailError, RailPayment, RailState};

/// The bank's own tables, in its own database.
pub const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "0001_bank",
    up: include_str!("../../migrations/0001_bank.up.sql"),
    down: include_str!("../../migrations/0001_bank.down.sql"),
}];

/// A bank.
pub struct Bank {
    db: Db,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    delay_ms: AtomicI64,
}

/// What a call did inside the bank, before its answer travels back.
enum Done {
    Answer(Result<RailPayment, RailError>),
    Lost(&'static str),
}

impl Bank {
    /// Makes the schema in which the bank lives on a server that it shares with the house.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make_schema(house: &Db) -> Result<(), DbError> {
        house.write(|tx| tx.batch(store::MAKE_SCHEMA)).await
    }

    /// Opens the bank on its database.
    ///
    /// # Errors
    /// When its tables cannot be made.
    pub async fn open(
        db: Db,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        delay_ms: i64,
    ) -> Result<Self, Error> {
        platform::db::migrate::up(&db, MIGRATIONS, clock.now()).await?;
        Ok(Self { db, clock, ids, delay_ms: AtomicI64::new(delay_ms) })
    }

    /// The same bank, which goes by another clock: for the past of a demo.
    #[must_use]
    pub fn by_clock(&self, clock: Arc<dyn Clock>) -> Self {
        let (db, ids) = (self.db.clone(), Arc::clone(&self.ids));
        Self { db, clock, ids, delay_ms: AtomicI64::new(self.delay_ms()) }
    }

    /// Closes its database, at the end of a server.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Time between accepting and settling, milliseconds.
    pub fn delay_ms(&self) -> i64 {
        self.delay_ms.load(Ordering::Relaxed)
    }

    /// Changes the settlement delay.
    pub fn set_delay_ms(&self, ms: i64) {
        self.delay_ms.store(ms, Ordering::Relaxed);
    }

    /// Faults that are switched on.
    ///
    /// # Errors
    /// When the bank's database fails.
    pub async fn faults(&self) -> Result<Faults, DbError> {
        self.db.read(store::faults).await
    }

    /// Switches faults on or off.
    ///
    /// # Errors
    /// When the bank's database fails.
    pub async fn set_faults(&self, faults: Faults) -> Result<(), DbError> {
        self.db.write(move |tx| store::set_faults(tx, faults)).await
    }

    /// How many payments left the bank, ever; each counts once, returned ones too.
    ///
    /// # Errors
    /// When the bank's database fails.
    pub async fn paid_count(&self) -> Result<i64, DbError> {
        self.db.read(store::paid_count).await
    }

    /// Every payment, oldest first.
    ///
    /// # Errors
    /// When the bank's database fails.
    pub async fn payments(&self) -> Result<Vec<Payment>, DbError> {
        self.db.read(store::payments).await
    }

    fn accept(&self, tx: &mut Tx<'_>, i: &Instruction) -> Result<Done, DbError> {
        let lost_before = "the connection timed out";
        if store::use_fault(tx, "timeout_before")? {
            return Ok(Done::Lost(lost_before));
        }
        if store::use_fault(tx, "server_error")? {
            return Ok(Done::Lost("the bank answered 503"));
        }
        let digest = digest(i);
        let now = self.clock.now();
        if let Some(kept) = store::find(tx, &i.key)? {
            if kept.digest != digest {
                return Ok(Done::Answer(Err(RailError::Unknown {
                    message: "the key was used for another payment".into(),
                })));
            }
            return Ok(Done::Answer(Ok(self.advance(tx, &i.key, kept)?)));
        }
        if store::use_fault(tx, "refused")? {
            return Ok(Done::Answer(Err(RailError::Refused {
                code: "refused_for_now".into(),
                message: "the bank takes no payment at the moment; no money left".into(),
            })));
        }
        let reference = format!("SB{}", &self.ids.next().simple().to_string()[12..]).to_uppercase();
        let fresh = Fresh {
            key: &i.key,
            reference: &reference,
            digest: &digest,
            amount: i.amount,
            account: &i.account,
            failure: failure_of(&i.account),
            returns: store::use_fault(tx, "late_return")?,
            now,
            settles_at: now.plus_ms(self.delay_ms()),
        };
        store::insert(tx, &fresh)?;
        if store::use_fault(tx, "timeout_after")? {
            return Ok(Done::Lost(lost_before));
        }
        Ok(Done::Answer(Ok(RailPayment { reference, state: RailState::Pending })))
    }

    /// Moves a payment on as its time has come, and says where it stands.
    fn advance(&self, tx: &mut Tx<'_>, key: &str, kept: Kept) -> Result<RailPayment, DbError> {
        let due = kept.settles_at <= self.clock.now();
        let code = kept.failure_code.clone();
        let next = match (kept.state.as_str(), &code) {
            ("pending", Some(_)) if due => "failed",
            ("pending", None) if due => "paid",
            // The return follows on a later look, after the payment was seen as paid.
            ("paid", None) if kept.returns => "returned",
            (same, _) => same,
        };
        if next != kept.state {
            store::move_to(tx, key, next)?;
        }
        let state = match next {
            "paid" => RailState::Paid,
            "failed" => RailState::Failed { code: code.unwrap_or_default() },
            "returned" => RailState::Returned { code: "returned_by_recipient_bank".into() },
            _ => RailState::Pending,
        };
        Ok(RailPayment { reference: kept.reference, state })
    }
}

fn digest(i: &Instruction) -> String {
    hex::encode(Sha256::digest(format!("{}|{}|{}", i.amount, i.holder_name, i.account)))
}

fn away(e: &DbError) -> RailError {
    RailError::Unknown { message: format!("the bank is not there: {e}") }
}

#[async_trait]
impl Rail for Arc<Bank> {
    fn name(&self) -> &'static str {
        "sandbox_bank"
    }

    async fn send(&self, instruction: &Instruction) -> Result<RailPayment, RailError> {
        let (bank, i) = (Self::clone(self), instruction.clone());
        let done = self.db.write(move |tx| bank.accept(tx, &i)).await;
        match done.map_err(|e: DbError| away(&e))? {
            Done::Answer(answer) => answer,
            Done::Lost(what) => Err(RailError::Unknown { message: what.into() }),
        }
    }

    async fn read(&self, key: &str) -> Result<Option<RailPayment>, RailError> {
        let (bank, key) = (Self::clone(self), key.to_owned());
        self.db
            .write(move |tx| match store::find(tx, &key)? {
                None => Ok(None),
                Some(kept) => bank.advance(tx, &key, kept).map(Some),
            })
            .await
            .map_err(|e: DbError| away(&e))
    }
}
