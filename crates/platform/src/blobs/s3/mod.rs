//! Files in any S3-compatible service.
//!
//! The port is synchronous and its callers are on blocking threads, so each call waits there on
//! the runtime that was current when the store was opened; no async thread is ever blocked.
//!
//! Storing the same name again stores the same bytes, so overwriting is harmless and every
//! request can be tried again until its deadline. Uploads in parts that were begun and never
//! ended are not visible; they are aborted at once, or by [`Blobs::sweep`] from the note that
//! each leaves in the staging folder. A rule of the bucket (see `lifecycle`) is the belt for
//! machines that are gone with their folder.

mod connect;
pub mod lifecycle;
pub mod rule;
mod upload;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures::StreamExt as _;
use http::Method;
use kernel::{Error, Kind};
use object_store::aws::AmazonS3;
use object_store::multipart::MultipartStore as _;
use object_store::path::Path as Key;
use object_store::signer::{SignedUrlOptions, Signer as _};
use object_store::{Error as StoreError, ObjectStore as _, ObjectStoreExt as _, PutPayload};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::cache::Cache;
use super::{Blobs, Config, Hashed, Stored, away, is_name, left_behind, missing, read_checked};

/// A service refuses parts smaller than this.
const LEAST_PART: u64 = 5 * 1_024 * 1_024;

/// Files in a bucket, under a prefix.
pub struct S3 {
    store: AmazonS3,
    prefix: String,
    cache: Cache,
    staging: PathBuf,
    part: u64,
    runtime: Handle,
}

impl S3 {
    /// Uses the service that is configured; nothing is sent yet.
    ///
    /// # Errors
    /// `Invalid` when the configuration is wrong, `Unavailable` when the cache cannot be made.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let connection = connect::connect(config)?;
        let root = PathBuf::from(&config.cache_folder);
        let staging = root.join("staging");
        std::fs::create_dir_all(&staging).map_err(|e| away(&staging, &e))?;
        let cache = Cache::open(root.join("files"), config.cache_bytes);
        let runtime = Handle::try_current()
            .map_err(|e| Error::internal("S3 is opened outside a runtime").caused_by(e))?;
        Ok(Self {
            store: connection.store,
            prefix: connection.prefix,
            cache: cache.map_err(|e| away(&root, &e))?,
            staging,
            part: config.multipart_bytes.max(LEAST_PART),
            runtime,
        })
    }

    /// Waits on a blocking thread.
    fn wait<F: Future>(&self, f: F) -> F::Output {
        self.runtime.block_on(f)
    }

    fn key(&self, sha256: &str) -> Result<Key, Error> {
        if !is_name(sha256) {
            return Err(missing());
        }
        Ok(Key::from(format!("{}{}/{sha256}", self.prefix, &sha256[..2])))
    }

    /// A signed URL for a request on the file of that key; empty: on the bucket itself.
    pub(crate) async fn signed(
        &self,
        method: Method,
        key: &str,
        query: &[(&str, &str)],
        seconds: u64,
    ) -> Result<String, Error> {
        let options = SignedUrlOptions::default().with_query(query.iter().copied());
        let (key, time) = (Key::from(key), Duration::from_secs(seconds));
        let url = self.store.signed_url_opts(method, &key, time, &options).await;
        url.map(String::from).map_err(unavailable)
    }

    /// A bucket that is not there answers like a file that is not there; listing tells which.
    fn not_there(&self) -> Error {
        match self.wait(self.store.list(None).next()) {
            Some(Err(e)) => unavailable(e),
            _ => missing(),
        }
    }

    /// The length of an object.
    fn head(&self, key: &Key) -> Result<Option<u64>, Error> {
        match self.wait(self.store.head(key)) {
            Ok(found) => Ok(Some(found.size)),
            Err(StoreError::NotFound { .. }) => match self.not_there() {
                e if e.kind == Kind::NotFound => Ok(None),
                e => Err(e),
            },
            Err(e) => Err(unavailable(e)),
        }
    }

    /// Downloads in ranges, each with its own deadline, so that a long file may take its time.
    fn download(&self, sha256: &str, into: &mut dyn Write) -> Result<u64, Error> {
        let key = self.key(sha256)?;
        let size = self.head(&key)?.ok_or_else(missing)?;
        let mut hashed = Hashed::new(into);
        let mut at = 0;
        while at < size {
            let end = size.min(at + self.part);
            let bytes = match self.wait(self.store.get_range(&key, at..end)) {
                Err(StoreError::NotFound { .. }) => return Err(self.not_there()),
                other => other.map_err(unavailable)?,
            };
            hashed.write_all(&bytes).map_err(|e| away(&self.staging, &e))?;
            at = end;
        }
        hashed.check(sha256)
    }
}

const REFUSED: &str = "the file store refuses the house's keys";
const NO_BUCKET: &str = "the file store has no such bucket";

/// What the service said, as an error of the house; its own words are the cause.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn unavailable(e: StoreError) -> Error {
    // What a list was answered with is told by its text alone.
    let said = |status: &str| {
        matches!(&e, StoreError::Generic { source, .. }
        if source.to_string().contains(status))
    };
    let message = match &e {
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => REFUSED,
        _ if said("403 Forbidden") || said("401 Unauthorized") => REFUSED,
        StoreError::NotFound { .. } => NO_BUCKET,
        _ if said("NoSuchBucket") => NO_BUCKET,
        _ => "the file store does not answer",
    };
    let cause = std::io::Error::other(said_last(&e));
    Error::new(Kind::Unavailable, "blob_store_unavailable", message).caused_by(cause)
}

/// What the service said, in one line: each layer of the client repeats the whole answer, and a
/// refused signature is answered with a page of it.
fn said_last(e: &dyn std::error::Error) -> String {
    let mut last = e;
    while let Some(cause) = last.source() {
        last = cause;
    }
    let text = last.to_string();
    match (inside(&text, "Code"), inside(&text, "Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => text.lines().next().unwrap_or_default().chars().take(300).collect(),
    }
}

/// The text of the first element of that name.
fn inside<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inner, _)| inner)
}

impl Blobs for S3 {
    fn put(&self, bytes: &[u8]) -> Result<String, Error> {
        let sha256 = hex::encode(Sha256::digest(bytes));
        let key = self.key(&sha256)?;
        self.wait(self.store.put(&key, PutPayload::from(bytes.to_vec()))).map_err(unavailable)?;
        Ok(sha256)
    }

    fn put_file(&self, path: &Path, sha256: &str) -> Result<(), Error> {
        self.send(path, sha256)?;
        // It is durable now. Whoever stored it reads it next, so the local file becomes the copy.
        if let Err(e) = self.cache.keep(path, sha256) {
            tracing::warn!(error = %e, "a stored file was not kept as a local copy");
            let _moved = std::fs::remove_file(path);
        }
        Ok(())
    }

    fn fetch(&self, sha256: &str, into: &mut dyn Write) -> Result<u64, Error> {
        self.download(sha256, into)
    }

    fn get(&self, sha256: &str) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        if let Some(copy) = is_name(sha256).then(|| self.cache.find(sha256)).flatten() {
            match read_checked(&copy, sha256, &mut bytes) {
                Ok(_) => return Ok(bytes),
                Err(_) => self.cache.forget(sha256),
            }
            bytes.clear();
        }
        self.download(sha256, &mut bytes)?;
        Ok(bytes)
    }

    fn path(&self, sha256: &str) -> Result<PathBuf, Error> {
        if let Some(copy) = is_name(sha256).then(|| self.cache.find(sha256)).flatten() {
            return Ok(copy);
        }
        let coming = self.staging.join(hex::encode(crate::clock::random_bytes::<8>()));
        let fetched = std::fs::File::create(&coming)
            .map_err(|e| away(&coming, &e))
            .and_then(|mut file| self.download(sha256, &mut file))
            .and_then(|_| self.cache.keep(&coming, sha256).map_err(|e| away(&coming, &e)));
        if fetched.is_err() {
            let _never_made = std::fs::remove_file(&coming);
        }
        fetched
    }

    fn size(&self, sha256: &str) -> Result<Option<u64>, Error> {
        self.head(&self.key(sha256)?)
    }

    fn names(&self, after: &str, limit: usize) -> Result<Vec<Stored>, Error> {
        let prefix = (!self.prefix.is_empty()).then(|| Key::from(self.prefix.as_str()));
        let listed = match self.key(after) {
            Ok(offset) => self.store.list_with_offset(prefix.as_ref(), &offset),
            Err(_) => self.store.list(prefix.as_ref()),
        };
        let ours = listed.filter_map(|found| {
            let stored = found.map(|meta| {
                let name = meta.location.filename().unwrap_or_default();
                // Others' files under the same prefix are none of ours.
                let ours = self.key(name).is_ok_and(|key| key == meta.location);
                ours.then(|| Stored { sha256: name.to_owned(), bytes: meta.size })
            });
            std::future::ready(stored.transpose())
        });
        let found: Vec<_> = self.wait(ours.take(limit).collect());
        found.into_iter().collect::<Result<_, _>>().map_err(unavailable)
    }

    fn presign(&self, sha256: &str, seconds: u64) -> Result<Option<String>, Error> {
        let key = self.key(sha256)?;
        self.wait(self.signed(Method::GET, key.as_ref(), &[], seconds)).map(Some)
    }

    fn probe(&self) -> Result<(), Error> {
        let name = hex::encode(crate::clock::random_bytes::<8>());
        let key = Key::from(format!("{}probe/{name}", self.prefix));
        self.wait(self.store.put(&key, PutPayload::from_static(b"probe"))).map_err(unavailable)?;
        self.wait(self.store.delete(&key)).map_err(unavailable)
    }

    fn staging(&self) -> PathBuf {
        self.staging.clone()
    }

    fn sweep(&self, deadline: SystemTime) -> Result<usize, Error> {
        let mut count = 0;
        for path in left_behind(&self.staging, deadline)? {
            if path.extension().is_some_and(|e| e == upload::NOTE)
                && let Some((key, id)) = upload::read_note(&path)
            {
                match self.wait(self.store.abort_multipart(&key, &id)) {
                    // Ended by somebody else, or by the service's own rule.
                    Ok(()) | Err(StoreError::NotFound { .. }) => {}
                    Err(e) => return Err(unavailable(e)),
                }
            }
            count += usize::from(std::fs::remove_file(&path).is_ok());
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_one_line_of_what_the_service_said() {
        let page = "403 Forbidden: <?xml?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>\
                    It does not.</Message><StringToSign>x</StringToSign></Error>";
        let e = |text: &str| StoreError::Generic { store: "S3", source: text.into() };
        assert_eq!(said_last(&e(page)), "SignatureDoesNotMatch: It does not.");
        assert_eq!(said_last(&e("connection refused\nmore")), "connection refused");
    }
}
