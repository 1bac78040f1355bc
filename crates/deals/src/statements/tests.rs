//! Upload, mapping and confirmation on both databases: what is asked, what needs a yes.

use kernel::Error;
use platform::db::DbError;
use platform::testing::{self, On, TestHouse};
use platform::{Cx, on_both, params};

use super::model::{Statement, StatementId, Status};
use super::reader::{DateOrder, Decimal, Mapping, RowAnswer};
use super::service::{self, Received};
use crate::creators::CreatorId;
use crate::payouts::ALL_FOR_TESTS as ALL;

struct Fixture {
    t: TestHouse,
    cx: Cx,
    creator: CreatorId,
    files: std::cell::Cell<u32>,
}

impl Fixture {
    async fn new(on: On) -> Self {
        let t = testing::house(on, ALL).await.unwrap();
        let cx = t.house.system_cx();
        let new = serde_json::from_value(serde_json::json!({ "platform": "spotify",
            "platform_id": "x", "username": "x", "display_name": "X" }));
        let creator = crate::creators::service::add(&cx, new.unwrap()).await.unwrap().id;
        Self { t, cx, creator, files: std::cell::Cell::new(0) }
    }

    async fn upload(&self, name: &str, text: &str) -> Statement {
        let n = self.files.get() + 1;
        self.files.set(n);
        let path = self.t.folder().join(format!("staged-{n}"));
        std::fs::write(&path, text).unwrap();
        let sha256 = format!("{n:064x}");
        let size_bytes = text.len() as u64;
        let file = Received { path, file_name: name.into(), sha256, size_bytes };
        service::upload(&self.cx, self.creator, file).await.unwrap()
    }

    async fn confirm(&self, id: StatementId, yes: &[&str]) -> Result<Statement, Error> {
        let yes = yes.iter().map(|k| (*k).to_owned()).collect();
        service::confirm_with(&self.cx, id, yes).await
    }

    /// Details of the audit's rows of this action.
    async fn audited(&self, action: &'static str) -> Vec<String> {
        let read = self.t.house.db.read(move |tx| {
            tx.query("select details from audit where action = $1 order by id", params![action])?
                .iter()
                .map(|row| row.text("details"))
                .collect::<Result<Vec<_>, DbError>>()
        });
        read.await.unwrap()
    }
}

const HEADER: &str = "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\t\
    Team Percentage\tSong/Album\tCountry of Sale\tSongwriter Royalties Withheld\tEarnings (USD)";

/// A DistroKid file of some months of 2025, each with two rows.
fn distrokid(months: std::ops::RangeInclusive<u32>, line_end: &str) -> String {
    let mut text = HEADER.to_owned() + line_end;
    for m in months {
        for (country, cents) in [("SE", 600 + m), ("DE", 400 + 7 * m)] {
            text.push_str(&format!(
                "2025-12-20\t2025-{m:02}\tSpotify\tNils\tEtt\tQZAAA2400001\t1\t1000\t100\tSong\t\
                 {country}\t0\t{}.{:02}{line_end}",
                cents / 100,
                cents % 100
            ));
        }
    }
    text
}

fn keys(refused: &Error) -> Vec<String> {
    assert_eq!((refused.code, refused.kind), ("confirmation_needed", kernel::Kind::Conflict));
    let listed = refused.details.as_ref().unwrap()["confirmations"].as_array().unwrap();
    listed.iter().map(|c| c["key"].as_str().unwrap().to_owned()).collect()
}

async fn income_that_is_there_already_needs_a_yes(on: On) {
    let f = Fixture::new(on).await;
    let first = f.upload("distrokid.tsv", &distrokid(1..=6, "\n")).await;
    assert!(f.confirm(first.id, &[]).await.unwrap().summary.overlaps.unwrap().is_empty());
    // Saved again elsewhere: other bytes, the same income.
    let again = f.upload("distrokid copy.tsv", &distrokid(1..=6, "\r\n")).await;
    let refused = f.confirm(again.id, &[]).await.unwrap_err();
    assert_eq!(keys(&refused), [format!("overlap:{}", first.id)]);
    for says in ["'distrokid.tsv'", "the same income", "2025-01 to 2025-06", "100 %"] {
        assert!(refused.message.contains(says), "{says}: {}", refused.message);
    }
    assert_eq!(service::get(&f.cx, again.id).await.unwrap().status, Status::Ready);
    assert_eq!(f.audited("statements.confirm").await.len(), 1, "nothing was confirmed");
    let key = keys(&refused).remove(0);
    let done = f.confirm(again.id, &[&key]).await.unwrap();
    assert_eq!(done.status, Status::Confirmed);
    assert_eq!(done.summary.acknowledged, std::slice::from_ref(&key));
    let audit = f.audited("statements.confirm").await.pop().unwrap();
    assert!(audit.contains(&key) && audit.contains("'distrokid.tsv'"), "{audit}");
    // Three months of the next export were in both; what is new only is no overlap.
    let next = f.upload("later.tsv", &distrokid(4..=9, "\n")).await;
    let refused = f.confirm(next.id, &[]).await.unwrap_err();
    assert_eq!(keys(&refused).len(), 2, "{}", refused.message);
    let refused = f.confirm(next.id, &[&key]).await.unwrap_err();
    assert_eq!(keys(&refused), [format!("overlap:{}", again.id)], "one yes is none to the other");
    assert!(refused.message.contains("3 months from 2025-04 to 2025-06"), "{}", refused.message);
    let new = f.upload("new.tsv", &distrokid(10..=12, "\n")).await;
    f.confirm(new.id, &[]).await.unwrap();
}

async fn dropped_amounts_need_a_yes(on: On) {
    let f = Fixture::new(on).await;
    let bad = distrokid(1..=1, "\n").replace("2025-01\t", "someday\t").replace("6.01", "-6.01");
    let bad = bad.lines().nth(1).unwrap();
    let s = f.upload("s.tsv", &(distrokid(1..=6, "\n") + bad + "\n")).await;
    assert_eq!(s.status, Status::Ready);
    assert_eq!(s.summary.confirmations[0].key, "rows_left_out");
    let refused = f.confirm(s.id, &[]).await.unwrap_err();
    assert_eq!(keys(&refused), ["rows_left_out"]);
    assert!(refused.message.contains("-6.01 USD"), "{}", refused.message);
    f.confirm(s.id, &["rows_left_out"]).await.unwrap();
    let audit = f.audited("statements.confirm").await.remove(0);
    assert!(audit.contains("-6.01 USD"), "{audit}");
}

async fn a_question_is_answered_by_a_mapping(on: On) {
    let f = Fixture::new(on).await;
    let table = |amount: &str| {
        format!("Sale Date;Track;Net (EUR)\n01/04/2025;Ett;{amount}\n01/05/2025;Ett;2.500\n")
    };
    let s = f.upload("s.csv", &table("1.250")).await;
    assert_eq!((s.status, s.total), (Status::NeedsMapping, None));
    let codes: Vec<_> = s.summary.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!(codes, ["columns", "decimal", "date_order"]);
    let refused = f.confirm(s.id, &[]).await.unwrap_err();
    assert_eq!(refused.code, "statement_needs_mapping");
    let suggested = s.summary.layout.unwrap().suggested;
    let half = Mapping { decimal: Some(Decimal::Comma), ..suggested };
    let s = service::map(&f.cx, s.id, half.clone()).await.unwrap();
    let codes: Vec<_> = s.summary.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!((s.status, codes), (Status::NeedsMapping, vec!["date_order"]));
    let whole = Mapping { date_order: Some(DateOrder::Dmy), ..half };
    let s = service::map(&f.cx, s.id, whole).await.unwrap();
    assert_eq!((s.status, s.total.unwrap().to_string().as_str()), (Status::Ready, "3750"));
    assert!(s.summary.questions.is_empty() && s.summary.layout.is_none());
    assert_eq!(service::works(&f.cx, s.id, None, 50).await.unwrap().data.len(), 1);
    // Asked again, the figures are in question again.
    let open = Mapping { date_order: None, ..s.mapping.clone().unwrap() };
    let s = service::map(&f.cx, s.id, open).await.unwrap();
    assert_eq!((s.status, s.total, s.rows), (Status::NeedsMapping, None, 0));
    assert!(service::works(&f.cx, s.id, None, 50).await.unwrap().data.is_empty());
    // The columns are remembered for the layout; the answers were about that file.
    let next = f.upload("next.csv", &table("1.750")).await;
    let codes: Vec<_> = next.summary.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!((next.status, codes), (Status::NeedsMapping, vec!["decimal", "date_order"]));
}

async fn kinds_of_rows_are_answered_and_nothing_of_it_is_remembered(on: On) {
    let f = Fixture::new(on).await;
    let table = |kind: &str| {
        format!("Month,Track,Type,Net\n2025-01,Ett,Royalty,1.5\n2025-02,Ett,{kind},700\n")
    };
    let s = f.upload("s.csv", &table("Blorp")).await;
    let codes: Vec<_> = s.summary.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!((s.status, codes), (Status::NeedsMapping, vec!["columns", "row_kinds", "currency"]));
    let asked = &s.summary.questions[1].values[0];
    assert_eq!((asked.column.as_str(), asked.value.as_str(), asked.rows), ("Type", "Blorp", 1));
    let suggested = s.summary.layout.unwrap().suggested;
    let answer = RowAnswer { column: "Type".into(), value: "Blorp".into(), income: false };
    let currency = "EUR".parse().ok();
    let mapping = Mapping { rows: vec![answer], currency, ..suggested };
    let s = service::map(&f.cx, s.id, mapping).await.unwrap();
    assert_eq!((s.status, s.total.unwrap().to_string().as_str()), (Status::Ready, "1.5"));
    // The next file of the layout may be another creator's, in another currency.
    let next = f.upload("next.csv", &table("Fnord")).await;
    let codes: Vec<_> = next.summary.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!((next.status, codes), (Status::NeedsMapping, vec!["row_kinds", "currency"]));
    assert_eq!(next.currency, None);
    let next = f.upload("known.csv", &table("Stream")).await;
    let codes: Vec<_> = next.summary.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!((next.status, codes), (Status::NeedsMapping, vec!["currency"]));
}

async fn the_future_is_after_the_houses_clock(on: On) {
    let f = Fixture::new(on).await;
    let text = distrokid(1..=3, "\n")
        + &distrokid(1..=1, "\n").replace("2025-01", "2026-02")[HEADER.len() + 1..];
    let s = f.upload("s.tsv", &text).await;
    assert_eq!(s.period.unwrap().1.to_string(), "2025-03", "the clock stands in January 2026");
    assert!(s.summary.warnings.iter().any(|w| w.code == "future_date"));
    assert_eq!(s.summary.confirmations[0].key, "rows_left_out");
}

on_both!(
    income_that_is_there_already_needs_a_yes,
    dropped_amounts_need_a_yes,
    a_question_is_answered_by_a_mapping,
    kinds_of_rows_are_answered_and_nothing_of_it_is_remembered,
    the_future_is_after_the_houses_clock,
);
