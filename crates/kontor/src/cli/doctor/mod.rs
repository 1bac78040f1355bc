//! `kontor doctor`: looks at every engine that the configuration names, changes nothing, and
//! says what to do.

mod engines;

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use access::identity::{MasterKey, service as identity};
use kernel::{Error, Kind};
use platform::config::without_password;
use platform::db::migrate::{self, State};
use platform::db::{Db, DbError};

use super::{Context, say};
use crate::config::Config;
use crate::wiring::MIGRATIONS;

/// What `kontor doctor` found about one engine.
struct Finding {
    mark: &'static str,
    text: String,
}

impl Finding {
    fn ok(text: String) -> Self {
        Self { mark: "ok", text }
    }

    fn todo(text: String) -> Self {
        Self { mark: "todo", text }
    }

    fn fail(text: String) -> Self {
        Self { mark: "fail", text }
    }
}

/// Looks at every engine and says what to do.
pub(super) async fn doctor(c: Context) -> Result<(), Error> {
    let config = &c.loaded.config;
    let (mut found, state) = look_at_database(&config.database.url).await;
    found.push(look_at_bank(&config.bank_url(), &config.database.url).await);
    found.push(look_at_key(config, state.as_ref()).await);
    found.push(look_at_blobs(config).await);
    found.extend(engines::look(config).await);
    let failed = found.iter().any(|f| f.mark == "fail");
    let lines: Vec<String> = found.iter().map(|f| format!("{:<5} {}", f.mark, f.text)).collect();
    let rows: Vec<_> =
        found.iter().map(|f| serde_json::json!({ "result": f.mark, "message": f.text })).collect();
    let value = serde_json::json!({ "ok": !failed, "findings": rows,
        "pending_migrations": state.map(|s| s.pending) });
    say(&c, &value, &lines.join("\n"));
    if !failed {
        return Ok(());
    }
    Err(Error::new(Kind::Unavailable, "doctor", "see the lines marked fail"))
}

async fn look_at_database(url: &str) -> (Vec<Finding>, Option<State>) {
    let shown = without_password(url);
    let db = match Db::open_reader(url, Arc::default()) {
        Ok(db) => db,
        Err(DbError::Missing(m)) => {
            let text = format!("{m} yet: run `kontor migrate`, or just `kontor serve`");
            return (vec![Finding::todo(text)], None);
        }
        Err(e) => return (vec![Finding::fail(format!("the database ({shown}): {e}"))], None),
    };
    match migrate::state(&db, MIGRATIONS).await {
        Err(e) => (vec![Finding::fail(format!("the database ({shown}): {e}"))], None),
        Ok(state) => {
            let answers = Finding::ok(format!("database ({}) answers", db.dialect().name()));
            let schema = if !state.unknown.is_empty() {
                Finding::fail(format!(
                    "the database was used by a newer kontor (it has {}): run that one, or restore \
                     a backup",
                    state.unknown.join(", ")
                ))
            } else if state.pending.is_empty() {
                Finding::ok("schema is up to date".into())
            } else {
                let pending = state.pending.join(", ");
                Finding::todo(format!("run `kontor migrate`: {pending} pending"))
            };
            (vec![answers, schema], Some(state))
        }
    }
}

/// Writes a file and takes it away again.
async fn look_at_blobs(config: &Config) -> Finding {
    let (blobs, place) = (config.blobs.clone(), config.blobs.place());
    let tried = platform::tasks::blocking(move || platform::blobs::open(&blobs)?.probe()).await;
    let Err(e) = tried.flatten() else {
        return Finding::ok(format!("files can be written to {place}"));
    };
    let advice = if config.blobs.url.is_empty() {
        "make blobs.folder a folder that this user may write to"
    } else {
        "check blobs.url, the keys, and that the bucket is there"
    };
    Finding::fail(format!("files cannot be written: {}; {advice}", because(&e)))
}

fn because(e: &Error) -> String {
    match std::error::Error::source(e) {
        Some(cause) => format!("{}: {cause}", e.message),
        None => e.message.clone(),
    }
}

/// The sandbox bank's own database; on PostgreSQL it may be a schema beside the house's tables.
async fn look_at_bank(url: &str, house: &str) -> Finding {
    if url == house {
        return Finding::ok(
            "the sandbox bank lives in the same database, in its own schema".into(),
        );
    }
    let shown = without_password(url);
    match Db::open_reader(url, Arc::default()) {
        Err(DbError::Missing(_)) => {
            Finding::todo("the sandbox bank's database is made by the first `kontor serve`".into())
        }
        Err(e) => Finding::fail(format!("the sandbox bank's database ({shown}): {e}")),
        Ok(db) => match migrate::state(&db, deals::bank::MIGRATIONS).await {
            Ok(_) => Finding::ok(format!("the sandbox bank's database ({shown}) answers")),
            Err(e) => Finding::fail(format!("the sandbox bank's database ({shown}): {e}")),
        },
    }
}

/// The master key: there, readable by its owner alone, and the one that wrapped the signing keys.
async fn look_at_key(config: &Config, state: Option<&State>) -> Finding {
    let path = std::path::Path::new(&config.identity.master_key_file);
    let shown = path.display();
    if !path.exists() {
        return Finding::todo(format!("{shown} is made by the first `kontor serve`: keep a copy"));
    }
    let master = std::fs::read_to_string(path)
        .map_err(|e| e.to_string())
        .and_then(|text| MasterKey::parse(&text).map_err(|e| e.message));
    let master = match master {
        Ok(master) => master,
        Err(why) => return Finding::fail(format!("the master key {shown}: {why}")),
    };
    if std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0) {
        return Finding::fail(format!("{shown} can be read by others: run `chmod 600 {shown}`"));
    }
    // Without tables there are no keys yet; the schema's own line says what to do.
    let migrated = state.is_some_and(|s| s.pending.is_empty());
    let db = migrated.then(|| Db::open_reader(&config.database.url, Arc::default()));
    let Some(Ok(db)) = db else {
        return Finding::ok(format!("the master key {shown} can be read"));
    };
    match identity::opens_keys(&db, &master).await {
        Ok(count) => Finding::ok(format!("the master key {shown} opens {count} signing key(s)")),
        Err(e) if e.code == "database_unavailable" => {
            Finding::ok(format!("the master key {shown} can be read"))
        }
        Err(e) => Finding::fail(format!(
            "{shown} is not the key of this house: {}; put the right file back",
            e.message
        )),
    }
}
