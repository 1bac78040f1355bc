//! No claim and no list reads, or sorts, a table that grows: the engine's own plan of every text
//! is looked at.

use std::collections::{BTreeMap, BTreeSet};

use kontor::MIGRATIONS;
use platform::db::{DbError, Dialect, Value};
use platform::testing::{self, On};

use crate::sql;

/// Tables that grow with what the house does, and the names that texts give them.
const GROWING: &[&str] = &[
    "audit",
    "bus_parked",
    "bus_versions",
    "creators",
    "creators_recipients",
    "deals_words",
    "idempotency",
    "identity_login_failures",
    "identity_sessions",
    "inbox",
    "jobs",
    "ledger_accounts",
    "ledger_days",
    "ledger_failed",
    "ledger_holds",
    "ledger_postings",
    "ledger_transfers",
    "offers",
    "offers_timeline",
    "outbox",
    "payouts",
    "payouts_attempts",
    "payouts_evidence",
    "policy_decisions",
    "seals",
    "statements",
    "statements_cells",
    "valuations",
];

/// Texts that read everything on purpose: who asks for everything, and why that is bounded or
/// stands in nobody's way.
const ON_PURPOSE: &[(&str, &str)] = &[
    ("select a.id as account, cast(sum(p.entries)", "verification, on a connection for scans"),
    ("select key, id from ledger_accounts", "a past trial balance names every account; a scan"),
    (
        "select account, cast(sum(debits / 1000000000) as bigint) as debits_high, \
      cast(sum(debits % 1000000000) as bigint) as debits_low, \
      cast(sum(credits / 1000000000) as bigint) as credits_high, \
      cast(sum(credits % 1000000000) as bigint) as credits_low from ledger_days where day",
        "a past trial balance adds every account up; a scan",
    ),
    ("select transfer_id from ledger_holds where state = 'open'", "verification; a scan"),
    ("select count(*) as n from jobs", "a count of a short index, for metrics and tests"),
    (
        "select count(*) as n, min(started_at) as oldest from payouts_attempts",
        "by an index that has only outcomes that are not known",
    ),
    ("select p.aggregate, v.version, min(p.aggregate_version)", "events that wait for others: few"),
    (
        "select id, file_name from statements where creator_id = $1 and status = 'confirmed'",
        "one creator's statements",
    ),
    ("select kid, wrapped from identity_keys", "signing keys: a handful"),
    ("select kid, created_at, retired_at from identity_keys", "signing keys: a handful"),
    ("select number, id, creator_id, kind, title", "the beginning of texts: see offers::tests"),
];

/// What a plan says against a text: a walk through a whole table without an index, or a sort.
fn against(text: &str, plan: &[String]) -> Option<String> {
    let tables = tables(text);
    let grows = |line: &str| {
        let name = line.split_whitespace().nth(1).unwrap_or_default();
        let table = tables.get(name).map_or(name, String::as_str);
        GROWING.contains(&table)
    };
    plan.iter()
        .find(|line| {
            let whole = !line.contains(" USING ") || !text.contains(" limit ");
            let walks = line.starts_with("SCAN ") && whole && grows(line);
            walks || line.contains("TEMP B-TREE FOR ORDER BY")
        })
        .cloned()
}

/// What a text calls its tables.
fn tables(text: &str) -> BTreeMap<String, String> {
    let words: Vec<&str> = text.split([' ', ',', '(', ')']).filter(|w| !w.is_empty()).collect();
    let follows = |i: usize| words.get(i).copied().unwrap_or_default();
    (0..words.len())
        .filter(|i| matches!(follows(*i), "from" | "join"))
        .map(|i| {
            let alias = if follows(i + 2) == "as" { i + 3 } else { i + 2 };
            (follows(alias).to_owned(), follows(i + 1).to_owned())
        })
        .collect()
}

fn parameters(text: &str) -> usize {
    (1..=99).take_while(|n| text.contains(&format!("${n}"))).count()
}

#[tokio::test]
async fn no_claim_and_no_list_reads_or_sorts_a_table_that_grows() {
    let house = testing::house(On::Sqlite, MIGRATIONS).await.unwrap();
    let (mut found, mut explained) = (BTreeSet::new(), 0);
    let mut unused: BTreeSet<&str> = ON_PURPOSE.iter().map(|(text, _)| *text).collect();
    for sql in sql::all() {
        // The bank keeps a database of its own; the schema is read about, not in.
        let apart = ["bank", "schema.rs"];
        let apart = sql.file.components().any(|part| apart.iter().any(|a| part.as_os_str() == *a));
        if apart || sql.is_only_for() == Some(Dialect::Postgres) {
            continue;
        }
        if let Some((text, _)) = ON_PURPOSE.iter().find(|(text, _)| sql.text.starts_with(text)) {
            unused.remove(text);
            continue;
        }
        let count = parameters(&sql.text);
        let text = sql.text.replace("$list", &format!("${}", count + 1));
        let listed = usize::from(text != sql.text);
        let values = vec![Value::Null; count + listed];
        let asked = format!("explain query plan {text}");
        let plan: Result<Vec<String>, DbError> = house
            .house
            .db
            .write(move |tx| tx.query(&asked, &values)?.iter().map(|r| r.text("detail")).collect())
            .await;
        let plan = plan.unwrap_or_else(|e| panic!("{e}: {text}"));
        explained += 1;
        if let Some(line) = against(&sql.text, &plan) {
            found.insert(format!("{line}\n    {}: {}", sql.file.display(), sql.text));
        }
    }
    assert!(explained > 150, "only {explained} texts were explained: is the search broken?");
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(unused.is_empty(), "these are excused and are not there: {unused:?}");
}
