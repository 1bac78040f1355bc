//! How many tests ran on which engine. A test says its engine by a module of that name:
//! `valuation::tests::postgres::is_saved`.

use crate::engines::Had;

/// What tests run on: the segment of their path, and the engine that it needs (none: embedded).
const SEGMENTS: [(&str, &str); 12] = [
    ("sqlite", ""),
    ("inline", ""),
    ("embedded", ""),
    ("folder", ""),
    ("postgres", "postgres"),
    ("redis", "redis"),
    ("kafka", "kafka"),
    ("registry", "registry"),
    ("keycloak", "keycloak"),
    ("opa", "opa"),
    ("s3", "s3"),
    ("smtp", "mail"),
];

/// Tests that passed, by segment.
#[derive(Default)]
pub(crate) struct Tally {
    passed: [usize; SEGMENTS.len()],
    other: usize,
}

impl Tally {
    /// Looks at one line of what `cargo test` prints.
    pub(crate) fn look(&mut self, line: &str) {
        let Some(name) = line.trim().strip_prefix("test ").and_then(|l| l.strip_suffix(" ... ok"))
        else {
            return;
        };
        match segment(name) {
            Some(n) => self.passed[n] += 1,
            None => self.other += 1,
        }
    }

    /// A row for each engine. Where one is missing, its tests had nothing to say, and do not
    /// count. An engine that is there and that no test ran on is told as it is.
    pub(crate) fn rows(&self, had: &[Had]) -> Vec<String> {
        let mut rows = Vec::new();
        for ((segment, engine), passed) in SEGMENTS.iter().zip(self.passed) {
            let missing =
                had.iter().find(|h| h.name == *engine).and_then(|h| h.found.as_ref().err());
            match missing {
                Some(why) => rows.push(format!("{segment:<10} skipped: {why}")),
                None => rows.push(format!("{segment:<10} {passed:>5} tests")),
            }
        }
        let unnamed = had.iter().filter(|h| SEGMENTS.iter().all(|(_, engine)| *engine != h.name));
        for h in unnamed {
            if let Err(why) = &h.found {
                rows.push(format!("{:<10} skipped: {why}", h.name));
            }
        }
        rows.push(format!("{:<10} {:>5} tests", "none", self.other));
        rows
    }
}

/// The engine in the path of a test. Before a module `tests` stand the modules of the code.
fn segment(name: &str) -> Option<usize> {
    let path: Vec<&str> = name.split("::").collect();
    let from = path.iter().rposition(|s| *s == "tests").map_or(0, |n| n + 1);
    let (_, modules) = path[from..].split_last()?;
    modules.iter().find_map(|m| SEGMENTS.iter().position(|(segment, _)| segment == m))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn had(name: &'static str, found: Result<(), &str>) -> Had {
        Had { name, found: found.map(|()| Vec::new()).map_err(str::to_owned) }
    }

    #[test]
    fn tests_are_counted_by_the_engine_in_their_path() {
        let mut tally = Tally::default();
        for line in [
            "test valuation::tests::sqlite::is_saved ... ok",
            "test sqlite::a_failed_statement ... ok",
            "test blobs::tests::bad_days::s3::away_and_back ... ok",
            "test blobs::folder::tests::only_what_is_old_is_swept ... ok",
            "test blobs::tests::folder::keeps ... FAILED",
            "test valuation::tests::postgres::is_saved ... ok",
            "test result: ok. 5 passed; 0 failed",
        ] {
            tally.look(line);
        }
        let rows = tally.rows(&[had("postgres", Err("no server")), had("s3", Ok(()))]);
        let row = |name: &str| rows.iter().find(|r| r.starts_with(name)).unwrap().clone();
        assert_eq!(row("sqlite"), "sqlite         2 tests");
        assert_eq!(row("s3"), "s3             1 tests");
        assert_eq!(row("folder"), "folder         0 tests");
        assert_eq!(row("none"), "none           1 tests");
        assert_eq!(row("postgres"), "postgres   skipped: no server");
    }
}
