//! The database layer on both engines: every pitfall of one SQL text that was measured once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use platform::db::{Db, DbError, Tx, migrate, schema};
use platform::testing::{self, On, Schema};
use platform::{MIGRATIONS, on_both, params};

const INSERT: &str = "insert into idempotency (scope, key, digest, answer, created_at) \
                      values ($1, $2, $3, $4, $5)";
const COUNT: &str = "select count(*) as n from idempotency";

fn insert(tx: &mut Tx<'_>, key: &str) -> Result<u64, DbError> {
    tx.execute(INSERT, params!["s", key, "d", "{}", 1_i64])
}

async fn count(db: &platform::db::Db) -> i64 {
    db.read(|tx| tx.query_one(COUNT, &[])?.int("n")).await.map_err(|e: DbError| e).unwrap()
}

async fn a_swallowed_error_never_commits(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let answer: Result<(), DbError> = t
        .house
        .db
        .write(|tx| {
            insert(tx, "a")?;
            let _swallowed = insert(tx, "a");
            Ok(())
        })
        .await;
    assert!(matches!(answer, Err(DbError::Aborted(_))), "{answer:?}");
    assert_eq!(count(&t.house.db).await, 0);
}

async fn a_dead_transaction_refuses_further_statements(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let answer: Result<(), DbError> = t
        .house
        .db
        .write(|tx| {
            insert(tx, "a")?;
            assert!(matches!(insert(tx, "a"), Err(DbError::Unique(_))));
            insert(tx, "b").map(|_| ())
        })
        .await;
    assert!(matches!(answer, Err(DbError::Aborted(_))), "{answer:?}");
    assert_eq!(count(&t.house.db).await, 0);
}

async fn a_savepoint_survives_a_failed_statement(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    t.house
        .db
        .write(|tx| {
            insert(tx, "a")?;
            let inner = tx.savepoint(|tx| {
                insert(tx, "b")?;
                insert(tx, "a")
            });
            assert!(matches!(inner, Err(DbError::Unique(_))), "{inner:?}");
            insert(tx, "c").map(|_| ())
        })
        .await
        .map_err(|e: DbError| e)
        .unwrap();
    assert_eq!(count(&t.house.db).await, 2, "a and c stay, b is undone");
}

async fn one_bad_closure_of_a_group_leaves_the_others(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for i in 0..60 {
        let db = t.house.db.clone();
        waiting.spawn(async move {
            db.write(move |tx| {
                insert(tx, &format!("k{i}"))?;
                if i == 30 { Err(DbError::Other("mine".into())) } else { Ok(()) }
            })
            .await
        });
    }
    let answers = waiting.join_all().await;
    assert_eq!(answers.iter().filter(|a| a.is_ok()).count(), 59);
    assert_eq!(count(&t.house.db).await, 59);
}

async fn a_panic_undoes_and_the_engine_lives_on(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let answer: Result<(), DbError> = t
        .house
        .db
        .write(|tx| {
            insert(tx, "a")?;
            panic!("on purpose");
        })
        .await;
    assert!(matches!(answer, Err(DbError::Panic(m)) if m == "on purpose"));
    t.house.db.write(|tx| insert(tx, "b")).await.map_err(|e: DbError| e).unwrap();
    assert_eq!(count(&t.house.db).await, 1);
}

async fn types_are_strict_on_both(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let text_for_bigint: Result<u64, DbError> = t
        .house
        .db
        .write(|tx| tx.execute(INSERT, params!["s", "k", "d", "{}", "not a number"]))
        .await;
    assert!(matches!(text_for_bigint, Err(DbError::Type(_))), "{text_for_bigint:?}");
    let missing: Result<u64, DbError> =
        t.house.db.write(|tx| tx.execute(INSERT, params!["s", "k"])).await;
    assert!(missing.is_err(), "a missing parameter is refused");
}

async fn constraints_are_told_apart(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let null: Result<u64, DbError> = t
        .house
        .db
        .write(|tx| tx.execute(INSERT, params!["s", None::<&str>, "d", "{}", 1_i64]))
        .await;
    assert!(matches!(null, Err(DbError::NotNull(_))), "{null:?}");
    const JOB: &str = "insert into jobs (id, kind, payload, status, run_at, attempts, \
        max_attempts, progress_done, progress_total, created_at) \
        values ($1, 'k', '{}', $2, 0, 0, 0, 0, 0, 0)";
    let check: Result<u64, DbError> =
        t.house.db.write(|tx| tx.execute(JOB, params!["a", "sleeping"])).await;
    assert!(matches!(check, Err(DbError::Check(_))), "{check:?}");
}

async fn a_reader_cannot_write(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let answer: Result<u64, DbError> = t.house.db.read(|tx| insert(tx, "a")).await;
    assert!(answer.is_err());
    assert_eq!(count(&t.house.db).await, 0);
}

async fn text_sorts_by_bytes_and_like_is_case_sensitive(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let keys: Vec<String> = t
        .house
        .db
        .write(|tx| {
            for key in ["b", "B", "a", "É", "_x"] {
                insert(tx, key)?;
            }
            tx.query("select key from idempotency order by key", &[])?
                .iter()
                .map(|r| r.text("key"))
                .collect::<Result<_, DbError>>()
        })
        .await
        .unwrap();
    assert_eq!(keys, ["B", "_x", "a", "b", "É"]);
    let n: Result<i64, DbError> = t
        .house
        .db
        .read(|tx| {
            tx.query_one("select count(*) as n from idempotency where key like 'b%'", &[])?.int("n")
        })
        .await;
    assert_eq!(n.unwrap(), 1);
}

async fn a_conflict_runs_the_closure_again(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (db, runs) = (t.house.db.clone(), Arc::clone(&runs));
        waiting.spawn(async move {
            db.write(move |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                let at = tx.query_one("select at from seq where name = 'audit' for update", &[])?;
                let next = at.int("at")? + 1;
                tx.execute("update seq set at = $1 where name = 'audit'", params![next])
            })
            .await
            .map_err(|e: DbError| e)
        });
    }
    for answer in waiting.join_all().await {
        answer.unwrap();
    }
    let at: Result<i64, DbError> = t
        .house
        .db
        .read(|tx| tx.query_one("select at from seq where name = 'audit'", &[])?.int("at"))
        .await;
    assert_eq!(at.unwrap(), 16, "no increment was lost");
    assert!(runs.load(Ordering::Relaxed) >= 16);
}

async fn migrations_go_back_and_forth(on: On) {
    let t = testing::house(on, MIGRATIONS).await.unwrap();
    let db = &t.house.db;
    let before: Result<String, DbError> = db.read(schema::describe).await;
    let gone = migrate::down(db, MIGRATIONS, 99).await.unwrap();
    assert_eq!(gone.len(), MIGRATIONS.len());
    assert!(migrate::state(db, MIGRATIONS).await.unwrap().applied.is_empty());
    migrate::up(db, MIGRATIONS, testing::START).await.unwrap();
    assert!(migrate::up(db, MIGRATIONS, testing::START).await.unwrap().is_empty());
    let after: Result<String, DbError> = db.read(schema::describe).await;
    assert_eq!(before.unwrap(), after.unwrap());
}

on_both!(
    a_swallowed_error_never_commits,
    a_dead_transaction_refuses_further_statements,
    a_savepoint_survives_a_failed_statement,
    one_bad_closure_of_a_group_leaves_the_others,
    a_panic_undoes_and_the_engine_lives_on,
    types_are_strict_on_both,
    constraints_are_told_apart,
    a_reader_cannot_write,
    text_sorts_by_bytes_and_like_is_case_sensitive,
    a_conflict_runs_the_closure_again,
    migrations_go_back_and_forth,
);

#[tokio::test]
async fn a_second_server_on_one_file_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("k.db").display());
    let _first = platform::db::Db::open(&url, Arc::default()).unwrap();
    let second = platform::db::Db::open(&url, Arc::default()).err().unwrap();
    assert!(second.to_string().contains("in use by another kontor server"), "{second}");
}

#[tokio::test]
async fn who_looks_takes_no_lock_makes_nothing_and_cannot_write() {
    let t = testing::house(On::Sqlite, MIGRATIONS).await.unwrap();
    t.house.db.write(|tx| insert(tx, "a")).await.map_err(|e: DbError| e).unwrap();
    let url = format!("sqlite:{}", t.folder().join("kontor.db").display());
    let Err(DbError::Other(refused)) = Db::open(&url, Arc::default()) else {
        panic!("a second server is refused");
    };
    assert!(refused.contains("in use by another kontor server"), "{refused}");

    let look = Db::open_reader(&url, Arc::default()).unwrap();
    assert_eq!(count(&look).await, 1);
    assert!(migrate::state(&look, MIGRATIONS).await.unwrap().pending.is_empty());
    let written: Result<u64, DbError> = look.write(|tx| insert(tx, "b")).await;
    assert!(matches!(&written, Err(DbError::Disk(m)) if m.contains("readonly")), "{written:?}");
    // The server goes on, and who looks sees what it does.
    t.house.db.write(|tx| insert(tx, "c")).await.map_err(|e: DbError| e).unwrap();
    assert_eq!(count(&look).await, 2);

    let missing = t.folder().join("elsewhere.db");
    let answer = Db::open_reader(&format!("sqlite:{}", missing.display()), Arc::default());
    assert!(matches!(answer, Err(DbError::Missing(m)) if m.contains("elsewhere.db")));
    assert!(!missing.exists());
}

/// As on a disk that is full: the file may not grow.
#[tokio::test]
async fn a_full_sqlite_refuses_writes_and_goes_on_when_there_is_room() {
    let t = testing::house(On::Sqlite, MIGRATIONS).await.unwrap();
    let db = &t.house.db;
    let room = |pages: i64| {
        let text = format!("pragma max_page_count = {pages}");
        db.write(move |tx| tx.query_one(&text, &[]).map(drop))
    };
    let fill = || {
        db.write(|tx| {
            let large = "x".repeat(100_000);
            for key in 0..100 {
                tx.execute(INSERT, params!["s", format!("{key}"), "d", large.as_str(), 1_i64])?;
            }
            Ok::<_, DbError>(())
        })
    };
    // Below what is used the limit is what is used.
    room(1).await.map_err(|e: DbError| e).unwrap();
    let refused = fill().await.unwrap_err();
    assert!(matches!(refused, DbError::Full(_)), "{refused:?}");
    let said = kernel::Error::from(refused);
    assert_eq!((said.kind, said.code), (kernel::Kind::Unavailable, "database_full"));
    assert_eq!(count(db).await, 0, "reads go on, and nothing is half there");
    room(1_000_000).await.map_err(|e: DbError| e).unwrap();
    fill().await.unwrap();
    assert_eq!(count(db).await, 100);
}

/// A PostgreSQL as a schema of its own sees it, with more options of the session.
async fn postgres_with(options: &str) -> Option<(Schema, Db)> {
    let server = testing::postgres_url().or_else(|| {
        testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
        None
    })?;
    let schema = Schema::create(&server).await;
    let db = Db::open(&schema.url, Arc::default()).unwrap();
    migrate::up(&db, MIGRATIONS, testing::START).await.unwrap();
    let db = Db::open(&format!("{}{options}", schema.url), Arc::default()).unwrap();
    Some((schema, db))
}

#[tokio::test]
async fn a_full_postgres_refuses_and_loses_nothing() {
    let Some((_schema, db)) = postgres_with("").await else { return };
    db.write(|tx| insert(tx, "a")).await.map_err(|e: DbError| e).unwrap();
    // Its own words for a full disk, and for memory.
    for code in ["53100", "53200"] {
        let text = format!(
            "do $$ begin raise exception 'no space left on device' using errcode = '{code}'; \
             end $$"
        );
        let answer: Result<(), DbError> = db
            .write(move |tx| {
                insert(tx, "b")?;
                tx.batch(&text)
            })
            .await;
        let refused = answer.unwrap_err();
        assert!(matches!(&refused, DbError::Full(m) if m.contains("no space left")), "{refused:?}");
        assert_eq!(kernel::Error::from(refused).code, "database_full");
    }
    assert_eq!(count(&db).await, 1);
    db.write(|tx| insert(tx, "b")).await.map_err(|e: DbError| e).unwrap();
}

#[tokio::test]
async fn a_postgres_with_too_many_connections_says_so() {
    let Some((schema, admin)) = postgres_with("").await else { return };
    let role = format!("crowded_{}", std::process::id());
    let made = format!("drop role if exists {role}; create role {role} login connection limit 0");
    admin.write(move |tx| tx.batch(&made)).await.map_err(|e: DbError| e).unwrap();
    let (_, rest) = schema.url.split_once('@').unwrap();
    let refused = Db::open(&format!("postgres://{role}@{rest}"), Arc::default()).err().unwrap();
    assert!(matches!(&refused, DbError::Full(m) if m.contains("too many")), "{refused:?}");
    assert_eq!(kernel::Error::from(refused).code, "database_full");
    let gone = format!("drop role {role}");
    admin.write(move |tx| tx.batch(&gone)).await.map_err(|e: DbError| e).unwrap();
}

/// The process of the server behind a transaction.
fn process(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one("select cast(pg_backend_pid() as bigint) as pid", &[])?.int("pid")
}

#[tokio::test]
async fn a_standby_that_cannot_be_written_is_left() {
    let read_only = "%20-cdefault_transaction_read_only%3Don";
    let Some((schema, db)) = postgres_with(read_only).await else { return };
    let asked = Arc::new(std::sync::Mutex::new(0));
    let kept = Arc::clone(&asked);
    let answer: Result<u64, DbError> = db
        .write(move |tx| {
            *kept.lock().unwrap() = process(tx)?;
            insert(tx, "a")
        })
        .await;
    let refused = answer.unwrap_err();
    assert!(matches!(refused, DbError::Lost(_)), "{refused:?}");
    let said = kernel::Error::from(refused);
    assert_eq!((said.kind, said.code), (kernel::Kind::Unavailable, "database_unavailable"));
    // The connection is thrown away; the next one may lead to the new primary.
    let (other, pid) = (Db::open(&schema.url, Arc::default()).unwrap(), *asked.lock().unwrap());
    testing::until("its server process has ended", || async {
        let sql = "select count(*) as n from pg_stat_activity where pid = $1";
        let left: Result<i64, DbError> =
            other.read(move |tx| tx.query_one(sql, params![pid])?.int("n")).await;
        (left.unwrap() == 0).then_some(())
    })
    .await;
    assert_eq!(count(&db).await, 0, "others are opened");
}

/// A file that was closed is the whole house: nothing lies beside it, and a copy of it opens.
#[tokio::test]
async fn a_file_that_was_closed_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kontor.db");
    let url = format!("sqlite:{}", path.display());
    let db = Db::open(&url, Arc::default()).unwrap();
    migrate::up(&db, MIGRATIONS, testing::START).await.unwrap();
    let written: Result<u64, DbError> = db.write(|tx| insert(tx, "a")).await;
    assert_eq!(written.unwrap(), 1);
    assert!(folder.path().join("kontor.db-wal").exists(), "it was in the log only");
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "only the owner may read it");
    db.close().await;
    let later: Result<u64, DbError> = db.write(|tx| insert(tx, "b")).await;
    assert!(matches!(later, Err(DbError::Closed)), "{later:?}");
    for beside in ["kontor.db-wal", "kontor.db-shm"] {
        assert!(!folder.path().join(beside).exists(), "{beside}");
    }
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    let copied = Db::open(&format!("sqlite:{}", copy.display()), Arc::default()).unwrap();
    assert_eq!(count(&copied).await, 1);
}
