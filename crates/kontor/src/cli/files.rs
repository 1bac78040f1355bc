//! `kontor statements inspect` and `kontor value`: statement files without a server.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use contracts::Settings as _;
use deals::statements::reader::{self, Limits, Mapping, Outcome, Reading, Source};
use deals::valuation::model::{self, Book, Deal, Past, Question, Settings, Terms, Version};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Asset, Clock as _, Error, Kind};
use platform::clock::SystemClock;

use super::{Context, backtest, report, say};
use crate::settings::FileSettings;

/// Seed of simulations from the command line.
const SEED: u32 = 1;

#[derive(Subcommand)]
pub(super) enum StatementsCommand {
    /// Say what a file is: format, rows, totals, months, warnings.
    Inspect {
        /// csv, tsv, xlsx, or one of them in gz or zip.
        file: PathBuf,
        #[command(flatten)]
        mapping: MappingArgs,
    },
}

/// Which column is what, for layouts that are not known.
#[derive(Args)]
pub(super) struct MappingArgs {
    /// Mapping as JSON: {"month":"date","amount":"Net","currency":"USD",...}.
    #[arg(long, value_name = "JSON")]
    mapping: Option<String>,
    /// Currency of files that do not say it; the suggested mapping is used.
    #[arg(long)]
    currency: Option<String>,
}

#[derive(Args)]
pub(super) struct ValueArgs {
    /// Statement files of one creator.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Years; without it, life of rights.
    #[arg(long, default_value = "10")]
    term_years: u32,
    /// Share assigned in basis points.
    #[arg(long, default_value = "10000")]
    share_bp: u32,
    /// Advance instead of purchase.
    #[arg(long)]
    advance: bool,
    /// Value the past instead: with the months up to each earlier one, beside what came in.
    #[arg(long, conflicts_with_all = ["term_years", "share_bp", "advance"])]
    backtest: bool,
    #[command(flatten)]
    mapping: MappingArgs,
}

pub(super) fn statements(c: &Context, command: &StatementsCommand) -> Result<(), Error> {
    let StatementsCommand::Inspect { file, mapping } = command;
    let r = read(c, file, mapping)?;
    let value = serde_json::json!({
        "format": r.format, "format_name": r.format_name, "encoding": r.encoding,
        "currency": r.currency, "rows": r.rows, "unreadable": r.unreadable, "total": r.total,
        "column_total": r.column_total, "months": r.months, "stores": r.stores,
        "works": r.works_count, "countries": r.countries_count, "warnings": r.warnings,
        "warnings_total": r.warnings_total,
    });
    let mut text = format!(
        "{}: {} ({})\n  {} rows, {} works, {} countries, total {} {}",
        file.display(),
        r.format_name,
        r.encoding,
        r.rows,
        r.works_count,
        r.countries_count,
        r.total,
        r.currency.map_or("", Asset::code)
    );
    for m in &r.months {
        let mark = if m.complete { "" } else { "  (newest month, incomplete)" };
        let amount = m.amount.to_string();
        text.push_str(&format!("\n  {}  {amount:>20}  {:>10} units{mark}", m.month, m.units));
    }
    for w in r.warnings.iter().take(20) {
        text.push_str(&format!("\n  line {}: {} {}", w.line, w.column, w.message));
    }
    if r.warnings_total > 20 {
        text.push_str(&format!("\n  ... {} warnings in all", r.warnings_total));
    }
    say(c, &value, &text);
    Ok(())
}

fn read(c: &Context, file: &PathBuf, args: &MappingArgs) -> Result<Reading, Error> {
    let size = std::fs::metadata(file)
        .map_err(|e| Error::invalid("file", format!("{}: {e}", file.display())))?
        .len();
    let bar = if c.json || size < 5_000_000 {
        ProgressBar::hidden()
    } else {
        let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
        ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    };
    let given: Option<Mapping> =
        match &args.mapping {
            None => None,
            Some(text) => Some(serde_json::from_str(text).map_err(|e| {
                Error::new(Kind::Invalid, "invalid_field", format!("--mapping: {e}"))
            })?),
        };
    let currency: Option<Asset> = args.currency.as_deref().map(str::parse).transpose()?;
    let inspect = |mapping: Option<&Mapping>| {
        let mut progress = |at| bar.set_position(at);
        reader::inspect_with(Source::File(file), mapping, &Limits::default(), &mut progress)
            .map_err(|refused| {
                let mut e = Error::from(refused);
                e.message = format!("{}: {}", file.display(), e.message);
                e
            })
    };
    let first = inspect(given.as_ref())?;
    bar.finish_and_clear();
    match first {
        Outcome::Ready(reading) => Ok(*reading),
        Outcome::NeedsMapping(unmapped) => {
            let mut suggested = unmapped.layout.suggested.clone();
            if currency.is_some() {
                suggested.currency = currency;
                if let Outcome::Ready(reading) = inspect(Some(&suggested))? {
                    return Ok(*reading);
                }
            }
            let text = serde_json::to_string(&suggested).unwrap_or_default();
            Err(Error::new(
                Kind::Invalid,
                "statement_needs_mapping",
                format!("{}: {}; confirm it with --mapping '{text}'", file.display(), unmapped.why),
            ))
        }
    }
}

pub(super) fn value(c: &Context, args: &ValueArgs) -> Result<(), Error> {
    let readings =
        args.files.iter().map(|f| read(c, f, &args.mapping)).collect::<Result<Vec<_>, _>>()?;
    let currency = readings.first().and_then(|r| r.currency).ok_or_else(|| {
        Error::invalid("currency", "the file does not say its currency: add --currency")
    })?;
    if let Some(other) = readings.iter().find(|r| r.currency != Some(currency)) {
        let found = other.currency.map_or("none", Asset::code);
        return Err(Error::invalid(
            "currency",
            format!("files in {currency} and in {found}: one currency at a time, for now"),
        ));
    }
    let mut book = Book::new();
    for r in &readings {
        book.add(&r.aggregates);
    }
    let governed = FileSettings::load(&c.loaded.config.settings)?;
    let settings = Settings::of(&governed.snapshot());
    if args.backtest {
        let past = Past { currency, seed: SEED, settings: &settings };
        let told = model::backtest(&book, &past).map_err(|f| {
            Error::new(Kind::Invalid, "no_backtest", f.message).with("reason", f.code)
        })?;
        say(c, &serde_json::to_value(&told).unwrap_or_default(), &backtest::text(&told));
        return Ok(());
    }
    let kind = if args.advance { Deal::Advance } else { Deal::Purchase };
    let terms =
        Terms { kind, term_years: Some(args.term_years), share_bp: args.share_bp, works: None };
    let ask = Question {
        terms: &terms,
        currency,
        now: SystemClock.now(),
        seed: SEED,
        settings: &settings,
        version: Version::default(),
    };
    let v = model::value(&book, &ask)
        .map_err(|f| Error::new(Kind::Invalid, "no_offer", f.message).with("reason", f.code))?;
    let files: Vec<(&PathBuf, &Reading)> = args.files.iter().zip(&readings).collect();
    say(c, &report::json(&files, &v), &report::text(&files, &v));
    Ok(())
}
