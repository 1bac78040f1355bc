//! Looking for new policies.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Clock, Error, Kind};
use platform::outbound::Outbound;
use reqwest::StatusCode;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use sha2::{Digest as _, Sha256};

use super::signature::SigningKey;
use super::unpack::{content, unpack};
use super::{Files, folder};
use crate::fetch;
use crate::policy::embedded::{Embedded, Loaded};
use crate::policy::service::Config;

/// Bytes of a packed bundle.
const PACKED: usize = 8 * 1024 * 1024;
/// Milliseconds that a server of bundles has to answer.
const TIMEOUT_MS: u64 = 10_000;

enum Source {
    Url(Outbound, String),
    Folder(PathBuf),
}

/// Pulls policies from their source into the engine.
pub(in crate::policy) struct Puller {
    source: Source,
    sha256: String,
    key: Option<SigningKey>,
    poll_ms: u64,
    engine: Arc<Embedded>,
    clock: Arc<dyn Clock>,
    last: Mutex<Last>,
}

/// What was seen the last time.
#[derive(Default)]
struct Last {
    /// Of the bundle in force.
    etag: Option<String>,
    /// Digest of what was looked at, good or not: the same is not tried again.
    seen: Option<[u8; 32]>,
    error: Option<String>,
}

impl Puller {
    /// From the configuration; `None` when the policies are part of the program.
    ///
    /// # Errors
    /// `invalid_configuration` with a sentence.
    pub(in crate::policy) fn new(
        config: &Config,
        engine: Arc<Embedded>,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>, Error> {
        if config.bundle.is_empty() {
            return Ok(None);
        }
        let wrong = |message: &str| Error::new(Kind::Invalid, "invalid_configuration", message);
        let remote = config.bundle.starts_with("http://") || config.bundle.starts_with("https://");
        let checked = !config.bundle_sha256.is_empty() || !config.bundle_key_file.is_empty();
        if checked && !remote {
            return Err(wrong(
                "policy.bundle_sha256 and policy.bundle_key_file are for bundles behind an \
                 address; a folder has neither digest nor signature",
            ));
        }
        let plain = config.bundle.strip_prefix("http://").is_some_and(|at| !is_local(at));
        if plain && !checked {
            return Err(wrong(
                "policy.bundle comes over http, where anybody on the way can change it: set \
                 policy.bundle_key_file (or policy.bundle_sha256), or use https",
            ));
        }
        if config.bundle_poll_seconds == 0 {
            return Err(wrong("policy.bundle_poll_seconds must be above 0"));
        }
        let source = match remote {
            true => Source::Url(Outbound::new(TIMEOUT_MS)?, config.bundle.clone()),
            false => Source::Folder(config.bundle.clone().into()),
        };
        let file = config.bundle_key_file.as_str();
        Ok(Some(Self {
            source,
            sha256: config.bundle_sha256.to_lowercase(),
            key: if file.is_empty() { None } else { Some(SigningKey::read(file)?) },
            poll_ms: config.bundle_poll_seconds.saturating_mul(1_000),
            engine,
            clock,
            last: Mutex::default(),
        }))
    }

    /// Looks again and again, each time a little later or earlier than others do.
    pub(in crate::policy) async fn run(&self) {
        loop {
            self.pull().await;
            let [random] = platform::clock::random_bytes::<1>();
            let tenth = (self.poll_ms / 10).max(1);
            let jitter = tenth * u64::from(random) / 128;
            platform::tasks::sleep_ms(self.poll_ms - tenth + jitter).await;
        }
    }

    /// Looks once; true when something new is in force now. What went wrong is in
    /// [`Puller::last_error`], the log and a metric.
    pub(in crate::policy) async fn pull(&self) -> bool {
        let done = self.try_pull().await;
        let result = match &done {
            Ok(true) => "new",
            Ok(false) => "same",
            Err(_) => "failed",
        };
        metrics::counter!("kontor_policy_bundle_pulls_total", "result" => result).increment(1);
        let mut last = self.last();
        match done {
            // The same bad bundle is still bad.
            Ok(false) => false,
            Ok(true) => {
                last.error = None;
                drop(last);
                let revision = &*self.engine.revision();
                tracing::info!(revision, "another policy is in force");
                true
            }
            Err(why) => {
                tracing::error!(error = why, "a policy bundle was refused; the last one stays");
                last.error = Some(why);
                false
            }
        }
    }

    /// Why the last bundle was refused, unless a good one came since.
    pub(in crate::policy) fn last_error(&self) -> Option<String> {
        self.last().error.clone()
    }

    async fn try_pull(&self) -> Result<bool, String> {
        let (files, commit, etag) = match &self.source {
            Source::Url(http, url) => match self.download(http, url).await? {
                Some((files, etag)) => (files, None, etag),
                None => return Ok(false),
            },
            Source::Folder(path) => {
                let root = path.clone();
                let look = move || (folder::read(&root), folder::commit(&root));
                let (files, commit) =
                    platform::tasks::blocking(look).await.map_err(|e| e.message)?;
                let (files, commit) = (files?, commit);
                if !self.is_new(&digest_of(&files, commit.as_deref())) {
                    return Ok(false);
                }
                (files, commit, None)
            }
        };
        let now = self.clock.now();
        let load = move || {
            let found = content(files)?;
            let revision = found.revision.or(commit);
            Loaded::parse(&found.policies, found.data, revision, false, now).map_err(|e| e.message)
        };
        let next = platform::tasks::blocking(load).await.map_err(|e| e.message)??;
        self.engine.swap(next);
        self.last().etag = etag;
        Ok(true)
    }

    /// The files of a bundle that is new, with its name; `None` for one that was seen.
    async fn download(
        &self,
        http: &Outbound,
        url: &str,
    ) -> Result<Option<(Files, Option<String>)>, String> {
        let mut request = http.get(url);
        if let Some(etag) = self.last().etag.clone() {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let answer = request.send().await.map_err(|e| fetch::chain(&e))?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            // The server has again what is in force: nothing is wrong any more.
            self.last().error = None;
            return Ok(None);
        }
        let etag = answer.headers().get(ETAG).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let packed = fetch::body(answer, PACKED).await?;
        let digest: [u8; 32] = Sha256::digest(&packed).into();
        if !self.is_new(&digest) {
            return Ok(None);
        }
        if !self.sha256.is_empty() && hex::encode(digest) != self.sha256 {
            return Err(format!("its sha256 is {}, not policy.bundle_sha256", hex::encode(digest)));
        }
        let files =
            platform::tasks::blocking(move || unpack(&packed)).await.map_err(|e| e.message)??;
        if let Some(key) = &self.key {
            key.check(&files)?;
        }
        Ok(Some((files, etag)))
    }

    /// Remembers what was looked at; false when that is what was looked at the last time.
    fn is_new(&self, digest: &[u8; 32]) -> bool {
        let mut last = self.last();
        let new = last.seen.as_ref() != Some(digest);
        last.seen = Some(*digest);
        new
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest_of(files: &Files, commit: Option<&str>) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(commit.unwrap_or_default());
    for (name, bytes) in files {
        digest.update(name);
        digest.update([0]);
        digest.update(Sha256::digest(bytes));
    }
    digest.finalize().into()
}

/// Whether an address without its scheme is one of this machine.
fn is_local(address: &str) -> bool {
    let authority = address.split('/').next().unwrap_or_default();
    let ip = authority.parse::<std::net::SocketAddr>().map(|a| a.ip()).ok();
    let ip = ip.or_else(|| authority.parse().ok());
    ip.is_some_and(|ip: std::net::IpAddr| ip.is_loopback())
        || authority.split(':').next() == Some("localhost")
}
