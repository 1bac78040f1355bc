//! What a cluster's topics hold, read by a client that is no part of the house.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// One message.
#[derive(Debug, Clone)]
pub struct Held {
    /// The event, as its header says it.
    pub event: String,
    /// What it happened to.
    pub key: String,
    /// The schema that its value is written with; `None` when it has not the registry's format.
    pub schema: Option<u32>,
}

/// Every message of the topics that begin with `prefix`, by topic without it.
///
/// # Errors
/// When the cluster does not hand out all that it has.
pub fn all(brokers: &str, prefix: &str) -> Result<BTreeMap<String, Vec<Held>>, String> {
    let reader: BaseConsumer = client(brokers)
        .set("group.id", format!("{prefix}reader"))
        .set("enable.auto.commit", "false")
        .create()
        .map_err(|e| e.to_string())?;
    let metadata = reader.fetch_metadata(None, ANSWERS_WITHIN).map_err(|e| e.to_string())?;
    let mut held = BTreeMap::new();
    let mut places = TopicPartitionList::new();
    // Where each of them ends now; what comes later is read, too, but not waited for.
    let mut ends = BTreeMap::new();
    for topic in metadata.topics().iter().filter(|t| t.name().starts_with(prefix)) {
        held.insert(topic.name()[prefix.len()..].to_owned(), Vec::new());
        for partition in topic.partitions() {
            let (name, id) = (topic.name(), partition.id());
            let (low, high) =
                reader.fetch_watermarks(name, id, ANSWERS_WITHIN).map_err(|e| e.to_string())?;
            let from = Offset::Offset(low);
            places.add_partition_offset(name, id, from).map_err(|e| e.to_string())?;
            if high > low {
                ends.insert((name.to_owned(), id), high);
            }
        }
    }
    reader.assign(&places).map_err(|e| e.to_string())?;
    while !ends.is_empty() {
        let Some(message) = reader.poll(ANSWERS_WITHIN) else {
            return Err(format!("the bus does not hand out all of {ends:?}"));
        };
        let message = message.map_err(|e| e.to_string())?;
        let place = (message.topic().to_owned(), message.partition());
        if ends.get(&place).is_some_and(|end| message.offset() + 1 >= *end) {
            ends.remove(&place);
        }
        held.entry(place.0[prefix.len()..].to_owned()).or_default().push(read(&message));
    }
    Ok(held)
}

fn read(message: &rdkafka::message::BorrowedMessage<'_>) -> Held {
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or(b"")).into_owned();
    let mut headers = message.headers().into_iter().flat_map(|h| h.iter());
    let event = headers.find(|h| h.key == "event-id").and_then(|h| h.value);
    // A zero, then the schema's number: the wire format of Confluent's clients.
    let schema = match message.payload() {
        Some([0, a, b, c, d, _, ..]) => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => None,
    };
    Held { event: text(event), key: text(message.key()), schema }
}

/// Takes topics away.
///
/// # Errors
/// When the cluster does not answer.
pub async fn forget(brokers: &str, prefix: &str) -> Result<(), String> {
    let admin: AdminClient<DefaultClientContext> =
        client(brokers).create().map_err(|e| e.to_string())?;
    let metadata = admin.inner().fetch_metadata(None, ANSWERS_WITHIN).map_err(|e| e.to_string())?;
    let names = metadata.topics().iter().map(rdkafka::metadata::MetadataTopic::name);
    let names: Vec<&str> = names.filter(|n| n.starts_with(prefix)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let gone = admin.delete_topics(&names, &AdminOptions::new()).await;
    gone.map(drop).map_err(|e| e.to_string())
}

fn client(brokers: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", brokers);
    client
}
