//! Policies in a folder. Of a git checkout the commit is the revision.

use std::path::Path;

use super::{COUNT, Files, LIMIT};

/// Every policy file below `root`. Links are not followed, and what begins with a dot is not
/// looked at, but for the manifest.
pub(super) fn read(root: &Path) -> Result<Files, String> {
    let (mut open, mut files, mut total) = (vec![root.to_owned()], Files::new(), 0);
    while let Some(folder) = open.pop() {
        let listed = std::fs::read_dir(&folder);
        for entry in listed.map_err(|e| format!("{}: {e}", folder.display()))? {
            let entry = entry.map_err(|e| e.to_string())?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let kind = entry.file_type().map_err(|e| format!("{}: {e}", path.display()))?;
            let wanted = name.ends_with(".rego") || name == "data.json" || name == ".manifest";
            if kind.is_dir() && !name.starts_with('.') {
                open.push(path);
            } else if kind.is_file() && wanted {
                let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
                total += bytes.len();
                if total > LIMIT || files.len() >= COUNT {
                    return Err(format!("more than {LIMIT} bytes, or than {COUNT} files"));
                }
                let below = path.strip_prefix(root).unwrap_or(&path);
                files.insert(below.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    Ok(files)
}

/// The commit that is checked out at `root`, when it is a checkout.
pub(super) fn commit(root: &Path) -> Option<String> {
    let git = root.join(".git");
    let head = std::fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref: ") else {
        return sane(head.trim());
    };
    if let Ok(direct) = std::fs::read_to_string(git.join(name)) {
        return sane(direct.trim());
    }
    let packed = std::fs::read_to_string(git.join("packed-refs")).ok()?;
    let line = packed.lines().find(|l| l.ends_with(name))?;
    sane(line.split(' ').next()?)
}

fn sane(text: &str) -> Option<String> {
    let hex = (40..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| text.to_owned())
}
