//! A statement: staged when it is uploaded, saved for good when it is confirmed.

use kernel::{Asset, Error, Exact, Month, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

use super::reader::overlap::{Overlap, Relation};
use super::reader::{
    Confirmation, Layout, Mapping, MonthLine, Question, Reading, StoreLine, Warning,
};
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
    /// What only a person can decide, while a mapping is needed.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// What a person has to say yes to, or said yes to.
    #[serde(default)]
    pub confirmations: Vec<Confirmation>,
    /// Keys of those that were said yes to.
    #[serde(default)]
    pub acknowledged: Vec<String>,
    /// Other statements of the creator that hold some of the same income; `None` for one that
    /// was confirmed before anybody looked.
    #[serde(default)]
    pub overlaps: Option<Vec<KnownOverlap>>,
    /// Sheets or members that were read, when there are several.
    #[serde(default)]
    pub tables: Vec<String>,
    /// Sheets or members that were not read.
    #[serde(default)]
    pub tables_left_out: Vec<String>,
}

/// Another statement that holds some of the same income.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownOverlap {
    /// The other one.
    pub statement: StatementId,
    /// Its file.
    pub file_name: String,
    /// The months concerned, oldest first.
    pub months: Vec<Month>,
    /// Rows of the smaller one that are in the other, in basis points.
    pub rows_bp: i64,
    /// Money of the smaller one that is in the other, in basis points.
    pub sum_bp: i64,
    /// That money, exact.
    pub sum: Exact,
    /// It is the very same, or the same in another detail.
    pub how: String,
}

impl KnownOverlap {
    /// What was found with another statement.
    pub fn of(statement: StatementId, file_name: String, found: Overlap) -> Self {
        let how = match found.relation {
            Relation::Same => "the same income",
            Relation::Overlapping => "some of the same income",
            Relation::Derived => "the same income in another detail, share or currency",
        };
        Self {
            statement,
            file_name,
            months: found.months,
            rows_bp: found.rows_bp,
            sum_bp: found.sum_bp,
            sum: found.sum,
            how: how.to_owned(),
        }
    }

    /// What a person has to say yes to before both count.
    pub fn confirmation(&self, currency: Option<Asset>) -> Confirmation {
        let months = match (self.months.first(), self.months.last()) {
            (Some(from), Some(to)) if from != to => {
                format!("{} months from {from} to {to}", self.months.len())
            }
            (Some(month), _) => format!("{month}"),
            _ => "no month".to_owned(),
        };
        let code = currency.map_or("", Asset::code);
        Confirmation {
            key: format!("overlap:{}", self.statement),
            code: "overlap".to_owned(),
            message: format!(
                "'{}' holds {} ({months}; {} {code}, {} of the smaller one's rows and {} of its \
                 money): with both, it counts twice",
                self.file_name,
                self.how,
                self.sum,
                percent(self.rows_bp),
                percent(self.sum_bp)
            ),
            rows: 0,
            amount: Some(self.sum),
        }
    }
}

/// Basis points as whole percent.
fn percent(bp: i64) -> String {
    format!("{} %", bp / 100)
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
            questions: Vec::new(),
            confirmations: reading.confirmations.clone(),
            acknowledged: Vec::new(),
            overlaps: None,
            tables: reading.tables.clone(),
            tables_left_out: reading.tables_left_out.clone(),
        };
    }

    /// Drops what an earlier mapping made of the file: figures that are in question again.
    pub fn forget(&mut self) {
        (self.format, self.format_name, self.currency) = (None, None, None);
        (self.period, self.rows, self.total) = (None, 0, None);
        self.summary = Summary::default();
    }

    /// Makes it part of the creator's history, once everything that needs a yes has one.
    /// Confirming again changes nothing.
    ///
    /// # Errors
    /// `statement_needs_mapping`; `confirmation_needed` with `details.confirmations`.
    pub fn confirm(&mut self, yes: &[String], overlaps: Vec<KnownOverlap>) -> Result<bool, Error> {
        match self.status {
            Status::NeedsMapping => Err(Error::conflict(
                "statement_needs_mapping",
                "say first what the columns mean: PUT the mapping of this statement",
            )),
            Status::Confirmed => Ok(false),
            Status::Ready => {
                let mut all = self.summary.confirmations.clone();
                all.extend(overlaps.iter().map(|o| o.confirmation(self.currency)));
                let open: Vec<&Confirmation> =
                    all.iter().filter(|c| !yes.contains(&c.key)).collect();
                if !open.is_empty() {
                    return Err(confirmation_needed(&open));
                }
                self.summary.acknowledged = all.iter().map(|c| c.key.clone()).collect();
                self.summary.confirmations = all;
                self.summary.overlaps = Some(overlaps);
                self.status = Status::Confirmed;
                Ok(true)
            }
        }
    }
}

fn confirmation_needed(open: &[&Confirmation]) -> Error {
    let said: Vec<&str> = open.iter().map(|c| c.message.as_str()).collect();
    Error::conflict(
        "confirmation_needed",
        format!("say yes to this first, or correct the file: {}", said.join("; ")),
    )
    .with("confirmations", serde_json::json!(open))
}

/// Two statements that one offer would count twice, unless a person said yes to that when the
/// later one was confirmed.
///
/// # Errors
/// `statements_overlap`, naming both files and the months.
pub fn refuse_overlaps(statements: &[Statement]) -> Result<(), Error> {
    for (at, a) in statements.iter().enumerate() {
        for b in &statements[..at] {
            let known = |x: &Statement, y: &Statement| {
                let found = x.summary.overlaps.as_ref();
                found.is_some_and(|all| all.iter().any(|o| o.statement == y.id))
            };
            let looked = a.summary.overlaps.is_some() && b.summary.overlaps.is_some();
            if looked || known(a, b) || known(b, a) || a.id == b.id {
                continue;
            }
            let months = equal_months(&a.summary, &b.summary);
            if let (Some(from), Some(to)) = (months.first(), months.last()) {
                return Err(Error::conflict(
                    "statements_overlap",
                    format!(
                        "'{}' and '{}' hold the same sums in {} months from {from} to {to}: the \
                         offer would count them twice; leave one out",
                        a.file_name,
                        b.file_name,
                        months.len()
                    ),
                )
                .with("statement_ids", serde_json::json!([a.id, b.id])));
            }
        }
    }
    Ok(())
}

/// Months with the same sum in both; none when that can be a coincidence.
fn equal_months(a: &Summary, b: &Summary) -> Vec<Month> {
    let other = |month: Month| b.months.iter().find(|m| m.month == month).map(|m| m.amount);
    let filled = a.months.iter().filter(|m| m.amount != Exact::ZERO);
    let common = || filled.clone().filter_map(|m| Some((m, other(m.month)?)));
    let equal: Vec<Month> =
        common().filter(|(m, amount)| m.amount == *amount).map(|(m, _)| m.month).collect();
    if equal.len() > 1 || equal.len() == common().count() { equal } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(n: u8, months: &[(u32, i64)]) -> Statement {
        let line = |(month, cents): &(u32, i64)| MonthLine {
            month: Month::new(2024, *month),
            amount: Exact::from_minor(*cents, 2),
            units: 1,
            rows: 1,
            complete: true,
        };
        let id = format!("01890000-0000-7000-8000-0000000000{n:02}");
        Statement {
            id: id.parse().unwrap(),
            creator: id.parse().unwrap(),
            file_name: format!("file {n}.tsv"),
            sha256: String::new(),
            size_bytes: 1,
            status: Status::Ready,
            format: None,
            format_name: None,
            currency: "EUR".parse().ok(),
            period: None,
            rows: 1,
            total: None,
            summary: Summary { months: months.iter().map(line).collect(), ..Summary::default() },
            mapping: None,
            created_at: Timestamp(0),
        }
    }

    fn overlap_with(other: &Statement) -> KnownOverlap {
        let months = vec![Month::new(2024, 3), Month::new(2024, 4)];
        let sum = Exact::from_minor(1_250, 2);
        let relation = Relation::Overlapping;
        let found = Overlap { relation, months, rows_bp: 5_000, sum_bp: 4_200, sum };
        KnownOverlap::of(other.id, other.file_name.clone(), found)
    }

    #[test]
    fn what_needs_a_yes_is_not_confirmed_without_it() {
        let (first, mut second) = (statement(1, &[]), statement(2, &[]));
        second.summary.confirmations = vec![Confirmation::of_file(
            "rows_left_out",
            "3 rows are left out: -5 EUR".to_owned(),
            3,
            Some(Exact::from_minor(-500, 2)),
        )];
        let overlap = overlap_with(&first);
        let refused = second.confirm(&[], vec![overlap.clone()]).unwrap_err();
        assert_eq!((refused.code, refused.kind), ("confirmation_needed", kernel::Kind::Conflict));
        for says in ["-5 EUR", "'file 1.tsv'", "2024-03 to 2024-04", "12.5 EUR", "50 %", "42 %"] {
            assert!(refused.message.contains(says), "{says}: {}", refused.message);
        }
        let details = refused.details.unwrap();
        assert_eq!(details["confirmations"][0]["key"], "rows_left_out");
        let key = details["confirmations"][1]["key"].as_str().unwrap().to_owned();
        assert_eq!(key, format!("overlap:{}", first.id));
        // One yes of two is none, and a yes to another overlap is none to this one.
        let yes = |keys: &[&str]| keys.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>();
        for keys in [yes(&[&key]), yes(&["rows_left_out", "overlap"])] {
            assert!(second.confirm(&keys, vec![overlap.clone()]).is_err());
        }
        assert_eq!(second.status, Status::Ready);
        let all = yes(&["rows_left_out", &key, "something else"]);
        assert!(second.confirm(&all, vec![overlap]).unwrap());
        assert_eq!(second.status, Status::Confirmed);
        assert_eq!(second.summary.acknowledged, yes(&["rows_left_out", &key]));
        assert!(!second.confirm(&[], Vec::new()).unwrap(), "once is enough");
        assert_eq!(second.summary.acknowledged.len(), 2);
    }

    #[test]
    fn an_offer_counts_nothing_twice() {
        let a = statement(1, &[(1, 100), (2, 250), (3, 300)]);
        let b = statement(2, &[(2, 250), (3, 300), (4, 90)]);
        let c = statement(3, &[(1, 100), (2, 80), (3, 70)]);
        let refused = refuse_overlaps(&[a.clone(), b.clone()]).unwrap_err();
        assert_eq!(refused.code, "statements_overlap");
        for says in ["'file 1.tsv'", "'file 2.tsv'", "2 months from 2024-02 to 2024-03"] {
            assert!(refused.message.contains(says), "{says}: {}", refused.message);
        }
        refuse_overlaps(&[a.clone(), c.clone()]).unwrap();
        refuse_overlaps(&[a.clone(), a.clone()]).unwrap();
        // Somebody said yes to both when the later one was confirmed.
        let mut said = b;
        let overlap = overlap_with(&a);
        let key = overlap.confirmation(None).key;
        said.confirm(&[key], vec![overlap]).unwrap();
        refuse_overlaps(&[a, said, c]).unwrap();
    }

    #[test]
    fn summaries_of_earlier_days_are_still_read() {
        let before = r#"{"months":[],"stores":[],"works_count":1,"countries_count":1,
            "warnings":[],"warnings_total":0,"layout":null,"why":null}"#;
        let summary: Summary = serde_json::from_str(before).unwrap();
        assert!(summary.overlaps.is_none() && summary.confirmations.is_empty());
        let mapping = r#"{"month":"date","amount":"Net","title":null,"decimal":"point",
            "date_order":"ymd"}"#;
        let mapping: Mapping = serde_json::from_str(mapping).unwrap();
        assert_eq!(mapping.clone().without_answers().decimal, None);
        assert_eq!(mapping.without_answers().amount, "Net");
    }
}
