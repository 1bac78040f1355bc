//! Files of the house: statements as uploaded, documents as typeset. Named by their sha256, so
//! a file is never overwritten and can always be checked.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use kernel::{Error, Kind};
use sha2::{Digest as _, Sha256};

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
