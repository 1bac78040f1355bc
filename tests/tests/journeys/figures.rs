//! `kontor value` on real half-years of a label: every figure is followed to the rows of the
//! files, which are read here a second time, by other code.

use std::collections::BTreeMap;
use std::path::PathBuf;

use platform::testing;
use serde_json::Value;

use crate::commands::{Ran, kontor};

const FILES: [&str; 4] = ["2019H1", "2019H2", "2020H1", "2020H2"];
/// Twelve decimals; the files carry less.
const UNIT: i128 = 1_000_000_000_000;

/// What one row says, as far as a valuation needs it.
struct Row {
    file: usize,
    month: String,
    title: String,
    units: i64,
    net: i128,
}

/// The fields of a line; a quoted field may hold commas.
fn fields(line: &str) -> Vec<String> {
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    all.push(field);
    all
}

/// `12.5`, `-0.00123123`, `0E-18` or `8.00E-7` in units of 10^-12, exactly.
fn exact(text: &str) -> i128 {
    if let Some((mantissa, power)) = text.split_once("E-") {
        let (shift, value) = (10_i128.pow(power.parse().unwrap()), exact(mantissa));
        assert_eq!(value % shift, 0, "{text}");
        return value / shift;
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |d| (-1, d));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let rest = rest.trim_end_matches('0');
    assert!(rest.len() <= 12, "{text}");
    let rest: i128 = format!("{rest:0<12}").parse().unwrap();
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().unwrap() };
    sign * (whole * UNIT + rest)
}

fn rows(files: &[PathBuf]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (file, path) in files.iter().enumerate() {
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines();
        let header = fields(lines.next().unwrap());
        let place = |name: &str| header.iter().position(|h| h == name).unwrap();
        let (date, title, units, net) =
            (place("date"), place("Track Name"), place("Quantity"), place("Net"));
        let release = place("Catalog Name");
        for line in lines {
            let f = fields(line);
            let title = if f[title].is_empty() { &f[release] } else { &f[title] };
            rows.push(Row {
                file,
                month: f[date][..7].to_owned(),
                title: title.clone(),
                units: f[units].parse().unwrap(),
                net: exact(&f[net]),
            });
        }
    }
    rows
}

/// In cents, half to even.
fn cents(sum: i128) -> i128 {
    let cent = UNIT / 100;
    let (whole, rest) = (sum.div_euclid(cent), sum.rem_euclid(cent));
    match (rest * 2).cmp(&cent) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Equal => whole + whole % 2,
        std::cmp::Ordering::Greater => whole + 1,
    }
}

fn money(v: &Value) -> i128 {
    let text = v["amount"].as_str().or(v.as_str()).unwrap();
    exact(text) / (UNIT / 100)
}

fn value(files: &[PathBuf], json: bool) -> Ran {
    let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
    let mut args = vec!["value", "--currency", "USD"];
    args.extend(names.iter().map(String::as_str));
    if json {
        args.push("--json");
    }
    kontor(&args)
}

fn samples() -> Option<Vec<PathBuf>> {
    let folder = std::env::var("KONTOR_SAMPLES").ok().filter(|f| !f.is_empty())?;
    let folder = PathBuf::from(folder).join("label-statement");
    Some(FILES.iter().map(|f| folder.join(format!("{f}.csv"))).collect())
}

#[test]
fn every_figure_of_the_label_leads_to_its_rows() {
    let Some(files) = samples() else {
        testing::say("skipped: KONTOR_SAMPLES is not set");
        return;
    };
    let rows = rows(&files);
    let v = value(&files, true).well(&[]).json();

    // The files, whole: rows and total as they lie there.
    for (n, told) in v["files"].as_array().unwrap().iter().enumerate() {
        let own: Vec<&Row> = rows.iter().filter(|r| r.file == n).collect();
        assert_eq!(told["rows"].as_u64().unwrap(), own.len() as u64, "{told}");
        assert_eq!(told["unreadable"], 0, "{told}");
        let total: i128 = own.iter().map(|r| r.net).sum();
        assert_eq!(exact(told["total"].as_str().unwrap()), total, "{told}");
    }

    // The months: the newest is incomplete, the twelve before it count.
    assert_eq!((&v["ltm_from"], &v["ltm_to"]), (&"2019-12".into(), &"2020-11".into()));
    assert_eq!(rows.iter().map(|r| r.month.as_str()).max(), Some("2020-12"));
    let counts = |r: &&Row| ("2019-12"..="2020-11").contains(&r.month.as_str());
    let ltm: i128 = rows.iter().filter(counts).map(|r| r.net).sum();
    assert_eq!(exact(v["ltm_exact"].as_str().unwrap()), ltm, "to the last digit");
    assert_eq!(money(&v["ltm"]), cents(ltm));
    let units: i64 = rows.iter().filter(counts).map(|r| r.units).sum();
    assert_eq!(v["ltm_units"].as_i64().unwrap(), units);

    // Each month of each file.
    let parts = v["ltm_parts"].as_array().unwrap();
    assert_eq!(parts.len(), 12, "a month lies in one file");
    for part in parts {
        let name = part["file"].as_str().unwrap();
        let file = files.iter().position(|f| f.display().to_string() == name).unwrap();
        let own: Vec<&Row> =
            rows.iter().filter(|r| r.file == file && r.month == part["month"]).collect();
        assert_eq!(part["rows"].as_u64().unwrap(), own.len() as u64, "{part}");
        let sum: i128 = own.iter().map(|r| r.net).sum();
        assert_eq!(exact(part["amount"].as_str().unwrap()), sum, "{part}");
        assert_eq!(part["units"].as_i64().unwrap(), own.iter().map(|r| r.units).sum::<i64>());
    }
    works(&v, &rows.iter().filter(counts).collect::<Vec<_>>());
    model(&v, &rows);
}

/// Each work's part of the twelve months, and of the median.
fn works(v: &Value, counted: &[&Row]) {
    let mut by_title: BTreeMap<&str, i128> = BTreeMap::new();
    for r in counted {
        *by_title.entry(&r.title).or_default() += r.net;
    }
    let works = v["works"].as_array().unwrap();
    let mut worth = 0;
    for w in works {
        let title = w["title"].as_str().unwrap();
        assert_eq!(money(&w["ltm"]), cents(by_title[title]), "{w}");
        worth += money(&w["value"]);
    }
    assert_eq!(worth, money(&v["median"]), "the works' parts add up to the median");
}

/// The figures stand in order, and what moved them is told with the numbers of the rows.
fn model(v: &Value, rows: &[Row]) {
    let (low, median, high) = (money(&v["low"]), money(&v["median"]), money(&v["high"]));
    assert!(0 < low && low <= median && median <= high, "{low} {median} {high}");
    let multiple = exact(v["multiple"].as_str().unwrap());
    let back = multiple * money(&v["ltm"]) / UNIT;
    assert!((back - median).abs() <= money(&v["ltm"]) / 100, "{back} is not about {median}");

    let between = |from: &str, to: &str| -> i64 {
        let own = rows.iter().filter(|r| (from..=to).contains(&r.month.as_str()));
        own.map(|r| r.units).sum()
    };
    let fired =
        |code: &str| v["guard_rails"].as_array().unwrap().iter().find(|g| g["code"] == code);
    let rail = fired("STREAM_DECLINE").expect("streams fell");
    let says = rail["message"].as_str().unwrap();
    for n in [between("2020-09", "2020-11"), between("2019-09", "2019-11")] {
        assert!(says.contains(&n.to_string()), "{n} is missing: {says}");
    }
    let three = |rail: &Value, key: &str| -> Vec<i128> {
        let text = rail[key].as_str().unwrap();
        text.split(" / ").map(|t| exact(t) / (UNIT / 100)).collect()
    };
    let last = match fired("MAX_MULTIPLE") {
        None => rail,
        Some(cap) => {
            assert_eq!(three(cap, "before"), three(rail, "after"), "one rail after the other");
            cap
        }
    };
    assert_eq!(three(last, "after"), [low, median, high], "no later rail moved them");
    let factor = v["settings"]["stream_decline_factor_bp"]["value"].as_i64().unwrap();
    for (before, after) in three(rail, "before").into_iter().zip(three(rail, "after")) {
        assert!((before * i128::from(factor) / 10_000 - after).abs() <= 1, "{before} {after}");
    }
    // The months that the decay was fitted from: 2019-01..2020-11, in pairs 2019-01..2019-11.
    let note = v["decay_note"].as_str().unwrap();
    assert!(note.contains("23 months (11 pairs of months a year apart)"), "{note}");
    for (figure, setting) in [("discount_bp", "discount_bp"), ("fee_bp", "fee_bp")] {
        assert_eq!(v[figure], v["settings"][setting]["value"], "{figure}");
    }
}

#[test]
fn people_are_shown_the_same() {
    let Some(files) = samples() else {
        testing::say("skipped: KONTOR_SAMPLES is not set");
        return;
    };
    let v = value(&files, true).well(&[]).json();
    let printed = value(&files, false).well(&["low", "median", "high", "confidence"]);
    let says = |what: &str| assert!(printed.out.contains(what), "{what} is missing: {printed:?}");
    for file in v["files"].as_array().unwrap() {
        says(file["file"].as_str().unwrap());
        says(file["total"].as_str().unwrap());
    }
    for part in v["ltm_parts"].as_array().unwrap() {
        says(&format!(
            "{}  {:>20}",
            part["month"].as_str().unwrap(),
            part["amount"].as_str().unwrap()
        ));
    }
    says(v["ltm_exact"].as_str().unwrap());
    says("2020-12 is the newest month, incomplete, and does not count");
    says(v["decay_note"].as_str().unwrap());
    for (name, used) in v["settings"].as_object().unwrap() {
        says(name);
        says(&used["value"].to_string());
    }
    for g in v["guard_rails"].as_array().unwrap() {
        says(g["message"].as_str().unwrap());
        says(&format!(
            "from {} to {}",
            g["before"].as_str().unwrap(),
            g["after"].as_str().unwrap()
        ));
    }
    for y in v["forecast"].as_array().unwrap() {
        says(y["median"].as_str().unwrap());
    }
}
