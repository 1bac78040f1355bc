//! The command line as people meet it: a process, its exit code, and its words.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use platform::on_both;
use platform::testing::{self, On};
use serde_json::Value;

use tests::api::statement;
use tests::process::Installation;

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// It went well and said all of `words`; nothing went to standard error.
    pub fn well(self, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        for word in words {
            assert!(self.out.contains(word), "'{word}' is missing: {self:?}");
        }
        self
    }

    /// It failed and said why, all of `words`, on standard error.
    pub fn badly(self, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert!(self.err.starts_with("error: "), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "'{word}' is missing: {self:?}");
        }
        self
    }

    /// It was called wrongly; the usage says so.
    pub fn badly_used(self, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(2), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "'{word}' is missing: {self:?}");
        }
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// Runs a command to its end, with something to read.
pub fn run(mut command: Command, input: &str) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _does_not_read = child.stdin.take().unwrap().write_all(input.as_bytes());
    let out = child.wait_with_output().unwrap();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    Ran { code: out.status.code(), out: text(&out.stdout), err: text(&out.stderr) }
}

/// A command that needs no place.
pub fn kontor(args: &[&str]) -> Ran {
    let mut command = Command::new(Installation::binary("kontor").unwrap());
    command.args(args);
    run(command, "")
}

fn at(place: &Installation, args: &[&str]) -> Ran {
    run(place.program(args).unwrap(), "")
}

/// With one more setting, which counts because it comes last.
fn at_with(place: &Installation, args: &[&str], set: &str) -> Ran {
    let mut command = place.program(args).unwrap();
    command.args(["--set", set]);
    run(command, "")
}

async fn bare(on: On) -> Installation {
    Installation::bare(server(on)).await.unwrap()
}

fn server(on: On) -> Option<String> {
    (on == On::Postgres).then(|| testing::postgres_url().unwrap())
}

async fn users_are_added_and_listed(on: On) {
    let place = bare(on).await;
    let add = |args: &[&str], input: &str| {
        run(place.program(&[&["user", "add"], args].concat()).unwrap(), input)
    };
    if on == On::Sqlite {
        at(&place, &["user", "list"]).badly(&["there is no file", "kontor migrate"]);
    } else {
        at(&place, &["user", "list"]).badly(&["lacks 0001_platform", "kontor migrate"]);
    }
    let good = "correct horse battery\n";
    add(&["ada", "--role", "admin", "--role", "treasurer", "--name", "Ada"], good)
        .well(&["added ada"]);
    at(&place, &["user", "list"]).well(&["ada", "admin, treasurer"]);
    let listed = at(&place, &["user", "list", "--json"]).well(&[]).json();
    assert_eq!(listed[0]["username"], "ada");
    assert_eq!(listed[0]["roles"], serde_json::json!(["admin", "treasurer"]));

    add(&["ada", "--role", "admin"], good).badly(&["ada"]);
    add(&["bob", "--role", "king"], good).badly(&["king", "underwriter"]);
    add(&["bob", "--role", "viewer"], "short\n").badly(&["12 to 128"]);
    add(&["B O", "--role", "viewer"], good).badly(&["username"]);
    add(&["bob", "--role", "viewer", "--password-file", "not-there"], "").badly(&["not-there"]);
    std::fs::write(place.folder().join("secret"), good).unwrap();
    add(&["bob", "--role", "viewer", "--password-file", "secret", "--json"], "").well(&["\"bob\""]);
    let listed = at(&place, &["user", "list", "--json"]).json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "who was refused is not there: {listed}");
    // No role at all is a wrong command, which is told apart from a failed one.
    assert_eq!(add(&["cy"], good).code, Some(2));
    users_and_keys_are_looked_after(&place);
}

/// What the person at the machine does when nobody can log in, or somebody should not.
fn users_and_keys_are_looked_after(place: &Installation) {
    at(place, &["user", "disable", "bob"]).badly_used(&["--reason"]);
    at(place, &["user", "disable", "bob", "--reason", "left"]).well(&["bob is disabled"]);
    at(place, &["user", "list"]).well(&["bob", "(disabled)"]);
    at(place, &["user", "disable", "ada", "--reason", "x"]).badly(&["ada is the last admin"]);
    at(place, &["user", "roles", "ada", "--role", "viewer"]).badly(&["ada is the last admin"]);
    at(place, &["user", "enable", "bob", "--reason", "back"]).well(&["bob may log in again"]);
    at(place, &["user", "roles", "bob", "--role", "admin", "--role", "operator"])
        .well(&["bob is now admin, operator"]);
    at(place, &["user", "sessions", "bob"]).well(&["no session lives"]);
    at(place, &["user", "end-sessions", "bob"]).well(&["has no session any more"]);
    at(place, &["user", "enable", "nobody", "--reason", "x"]).badly(&["no user 'nobody'"]);
    let other = "another good password\n";
    run(place.program(&["user", "password", "bob"]).unwrap(), other).well(&["has a new password"]);

    let keys = |args: &[&str]| at(place, &[&["key"], args, &["--json"]].concat()).well(&[]).json();
    let first = keys(&["list"])[0]["kid"].as_str().unwrap().to_owned();
    let both = keys(&["rotate"]);
    assert_eq!((both.as_array().unwrap().len(), &both[1]["kid"]), (2, &first.clone().into()));
    at(place, &["key", "list"]).well(&["signs, made", "believed, made"]);
    let after = keys(&["withdraw", &first, "--reason", "lost"]);
    assert!(after[1]["withdrawn_at"].is_string() && after[0]["withdrawn_at"].is_null());
    at(place, &["key", "withdraw", &first, "--reason", "x"]).badly(&["no signing key"]);
    at(place, &["audit", "verify"]).well(&["audit ok"]);
}

/// A database that a newer program has used is not up to date.
async fn newer_is_said(place: &Installation) {
    let db = platform::db::Db::open(&place.config().unwrap().database.url, Default::default());
    let db = db.unwrap();
    let add = "insert into schema_migrations (number, name, applied_at, checksum) \
               values (9999, '9999_future', 0, 'x')";
    let done: Result<(), platform::db::DbError> = db.write(move |tx| tx.batch(add)).await;
    done.unwrap();
    let ran = at(place, &["doctor"]).badly(&["marked fail"]);
    assert!(ran.out.contains("used by a newer kontor (it has 9999_future)"), "{ran:?}");
    let gone: Result<(), platform::db::DbError> =
        db.write(|tx| tx.batch("delete from schema_migrations where number = 9999")).await;
    gone.unwrap();
    db.close().await;
}

async fn the_doctor_says_what_to_do(on: On) {
    let place = bare(on).await;
    at(&place, &["doctor"]).well(&["todo", "kontor migrate", "ok    files can be written"]);
    if on == On::Sqlite {
        assert!(!place.folder().join("kontor.db").exists(), "looking makes nothing");
    }
    at(&place, &["migrate"]).well(&["applied 0001_platform"]);
    at(&place, &["doctor"]).well(&["answers", "ok    schema is up to date"]);
    newer_is_said(&place).await;
    let told = at(&place, &["doctor", "--json"]).json();
    assert_eq!((&told["ok"], &told["pending_migrations"]), (&true.into(), &Value::Array(vec![])));

    // A key that others can read, one that is none, and one of another house.
    at(&place, &["doctor"]).well(&["todo", "keep a copy"]);
    let add = place.program(&["user", "add", "ada", "--role", "admin"]).unwrap();
    run(add, "correct horse battery\n").well(&["added ada"]);
    at(&place, &["doctor"]).well(&["opens 1 signing key", "sandbox bank"]);
    let key = place.folder().join("key");
    let right = std::fs::read_to_string(&key).unwrap();
    for (text, says) in [("abc", "64 hexadecimal digits"), (&"7".repeat(64), "put the right")] {
        std::fs::write(&key, text).unwrap();
        let ran = at(&place, &["doctor"]).badly(&["marked fail"]);
        assert!(ran.out.contains(says), "{ran:?}");
    }
    std::fs::write(&key, right).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = at(&place, &["doctor"]).badly(&["marked fail"]);
    assert!(ran.out.contains("chmod 600"), "{ran:?}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();

    // A folder that cannot be one, and one that may not be written.
    let file = place.folder().join("in-the-way");
    std::fs::write(&file, "").unwrap();
    let set = format!("blobs.folder={}", file.join("blobs").display());
    let ran = at_with(&place, &["doctor"], &set).badly(&["marked fail"]);
    assert!(ran.out.contains("fail  files cannot be written"), "{ran:?}");
    assert!(ran.out.contains("in-the-way") && ran.out.contains("blobs.folder"), "{ran:?}");
    let closed = place.folder().join("closed");
    std::fs::create_dir_all(closed.join("staging")).unwrap();
    let chmod = |mode: &str| {
        let staging = closed.join("staging");
        assert!(Command::new("chmod").arg(mode).arg(&staging).status().unwrap().success());
    };
    chmod("555");
    // Nothing is closed to root.
    if std::fs::write(closed.join("staging/probe"), "").is_err() {
        let set = format!("blobs.folder={}", closed.display());
        let ran = at_with(&place, &["doctor"], &set).badly(&["marked fail"]);
        assert!(ran.out.contains("closed"), "{ran:?}");
    }
    chmod("755");

    for (url, says) in [
        ("postgres://nobody@127.0.0.1:1/none", "fail"),
        ("mysql://localhost/k", "sqlite:PATH and postgres://... are allowed"),
    ] {
        let ran = at_with(&place, &["doctor"], &format!("database.url={url}"));
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains(says) && ran.out.contains(url), "{ran:?}");
    }
}

#[test]
fn stored_files_are_copied_once_and_every_damaged_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    // The sha256 of "a" and of "b".
    let names = [
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
    ];
    for (name, text) in names.into_iter().zip(["a", "b"]) {
        let place = folder.path().join("from").join(&name[..2]);
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join(name), text).unwrap();
    }
    let (from, to) = (at("from"), at("to"));
    let copy = ["blobs", "copy", "--from", &from, "--to", &to];
    kontor(&copy).well(&["2 files (2 bytes): 2 copied (2 bytes), 0 there already, 0 damaged"]);
    kontor(&copy).well(&["0 copied (0 bytes), 2 there already"]);
    kontor(&["blobs", "verify", "--at", &to]).well(&["2 files (2 bytes) read, 0 damaged"]);
    std::fs::write(folder.path().join("to").join(&names[1][..2]).join(names[1]), "x").unwrap();
    kontor(&["blobs", "verify", "--at", &to]).badly(&["damaged", names[1]]);
    kontor(&["blobs", "verify", "--at", &at("typo")]).badly(&["there is no folder"]);
    assert!(!folder.path().join("typo").exists(), "a wrong name makes no folder");
}

#[test]
fn the_configuration_is_printed_checked_and_explained() {
    let printed = kontor(&["config", "print", "--set", "jobs.width=9"]).well(&[
        "server.address",
        "# default",
        "# --set",
    ]);
    let line = printed.out.lines().find(|l| l.starts_with("jobs.width")).unwrap();
    assert!(line.contains('9') && line.ends_with("# --set"), "{line}");
    let json = kontor(&["config", "print", "--json", "--set", "jobs.width=9"]).json();
    assert_eq!(json["jobs.width"]["source"], "--set");

    kontor(&["config", "check"]).well(&["configuration ok"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kontor.toml");
    let name = file.display().to_string();
    kontor(&["config", "check", "--config", &name]).badly(&["cannot be read", "kontor.toml"]);
    std::fs::write(&file, "[jobs]\nwidht = 3\n").unwrap();
    kontor(&["config", "check", "--config", &name]).badly(&[
        "kontor.toml",
        "jobs.widht",
        "did you mean 'jobs.width'?",
    ]);
    std::fs::write(&file, "[jobs]\nwidth = \"many\"\n").unwrap();
    let needs = "'jobs.width' must be a whole number";
    kontor(&["config", "check", "--config", &name]).badly(&["kontor.toml", needs]);
    let url = "database.url=postgres://kontor:hidden-word@db/k";
    let printed = kontor(&["--profile", "cluster", "config", "print", "--set", url]);
    let printed = printed.well(&["postgres://kontor:***@db/k", "# profile"]);
    assert!(!printed.out.contains("hidden-word"), "{printed:?}");
    std::fs::write(&file, "[jobs]\nwidth = 3\n").unwrap();
    let ran = kontor(&["config", "print", "--config", &name]).well(&["# file"]);
    assert!(ran.err.is_empty(), "{ran:?}");
    kontor(&["config", "check", "--set", "jobs"]).badly(&["section.key=value"]);

    assert_eq!(kontor(&["config", "manual"]).well(&[]).out, kontor::MANUAL);
    let schema = kontor(&["config", "schema"]).well(&[]).json();
    assert_eq!(schema["properties"]["jobs"]["properties"]["width"]["type"], "integer");
    let api = kontor(&["openapi"]).well(&[]).json();
    assert!(api["paths"]["/api/v1/offers"]["post"].is_object());
}

async fn every_migration_goes_back_and_forth(on: On) {
    let place = bare(on).await;
    let all = [
        "0001_platform",
        "0002_",
        "0003_",
        "0004_deals",
        "0005_bus",
        "0006_access",
        "0007_growth",
        "0008_ledger",
        "0009_payouts",
        "0010_lists",
        "0011_sessions",
        "0012_idempotency",
        "0013_unheard",
    ];
    at(&place, &["migrate"]).well(&all);
    at(&place, &["migrate"]).well(&["nothing to do"]);
    at(&place, &["migrate", "down"]).well(&["took back 0013_unheard"]);
    at(&place, &["ledger", "verify"]).badly(&["lacks 0013_unheard", "kontor migrate"]);
    at(&place, &["doctor"]).well(&["todo", "0013_unheard pending"]);
    at(&place, &["migrate", "down", "--steps", "99"]).well(&["0003_", "0001_platform"]);
    at(&place, &["migrate", "down"]).well(&["nothing to do"]);
    let done = at(&place, &["migrate", "--json"]).well(&all).json();
    assert_eq!(done["applied"].as_array().unwrap().len(), all.len());
    at(&place, &["ledger", "verify"]).well(&["ledger ok: 0 accounts"]);
    at(&place, &["audit", "verify"]).well(&["audit ok: 0 rows"]);
}

/// Looking works beside a running server; changing does not where there is one writer.
async fn commands_beside_a_running_server(on: On) {
    let place = Installation::new(server(on)).await.unwrap();
    let running = place.start().await.unwrap();
    let api = place.login().await.unwrap();
    let (creator, confirmed) = api.creator_with_statement(1).await;
    let offer = api.offer(&creator, &confirmed).await;
    let ready = api.wait_for(offer["id"].as_str().unwrap(), &["OFFER_READY"]).await;

    let found = at(&place, &["ledger", "verify", "--json"]).well(&[]).json();
    assert!(found["transfers"].as_i64().unwrap() >= 1, "{found}");
    at(&place, &["audit", "verify"]).well(&["audit ok", "sealed to position"]);
    at(&place, &["doctor"]).well(&["schema is up to date"]);
    at(&place, &["user", "list"]).well(&["admin"]);

    // The term sheet as it was sent, and with one byte changed.
    let url = ready["term_sheet"]["url"].as_str().unwrap();
    let mut pdf = api.bytes(url.strip_prefix("/api/v1").unwrap()).await;
    std::fs::write(place.folder().join("sheet.pdf"), &pdf).unwrap();
    let number = ready["number"].as_str().unwrap();
    let sha256 = ready["term_sheet"]["sha256"].as_str().unwrap();
    at(&place, &["documents", "verify", "sheet.pdf"]).well(&["genuine", number, sha256]);
    let at_end = pdf.len() - 30;
    pdf[at_end] ^= 1;
    std::fs::write(place.folder().join("sheet.pdf"), &pdf).unwrap();
    at(&place, &["documents", "verify", "sheet.pdf"]).badly(&["not a document", "changed"]);
    at(&place, &["documents", "verify", "gone.pdf"]).badly(&["gone.pdf"]);

    if on == On::Sqlite {
        let says = ["in use by another kontor server", "stop the other one", "PostgreSQL"];
        at(&place, &["migrate"]).badly(&says);
        at(&place, &["migrate", "down"]).badly(&says);
        at(&place, &["serve"]).badly(&says);
        let add = place.program(&["user", "add", "bob", "--role", "viewer"]).unwrap();
        run(add, "correct horse battery\n").badly(&says);
    } else {
        at(&place, &["migrate"]).well(&["nothing to do"]);
    }
    api.get("/offers").await;
    running.stop().unwrap();
    at(&place, &["ledger", "verify"]).well(&["ledger ok"]);
}

#[tokio::test]
async fn a_changed_row_is_found() {
    let place = Installation::new(None).await.unwrap();
    let running = place.start().await.unwrap();
    let api = place.login().await.unwrap();
    api.creator(1, "DE89370400440532013000").await;
    let sealed = || at(&place, &["audit", "verify", "--json"]).well(&[]).json();
    testing::until("a sealed row", || async {
        (sealed()["sealed_position"].as_i64().unwrap() > 1).then_some(())
    })
    .await;
    running.stop().unwrap();
    let db = rusqlite::Connection::open(place.folder().join("kontor.db")).unwrap();
    let changed = db.execute("update audit set action = 'nothing' where pos = 1", []).unwrap();
    assert_eq!(changed, 1);
    at(&place, &["audit", "verify"]).badly(&["audit", "broken", "changed"]);
}

#[test]
fn a_statement_is_inspected() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let good = put("good.tsv", &statement(1));
    let text = String::from_utf8(statement(1)).unwrap();
    let told = kontor(&["statements", "inspect", &good, "--json"]).well(&[]).json();
    assert_eq!(told["rows"].as_u64().unwrap(), text.lines().count() as u64 - 1);
    assert_eq!((&told["currency"], told["months"].as_array().unwrap().len()), (&"USD".into(), 24));
    let total = told["total"].as_str().unwrap();
    kontor(&["statements", "inspect", &good]).well(&["good.tsv", total, "2024-01", "incomplete"]);

    kontor(&["statements", "inspect", "not-there.csv"]).badly(&["not-there.csv"]);
    let picture = put("a.png", b"\x89PNG\r\n\x1a\n0000");
    kontor(&["statements", "inspect", &picture]).badly(&["a.png", "picture", "CSV, TSV or XLSX"]);
    let own = put("own.csv", b"date,song,net\n2024-01-05,Rain,1.5\n2024-02-05,Rain,2.25\n");
    kontor(&["statements", "inspect", &own]).badly(&["own.csv", "--mapping"]);
    let told = kontor(&["statements", "inspect", &own, "--currency", "EUR", "--json"]).json();
    assert_eq!((&told["total"], &told["currency"]), (&"3.75".into(), &"EUR".into()));
    kontor(&["statements", "inspect", &own, "--mapping", "{"]).badly(&["--mapping"]);
    kontor(&["statements", "inspect", &own, "--currency", "MOON"]).badly(&["MOON"]);
    kontor(&["value", &own, "--currency", "EUR"]).badly(&["complete months", "at least"]);
}

#[test]
fn completions_and_wrong_commands() {
    for shell in ["bash", "zsh", "fish"] {
        kontor(&["completions", shell]).well(&["kontor", "ledger", "documents", "json"]);
    }
    for (args, says) in [
        (&["completions", "abacus"][..], "abacus"),
        (&["lendger", "verify"], "ledger"),
        (&["ledger", "verify", "--jsn"], "--json"),
        (&["value"], "FILES"),
    ] {
        let ran = kontor(args);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains(says) && ran.out.is_empty(), "{ran:?}");
    }
    kontor(&["--version"]).well(&[env!("CARGO_PKG_VERSION")]);
}

on_both!(
    users_are_added_and_listed,
    the_doctor_says_what_to_do,
    every_migration_goes_back_and_forth,
    commands_beside_a_running_server,
);
