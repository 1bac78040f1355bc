//! One consumer on Kafka: a member of its group. The offset is stored after the inbox row is
//! committed; what was read twice is handled once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use kernel::{Error, Kind};
use rdkafka::Message as _;
use rdkafka::consumer::{CommitMode, Consumer as _, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::OwnedMessage;
use rdkafka::{Offset, TopicPartitionList};
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::dead::DeadLetters;
use super::handle::Handling;
use super::publish::pause;
use super::{Kafka, away};
use crate::House;
use crate::inbox::Consumer;

/// Messages handled in one transaction.
const BATCH: usize = 64;
const TICK: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(10);

pub(super) type Stream = StreamConsumer<Context>;

/// Consumes until `stop`; begins again after every failure.
pub(super) async fn run(
    kafka: Arc<Kafka>,
    house: Arc<House>,
    consumer: Consumer,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        if let Err(e) = session(&kafka, &house, &consumer, &stop).await {
            tracing::warn!(consumer = consumer.name, error = %e, cause = ?e.source,
                "a consumer has lost the bus and begins again");
            kafka.forget_prepared();
            pause(&stop, 1_000).await;
        }
    }
}

/// One membership in the group, until `stop`, a failure or a stall.
async fn session(
    kafka: &Kafka,
    house: &Arc<House>,
    consumer: &Consumer,
    stop: &CancellationToken,
) -> Result<(), Error> {
    kafka.ensure_prepared().await?;
    let stream = Arc::new(subscribe(kafka, consumer)?);
    listen(kafka, house, consumer, stop, stream).await
}

/// Handles what `stream` receives.
pub(super) async fn listen(
    kafka: &Kafka,
    house: &Arc<House>,
    consumer: &Consumer,
    stop: &CancellationToken,
    stream: Arc<Stream>,
) -> Result<(), Error> {
    let handling = Handling { kafka, house, consumer, stop, dead: DeadLetters::new(kafka) };
    let mut heard = crate::clock::instant();
    let mut looked = heard;
    while !stop.is_cancelled() {
        let first = tokio::select! {
            first = stream.recv() => first.map(|m| m.detach()),
            () = tokio::time::sleep(TICK) => {
                handling.look_at_parked().await?;
                if stalled(kafka, &stream, heard).await? {
                    metrics::counter!("kontor_bus_stalls_total", "consumer" => consumer.name)
                        .increment(1);
                    tracing::warn!(consumer = consumer.name,
                        "a consumer heard nothing although there is something; it begins again");
                    return Ok(());
                }
                continue;
            }
            () = stop.cancelled() => break,
        };
        heard = crate::clock::instant();
        let batch = gather(&stream, first)?;
        if !handling.all(&batch).await? {
            break;
        }
        store_offsets(&stream, &batch);
        // Also where messages never stop.
        if looked.elapsed() >= TICK {
            handling.look_at_parked().await?;
            looked = crate::clock::instant();
        }
    }
    let last = Arc::clone(&stream);
    let commit = move || last.commit_consumer_state(CommitMode::Sync);
    match crate::tasks::blocking(commit).await? {
        // Nothing was handled since the last commit.
        Ok(()) | Err(KafkaError::ConsumerCommit(_)) => Ok(()),
        Err(e) => Err(away("offsets could not be committed", e)),
    }
}

pub(super) fn subscribe(kafka: &Kafka, consumer: &Consumer) -> Result<Stream, Error> {
    let group = kafka.group(consumer.name);
    let mut client = kafka.client();
    client
        .set("group.id", &group)
        .set("auto.offset.reset", "earliest")
        // Offsets are committed in the background, but only those that were stored by us.
        .set("enable.auto.commit", "true")
        .set("enable.auto.offset.store", "false")
        .set("auto.commit.interval.ms", "1000")
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", "10000")
        .set("statistics.interval.ms", "5000")
        .set("fetch.wait.max.ms", "100");
    let stream: Stream = client
        .create_with_context(Context::new(consumer.name))
        .map_err(|e| away("the bus cannot be reached", e))?;
    let topics: Vec<String> = consumer.hears().iter().map(|t| kafka.topic(t)).collect();
    let names: Vec<&str> = topics.iter().map(String::as_str).collect();
    stream.subscribe(&names).map_err(|e| away("the bus refuses a subscription", e))?;
    Ok(stream)
}

/// The first message, and what else is here already.
fn gather(
    stream: &Stream,
    first: Result<OwnedMessage, KafkaError>,
) -> Result<Vec<OwnedMessage>, Error> {
    let mut batch = Vec::new();
    let mut next = Some(first);
    while let Some(received) = next {
        match received {
            Ok(message) => batch.push(message),
            Err(e) if e.rdkafka_error_code().is_some_and(is_fatal) => {
                return Err(away("the bus refuses a consumer", e));
            }
            // The client reconnects by itself.
            Err(e) => tracing::debug!(error = %e, "the bus is in trouble"),
        }
        next = (batch.len() < BATCH)
            .then(|| stream.recv().now_or_never().map(|r| r.map(|m| m.detach())))
            .flatten();
    }
    Ok(batch)
}

fn is_fatal(code: rdkafka::types::RDKafkaErrorCode) -> bool {
    use rdkafka::types::RDKafkaErrorCode as Code;
    matches!(code, Code::Fatal | Code::UnknownTopicOrPartition | Code::TopicAuthorizationFailed)
}

fn store_offsets(stream: &Stream, batch: &[OwnedMessage]) {
    let mut newest = TopicPartitionList::new();
    for message in batch {
        // The offset that is stored is the one to go on with. A later one replaces it.
        let next = Offset::Offset(message.offset() + 1);
        if newest.set_partition_offset(message.topic(), message.partition(), next).is_err() {
            let added = newest.add_partition_offset(message.topic(), message.partition(), next);
            debug_assert!(added.is_ok(), "an offset is a number");
        }
    }
    // A partition that was taken away meanwhile is read again by its new owner.
    if let Err(e) = stream.store_offsets(&newest) {
        tracing::debug!(error = %e, "an offset was not stored");
    }
}

/// Whether there is something to read that does not come (see librdkafka's silent stalls).
async fn stalled(kafka: &Kafka, stream: &Arc<Stream>, heard: Instant) -> Result<bool, Error> {
    if heard.elapsed() < Duration::from_secs(kafka.config.stall_seconds) {
        return Ok(false);
    }
    let stream = Arc::clone(stream);
    let behind = crate::tasks::blocking(move || behind(&stream)).await?;
    // A cluster that does not answer is away: that is no stall.
    Ok(behind.unwrap_or(0) > 0)
}

/// Messages of this consumer's partitions that it has not read.
fn behind(stream: &Stream) -> Result<i64, KafkaError> {
    let mut sum = 0;
    for place in stream.committed(DEADLINE)?.elements() {
        let (low, high) = stream.fetch_watermarks(place.topic(), place.partition(), DEADLINE)?;
        let read = place.offset().to_raw().unwrap_or(low).max(low);
        sum += (high - read).max(0);
    }
    Ok(sum)
}

/// Whether trying again can help: an engine is away, or somebody else holds a lock.
pub(super) fn passes(e: &Error) -> bool {
    e.kind == Kind::Unavailable
}
