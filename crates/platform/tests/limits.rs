//! What nobody waits longer for: slow transactions, silent servers, scans that nobody wants any
//! more, and changes of the schema, which take as long as they need.
#![expect(clippy::disallowed_methods, reason = "the link that falls silent is the test's own")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use platform::db::migrate::{self, Migration};
use platform::db::{Db, DbError, Limits, Tx};
use platform::testing::{self, On, Schema};
use platform::{MIGRATIONS, on_both, params};

/// Counts for well over a second on any machine.
const SLOW_COUNT: &str = "with recursive c(n) as (select 1 union all select n + 1 from c \
    where n < 6000000) select count(*) as n from c";
/// Never ends by itself.
const ENDLESS: &str = "with recursive c(n) as (select 1 union all select 1 from c) \
    select count(*) as n from c";
const SLOW: Migration = Migration {
    number: 900,
    name: "0900_slow",
    up: "create table slow (n bigint) strict; insert into slow \
        with recursive c(n) as (select 1 union all select n + 1 from c where n < 6000000) \
        select count(*) from c",
    down: "drop table slow",
};
const WITH_SLOW: &[Migration] = &[MIGRATIONS[0], SLOW];
const EDITED: &[Migration] =
    &[MIGRATIONS[0], Migration { up: "create table other (n bigint)", ..SLOW }];
const WITHOUT: &[Migration] = &[MIGRATIONS[0]];
const BROKEN: &[Migration] = &[
    MIGRATIONS[0],
    SLOW,
    Migration { number: 901, name: "0901_broken", up: "create nonsense", down: "" },
];

fn short() -> Limits {
    Limits { statement: Duration::from_millis(800), queue: 100 }
}

/// A database whose limits are short; `None` without a server (the caller says skipped).
async fn limited(on: On, limits: Limits) -> (Db, tempfile::TempDir, Option<Schema>) {
    let folder = tempfile::tempdir().unwrap();
    let schema = match on {
        On::Postgres => Some(Schema::create(&testing::postgres_url().unwrap()).await),
        On::Sqlite | On::Inline => None,
    };
    let url = schema.as_ref().map_or_else(
        || format!("sqlite:{}", folder.path().join("k.db").display()),
        |s| s.url.clone(),
    );
    (Db::open_within(&url, Arc::default(), limits).unwrap(), folder, schema)
}

async fn a_migration_takes_as_long_as_it_needs(on: On) {
    let (db, _folder, _schema) = limited(on, short()).await;
    let began = platform::clock::instant();
    let done = migrate::up(&db, WITH_SLOW, testing::START).await.unwrap();
    assert_eq!(done, ["0001_platform", "0900_slow"]);
    assert!(began.elapsed() > short().statement, "the migration was too quick to prove anything");
    // The connection it ran on has its limit again.
    let connections = if on == On::Postgres { 17 } else { 1 };
    for _ in 0..connections {
        let slow: Result<i64, DbError> = db
            .write(|tx| {
                let n = tx.query_one(SLOW_COUNT, &[])?.int("n")?;
                tx.query_one("select count(*) as n from slow", &[])?;
                Ok(n)
            })
            .await;
        assert!(matches!(slow, Err(DbError::Slow(_))), "{slow:?}");
    }
}

async fn a_migration_that_fails_leaves_those_before_it(on: On) {
    let (db, _folder, _schema) = limited(on, Limits::default()).await;
    migrate::up(&db, BROKEN, testing::START).await.unwrap_err();
    let state = migrate::state(&db, BROKEN).await.unwrap();
    assert_eq!(state.applied, ["0001_platform", "0900_slow"]);
    assert_eq!(state.pending, ["0901_broken"]);
}

async fn an_edited_migration_is_noticed(on: On) {
    let (db, _folder, _schema) = limited(on, Limits::default()).await;
    migrate::up(&db, WITH_SLOW, testing::START).await.unwrap();
    let said = migrate::up(&db, EDITED, testing::START).await.unwrap_err().to_string();
    assert!(said.contains("0900_slow was changed after"), "{said}");
    let said = migrate::up(&db, WITHOUT, testing::START).await.unwrap_err().to_string();
    assert!(said.contains("used by a newer kontor"), "{said}");
    assert!(migrate::up(&db, WITH_SLOW, testing::START).await.unwrap().is_empty());
}

/// As databases were before checksums: what is applied is believed once, and then watched.
async fn a_database_without_checksums_is_taken_as_it_is(on: On) {
    let (db, _folder, _schema) = limited(on, Limits::default()).await;
    migrate::up(&db, WITH_SLOW, testing::START).await.unwrap();
    let old = db.write(|tx| tx.batch("alter table schema_migrations drop column checksum"));
    old.await.map_err(|e: DbError| e).unwrap();
    assert_eq!(migrate::state(&db, WITH_SLOW).await.unwrap().applied.len(), 2);
    assert!(migrate::up(&db, WITH_SLOW, testing::START).await.unwrap().is_empty());
    migrate::up(&db, EDITED, testing::START).await.unwrap_err();
}

async fn a_scan_that_nobody_waits_for_is_ended(on: On) {
    let limits = Limits { statement: Duration::from_secs(120), ..Limits::default() };
    let (db, _folder, _schema) = limited(on, limits).await;
    // More than there are connections for scans: if one of these went on, the last one would wait.
    for _ in 0..4 {
        let begun = Arc::new(AtomicBool::new(false));
        let says = Arc::clone(&begun);
        let scan = db.scan(move |tx: &mut Tx<'_>| {
            says.store(true, Ordering::Relaxed);
            tx.query_one(ENDLESS, &[]).map(drop)
        });
        let begins = testing::until("the scan begins", || async {
            begun.load(Ordering::Relaxed).then_some(())
        });
        tokio::select! {
            ended = scan => panic!("an endless scan ended: {ended:?}"),
            () = begins => {}
        }
    }
    let two: Result<i64, DbError> =
        db.scan(|tx| tx.query_one("select cast(1 as bigint) as n", &[])?.int("n")).await;
    assert_eq!(two.unwrap(), 1);
}

async fn more_than_can_wait_is_refused(on: On) {
    let limits = Limits { queue: 4, ..Limits::default() };
    let (db, _folder, _schema) = limited(on, limits).await;
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (db, gate) = (db.clone(), Arc::clone(&gate));
        waiting.spawn(async move {
            db.write(move |_| {
                let (open, opened) = &*gate;
                let closed = open.lock().unwrap();
                drop(opened.wait_while(closed, |open| !*open).unwrap());
                Ok::<(), DbError>(())
            })
            .await
        });
    }
    // Those beyond the queue are answered while the others still wait.
    let first = waiting.join_next().await.unwrap().unwrap().unwrap_err();
    assert!(matches!(first, DbError::Busy), "{first:?}");
    assert_eq!(kernel::Error::from(first).code, "database_busy");
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    let mut done = 0;
    while let Some(answer) = waiting.join_next().await {
        done += usize::from(answer.unwrap().is_ok());
    }
    assert!(done >= 4, "what was taken in is done: {done}");
}

on_both!(
    a_migration_takes_as_long_as_it_needs,
    a_migration_that_fails_leaves_those_before_it,
    an_edited_migration_is_noticed,
    a_database_without_checksums_is_taken_as_it_is,
    a_scan_that_nobody_waits_for_is_ended,
    more_than_can_wait_is_refused,
);

/// Between us and the server: from a moment on it takes every byte and passes none.
async fn swallowing(server: String) -> (u16, Arc<AtomicBool>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&silent);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (server, silent) = (server.clone(), Arc::clone(&now));
            tokio::spawn(async move {
                let to = tokio::net::TcpStream::connect(server).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = to.into_split();
                tokio::join!(
                    pass(from_client, to_server, Arc::clone(&silent)),
                    pass(from_server, to_client, silent)
                );
            });
        }
    });
    (port, silent)
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    silent: Arc<AtomicBool>,
) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut buffer = [0; 8192];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        if !silent.load(Ordering::Relaxed) && to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}

/// A primary that vanishes without a word: whoever asks is told within the limit, and when it is
/// back everything goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_falls_silent_keeps_nobody_waiting() {
    let Some(server) = testing::postgres_url() else {
        testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
        return;
    };
    let schema = Schema::create(&server).await;
    let (head, tail) = schema.url.split_once('@').unwrap();
    let (address, rest) = tail.split_at(tail.find(['/', '?']).unwrap());
    let address =
        if address.contains(':') { address.to_owned() } else { format!("{address}:5432") };
    let (port, silent) = swallowing(address).await;
    let limits = Limits { statement: Duration::from_millis(700), queue: 1_000 };
    let url = format!("{head}@127.0.0.1:{port}{rest}");
    let db = Db::open_within(&url, Arc::default(), limits).unwrap();
    migrate::up(&db, MIGRATIONS, testing::START).await.unwrap();
    let ask = |db: Db| async move {
        let sql = "update seq set at = at + 1 where name = $1";
        db.write(move |tx| tx.execute(sql, params!["audit"])).await
    };
    assert_eq!(ask(db.clone()).await.map_err(|e: DbError| e).unwrap(), 1);
    silent.store(true, Ordering::Relaxed);
    let began = platform::clock::instant();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..16 {
        waiting.spawn(ask(db.clone()));
    }
    while let Some(answer) = waiting.join_next().await {
        let e = answer.unwrap().unwrap_err();
        assert!(matches!(e, DbError::Lost(_) | DbError::CommitUnknown(_)), "{e:?}");
    }
    // Every one of the sixteen connections was held up once, a few tries each; for ever is what
    // they took without a limit.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    silent.store(false, Ordering::Relaxed);
    testing::until("it is back", || async { ask(db.clone()).await.ok() }).await;
}
