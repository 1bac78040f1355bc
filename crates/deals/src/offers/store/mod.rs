//! Every SQL text of offers.

mod counts;

use std::cmp::Ordering;

use kernel::Timestamp;
use kernel::page::Cursor;
use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use super::model::{Document, Offer, OfferId, Status};
use crate::creators::CreatorId;
use crate::search;
pub(crate) use counts::{Stat, stats};

const SELECT: &str = "select number, id, creator_id, kind, title, description, requested, \
    currency, term_years, share_bp, works, statement_ids, language, status, round, price_low, \
    price_median, price_high, confidence_bp, offered, expires_at, term_sheet_sha256, \
    term_sheet_size, receipt_sha256, receipt_size, payout_id, acceptance, guard_rails, failure, \
    version, created_at, updated_at from offers";
const INSERT: &str = "insert into offers (id, creator_id, kind, title, description, requested, \
    currency, term_years, share_bp, works, statement_ids, language, status, round, guard_rails, \
    search, version, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
    $11, $12, $13, $14, '[]', $15, $16, $17, $17)";
const UPDATE: &str = "update offers set status = $2, round = $3, price_low = $4, \
    price_median = $5, price_high = $6, confidence_bp = $7, offered = $8, expires_at = $9, \
    term_sheet_sha256 = $10, term_sheet_size = $11, receipt_sha256 = $12, receipt_size = $13, \
    payout_id = $14, acceptance = $15, guard_rails = $16, failure = $17, version = $18, \
    updated_at = $19 where id = $1";
const ONE: &str = "where id = $1";
const LOCK: &str = "where id = $1 for update";
const OF_CREATOR: &str = "creator_id = $creator";
/// Words of a search that are looked for one by one.
const MOST_WORDS: usize = 8;
const LIKE: &str = "(search like $text escape '!' \
    or 'k-' || cast(number as text) like $text escape '!')";
const IN_STATUS: &str = "status in ($list)";
const AMONG: &str = "id in ($list)";
const DUE: &str = "select id from offers where status = 'OFFER_READY' and expires_at <= $1 \
    order by expires_at, id limit 100";
const BY_DOCUMENT: &str = "select number, 'term sheet' as kind from offers \
    where term_sheet_sha256 = $1 union all \
    select number, 'receipt' as kind from offers where receipt_sha256 = $1";
const NUMBER: &str = "select number from offers where id = $1";
const ADD_TIMELINE: &str = "insert into offers_timeline (offer_id, version, at, topic, actor, \
    payload) values ($1, $2, $3, $4, $5, $6)";
const TIMELINE: &str = "select version, at, topic, actor, payload from offers_timeline \
    where offer_id = $1 order by version";

pub(crate) fn insert(tx: &mut Tx<'_>, o: &Offer, text: &str) -> Result<(), DbError> {
    tx.execute(
        INSERT,
        params![
            o.id.0,
            o.creator.0,
            o.kind.as_str(),
            &o.title,
            &o.description,
            o.requested,
            o.currency,
            o.term_years,
            o.share_bp,
            o.works.as_ref().map(json).transpose()?,
            json(&o.statements)?,
            o.language.as_str(),
            o.status.as_str(),
            o.round,
            text,
            o.version,
            o.created_at
        ],
    )?;
    let number = tx.query_one(NUMBER, params![o.id.0])?.int("number")?;
    counts::add(tx, &Offer { number, ..o.clone() })?;
    search::keep(tx, search::Kind::Offer, &o.id.to_string(), &format!("k-{number} {text}"))
}

pub(crate) fn update(tx: &mut Tx<'_>, o: &Offer) -> Result<(), DbError> {
    let (sheet, receipt) = (o.term_sheet.as_ref(), o.receipt.as_ref());
    tx.execute(
        UPDATE,
        params![
            o.id.0,
            o.status.as_str(),
            o.round,
            o.prices.map(|p| p.0),
            o.prices.map(|p| p.1),
            o.prices.map(|p| p.2),
            o.confidence_bp,
            o.offered,
            o.expires_at,
            sheet.map(|d| d.sha256.as_str()),
            sheet.map(|d| d.size_bytes),
            receipt.map(|d| d.sha256.as_str()),
            receipt.map(|d| d.size_bytes),
            o.payout,
            o.acceptance.as_ref().map(json).transpose()?,
            json(&o.guard_rails)?,
            o.failure.as_ref().map(json).transpose()?,
            o.version,
            o.updated_at
        ],
    )?;
    counts::change(tx, o)
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|e| DbError::Other(e.to_string()))
}

fn select(rest: &str) -> String {
    format!("{SELECT} {rest}")
}

pub(crate) fn find(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Offer>, DbError> {
    tx.query_opt(&select(ONE), params![id.0])?.as_ref().map(offer).transpose()
}

pub(crate) fn lock(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Offer>, DbError> {
    tx.query_opt(&select(LOCK), params![id.0])?.as_ref().map(offer).transpose()
}

/// What lists are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SortKey {
    Created,
    Updated,
    Amount,
    Title,
}

impl SortKey {
    const fn column(self) -> &'static str {
        match self {
            Self::Created => "created_at",
            Self::Updated => "updated_at",
            Self::Amount => "coalesce(offered, 0)",
            Self::Title => "title",
        }
    }

    /// In the order of the database: texts by their bytes, then identifiers.
    pub(super) fn compare(self, a: &Offer, b: &Offer) -> Ordering {
        let by_key = match self {
            Self::Created => a.created_at.cmp(&b.created_at),
            Self::Updated => a.updated_at.cmp(&b.updated_at),
            Self::Amount => a.offered.unwrap_or(0).cmp(&b.offered.unwrap_or(0)),
            Self::Title => a.title.cmp(&b.title),
        };
        by_key.then_with(|| a.id.to_string().cmp(&b.id.to_string()))
    }

    /// The place of `o` in a list sorted by this key.
    pub(crate) fn cursor(self, o: &Offer) -> Cursor {
        let value = match self {
            Self::Created => o.created_at.micros().to_string(),
            Self::Updated => o.updated_at.micros().to_string(),
            Self::Amount => o.offered.unwrap_or(0).to_string(),
            Self::Title => o.title.clone(),
        };
        Cursor { value, id: o.id.to_string() }
    }
}

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) statuses: Vec<Status>,
    pub(crate) creator: Option<CreatorId>,
    pub(crate) text: String,
    pub(crate) key: SortKey,
    pub(crate) descending: bool,
    pub(crate) after: Option<Cursor>,
}

/// A page of a list. Some statuses are asked for one by one, each by the index of its order; a
/// text that few deals have is looked up, one that many have is met on the way.
pub(crate) fn list(tx: &mut Tx<'_>, f: &Filter, limit: u32) -> Result<Vec<Offer>, DbError> {
    let few = match f.text.as_str() {
        "" => None,
        text => search::few(tx, search::Kind::Offer, text)?,
    };
    if few.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    if few.is_some() || f.statuses.len() == Status::ALL.len() {
        let (text, values) = page(f, &f.statuses, few.as_deref(), limit);
        return tx.query(&text, &values)?.iter().map(offer).collect();
    }
    let mut found = Vec::new();
    for status in &f.statuses {
        let (text, values) = page(f, std::slice::from_ref(status), None, limit);
        for row in tx.query(&text, &values)? {
            found.push(offer(&row)?);
        }
    }
    found.sort_by(|a, b| f.key.compare(a, b));
    if f.descending {
        found.reverse();
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// The text of a page: only what narrows the list is said, so that an unfiltered one walks the
/// index of its order.
pub(super) fn page(
    f: &Filter,
    statuses: &[Status],
    among: Option<&[String]>,
    limit: u32,
) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut put = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let (column, order) = (f.key.column(), if f.descending { "desc" } else { "asc" });
    let mut wanted = Vec::new();
    if let Some(ids) = among {
        let names: Vec<String> = ids.iter().map(|id| put(id.as_str().into())).collect();
        wanted.push(AMONG.replace("$list", &names.join(", ")));
    }
    if let Some(creator) = f.creator {
        wanted.push(OF_CREATOR.replace("$creator", &put(creator.0.into())));
    }
    // Words in any order, each anywhere; what is behind the last one that counts is one of them.
    for word in f.text.trim().splitn(MOST_WORDS, char::is_whitespace).filter(|w| !w.is_empty()) {
        wanted.push(LIKE.replace("$text", &put(crate::creators_pattern(word).into())));
    }
    if statuses.len() < Status::ALL.len() {
        let names: Vec<String> = statuses.iter().map(|s| put(s.as_str().into())).collect();
        wanted.push(IN_STATUS.replace("$list", &names.join(", ")));
    }
    if let Some(after) = &f.after {
        let value = put(match f.key {
            SortKey::Title => after.value.as_str().into(),
            _ => after.value.parse::<i64>().unwrap_or(0).into(),
        });
        let (id, than) = (put(after.id.as_str().into()), if f.descending { "<" } else { ">" });
        wanted.push(format!("({column}, id) {than} ({value}, {id})"));
    }
    let narrowed = if wanted.is_empty() { String::new() } else { where_all(&wanted) };
    let rest =
        format!("{narrowed} order by {column} {order}, id {order} limit {}", put(limit.into()));
    (select(&rest), values)
}

fn where_all(wanted: &[String]) -> String {
    format!("where {}", wanted.join(" and "))
}

pub(crate) fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<OfferId>, DbError> {
    tx.query(DUE, params![now])?.iter().map(|r| r.parse("id")).collect()
}

/// The offer's number and the kind of document that has this digest.
pub(crate) fn by_document(
    tx: &mut Tx<'_>,
    sha256: &str,
) -> Result<Option<(String, String)>, DbError> {
    let Some(row) = tx.query_opt(BY_DOCUMENT, params![sha256])? else { return Ok(None) };
    Ok(Some((format!("K-{}", row.int("number")?), row.text("kind")?)))
}

/// One entry of a deal's timeline.
#[derive(Debug, Clone)]
pub(crate) struct TimelineRow {
    pub(crate) version: i64,
    pub(crate) at: Timestamp,
    pub(crate) topic: String,
    pub(crate) actor: String,
    pub(crate) payload: serde_json::Value,
}

pub(crate) fn add_timeline(tx: &mut Tx<'_>, id: OfferId, row: &TimelineRow) -> Result<(), DbError> {
    tx.execute(
        ADD_TIMELINE,
        params![id.0, row.version, row.at, &row.topic, &row.actor, &row.payload],
    )?;
    Ok(())
}

pub(crate) fn timeline(tx: &mut Tx<'_>, id: OfferId) -> Result<Vec<TimelineRow>, DbError> {
    tx.query(TIMELINE, params![id.0])?
        .iter()
        .map(|r| {
            Ok(TimelineRow {
                version: r.int("version")?,
                at: r.time("at")?,
                topic: r.text("topic")?,
                actor: r.text("actor")?,
                payload: r.json("payload")?,
            })
        })
        .collect()
}

fn document(row: &Row, sha: &str, size: &str) -> Result<Option<Document>, DbError> {
    let sha256 = row.opt_text(sha)?;
    let size_bytes = row.opt_int(size)?;
    Ok(sha256.zip(size_bytes).map(|(sha256, size_bytes)| Document { sha256, size_bytes }))
}

fn offer(row: &Row) -> Result<Offer, DbError> {
    let prices = match (row.opt_int("price_low")?, row.opt_int("price_median")?) {
        (Some(low), Some(median)) => Some((low, median, row.int("price_high")?)),
        _ => None,
    };
    Ok(Offer {
        id: row.parse("id")?,
        number: row.int("number")?,
        creator: row.parse("creator_id")?,
        kind: row.parse("kind")?,
        title: row.text("title")?,
        description: row.text("description")?,
        requested: row.opt_int("requested")?,
        currency: row.parse("currency")?,
        term_years: row.opt_int("term_years")?,
        share_bp: row.int("share_bp")?,
        works: row.opt_json("works")?,
        statements: row.json("statement_ids")?,
        language: row.parse("language")?,
        status: row.parse("status")?,
        round: row.int("round")?,
        prices,
        confidence_bp: row.opt_int("confidence_bp")?,
        offered: row.opt_int("offered")?,
        expires_at: row.opt_time("expires_at")?,
        term_sheet: document(row, "term_sheet_sha256", "term_sheet_size")?,
        receipt: document(row, "receipt_sha256", "receipt_size")?,
        payout: row.opt_parse("payout_id")?,
        acceptance: row.opt_json("acceptance")?,
        guard_rails: row.json("guard_rails")?,
        failure: row.opt_json("failure")?,
        counted: Some((row.parse("status")?, row.opt_int("offered")?.unwrap_or(0))),
        version: row.int("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

#[cfg(test)]
pub(crate) mod tests_support {
    use kernel::ids::Uuid;

    use super::super::model::{Language, OfferKind};
    use super::*;

    /// An offer that stands at `status`.
    pub(crate) fn offer(status: Status) -> Offer {
        Offer {
            id: OfferId(Uuid::from_u128(1)),
            number: 1,
            creator: CreatorId(Uuid::from_u128(2)),
            kind: OfferKind::Purchase,
            title: "T".into(),
            description: String::new(),
            requested: None,
            currency: "EUR".parse().unwrap(),
            term_years: Some(10),
            share_bp: 10_000,
            works: None,
            statements: vec![],
            language: Language::En,
            status,
            round: 1,
            prices: None,
            confidence_bp: None,
            offered: None,
            expires_at: None,
            term_sheet: None,
            receipt: None,
            payout: None,
            acceptance: None,
            guard_rails: vec![],
            failure: None,
            counted: None,
            version: 0,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }
}
