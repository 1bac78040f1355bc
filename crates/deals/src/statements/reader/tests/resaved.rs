//! Every layout that we write ourselves, saved again as spreadsheets do it: the same income, or
//! a question whose answer gives it.

use super::tables::workbook;
use super::*;
use crate::statements::reader::{Decimal, overlap};
use crate::statements::samples::{self, Sample, SampleLayout};
use kernel::Month;

fn sample(layout: SampleLayout) -> Vec<u8> {
    let sample = Sample {
        layout,
        seed: 7,
        artist: "Mira".into(),
        titles: vec!["Rain".into(), "Snow (live)".into(), "Wind".into()],
        first: Month::new(2023, 11),
        months: 8,
        monthly_cents: 90_000,
        decay_bp: 900,
        home: "SE",
        rows_per_month: 30,
        noise_bp: 600,
    };
    samples::bytes(&sample).0
}

/// The cells of a text file.
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let head = bytes.split(|b| *b == b'\n').next().unwrap();
    let separator = [b'\t', b';', b','].into_iter().find(|s| head.contains(s)).unwrap();
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(separator).has_headers(false).quoting(separator != b'\t');
    let rows = reader.from_reader(bytes).into_records();
    rows.map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn text(rows: &[Vec<String>], separator: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new();
    let mut writer = writer.delimiter(separator).from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

fn changed(rows: &[Vec<String>], change: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    let body = rows[1..].iter().map(|row| row.iter().map(|c| change(c)).collect());
    std::iter::once(rows[0].clone()).chain(body).collect()
}

/// `0.0204` as `0,0204`, `1250.5` as `1.250,5`.
fn with_comma(cell: &str) -> String {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, fraction)) if number(whole) && number(fraction) => cell.replace('.', ","),
        _ => cell.to_owned(),
    }
}

/// `2024-03-01` and `3/1/2024` as `01/03/2024`, without a time of day.
fn day_first(cell: &str) -> String {
    let date = cell.split(' ').next().unwrap();
    let numbers = |sign: char| -> Vec<u32> {
        let parts = date.split(sign).map(str::parse::<u32>);
        parts.collect::<Result<_, _>>().unwrap_or_default()
    };
    match (numbers('/')[..].first_chunk::<3>(), numbers('-')[..].first_chunk::<3>()) {
        (Some([m, d, y]), _) if *y > 1900 => format!("{d:02}/{m:02}/{y}"),
        (_, Some([y, m, d])) if *y > 1900 => format!("{d:02}/{m:02}/{y}"),
        _ => cell.to_owned(),
    }
}

/// The reading, with whatever is asked answered as a person would who knows the file.
fn read(bytes: &[u8], layout: SampleLayout, decimal: Decimal) -> Reading {
    let mapping = match run(bytes, None).unwrap() {
        Outcome::Ready(reading) => return *reading,
        Outcome::NeedsMapping(needs) => {
            for question in &needs.questions {
                let known = ["currency", "date_order", "decimal"].contains(&question.code.as_str());
                assert!(known, "{layout:?}: {question:?}");
            }
            needs.layout.suggested
        }
    };
    let mapping = Mapping {
        currency: mapping.currency.or_else(|| layout.currency().parse().ok()),
        decimal: mapping.decimal.or(Some(decimal)),
        date_order: mapping.date_order.or(Some(DateOrder::Dmy)),
        ..mapping
    };
    // A currency that the file states in a column needs no word.
    let currency = mapping.currency.filter(|_| mapping.currency_column.is_none());
    mapped(bytes, &Mapping { currency, ..mapping })
}

#[test]
fn every_layout_saved_again_is_the_same_income() {
    for layout in SampleLayout::ALL {
        let own = sample(layout);
        let first = read(&own, layout, Decimal::Point);
        let rows = cells(&own);
        let comma = changed(&rows, with_comma);
        let resaved = [
            ("semicolons and commas", text(&comma, b';'), Decimal::Comma),
            ("tabs and commas", text(&comma, b'\t'), Decimal::Comma),
            ("day first", text(&changed(&rows, day_first), b','), Decimal::Point),
            ("day first, commas", text(&changed(&comma, day_first), b';'), Decimal::Comma),
            ("quoted", text(&rows, b','), Decimal::Point),
        ];
        for (how, bytes, decimal) in resaved {
            let again = read(&bytes, layout, decimal);
            assert_eq!(again.format, first.format, "{layout:?}, {how}");
            assert_eq!(again.total, first.total, "{layout:?}, {how}: {:?}", again.warnings);
            assert_eq!(again.months, first.months, "{layout:?}, {how}");
            assert_eq!(again.unreadable, 0, "{layout:?}, {how}: {:?}", again.warnings);
            assert!(again.confirmations.is_empty(), "{layout:?}, {how}: {:?}", again.confirmations);
            let common = overlap::compare(&first.aggregates, &again.aggregates).unwrap();
            assert_eq!(common.relation, overlap::Relation::Same, "{layout:?}, {how}");
        }
    }
}

#[test]
fn every_layout_in_a_workbook_is_the_same_income() {
    for layout in SampleLayout::ALL {
        let own = sample(layout);
        let first = read(&own, layout, Decimal::Point);
        // Numbers of a workbook are doubles: what was written survives in them.
        let rows = cells(&own);
        let points: Vec<Vec<String>> = if layout == SampleLayout::OrchardEu {
            changed(&rows, |cell| {
                let number = cell.replace(',', ".");
                if number.parse::<f64>().is_ok() { number } else { cell.to_owned() }
            })
        } else {
            rows
        };
        let escaped: Vec<Vec<String>> = points
            .iter()
            .map(|row| row.iter().map(|c| c.replace('&', "&amp;").replace('<', "&lt;")).collect())
            .collect();
        let (head, body) = escaped.split_at(1);
        let (a, b) = body.split_at(body.len() / 2);
        let sheet = |part: &[Vec<String>]| -> Vec<Vec<String>> {
            head.iter().chain(part).cloned().collect()
        };
        let (a, b) = (sheet(a), sheet(b));
        fn borrowed(rows: &[Vec<String>]) -> Vec<Vec<&str>> {
            rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect()
        }
        let (a, b) = (borrowed(&a), borrowed(&b));
        let a: Vec<&[&str]> = a.iter().map(Vec::as_slice).collect();
        let b: Vec<&[&str]> = b.iter().map(Vec::as_slice).collect();
        let again = read(&workbook(&[("1", &a), ("2", &b)]), layout, Decimal::Point);
        assert_eq!(again.format, first.format, "{layout:?}");
        assert_eq!((again.total, again.rows), (first.total, first.rows), "{layout:?}");
        assert_eq!(again.months, first.months, "{layout:?}");
        assert_eq!(again.tables, ["sheet '1'", "sheet '2'"]);
    }
}
