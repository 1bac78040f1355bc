//! A Kafka client that falls silent, as librdkafka's have done: what is there does not come.
#![expect(clippy::disallowed_methods, reason = "a test's tasks end with its runtime")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use contracts::schemas::Subject;
use kernel::ids::Uuid;
use rdkafka::consumer::Consumer as _;
use tokio_util::sync::CancellationToken;

use super::{Bus, Config, consume};
use crate::db::DbError;
use crate::inbox::{Consumer, Order};
use crate::outbox::{self, NewEvent};
use crate::testing::{self, On, TestHouse};

const NOTICED_WITHIN: Duration = Duration::from_secs(120);
const TOPIC: &str = "test.happened";
const SUBJECTS: &[Subject] = &[Subject {
    topic: TOPIC,
    versions: &[r#"{"type":"record","name":"Happened","namespace":"kontor.test",
        "fields":[{"name":"n","type":"long"}]}"#],
}];

fn config(url: String, registry_url: String) -> Config {
    Config {
        url,
        registry_url,
        topic_prefix: format!("t{}.", hex::encode(crate::clock::random_bytes::<4>())),
        partitions: 1,
        replication: 1,
        retention_days: 1,
        keep_days: 1,
        stall_seconds: 1,
    }
}

async fn emit(t: &TestHouse) {
    let cx = t.house.system_cx();
    let event = NewEvent {
        topic: TOPIC,
        version: 1,
        aggregate: Uuid::from_u128(1),
        aggregate_version: 1,
        payload: serde_json::json!({ "n": 1 }),
    };
    let emitted = t.house.db.write(move |tx| outbox::emit(tx, &cx, testing::START, &event)).await;
    emitted.map_err(|e: DbError| e).unwrap();
}

mod kafka {
    use super::*;

    #[tokio::test]
    async fn a_client_that_falls_silent_is_replaced() {
        let (kafka, registry) = (testing::engine("KAFKA"), testing::engine("REGISTRY"));
        let (Some(kafka), Some(registry)) = (kafka, registry) else {
            testing::say("skipped: KONTOR_TEST_KAFKA and KONTOR_TEST_REGISTRY are not set");
            return;
        };
        let t = testing::house(On::Sqlite, crate::MIGRATIONS).await.unwrap();
        let bus = Bus::open(&config(kafka, registry), SUBJECTS).unwrap();
        bus.prepare().await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(outbox::relay(t.house.db.clone()));
        tokio::spawn(bus.clone().publish(Arc::clone(&t.house), stop.clone()));
        let handled = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&handled);
        let consumer = Consumer {
            name: "silent",
            topics: &[TOPIC],
            order: Order::Any,
            handle: Arc::new(move |_, _, _| {
                count.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }),
        };
        let Bus::Kafka(kafka) = &bus else { panic!("it is Kafka") };
        let stream = Arc::new(consume::subscribe(kafka, &consumer).unwrap());
        let listening = consume::listen(kafka, &t.house, &consumer, &stop, Arc::clone(&stream));
        let falls_silent = async {
            testing::until("partitions", || async {
                let given = stream.assignment().ok()?;
                (given.count() > 0 && stream.pause(&given).is_ok()).then_some(())
            })
            .await;
            emit(&t).await;
            std::future::pending::<()>().await;
        };
        let noticed = async {
            tokio::select! {
                ended = listening => ended.unwrap(),
                () = falls_silent => {}
            }
        };
        tokio::time::timeout(NOTICED_WITHIN, noticed).await.expect("nobody noticed");
        assert_eq!(handled.load(Ordering::Relaxed), 0, "it heard nothing");
        drop(stream);
        tokio::spawn(bus.consume(Arc::clone(&t.house), consumer, stop.clone()));
        testing::until("the event at the next client", || async {
            (handled.load(Ordering::Relaxed) == 1).then_some(())
        })
        .await;
        stop.cancel();
    }
}
