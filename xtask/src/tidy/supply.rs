//! What the program is made of beside our own code: licences, sources, versions
//! (docs/adr/0005-licences-by-tidy.md says why no other tool does this).

/// Licences that a dependency may have.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What `cargo tree` is asked, one package a line: name, version and licence.
pub(super) const TREE: [&str; 9] = [
    "tree",
    "--workspace",
    "--edges",
    "normal,build",
    "--prefix",
    "none",
    "--format",
    "{p}|{l}",
    "--quiet",
];

/// Packages whose licence is not in the list. `tree` is the answer to [`TREE`].
pub(super) fn licences(tree: &str) -> Vec<String> {
    let mut lines: Vec<&str> = tree.lines().filter_map(|l| l.split(" (*)").next()).collect();
    lines.sort_unstable();
    lines.dedup();
    let split = lines.iter().filter_map(|l| l.split_once('|'));
    split
        .filter(|(_, licence)| !allowed(licence))
        .map(|(package, licence)| {
            let licence = if licence.is_empty() { "no licence" } else { licence };
            format!("Cargo.lock: {package} has {licence}, which xtask/src/tidy does not allow")
        })
        .collect()
}

/// Whether an SPDX expression (and the old form with `/`) can be met with the list alone.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any(&mut words);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>) -> bool {
    let mut met = all(words);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words);
    }
    met
}

fn all(words: &mut Words<'_>) -> bool {
    let mut met = one(words);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words);
    }
    met
}

fn one(words: &mut Words<'_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let met = any(words);
        return words.next() == Some(")") && met;
    }
    let Some(name) = words.next() else { return false };
    if words.next_if_eq(&"WITH").is_some() {
        let exception = words.next().unwrap_or_default();
        return LICENCES.contains(&format!("{name} WITH {exception}").as_str());
    }
    LICENCES.contains(&name)
}

/// Packages that come from anywhere but the one registry or this repository.
pub(super) fn sources(lock: &str) -> Vec<String> {
    let packages = lock.split("[[package]]").skip(1);
    let from: Vec<(&str, &str)> = packages
        .filter_map(|block| Some((value(block, "name")?, value(block, "source")?)))
        .collect();
    let registry = from.iter().map(|(_, source)| *source).find(|s| s.starts_with("registry+"));
    from.iter()
        .filter(|(_, source)| Some(*source) != registry)
        .map(|(name, source)| {
            format!("Cargo.lock: {name} comes from {source}; only one registry is allowed")
        })
        .collect()
}

fn value<'a>(block: &'a str, key: &str) -> Option<&'a str> {
    let line = block.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(" = "))?;
    Some(line.trim_matches('"'))
}

/// A version that fits everything, or a path that leaves the repository.
pub(super) fn versions(path: &str, text: &str) -> Vec<String> {
    if !path.ends_with("Cargo.toml") {
        return Vec::new();
    }
    let wrong = |line: &&str| {
        let bare: String = line.split_whitespace().collect();
        bare.contains("=\"*\"") || bare.contains("git=\"") || bare.contains("path=\"/")
    };
    text.lines()
        .filter(wrong)
        .map(|line| format!("{path}: `{}` is not a version of the registry", line.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_outside_the_list_are_seen() {
        for good in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT", "MIT Apache-2.0"] {
            assert!(!allowed(bad), "{bad}");
        }
        let found = licences("good v1|MIT\nbad v2|AGPL-3.0\nbad v2|AGPL-3.0 (*)\nnone v3|\n");
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("bad v2 has AGPL-3.0"), "{found:?}");
        assert!(found[1].contains("none v3 has no licence"), "{found:?}");
    }

    #[test]
    fn foreign_sources_and_loose_versions_are_seen() {
        let from = |source| format!("[[package]]\nname = \"x\"\nsource = \"{source}\"\n");
        let registry = from("registry+https://example.org/index");
        assert!(sources(&format!("{registry}{registry}")).is_empty());
        assert!(sources("version = 4\n[[package]]\nname = \"ours\"\n").is_empty());
        let found = sources(&from("git+https://example.org/x"));
        assert!(found[0].contains("x comes from git+"), "{found:?}");
        let second = format!("{registry}{}", from("registry+https://elsewhere.org/index"));
        assert_eq!(sources(&second).len(), 1);
        assert_eq!(versions("Cargo.toml", "x = \"*\"\ny = \"1\"").len(), 1);
        assert_eq!(versions("Cargo.toml", "x = { git = \"https://example.org\" }").len(), 1);
    }
}
