//! What librdkafka tells us: its log, its errors, and how far a consumer is behind.

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use rdkafka::statistics::Statistics;

/// The ears of one client.
#[derive(Clone)]
pub(super) struct Context {
    who: &'static str,
}

impl Context {
    /// For the consumer or task of this name.
    pub(super) const fn new(who: &'static str) -> Self {
        Self { who }
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // Lost connections are told by `error` as well, once for each attempt: that is noise.
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
                tracing::error!(who = self.who, facility, message, "kafka");
            }
            _ => tracing::debug!(who = self.who, facility, message, "kafka"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        metrics::counter!("kontor_bus_client_errors_total", "who" => self.who).increment(1);
        tracing::debug!(who = self.who, error = %error, reason, "the bus is in trouble");
    }

    fn stats(&self, statistics: Statistics) {
        let lag: i64 = statistics
            .topics
            .values()
            .flat_map(|t| t.partitions.values())
            .map(|p| p.consumer_lag.max(0))
            .sum();
        super::lag::record(self.who, lag);
    }
}

impl ConsumerContext for Context {}
