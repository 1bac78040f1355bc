//! Topics: made when they are missing, never changed when they are there.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Error, Kind};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::types::RDKafkaErrorCode;

use super::context::Context;
use super::{Kafka, away};

const DEADLINE: Duration = Duration::from_secs(20);
/// Asking what there is: a house starts without its brokers, and must not wait long for them.
const LOOK: Duration = Duration::from_secs(5);

/// Makes the topics of every event, and the one for dead letters.
///
/// # Errors
/// `Unavailable` when the cluster is away or refuses.
pub(super) async fn make(kafka: &Kafka) -> Result<(), Error> {
    let admin = admin(kafka)?;
    let dead = kafka.dead_letters();
    let mut wanted = wanted(kafka);
    let (_, present) = present(Arc::clone(&admin)).await?;
    wanted.retain(|topic| !present.contains(topic));
    let keep_ms = (kafka.config.retention_days * 86_400_000).to_string();
    let new: Vec<NewTopic<'_>> = wanted
        .iter()
        .map(|topic| {
            // Dead letters are numbered by their offset: they have one partition, and stay.
            let (partitions, keep) =
                if *topic == dead { (1, "-1") } else { (kafka.config.partitions, &*keep_ms) };
            let copies = TopicReplication::Fixed(kafka.config.replication);
            NewTopic::new(topic, partitions, copies).set("retention.ms", keep)
        })
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let options = AdminOptions::new().operation_timeout(Some(DEADLINE));
    let made = admin.create_topics(&new, &options).await;
    for answer in made.map_err(|e| away("topics cannot be made", e))? {
        match answer {
            Ok(topic) => tracing::info!(topic, "made a topic"),
            // Somebody else was faster.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => {
                let text = format!("the topic {topic} cannot be made: {code}");
                return Err(Error::new(Kind::Unavailable, "bus_unavailable", text));
            }
        }
    }
    Ok(())
}

/// How many brokers there are, and which topics are missing.
///
/// # Errors
/// `Unavailable` when the cluster is away.
pub(super) async fn look(kafka: &Kafka) -> Result<(usize, Vec<String>), Error> {
    let (brokers, present) = present(admin(kafka)?).await?;
    let mut missing = wanted(kafka);
    missing.retain(|topic| !present.contains(topic));
    Ok((brokers, missing))
}

fn admin(kafka: &Kafka) -> Result<Arc<AdminClient<Context>>, Error> {
    let made = kafka.client().create_with_context(Context::new("topics"));
    made.map(Arc::new).map_err(|e| away("the bus cannot be reached", e))
}

/// Every topic of the house, and the one for dead letters.
fn wanted(kafka: &Kafka) -> Vec<String> {
    let mut names: Vec<String> = kafka.catalogue.events().map(|e| kafka.topic(e)).collect();
    names.sort();
    names.push(kafka.dead_letters());
    names
}

/// How many brokers there are, and the names of their topics.
async fn present(admin: Arc<AdminClient<Context>>) -> Result<(usize, HashSet<String>), Error> {
    let ask = move || admin.inner().fetch_metadata(None, LOOK);
    let metadata = crate::tasks::blocking(ask).await?;
    let metadata = metadata.map_err(|e| away("the bus cannot be reached", e))?;
    let names = metadata.topics().iter().map(|t| t.name().to_owned()).collect();
    Ok((metadata.brokers().len(), names))
}
