//! What the package offers to the composition root.

use std::sync::Arc;

use kernel::Error;
use platform::House;
use platform::backfill::Backfill;
use platform::db::migrate::Migration;
use platform::inbox::Consumer;
use platform::jobs::{Handlers, Outcome};
use utoipa_axum::router::OpenApiRouter;

use crate::bank::Bank;
use crate::documents::HouseName;
use crate::letters::Post;
use crate::payouts::Rail;
use crate::{bank, creators, letters, offers, payouts, search, statements};

/// The tables of this package.
pub const MIGRATIONS: &[Migration] = &[
    platform::migration!(4, "0004_deals"),
    platform::migration!(9, "0009_payouts"),
    platform::migration!(10, "0010_lists"),
    platform::migration!(13, "0013_unheard"),
];

/// Long changes of rows that are there already.
pub const BACKFILLS: &[Backfill] =
    &[payouts::service::LOOKS, search::OF_OFFERS, search::OF_CREATORS];

/// The modules that have routes.
pub const MODULES: &[&str] =
    &["deals.creators", "deals.statements", "deals.offers", "deals.payouts", "deals.bank"];

/// The module whose work a job is: what a process with narrowed modules claims.
pub fn module_of(job: &str) -> &'static str {
    match job {
        offers::service::VALUE_JOB => "deals.valuation",
        payouts::service::DRIVE_JOB => "deals.payouts",
        payouts::service::RECEIPT_JOB => "deals.documents",
        letters::LETTER_JOB => letters::CONSUMER,
        _ => "deals",
    }
}

/// The package with its parts.
#[derive(Clone)]
pub struct Deals {
    /// The house it lives in.
    pub house: Arc<House>,
    /// Letter head of documents.
    pub name: Arc<HouseName>,
    /// The rail of payouts.
    pub bank: Arc<Bank>,
    /// What letters are sent by.
    pub post: Arc<Post>,
    /// Bytes of an uploaded statement at most.
    pub upload_limit: u64,
}

impl Deals {
    fn rail(&self) -> Arc<dyn Rail> {
        Arc::new(Arc::clone(&self.bank))
    }

    /// Name of the rail that payouts run on.
    pub fn bank_rail_name(&self) -> &'static str {
        self.rail().name()
    }

    /// The routes of one of the [`MODULES`].
    pub fn routes(&self, module: &str) -> OpenApiRouter {
        let house = Arc::clone(&self.house);
        match module {
            "deals.creators" => creators::routes(house),
            "deals.statements" => statements::routes(house, self.upload_limit),
            "deals.offers" => offers::routes(house, Arc::clone(&self.name), self.rail()),
            "deals.payouts" => payouts::routes(house, self.rail()),
            "deals.bank" => bank::routes(house, Arc::clone(&self.bank)),
            _ => OpenApiRouter::new(),
        }
    }

    /// Every job of the package.
    #[must_use]
    pub fn jobs(&self, handlers: Handlers) -> Handlers {
        let (name, receipt_name, letter_name) =
            (Arc::clone(&self.name), Arc::clone(&self.name), Arc::clone(&self.name));
        let (rail, post) = (self.rail(), Arc::clone(&self.post));
        handlers
            .on(offers::service::VALUE_JOB, move |_, cx, job| {
                let name = Arc::clone(&name);
                async move {
                    let id = field(&job.payload, "offer")?;
                    let round = field(&job.payload, "round")?;
                    offers::service::value_now(&cx, &name, id, round).await?;
                    Ok(Outcome::Done)
                }
            })
            .on(payouts::service::DRIVE_JOB, move |_, cx, job| {
                let rail = Arc::clone(&rail);
                async move {
                    let id = field(&job.payload, "payout")?;
                    payouts::service::drive(&cx, &rail, id).await
                }
            })
            .on(payouts::service::RECEIPT_JOB, move |_, cx, job| {
                let name = Arc::clone(&receipt_name);
                async move {
                    let id = field(&job.payload, "payout")?;
                    let transfer = field(&job.payload, "transfer")?;
                    let at = job.payload["paid_at"].as_i64().map_or_else(
                        || field(&job.payload, "paid_at"),
                        |micros| Ok(kernel::Timestamp(micros)),
                    )?;
                    payouts::service::make_receipt(&cx, &name, id, transfer, at).await?;
                    Ok(Outcome::Done)
                }
            })
            .on(letters::LETTER_JOB, move |_, cx, job| {
                let (name, post) = (Arc::clone(&letter_name), Arc::clone(&post));
                async move { letters::service::send(&cx, &name, &post, &job.payload).await }
            })
    }

    /// Every consumer of the package.
    pub fn consumers(&self) -> Vec<Consumer> {
        letters::consumers()
    }

    /// Ends offers whose time is over; answers how many.
    ///
    /// # Errors
    /// When the database fails; the next look tries again.
    pub async fn expire_offers(&self) -> Result<usize, Error> {
        offers::service::expire_due(&self.house.system_cx()).await
    }

    /// Asks the rail about payouts that are over; answers how many came back.
    ///
    /// # Errors
    /// When the database fails; the next look tries again.
    pub async fn reconcile(&self) -> Result<usize, Error> {
        payouts::service::reconcile(&self.house.system_cx(), &self.rail()).await
    }
}

pub(crate) fn field<T: serde::de::DeserializeOwned>(
    payload: &serde_json::Value,
    name: &str,
) -> Result<T, Error> {
    serde_json::from_value(payload[name].clone())
        .map_err(|e| Error::internal(format!("the job's field '{name}' is wrong")).caused_by(e))
}
