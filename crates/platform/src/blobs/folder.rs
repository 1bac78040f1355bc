//! The embedded store: a local folder.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kernel::Error;
use sha2::{Digest as _, Sha256};

use super::{Blobs, Stored, away, is_name, left_behind, missing, read_checked, stage};

/// Makes a folder that only its owner can look into; one that is there stays as it is.
fn make_private(root: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if let Some(above) = root.parent() {
        std::fs::create_dir_all(above)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(root) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
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
        make_private(&root).map_err(|e| away(&root, &e))?;
        std::fs::create_dir_all(root.join("staging")).map_err(|e| away(&root, &e))?;
        Ok(Self { root })
    }

    fn place(&self, sha256: &str) -> Result<PathBuf, Error> {
        if is_name(sha256) { Ok(self.root.join(&sha256[..2]).join(sha256)) } else { Err(missing()) }
    }

    /// What is in one of the folders by first letters, in order.
    fn inside(&self, letters: &str) -> std::io::Result<Vec<Stored>> {
        let mut found = Vec::new();
        let entries = match std::fs::read_dir(self.root.join(letters)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
            other => other?,
        };
        for entry in entries {
            let entry = entry?;
            let sha256 = entry.file_name().to_string_lossy().into_owned();
            if is_name(&sha256) {
                found.push(Stored { sha256, bytes: entry.metadata()?.len() });
            }
        }
        found.sort_by(|a, b| a.sha256.cmp(&b.sha256));
        Ok(found)
    }
}

/// Makes a rename durable.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

impl Blobs for Folder {
    fn put(&self, bytes: &[u8]) -> Result<String, Error> {
        let sha256 = hex::encode(Sha256::digest(bytes));
        self.put_file(&stage(&self.staging(), bytes)?, &sha256)?;
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

    fn fetch(&self, sha256: &str, into: &mut dyn Write) -> Result<u64, Error> {
        read_checked(&self.path(sha256)?, sha256, into)
    }

    fn path(&self, sha256: &str) -> Result<PathBuf, Error> {
        let place = self.place(sha256)?;
        if place.is_file() { Ok(place) } else { Err(missing()) }
    }

    fn size(&self, sha256: &str) -> Result<Option<u64>, Error> {
        let place = self.place(sha256)?;
        match std::fs::metadata(&place) {
            Ok(found) => Ok(Some(found.len())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(away(&place, &e)),
        }
    }

    fn names(&self, after: &str, limit: usize) -> Result<Vec<Stored>, Error> {
        let mut found = Vec::new();
        for letters in (0..=u8::MAX).map(|n| format!("{n:02x}")) {
            // Whole folders that lie before are not read.
            if after.get(..2).is_some_and(|first| letters.as_str() < first) {
                continue;
            }
            let inside = self.inside(&letters).map_err(|e| away(&self.root, &e))?;
            found.extend(inside.into_iter().filter(|s| s.sha256.as_str() > after));
            if found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    fn presign(&self, _: &str, _: u64) -> Result<Option<String>, Error> {
        Ok(None)
    }

    fn probe(&self) -> Result<(), Error> {
        let path = stage(&self.staging(), b"probe")?;
        std::fs::remove_file(&path).map_err(|e| away(&path, &e))
    }

    fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    fn sweep(&self, deadline: SystemTime) -> Result<usize, Error> {
        let old = left_behind(&self.staging(), deadline)?;
        Ok(old.iter().filter(|path| std::fs::remove_file(path).is_ok()).count())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
