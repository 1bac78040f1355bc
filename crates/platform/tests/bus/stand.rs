//! A house with a bus and consumers that write down what they get.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use contracts::schemas::Subject;
use kernel::ids::Uuid;
use kernel::{Envelope, Error};
use platform::bus::{Bus, Config};
use platform::db::DbError;
use platform::inbox::{Consumer, Order};
use platform::outbox::{self, NewEvent};
use platform::testing::{self, On, TestHouse};
use platform::{MIGRATIONS, params};
use tokio_util::sync::CancellationToken;

pub(crate) const HAPPENED: &str = "test.happened";
pub(crate) const FINISHED: &str = "test.finished";
pub(crate) const FAMILY: &[&str] = &[HAPPENED, FINISHED];

const SCHEMA: &str = r#"{"type":"record","name":"Happened","namespace":"kontor.test",
    "fields":[{"name":"n","type":"long"},{"name":"note","type":["null","string"],
    "default":null}]}"#;

pub(crate) const SUBJECTS: &[Subject] = &[
    Subject { topic: HAPPENED, versions: &[SCHEMA] },
    Subject { topic: FINISHED, versions: &[SCHEMA] },
];

/// What a consumer got, in its order: aggregate and version.
pub(crate) type Heard = Arc<Mutex<Vec<(u128, i64)>>>;

pub(crate) struct Stand {
    pub(crate) t: TestHouse,
    pub(crate) bus: Bus,
    pub(crate) config: Config,
    pub(crate) stop: CancellationToken,
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Names of topics and groups that no other test has.
fn prefix() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let salt = hex::encode(platform::clock::random_bytes::<4>());
    format!("t{salt}-{}.", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn config(url: String, registry_url: String) -> Config {
    Config {
        url,
        registry_url,
        topic_prefix: prefix(),
        partitions: 3,
        replication: 1,
        retention_days: 1,
        keep_days: 1,
        stall_seconds: 20,
    }
}

impl Stand {
    pub(crate) async fn embedded() -> Self {
        Self::with(config(String::new(), String::new())).await
    }

    /// `None` when there is no Kafka here.
    pub(crate) async fn kafka() -> Option<Self> {
        let (kafka, registry) = (testing::engine("KAFKA"), testing::engine("REGISTRY"));
        let (Some(kafka), Some(registry)) = (kafka, registry) else {
            testing::say("skipped: KONTOR_TEST_KAFKA and KONTOR_TEST_REGISTRY are not set");
            return None;
        };
        Some(Self::with(config(kafka, registry)).await)
    }

    pub(crate) async fn with(config: Config) -> Self {
        let t = testing::house(On::Sqlite, MIGRATIONS).await.unwrap();
        let bus = Bus::open(&config, SUBJECTS).unwrap();
        bus.prepare().await.unwrap();
        let stand = Self { t, bus, config, stop: CancellationToken::new() };
        let db = stand.t.house.db.clone();
        tokio::spawn(outbox::relay(db));
        stand.publish();
        stand
    }

    /// Stops the publisher and every consumer; those that are started later run.
    pub(crate) fn stop_all(&mut self) {
        std::mem::take(&mut self.stop).cancel();
    }

    pub(crate) fn publish(&self) {
        let house = Arc::clone(&self.t.house);
        tokio::spawn(self.bus.clone().publish(house, self.stop.child_token()));
    }

    /// Starts a consumer; cancelling the answer stops it.
    pub(crate) fn consume(&self, consumer: Consumer) -> CancellationToken {
        let stop = self.stop.child_token();
        let house = Arc::clone(&self.t.house);
        tokio::spawn(self.bus.clone().consume(house, consumer, stop.clone()));
        stop
    }

    pub(crate) async fn emit(&self, topic: &'static str, aggregate: u128, version: i64) {
        let cx = self.t.house.system_cx();
        let event = NewEvent {
            topic,
            version: 1,
            aggregate: Uuid::from_u128(aggregate),
            aggregate_version: version,
            payload: serde_json::json!({ "n": version, "note": null }),
        };
        let emit =
            move |tx: &mut platform::db::Tx<'_>| outbox::emit(tx, &cx, testing::START, &event);
        self.t.house.db.write(emit).await.map_err(|e: DbError| e).unwrap();
    }

    /// Parked events of all consumers.
    pub(crate) async fn parked(&self) -> i64 {
        let sql = "select count(*) as n from bus_parked";
        let count = self.t.house.db.read(move |tx| tx.query_one(sql, params![])?.int("n"));
        count.await.map_err(|e: DbError| e).unwrap()
    }

    /// Up to which position events are on Kafka.
    pub(crate) async fn published(&self) -> i64 {
        let sql = "select pos from consumer_offsets where consumer = 'bus.kafka'";
        let at = self.t.house.db.read(move |tx| tx.query_one(sql, params![])?.int("pos"));
        at.await.map_err(|e: DbError| e).unwrap()
    }

    /// Rows of the inbox of a consumer.
    pub(crate) async fn inbox(&self, consumer: &'static str) -> i64 {
        let sql = "select count(*) as n from inbox where consumer = $1";
        let count = self.t.house.db.read(move |tx| tx.query_one(sql, params![consumer])?.int("n"));
        count.await.map_err(|e: DbError| e).unwrap()
    }
}

/// A consumer that writes down what it gets.
pub(crate) fn listener(name: &'static str, order: Order) -> (Consumer, Heard) {
    let heard = Heard::default();
    let log = Arc::clone(&heard);
    let consumer = consumer(name, order, move |e| {
        log.lock().unwrap().push((e.aggregate.as_u128(), e.aggregate_version));
        Ok(())
    });
    (consumer, heard)
}

pub(crate) fn consumer(
    name: &'static str,
    order: Order,
    work: impl Fn(&Envelope) -> Result<(), Error> + Send + Sync + 'static,
) -> Consumer {
    Consumer { name, topics: FAMILY, order, handle: Arc::new(move |_, _, e| work(e)) }
}

/// Waits until a condition holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    testing::until(what, || {
        let holds = holds();
        async { holds.await.then_some(()) }
    })
    .await;
}

/// As [`until`], for what a consumer heard.
pub(crate) async fn heard(heard: &Heard, count: usize) {
    until(&format!("{count} events heard"), || async { heard.lock().unwrap().len() >= count })
        .await;
}
