//! `kontor statements inspect` and `kontor value`: statement files without a server.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use contracts::Settings as _;
use deals::statements::reader::overlap;
use deals::statements::reader::{
    self, Confirmation, Limits, Mapping, Outcome, Reading, Source, Unmapped,
};
use deals::valuation::model::{self, Book, Deal, Past, Question, Settings, Terms, Version};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Asset, Clock as _, Error, Kind};
use platform::clock::SystemClock;
use serde_json::json;

use super::mapping::MappingArgs;
use super::{Context, backtest, report, say};
use crate::settings::FileSettings;

/// Seed of simulations from the command line.
const SEED: u32 = 1;

#[derive(Subcommand)]
pub(super) enum StatementsCommand {
    /// Say what a file is: format, rows, totals, months, warnings, what needs a yes.
    Inspect {
        /// csv, tsv, xlsx, or one of them (or several) in gz or zip.
        file: PathBuf,
        #[command(flatten)]
        mapping: MappingArgs,
    },
}

#[derive(Args)]
pub(super) struct ValueArgs {
    /// Statement files of one creator.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Years that the share is assigned for.
    #[arg(long, default_value = "10", value_name = "YEARS")]
    term_years: u32,
    /// Assign the share for the life of the rights instead of a number of years.
    #[arg(long, conflicts_with = "term_years")]
    life_of_rights: bool,
    /// Share assigned in basis points; 10000 is all of it.
    #[arg(long, default_value = "10000", value_name = "BASIS_POINTS")]
    share_bp: u32,
    /// Value an advance; without it, a purchase.
    #[arg(long)]
    advance: bool,
    /// Value the past instead: with the months up to each earlier one, beside what came in.
    #[arg(long, conflicts_with_all = ["term_years", "share_bp", "advance"])]
    backtest: bool,
    /// Count income twice that two of the files hold. Without it, such files are refused.
    #[arg(long)]
    count_overlap: bool,
    /// Say yes to what `statements inspect` says needs one, by its key: rows_left_out. May be
    /// given several times. Without it, such files are refused.
    #[arg(long, value_name = "KEY")]
    acknowledge: Vec<String>,
    #[command(flatten)]
    mapping: MappingArgs,
}

pub(super) fn statements(c: &Context, command: &StatementsCommand) -> Result<(), Error> {
    let StatementsCommand::Inspect { file, mapping } = command;
    let r = read(c.json, file, mapping)?;
    let value = json!({
        "format": r.format, "format_name": r.format_name, "encoding": r.encoding,
        "currency": r.currency, "tables": r.tables, "tables_left_out": r.tables_left_out,
        "rows": r.rows, "unreadable": r.unreadable, "total": r.total,
        "column_total": r.column_total, "amount_column": r.amount_column, "months": r.months,
        "stores": r.stores, "works": r.works_count, "countries": r.countries_count,
        "confirmations": r.confirmations, "warnings": r.warnings,
        "warnings_total": r.warnings_total,
    });
    say(c, &value, &report::inspected(file, &r));
    Ok(())
}

fn read(quiet: bool, file: &PathBuf, args: &MappingArgs) -> Result<Reading, Error> {
    let size = std::fs::metadata(file)
        .map_err(|e| Error::invalid("file", format!("{}: {e}", file.display())))?
        .len();
    let bar = if quiet || size < 5_000_000 {
        ProgressBar::hidden()
    } else {
        let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
        ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    };
    let limits = Limits::at(SystemClock.now());
    let mut progress = |at| bar.set_position(at);
    let source = Source::File(file);
    let currency: Option<Asset> = args.currency.as_deref().map(str::parse).transpose()?;
    let given = args.given()?;
    let mut inspect = |mapping: Option<&Mapping>| {
        match (mapping, currency) {
            (None, Some(currency)) => reader::inspect_in(source, currency, &limits, &mut progress),
            _ => reader::inspect_with(source, mapping, &limits, &mut progress),
        }
        .map_err(|refused| of_file(file, refused.into()))
    };
    if let (Some(said), Some(mapped)) = (currency, given.as_ref().and_then(|m| m.currency))
        && said != mapped
    {
        let message = format!("--currency says {said}, --mapping {mapped}: leave one out");
        return Err(Error::invalid("currency", message));
    }
    let given = given.map(|m| Mapping { currency: m.currency.or(currency), ..m });
    let mut outcome = inspect(given.as_ref())?;
    let suggested = match &outcome {
        _ if given.is_some() => None,
        Outcome::NeedsMapping(unmapped) => {
            args.answers(unmapped).then(|| unmapped.layout.suggested.clone())
        }
        // What was said counts, also where nothing was asked.
        Outcome::Ready(reading) => args.says().then(|| reading.layout.suggested.clone()),
    };
    if let Some(suggested) = suggested {
        let mapping = Mapping { currency: suggested.currency.or(currency), ..suggested };
        outcome = inspect(Some(&args.answered(mapping)?))?;
    }
    bar.finish_and_clear();
    match outcome {
        Outcome::Ready(reading) => Ok(*reading),
        Outcome::NeedsMapping(unmapped) => Err(of_file(file, needs_mapping(&unmapped))),
    }
}

fn of_file(file: &Path, mut e: Error) -> Error {
    e.message = format!("{}: {}", file.display(), e.message);
    e.with("file", file.display().to_string())
}

fn needs_mapping(unmapped: &Unmapped) -> Error {
    let mut suggested = json!(unmapped.layout.suggested);
    if let Some(fields) = suggested.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    let message = format!(
        "{}; say it with --decimal, --date-order, --unit, --period, --currency, --income or \
         --not-income, or confirm the columns with --mapping '{suggested}'",
        unmapped.why
    );
    let reasons: Vec<_> = unmapped
        .questions
        .iter()
        .flat_map(|q| q.choices.iter().map(move |choice| (q, choice)))
        .map(|(q, choice)| {
            json!({ "line": unmapped.layout.line, "column": q.field,
                "message": format!("{}: {}", choice.value, choice.label) })
        })
        .chain(unmapped.questions.iter().flat_map(|q| &q.values).map(|kind| {
            json!({ "line": unmapped.layout.line, "column": kind.column,
                "message": format!("'{}': {} rows, {}; --income or --not-income", kind.value,
                    kind.rows, kind.amount) })
        }))
        .collect();
    let e = Error::new(Kind::Invalid, "statement_needs_mapping", message)
        .with("questions", json!(unmapped.questions))
        .with("layout", json!(unmapped.layout));
    if reasons.is_empty() { e } else { e.with("reasons", json!(reasons)) }
}

pub(super) fn value(c: &Context, args: &ValueArgs) -> Result<(), Error> {
    refuse_twice(args)?;
    let readings =
        args.files.iter().map(|f| read(c.json, f, &args.mapping)).collect::<Result<Vec<_>, _>>()?;
    let files: Vec<(&PathBuf, &Reading)> = args.files.iter().zip(&readings).collect();
    refuse_unsaid(&files, args)?;
    refuse_overlap(&files, args)?;
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
        let mut value = serde_json::to_value(&told).unwrap_or_default();
        value["files"] = report::files(&files);
        let text = format!("{}\n{}", backtest::text(&told), report::noted(&files));
        say(c, &value, text.trim_end());
        return Ok(());
    }
    let kind = if args.advance { Deal::Advance } else { Deal::Purchase };
    let term_years = (!args.life_of_rights).then_some(args.term_years);
    let terms = Terms { kind, term_years, share_bp: args.share_bp, works: None };
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
    say(c, &report::json(&files, &v), &report::text(&files, &v));
    Ok(())
}

/// The same file named twice, in any spelling.
fn refuse_twice(args: &ValueArgs) -> Result<(), Error> {
    let real = |f: &PathBuf| std::fs::canonicalize(f).unwrap_or_else(|_| f.clone());
    for (at, file) in args.files.iter().enumerate() {
        if !args.count_overlap && args.files[..at].iter().any(|f| real(f) == real(file)) {
            let message =
                format!("{} is named twice: leave one out, or add --count-overlap", file.display());
            return Err(Error::conflict("statements_overlap", message));
        }
    }
    Ok(())
}

/// What was dropped needs a yes here as it does in the house.
fn refuse_unsaid(files: &[(&PathBuf, &Reading)], args: &ValueArgs) -> Result<(), Error> {
    let open: Vec<(&PathBuf, &Confirmation)> = files
        .iter()
        .flat_map(|(file, r)| r.confirmations.iter().map(|c| (*file, c)))
        .filter(|(_, c)| !args.acknowledge.contains(&c.key))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = open
        .iter()
        .map(|(file, c)| format!("{}: {} (--acknowledge {})", file.display(), c.message, c.key))
        .collect();
    let listed: Vec<&Confirmation> = open.iter().map(|(_, c)| *c).collect();
    let message = format!("say yes to this first, or correct the file: {}", said.join("; "));
    Err(Error::conflict("confirmation_needed", message).with("confirmations", json!(listed)))
}

/// Files that hold the same income.
fn refuse_overlap(files: &[(&PathBuf, &Reading)], args: &ValueArgs) -> Result<(), Error> {
    if args.count_overlap {
        return Ok(());
    }
    for (at, (file, r)) in files.iter().enumerate() {
        for (other, o) in &files[..at] {
            let Some(found) = overlap::compare(&o.aggregates, &r.aggregates) else { continue };
            let (first, last) = (found.months.first(), found.months.last());
            let months = first.zip(last).map(|(a, b)| format!("{a} to {b}")).unwrap_or_default();
            let code = r.currency.map_or("", Asset::code);
            let message = format!(
                "{} and {} hold the same income in {} months ({months}, {} {code}): leave one \
                 out, or add --count-overlap",
                other.display(),
                file.display(),
                found.months.len(),
                found.sum,
            );
            return Err(Error::conflict("statements_overlap", message)
                .with("files", json!([other, file]))
                .with("months", json!(found.months)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use clap::{CommandFactory as _, Parser};

    use super::*;

    #[derive(Parser)]
    struct Value {
        #[command(flatten)]
        args: ValueArgs,
    }

    fn args(words: &[&str]) -> ValueArgs {
        Value::parse_from([&["value"], words].concat()).args
    }

    /// A table of some months of 2025, each with one row, and the lines given.
    fn table(months: std::ops::RangeInclusive<u32>, more: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "Sale Month,Track,Net (EUR)").unwrap();
        for m in months {
            writeln!(file, "2025-{m:02},Rain,{m}.25").unwrap();
        }
        file.write_all(more.as_bytes()).unwrap();
        file
    }

    fn reading(file: &tempfile::NamedTempFile, words: &[&str]) -> Result<Reading, Error> {
        read(true, &file.path().to_path_buf(), &args(words).mapping)
    }

    #[test]
    fn income_in_two_files_stops_the_valuation() {
        let (a, b) = (table(1..=6, ""), table(4..=9, "2025-10,Snow,7.5\n"));
        let path = |f: &tempfile::NamedTempFile| f.path().to_path_buf();
        let (a, b, read_a, read_b) = (
            path(&a),
            path(&b),
            reading(&a, &["x", "--currency", "EUR"]).unwrap(),
            reading(&b, &["x", "--currency", "EUR"]).unwrap(),
        );
        let files = [(&a, &read_a), (&b, &read_b)];
        let refused = refuse_overlap(&files, &args(&["x"])).unwrap_err();
        assert_eq!(refused.code, "statements_overlap");
        for says in ["3 months", "2025-04 to 2025-06", "15.75 EUR", &b.display().to_string()] {
            assert!(refused.message.contains(says), "{says}: {}", refused.message);
        }
        refuse_overlap(&files, &args(&["x", "--count-overlap"])).unwrap();
        // The same path in two spellings.
        let name = a.display().to_string();
        let other = format!("{}/./{}", a.parent().unwrap().display(), {
            a.file_name().unwrap().to_string_lossy()
        });
        let twice = refuse_twice(&args(&[&name, &other])).unwrap_err();
        assert!(twice.message.contains("is named twice"), "{}", twice.message);
        refuse_twice(&args(&[&name, &other, "--count-overlap"])).unwrap();
        refuse_twice(&args(&[&name, &b.display().to_string()])).unwrap();
    }

    #[test]
    fn dropped_amounts_stop_the_valuation() {
        let file = table(1..=6, "someday,Rain,-5.00\n");
        let r = reading(&file, &["x", "--currency", "EUR"]).unwrap();
        let path = file.path().to_path_buf();
        let refused = refuse_unsaid(&[(&path, &r)], &args(&["x"])).unwrap_err();
        assert_eq!(refused.code, "confirmation_needed");
        for says in ["-5 EUR", "--acknowledge rows_left_out"] {
            assert!(refused.message.contains(says), "{says}: {}", refused.message);
        }
        let said = args(&["x", "--acknowledge", "rows_left_out"]);
        refuse_unsaid(&[(&path, &r)], &said).unwrap();
    }

    #[test]
    fn a_valuation_says_what_the_files_left_out() {
        let file = table(1..=6, "2025-07,Rain,1.00\n2025-07,Rain,x\nsomeday,Rain,-5.00\n");
        let r = reading(&file, &["x", "--currency", "EUR"]).unwrap();
        let path = file.path().to_path_buf();
        let files = [(&path, &r)];
        let text = report::noted(&files);
        for w in &r.warnings {
            assert!(text.contains(&w.message), "{}: {text}", w.message);
        }
        assert!(text.contains(&r.confirmations[0].message), "{text}");
        let json = report::files(&files);
        assert_eq!(json[0]["warnings"].as_array().unwrap().len(), r.warnings.len());
        assert_eq!(json[0]["confirmations"][0]["key"], "rows_left_out");
    }

    #[test]
    fn kinds_of_rows_and_units_are_answered_by_options() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(
            file,
            "Month,Track,Type,Net (cents)\n2025-01,A,Royalty,150\n2025-02,A,Blorp,700\n\
             2025-03,A,PayPal,50\n"
        )
        .unwrap();
        let currency = ["x", "--currency", "EUR"];
        let asked = reading(&file, &currency).unwrap_err();
        for says in ["--not-income", "--unit", "'Blorp'", "'PayPal'", "hundredths"] {
            assert!(asked.message.contains(says), "{says}: {}", asked.message);
        }
        assert_eq!(asked.details.unwrap()["questions"][1]["values"][0]["value"], "Blorp");
        let all = ["--unit", "hundredths", "--income", "blorp", "--not-income", "*"];
        let r = reading(&file, &[&currency[..], &all].concat()).unwrap();
        assert_eq!(r.total.to_string(), "8.5");
        assert!(reading(&file, &[&currency[..], &all[..4]].concat()).is_err(), "one is open");
        // A person's word counts, also where nothing was asked.
        let file = table(1..=2, "2025-03,Total,3.50\n");
        let r = reading(&file, &[&currency[..], &["--income", "Total"]].concat()).unwrap();
        assert_eq!(r.total.to_string(), "7");
    }

    #[test]
    fn options_answer_what_a_file_leaves_open() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "Sale Date;Track;Net\n01/04/2025;A;1.250\n01/05/2025;A;2.500\n").unwrap();
        let asked = reading(&file, &["x", "--currency", "EUR"]).unwrap_err();
        assert_eq!(asked.code, "statement_needs_mapping");
        let details = asked.details.unwrap();
        let asked = details["questions"].as_array().unwrap().iter();
        let codes: Vec<_> = asked.map(|q| q["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["decimal", "date_order"]);
        assert_eq!(details["layout"]["header"][2], "Net");
        let options = ["x", "--currency", "EUR", "--decimal", "comma", "--date-order", "dmy"];
        let r = reading(&file, &options).unwrap();
        assert_eq!(r.total.to_string(), "3750");
        assert_eq!(r.months[0].month.to_string(), "2025-04");
        // The same by a mapping in full; what contradicts the file is refused.
        let mapping =
            r#"{"month":"Sale Date","amount":"Net","decimal":"point","date_order":"mdy"}"#;
        let r = reading(&file, &["x", "--currency", "EUR", "--mapping", mapping]).unwrap();
        assert_eq!((r.total.to_string().as_str(), r.months.len()), ("3.75", 1));
        let both = mapping.replace("\"decimal\"", "\"currency\":\"SEK\",\"decimal\"");
        let refused = reading(&file, &["x", "--currency", "EUR", "--mapping", &both]).unwrap_err();
        assert!(refused.message.contains("EUR") && refused.message.contains("SEK"));
        let stated = reading(&table(1..=2, ""), &["x", "--currency", "USD"]).unwrap_err();
        assert!(stated.message.contains("USD was given, but the file says EUR"));
    }

    #[test]
    fn a_file_without_dates_is_given_its_months() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "Work Title,Amount (GBP)\nEtt,10.50\nTwo,2.25\n").unwrap();
        let asked = reading(&file, &["x"]).unwrap_err();
        assert!(asked.message.contains("--period"), "{}", asked.message);
        let r = reading(&file, &["x", "--period", "2025-01..2025-03"]).unwrap();
        let months: Vec<_> = r.months.iter().map(|m| m.amount.to_string()).collect();
        assert_eq!(months, ["4.25"; 3]);
        assert!(reading(&file, &["x", "--period", "spring"]).is_err());
    }

    #[test]
    fn the_help_says_what_each_default_is() {
        let help = Value::command().render_long_help().to_string();
        for says in [
            "[default: 10]",
            "[default: 10000]",
            "without it, a purchase",
            "Without it, the file says it",
            "Without it, the whole column decides",
            "Without it, the whole file decides",
            "--life-of-rights",
        ] {
            assert!(help.contains(says), "{says}: {help}");
        }
    }
}
