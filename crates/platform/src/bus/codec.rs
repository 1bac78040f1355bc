//! Events as messages: headers for the envelope, and the payload in Avro behind the registry's
//! five bytes (`0x00`, then the schema id, big-endian).

use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use kernel::{Envelope, Error, Timestamp};
use rdkafka::message::{Header, Headers as _, Message, OwnedHeaders};

use super::registry::Catalogue;

const MAGIC: u8 = 0;
pub(super) const EVENT_ID: &str = "event-id";
pub(super) const EVENT_TYPE: &str = "event-type";
const EVENT_VERSION: &str = "event-version";
const AGGREGATE_VERSION: &str = "aggregate-version";
const OCCURRED_AT: &str = "occurred-at";
const ACTOR: &str = "actor";
const TRACEPARENT: &str = "traceparent";
const REQUEST_ID: &str = "request-id";

/// Reading failed: for good, with the reason, or because the registry is away.
pub(super) enum Unread {
    Never(String),
    Later(Error),
}

/// Writing failed: for good, with the reason, or because the registry is away.
pub(super) enum Unwritten {
    Never(String),
    Later(Error),
}

/// The value of a message.
pub(super) async fn encode(catalogue: &Catalogue, event: &Envelope) -> Result<Vec<u8>, Unwritten> {
    let found = catalogue.writer(&event.topic, event.version).await.map_err(Unwritten::Later)?;
    let Some((schema, id)) = found else {
        let text = format!("there is no schema of {} version {}", event.topic, event.version);
        return Err(Unwritten::Never(text));
    };
    let mut bytes = vec![MAGIC];
    bytes.extend(id.to_be_bytes());
    let written = value(&event.payload).resolve(schema).and_then(|value| {
        GenericDatumWriter::builder(schema).build()?.write_value(&mut bytes, value)
    });
    written.map_err(|e| Unwritten::Never(format!("the payload does not fit its schema: {e}")))?;
    Ok(bytes)
}

/// JSON as the value that a schema then gives its types.
fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Boolean(*b),
        Json::Number(n) => {
            n.as_i64().map_or_else(|| Value::Double(n.as_f64().unwrap_or_default()), Value::Long)
        }
        Json::String(s) => Value::String(s.clone()),
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::Object(map) => Value::Map(map.iter().map(|(k, v)| (k.clone(), value(v))).collect()),
    }
}

/// The headers of a message.
pub(super) fn headers(event: &Envelope) -> OwnedHeaders {
    let mut headers = OwnedHeaders::new_with_capacity(8);
    let mut put = |key: &str, value: &str| {
        headers = std::mem::take(&mut headers).insert(Header { key, value: Some(value) });
    };
    put(EVENT_ID, &event.id.to_string());
    put(EVENT_TYPE, &event.topic);
    put(EVENT_VERSION, &event.version.to_string());
    put(AGGREGATE_VERSION, &event.aggregate_version.to_string());
    put(OCCURRED_AT, &event.occurred_at.micros().to_string());
    put(ACTOR, &event.actor);
    if let Some(request) = &event.request {
        put(REQUEST_ID, request);
    }
    if let Some(parent) = event.trace {
        put(TRACEPARENT, &parent.to_string());
    }
    headers
}

/// Reads a message back.
pub(super) async fn decode(
    catalogue: &Catalogue,
    event_name: &str,
    message: &impl Message,
) -> Result<Envelope, Unread> {
    let bytes = message.payload().ok_or_else(|| never("it has no value"))?;
    let Some((&[magic, a, b, c, d], body)) = bytes.split_first_chunk::<5>() else {
        return Err(never("it is shorter than the five bytes that name its schema"));
    };
    if magic != MAGIC {
        return Err(never(format!("its first byte is {magic:#04x}, not 0x00")));
    }
    let id = i32::from_be_bytes([a, b, c, d]);
    let writer = catalogue.written_with(id).await.map_err(Unread::Later)?;
    let writer = writer.ok_or_else(|| never(format!("the registry has no schema {id}")))?;
    let reader = catalogue.reader(event_name);
    let payload = read(&writer, reader, body).map_err(|e| never(e.to_string()))?;
    let aggregate = text_key(message).ok_or_else(|| never("its key names no aggregate"))?;
    Ok(Envelope {
        id: parsed(message, EVENT_ID)?,
        topic: event_name.to_owned(),
        version: parsed(message, EVENT_VERSION)?,
        aggregate: aggregate.parse().map_err(|_| never("its key names no aggregate"))?,
        aggregate_version: parsed(message, AGGREGATE_VERSION)?,
        occurred_at: Timestamp(parsed(message, OCCURRED_AT)?),
        actor: header(message, ACTOR).unwrap_or_else(|| "unknown".into()),
        trace: header(message, TRACEPARENT).and_then(|t| t.parse().ok()),
        request: header(message, REQUEST_ID),
        payload,
    })
}

fn read(
    writer: &apache_avro::Schema,
    reader: Option<&apache_avro::Schema>,
    mut body: &[u8],
) -> Result<serde_json::Value, apache_avro::Error> {
    let built = GenericDatumReader::builder(writer).maybe_reader_schema(reader).build()?;
    let value = built.read_value(&mut body)?;
    serde_json::Value::try_from(value)
}

/// A header's text.
pub(super) fn header(message: &impl Message, key: &str) -> Option<String> {
    let found = message.headers()?.iter().find(|h| h.key == key)?;
    Some(String::from_utf8_lossy(found.value?).into_owned())
}

pub(super) fn text_key(message: &impl Message) -> Option<&str> {
    std::str::from_utf8(message.key()?).ok()
}

fn parsed<T: std::str::FromStr>(message: &impl Message, key: &str) -> Result<T, Unread> {
    let text = header(message, key).ok_or_else(|| never(format!("the header {key} is missing")))?;
    text.parse().map_err(|_| never(format!("the header {key} is '{text}'")))
}

fn never(why: impl Into<String>) -> Unread {
    Unread::Never(why.into())
}
