//! SQL belongs in `store.rs`, as constants.

use super::lex::Source;

/// Modules of `platform` whose tables are their own; `db` is the engine itself.
const OF_PLATFORM: [&str; 8] =
    ["audit", "backfill", "chain", "idempotency", "inbox", "jobs", "leases", "outbox"];
/// How a statement begins.
const VERBS: [&str; 11] = [
    "select ",
    "insert into ",
    "delete from ",
    "create table ",
    "create index ",
    "create unique ",
    "create schema ",
    "alter table ",
    "drop table ",
    "drop schema ",
    "truncate ",
];

/// SQL in a room that must not have any, and SQL in a store that is not a constant.
pub(super) fn check(path: &str, source: &Source) -> Vec<String> {
    if !path.starts_with("crates/") || apart(path) {
        return Vec::new();
    }
    let statements = source.literals.iter().filter(|l| is_sql(&l.text));
    if !may_have(path) {
        let sentence = |line| format!("{path}:{line}: SQL belongs in store.rs");
        return statements.map(|l| sentence(l.line)).collect();
    }
    statements
        .filter(|l| !in_a_constant(&source.code[..l.at]))
        .map(|l| format!("{path}:{}: make this SQL text a `const` at the top of the file", l.line))
        .collect()
}

/// Tests make what they like; the engine's own words are the engine's.
fn apart(path: &str) -> bool {
    let parts = ["/tests/", "/tests.rs", "platform/src/testing.rs", "platform/src/db/"];
    parts.iter().any(|p| path.contains(p))
}

fn may_have(path: &str) -> bool {
    let platform = path.strip_prefix("crates/platform/src/").unwrap_or_default();
    path.ends_with("/store.rs")
        || path.contains("/store/")
        || OF_PLATFORM.iter().any(|m| platform.strip_suffix(".rs") == Some(m))
}

fn is_sql(text: &str) -> bool {
    let text = text.to_lowercase();
    VERBS.iter().any(|v| text.starts_with(v))
        || (text.starts_with("update ") && text.contains(" set "))
        || (text.starts_with("with ") && text.contains(" as ("))
        || (text.contains("$1") && text.contains(" = "))
}

/// Whether the item in which `before` ends is a constant.
fn in_a_constant(before: &str) -> bool {
    let item = before.rsplit([';', '}']).next().unwrap_or_default();
    item.replace("const fn", "fn").contains("const ")
}

#[cfg(test)]
mod tests {
    use super::super::lex::read;
    use super::*;

    #[test]
    fn sql_outside_a_store_is_seen_however_it_is_written() {
        let service = "crates/deals/src/offers/service.rs";
        for text in [
            "\"select 1\"",
            "\"SELECT id FROM offers\"",
            "\"\\\n    insert into offers\"",
            "r#\"\n  delete from offers\"#",
            "\"update offers set a = 1\"",
            "\"with x as (select 1) select * from x\"",
            "\"where id = $1\"",
        ] {
            assert_eq!(check(service, &read(text)).len(), 1, "{text}");
        }
        assert!(check(service, &read("\"update failed\" // \"select 1\"")).is_empty());
        assert!(check("crates/deals/src/offers/tests.rs", &read("\"select 1\"")).is_empty());
        assert!(
            check("crates/deals/src/offers/store.rs", &read("const A: &str = \"select 1\";"))
                .is_empty()
        );
    }

    #[test]
    fn sql_of_a_store_is_a_constant() {
        let store = "crates/platform/src/jobs/store.rs";
        let found = check(store, &read("fn f() { tx.query(\"select 1\") }"));
        assert!(found[0].contains("make this SQL text a `const`"), "{found:?}");
        assert_eq!(check(store, &read("const fn f() { g(\"select 1\") }")).len(), 1);
        assert!(
            check(store, &read("pub const C: Chain = Chain { lock: \"select 1\" };")).is_empty()
        );
    }
}
