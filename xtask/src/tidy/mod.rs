//! `cargo xtask tidy`: guards the plan of the house. Every rule is pure over (path, text).

mod plan;

use std::path::Path;

use crate::sh;

const MAX_LINES: usize = 500;

/// Runs every rule over the repository.
pub(crate) fn run() -> sh::Result {
    let root = sh::root();
    let listed = sh::output(sh::command("git", &["ls-files", "-co", "--exclude-standard"]))?;
    let mut found = Vec::new();
    for path in listed.lines() {
        let Ok(text) = std::fs::read_to_string(root.join(path)) else { continue };
        found.extend(length(path, &text));
        found.extend(rooms(path, &text));
        found.extend(plan::tiers(path, &text));
        found.extend(plan::world(path, &text));
        found.extend(plan::axum(path, &text));
        found.extend(links(path, &text, |p| root.join(p).exists()));
    }
    for sentence in &found {
        println!("{sentence}");
    }
    if found.is_empty() { Ok(()) } else { Err(format!("tidy: {} findings", found.len())) }
}

fn length(path: &str, text: &str) -> Option<String> {
    let code = [".rs", ".ts", ".tsx"].iter().any(|end| path.ends_with(end));
    let lines = text.lines().count();
    (code && lines > MAX_LINES).then(|| {
        format!("{path}: {lines} lines; at most {MAX_LINES}: make it a folder of the same name")
    })
}

fn rooms(path: &str, text: &str) -> Vec<String> {
    let module = ["crates/access/", "crates/deals/", "crates/ledger/", "crates/realtime/"];
    let apart = path.contains("tests") || path.contains("store") || !path.ends_with(".rs");
    if apart || !module.iter().any(|m| path.starts_with(m)) {
        return Vec::new();
    }
    let verbs = ["\"select ", "\"insert into ", "\"update ", "\"delete from "];
    let sql = |line: &str| verbs.iter().any(|v| line.contains(v));
    let lines = text.lines().enumerate().filter(|(_, l)| sql(l));
    lines.map(|(n, _)| format!("{path}:{}: SQL belongs in store.rs", n + 1)).collect()
}

fn links(path: &str, text: &str, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    if !path.ends_with(".md") {
        return Vec::new();
    }
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .map(|t| t.split('#').next().unwrap_or_default())
        .filter(|t| !t.is_empty() && !t.contains("://") && !exists(&folder.join(t)))
        .map(|t| format!("{path}: the link to {t} leads nowhere"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_broken_once_is_seen() {
        assert!(length("a.rs", &"x\n".repeat(501)).is_some());
        assert!(length("a.rs", &"x\n".repeat(500)).is_none());
        assert_eq!(rooms("crates/deals/src/a/service.rs", "\"select 1\"").len(), 1);
        assert!(rooms("crates/deals/src/a/store.rs", "\"select 1\"").is_empty());
        assert_eq!(links("a.md", "[x](gone.md)", |_| false).len(), 1);
        assert!(links("a.md", "[x](here.md#part)", |_| true).is_empty());
    }
}
