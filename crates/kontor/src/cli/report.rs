//! What `kontor value` prints: every figure with the rows, sums and assumptions it came from.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use deals::statements::reader::Reading;
use deals::valuation::model::Valuation;
use kernel::{Asset, Exact, Month};
use serde_json::{Value, json};

type Files<'a> = [(&'a PathBuf, &'a Reading)];

/// Rows of a long list that people read; JSON has all of them.
const SHOWN: usize = 20;

/// What a file is, for people: what was not read stands before the totals.
pub(super) fn inspected(file: &Path, r: &Reading) -> String {
    let mut out = format!("{}: {} ({})", file.display(), r.format_name, r.encoding);
    let code = r.currency.map_or("", Asset::code);
    if !r.tables.is_empty() {
        out.push_str(&format!("\n  read: {}", r.tables.join(", ")));
    }
    if !r.tables_left_out.is_empty() {
        out.push_str(&format!("\n  not read: {}", r.tables_left_out.join(", ")));
    }
    for c in &r.confirmations {
        out.push_str(&format!("\n  needs a yes ({}): {}", c.key, c.message));
    }
    out.push_str(&format!(
        "\n  {} rows, {} works, {} countries, total {} {code}",
        r.rows, r.works_count, r.countries_count, r.total
    ));
    for m in &r.months {
        let mark = if m.complete { "" } else { "  (newest month, incomplete)" };
        let amount = m.amount.to_string();
        out.push_str(&format!("\n  {}  {amount:>20}  {:>10} units{mark}", m.month, m.units));
    }
    // Those about the file as a whole say the most and come last in the list.
    let whole = r.warnings.iter().filter(|w| w.line == 0);
    for w in whole.chain(r.warnings.iter().filter(|w| w.line > 0)).take(SHOWN) {
        let place = if w.line == 0 { "file".to_owned() } else { format!("line {}", w.line) };
        out.push_str(&format!("\n  {place}: {} {}", w.column, w.message));
    }
    if r.warnings_total > SHOWN as u64 {
        out.push_str(&format!("\n  ... {} warnings in all", r.warnings_total));
    }
    out
}

/// One file's part of one month that counts.
struct Part<'a> {
    month: Month,
    file: &'a PathBuf,
    amount: Exact,
    units: i64,
    rows: u64,
}

/// What the last twelve months are made of, in order of time.
fn parts<'a>(files: &Files<'a>, v: &Valuation) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'_>> = files
        .iter()
        .flat_map(|(file, r)| {
            let counts = r.months.iter().filter(|m| (v.ltm_from..=v.ltm_to).contains(&m.month));
            counts.map(|m| {
                let (month, amount) = (m.month, m.amount);
                Part { month, file, amount, units: m.units, rows: m.rows }
            })
        })
        .collect();
    parts.sort_by_key(|p| p.month);
    parts
}

fn sum(parts: &[Part<'_>]) -> Exact {
    let mut sum = Exact::ZERO;
    for p in parts {
        sum += p.amount;
    }
    sum
}

/// The valuation, with its files and the exact sums of the months that count.
pub(super) fn json(files: &Files<'_>, v: &Valuation) -> Value {
    let parts = parts(files, v);
    let mut value = serde_json::to_value(v).unwrap_or_default();
    value["ltm_exact"] = json!(sum(&parts));
    value["ltm_parts"] = parts
        .iter()
        .map(|p| {
            json!({ "month": p.month, "file": p.file, "amount": p.amount, "units": p.units,
                "rows": p.rows })
        })
        .collect();
    value["files"] = self::files(files);
    value
}

/// The files with their figures, warnings, and what was said yes to.
pub(super) fn files(files: &Files<'_>) -> Value {
    files
        .iter()
        .map(|(file, r)| {
            json!({ "file": file, "format": r.format, "rows": r.rows, "unreadable": r.unreadable,
                "amount_column": r.amount_column, "total": r.total, "currency": r.currency,
                "from": r.months.first().map(|m| m.month),
                "to": r.months.last().map(|m| m.month), "tables": r.tables,
                "tables_left_out": r.tables_left_out, "confirmations": r.confirmations,
                "warnings": r.warnings, "warnings_total": r.warnings_total })
        })
        .collect()
}

/// What the files left out or in doubt, for people: every warning, and what was said yes to.
pub(super) fn noted(files: &Files<'_>) -> String {
    let mut out = String::new();
    for (file, r) in
        files.iter().filter(|(_, r)| r.warnings_total > 0 || !r.confirmations.is_empty())
    {
        out.push_str(&format!("\nnotes on {}\n", file.display()));
        for c in &r.confirmations {
            out.push_str(&format!("  said yes to ({}): {}\n", c.key, c.message));
        }
        // Those about the file as a whole say the most and come last in the list.
        let whole = r.warnings.iter().filter(|w| w.line == 0);
        for w in whole.chain(r.warnings.iter().filter(|w| w.line > 0)) {
            let place = if w.line == 0 { "file".to_owned() } else { format!("line {}", w.line) };
            out.push_str(&format!("  {place}: {} {}\n", w.column, w.message));
        }
        if r.warnings_total > r.warnings.len() as u64 {
            out.push_str(&format!("  ... {} warnings in all\n", r.warnings_total));
        }
    }
    out
}

/// The valuation for people.
pub(super) fn text(files: &Files<'_>, v: &Valuation) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _infallible = figures(&mut out, v)
        .and_then(|()| sources(&mut out, files))
        .and_then(|()| out.write_str(&noted(files)))
        .and_then(|()| months(&mut out, files, v))
        .and_then(|()| assumptions(&mut out, v))
        .and_then(|()| rails(&mut out, v))
        .and_then(|()| shares(&mut out, v))
        .and_then(|()| others(&mut out, v));
    out.trim_end().to_owned()
}

fn figures(out: &mut String, v: &Valuation) -> std::fmt::Result {
    writeln!(out, "low     {}", v.low)?;
    writeln!(out, "median  {}   ({} x last twelve months)", v.median, v.multiple)?;
    writeln!(out, "high    {}", v.high)?;
    writeln!(out, "confidence {}", percent(v.confidence_bp))?;
    for p in &v.confidence_parts {
        writeln!(out, "  {:<18} {:>7}  {}", p.name, percent(p.bp), p.why)?;
    }
    Ok(())
}

fn sources(out: &mut String, files: &Files<'_>) -> std::fmt::Result {
    writeln!(out, "\nfiles")?;
    for (file, r) in files {
        let period = match (r.months.first(), r.months.last()) {
            (Some(from), Some(to)) => format!("{} to {}", from.month, to.month),
            _ => "no month".into(),
        };
        let unread = match r.unreadable {
            0 => String::new(),
            n => format!(", {n} of them unreadable"),
        };
        writeln!(
            out,
            "  {}: {}, {} rows{unread}, {period}, column '{}' adds up to {}",
            file.display(),
            r.format_name,
            r.rows,
            r.amount_column,
            r.total
        )?;
    }
    Ok(())
}

fn months(out: &mut String, files: &Files<'_>, v: &Valuation) -> std::fmt::Result {
    let parts = parts(files, v);
    writeln!(
        out,
        "\nlast twelve months  {}  ({} to {}, {} units)",
        v.ltm, v.ltm_from, v.ltm_to, v.ltm_units
    )?;
    for p in &parts {
        let file = p.file.file_name().unwrap_or_default().to_string_lossy();
        writeln!(
            out,
            "  {}  {:>20}  {:>10} units  {:>8} rows of {file}",
            p.month,
            p.amount.to_string(),
            p.units,
            p.rows
        )?;
    }
    let exactly = sum(&parts).to_string();
    writeln!(out, "  sum      {exactly:>20}  exactly; rounded once to {}", v.ltm)?;
    if let Some(newest) = v.history.iter().find(|m| !m.complete) {
        writeln!(out, "  {} is the newest month, incomplete, and does not count", newest.month)?;
    }
    Ok(())
}

fn assumptions(out: &mut String, v: &Valuation) -> std::fmt::Result {
    writeln!(out, "\ndecay {} bp ({}): {}", v.decay_bp, v.decay_source, v.decay_note)?;
    writeln!(
        out,
        "discount {} bp, fee {} bp, share {} bp, {}, {} simulated futures from seed {}",
        v.discount_bp,
        v.fee_bp,
        v.share_bp,
        v.term_years.map_or("life of rights".into(), |n| format!("{n} years")),
        v.simulations,
        v.seed
    )?;
    writeln!(out, "  assigned earnings of each year before fee and discount: low, median, high")?;
    for y in &v.forecast {
        writeln!(out, "  year {:>2}  {:>12}  {:>12}  {:>12}", y.year, y.low, y.median, y.high)?;
    }
    if let Some(w) = &v.whole_term {
        writeln!(out, "  together {:>12}  {:>12}  {:>12}", w.low, w.median, w.high)?;
    }
    Ok(())
}

fn rails(out: &mut String, v: &Valuation) -> std::fmt::Result {
    if v.guard_rails.is_empty() {
        writeln!(out, "\nno guard rail fired")?;
    }
    for g in &v.guard_rails {
        let value = v.settings.get(&g.setting).map_or(0, |s| s.value);
        writeln!(out, "\nguard rail {}: {}", g.code, g.message)?;
        writeln!(out, "  {} = {value}: from {} to {}", g.setting, g.before, g.after)?;
    }
    if let Some(r) = &v.recoupment {
        let when = r.expected_year.map_or("not within the term".into(), |y| format!("year {y}"));
        writeln!(out, "\npaid back from the share up to {}: {when}", r.cap)?;
    }
    Ok(())
}

fn shares(out: &mut String, v: &Valuation) -> std::fmt::Result {
    writeln!(out, "\nworks: part of the last twelve months, part of the median")?;
    for w in v.works.iter().take(SHOWN) {
        writeln!(
            out,
            "  {:<40} {:>14} {:>8} {:>14}",
            w.title,
            w.ltm,
            percent(w.share_bp),
            w.value
        )?;
    }
    more(out, v.works.len())?;
    writeln!(out, "stores: part of the last twelve months")?;
    for s in v.stores.iter().take(SHOWN) {
        let name = if s.name.is_empty() { "unknown" } else { &s.name };
        writeln!(out, "  {name:<40} {:>14} {:>8}", s.ltm, percent(s.share_bp))?;
    }
    more(out, v.stores.len())?;
    writeln!(out, "countries: part of the last twelve months")?;
    for c in v.countries.iter().take(SHOWN) {
        let code = if c.code.is_empty() { "unknown" } else { &c.code };
        writeln!(out, "  {code:<40} {:>14} {:>8}", c.ltm, percent(c.share_bp))?;
    }
    more(out, v.countries.len())
}

fn more(out: &mut String, all: usize) -> std::fmt::Result {
    if all > SHOWN {
        writeln!(out, "  ... {} more: --json has all of them", all - SHOWN)?;
    }
    Ok(())
}

fn others(out: &mut String, v: &Valuation) -> std::fmt::Result {
    writeln!(out, "\nthe median under other assumptions (down: decay, across: discount)")?;
    let head: Vec<String> =
        v.sensitivity.discount_bp.iter().map(|r| format!("{:>12}", percent(*r))).collect();
    writeln!(out, "  {:>8} {}", "", head.join(" "))?;
    for (decay, row) in v.sensitivity.decay_bp.iter().zip(&v.sensitivity.median) {
        let cells: Vec<String> = row.iter().map(|c| format!("{c:>12}")).collect();
        writeln!(out, "  {:>8} {}", percent(*decay), cells.join(" "))?;
    }
    writeln!(out, "\nassumptions (model {})", v.version)?;
    for (name, s) in &v.settings {
        let own = if s.value == s.default { "the house's default" } else { "changed" };
        writeln!(out, "  {name:<30} {:>10}  {own}; {}", s.value, s.source)?;
    }
    Ok(())
}

/// Basis points as percent, exactly.
fn percent(bp: i64) -> String {
    format!("{}.{:02}%", bp / 100, (bp % 100).abs())
}
