//! Files of the house: statements as uploaded, documents as typeset. Named by their sha256, so
//! a file is never overwritten by another one and can always be checked.
//!
//! Two stores keep them: a local [`Folder`], and any S3-compatible service ([`s3::S3`]). Both use
//! the same layout (`ab/abcd...`), so that [`copy`] moves a house from one to the other.

mod cache;
pub mod copy;
mod folder;
pub mod s3;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_fake;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use kernel::{Error, Kind};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

pub use folder::Folder;

use crate::House;

/// Where files are kept. Calls block: use them from [`crate::tasks::blocking`].
pub trait Blobs: Send + Sync {
    /// Keeps `bytes`; answers their sha256 (hexadecimal). Durable when it answers.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot write.
    fn put(&self, bytes: &[u8]) -> Result<String, Error>;

    /// Takes over the file at `path` in [`Blobs::staging`], whose sha256 the caller has computed
    /// while receiving it. After an error the file is still there.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot write.
    fn put_file(&self, path: &Path, sha256: &str) -> Result<(), Error>;

    /// Writes a stored file to `into` and checks its digest; answers its length. What was
    /// written is worth nothing after an error.
    ///
    /// # Errors
    /// `NotFound` (`blob_missing`), `Internal` (`blob_damaged`) when the bytes do not match
    /// their name, `Unavailable` when the store does not answer.
    fn fetch(&self, sha256: &str, into: &mut dyn Write) -> Result<u64, Error>;

    /// Reads a file back and checks its digest.
    ///
    /// # Errors
    /// As [`Blobs::fetch`].
    fn get(&self, sha256: &str) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.fetch(sha256, &mut bytes)?;
        Ok(bytes)
    }

    /// A local path to read the file from, streaming.
    ///
    /// # Errors
    /// As [`Blobs::fetch`].
    fn path(&self, sha256: &str) -> Result<PathBuf, Error>;

    /// The length of a stored file; `None` when there is no such file.
    ///
    /// # Errors
    /// `Unavailable` when the store does not answer.
    fn size(&self, sha256: &str) -> Result<Option<u64>, Error>;

    /// The names after `after`, in order, at most `limit` of them.
    ///
    /// # Errors
    /// `Unavailable` when the store does not answer.
    fn names(&self, after: &str, limit: usize) -> Result<Vec<Stored>, Error>;

    /// A URL that gives the file to whoever has it, for so many seconds; `None` where the store
    /// has no address of its own.
    ///
    /// # Errors
    /// When the URL cannot be signed.
    fn presign(&self, sha256: &str, seconds: u64) -> Result<Option<String>, Error>;

    /// Proves that files can be kept: writes something and takes it away again.
    ///
    /// # Errors
    /// `Unavailable` with the reason.
    fn probe(&self) -> Result<(), Error>;

    /// A folder on the same volume for files that are being received.
    fn staging(&self) -> PathBuf;

    /// Removes what was left by processes that died while receiving or sending: whatever was
    /// written last before `deadline`. Answers how many pieces went.
    ///
    /// # Errors
    /// `Unavailable` when the folder cannot be read.
    fn sweep(&self, deadline: SystemTime) -> Result<usize, Error>;
}

/// A file in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// Where files are kept, as it is configured.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// A local folder, used without a URL.
    pub folder: String,
    /// `s3://BUCKET/PREFIX?endpoint=...&region=...&path_style=true`; empty: the folder.
    pub url: String,
    /// File with the access key; empty: `AWS_*` of the environment.
    pub access_key_file: String,
    /// File with the secret key.
    pub secret_key_file: String,
    /// Folder for files being received, and for copies of files in use.
    pub cache_folder: String,
    /// Bytes of copies that are kept.
    pub cache_bytes: u64,
    /// Empty, `AES256` or `aws:kms`.
    pub encryption: String,
    /// The key's name for `aws:kms`; empty: the bucket's own.
    pub encryption_key: String,
    /// Days after which the service removes parts of broken uploads; 0: no rule.
    pub abort_uploads_days: u32,
    /// Days after which the service moves files to a cheaper class; 0: never.
    pub move_days: u32,
    /// That class.
    pub move_class: String,
    /// Bytes of one part of an upload.
    pub multipart_bytes: u64,
    /// Milliseconds until one request is given up, tries included.
    pub timeout_ms: u64,
}

impl Config {
    /// What is used: the URL, or else the folder.
    pub fn place(&self) -> &str {
        if self.url.is_empty() { &self.folder } else { &self.url }
    }

    /// The same, for another place: a URL or a folder.
    #[must_use]
    pub fn at(&self, place: &str) -> Self {
        let (url, folder) = if place.contains("://") { (place, "") } else { ("", place) };
        Self { url: url.to_owned(), folder: folder.to_owned(), ..self.clone() }
    }
}

/// Opens the store that is configured. Needs a runtime: what waits for S3 waits on it.
///
/// # Errors
/// `Unavailable` when a folder cannot be made, `Invalid` when the configuration is wrong.
pub fn open(config: &Config) -> Result<Arc<dyn Blobs>, Error> {
    if config.url.is_empty() {
        return Ok(Arc::new(Folder::open(&config.folder)?));
    }
    Ok(Arc::new(s3::S3::open(config)?))
}

/// Sweeps the staging folder now and every hour. Nothing younger than a day is touched: another
/// process may still be writing it. Runs for ever.
pub async fn sweep_daily(house: Arc<House>) {
    loop {
        let (blobs, now) = (Arc::clone(&house.blobs), house.clock.now());
        let deadline = system_time(now.plus_days(-1));
        match crate::tasks::blocking(move || blobs.sweep(deadline)).await.flatten() {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "removed files that were never received whole"),
            Err(e) => tracing::warn!(error = %e, "the staging folder cannot be swept"),
        }
        crate::tasks::sleep_ms(3_600_000).await;
    }
}

/// A moment in the file system's words.
fn system_time(at: kernel::Timestamp) -> SystemTime {
    let micros = u64::try_from(at.micros()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

/// Whether `name` can be the name of a stored file.
fn is_name(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn missing() -> Error {
    Error::not_found("blob_missing", "the stored file is not there")
}

fn damaged(sha256: &str) -> Error {
    let message = format!("stored file {sha256} is not what its name says");
    Error::new(Kind::Internal, "blob_damaged", message)
}

fn away(path: &Path, e: &std::io::Error) -> Error {
    Error::new(Kind::Unavailable, "blob_store_unavailable", "the file store cannot be used")
        .caused_by(std::io::Error::new(e.kind(), format!("{}: {e}", path.display())))
}

/// Hands on what passes, and remembers its digest.
struct Hashed<W> {
    to: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    fn new(to: W) -> Self {
        Self { to, hash: Sha256::new(), bytes: 0 }
    }

    /// The length, if the digest is `sha256`.
    fn check(self, sha256: &str) -> Result<u64, Error> {
        if hex::encode(self.hash.finalize()) == sha256 {
            Ok(self.bytes)
        } else {
            Err(damaged(sha256))
        }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = self.to.write(bytes)?;
        self.hash.update(&bytes[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// Reads a local file into `into` and checks its digest.
fn read_checked(path: &Path, sha256: &str, into: &mut dyn Write) -> Result<u64, Error> {
    let mut hashed = Hashed::new(into);
    std::fs::File::open(path)
        .and_then(|mut file| std::io::copy(&mut Read::by_ref(&mut file), &mut hashed))
        .map_err(|e| away(path, &e))?;
    hashed.check(sha256)
}

/// Writes bytes to a new file in a staging folder, durably.
fn stage(staging: &Path, bytes: &[u8]) -> Result<PathBuf, Error> {
    let path = staging.join(hex::encode(crate::clock::random_bytes::<8>()));
    let written = (|| {
        let mut file = std::fs::File::create(&path)?;
        file.write_all(bytes)?;
        file.sync_all()
    })();
    written.map_err(|e| away(&path, &e))?;
    Ok(path)
}

/// The files of a staging folder that were written last before `deadline`.
fn left_behind(staging: &Path, deadline: SystemTime) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(staging).map_err(|e| away(staging, &e))? {
        let path = entry.map_err(|e| away(staging, &e))?.path();
        // A file that is gone by now was received whole, or swept by somebody else.
        let written = std::fs::metadata(&path).and_then(|m| m.modified());
        if written.is_ok_and(|at| at < deadline) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Writes a secret so that only the owner can read it, durably.
///
/// # Errors
/// When the file exists already or cannot be written.
pub fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
