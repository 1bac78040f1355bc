//! The schema registry: a Confluent-compatible REST service, and the house's schemas in it.
//!
//! Subject = topic + `-value` (TopicName). Every version the house ever published is
//! registered, oldest first, under BACKWARD_TRANSITIVE. Only successes are remembered: a
//! registry that is away for a moment must not be believed for ever.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use apache_avro::Schema;
use contracts::schemas::Subject;
use kernel::{Error, Kind};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value as Json, json};

use crate::outbound::Outbound;

const MEDIA: &str = "application/vnd.schemaregistry.v1+json";
const COMPATIBILITY: &str = "BACKWARD_TRANSITIVE";

/// A registry.
#[derive(Clone)]
pub struct Registry {
    url: String,
    http: Outbound,
}

impl Registry {
    /// The registry at `url`, which includes its path.
    pub fn new(url: &str, http: Outbound) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), http }
    }

    /// Registers a schema; answers its id. Registering the same text again answers the same id.
    ///
    /// # Errors
    /// `schema_incompatible` when the registry refuses it, `Unavailable` when it is away.
    pub async fn register(&self, subject: &str, schema: &str) -> Result<i32, Error> {
        let url = format!("{}/subjects/{subject}/versions", self.url);
        let (status, body) = self.ask(self.http.post(&url), Some(schema_body(schema))).await?;
        match status {
            StatusCode::OK => id_of(&body),
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => Err(refused(subject, &body)),
            _ => Err(unexpected(status, &body)),
        }
    }

    /// Whether `schema` could be registered under `subject`; a subject that is not there yet
    /// takes anything.
    ///
    /// # Errors
    /// `Unavailable` when the registry is away.
    pub async fn fits(&self, subject: &str, schema: &str) -> Result<bool, Error> {
        // A registry may hide refusals from the newest version: every stored one is asked.
        let listed = format!("{}/subjects/{subject}/versions", self.url);
        let (status, versions) = self.ask(self.http.get(&listed), None).await?;
        if status == StatusCode::NOT_FOUND {
            return Ok(true);
        }
        for version in versions.as_array().into_iter().flatten() {
            let url = format!("{}/compatibility/subjects/{subject}/versions/{version}", self.url);
            let (status, body) = self.ask(self.http.post(&url), Some(schema_body(schema))).await?;
            match status {
                StatusCode::OK if body["is_compatible"] == true => {}
                StatusCode::OK | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
                    return Ok(false);
                }
                _ => return Err(unexpected(status, &body)),
            }
        }
        Ok(true)
    }

    /// The text of the schema with this id; `None` when the registry has none.
    ///
    /// # Errors
    /// `Unavailable` when the registry is away.
    pub async fn schema(&self, id: i32) -> Result<Option<String>, Error> {
        let url = format!("{}/schemas/ids/{id}", self.url);
        let (status, body) = self.ask(self.http.get(&url), None).await?;
        match status {
            StatusCode::OK => Ok(body["schema"].as_str().map(str::to_owned)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(unexpected(status, &body)),
        }
    }

    /// Sets the rule by which later schemas of `subject` are judged.
    async fn govern(&self, subject: &str) -> Result<(), Error> {
        let url = format!("{}/config/{subject}", self.url);
        let rule = json!({ "compatibility": COMPATIBILITY });
        let (status, body) = self.ask(self.http.put(&url), Some(rule)).await?;
        if status.is_success() { Ok(()) } else { Err(unexpected(status, &body)) }
    }

    async fn ask(
        &self,
        request: RequestBuilder,
        body: Option<Json>,
    ) -> Result<(StatusCode, Json), Error> {
        let request = match body {
            Some(body) => request.header("content-type", MEDIA).body(body.to_string()),
            None => request,
        };
        let away = |e: reqwest::Error| {
            let what = "the schema registry does not answer";
            Error::new(Kind::Unavailable, "registry_unavailable", what).caused_by(e)
        };
        let answer = request.header("accept", MEDIA).send().await.map_err(away)?;
        let status = answer.status();
        let text = answer.text().await.map_err(away)?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Json::Null)))
    }
}

fn schema_body(schema: &str) -> Json {
    json!({ "schema": schema, "schemaType": "AVRO" })
}

fn id_of(body: &Json) -> Result<i32, Error> {
    let id = body["id"].as_i64().and_then(|id| i32::try_from(id).ok());
    id.ok_or_else(|| unexpected(StatusCode::OK, body))
}

fn refused(subject: &str, body: &Json) -> Error {
    let why = body["message"].as_str().unwrap_or("it gives no reason");
    let text = format!(
        "the registry refuses the house's schema of {subject}: {why}; \
         `kontor schemas check` says more"
    );
    Error::conflict("schema_incompatible", text).with("subject", subject)
}

fn unexpected(status: StatusCode, body: &Json) -> Error {
    Error::new(Kind::Unavailable, "registry_unavailable", "the schema registry is out of order")
        .caused_by(std::io::Error::other(format!("{status}: {body}")))
}

/// The schemas of one event, oldest first.
pub(super) struct Stored {
    /// Subject of the registry.
    pub(super) subject: String,
    texts: &'static [&'static str],
    parsed: Vec<Schema>,
}

/// The house's schemas, and what the registry calls them.
pub struct Catalogue {
    registry: Registry,
    /// By event name.
    stored: HashMap<&'static str, Stored>,
    /// Ids by event name and version (from 1).
    ids: Mutex<HashMap<(&'static str, usize), i32>>,
    /// Writers' schemas by id.
    writers: Mutex<HashMap<i32, Arc<Schema>>>,
}

/// How one event's own schema fares in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Subject.
    pub subject: String,
    /// Version of the house, from 1.
    pub version: usize,
    /// Whether the registry takes it.
    pub fits: bool,
}

impl Catalogue {
    /// The schemas of `subjects`, under names with `prefix`.
    ///
    /// # Errors
    /// `Internal` when a schema of the house cannot be parsed.
    pub fn new(
        registry: Registry,
        subjects: &'static [Subject],
        prefix: &str,
    ) -> Result<Self, Error> {
        let mut stored = HashMap::new();
        for s in subjects {
            let parsed: Result<Vec<Schema>, _> =
                s.versions.iter().map(|text| Schema::parse_str(text)).collect();
            let parsed =
                parsed.map_err(|e| Error::internal(format!("schema {}", s.topic)).caused_by(e))?;
            let subject = format!("{prefix}{}-value", s.topic);
            stored.insert(s.topic, Stored { subject, texts: s.versions, parsed });
        }
        Ok(Self { registry, stored, ids: Mutex::default(), writers: Mutex::default() })
    }

    /// Names of every event.
    pub(super) fn events(&self) -> impl Iterator<Item = &'static str> {
        self.stored.keys().copied()
    }

    /// Registers every version of every event.
    ///
    /// # Errors
    /// `schema_incompatible`, or `Unavailable` when the registry is away.
    pub async fn register(&self) -> Result<(), Error> {
        for (event, stored) in &self.stored {
            for (n, text) in stored.texts.iter().enumerate() {
                let id = self.registry.register(&stored.subject, text).await?;
                self.ids().insert((*event, n + 1), id);
                if n == 0 {
                    self.registry.govern(&stored.subject).await?;
                }
            }
        }
        Ok(())
    }

    /// Asks the registry about every version of every event without changing anything.
    ///
    /// # Errors
    /// `Unavailable` when the registry is away.
    pub async fn check(&self) -> Result<Vec<Check>, Error> {
        let mut checks = Vec::new();
        for stored in self.stored.values() {
            // Older versions are in the registry already; the newest is what would be added.
            let version = stored.texts.len();
            let Some(text) = stored.texts.last() else { continue };
            let fits = self.registry.fits(&stored.subject, text).await?;
            checks.push(Check { subject: stored.subject.clone(), version, fits });
        }
        checks.sort_by(|a, b| a.subject.cmp(&b.subject));
        Ok(checks)
    }

    /// The schema and the registry's id that an event of this version is written with; `None`
    /// when the house has no such schema.
    ///
    /// # Errors
    /// `Unavailable` when the registry is away and was never reached.
    pub(super) async fn writer(
        &self,
        event: &str,
        version: i64,
    ) -> Result<Option<(&Schema, i32)>, Error> {
        let Some((name, stored)) = self.stored.get_key_value(event) else { return Ok(None) };
        let n = usize::try_from(version).unwrap_or(0);
        let Some(schema) = n.checked_sub(1).and_then(|i| stored.parsed.get(i)) else {
            return Ok(None);
        };
        if let Some(id) = self.ids().get(&(*name, n)) {
            return Ok(Some((schema, *id)));
        }
        let id = self.registry.register(&stored.subject, stored.texts[n - 1]).await?;
        self.ids().insert((*name, n), id);
        Ok(Some((schema, id)))
    }

    /// The newest schema of an event: what readers of the house want.
    pub(super) fn reader(&self, event: &str) -> Option<&Schema> {
        self.stored.get(event)?.parsed.last()
    }

    /// The schema that somebody wrote with; `None` when the registry has no such id, or what it
    /// has is no Avro schema.
    ///
    /// # Errors
    /// `Unavailable` when the registry is away and was never asked for this id.
    pub(super) async fn written_with(&self, id: i32) -> Result<Option<Arc<Schema>>, Error> {
        if let Some(known) = self.writers().get(&id) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(text) = self.registry.schema(id).await? else { return Ok(None) };
        let Ok(schema) = Schema::parse_str(&text) else { return Ok(None) };
        let schema = Arc::new(schema);
        self.writers().insert(id, Arc::clone(&schema));
        Ok(Some(schema))
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashMap<(&'static str, usize), i32>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writers(&self) -> std::sync::MutexGuard<'_, HashMap<i32, Arc<Schema>>> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
