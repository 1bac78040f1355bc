//! The command line.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

mod backtest;
mod blobs;
mod bus;
mod check;
mod doctor;
mod files;
mod jobs;
mod mail;
mod mapping;
mod report;
mod serve;
mod users;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use kernel::Error;
use platform::config::{self, Loaded};

use crate::config::{Config, MANUAL, PROFILES};

/// The trading house in one program.
#[derive(Parser)]
#[command(name = "kontor", version, about)]
struct Cli {
    /// Configuration file laid over the defaults.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Settings for a purpose, laid over the defaults (config/profiles).
    #[arg(long, global = true, value_name = "PROFILE", env = "KONTOR_PROFILE",
        value_parser = ["demo", "single", "cluster"])]
    profile: Option<String>,
    /// One setting, laid over everything: section.key=value.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Print answers as JSON, errors too; without it, sentences for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the house, or a part of it.
    Serve(serve::ServeArgs),
    /// The schemas of public events.
    #[command(subcommand)]
    Schemas(bus::SchemasCommand),
    /// The bus.
    #[command(subcommand)]
    Bus(bus::BusCommand),
    /// Serve a house of demo data, with a login for every role.
    Demo {
        /// Folder for the demo's data.
        #[arg(long, default_value = "data/demo")]
        data: PathBuf,
        /// Port on this machine.
        #[arg(long, default_value_t = 3000)]
        port: u16,
        /// Seconds between two deals that arrive by themselves.
        #[arg(long, default_value_t = 60)]
        #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
        pace: u64,
    },
    /// Apply migrations; `migrate down` takes the newest back.
    Migrate {
        #[command(subcommand)]
        direction: Option<Direction>,
    },
    /// Check every configured engine and say what to do.
    Doctor,
    /// Users of the house.
    #[command(subcommand)]
    User(users::UserCommand),
    /// Keys that sign the house's tokens.
    #[command(subcommand)]
    Key(users::KeyCommand),
    /// Statements without a server.
    #[command(subcommand)]
    Statements(files::StatementsCommand),
    /// Value statement files: an offer without a server.
    Value(files::ValueArgs),
    /// The ledger.
    #[command(subcommand)]
    Ledger(VerifyCommand),
    /// The audit.
    #[command(subcommand)]
    Audit(VerifyCommand),
    /// Documents of the house.
    #[command(subcommand)]
    Documents(check::DocumentsCommand),
    /// Stored files: move them to another store, check every one.
    #[command(subcommand)]
    Blobs(blobs::BlobsCommand),
    /// Jobs.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// Letters.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// The configuration.
    #[command(subcommand)]
    Config(check::ConfigCommand),
    /// Print the OpenAPI description.
    Openapi,
    /// Print a completion script.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
enum Direction {
    /// Take the newest migration back.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1)]
        steps: usize,
    },
}

#[derive(Subcommand)]
enum VerifyCommand {
    /// Recompute everything and compare.
    Verify,
}

/// What every command gets.
pub(crate) struct Context {
    loaded: Loaded<Config>,
    json: bool,
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return misused(&e),
    };
    let json = cli.json;
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if json => {
            let error = serde_json::json!({ "error": { "code": e.code, "message": e.message,
                "details": e.details } });
            write(&format!("{error:#}\n"));
            ExitCode::FAILURE
        }
        Err(e) => {
            eprintln!("error: {}", e.message);
            match e.details.as_ref().map(|d| (d, d["reasons"].as_array())) {
                Some((_, Some(reasons))) => reasons.iter().for_each(|r| reason(r, &e.message)),
                Some((details, None)) => eprintln!("  {details}"),
                None => {}
            }
            let mut cause = std::error::Error::source(&e);
            while let Some(c) = cause {
                eprintln!("  because: {c}");
                cause = c.source();
            }
            ExitCode::FAILURE
        }
    }
}

/// A command line that cannot be understood, or a question for help.
fn misused(e: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|a| a == "--json");
    if !(json && e.use_stderr()) {
        let _shown = e.print();
        return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
    }
    let text = e.to_string();
    let message = text.trim_start_matches("error: ").trim();
    let error = serde_json::json!({ "error": { "code": "usage", "message": message } });
    write(&format!("{error:#}\n"));
    ExitCode::from(2)
}

/// Where in a file something is wrong, unless the sentence above it says the same.
fn reason(r: &serde_json::Value, said: &str) {
    let text = |key: &str| r[key].as_str().unwrap_or_default();
    if !said.ends_with(text("message")) {
        let column = if text("column").is_empty() { "row" } else { text("column") };
        eprintln!("  line {}, {column}: {}", r["line"], text("message"));
    }
}

fn run(cli: Cli) -> Result<(), Error> {
    let demo = matches!(cli.command, Command::Demo { .. }).then_some("demo");
    let profile = cli.profile.as_deref().or(demo);
    let loaded: Loaded<Config> = config::load_from(config::Sources {
        manual: MANUAL,
        profile: PROFILES.into_iter().find(|(name, _)| Some(*name) == profile),
        file: cli.config.as_deref(),
        environment: config::environment().collect(),
        sets: &cli.set,
    })?;
    let c = Context { loaded, json: cli.json };
    match cli.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "kontor", &mut script);
            write(&String::from_utf8_lossy(&script));
            Ok(())
        }
        Command::Config(command) => check::config(&c, &command),
        Command::Statements(command) => files::statements(&c, &command),
        Command::Value(args) => files::value(&c, &args),
        Command::Serve(args) => block_on(serve::serve(c, args)),
        Command::Schemas(command) => block_on(bus::schemas(c, command)),
        Command::Bus(command) => block_on(bus::bus(c, command)),
        Command::Demo { data, port, pace } => block_on(serve::demo(c, data, port, pace)),
        Command::Migrate { direction: None } => block_on(check::migrate_up(c)),
        Command::Migrate { direction: Some(Direction::Down { steps }) } => {
            block_on(check::migrate_down(c, steps))
        }
        Command::Doctor => block_on(doctor::doctor(c)),
        Command::User(command) => block_on(users::run(c, command)),
        Command::Key(command) => block_on(users::run_keys(c, command)),
        Command::Ledger(VerifyCommand::Verify) => block_on(check::ledger(c)),
        Command::Audit(VerifyCommand::Verify) => block_on(check::audit(c)),
        Command::Documents(command) => block_on(check::documents(c, command)),
        Command::Blobs(command) => block_on(blobs::run(c, command)),
        Command::Jobs(command) => block_on(jobs::run(c, command)),
        Command::Mail(command) => block_on(mail::run(c, command)),
        Command::Openapi => block_on(check::openapi(c)),
    }
}

fn block_on<F: std::future::Future<Output = Result<(), Error>>>(f: F) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::internal("the runtime could not start").caused_by(e))?;
    runtime.block_on(f)
}

/// Prints a value as JSON, or a sentence for people.
fn say(c: &Context, value: &serde_json::Value, sentence: &str) {
    let text = if c.json { format!("{value:#}") } else { sentence.to_owned() };
    write(&format!("{text}\n"));
}

/// Writes to standard output; a reader that has seen enough (`| head`) is no defect.
fn write(text: &str) {
    let _enough = std::io::stdout().write_all(text.as_bytes());
}
