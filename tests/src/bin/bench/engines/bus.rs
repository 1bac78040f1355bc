//! The bus: how many events a second go from the outbox to Kafka, and how old they are when a
//! consumer has committed what it made of them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use contracts::schemas::Subject;
use kernel::ids::Uuid;
use kernel::{Clock as _, Timestamp};
use platform::bus::{Bus, Config};
use platform::clock::SystemClock;
use platform::db::DbError;
use platform::inbox::{Consumer, Order};
use platform::outbox::{self, NewEvent};
use platform::testing::{self, On, TestHouse};
use platform::{MIGRATIONS, params};
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer as _};
use tokio_util::sync::CancellationToken;

use super::Times;
use crate::report::{Row, grouped, now};

const TOPIC: &str = "bench.happened";
const SCHEMA: &str = r#"{"type":"record","name":"Happened","namespace":"kontor.bench",
    "fields":[{"name":"n","type":"long"},{"name":"note","type":"string"}]}"#;
const SUBJECTS: &[Subject] = &[Subject { topic: TOPIC, versions: &[SCHEMA] }];
const EVENTS: usize = 50_000;
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const NOTE: &str = "a payload of the size of a deal's event, which is some two hundred bytes when \
    it is written as Avro: identifiers, an amount, a currency, and the name of a rail or reason";

type Failure = String;

pub(super) async fn rows() -> Result<Vec<Row>, Failure> {
    let (Some(kafka), Some(registry)) = (testing::engine("KAFKA"), testing::engine("REGISTRY"))
    else {
        return Ok(Vec::new());
    };
    let salt = hex::encode(platform::clock::random_bytes::<4>());
    let config = Config {
        url: kafka,
        registry_url: registry,
        topic_prefix: format!("bench{salt}."),
        partitions: 3,
        replication: 1,
        retention_days: 1,
        keep_days: 1,
        stall_seconds: 60,
    };
    now("the bare client of Kafka");
    let topics = Config { topic_prefix: format!("{}hand.", config.topic_prefix), ..config.clone() };
    let bus = Bus::open(&topics, SUBJECTS).map_err(|e| e.to_string())?;
    bus.prepare().await.map_err(|e| e.to_string())?;
    let by_hand = by_hand(&topics).await?;
    now("the outbox to Kafka");
    let published = published(&house().await?, &config).await?;
    // Houses of their own: a consumer that is new would first go through everything above.
    now("commit to consumed, embedded log");
    let embedded = latency(&house().await?, Bus::Embedded).await?;
    let config = Config { topic_prefix: format!("{}late.", config.topic_prefix), ..config };
    let bus = Bus::open(&config, SUBJECTS).map_err(|e| e.to_string())?;
    bus.prepare().await.map_err(|e| e.to_string())?;
    now("commit to consumed, Kafka");
    let on_kafka = latency(&house().await?, bus).await?;
    Ok(vec![
        Row {
            workload: format!("{} events from the outbox to Kafka", grouped(EVENTS as u64)),
            measured: format!("{} a second", grouped(published)),
            bar: "-".into(),
            baseline: format!("the bare client, the same bytes: {} a second", grouped(by_hand)),
            ratio: format!("{:.2}", published as f64 / by_hand as f64),
        },
        embedded.row(
            "emitted, committed and at its consumer, 200 a second, embedded log",
            "-",
            None,
        ),
        on_kafka.row(
            "emitted, committed and at its consumer, 200 a second, Kafka",
            "-",
            Some(("embedded log", &embedded)),
        ),
    ])
}

async fn house() -> Result<TestHouse, Failure> {
    testing::house(On::Sqlite, MIGRATIONS).await.ok_or_else(|| "no house".to_owned())
}

/// Adds events to the outbox in one transaction. The relay gives them their positions.
async fn emit(house: &TestHouse, aggregate: u128, from: i64, count: i64) -> Result<(), Failure> {
    let cx = house.house.system_cx();
    let emit = move |tx: &mut platform::db::Tx<'_>| {
        for n in from..from + count {
            let event = NewEvent {
                topic: TOPIC,
                version: 1,
                aggregate: Uuid::from_u128(aggregate + (n % 1_000) as u128),
                aggregate_version: n + 1,
                payload: serde_json::json!({ "n": n, "note": NOTE }),
            };
            outbox::emit(tx, &cx, SystemClock.now(), &event)?;
        }
        Ok::<_, DbError>(())
    };
    house.house.db.write(emit).await.map_err(|e| e.to_string())
}

/// The same, with their positions.
async fn fill(house: &TestHouse, aggregate: u128, count: i64) -> Result<(), Failure> {
    emit(house, aggregate, 0, count).await?;
    while outbox::relay_once(&house.house.db).await.map_err(|e| e.to_string())? > 0 {}
    Ok(())
}

/// The bare client: as many messages of the same bytes and headers, on a topic that is there.
async fn by_hand(config: &Config) -> Result<u64, Failure> {
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", config.url.trim_start_matches("kafka://"))
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", "lz4")
        .set("linger.ms", "1")
        .create()
        .map_err(|e| e.to_string())?;
    let topic = format!("{}{TOPIC}", config.topic_prefix);
    let send = |n: usize| {
        let key = Uuid::from_u128(n as u128 % 1_000).to_string();
        // Five bytes of the wire format, the number, the text and its length.
        let bytes = [&[0, 0, 0, 0, 1][..], &(n as u32).to_be_bytes(), NOTE.as_bytes()].concat();
        let head = |key, value| Header { key, value: Some(value) };
        let headers = OwnedHeaders::new()
            .insert(head("event-id", key.as_str()))
            .insert(head("event-type", TOPIC))
            .insert(head("event-version", "1"))
            .insert(head("aggregate-version", "1234"))
            .insert(head("occurred-at", "1768478400000000"))
            .insert(head("traceparent", TRACE));
        let record = FutureRecord::to(&topic).key(&key).payload(&bytes).headers(headers);
        producer.send_result(record).ok()
    };
    if let Some(sent) = send(0) {
        // The connection is warm; the house's is not.
        let _there = sent.await;
    }
    let begun = Instant::now();
    for n in 0..EVENTS {
        while send(n).is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    producer.flush(Duration::from_secs(60)).map_err(|e| e.to_string())?;
    Ok((EVENTS as f64 / begun.elapsed().as_secs_f64()) as u64)
}

async fn published(house: &TestHouse, config: &Config) -> Result<u64, Failure> {
    let bus = Bus::open(config, SUBJECTS).map_err(|e| e.to_string())?;
    bus.prepare().await.map_err(|e| e.to_string())?;
    fill(house, 1_000_000, EVENTS as i64).await?;
    let stop = CancellationToken::new();
    let begun = Instant::now();
    let running = tokio::spawn(bus.clone().publish(Arc::clone(&house.house), stop.clone()));
    until_published(house).await?;
    let rate = EVENTS as f64 / begun.elapsed().as_secs_f64();
    stop.cancel();
    running.await.map_err(|e| e.to_string())?;
    Ok(rate as u64)
}

async fn until_published(house: &TestHouse) -> Result<(), Failure> {
    let sql = "select coalesce((select at from seq where name = 'outbox') - \
        (select pos from consumer_offsets where consumer = 'bus.kafka'), 1) as n";
    loop {
        let left = house.house.db.read(move |tx| tx.query_one(sql, params![])?.int("n")).await;
        let left: Result<i64, DbError> = left;
        if left.map_err(|e| e.to_string())? == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Microseconds from an event's emitting, in a transaction that is then committed, to the
/// consumer's hand.
async fn latency(house: &TestHouse, bus: Bus) -> Result<Times, Failure> {
    let times = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&times);
    let since = SystemClock.now();
    let consumer = Consumer {
        name: if matches!(bus, Bus::Embedded) { "bench.embedded" } else { "bench.kafka" },
        topics: &[TOPIC],
        order: Order::Any,
        handle: Arc::new(move |_, _, e| {
            let age = |at: Timestamp| (SystemClock.now().micros() - at.micros()) as f64;
            if e.occurred_at > since
                && let Ok(mut times) = kept.lock()
            {
                times.push(age(e.occurred_at));
            }
            Ok(())
        }),
    };
    let stop = CancellationToken::new();
    let relay = tokio::spawn(outbox::relay(house.house.db.clone()));
    let publish = tokio::spawn(bus.clone().publish(Arc::clone(&house.house), stop.clone()));
    let name = consumer.name;
    tokio::spawn(bus.consume(Arc::clone(&house.house), consumer, stop.clone()));
    // Until the consumer has come to the present, its times say how far behind it was.
    let base: u128 = if name == "bench.kafka" { 3_000_000 } else { 2_000_000 };
    let seen = || times.lock().map_or(0, |t| t.len());
    emit(house, base, 0, 1).await?;
    while seen() < 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let count = 2_000;
    let mut due = tokio::time::interval(Duration::from_millis(5));
    for n in 1..=count {
        due.tick().await;
        emit(house, base, n, 1).await?;
    }
    while seen() <= usize::try_from(count).unwrap_or(0) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    relay.abort();
    publish.await.map_err(|e| e.to_string())?;
    let mut all = times.lock().map_err(|e| e.to_string())?.clone();
    all.remove(0);
    Ok(Times::new(all))
}
