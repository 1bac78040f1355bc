//! The result of a valuation, as it is stored, sent and printed.

use std::collections::BTreeMap;

use kernel::{Money, Month, Timestamp};
use serde::{Deserialize, Serialize};

use super::settings::SettingUsed;

/// What is done with the royalties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deal {
    /// The assigned share is bought for the term.
    #[default]
    Purchase,
    /// Money now, paid back from the assigned share.
    Advance,
}

/// What is asked: the part of the deal that moves the price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Purchase or advance.
    pub kind: Deal,
    /// Whole years, 1 to 40; `None` for the life of the rights.
    pub term_years: Option<u32>,
    /// Assigned share in basis points, 1 to 10000.
    pub share_bp: u32,
    /// Titles in scope; `None` for all.
    pub works: Option<Vec<String>>,
}

/// A valuation with everything that led to it. Amounts without a currency are decimal texts in
/// the currency of `ltm`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Valuation {
    /// Version of the model.
    pub version: String,
    /// When it was computed (given by the caller).
    #[schema(value_type = String)]
    pub computed_at: Timestamp,
    /// Purchase or advance.
    pub kind: Deal,
    /// Earnings of the last twelve complete months of the works in scope.
    pub ltm: Money,
    /// First month of these.
    #[schema(value_type = String)]
    pub ltm_from: Month,
    /// Last month of these.
    #[schema(value_type = String)]
    pub ltm_to: Month,
    /// Streams and sales in these months.
    pub ltm_units: i64,
    /// Median divided by `ltm`, two digits.
    pub multiple: String,
    /// Age of the catalogue in years, weighted by earnings, one digit.
    pub dollar_age_years: String,
    /// Decay in the first year.
    pub decay_bp: i64,
    /// `fitted`, `blended` or `prior`.
    pub decay_source: String,
    /// How the decay was found, as a sentence.
    pub decay_note: String,
    /// Discount rate.
    pub discount_bp: i64,
    /// The house's fee.
    pub fee_bp: i64,
    /// Assigned share.
    pub share_bp: u32,
    /// Years; `None` for the life of the rights.
    pub term_years: Option<u32>,
    /// P10.
    pub low: Money,
    /// P50.
    pub median: Money,
    /// P90.
    pub high: Money,
    /// Confidence, 0 to 10000.
    pub confidence_bp: i64,
    /// What the confidence is made of.
    pub confidence_parts: Vec<ConfidencePart>,
    /// Monthly earnings, oldest first (at most 121 months).
    pub history: Vec<HistoryMonth>,
    /// Assigned earnings for each year of the term, before fee and discount.
    pub forecast: Vec<ForecastYear>,
    /// Assigned earnings of the whole term, before fee and discount. Offers valued by version 1
    /// do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole_term: Option<WholeTerm>,
    /// The median under other assumptions.
    pub sensitivity: Sensitivity,
    /// Works in scope, largest first.
    pub works: Vec<WorkShare>,
    /// Stores, largest first.
    pub stores: Vec<NamedShare>,
    /// Countries, largest first. An empty code: the statements do not say.
    pub countries: Vec<CountryShare>,
    /// Every guard rail that fired, and what it changed.
    pub guard_rails: Vec<GuardRail>,
    /// Advances only: how it is paid back.
    pub recoupment: Option<Recoupment>,
    /// Every assumption by name.
    pub settings: BTreeMap<String, SettingUsed>,
    /// Simulated futures.
    pub simulations: i64,
    /// Seed of the simulation.
    pub seed: u32,
}

/// One part of the confidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConfidencePart {
    /// `width` and `freshness` (version 1: `length`, `stability`, `freshness`), or the guard
    /// rail that reduced it.
    pub name: String,
    /// 0 to 10000; for a guard rail the factor.
    pub bp: i64,
    /// Why.
    pub why: String,
}

/// One month of history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HistoryMonth {
    /// The month.
    #[schema(value_type = String)]
    pub month: Month,
    /// Earnings.
    pub amount: String,
    /// Streams and sales.
    pub units: i64,
    /// False for the newest month of all, which is kept out of trends.
    pub complete: bool,
}

/// One year of the forecast fan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ForecastYear {
    /// 1 is the first year after `ltm_to`.
    pub year: u32,
    /// P10.
    pub low: String,
    /// P50.
    pub median: String,
    /// P90.
    pub high: String,
}

/// What comes in over the whole term. Its figures are no sums of the years' figures: good and
/// bad years partly cancel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WholeTerm {
    /// P10.
    pub low: String,
    /// P50.
    pub median: String,
    /// P90.
    pub high: String,
}

/// The median for other decays (rows) and discount rates (columns). The cell of the used
/// decay and rate is the median of the valuation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sensitivity {
    /// Five decays.
    pub decay_bp: Vec<i64>,
    /// Five discount rates.
    pub discount_bp: Vec<i64>,
    /// One row for each decay.
    pub median: Vec<Vec<String>>,
}

/// A work's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkShare {
    /// Title; `(untitled)` for rows without one; `(other works)` ends a long list.
    pub title: String,
    /// ISRC, when the statements know it.
    pub isrc: String,
    /// Its earnings of the last twelve months.
    pub ltm: String,
    /// Its share of them.
    pub share_bp: i64,
    /// Its part of the median; all parts add up to it.
    pub value: String,
}

/// A store's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedShare {
    /// Store.
    pub name: String,
    /// Earnings of the last twelve months.
    pub ltm: String,
    /// Share of them.
    pub share_bp: i64,
}

/// A country's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CountryShare {
    /// ISO 3166 two letters; empty when unknown.
    pub code: String,
    /// Earnings of the last twelve months.
    pub ltm: String,
    /// Share of them.
    pub share_bp: i64,
}

/// A guard rail that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GuardRail {
    /// `MAX_MULTIPLE`, `STREAM_DECLINE`, `GEO_CONCENTRATION`, `SHORT_HISTORY`.
    pub code: String,
    /// What it saw and did, as a sentence.
    pub message: String,
    /// Name of the setting.
    pub setting: String,
    /// The figures before.
    pub before: String,
    /// The figures after.
    pub after: String,
}

/// How an advance is paid back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recoupment {
    /// What the house collects at most from the assigned share.
    pub cap: Money,
    /// Year in which the median forecast reaches it; `None` when not within the term.
    pub expected_year: Option<u32>,
}

/// Why there is no valuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Stable snake_case code.
    pub code: &'static str,
    /// What is missing, as a sentence.
    pub message: String,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failed {}
