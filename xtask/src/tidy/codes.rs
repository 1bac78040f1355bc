//! Every error code of the program is explained in `docs/errors.md`, with its status.

use std::collections::{BTreeMap, BTreeSet};

use super::lex::Source;

/// Kinds of errors and their statuses (`platform::http::status_of`).
const STATUSES: [(&str, &str); 10] = [
    ("NotFound", "404"),
    ("Invalid", "422"),
    ("Malformed", "400"),
    ("TooLarge", "413"),
    ("Conflict", "409"),
    ("Denied", "403"),
    ("Unauthenticated", "401"),
    ("TooMany", "429"),
    ("Unavailable", "503"),
    ("Internal", "500"),
];

/// Where the codes are explained.
pub(super) const PAGE: &str = "docs/errors.md";

/// A code in the program: its status (where the code says it), and the file.
pub(super) type Found = (String, Option<&'static str>, String);

/// The codes that a file makes errors with.
pub(super) fn codes(path: &str, source: &Source) -> Vec<Found> {
    if !path.starts_with("crates/") || path.contains("/tests") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let text = &source.plain;
    let mut add = |rest: &str, status| {
        if let Some(code) = quoted(rest) {
            found.push((code, status, path.to_owned()));
        }
    };
    for (kind, status) in STATUSES {
        text.split(&format!("Kind::{kind},")).skip(1).for_each(|rest| add(rest, Some(status)));
    }
    text.split("::new(kind,").skip(1).for_each(|rest| add(rest, None));
    text.split("not_found(").skip(1).for_each(|rest| add(rest, Some("404")));
    text.split("conflict(").skip(1).for_each(|rest| add(rest, Some("409")));
    if text.contains("for Error {") {
        for body in text.split("fn code(").skip(1) {
            let body = body.split(" fn ").next().unwrap_or_default();
            body.split("=>").skip(1).for_each(|rest| add(rest, None));
        }
    }
    if text.contains("StatusCode::") {
        for arm in text.split("=>").skip(1) {
            let arm = arm.trim_start().trim_start_matches('{').trim_start();
            arm.strip_prefix('(').into_iter().for_each(|rest| add(rest, None));
        }
    }
    found
}

/// The text in quotes with which `rest` begins, when it looks like a code.
fn quoted(rest: &str) -> Option<String> {
    let text = rest.trim_start().strip_prefix('"')?.split('"').next()?;
    let code = !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    code.then(|| text.to_owned())
}

/// The rows of the page: code and the statuses it has there.
fn explained(page: &str) -> BTreeMap<&str, &str> {
    let rows = page.lines().filter_map(|l| l.strip_prefix("| `"));
    rows.filter_map(|row| {
        let (code, rest) = row.split_once('`')?;
        Some((code, rest.trim_start_matches([' ', '|']).split('|').next()?.trim()))
    })
    .collect()
}

/// Codes without a row, rows without a code, rows with another status.
pub(super) fn check(found: &[Found], page: &str) -> Vec<String> {
    let rows = explained(page);
    let mut wrong = BTreeSet::new();
    for (code, status, path) in found {
        match (rows.get(code.as_str()), status) {
            (None, _) => {
                wrong.insert(format!("{path}: the error code {code} is not explained in {PAGE}"));
            }
            (Some(row), Some(status)) if row.contains(['4', '5']) && !row.contains(status) => {
                let sentence = format!("{PAGE}: {code} says {row}, and {path} answers {status}");
                wrong.insert(sentence);
            }
            _ => {}
        }
    }
    for code in rows.keys().filter(|code| !found.iter().any(|(c, ..)| c == *code)) {
        wrong.insert(format!("{PAGE}: no code makes the error {code} any more: remove its row"));
    }
    wrong.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::lex::read;
    use super::*;

    fn names(text: &str) -> Vec<String> {
        codes("crates/a/src/b.rs", &read(text)).into_iter().map(|f| f.0).collect()
    }

    #[test]
    fn codes_are_found_wherever_errors_are_made() {
        assert_eq!(names("Error::new(\n  Kind::Denied,\n  \"csrf_failed\", x)"), ["csrf_failed"]);
        assert_eq!(names("Self::new(kind, \"b\", x)"), ["b"]);
        assert_eq!(names("Error::not_found(\"a_b\", format!(\"c\"))"), ["a_b"]);
        assert_eq!(names("Self::conflict(code, \"sentence here\")"), Vec::<String>::new());
        let refusal = "fn code(&self) -> &str { match self { A => \"a\", B => \"b\" } } \
            fn text() { C => \"c\" } impl From<X> for Error { }";
        assert_eq!(names(refusal), ["a", "b"]);
        assert_eq!(names("match s { StatusCode::GONE => { (\"gone\", \"x\") } }"), ["gone"]);
    }

    #[test]
    fn page_and_program_must_agree() {
        let page = "| `a` | 404 | x | y |\n| `old` | 409 | x | y |\n| `cli` | exit 1 | x | y |\n";
        let found = |code: &str, status| (code.to_owned(), Some(status), "f.rs".to_owned());
        let good = [found("a", "404"), found("old", "409"), found("cli", "422")];
        assert!(check(&good, page).is_empty());
        let wrong = check(&[found("a", "409"), found("new", "409"), found("cli", "422")], page);
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong[0].contains("a says 404, and f.rs answers 409"), "{wrong:?}");
        assert!(wrong[1].contains("old any more"), "{wrong:?}");
        assert!(wrong[2].contains("new is not explained"), "{wrong:?}");
    }
}
