//! Files of the house: statements as uploaded, documents as typeset. Named by their sha256, so
//! a file is never overwritten and can always be checked.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use kernel::{Error, Kind};
use sha2::{Digest as _, Sha256};

use crate::House;

/// Where files are kept. Calls block: use them from [`crate::tasks::blocking`].
pub trait Blobs: Send + Sync {
    /// Keeps `bytes`; answers their sha256 (hexadecimal). Durable when it answers.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot write.
    fn put(&self, bytes: &[u8]) -> Result<String, Error>;

    /// Keeps the file at `path`, whose sha256 the caller has computed while receiving it.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot write.
    fn put_file(&self, path: &Path, sha256: &str) -> Result<(), Error>;

    /// Reads a file back and checks its digest.
    ///
    /// # Errors
    /// `NotFound` (`blob_missing`), or `Internal` when the bytes do not match their name.
    fn get(&self, sha256: &str) -> Result<Vec<u8>, Error>;

    /// A local path to read the file from, streaming.
    ///
    /// # Errors
    /// `NotFound` (`blob_missing`).
    fn path(&self, sha256: &str) -> Result<PathBuf, Error>;

    /// A folder on the same volume for files that are being received.
    fn staging(&self) -> PathBuf;

    /// Removes what was left in the staging folder by processes that died while receiving:
    /// whatever was written last before `deadline`. Answers how many files went.
    ///
    /// # Errors
    /// `Unavailable` when the folder cannot be read.
    fn sweep(&self, deadline: SystemTime) -> Result<usize, Error>;
}

/// Sweeps the staging folder now and every hour. Nothing younger than a day is touched: another
/// process may still be writing it. Runs for ever.
pub async fn sweep_daily(house: Arc<House>) {
    loop {
        let (blobs, now) = (Arc::clone(&house.blobs), house.clock.now());
        let micros = u64::try_from(now.plus_days(-1).micros()).unwrap_or(0);
        let deadline = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        match crate::tasks::blocking(move || blobs.sweep(deadline)).await.flatten() {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "removed files that were never received whole"),
            Err(e) => tracing::warn!(error = %e, "the staging folder cannot be swept"),
        }
        crate::tasks::sleep_ms(3_600_000).await;
    }
}

/// The embedded store: a local folder.
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Uses `root`, made when missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root = root.into();
        std::fs::create_dir_all(root.join("staging")).map_err(|e| away(&root, &e))?;
        Ok(Self { root })
    }

    fn place(&self, sha256: &str) -> Result<PathBuf, Error> {
        let sane = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if !sane {
            return Err(Error::not_found("blob_missing", "not the name of a stored file"));
        }
        Ok(self.root.join(&sha256[..2]).join(sha256))
    }
}

fn away(path: &Path, e: &std::io::Error) -> Error {
    Error::new(Kind::Unavailable, "blob_store_unavailable", "the file store cannot be used")
        .caused_by(std::io::Error::new(e.kind(), format!("{}: {e}", path.display())))
}

/// Makes a rename durable.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

impl Blobs for Folder {
    fn put(&self, bytes: &[u8]) -> Result<String, Error> {
        let sha256 = hex::encode(Sha256::digest(bytes));
        let name = hex::encode(crate::clock::random_bytes::<8>());
        let temporary = self.root.join("staging").join(name);
        let written = (|| {
            let mut file = std::fs::File::create(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()
        })();
        written.map_err(|e| away(&temporary, &e))?;
        self.put_file(&temporary, &sha256)?;
        Ok(sha256)
    }

    fn put_file(&self, path: &Path, sha256: &str) -> Result<(), Error> {
        let place = self.place(sha256)?;
        let moved = (|| {
            let folder = place.parent().unwrap_or(&self.root);
            std::fs::create_dir_all(folder)?;
            std::fs::File::open(path)?.sync_all()?;
            std::fs::rename(path, &place)?;
            sync_folder(folder)
        })();
        moved.map_err(|e| away(&place, &e))
    }

    fn get(&self, sha256: &str) -> Result<Vec<u8>, Error> {
        let path = self.path(sha256)?;
        let mut bytes = Vec::new();
        std::fs::File::open(&path)
            .and_then(|mut f| f.read_to_end(&mut bytes))
            .map_err(|e| away(&path, &e))?;
        if hex::encode(Sha256::digest(&bytes)) != sha256 {
            return Err(Error::internal(format!("stored file {sha256} was changed on disk")));
        }
        Ok(bytes)
    }

    fn path(&self, sha256: &str) -> Result<PathBuf, Error> {
        let place = self.place(sha256)?;
        if place.is_file() {
            Ok(place)
        } else {
            Err(Error::not_found("blob_missing", "the stored file is not there"))
        }
    }

    fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    fn sweep(&self, deadline: SystemTime) -> Result<usize, Error> {
        let folder = self.staging();
        let mut count = 0;
        for entry in std::fs::read_dir(&folder).map_err(|e| away(&folder, &e))? {
            let path = entry.map_err(|e| away(&folder, &e))?.path();
            // A file that is gone by now was received whole, or swept by somebody else.
            let written = std::fs::metadata(&path).and_then(|m| m.modified());
            if written.is_ok_and(|at| at < deadline) && std::fs::remove_file(&path).is_ok() {
                count += 1;
            }
        }
        Ok(count)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_old_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Folder::open(folder.path()).unwrap();
        let kept = blobs.put(b"kept").unwrap();
        let (dead, fresh) = (blobs.staging().join("dead"), blobs.staging().join("fresh"));
        std::fs::write(&dead, b"half").unwrap();
        std::fs::write(&fresh, b"half").unwrap();
        let noon = std::fs::metadata(&fresh).unwrap().modified().unwrap();
        let day = Duration::from_secs(86_400);
        std::fs::File::options().write(true).open(&dead).unwrap().set_modified(noon - day).unwrap();
        assert_eq!(blobs.sweep(noon - day / 2).unwrap(), 1);
        assert!(!dead.exists() && fresh.exists());
        assert_eq!(blobs.get(&kept).unwrap(), b"kept");
    }
}
