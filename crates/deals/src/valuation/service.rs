//! Values an offer from its statements' sums. Reading only; `offers` makes the steps.

use kernel::ids::Uuid;
use kernel::{Asset, Error, Timestamp};
use platform::Cx;
use platform::db::{DbError, Tx};

use super::model::{self, Book, Failed, Question, Settings, Terms, Valuation};
use super::store;
use crate::statements::{self, StatementId, codec};

/// What is valued.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its statements.
    pub statements: Vec<StatementId>,
    /// Term, share, works, kind.
    pub terms: Terms,
    /// Currency of the deal.
    pub currency: Asset,
    /// Seeds the simulation: the same offer, the same figures.
    pub offer: Uuid,
    /// Now.
    pub now: Timestamp,
}

/// Loads the sums and values them on a blocking thread.
///
/// # Errors
/// The outer error when something broke; the inner one when there can be no offer, with the
/// reason.
pub async fn run(cx: &Cx, task: Task) -> Result<Result<Valuation, Failed>, Error> {
    let ids = task.statements.clone();
    let packed = cx
        .db
        .read(move |tx| {
            ids.iter()
                .map(|id| statements::service::packed_sums(tx, *id))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let settings = Settings::of(&cx.settings.snapshot());
    platform::tasks::blocking(move || value(&packed, &task, &settings)).await?
}

fn value(
    packed: &[Vec<u8>],
    task: &Task,
    settings: &Settings,
) -> Result<Result<Valuation, Failed>, Error> {
    let sums = packed.iter().map(|p| codec::unpack(p)).collect::<Result<Vec<_>, _>>()?;
    let mut book = Book::new();
    for s in &sums {
        book.add(s);
    }
    Ok(model::value(
        &book,
        &Question {
            terms: &task.terms,
            currency: task.currency,
            now: task.now,
            seed: seed_of(task.offer),
            settings,
        },
    ))
}

/// The low bits of the offer's identifier are random and never change.
fn seed_of(offer: Uuid) -> u32 {
    u32::try_from(offer.as_u128() & u128::from(u32::MAX)).unwrap_or(0)
}

/// Keeps a report, inside a transaction.
///
/// # Errors
/// When the database fails.
pub fn save(
    tx: &mut Tx<'_>,
    offer: Uuid,
    round: i64,
    report: &Valuation,
    now: Timestamp,
) -> Result<(), DbError> {
    store::save(tx, offer, round, report, now)
}

/// The report of a round, inside a transaction.
///
/// # Errors
/// `valuation_not_found`.
pub fn load(tx: &mut Tx<'_>, offer: Uuid, round: i64) -> Result<Valuation, Error> {
    store::find(tx, offer, round)?.ok_or_else(|| {
        Error::not_found("valuation_not_found", "this offer has not been valued yet")
    })
}
