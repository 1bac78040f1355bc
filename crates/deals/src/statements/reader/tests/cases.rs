//! Small files that were read wrongly once, when `KONTOR_SAMPLES` points at the folder above
//! `cases`. Each gives the total that a careful person would get, or asks.

use std::path::Path;

use super::*;
use kernel::Month;

/// What a file must come to.
enum Comes {
    /// Rows, total, currency, first month, last month; the suggestion is confirmed as it is.
    To(u64, &'static str, &'static str, &'static str, &'static str),
    /// A question of this code, with what the totals are by answer.
    Asks(&'static str, &'static [(&'static str, &'static str, &'static str, &'static str)]),
}
use Comes::{Asks, To};

#[rustfmt::skip]
const CASES: &[(&str, Comes)] = &[
    ("i04_swiss_apostrophe.csv", To(3, "3247.5", "CHF", "2018-12", "2019-01")),
    ("i06_uk_dates_first_of_month.csv", Asks("date_order", &[
        ("dmy", "11", "2023-04", "2023-07"), ("mdy", "11", "2023-01", "2023-01")])),
    ("i07_duplicate_column.tsv", Asks("duplicate_column", &[
        ("Earnings (USD)", "1.08", "2024-03", "2024-04"),
        ("Earnings (USD) #2", "0.54", "2024-03", "2024-04")])),
    ("i11_adsense_activities.csv", To(1, "137.53", "USD", "2026-08", "2026-08")),
    ("i14_two_sheets.xlsx", To(6, "26.25", "EUR", "2024-01", "2024-06")),
    ("i52_distrokid_two_sheets.xlsx", To(24, "240", "USD", "2023-01", "2024-12")),
    ("i16_distrokid_resaved_semicolon.csv", To(2, "1.080123", "USD", "2024-03", "2024-04")),
    ("i49_tunecore_semicolon_comma.csv", To(3, "13.79", "EUR", "2024-03", "2024-04")),
    ("i17b_serial_dates.xlsx", To(3, "7.5", "EUR", "2024-01", "2024-03")),
    ("i21_quarter_range.csv", To(3, "180", "EUR", "2024-01", "2024-09")),
    ("i35_retail_currency.csv", To(3, "0.531382281", "EUR", "2022-08", "2022-09")),
    ("i37_bandcamp_payout_amount.csv", To(3, "8.5", "USD", "2026-01", "2026-01")),
    ("i38_payhip_pii.csv", To(2, "17.24", "USD", "2026-09", "2026-10")),
    ("i39_canva_us_dollar.csv", To(2, "1127.05", "USD", "2026-08", "2026-09")),
    ("i41_round_thousand.csv", To(3, "4201", "USD", "2024-01", "2024-03")),
    ("i46_placeholder_2199.csv", To(22, "2200", "EUR", "2025-01", "2026-10")),
    ("i47_same_statement.tsv", To(30, "1500", "USD", "2025-07", "2026-09")),
    ("i47_same_statement_resaved.tsv", To(30, "1500", "USD", "2025-07", "2026-09")),
    ("i50b_cdbaby_day_first.txt", To(3, "0.35", "USD", "2023-09", "2023-10")),
];

fn limits() -> Limits {
    Limits { latest: Month::new(2026, 11), ..Limits::default() }
}

fn answered(mut mapping: Mapping, code: &str, answer: &str) -> Mapping {
    match (code, answer) {
        ("date_order", "dmy") => mapping.date_order = Some(DateOrder::Dmy),
        ("date_order", "mdy") => mapping.date_order = Some(DateOrder::Mdy),
        ("duplicate_column", column) => mapping.amount = column.to_owned(),
        _ => panic!("no answer {answer} to {code}"),
    }
    mapping
}

fn check(file: &str, reading: &Reading, total: &str, from: &str, to: &str) {
    assert_eq!(reading.total.to_string(), total, "{file}: {:?}", reading.warnings);
    let months = &reading.months;
    let ends = (months[0].month.to_string(), months[months.len() - 1].month.to_string());
    assert_eq!((ends.0.as_str(), ends.1.as_str()), (from, to), "{file}");
    assert!(reading.confirmations.is_empty(), "{file}: {:?}", reading.confirmations);
    let kept = format!("{:?} {:?}", reading.layout, reading.aggregates);
    for name in ["Andersson", "Sam Buyer", "sam@example.com", "a@example.com"] {
        assert!(!kept.contains(name), "{file} keeps {name}");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
fn every_case_gives_its_total_or_asks() {
    let folder = option_env!("KONTOR_SAMPLES").filter(|f| !f.is_empty()).map(Path::new);
    let Some(folder) = folder.map(|f| f.join("cases")).filter(|f| f.is_dir()) else {
        println!("skipped: KONTOR_SAMPLES is not set, or has no folder 'cases'");
        return;
    };
    let mut listed: Vec<_> = CASES.iter().map(|(f, _)| (*f).to_owned()).collect();
    let names = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name());
    let mut there: Vec<_> = names.map(|n| n.into_string().unwrap()).collect();
    there.retain(|n| n.starts_with('i'));
    listed.sort();
    there.sort();
    assert_eq!(listed, there, "every file of the folder has a line here");
    let mut wrong = Vec::new();
    for (file, comes) in CASES {
        let path = folder.join(file);
        let run = std::panic::catch_unwind(|| one_case(file, &path, comes));
        if run.is_err() {
            wrong.push(*file);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn one_case(file: &str, path: &Path, comes: &Comes) {
    let read = |mapping: Option<&Mapping>| inspect(Source::File(path), mapping, &limits()).unwrap();
    let first = read(None);
    match comes {
        To(rows, total, currency, from, to) => {
            let reading = match first {
                Outcome::Ready(reading) => *reading,
                Outcome::NeedsMapping(needs) => {
                    let codes: Vec<_> = needs.questions.iter().map(|q| q.code.as_str()).collect();
                    assert_eq!(codes, ["columns"], "{file}: {:?}", needs.questions);
                    let Outcome::Ready(reading) = read(Some(&needs.layout.suggested)) else {
                        panic!("{file}: the suggestion is not enough")
                    };
                    *reading
                }
            };
            check(file, &reading, total, from, to);
            assert_eq!(reading.currency.unwrap().code(), *currency, "{file}");
            assert_eq!(reading.rows, *rows, "{file}");
        }
        Asks(code, answers) => {
            let Outcome::NeedsMapping(needs) = first else { panic!("{file}: does not ask") };
            let question = needs.questions.iter().find(|q| q.code == *code);
            let question = question.unwrap_or_else(|| panic!("{file}: {:?}", needs.questions));
            assert!(needs.reading.is_none(), "{file}: no total before the answer");
            let choices: Vec<_> = question.choices.iter().map(|c| c.value.as_str()).collect();
            for (answer, total, from, to) in *answers {
                assert!(choices.contains(answer), "{file}: {choices:?}");
                let mapping = answered(needs.layout.suggested.clone(), code, answer);
                let Outcome::Ready(reading) = read(Some(&mapping)) else {
                    panic!("{file}: asks again")
                };
                check(file, &reading, total, from, to);
            }
        }
    }
}
