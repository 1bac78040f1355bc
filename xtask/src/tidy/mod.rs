//! `cargo xtask tidy`: guards the plan of the house. Every rule is pure over (path, text).

mod codes;
mod compose;
mod lex;
mod plan;
mod routes;
mod sql;
mod supply;

use std::path::Path;

use crate::{last, sh};

const MAX_LINES: usize = 500;
const MAX_WIDTH: usize = 100;

/// Runs every rule over the repository.
pub(crate) fn run() -> sh::Result {
    let root = sh::root();
    let listed = sh::output(sh::command("git", &["ls-files", "-co", "--exclude-standard"]))?;
    let (mut found, mut codes, mut schemas) = (Vec::new(), Vec::new(), Vec::new());
    for path in listed.lines() {
        let Ok(text) = std::fs::read_to_string(root.join(path)) else { continue };
        found.extend(length(path, &text));
        found.extend(width(path, &text));
        found.extend(plan::tiers(path, &text));
        found.extend(plan::axum(path, &text));
        found.extend(supply::versions(path, &text));
        found.extend(links(path, &text, |p| root.join(p).exists()));
        if path.ends_with(".rs") {
            let source = lex::read(&text);
            found.extend(sql::check(path, &source));
            found.extend(routes::described(path, &source));
            schemas.extend(routes::schemas(path, &source));
            codes.extend(codes::codes(path, &source));
        }
    }
    let read = |name| std::fs::read_to_string(root.join(name)).map_err(|e| format!("{name}: {e}"));
    found.extend(routes::twice(&mut schemas));
    found.extend(codes::check(&codes, &read(codes::PAGE)?));
    found.extend(compose::check(&read(compose::PAGE)?));
    found.extend(supply::sources(&read("Cargo.lock")?));
    found.extend(supply::licences(&sh::output(sh::cargo(&supply::TREE))?));
    for sentence in &found {
        last::say(sentence);
    }
    if found.is_empty() { Ok(()) } else { Err(format!("tidy: {} findings", found.len())) }
}

/// What another tool wrote may be as long as it likes.
fn length(path: &str, text: &str) -> Option<String> {
    let code =
        [".rs", ".ts", ".tsx"].iter().any(|end| path.ends_with(end)) && !path.ends_with(".gen.ts");
    let lines = text.lines().count();
    (code && lines > MAX_LINES).then(|| {
        format!("{path}: {lines} lines; at most {MAX_LINES}: make it a folder of the same name")
    })
}

/// The console's own formatter watches the console.
fn width(path: &str, text: &str) -> Vec<String> {
    if ![".rs", ".sql", ".rego"].iter().any(|end| path.ends_with(end)) {
        return Vec::new();
    }
    let wide = text.lines().enumerate().filter(|(_, l)| l.chars().count() > MAX_WIDTH);
    wide.map(|(n, _)| format!("{path}:{}: wider than {MAX_WIDTH} characters", n + 1)).collect()
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
        assert_eq!(width("a.rs", &format!("x\n{}", "y".repeat(101))).len(), 1);
        assert!(width("a.rs", &"é".repeat(100)).is_empty(), "characters, not bytes");
        assert_eq!(links("a.md", "[x](gone.md)", |_| false).len(), 1);
        assert!(links("a.md", "[x](here.md#part)", |_| true).is_empty());
    }
}
