//! Copies of remote files in a local folder, so that readers can stream from a path. Bounded:
//! what was used last longest ago goes first.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kernel::Clock as _;

use super::{is_name, system_time};
use crate::clock::SystemClock;

/// A file that was asked for so recently may not have been opened yet: it stays, even when the
/// folder is too full for a while. (Whoever has opened a file keeps it, removed or not.)
const GRACE: Duration = Duration::from_secs(600);

pub(super) struct Cache {
    folder: PathBuf,
    limit: u64,
    grace: Duration,
}

impl Cache {
    /// Uses `folder`, made when missing.
    pub(super) fn open(folder: PathBuf, limit: u64) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder, limit, grace: GRACE })
    }

    /// The copy of a file, if there is one; it counts as used now.
    pub(super) fn find(&self, sha256: &str) -> Option<PathBuf> {
        let path = self.folder.join(sha256);
        // Touching needs the right to write; without it the copy merely seems older.
        let file = std::fs::File::options().append(true).open(&path).ok()?;
        let _older = file.set_modified(now());
        Some(path)
    }

    /// Takes a verified file over, and makes room.
    pub(super) fn keep(&self, from: &Path, sha256: &str) -> std::io::Result<PathBuf> {
        let path = self.folder.join(sha256);
        std::fs::rename(from, &path)?;
        std::fs::File::options().append(true).open(&path)?.set_modified(now())?;
        self.make_room(now())?;
        Ok(path)
    }

    /// Forgets a copy that turned out to be wrong.
    pub(super) fn forget(&self, sha256: &str) {
        let _gone_already = std::fs::remove_file(self.folder.join(sha256));
    }

    fn make_room(&self, now: SystemTime) -> std::io::Result<()> {
        let mut copies = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            // Somebody else may be making room, too.
            let Ok(about) = entry.metadata() else { continue };
            if is_name(&entry.file_name().to_string_lossy()) {
                copies.push((about.modified()?, about.len(), entry.path()));
            }
        }
        let mut total: u64 = copies.iter().map(|(_, bytes, _)| bytes).sum();
        copies.sort();
        for (used, bytes, path) in copies {
            if total <= self.limit || used + self.grace > now {
                break;
            }
            if std::fs::remove_file(&path).is_ok() {
                total -= bytes;
            }
        }
        Ok(())
    }
}

fn now() -> SystemTime {
    system_time(SystemClock.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_goes_first_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().join("files"), 25).unwrap();
        let names: Vec<String> = ["a", "b", "c", "d", "e"].iter().map(|n| n.repeat(64)).collect();
        let keep = |n: usize, hours: u64| {
            let (from, ago) = (folder.path().join("new"), Duration::from_secs(hours * 3_600));
            std::fs::write(&from, [0; 10]).unwrap();
            let path = cache.keep(&from, &names[n]).unwrap();
            std::fs::File::options().append(true).open(path).unwrap().set_modified(now() - ago)
        };
        let there = || {
            let is = |name: &String| folder.path().join("files").join(name).exists();
            names.iter().filter(|name| is(name)).map(|name| &name[..1]).collect::<String>()
        };
        keep(0, 3).unwrap();
        keep(1, 2).unwrap();
        keep(2, 1).unwrap();
        assert_eq!(there(), "bc", "the one that was used longest ago went");
        assert!(cache.find(&names[1]).is_some(), "used now");
        keep(3, 0).unwrap();
        assert_eq!(there(), "bd");
        keep(4, 0).unwrap();
        assert_eq!(there(), "bde", "too much, but everything may be in use");
    }
}
