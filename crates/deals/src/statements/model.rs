//! A statement: staged when it is uploaded, saved for good when it is confirmed.

use kernel::{Asset, Error, Exact, Month, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

use super::reader::{Layout, Mapping, MonthLine, Reading, StoreLine, Warning};
use crate::creators::CreatorId;

typed_id!(StatementId, "a statement");

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StatementStatus)]
pub enum Status {
    /// A person has to say what the columns mean.
    NeedsMapping,
    /// Read; waits for confirmation.
    Ready,
    /// Part of the creator's history.
    Confirmed,
}

impl Status {
    /// The word in tables and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsMapping => "needs_mapping",
            Self::Ready => "ready",
            Self::Confirmed => "confirmed",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::NeedsMapping, Self::Ready, Self::Confirmed]
            .into_iter()
            .find(|s| s.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown statement status '{text}'")))
    }
}

/// What was found in the file; kept as one value.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Sums by month, oldest first.
    pub months: Vec<MonthLine>,
    /// Sums by store, largest first.
    pub stores: Vec<StoreLine>,
    /// Different works.
    pub works_count: u64,
    /// Different countries.
    pub countries_count: u64,
    /// The first warnings.
    pub warnings: Vec<Warning>,
    /// All warnings.
    pub warnings_total: u64,
    /// Header, sample and suggestion, while a mapping is needed.
    pub layout: Option<Layout>,
    /// What is missing, while a mapping is needed.
    pub why: Option<String>,
}

/// A statement of a creator.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Identifies it.
    pub id: StatementId,
    /// Whose it is.
    pub creator: CreatorId,
    /// Name of the file as uploaded.
    pub file_name: String,
    /// Digest of the file; unique per creator.
    pub sha256: String,
    /// Its size.
    pub size_bytes: i64,
    /// Where it stands.
    pub status: Status,
    /// Format, once known.
    pub format: Option<String>,
    /// The format's name for people.
    pub format_name: Option<String>,
    /// Currency, once known.
    pub currency: Option<Asset>,
    /// First and last month.
    pub period: Option<(Month, Month)>,
    /// Data rows.
    pub rows: i64,
    /// Income, exact.
    pub total: Option<Exact>,
    /// What was found.
    pub summary: Summary,
    /// How the columns were mapped.
    pub mapping: Option<Mapping>,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

impl Statement {
    /// Takes over what the reader found.
    pub fn read(&mut self, reading: &Reading) {
        self.status = Status::Ready;
        self.format = Some(reading.format.to_owned());
        self.format_name = Some(reading.format_name.to_owned());
        self.currency = reading.currency;
        self.period =
            reading.months.first().zip(reading.months.last()).map(|(a, b)| (a.month, b.month));
        self.rows = i64::try_from(reading.rows).unwrap_or(i64::MAX);
        self.total = Some(reading.total);
        self.summary = Summary {
            months: reading.months.clone(),
            stores: reading.stores.iter().take(50).cloned().collect(),
            works_count: reading.works_count,
            countries_count: reading.countries_count,
            warnings: reading.warnings.clone(),
            warnings_total: reading.warnings_total,
            layout: None,
            why: None,
        };
    }

    /// Makes it part of the creator's history. Confirming again changes nothing.
    ///
    /// # Errors
    /// `statement_needs_mapping`.
    pub fn confirm(&mut self) -> Result<bool, Error> {
        match self.status {
            Status::NeedsMapping => Err(Error::conflict(
                "statement_needs_mapping",
                "say first what the columns mean: PUT the mapping of this statement",
            )),
            Status::Confirmed => Ok(false),
            Status::Ready => {
                self.status = Status::Confirmed;
                Ok(true)
            }
        }
    }
}
