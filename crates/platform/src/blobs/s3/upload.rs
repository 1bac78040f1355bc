//! Sending a file: in one piece when it is small, else in parts of which a few travel at once.
//! The digest is computed on the way; a file that is not what its name says is not stored.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use futures::stream::{FuturesUnordered, StreamExt as _};
use kernel::Error;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path as Key;
use object_store::{ObjectStoreExt as _, PutPayload};
use sha2::{Digest as _, Sha256};

use super::super::{away, damaged};
use super::{S3, unavailable};

/// Parts that travel at once: memory is this many times the size of a part.
const AT_ONCE: usize = 4;
/// A service takes no more parts than this.
const MOST_PARTS: u64 = 10_000;

/// The ending of notes about uploads under way; see [`Note`].
pub(super) const NOTE: &str = "upload";

/// A file beside the staged ones that names an upload under way, so that [`super::S3::sweep`]
/// can end it when this process dies before it did.
struct Note(PathBuf);

impl Note {
    fn write(staging: &Path, key: &Key, id: &str) -> Result<Self, Error> {
        let name = hex::encode(crate::clock::random_bytes::<8>());
        let path = staging.join(name).with_extension(NOTE);
        std::fs::write(&path, format!("{key}\n{id}")).map_err(|e| away(&path, &e))?;
        Ok(Self(path))
    }

    fn remove(self) {
        let _swept_already = std::fs::remove_file(self.0);
    }
}

/// Reads a note; `None` when it is not one.
pub(super) fn read_note(path: &Path) -> Option<(Key, String)> {
    let text = std::fs::read_to_string(path).ok()?;
    let (key, id) = text.split_once('\n')?;
    Some((Key::parse(key).ok()?, id.to_owned()))
}

/// The next piece of a file, shorter only at its end.
fn piece(file: &mut std::fs::File, bytes: u64) -> std::io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    file.take(bytes).read_to_end(&mut piece)?;
    Ok(piece)
}

impl S3 {
    /// Stores the file at `path` under its name.
    pub(super) fn send(&self, path: &Path, sha256: &str) -> Result<(), Error> {
        let local = |e: std::io::Error| away(path, &e);
        let mut file = std::fs::File::open(path).map_err(local)?;
        let size = file.metadata().map_err(local)?.len();
        let key = self.key(sha256)?;
        if size > self.part {
            return self.send_parts(&mut file, size, &key, sha256);
        }
        let bytes = piece(&mut file, size).map_err(local)?;
        if hex::encode(Sha256::digest(&bytes)) != sha256 {
            return Err(damaged(sha256));
        }
        let put = self.store.put(&key, PutPayload::from(bytes));
        self.wait(put).map(drop).map_err(unavailable)
    }

    fn send_parts(
        &self,
        file: &mut std::fs::File,
        size: u64,
        key: &Key,
        sha256: &str,
    ) -> Result<(), Error> {
        let id = self.wait(self.store.create_multipart(key)).map_err(unavailable)?;
        let note = Note::write(&self.staging, key, &id);
        let part = self.part.max(size.div_ceil(MOST_PARTS));
        let sent = note.and_then(|note| {
            let parts = self.wait(self.parts(file, part, key, &id, sha256))?;
            self.wait(self.store.complete_multipart(key, &id, parts)).map_err(unavailable)?;
            note.remove();
            Ok(())
        });
        if sent.is_err() && self.wait(self.store.abort_multipart(key, &id)).is_err() {
            // The note stays: the next sweep tries again.
            tracing::warn!(%key, "an upload that failed could not be taken back yet");
        }
        sent
    }

    async fn parts(
        &self,
        file: &mut std::fs::File,
        part: u64,
        key: &Key,
        id: &String,
        sha256: &str,
    ) -> Result<Vec<PartId>, Error> {
        let (mut hash, mut travelling) = (Sha256::new(), FuturesUnordered::new());
        let mut arrived: Vec<(usize, PartId)> = Vec::new();
        for number in 0.. {
            let bytes = piece(file, part).map_err(|e| away(&self.staging, &e))?;
            if bytes.is_empty() {
                break;
            }
            hash.update(&bytes);
            if travelling.len() == AT_ONCE
                && let Some(done) = travelling.next().await
            {
                arrived.push(done?);
            }
            travelling.push(async move {
                let put = self.store.put_part(key, id, number, PutPayload::from(bytes));
                put.await.map(|id| (number, id)).map_err(unavailable)
            });
        }
        while let Some(done) = travelling.next().await {
            arrived.push(done?);
        }
        if hex::encode(hash.finalize()) != sha256 {
            return Err(damaged(sha256));
        }
        arrived.sort_by_key(|(number, _)| *number);
        Ok(arrived.into_iter().map(|(_, id)| id).collect())
    }
}

#[cfg(test)]
impl S3 {
    /// Begins an upload in parts and leaves it, as a process does that is killed.
    pub(in crate::blobs) async fn begin_and_die(&self, sha256: &str) {
        let key = self.key(sha256).unwrap();
        let id = self.store.create_multipart(&key).await.unwrap();
        Note::write(&self.staging, &key, &id).unwrap();
    }
}
