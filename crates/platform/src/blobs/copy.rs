//! Moving files from one store to another, and checking every one of a store.
//!
//! Both go through the names in order and never hold more than a page of them. A copy can be
//! broken off and begun again: what is there already, with the right length, is not sent again.

use kernel::Error;

use super::{Blobs, Stored};

/// Names of one page.
const PAGE: usize = 500;

/// What was done so far.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Files looked at.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files copied (in a dry run: that would be).
    pub copied: u64,
    /// Bytes copied.
    pub copied_bytes: u64,
    /// Files that were there already.
    pub there: u64,
    /// Names of files whose bytes are not what their name says, or that went away meanwhile.
    pub damaged: Vec<String>,
}

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Files are copied.
    Copy,
    /// What would be copied is counted.
    DryRun,
}

/// Copies every file of `from` that `to` does not have, checking each digest on the way.
/// Damaged files are counted and left out.
///
/// # Errors
/// `Unavailable` when a store does not answer: begin again later.
pub fn copy(
    from: &dyn Blobs,
    to: &dyn Blobs,
    mode: Mode,
    progress: &mut dyn FnMut(&Counts),
) -> Result<Counts, Error> {
    each(from, progress, |file, counts| {
        if to.size(&file.sha256)? == Some(file.bytes) {
            counts.there += 1;
            return Ok(());
        }
        if mode == Mode::Copy {
            carry(from, to, &file.sha256)?;
        }
        counts.copied += 1;
        counts.copied_bytes += file.bytes;
        Ok(())
    })
}

/// Reads every file of a store and checks its digest.
///
/// # Errors
/// `Unavailable` when the store does not answer.
pub fn verify(store: &dyn Blobs, progress: &mut dyn FnMut(&Counts)) -> Result<Counts, Error> {
    each(store, progress, |file, _| store.fetch(&file.sha256, &mut std::io::sink()).map(drop))
}

/// Goes through every name; what is damaged is noted, any other error ends the walk.
fn each(
    store: &dyn Blobs,
    progress: &mut dyn FnMut(&Counts),
    mut look: impl FnMut(&Stored, &mut Counts) -> Result<(), Error>,
) -> Result<Counts, Error> {
    let (mut counts, mut after) = (Counts::default(), String::new());
    loop {
        let page = store.names(&after, PAGE)?;
        let Some(last) = page.last() else { return Ok(counts) };
        after.clone_from(&last.sha256);
        for file in &page {
            match look(file, &mut counts) {
                Ok(()) => {}
                Err(e) if e.code == "blob_damaged" || e.code == "blob_missing" => {
                    tracing::error!(sha256 = file.sha256, error = %e, "a stored file is damaged");
                    counts.damaged.push(file.sha256.clone());
                }
                Err(e) => return Err(e),
            }
            counts.files += 1;
            counts.bytes += file.bytes;
            progress(&counts);
        }
    }
}

/// One file, through the staging folder of the store that gets it.
fn carry(from: &dyn Blobs, to: &dyn Blobs, sha256: &str) -> Result<(), Error> {
    let path = to.staging().join(hex::encode(crate::clock::random_bytes::<8>()));
    let carried = std::fs::File::create(&path)
        .map_err(|e| super::away(&path, &e))
        .and_then(|mut file| from.fetch(sha256, &mut file))
        .and_then(|_| to.put_file(&path, sha256));
    if carried.is_err() {
        let _never_made = std::fs::remove_file(&path);
    }
    carried
}
