//! Whether two statements hold the same income.

use super::*;
use crate::statements::reader::overlap::{Overlap, Relation, compare};
use crate::statements::samples::{self, Sample, SampleLayout};
use kernel::Month;

fn sample(seed: u64, first: Month, months: u32) -> Sample {
    Sample {
        layout: SampleLayout::DistrokidTsv,
        seed,
        artist: "Mira".into(),
        titles: vec!["Rain".into(), "Snow".into(), "Wind".into()],
        first,
        months,
        monthly_cents: 120_000,
        decay_bp: 900,
        home: "SE",
        rows_per_month: 40,
        noise_bp: 600,
    }
}

fn bytes(seed: u64, year: i32, month: u32, months: u32) -> Vec<u8> {
    samples::bytes(&sample(seed, Month::new(year, month), months)).0
}

fn overlap(a: &[u8], b: &[u8]) -> Option<Overlap> {
    let (a, b) = (ready(a), ready(b));
    let one = compare(&a.aggregates, &b.aggregates);
    let other = compare(&b.aggregates, &a.aggregates);
    assert_eq!(one, other, "which one is first makes no difference");
    one
}

#[test]
fn a_statement_saved_again_is_the_same() {
    let first = bytes(1, 2024, 1, 12);
    // Other line ends, decimal commas, another order of rows: the same income.
    let text = String::from_utf8(first.clone()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let again = lines.join("\n") + "\n";
    let found = overlap(&first, again.as_bytes()).unwrap();
    assert_eq!((found.relation, found.months.len()), (Relation::Same, 12));
    assert_eq!((found.rows_bp, found.sum_bp), (10_000, 10_000));
    assert_eq!(found.sum, ready(&first).total);
}

#[test]
fn months_in_two_exports_are_named() {
    // The same account exported in June and in September.
    let text = String::from_utf8(bytes(1, 2024, 1, 12)).unwrap();
    let with = |months: std::ops::RangeInclusive<u32>| {
        let keep = |line: &&str| months.clone().any(|m| line.contains(&format!("\t2024-{m:02}\t")));
        let head = text.lines().next().unwrap();
        let rows: Vec<&str> = text.lines().skip(1).filter(keep).collect();
        format!("{head}\n{}\n", rows.join("\n")).into_bytes()
    };
    let found = overlap(&with(1..=6), &with(4..=9)).unwrap();
    assert_eq!(found.relation, Relation::Overlapping);
    let months: Vec<_> = found.months.iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2024-04", "2024-05", "2024-06"]);
    assert!((3_000..7_000).contains(&found.sum_bp), "{found:?}");
    assert!(overlap(&with(1..=6), &with(7..=12)).is_none(), "one after the other");
    // A month that was still incomplete, and the rows that came later.
    let half = |odd: bool| {
        let mut at = 0;
        let rows: Vec<&str> = text
            .lines()
            .skip(1)
            .filter(|l| {
                l.contains("\t2024-03\t") && {
                    at += 1;
                    (at % 2 == 1) == odd
                }
            })
            .collect();
        format!("{}\n{}\n", text.lines().next().unwrap(), rows.join("\n")).into_bytes()
    };
    assert!(overlap(&half(true), &half(false)).is_none(), "other rows of the same month");
}

#[test]
fn other_income_of_the_same_months_is_no_overlap() {
    assert!(overlap(&bytes(1, 2024, 1, 12), &bytes(2, 2024, 1, 12)).is_none());
    // Flat sums of different works do not make one a part of the other.
    let flat = |title: &str, amount: &str| {
        let rows: Vec<String> = (1..=6)
            .map(|m| format!("x\t2024-{m:02}\tS\tM\t{title}\tI\t1\t9\t1\tS\tSE\t0\t{amount}"))
            .collect();
        distrokid(&rows.iter().map(String::as_str).collect::<Vec<_>>(), "\n")
    };
    assert!(overlap(&flat("Rain", "100"), &flat("Snow", "50")).is_none());
}

#[test]
fn the_same_income_in_another_detail_is_found() {
    let detail = bytes(1, 2024, 1, 6);
    let reading = ready(&detail);
    // By month only, in a table of our own.
    let mut text = "Month,Title,Net Revenue (USD)\n".to_owned();
    for m in &reading.months {
        text.push_str(&format!("{},All works,{}\n", m.month, m.amount));
    }
    let mapping = unmapped(text.as_bytes()).layout.suggested;
    let summary = mapped(text.as_bytes(), &mapping);
    let found = compare(&reading.aggregates, &summary.aggregates).unwrap();
    assert_eq!((found.relation, found.sum_bp), (Relation::Same, 10_000));
    // A share of it: half of every month.
    let mut text = "Month,Title,Net Revenue (USD)\n".to_owned();
    for m in &reading.months {
        text.push_str(&format!("{},All works,{}\n", m.month, kernel::Exact(m.amount.0 / 2)));
    }
    let half = mapped(text.as_bytes(), &mapping);
    let found = compare(&reading.aggregates, &half.aggregates).unwrap();
    assert_eq!((found.relation, found.months.len()), (Relation::Derived, 6));
    // Rounded to cents, and the newest month not the same yet.
    let mut text = "Month,Title,Net Revenue (USD)\n".to_owned();
    for (at, m) in reading.months.iter().enumerate() {
        let cents = m.amount.to_minor(2).unwrap() - if at == 5 { 3_000 } else { 1 };
        text.push_str(&format!("{},All works,{}\n", m.month, kernel::Exact::from_minor(cents, 2)));
    }
    let found = compare(&reading.aggregates, &mapped(text.as_bytes(), &mapping).aggregates);
    let found = found.unwrap();
    assert_eq!((found.relation, found.months.len()), (Relation::Derived, 5));
    // In another currency at a rate of each month: the counts give it away.
    let mut other = reading.aggregates.clone();
    for cell in &mut other.cells {
        cell.amount = kernel::Exact(cell.amount.0 * i128::from(90 + cell.month().month()) / 100);
    }
    let found = compare(&reading.aggregates, &other).unwrap();
    assert_eq!(found.relation, Relation::Derived);
}
