//! Values an offer from its statements' sums. Reading only; `offers` makes the steps.

use kernel::ids::Uuid;
use kernel::{Asset, Error, Timestamp};
use platform::Cx;
use platform::db::{DbError, Tx};

use super::model::{self, Book, Failed, Question, Settings, Terms, Valuation, Version};
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

/// Loads the sums and values them on a blocking thread, by today's model and settings.
///
/// # Errors
/// The outer error when something broke; the inner one when there can be no offer, with the
/// reason.
pub async fn run(cx: &Cx, task: Task) -> Result<Result<Valuation, Failed>, Error> {
    let settings = Settings::of(&cx.settings.snapshot());
    run_by(cx, task, Version::default(), settings).await
}

/// As [`run`], by the model and with the assumptions of the offer's newest report, so that a
/// what-if answers as its offer was made. Without a report: by today's.
///
/// # Errors
/// As [`run`].
pub async fn reprice(cx: &Cx, task: Task, round: i64) -> Result<Result<Valuation, Failed>, Error> {
    let offer = task.offer;
    let report = cx
        .db
        .read(move |tx| {
            let now = store::find(tx, offer, round)?;
            Ok::<_, Error>(match now {
                None if round > 1 => store::find(tx, offer, round - 1)?,
                found => found,
            })
        })
        .await?;
    let Some(report) = report else { return run(cx, task).await };
    match Version::of(&report) {
        Ok(version) => run_by(cx, task, version, Settings::of_report(&report.settings)).await,
        Err(failed) => Ok(Err(failed)),
    }
}

async fn run_by(
    cx: &Cx,
    task: Task,
    version: Version,
    settings: Settings,
) -> Result<Result<Valuation, Failed>, Error> {
    let ids = task.statements.clone();
    let packed = cx
        .db
        .read(move |tx| {
            ids.iter()
                .map(|id| statements::service::packed_sums(tx, *id))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    platform::tasks::blocking(move || value(&packed, &task, version, &settings)).await?
}

fn value(
    packed: &[Vec<u8>],
    task: &Task,
    version: Version,
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
            version,
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
