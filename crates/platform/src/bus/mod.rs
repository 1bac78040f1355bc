//! The bus: public events on their way from the outbox to whoever wants them.
//!
//! Embedded, consumers read the outbox as a log ([`crate::inbox`]). With `bus.url` set, the
//! relay's publisher carries the log to Apache Kafka and consumers are Kafka's: topic = event
//! name, key = aggregate, value = Avro in the wire format of a Confluent-compatible registry.
//!
//! Invariants: an event is published after its position is given, in order of positions, at
//! least once; a consumer's inbox row, its work and its place in an aggregate's order commit
//! together, and only then is the offset stored; what cannot be handled is moved to the
//! dead-letter topic with its reason, never dropped.
//!
//! Tables owned: `leases`, `bus_versions`, `bus_parked`.

mod codec;
mod consume;
mod context;
pub mod dead;
mod deliver;
mod handle;
mod lag;
mod publish;
pub mod registry;
mod store;
#[cfg(test)]
mod tests_stall;
mod topics;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use contracts::schemas::Subject;
use kernel::{Error, Kind};
use rdkafka::ClientConfig;
use rdkafka::producer::FutureProducer;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::House;
use crate::db::DbError;
use crate::inbox::{self, Consumer};
use crate::outbound::Outbound;
use context::Context;
use registry::{Catalogue, Registry};

/// Milliseconds that a call to the registry may take.
const REGISTRY_MS: u64 = 10_000;

/// Settings of the bus.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Empty for the embedded log; `kafka://host:port[,host:port]`.
    pub url: String,
    /// Address of the registry, with its path.
    pub registry_url: String,
    /// Put before every topic, group and subject, so that two houses can share a cluster.
    pub topic_prefix: String,
    /// Partitions of a topic that is made.
    pub partitions: i32,
    /// Copies of a topic that is made.
    pub replication: i32,
    /// Days that a topic that is made keeps its messages.
    pub retention_days: i64,
    /// Days that the outbox and the inbox keep what everybody has seen.
    pub keep_days: i64,
    /// A consumer that receives nothing for this long although there is something is restarted.
    pub stall_seconds: u64,
}

/// The bus of one process.
#[derive(Clone)]
pub enum Bus {
    /// The outbox, read as a log.
    Embedded,
    /// Apache Kafka.
    Kafka(Arc<Kafka>),
}

/// What a process knows of its Kafka cluster.
pub struct Kafka {
    config: Config,
    brokers: String,
    catalogue: Catalogue,
    prepared: AtomicBool,
}

impl Bus {
    /// The bus that the configuration names; nothing is contacted yet.
    ///
    /// # Errors
    /// `Invalid` naming the key that is wrong.
    pub fn open(config: &Config, subjects: &'static [Subject]) -> Result<Self, Error> {
        if config.url.is_empty() {
            return Ok(Self::Embedded);
        }
        let brokers = config.url.strip_prefix("kafka://").filter(|b| !b.is_empty());
        let brokers = brokers.ok_or_else(|| {
            Error::invalid("bus.url", "empty, or kafka://host:port[,host:port...]")
        })?;
        if config.registry_url.is_empty() {
            let rule = "Kafka needs the address of a schema registry";
            return Err(Error::invalid("bus.registry_url", rule));
        }
        let registry = Registry::new(&config.registry_url, Outbound::new(REGISTRY_MS)?);
        let catalogue = Catalogue::new(registry, subjects, &config.topic_prefix)?;
        let brokers = brokers.to_owned();
        let prepared = AtomicBool::new(false);
        let kafka = Kafka { config: config.clone(), brokers, catalogue, prepared };
        Ok(Self::Kafka(Arc::new(kafka)))
    }

    /// Makes topics and registers schemas. What is away is tried again by whoever needs it;
    /// a schema that the registry refuses keeps the house from starting.
    ///
    /// # Errors
    /// `schema_incompatible` naming the subject.
    pub async fn prepare(&self) -> Result<(), Error> {
        let Self::Kafka(kafka) = self else { return Ok(()) };
        match kafka.prepare().await {
            Err(e) if e.kind == Kind::Unavailable => {
                tracing::warn!(error = %e, cause = ?e.source,
                    "the bus is not ready; events wait in the outbox");
                Ok(())
            }
            other => other,
        }
    }

    /// The task that carries the log to the bus; there is none when the log is the bus.
    pub async fn publish(self, house: Arc<House>, stop: CancellationToken) {
        match self {
            Self::Embedded => {
                let left = house.db.write(|tx| store::leave(tx, publish::NAME)).await;
                if let Err(e) = left.map_err(|e: DbError| e) {
                    tracing::debug!(error = %e, "an old position of the bus stays");
                }
                stop.cancelled().await;
            }
            Self::Kafka(kafka) => publish::run(kafka, house, stop).await,
        }
    }

    /// The task of one consumer.
    pub async fn consume(self, house: Arc<House>, consumer: Consumer, stop: CancellationToken) {
        match self {
            Self::Embedded => {
                tokio::select! {
                    () = inbox::run(house, consumer) => {}
                    () = stop.cancelled() => {}
                }
            }
            Self::Kafka(kafka) => consume::run(kafka, house, consumer, stop).await,
        }
    }

    /// How the bus is called in logs and by `kontor doctor`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Kafka(_) => "kafka",
        }
    }
}

impl Kafka {
    /// Makes topics and registers schemas.
    ///
    /// # Errors
    /// `Unavailable` when brokers or registry are away, `schema_incompatible`.
    pub async fn prepare(&self) -> Result<(), Error> {
        self.catalogue.register().await?;
        topics::make(self).await?;
        self.prepared.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// As [`Kafka::prepare`], unless that was done.
    async fn ensure_prepared(&self) -> Result<(), Error> {
        if self.prepared.load(Ordering::Relaxed) { Ok(()) } else { self.prepare().await }
    }

    /// Something failed: look at topics and schemas again before the next try.
    fn forget_prepared(&self) {
        self.prepared.store(false, Ordering::Relaxed);
    }

    /// How many brokers answer, and which topics of the house are not there yet.
    ///
    /// # Errors
    /// `Unavailable` when none answers.
    pub async fn look(&self) -> Result<(usize, Vec<String>), Error> {
        topics::look(self).await
    }

    /// The house's schemas in the registry.
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// A producer whose messages are on all replicas, once and in order, when it says so.
    fn producer(
        &self,
        who: &'static str,
        timeout_ms: &str,
    ) -> Result<FutureProducer<Context>, Error> {
        let mut client = self.client();
        client
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("compression.type", "lz4")
            .set("linger.ms", "1")
            .set("message.max.bytes", "8000000")
            .set("message.timeout.ms", timeout_ms);
        let made = client.create_with_context(Context::new(who));
        made.map_err(|e| away("the bus cannot be reached", e))
    }

    /// The name of an event's topic on this cluster.
    fn topic(&self, event: &str) -> String {
        format!("{}{event}", self.config.topic_prefix)
    }

    fn dead_letters(&self) -> String {
        self.topic("kontor.dead-letters")
    }

    fn group(&self, consumer: &str) -> String {
        self.topic(&format!("kontor.{consumer}"))
    }

    /// What every client of the cluster is configured with.
    fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "kontor")
            .set("socket.keepalive.enable", "true")
            .set("reconnect.backoff.ms", "100")
            .set("reconnect.backoff.max.ms", "2000")
            .set("topic.metadata.refresh.interval.ms", "30000");
        client
    }
}

/// The cluster is away, or refuses.
fn away(what: &str, e: rdkafka::error::KafkaError) -> Error {
    Error::new(Kind::Unavailable, "bus_unavailable", what).caused_by(e)
}
