//! One schema on two engines: described the same, and as it was committed.

use platform::db::DbError;
use platform::db::schema::describe;
use platform::testing::{self, On};

const COMMITTED: &str = include_str!("../../../docs/schema.txt");

async fn described(on: On) -> String {
    let t = testing::house(on, kontor::MIGRATIONS).await.unwrap();
    let text: Result<String, DbError> = t.house.db.read(describe).await;
    text.unwrap()
}

#[tokio::test]
async fn sqlite_has_the_committed_schema() {
    let now = described(On::Sqlite).await;
    if std::env::var("KONTOR_WRITE_SCHEMA").is_ok() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema.txt"), &now).unwrap();
        return;
    }
    assert_eq!(now, COMMITTED, "the schema changed: run with KONTOR_WRITE_SCHEMA=1 and commit");
}

#[tokio::test]
async fn postgres_has_the_same() {
    if testing::postgres_url().is_none() {
        testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
        return;
    }
    assert_eq!(described(On::Postgres).await, COMMITTED);
}
