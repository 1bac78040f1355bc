//! A bundle as OPA packs it: tar.gz with `.rego`, `data.json` and `.manifest`.

use std::io::Read as _;
use std::path::{Component, Path};

use serde_json::{Map, Value};

use super::{COUNT, Files, LIMIT};
use crate::policy::embedded::File;

/// Unpacks an archive in memory; refuses paths that lead out of it, links and too much of it.
pub(super) fn unpack(archive: &[u8]) -> Result<Files, String> {
    // A bomb unpacks without end: one byte above the limit is enough to know.
    let room = u64::try_from(LIMIT).unwrap_or(u64::MAX) * 2;
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(archive).take(room));
    let (mut files, mut total) = (Files::new(), 0);
    for entry in tar.entries().map_err(|e| e.to_string())? {
        let mut entry = entry.map_err(|e| format!("the archive is broken: {e}"))?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        let path = entry.path().map_err(|e| e.to_string())?.into_owned();
        if !kind.is_file() {
            return Err(format!("{} is no ordinary file", path.display()));
        }
        let name = inside(&path).ok_or(format!("{} leads out of the bundle", path.display()))?;
        let mut bytes = Vec::new();
        let rest = u64::try_from(LIMIT - total).unwrap_or(0) + 1;
        entry.by_ref().take(rest).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        total += bytes.len();
        if total > LIMIT || files.len() >= COUNT {
            return Err(format!("more than {LIMIT} bytes, or than {COUNT} files"));
        }
        if files.insert(name.clone(), bytes).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    Ok(files)
}

/// The path below the bundle's root. OPA writes it with a slash in front.
fn inside(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// What is evaluated: policies, data, and the revision that the manifest names.
pub(super) struct Content {
    pub(super) policies: Vec<File>,
    pub(super) data: Option<Value>,
    pub(super) revision: Option<String>,
}

/// Sorts the files of a bundle.
pub(super) fn content(files: Files) -> Result<Content, String> {
    let mut found = Content { policies: Vec::new(), data: None, revision: None };
    for (name, bytes) in files {
        let file = name.rsplit('/').next().unwrap_or_default();
        let json = || serde_json::from_slice::<Value>(&bytes).map_err(|e| format!("{name}: {e}"));
        if name == ".manifest" {
            found.revision = json()?["revision"].as_str().map(str::to_owned);
        } else if file == "data.json" {
            let data = found.data.get_or_insert_with(|| Value::Object(Map::new()));
            place(data, &name, json()?);
        } else if file.ends_with(".rego") && !file.ends_with("_test.rego") {
            let text = String::from_utf8(bytes).map_err(|_| format!("{name} is no text"))?;
            found.policies.push((name, text));
        }
    }
    if found.policies.is_empty() {
        return Err("it holds no policy (*.rego)".into());
    }
    found.revision = found.revision.filter(|r| !r.is_empty());
    Ok(found)
}

/// `a/b/data.json` is `data.a.b`.
fn place(root: &mut Value, name: &str, value: Value) {
    let mut at = root;
    for part in name.split('/').take(name.matches('/').count()) {
        at = &mut at[part];
    }
    match (at, value) {
        (Value::Object(have), Value::Object(more)) => have.extend(more),
        (at, value) => *at = value,
    }
}
