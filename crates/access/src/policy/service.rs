//! Use cases of policy: decide, and look at what was decided.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::policy::PolicyDecision;
use contracts::{Authorizer, Grant};
use kernel::page::{Cursor, Page};
use kernel::{Clock, Error, Ids, Kind, Principal, Role, Timestamp};
use platform::db::DbError;
use platform::{Cx, House};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::bundle::Puller;
use super::embedded::Embedded;
use super::log::Log;
use super::model::{Answer, Question, Verdict};
use super::remote::Remote;
use super::store::{self, Filter};

/// Settings of policy.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// A remote OPA; empty: policy is evaluated in process.
    pub url: String,
    /// Refuse to start without a remote OPA.
    pub opa_required: bool,
    /// Milliseconds that a remote OPA has to answer.
    pub deadline_ms: u64,
    /// Milliseconds that an answer of a remote OPA is believed.
    pub cache_ms: u64,
    /// A bundle's address, or a folder; empty: the policies that are part of the program.
    pub bundle: String,
    /// sha256 that the bundle must have; empty: any.
    pub bundle_sha256: String,
    /// File with the key that the bundle must be signed with; empty: it need not be.
    pub bundle_key_file: String,
    /// Seconds between two looks for another bundle.
    pub bundle_poll_seconds: u64,
    /// Days that decisions are kept.
    pub decisions_days: i64,
}

/// Whether the policy is asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforcement {
    /// Every decision is the policy's.
    On,
    /// Whoever is known may do everything; a creator still sees only what is his own.
    Off,
}

/// Which policy is in force.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PolicyStatus)]
pub struct Status {
    /// `embedded`, `opa` or `off`.
    engine: &'static str,
    /// Names the policy's text.
    revision: String,
    /// When it was loaded; a remote OPA does not say.
    loaded_at: Option<Timestamp>,
    /// Where it came from.
    source: String,
    /// Why the last attempt to ask or to load it failed.
    last_error: Option<String>,
}

enum Engine {
    Off,
    Embedded(Arc<Embedded>),
    Remote(Remote),
}

impl Engine {
    const fn name(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Embedded(_) => "embedded",
            Self::Remote(_) => "opa",
        }
    }
}

/// Decides, by the engine that was configured, and keeps a log of it.
pub struct Policy {
    engine: Engine,
    source: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    log: Log,
    pub(super) puller: Option<Puller>,
}

impl Policy {
    /// Loads the policies, or makes ready to ask a remote OPA.
    ///
    /// # Errors
    /// `invalid_configuration` with a sentence, or `Internal` when a policy does not parse.
    pub fn start(
        config: &Config,
        enforcement: Enforcement,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, Error> {
        check(config)?;
        let engine = if enforcement == Enforcement::Off {
            Engine::Off
        } else if config.url.is_empty() {
            Engine::Embedded(Arc::new(match config.bundle.is_empty() {
                true => Embedded::load(clock.now())?,
                false => Embedded::default(),
            }))
        } else {
            Engine::Remote(Remote::new(&config.url, config.deadline_ms, config.cache_ms)?)
        };
        let source = match &engine {
            Engine::Off => "policy is switched off".to_owned(),
            Engine::Embedded(_) if config.bundle.is_empty() => "part of the program".to_owned(),
            Engine::Embedded(_) => config.bundle.clone(),
            Engine::Remote(_) => config.url.clone(),
        };
        let puller = match &engine {
            Engine::Embedded(e) => Puller::new(config, Arc::clone(e), Arc::clone(&clock))?,
            _ => None,
        };
        let log = Log::new(&*ids);
        Ok(Self { engine, source, clock, ids, log, puller })
    }

    /// Looks for new policies, when they come from elsewhere.
    pub async fn watch_bundle(&self) {
        match &self.puller {
            Some(puller) => puller.run().await,
            None => std::future::pending().await,
        }
    }

    /// Writes the decision log until `stop`; what is left then is for [`Policy::flush`].
    pub async fn keep_log(&self, house: &Arc<House>, stop: &CancellationToken) {
        self.log.run(house, stop).await;
    }

    /// Writes every decision that was not written yet.
    ///
    /// # Errors
    /// When the database fails; nothing is lost then.
    pub async fn flush(&self, house: &Arc<House>) -> Result<(), Error> {
        self.log.flush(house).await
    }

    /// Which policy is in force.
    pub fn status(&self) -> Status {
        let (revision, loaded_at, last_error) = match &self.engine {
            Engine::Off => ("none".to_owned(), None, None),
            Engine::Embedded(e) => {
                let error = self.puller.as_ref().and_then(Puller::last_error);
                (e.revision().to_string(), e.current().map(|l| l.loaded_at), error)
            }
            Engine::Remote(r) => {
                let (revision, error) = r.status();
                (revision, None, error)
            }
        };
        let source = self.source.clone();
        Status { engine: self.engine.name(), revision, loaded_at, source, last_error }
    }

    async fn ask(&self, principal: &Principal, question: &Question) -> Result<Answer, Error> {
        match &self.engine {
            Engine::Off => Ok(Answer { verdict: unasked(principal), revision: "none".into() }),
            Engine::Embedded(e) => e.ask(question),
            Engine::Remote(r) => r.ask(question).await,
        }
    }

    fn record(
        &self,
        principal: &Principal,
        question: &Question,
        answer: &Result<Answer, Error>,
        micros: i64,
        request: Option<&str>,
    ) {
        let (result, scope, revision) = match answer {
            Ok(a) if a.verdict == Verdict::Denied => ("deny", "none", &*a.revision),
            Ok(a) => ("allow", a.verdict.scope(), &*a.revision),
            Err(_) => ("error", "none", "unknown"),
        };
        metrics::counter!("kontor_policy_decisions_total", "result" => result).increment(1);
        // A target of its own: `log.filter = "info,kontor::decisions=off"` silences it.
        tracing::info!(target: "kontor::decisions", actor = principal.name,
            action = question.action, result, "decision");
        self.log.add(PolicyDecision {
            id: self.ids.next().to_string(),
            at: self.clock.now().micros(),
            actor: principal.name.clone(),
            roles: principal.roles.iter().map(|r| r.as_str().to_owned()).collect(),
            action: question.action.clone(),
            result: result.to_owned(),
            scope: scope.to_owned(),
            input_sha256: question.sha256(),
            revision: revision.to_owned(),
            engine: self.engine.name().to_owned(),
            micros,
            request_id: request.map(str::to_owned),
        });
    }
}

/// What whoever is known may do while policy is switched off.
fn unasked(principal: &Principal) -> Verdict {
    match (principal.roles.is_empty(), principal.has(Role::Creator)) {
        (true, _) => Verdict::Denied,
        (false, true) => Verdict::Own,
        (false, false) => Verdict::All,
    }
}

fn check(config: &Config) -> Result<(), Error> {
    let wrong = |message: &str| Error::new(Kind::Invalid, "invalid_configuration", message);
    if config.opa_required && config.url.is_empty() {
        return Err(wrong(
            "policy.opa_required is true, but policy.url names no OPA: give its address, or let \
             the house evaluate its policies itself",
        ));
    }
    if !(config.url.is_empty() || config.url.starts_with("http")) {
        return Err(wrong("policy.url must begin with http:// or https://"));
    }
    if config.cache_ms > 1_000 {
        return Err(wrong("policy.cache_ms may be at most 1000: a right taken away must be gone"));
    }
    if !(config.url.is_empty() || config.bundle.is_empty()) {
        return Err(wrong("policy.bundle is for policies evaluated here: give it to your OPA"));
    }
    if config.deadline_ms == 0 {
        return Err(wrong("policy.deadline_ms must be above 0"));
    }
    Ok(())
}

#[async_trait]
impl Authorizer for Policy {
    async fn decide(&self, principal: &Principal, action: &str) -> Result<Grant, Error> {
        self.decide_for(principal, action, None).await
    }

    async fn decide_for(
        &self,
        principal: &Principal,
        action: &str,
        request: Option<&str>,
    ) -> Result<Grant, Error> {
        let started = platform::clock::instant();
        let question = Question::new(principal, action)?;
        let answer = self.ask(principal, &question).await;
        let micros = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.record(principal, &question, &answer, micros, request);
        answer?.verdict.grant(principal, action)
    }
}

/// What was decided, newest first.
///
/// # Errors
/// `invalid_cursor`, or when the database fails.
pub(super) async fn decisions(
    cx: &Cx,
    after: Option<Cursor>,
    filter: Filter,
    limit: u32,
) -> Result<Page<PolicyDecision>, Error> {
    let before = match after {
        Some(c) => (c.value.parse::<i64>().map_err(|_| no_cursor())?, c.id),
        None => (i64::MAX, String::new()),
    };
    let rows = cx
        .db
        .read(move |tx| store::list(tx, (before.0, &before.1), &filter, limit + 1))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    Ok(Page::cut(rows, limit, |d| Cursor { value: d.at.to_string(), id: d.id.clone() }))
}

fn no_cursor() -> Error {
    Error::new(Kind::Malformed, "invalid_cursor", "cursor is not one this house gave out")
        .with("field", "cursor")
}
