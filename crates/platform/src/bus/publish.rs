//! The publisher: carries the outbox, in order of positions, to Kafka.
//!
//! One publisher at a time has the lease; that saves work, correctness does not rest on it: the
//! position moves by compare-and-set after every message of a batch was acknowledged by all
//! replicas, so two publishers can only say something twice.

use std::sync::Arc;
use std::time::Duration;

use kernel::Error;
use kernel::ids::Uuid;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};
use tokio_util::sync::CancellationToken;

use super::codec::{self, Unwritten};
use super::context::Context;
use super::{Kafka, away, store};
use crate::House;
use crate::db::{DbError, Tx};
use crate::outbox::{self, Placed};
use crate::signals::Bell;

/// Its row among the readers of the log.
pub(super) const NAME: &str = "bus.kafka";
const BATCH: u32 = 1_000;
const LEASE_MS: i64 = 10_000;
const RENEW: Duration = Duration::from_secs(3);
/// Renewals after which a publisher that nobody answers says so, and says so again.
const FIRST_WORD: u64 = 2;
const NEXT_WORD: u64 = 20;
/// librdkafka's `message.timeout.ms` for "never give up": what is not acknowledged stays first
/// in its queue, so that nothing overtakes it.
const FOR_EVER: &str = "0";

type Producer = FutureProducer<Context>;

/// Publishes until `stop`; begins again after every failure.
pub(super) async fn run(kafka: Arc<Kafka>, house: Arc<House>, stop: CancellationToken) {
    let holder = house.ids.next();
    while !stop.is_cancelled() {
        let ended = tokio::select! {
            ended = publish(&kafka, &house, holder) => ended,
            () = stop.cancelled() => Ok(()),
        };
        if let Err(e) = ended {
            metrics::counter!("kontor_bus_publish_failures_total").increment(1);
            tracing::warn!(error = %e, cause = ?e.source, "events wait in the outbox");
            kafka.forget_prepared();
            count_waiting(&house, None).await;
            pause(&stop, 1_000).await;
        }
    }
    let given = house.db.write(move |tx| crate::leases::release(tx, NAME, holder)).await;
    if let Err(e) = given.map_err(|e: DbError| e) {
        tracing::debug!(error = %e, "the lease of the publisher runs out by itself");
    }
}

/// Waits for the lease and publishes while it holds.
async fn publish(kafka: &Kafka, house: &Arc<House>, holder: Uuid) -> Result<(), Error> {
    while !claim(house, holder).await? {
        tokio::time::sleep(RENEW).await;
    }
    kafka.ensure_prepared().await?;
    let producer = kafka.producer("publisher", FOR_EVER)?;
    let mut at: i64 = house.db.write(|tx| store::begin(tx, NAME)).await.map_err(from_db)?;
    let mut bell = house.db.signals().listen(Bell::Positions);
    let mut renewed = crate::clock::instant();
    loop {
        if renewed.elapsed() > RENEW {
            if !claim(house, holder).await? {
                return Ok(());
            }
            renewed = crate::clock::instant();
        }
        let read = move |tx: &mut Tx<'_>| Ok((outbox::after(tx, at, BATCH)?, outbox::head(tx)?));
        let (batch, head) = house.db.read(read).await.map_err(from_db)?;
        behind(head - at);
        let Some(last) = batch.last().map(|p| p.position) else {
            let _either = tokio::time::timeout(Duration::from_secs(1), bell.changed()).await;
            continue;
        };
        while_renewing(house, holder, at, send(kafka, house, &producer, &batch)).await?;
        let advance = move |tx: &mut Tx<'_>| store::advance(tx, NAME, at, last);
        if !house.db.write(advance).await.map_err(from_db)? {
            // Somebody else published meanwhile: look again who holds the lease.
            return Ok(());
        }
        at = last;
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        metrics::counter!("kontor_bus_published_events_total").increment(count);
    }
}

/// Sends a batch and waits until every message of it is on all replicas.
async fn send(
    kafka: &Kafka,
    house: &Arc<House>,
    producer: &Producer,
    batch: &[Placed],
) -> Result<(), Error> {
    let mut sent = Vec::with_capacity(batch.len());
    for placed in batch {
        match codec::encode(&kafka.catalogue, &placed.event).await {
            Ok(bytes) => sent.push((placed, enqueue(kafka, producer, placed, &bytes).await?)),
            Err(Unwritten::Later(e)) => return Err(e),
            Err(Unwritten::Never(why)) => put_aside(house, placed, &why).await?,
        }
    }
    for (placed, delivery) in sent {
        match delivery.await {
            Ok(Ok(_)) => {}
            Ok(Err((KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge), _))) => {
                put_aside(house, placed, "the message is larger than the brokers take").await?;
            }
            Ok(Err((e, _))) => return Err(away("a message could not be delivered", e)),
            Err(_) => return Err(Error::internal("the producer went away")),
        }
    }
    Ok(())
}

async fn enqueue(
    kafka: &Kafka,
    producer: &Producer,
    placed: &Placed,
    bytes: &[u8],
) -> Result<DeliveryFuture, Error> {
    let topic = kafka.topic(&placed.event.topic);
    let key = placed.event.aggregate.to_string();
    let record = FutureRecord::to(&topic).key(&key).payload(bytes);
    // Its time is when it is published: retention counts from there.
    let mut record = record.headers(codec::headers(&placed.event));
    loop {
        match producer.send_result(record) {
            Ok(delivery) => return Ok(delivery),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                record = back;
                crate::tasks::sleep_ms(20).await;
            }
            Err((e, _)) => return Err(away("a message could not be sent", e)),
        }
    }
}

/// Keeps an event that no broker or schema will ever take among the dead jobs, with the reason:
/// the log must go on.
async fn put_aside(house: &Arc<House>, placed: &Placed, why: &str) -> Result<(), Error> {
    tracing::error!(event = %placed.event.id, topic = placed.event.topic, why,
        "an event cannot be published; it is among the dead jobs");
    let (event, why) = (placed.event.clone(), why.to_owned());
    let cx = house.system_cx();
    let buried = house.db.write(move |tx| {
        let payload = serde_json::to_value(&event).unwrap_or_default();
        // A batch that fails later comes again, and this event with it.
        let once = event.id.to_string();
        crate::jobs::bury(tx, &cx, "bus.publish", &payload, &why, Some(&once))
    });
    buried.await.map_err(from_db)
}

/// Waits for `work`, renewing the lease meanwhile: brokers may be away for long.
async fn while_renewing(
    house: &Arc<House>,
    holder: Uuid,
    at: i64,
    work: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    tokio::pin!(work);
    for waited in 1_u64.. {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(RENEW) => {}
        }
        let waiting = count_waiting(house, Some(at)).await;
        if waited == FIRST_WORD || waited.is_multiple_of(NEXT_WORD) {
            tracing::warn!(
                waiting,
                seconds = waited * RENEW.as_secs(),
                "the brokers acknowledge nothing; events wait in the outbox"
            );
        }
        // A lease that is lost meanwhile costs repetition, not order: the position decides.
        if let Err(e) = claim(house, holder).await {
            tracing::debug!(error = %e, "the lease of the publisher was not renewed");
        }
    }
    Ok(())
}

/// How many events are not on the bus, for the gauge: behind `at`, or behind what is stored.
async fn count_waiting(house: &Arc<House>, at: Option<i64>) -> i64 {
    let counted = house.db.write(move |tx| {
        let at = at.map_or_else(|| store::begin(tx, NAME), Ok)?;
        Ok::<_, DbError>(outbox::head(tx)? - at)
    });
    let waiting = counted.await.unwrap_or_default();
    behind(waiting);
    waiting
}

async fn claim(house: &Arc<House>, holder: Uuid) -> Result<bool, Error> {
    let now = house.clock.now();
    house
        .db
        .write(move |tx| crate::leases::claim(tx, NAME, holder, now, LEASE_MS))
        .await
        .map_err(from_db)
}

#[expect(clippy::cast_precision_loss, reason = "a gauge; nobody counts money with it")]
fn behind(events: i64) {
    metrics::gauge!("kontor_bus_unpublished_events").set(events as f64);
}

pub(super) async fn pause(stop: &CancellationToken, ms: u64) {
    tokio::select! {
        () = crate::tasks::sleep_ms(ms) => {}
        () = stop.cancelled() => {}
    }
}

pub(super) fn from_db(e: DbError) -> Error {
    e.into()
}
