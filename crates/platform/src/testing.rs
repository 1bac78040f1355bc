//! For tests and simulations: fixed clock, seeded identifiers, both databases.
#![expect(clippy::disallowed_methods, reason = "the environment names the server for tests")]

pub mod faults;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use contracts::{Authorizer, Grant, Settings, Snapshot};
use kernel::{Error, Principal, Timestamp};

use crate::blobs::{self, Folder};
use crate::clock::{FixedClock, SeededIds};
use crate::cx::House;
use crate::db::migrate::{self, Migration};
use crate::db::{Db, DbError};
use crate::signals::{Local, Signals};
use crate::tasks::Heavy;

/// What is waited for comes within this, also on a busy machine.
const COMES_WITHIN: Duration = Duration::from_secs(120);

/// Looks again and again until there is something; what never comes fails the test.
///
/// # Panics
/// After two minutes, naming `what`.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let wait = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            crate::tasks::sleep_ms(20).await;
        }
    };
    let found = tokio::time::timeout(COMES_WITHIN, wait).await;
    found.unwrap_or_else(|_| panic!("this never came: {what}"))
}

/// The moment every test begins at: 2026-01-15T12:00:00Z.
pub const START: Timestamp = Timestamp(1_768_478_400_000_000);

/// Lets everybody do everything; tests of policy use the real one.
pub struct AllowAll;

#[async_trait::async_trait]
impl Authorizer for AllowAll {
    async fn decide(&self, _: &Principal, _: &str) -> Result<Grant, Error> {
        Ok(Grant::All)
    }
}

/// Every setting at its default.
#[derive(Default)]
pub struct Defaults(Arc<Snapshot>);

impl Settings for Defaults {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0)
    }
}

/// A house on a fresh database, and the parts that a test moves.
pub struct TestHouse {
    /// The house.
    pub house: Arc<House>,
    /// Its clock.
    pub clock: Arc<FixedClock>,
    folder: tempfile::TempDir,
    _schema: Option<Schema>,
}

impl TestHouse {
    /// A folder that is removed with the house.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// A file with the embedded engine's threads.
    Sqlite,
    /// A schema of its own on the server named by `KONTOR_TEST_POSTGRES`.
    Postgres,
    /// In memory, on the calling thread: exact repetition.
    Inline,
}

/// The PostgreSQL that tests may use, if there is one.
pub fn postgres_url() -> Option<String> {
    engine("POSTGRES")
}

/// Where a real engine for tests is, as `cargo xtask engines` says it: `engine("REDIS")` reads
/// `KONTOR_TEST_REDIS`. Without one a test on that engine has nothing to say and returns;
/// `cargo xtask test` counts it as skipped.
pub fn engine(name: &str) -> Option<String> {
    std::env::var(format!("KONTOR_TEST_{name}")).ok().filter(|u| !u.is_empty())
}

/// A store in `folder`, with everything else at its simplest.
pub fn blobs_in(folder: &std::path::Path) -> blobs::Config {
    let at = |name: &str| folder.join(name).display().to_string();
    blobs::Config {
        folder: at("blobs"),
        url: String::new(),
        access_key_file: String::new(),
        secret_key_file: String::new(),
        cache_folder: at("cache"),
        cache_bytes: 1_000_000_000,
        encryption: String::new(),
        encryption_key: String::new(),
        abort_uploads_days: 0,
        move_days: 0,
        move_class: String::new(),
        multipart_bytes: 0,
        timeout_ms: 10_000,
    }
}

/// A store in a bucket of the test's own, with its cache in `folder`; `None` where there is no S3.
///
/// # Panics
/// When the bucket cannot be made: the test fails.
pub async fn bucket(folder: &std::path::Path) -> Option<blobs::Config> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    bucket_named(&format!("test-{}-{n}", std::process::id()), folder).await
}

/// As [`bucket`], with a name that is nobody else's.
///
/// # Panics
/// When the bucket cannot be made.
pub async fn bucket_named(name: &str, folder: &std::path::Path) -> Option<blobs::Config> {
    let endpoint = engine("S3")?;
    let at = |name: &str| folder.join(name).display().to_string();
    let (access, secret) = (at("access-key"), at("secret-key"));
    for (file, key) in [(&access, "S3_KEY"), (&secret, "S3_SECRET")] {
        std::fs::write(file, engine(key).expect("a key for S3")).expect("a key file");
    }
    let config = blobs::Config {
        url: format!("s3://{name}/house?endpoint={endpoint}&region=us-east-1&path_style=true"),
        access_key_file: access,
        secret_key_file: secret,
        ..blobs_in(folder)
    };
    let store = blobs::s3::S3::open(&config).expect("a store");
    let url = store.signed(http::Method::PUT, "", &[], 60).await.expect("a signed URL");
    let http = crate::outbound::Outbound::new(10_000).expect("an HTTP client");
    let made = http.put(&url).send().await.expect("an answer of S3");
    assert!(made.status().is_success(), "the bucket: {}", made.status());
    Some(config)
}

/// Builds a house; `None` when `on` is PostgreSQL and there is none (the caller says skipped).
///
/// # Panics
/// When the database cannot be opened or migrated: the test fails.
pub async fn house(on: On, migrations: &'static [Migration]) -> Option<TestHouse> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let signals = Arc::new(Signals::default());
    let (db, schema) = match on {
        On::Sqlite => {
            let url = format!("sqlite:{}", folder.path().join("kontor.db").display());
            (Db::open(&url, signals).expect("an SQLite file"), None)
        }
        On::Inline => (Db::inline(signals).expect("a database in memory"), None),
        On::Postgres => {
            let schema = Schema::create(&postgres_url()?).await;
            (Db::open(&schema.url, signals).expect("a PostgreSQL schema"), Some(schema))
        }
    };
    migrate::up(&db, migrations, START).await.expect("migrations");
    let clock = Arc::new(FixedClock::new(START));
    let house = Arc::new(House {
        db,
        clock: Arc::clone(&clock) as _,
        ids: Arc::new(SeededIds::new(1)),
        authorizer: Arc::new(AllowAll),
        settings: Arc::new(Defaults::default()),
        blobs: Arc::new(Folder::open(folder.path().join("blobs")).expect("a blob folder")),
        exchange: Arc::new(Local::default()),
        heavy: Heavy::for_this_machine(),
    });
    Some(TestHouse { house, clock, folder, _schema: schema })
}

/// A PostgreSQL schema that one test has for itself; the cluster is thrown away afterwards.
pub struct Schema {
    /// URL whose `search_path` is the schema.
    pub url: String,
}

impl Schema {
    /// Makes a schema on the server.
    ///
    /// # Panics
    /// When the server refuses: the test fails.
    pub async fn create(url: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{n}", std::process::id());
        let db = Db::open(url, Arc::default()).expect("the test server");
        let text = format!("drop schema if exists {name} cascade; create schema {name}");
        db.write(move |tx| tx.batch(&text)).await.map_err(|e: DbError| e).expect("a schema");
        let join = if url.contains('?') { '&' } else { '?' };
        Self { url: format!("{url}{join}options=-csearch_path%3D{name}") }
    }
}

/// Says something beside a test's result: a seed, or why it was skipped.
#[expect(clippy::print_stderr, reason = "the reader of the test's output must see it")]
pub fn say(what: &str) {
    eprintln!("{what}");
}

/// Makes one test of each function for each database: `on_both!(a, b);` where
/// `async fn a(on: On)`.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { super::$name($crate::testing::On::Sqlite).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $name() {
                if $crate::testing::postgres_url().is_none() {
                    $crate::testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
                    return;
                }
                super::$name($crate::testing::On::Postgres).await;
            })+
        }
    };
}
