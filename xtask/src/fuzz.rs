//! `cargo xtask fuzz`: random requests, good and bad, on a running demo. Every answer must be one
//! that the description of the API knows, and none may be a defect.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::server::Demo;
use crate::sh::{self, Result, Scratch};
use crate::{tools, venv};

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,refusals_name_the_field";
/// Checks of our own.
const HOOKS: &str = include_str!("fuzz_checks.py");
const SEED: &str = "20260101";
const PASSWORD: &str = "kontor-demo-2026";
/// Lists of the demo whose identifiers are asked for: name, list, routes, names in bodies.
const LISTS: [(&str, &str, &str, &[&str]); 6] = [
    ("offers", "/offers?limit=60", "^/api/v1/offers/.id", &["query.offer_id"]),
    ("payouts", "/payouts?limit=20", "^/api/v1/payouts/.id", &[]),
    (
        "creators",
        "/offers/creators?limit=20",
        "^/api/v1/offers/creators/.id",
        &["query.creator_id", "body.creator_id"],
    ),
    ("statements", "/statements?limit=20", "^/api/v1/statements/.id", &["body.statement_ids[*]"]),
    (
        "accounts",
        "/ledger/accounts?limit=20",
        "^/api/v1/ledger/accounts/.id",
        &["body.debit_account", "body.credit_account", "query.account_id"],
    ),
    ("transfers", "/ledger/transfers?limit=20", "^/api/v1/ledger/transfers/.id", &[]),
];

/// Words that nobody guesses: name, place, values.
const WORDS: [(&str, &str, &str); 2] = [
    ("figures", "query.figure", r#"["ltm", "total", "month:2026-03"]"#),
    ("banking", "body.account", r#"["DE89370400440532013000", "DE62370400440532013001"]"#),
];

/// One run of the fuzzer.
struct Run {
    user: &'static str,
    phases: &'static str,
    examples: &'static str,
}

const RUNS: [Run; 2] = [
    Run { user: "admin", phases: "examples,coverage,fuzzing,stateful", examples: "60" },
    // Refusals have a body and a status of their own.
    Run { user: "viewer", phases: "examples,coverage,fuzzing", examples: "10" },
];

/// Installs the fuzzer, starts a demo, runs.
pub(crate) fn run() -> Result {
    let fuzzer = venv::ready("fuzz")?.join("schemathesis");
    let curl = tools::curl()?;
    // The fuzzer asks faster than people do.
    let demo = Demo::start_with(&["--set", "gateway.rate_per_minute=1000000"])?;
    let folder = Scratch::new("fuzz")?;
    let api = Api { curl, url: format!("{}/api/v1", demo.url()) };
    // Both before the first run, which blocks its address by guessing at passwords.
    let tokens = RUNS.iter().map(|run| api.login(run.user)).collect::<Result<Vec<String>>>()?;
    let config = folder.path().join("schemathesis.toml");
    let lists = wait_for_lists(&api, &tokens[0])?;
    std::fs::write(&config, configuration(&lists)).map_err(|e| e.to_string())?;
    std::fs::write(folder.path().join("checks.py"), HOOKS).map_err(|e| e.to_string())?;
    for (run, token) in RUNS.iter().zip(&tokens) {
        out!("as {}:", run.user);
        let done = one(&fuzzer, &config, &demo, run, token);
        if done.is_err() {
            out!("the end of the server's log:\n{}", demo.last_words());
        }
        done?;
    }
    Ok(())
}

fn one(fuzzer: &Path, config: &Path, demo: &Demo, run: &Run, token: &str) -> Result {
    let mut command = sh::command(fuzzer, &["--no-color"]);
    command
        .arg("--config-file")
        .arg(config)
        .args(["run", &format!("{}/openapi.json", demo.url())])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS, "--phases", run.phases, "--max-examples", run.examples])
        .args(["--seed", SEED, "--generation-database", "none", "--continue-on-failure"])
        // Never ends, and ends the session that the others need.
        .args(["--exclude-path", "/api/v1/offers/events/deals"])
        .args(["--exclude-path", "/api/v1/auth/logout"])
        // As a logout: these end the sessions that the fuzzer runs in, or a login of its own.
        .args([
            "--exclude-path-regex",
            "^/api/v1/(users/[^/]+/|auth/(password|sessions/)|keys/[^/]+/)",
        ])
        .args(["--request-timeout", "30", "--warnings", "off"])
        // Where it keeps what it saw.
        .current_dir(config.parent().unwrap_or(Path::new("/")));
    sh::run_as("schemathesis run", command)
}

/// The demo as a client sees it.
struct Api {
    curl: PathBuf,
    url: String,
}

impl Api {
    fn login(&self, user: &str) -> Result<String> {
        let body = format!(r#"{{"username":"{user}","password":"{PASSWORD}"}}"#);
        let answer = self.ask("/auth/login", &["--json", &body])?;
        let token = answer.split(r#""access_token":""#).nth(1).and_then(|t| t.split('"').next());
        token.map(str::to_owned).ok_or_else(|| format!("the login of {user} gave no token"))
    }

    fn ids(&self, list: &str, token: &str) -> Result<Vec<String>> {
        let header = format!("Authorization: Bearer {token}");
        Ok(ids(&self.ask(list, &["--header", &header])?))
    }

    fn ask(&self, path: &str, args: &[&str]) -> Result<String> {
        let url = format!("{}{path}", self.url);
        let mut command = sh::command(&self.curl, &["--silent", "--show-error", "--fail"]);
        command.args(args).arg(url).stderr(Stdio::inherit());
        sh::output(command)
    }
}

/// Identifiers of the rows of a page; those of things inside a row come after a name.
fn ids(page: &str) -> Vec<String> {
    let rows = page.split(r#"[{"id":""#).skip(1).flat_map(|part| {
        let first = part.split('"').next();
        let others = part.split(r#"},{"id":""#).skip(1).map(|row| row.split('"').next());
        std::iter::once(first).chain(others).flatten().map(str::to_owned).collect::<Vec<_>>()
    });
    rows.filter(|id| id.len() == 36).collect()
}

/// Waits until the demo has something in every list.
fn wait_for_lists(api: &Api, token: &str) -> Result<Vec<Vec<String>>> {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let lists = LISTS.iter().map(|(_, list, ..)| api.ids(list, token));
        let lists = lists.collect::<Result<Vec<_>>>()?;
        if lists.iter().all(|ids| ids.len() >= 5) {
            return Ok(lists);
        }
        if Instant::now() > until {
            return Err("the demo has no data after a minute".into());
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Tells the fuzzer which things exist: most requests reach one, the others ask for nothing.
fn configuration(lists: &[Vec<String>]) -> String {
    let mut text = String::from("hooks = \"checks\"\n\n");
    for ((name, ..), ids) in LISTS.iter().zip(lists) {
        text.push_str(&format!("[dictionaries.{name}]\nvalues = {ids:?}\n\n"));
    }
    for (name, _, values) in WORDS {
        text.push_str(&format!("[dictionaries.{name}]\nvalues = {values}\n\n"));
    }
    text.push_str("[parameters]\n");
    for (name, place, _) in WORDS {
        text.push_str(&format!("\"{place}\" = {{ dictionary = \"{name}\", probability = 0.8 }}\n"));
    }
    for (name, _, _, places) in LISTS {
        for place in places {
            text.push_str(&format!(
                "\"{place}\" = {{ dictionary = \"{name}\", probability = 0.8 }}\n"
            ));
        }
    }
    for (name, _, routes, _) in LISTS {
        text.push_str(&format!(
            "\n[[operations]]\ninclude-path-regex = \"{routes}\"\n\
             [operations.parameters]\n\
             \"path.id\" = {{ dictionary = \"{name}\", probability = 0.8 }}\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_rows_are_found_and_no_others() {
        let id = |n: u32| format!("01a1fcc7-c930-7732-84f7-{n:012}");
        let page = format!(
            r#"{{"data":[{{"id":"{}","creator":{{"id":"{}"}}}},{{"id":"{}"}}],"next":null}}"#,
            id(1),
            id(2),
            id(3)
        );
        assert_eq!(ids(&page), [id(1), id(3)]);
        assert!(ids(r#"{"data":[]}"#).is_empty());
    }

    #[test]
    fn the_configuration_names_every_list() {
        let text = configuration(&vec![vec!["a".to_owned()]; LISTS.len()]);
        assert!(text.contains("[dictionaries.offers]\nvalues = [\"a\"]"), "{text}");
        assert!(text.contains("\"body.creator_id\" = { dictionary = \"creators\""), "{text}");
        assert_eq!(text.matches("[[operations]]").count(), LISTS.len());
    }
}
