//! What only Kafka can do: poison, dead letters, schemas, groups, gaps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use contracts::schemas::Subject;
use kernel::{Error, Kind};
use platform::bus::{Bus, Kafka};
use platform::inbox::Order;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::stand::{FAMILY, FINISHED, HAPPENED, SUBJECTS, Stand, consumer, heard, listener, until};

fn kafka(s: &Stand) -> Arc<Kafka> {
    let Bus::Kafka(kafka) = &s.bus else { panic!("this is a test of Kafka") };
    Arc::clone(kafka)
}

/// A client that knows nothing of the house.
fn client(s: &Stand) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", s.config.url.trim_start_matches("kafka://"));
    client
}

async fn foreign(s: &Stand, event: &str, bytes: &[u8], headers: OwnedHeaders) {
    let producer: FutureProducer = client(s).create().unwrap();
    let topic = format!("{}{event}", s.config.topic_prefix);
    let key = kernel::ids::Uuid::from_u128(9).to_string();
    let record = FutureRecord::to(&topic).key(&key).payload(bytes).headers(headers);
    producer.send(record, std::time::Duration::from_secs(30)).await.unwrap();
}

#[tokio::test]
async fn poison_is_a_dead_letter_with_its_reason() {
    let Some(s) = Stand::kafka().await else { return };
    let (c, log) = listener("tasting", Order::Any);
    s.consume(c);
    foreign(&s, HAPPENED, b"{\"json\":true}", OwnedHeaders::new()).await;
    foreign(&s, HAPPENED, b"\x00\x7f\xff\xff\xffnothing", OwnedHeaders::new()).await;
    foreign(&s, HAPPENED, b"\x00", OwnedHeaders::new()).await;
    s.emit(HAPPENED, 1, 1).await;
    heard(&log, 1).await;
    let k = kafka(&s);
    until("three dead letters", || async { k.dead().await.unwrap().len() == 3 }).await;
    let letters = k.dead().await.unwrap();
    let why: Vec<&str> = letters.iter().map(|l| l.reason.as_str()).collect();
    assert!(why.iter().any(|w| w.contains("first byte is 0x7b")), "{why:?}");
    assert!(why.iter().any(|w| w.contains("no schema 2147483647")), "{why:?}");
    assert!(why.iter().any(|w| w.contains("shorter")), "{why:?}");
    assert!(letters.iter().all(|l| l.consumer == "tasting" && l.event_type == HAPPENED));
}

#[tokio::test]
async fn a_dead_letter_is_sent_again_to_its_consumer_only() {
    let Some(s) = Stand::kafka().await else { return };
    let fixed = Arc::new(AtomicBool::new(false));
    let is_fixed = Arc::clone(&fixed);
    let (_, log) = listener("broken", Order::Any);
    let kept = Arc::clone(&log);
    s.consume(consumer("broken", Order::PerAggregate(FAMILY), move |e| {
        if e.aggregate_version == 1 && !is_fixed.load(Ordering::Relaxed) {
            return Err(Error::conflict("broken", "a defect"));
        }
        kept.lock().unwrap().push((1, e.aggregate_version));
        Ok(())
    }));
    let (c, other) = listener("healthy", Order::Any);
    s.consume(c);
    s.emit(HAPPENED, 1, 1).await;
    s.emit(FINISHED, 1, 2).await;
    heard(&log, 1).await;
    heard(&other, 2).await;
    let k = kafka(&s);
    let letters = k.dead().await.unwrap();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].reason.contains("a defect") && !letters[0].replayed);
    assert_eq!(letters[0].payload.as_ref().unwrap()["n"], 1);
    fixed.store(true, Ordering::Relaxed);
    k.replay(letters[0].number).await.unwrap();
    heard(&log, 2).await;
    assert_eq!(*log.lock().unwrap(), [(1, 2), (1, 1)]);
    let again = k.replay(letters[0].number).await.unwrap_err();
    assert_eq!(again.code, "already_replayed");
    assert!(k.dead().await.unwrap()[0].replayed);
    assert_eq!(k.replay(99).await.unwrap_err().code, "dead_letter_not_found");
    s.emit(HAPPENED, 1, 3).await;
    heard(&other, 3).await;
    assert_eq!(other.lock().unwrap().len(), 3, "others did not hear it twice");
}

const OTHER_TYPE: &str = r#"{"type":"record","name":"Happened","namespace":"kontor.test",
    "fields":[{"name":"n","type":"string"}]}"#;
const INCOMPATIBLE: &[Subject] = &[Subject { topic: HAPPENED, versions: &[OTHER_TYPE] }];

#[tokio::test]
async fn an_incompatible_schema_refuses_the_start() {
    let Some(s) = Stand::kafka().await else { return };
    let other = Bus::open(&s.config, INCOMPATIBLE).unwrap();
    let refused = other.prepare().await.unwrap_err();
    assert_eq!((refused.kind, refused.code), (Kind::Conflict, "schema_incompatible"));
    assert!(refused.message.contains("test.happened-value"), "{}", refused.message);
    let Bus::Kafka(k) = &other else { unreachable!() };
    assert!(k.catalogue().check().await.unwrap().iter().any(|c| !c.fits));
    assert!(kafka(&s).catalogue().check().await.unwrap().iter().all(|c| c.fits));
}

#[tokio::test]
async fn a_registry_that_is_away_does_not_keep_the_house_from_starting() {
    let Some(s) = Stand::kafka().await else { return };
    let mut config = s.config.clone();
    config.registry_url = "http://127.0.0.1:9/apis".into();
    Bus::open(&config, SUBJECTS).unwrap().prepare().await.unwrap();
}

/// The registry's id of the schema of `test.happened`.
async fn registered(s: &Stand) -> i32 {
    let http = platform::outbound::Outbound::new(10_000).unwrap();
    let registry = platform::bus::registry::Registry::new(&s.config.registry_url, http);
    let subject = format!("{}{HAPPENED}-value", s.config.topic_prefix);
    registry.register(&subject, SUBJECTS[0].versions[0]).await.unwrap()
}

#[tokio::test]
async fn a_gap_is_parked_and_closed_from_the_outbox() {
    let Some(mut s) = Stand::kafka().await else { return };
    s.emit(HAPPENED, 9, 1).await;
    let (c, log) = listener("gappy", Order::PerAggregate(FAMILY));
    s.consume(c);
    heard(&log, 1).await;
    // Version 3 comes by itself, while 2 is in the outbox only: the publisher is not here.
    s.stop_all();
    s.emit(FINISHED, 9, 2).await;
    let (c, log) = listener("gappy", Order::PerAggregate(FAMILY));
    s.consume(c);
    third(&s).await;
    until("it is parked", || async { s.parked().await == 1 }).await;
    assert!(log.lock().unwrap().is_empty(), "3 must not come before 2");
    s.t.clock.advance_ms(6_000);
    heard(&log, 2).await;
    assert_eq!(*log.lock().unwrap(), [(9, 2), (9, 3)]);
    assert_eq!(s.parked().await, 0);
}

#[tokio::test]
async fn a_gap_that_the_outbox_has_forgotten_is_passed() {
    let Some(s) = Stand::kafka().await else { return };
    s.emit(HAPPENED, 9, 1).await;
    let (c, log) = listener("forgetful", Order::PerAggregate(FAMILY));
    s.consume(c);
    heard(&log, 1).await;
    // Version 2 is nowhere.
    third(&s).await;
    until("it is parked", || async { s.parked().await == 1 }).await;
    assert_eq!(log.lock().unwrap().len(), 1, "it waits");
    s.t.clock.advance_ms(6_000);
    heard(&log, 2).await;
    assert_eq!(*log.lock().unwrap(), [(9, 1), (9, 3)]);
    assert_eq!(s.parked().await, 0);
    // What comes later is in order.
    s.emit(FINISHED, 9, 4).await;
    heard(&log, 3).await;
    assert_eq!(*log.lock().unwrap(), [(9, 1), (9, 3), (9, 4)]);
}

/// Puts version 3 of aggregate 9 on its topic by hand.
async fn third(s: &Stand) {
    let id = registered(s).await;
    // The wire format: zero, the id, n = 3 (zigzag 6), the first branch of the union.
    let bytes = [&[0][..], &id.to_be_bytes(), &[6, 0]].concat();
    let head = |key, value| Header { key, value: Some(value) };
    let headers = OwnedHeaders::new()
        .insert(head("event-id", "00000000-0000-7000-8000-000000000003"))
        .insert(head("event-version", "1"))
        .insert(head("aggregate-version", "3"))
        .insert(head("occurred-at", "1768478400000000"));
    foreign(s, HAPPENED, &bytes, headers).await;
}

#[tokio::test]
async fn a_rebalance_in_the_middle_loses_nothing_and_repeats_nothing() {
    let Some(s) = Stand::kafka().await else { return };
    let (first, log) = listener("group", Order::PerAggregate(FAMILY));
    let leaving = s.consume(first.clone());
    for version in 1..=30 {
        for aggregate in 1..=6 {
            s.emit(HAPPENED, aggregate, version).await;
        }
        if version == 10 {
            s.consume(first.clone());
        }
        if version == 20 {
            leaving.cancel();
        }
    }
    heard(&log, 180).await;
    until("inbox rows", || async { s.inbox("group").await == 180 }).await;
    assert_eq!(log.lock().unwrap().len(), 180, "nothing came twice");
}

/// The brokers refuse messages that are older than this. With zero every message is.
async fn refuse_older_than(s: &Stand, event: &str, ms: &str) {
    let topic = format!("{}{event}", s.config.topic_prefix);
    let admin: AdminClient<DefaultClientContext> = client(s).create().unwrap();
    let topic = ResourceSpecifier::Topic(&topic);
    let rule = AlterConfig::new(topic).set("message.timestamp.before.max.ms", ms);
    let altered = admin.alter_configs([&rule], &AdminOptions::new()).await.unwrap();
    assert!(altered.iter().all(Result::is_ok), "{altered:?}");
}

#[tokio::test]
async fn brokers_that_refuse_keep_events_waiting_in_order() {
    let Some(s) = Stand::kafka().await else { return };
    let (c, log) = listener("patient", Order::PerAggregate(FAMILY));
    s.consume(c);
    s.emit(HAPPENED, 1, 1).await;
    heard(&log, 1).await;
    refuse_older_than(&s, HAPPENED, "0").await;
    s.emit(HAPPENED, 1, 2).await;
    s.emit(FINISHED, 1, 3).await;
    // Each try of the batch puts the third on its own topic, which takes it, and fails by the
    // second.
    until("it was tried twice", || async { messages(&s, FINISHED).await >= 2 }).await;
    assert_eq!(s.published().await, 1, "they wait in the outbox");
    assert_eq!(*log.lock().unwrap(), [(1, 1)], "and the third for the second");
    refuse_older_than(&s, HAPPENED, "86400000").await;
    s.emit(HAPPENED, 1, 4).await;
    heard(&log, 4).await;
    assert_eq!(*log.lock().unwrap(), [(1, 1), (1, 2), (1, 3), (1, 4)]);
}

/// How many messages are on a topic.
async fn messages(s: &Stand, event: &str) -> i64 {
    let topic = format!("{}{event}", s.config.topic_prefix);
    let (client, partitions) = (client(s), s.config.partitions);
    let count = move || {
        let reader: BaseConsumer = client.create().unwrap();
        let ends = (0..partitions).map(|n| {
            let wait = std::time::Duration::from_secs(10);
            reader.fetch_watermarks(&topic, n, wait).unwrap().1
        });
        ends.sum()
    };
    platform::tasks::blocking(count).await.unwrap()
}

#[tokio::test]
async fn an_event_without_schema_is_put_aside_and_the_log_goes_on() {
    let Some(s) = Stand::kafka().await else { return };
    let (c, log) = listener("after", Order::Any);
    s.consume(c);
    s.emit("test.unknown", 1, 1).await;
    s.emit(HAPPENED, 1, 2).await;
    heard(&log, 1).await;
    let (_, dead) = platform::jobs::counts(&s.t.house.db).await.unwrap();
    assert_eq!(dead, 1, "the event is among the dead jobs");
}
