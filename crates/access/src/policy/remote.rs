//! A remote OPA: asked over HTTP with a deadline. When it does not answer, nobody is let in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kernel::Error;
use platform::outbound::Outbound;
use serde::Deserialize;

use super::model::{Answer, Question, Verdict, away};
use crate::fetch;

/// Answers that are remembered before the memory of them starts anew.
const MANY: usize = 10_000;
/// Bytes of an answer.
const LIMIT: usize = 64 * 1024;
/// What an OPA is called that runs policies without a bundle: they have no revision.
const NO_REVISION: &str = "none";

/// Asks a remote OPA.
pub(super) struct Remote {
    http: Outbound,
    url: String,
    cache: Duration,
    known: Mutex<Known>,
}

/// Answers of one revision; another revision forgets them all.
struct Known {
    revision: Arc<str>,
    answers: HashMap<String, (Instant, Verdict)>,
    last_error: Option<String>,
}

#[derive(Deserialize)]
struct Reply {
    /// Absent when the policy is not there.
    result: Option<serde_json::Value>,
    provenance: Option<Provenance>,
}

#[derive(Deserialize)]
struct Provenance {
    revision: Option<String>,
    #[serde(default)]
    bundles: std::collections::BTreeMap<String, Bundle>,
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    revision: String,
}

impl Remote {
    pub(super) fn new(url: &str, deadline_ms: u64, cache_ms: u64) -> Result<Self, Error> {
        let base = url.trim_end_matches('/');
        Ok(Self {
            http: Outbound::new(deadline_ms)?,
            url: format!("{base}/v1/data/kontor/authz/decision?provenance=true"),
            cache: Duration::from_millis(cache_ms),
            known: Mutex::new(Known {
                revision: NO_REVISION.into(),
                answers: HashMap::new(),
                last_error: None,
            }),
        })
    }

    pub(super) async fn ask(&self, question: &Question) -> Result<Answer, Error> {
        if let Some(answer) = self.remembered(question) {
            return Ok(answer);
        }
        let asked = platform::clock::instant();
        let reply = self.post(question).await;
        let mut known = self.known();
        match reply {
            Ok((verdict, revision)) => {
                if *known.revision != *revision {
                    known.revision = revision.as_str().into();
                    known.answers.clear();
                }
                known.last_error = None;
                if !self.cache.is_zero() {
                    if known.answers.len() >= MANY {
                        known.answers.clear();
                    }
                    // Counted from the question: the answer may be as old as that.
                    known.answers.insert(question.input.clone(), (asked, verdict));
                }
                Ok(Answer { verdict, revision: Arc::clone(&known.revision) })
            }
            Err(why) => {
                known.last_error = Some(why.clone());
                Err(away(why))
            }
        }
    }

    fn remembered(&self, question: &Question) -> Option<Answer> {
        let known = self.known();
        let (since, verdict) = known.answers.get(&question.input)?;
        (since.elapsed() < self.cache)
            .then(|| Answer { verdict: *verdict, revision: Arc::clone(&known.revision) })
    }

    async fn post(&self, question: &Question) -> Result<(Verdict, String), String> {
        let body = format!("{{\"input\":{}}}", question.input);
        let request = self.http.post(&self.url).header("content-type", "application/json");
        let answer = request.body(body).send().await.map_err(|e| fetch::chain(&e))?;
        let body = fetch::body(answer, LIMIT).await.map_err(|e| format!("OPA: {e}"))?;
        let reply: Reply =
            serde_json::from_slice(&body).map_err(|e| format!("OPA answers no JSON: {e}"))?;
        let result = reply.result.ok_or("OPA has no policy kontor.authz")?;
        let revision = reply.provenance.and_then(Provenance::name);
        Ok((Verdict::of(&result), revision.unwrap_or_else(|| NO_REVISION.into())))
    }

    /// Revision of the last answer, and what went wrong since.
    pub(super) fn status(&self) -> (String, Option<String>) {
        let known = self.known();
        (known.revision.to_string(), known.last_error.clone())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Provenance {
    fn name(self) -> Option<String> {
        let bundles: Vec<String> =
            self.bundles.into_values().map(|b| b.revision).filter(|r| !r.is_empty()).collect();
        if bundles.is_empty() {
            self.revision.filter(|r| !r.is_empty())
        } else {
            Some(bundles.join("+"))
        }
    }
}
