//! What the program prints about itself is committed under `docs/` and must be fresh.
//! `KONTOR_WRITE_GENERATED=1 cargo test --workspace --test journeys generated` writes all of it.

use std::path::Path;

use kontor::{Config, MANUAL};
use platform::db::DbError;
use platform::db::schema::describe;
use platform::testing::{self, On};

/// Compares with `docs/{name}`, or writes it.
fn same(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var("KONTOR_WRITE_GENERATED").is_ok() {
        std::fs::write(&path, now).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = committed.lines().zip(now.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(now.lines().count())) + 1;
    assert!(
        committed == now,
        "docs/{name} is stale from line {line}: run the tests with KONTOR_WRITE_GENERATED=1, commit"
    );
}

async fn tables(on: On) -> String {
    let t = testing::house(on, kontor::MIGRATIONS).await.unwrap();
    let text: Result<String, DbError> = t.house.db.read(describe).await;
    text.unwrap()
}

#[tokio::test]
async fn sqlite_has_the_committed_schema() {
    same("schema.txt", &tables(On::Sqlite).await);
}

#[tokio::test]
async fn postgres_has_the_same() {
    if testing::postgres_url().is_none() {
        testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
        return;
    }
    assert_eq!(tables(On::Postgres).await, tables(On::Sqlite).await);
}

#[tokio::test]
async fn the_description_of_the_api_is_fresh() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let sets = [
        format!("database.url=sqlite:{}", at("kontor.db")),
        format!("blobs.folder={}", at("blobs")),
        format!("identity.master_key_file={}", at("key")),
    ];
    let config = platform::config::load::<Config>(MANUAL, None, std::iter::empty(), &sets);
    let text = kontor::openapi(config.unwrap().config).await.unwrap();
    same("openapi.json", &format!("{text}\n"));
}

#[test]
fn the_schema_of_the_configuration_is_fresh() {
    same("config.schema.json", &kontor::config_schema().unwrap());
}
