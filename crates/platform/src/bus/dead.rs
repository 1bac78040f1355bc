//! Dead letters: messages that a consumer can never handle, with the reason, to be looked at
//! and sent again by a person (`kontor bus dead list|show|replay`).

use std::sync::OnceLock;
use std::time::Duration;

use kernel::{Envelope, Error, Kind, Timestamp};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers as _, Message, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use serde::Serialize;

use super::codec::{self, Unwritten, header};
use super::context::Context;
use super::{Kafka, away};
use crate::inbox::Consumer;

/// Header of a message that is sent again: the only consumer that shall take it.
pub(super) const REPLAY_FOR: &str = "replay-for";
const CONSUMER: &str = "dead-consumer";
const REASON: &str = "dead-reason";
const TOPIC: &str = "dead-topic";
const PLACE: &str = "dead-place";
/// Header of a note in the dead-letter topic: the letter at this offset was sent again.
const REPLAYED: &str = "replayed";
const TIMEOUT_MS: &str = "30000";
const WAIT: Duration = Duration::from_secs(10);

/// Where a consumer puts what it gives up.
pub(super) struct DeadLetters<'k> {
    kafka: &'k Kafka,
    producer: OnceLock<FutureProducer<Context>>,
}

impl<'k> DeadLetters<'k> {
    pub(super) const fn new(kafka: &'k Kafka) -> Self {
        Self { kafka, producer: OnceLock::new() }
    }

    /// Keeps a message with the reason. Durable when it answers.
    ///
    /// # Errors
    /// `Unavailable` when the bus does not take it.
    pub(super) async fn send(
        &self,
        consumer: &Consumer,
        message: &OwnedMessage,
        why: &str,
    ) -> Result<(), Error> {
        let place = format!("{}:{}", message.partition(), message.offset());
        let headers = message.headers().cloned().unwrap_or_default();
        let headers = marked(headers, consumer, message.topic(), &place, why);
        self.keep(consumer, message.key(), message.payload().unwrap_or_default(), headers).await
    }

    /// Keeps an event that was not read from a message.
    ///
    /// # Errors
    /// `Unavailable` when the bus does not take it.
    pub(super) async fn send_event(
        &self,
        consumer: &Consumer,
        event: &Envelope,
        why: &str,
    ) -> Result<(), Error> {
        let bytes = match codec::encode(&self.kafka.catalogue, event).await {
            Ok(bytes) => bytes,
            Err(Unwritten::Later(e)) => return Err(e),
            // It cannot be replayed, but it can be read.
            Err(Unwritten::Never(_)) => event.payload.to_string().into_bytes(),
        };
        let topic = self.kafka.topic(&event.topic);
        let headers = marked(codec::headers(event), consumer, &topic, "parked", why);
        let key = event.aggregate.to_string();
        self.keep(consumer, Some(key.as_bytes()), &bytes, headers).await
    }

    async fn keep(
        &self,
        consumer: &Consumer,
        key: Option<&[u8]>,
        bytes: &[u8],
        headers: OwnedHeaders,
    ) -> Result<(), Error> {
        metrics::counter!("kontor_bus_dead_letters_total", "consumer" => consumer.name)
            .increment(1);
        tracing::error!(
            consumer = consumer.name,
            "a message was given up; see `kontor bus dead list`"
        );
        if self.producer.get().is_none() {
            // Somebody else was faster: that one is as good.
            let _taken = self.producer.set(self.kafka.producer("dead-letters", TIMEOUT_MS)?);
        }
        let Some(producer) = self.producer.get() else {
            return Err(Error::internal("there is no producer of dead letters"));
        };
        put(producer, &self.kafka.dead_letters(), key, bytes, headers).await
    }
}

fn marked(
    headers: OwnedHeaders,
    consumer: &Consumer,
    topic: &str,
    place: &str,
    why: &str,
) -> OwnedHeaders {
    [(CONSUMER, consumer.name), (TOPIC, topic), (PLACE, place), (REASON, why)]
        .into_iter()
        .fold(headers, |h, (key, value)| h.insert(Header { key, value: Some(value) }))
}

async fn put(
    producer: &FutureProducer<Context>,
    topic: &str,
    key: Option<&[u8]>,
    bytes: &[u8],
    headers: OwnedHeaders,
) -> Result<(), Error> {
    let record = FutureRecord::to(topic).payload(bytes).headers(headers);
    let record = match key {
        Some(key) => record.key(key),
        None => record,
    };
    let sent = producer.send(record, WAIT).await;
    sent.map(drop).map_err(|(e, _)| away("the bus did not take a message", e))
}

/// A dead letter, for people.
#[derive(Debug, Clone, Serialize)]
pub struct Letter {
    /// Its number: the offset in the dead-letter topic.
    pub number: i64,
    /// Who could not handle it.
    pub consumer: String,
    /// Why.
    pub reason: String,
    /// The event's name.
    pub event_type: String,
    /// The event, when the message says so.
    pub event_id: Option<String>,
    /// What it happened to.
    pub key: Option<String>,
    /// Where it was read: topic, partition and offset.
    pub place: String,
    /// When it was given up.
    pub at: Option<Timestamp>,
    /// Whether it was sent again.
    pub replayed: bool,
    /// Its payload, when it can be read.
    pub payload: Option<serde_json::Value>,
}

impl Kafka {
    /// Every dead letter, oldest first.
    ///
    /// # Errors
    /// `Unavailable` when the bus is away.
    pub async fn dead(&self) -> Result<Vec<Letter>, Error> {
        let messages = self.read_dead().await?;
        let replayed: Vec<i64> = messages.iter().filter_map(note).collect();
        let mut letters = Vec::new();
        for message in messages.iter().filter(|m| note(m).is_none()) {
            let topic = header(message, TOPIC).unwrap_or_default();
            let event = topic.strip_prefix(&self.config.topic_prefix).unwrap_or(&topic);
            let payload = codec::decode(&self.catalogue, event, message).await.ok();
            letters.push(Letter {
                number: message.offset(),
                consumer: header(message, CONSUMER).unwrap_or_default(),
                reason: header(message, REASON).unwrap_or_default(),
                event_type: event.to_owned(),
                event_id: header(message, codec::EVENT_ID),
                key: codec::text_key(message).map(str::to_owned),
                place: format!("{topic}:{}", header(message, PLACE).unwrap_or_default()),
                at: message.timestamp().to_millis().map(|ms| Timestamp(ms * 1_000)),
                replayed: replayed.contains(&message.offset()),
                payload: payload.map(|e| e.payload),
            });
        }
        Ok(letters)
    }

    /// Sends a dead letter to its consumer again, and notes that.
    ///
    /// # Errors
    /// `NotFound` when there is no such letter, `Conflict` when it was sent before.
    pub async fn replay(&self, number: i64) -> Result<(), Error> {
        let messages = self.read_dead().await?;
        if messages.iter().filter_map(note).any(|n| n == number) {
            let text = format!("dead letter {number} was sent again before");
            return Err(Error::conflict("already_replayed", text));
        }
        let found = messages.iter().find(|m| m.offset() == number && note(m).is_none());
        let letter = found.ok_or_else(|| {
            Error::not_found("dead_letter_not_found", format!("there is no dead letter {number}"))
        })?;
        let missing = || Error::internal("a dead letter without topic or consumer");
        let topic = header(letter, TOPIC).ok_or_else(missing)?;
        let consumer = header(letter, CONSUMER).ok_or_else(missing)?;
        let mut headers = OwnedHeaders::new();
        for h in letter.headers().map(|h| h.iter().collect::<Vec<_>>()).unwrap_or_default() {
            if !h.key.starts_with("dead-") && h.key != REPLAY_FOR {
                headers = headers.insert(h);
            }
        }
        headers = headers.insert(Header { key: REPLAY_FOR, value: Some(&consumer) });
        let producer = self.producer("replay", TIMEOUT_MS)?;
        let bytes = letter.payload().unwrap_or_default();
        put(&producer, &topic, letter.key(), bytes, headers).await?;
        let text = number.to_string();
        let note = OwnedHeaders::new().insert(Header { key: REPLAYED, value: Some(&text) });
        put(&producer, &self.dead_letters(), None, &[], note).await
    }

    /// Every message of the dead-letter topic that is there now.
    async fn read_dead(&self) -> Result<Vec<OwnedMessage>, Error> {
        let topic = self.dead_letters();
        let mut client = self.client();
        client.set("group.id", self.group("dead-reader")).set("enable.auto.commit", "false");
        let reader: BaseConsumer<Context> = client
            .create_with_context(Context::new("dead-reader"))
            .map_err(|e| away("the bus cannot be reached", e))?;
        let read = move || read_all(&reader, &topic);
        crate::tasks::blocking(read).await?.map_err(|e| away("dead letters cannot be read", e))?
    }
}

type All = Result<Result<Vec<OwnedMessage>, Error>, KafkaError>;

/// Reads partition 0 from its beginning to the end it has now.
fn read_all(reader: &BaseConsumer<Context>, topic: &str) -> All {
    let (low, high) = reader.fetch_watermarks(topic, 0, WAIT)?;
    let mut place = TopicPartitionList::new();
    place.add_partition_offset(topic, 0, Offset::Offset(low))?;
    reader.assign(&place)?;
    let mut messages = Vec::new();
    let mut at = low;
    let mut silent = 0;
    while at < high {
        match reader.poll(Duration::from_secs(1)) {
            Some(message) => {
                let message = message?.detach();
                at = message.offset() + 1;
                messages.push(message);
            }
            None if silent < WAIT.as_secs() => silent += 1,
            None => {
                let what = "the bus does not hand out its dead letters";
                return Ok(Err(Error::new(Kind::Unavailable, "bus_unavailable", what)));
            }
        }
    }
    Ok(Ok(messages))
}

/// The offset of the letter that this note says was sent again.
fn note(message: &OwnedMessage) -> Option<i64> {
    header(message, REPLAYED)?.parse().ok()
}
