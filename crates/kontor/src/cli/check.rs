//! Commands that check and print: verify, config, migrate, openapi.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use kernel::{Clock as _, Error, Kind};
use platform::clock::SystemClock;
use platform::db::migrate;
use platform::db::{Db, DbError};
use sha2::{Digest as _, Sha256};

use super::{Context, say, write};
use crate::config::{Config, MANUAL};
use crate::config_schema::config_schema;
use crate::wiring::{self, MIGRATIONS};

#[derive(Subcommand)]
pub(super) enum ConfigCommand {
    /// Print the configuration in force, with the source of every key.
    Print,
    /// Check the configuration.
    Check,
    /// Print the manual: every key with its default.
    Manual,
    /// Print the JSON Schema of a configuration file.
    Schema,
}

#[derive(Subcommand)]
pub(super) enum DocumentsCommand {
    /// Check that a PDF is one this house made and stored.
    Verify {
        /// The file.
        file: PathBuf,
    },
}

pub(super) fn config(c: &Context, command: &ConfigCommand) -> Result<(), Error> {
    match command {
        ConfigCommand::Check => say(c, &serde_json::json!({ "ok": true }), "configuration ok"),
        ConfigCommand::Manual => write(MANUAL),
        ConfigCommand::Schema => write(&config_schema()?),
        ConfigCommand::Print => {
            let flat = platform::config::flatten(&c.loaded.table);
            let rows: serde_json::Map<String, serde_json::Value> = flat
                .iter()
                .map(|(k, v)| {
                    let source = c.loaded.provenance.get(k).copied().unwrap_or("default");
                    let value = platform::config::masked(k, v);
                    (k.clone(), serde_json::json!({ "value": value, "source": source }))
                })
                .collect();
            let lines: Vec<String> = flat
                .iter()
                .map(|(k, v)| {
                    let source = c.loaded.provenance.get(k).copied().unwrap_or("default");
                    {
                        let v = platform::config::masked(k, v);
                        format!("{k:<32} {v:<40} # {source}")
                    }
                })
                .collect();
            say(c, &serde_json::Value::Object(rows), &lines.join("\n"));
        }
    }
    Ok(())
}

/// The database, to be changed by nobody else meanwhile.
fn open(config: &Config) -> Result<Db, Error> {
    Db::open(&config.database.url, Arc::default()).map_err(no_db)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn no_db(e: DbError) -> Error {
    let hint = match e {
        DbError::Missing(_) => "; if database.url is right, run `kontor migrate`",
        _ => "",
    };
    Error::new(Kind::Unavailable, "database_unavailable", format!("the database: {e}{hint}"))
}

/// A database that has all its tables, beside whoever uses it; a wrong `database.url` is told
/// from a broken house.
pub(super) async fn open_house(config: &Config) -> Result<Db, Error> {
    let db = Db::open_reader(&config.database.url, Arc::default()).map_err(no_db)?;
    let pending = migrate::state(&db, MIGRATIONS).await?.pending;
    if pending.is_empty() {
        return Ok(db);
    }
    let message = format!(
        "{} lacks {}; if database.url is right, run `kontor migrate`",
        platform::config::without_password(&config.database.url),
        pending.join(", ")
    );
    Err(Error::new(Kind::Unavailable, "schema_behind", message))
}

pub(super) async fn migrate_up(c: Context) -> Result<(), Error> {
    let db = open(&c.loaded.config)?;
    let done = migrate::up(&db, MIGRATIONS, SystemClock.now()).await?;
    let sentence = if done.is_empty() {
        "nothing to do: the schema is up to date".into()
    } else {
        format!("applied {}", done.join(", "))
    };
    say(&c, &serde_json::json!({ "applied": done }), &sentence);
    Ok(())
}

pub(super) async fn migrate_down(c: Context, steps: usize) -> Result<(), Error> {
    let db = open(&c.loaded.config)?;
    let done = migrate::down(&db, MIGRATIONS, steps).await?;
    let sentence = if done.is_empty() {
        "nothing to do: no migration is applied".into()
    } else {
        format!("took back {}", done.join(", "))
    };
    say(&c, &serde_json::json!({ "undone": done }), &sentence);
    Ok(())
}

pub(super) async fn ledger(c: Context) -> Result<(), Error> {
    let db = open_house(&c.loaded.config).await?;
    let bar = bar(&c, "transfers");
    let v = ledger::service::verify_told(&db, |at| show(&bar, at.done, at.all)).await;
    bar.finish_and_clear();
    let v = v?;
    let sentence = format!(
        "ledger ok: {} accounts, {} transfers, {} open holds, sealed to position {} ({})",
        v.accounts, v.transfers, v.open_holds, v.sealed_position, v.digest
    );
    say(&c, &serde_json::json!(v), &sentence);
    Ok(())
}

pub(super) async fn audit(c: Context) -> Result<(), Error> {
    let db = open_house(&c.loaded.config).await?;
    let bar = bar(&c, "rows");
    let chain = platform::audit::CHAIN;
    let v = platform::chain::verify(&db, chain, |at| show(&bar, at.upto, at.head)).await;
    bar.finish_and_clear();
    let v = v?;
    let value =
        serde_json::json!({ "rows": v.rows, "sealed_position": v.upto, "digest": v.digest });
    say(
        &c,
        &value,
        &format!("audit ok: {} rows, sealed to position {} ({})", v.rows, v.upto, v.digest),
    );
    Ok(())
}

/// A bar on the terminal of whoever waits; a program that reads JSON sees none.
fn bar(c: &Context, what: &'static str) -> indicatif::ProgressBar {
    if c.json {
        return indicatif::ProgressBar::hidden();
    }
    let bar = indicatif::ProgressBar::new(0);
    let style = "{bar:40} {human_pos} of {human_len} {msg}, {eta} left";
    if let Ok(style) = indicatif::ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.with_message(what)
}

fn show(bar: &indicatif::ProgressBar, done: i64, all: i64) {
    bar.set_length(u64::try_from(all).unwrap_or(0));
    bar.set_position(u64::try_from(done).unwrap_or(0));
}

pub(super) async fn documents(c: Context, command: DocumentsCommand) -> Result<(), Error> {
    let DocumentsCommand::Verify { file } = command;
    let bytes = std::fs::read(&file)
        .map_err(|e| Error::invalid("file", format!("{}: {e}", file.display())))?;
    let sha256: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    let db = open_house(&c.loaded.config).await?;
    let digest = sha256.clone();
    let found = db
        .read(move |tx| deals::documents::find(tx, &digest))
        .await
        .map_err(|e: platform::db::DbError| Error::from(e))?;
    let Some((number, kind)) = found else {
        return Err(Error::new(
            Kind::NotFound,
            "document_unknown",
            format!("this file ({sha256}) is not a document of this house, or was changed"),
        ));
    };
    let value = serde_json::json!({ "sha256": sha256, "offer": number, "document": kind });
    say(&c, &value, &format!("genuine: {kind} of offer {number} (sha256 {sha256})"));
    Ok(())
}

/// Needs no engine: the house is built on a file that is thrown away.
pub(super) async fn openapi(c: Context) -> Result<(), Error> {
    let folder =
        tempfile::tempdir().map_err(|e| Error::internal("no temporary folder").caused_by(e))?;
    let at = |name: &str| folder.path().join(name).display().to_string();
    let mut config = c.loaded.config;
    config.database.url = format!("sqlite:{}", at("k.db"));
    config.blobs = config.blobs.at(&at("blobs"));
    config.identity.master_key_file = at("key");
    write(&format!("{}\n", wiring::openapi(config).await?));
    Ok(())
}
