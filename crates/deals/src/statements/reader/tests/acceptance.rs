//! Reads real files when `KONTOR_SAMPLES` points at a folder of them. Their rows, totals and
//! months are those its README states.

use std::path::Path;

use super::*;
use crate::statements::reader::inspect;

/// File, format, currency to map, rows, total of the column, first month, last month, months.
type Expected = (
    &'static str,
    &'static str,
    Option<&'static str>,
    u64,
    &'static str,
    &'static str,
    &'static str,
    usize,
);

#[rustfmt::skip]
const EXPECTED: &[Expected] = &[
    ("bandcamp/bandcamp_16rows.csv", "bandcamp_raw", None,
        16, "108.29", "2020-01", "2020-01", 1),
    ("bandcamp/bandcamp_refunds_44rows.csv", "bandcamp_raw", None,
        44, "289.3", "2020-01", "2020-01", 1),
    ("bandcamp/bandcamp_reversals_22rows.csv", "bandcamp_raw", None,
        22, "168.35", "2019-06", "2020-01", 3),
    ("bandcamp/bandcamp_utf8_20rows.csv", "bandcamp_raw", None,
        20, "110.44", "2020-01", "2020-01", 1),
    ("orchard/Oct2017_fullreport_EU.csv", "orchard_18", None,
        31, "0.956443", "2017-09", "2017-09", 1),
    ("orchard/Orchard_fullreport_31col.xlsx", "orchard_31", None,
        5607, "10580.050522", "2015-08", "2022-09", 39),
    ("symphonic/example_report.csv", "symphonic", None,
        275, "4.357276", "2025-03", "2025-07", 5),
    ("beatport/Beatport-2017-Q3-Statement.csv", "beatport", Some("USD"),
        5975, "6020.3", "2017-06", "2017-09", 4),
    ("traxsource/Traxsource-July-2017-Statement.csv", "mapped_csv", Some("USD"),
        163, "498.66508", "2017-07", "2017-07", 1),
    ("secretly/sdphysical_multiple.csv", "mapped_csv", Some("USD"),
        3, "30", "2020-01", "2020-01", 1),
    ("shopify/shopify_multiple.csv", "mapped_csv", Some("USD"),
        5, "90", "2019-01", "2019-11", 2),
    ("label-statement/2019H1.csv", "mapped_csv", Some("USD"),
        1923, "44.09684029", "2019-01", "2019-06", 6),
    ("label-statement/2019H2.csv", "mapped_csv", Some("USD"),
        1646, "30.37793999", "2019-07", "2019-12", 6),
    ("label-statement/2020H1.csv", "mapped_csv", Some("USD"),
        818, "97.43733182", "2020-01", "2020-06", 6),
    ("label-statement/2020H2.csv", "mapped_csv", Some("USD"),
        1273, "130.97681271", "2020-07", "2020-12", 6),
];

/// Read when the test is compiled; cargo compiles again when it changes.
fn folder() -> Option<&'static Path> {
    option_env!("KONTOR_SAMPLES").filter(|f| !f.is_empty()).map(Path::new)
}

fn read(path: &Path, currency: Option<&str>) -> Reading {
    let limits = Limits::default();
    match inspect(Source::File(path), None, &limits).unwrap() {
        Outcome::Ready(reading) => *reading,
        Outcome::NeedsMapping(needs) => {
            let mapping = Mapping {
                currency: currency.map(|c| c.parse().unwrap()),
                ..needs.layout.suggested
            };
            match inspect(Source::File(path), Some(&mapping), &limits).unwrap() {
                Outcome::Ready(reading) => *reading,
                Outcome::NeedsMapping(needs) => panic!("{}: {}", path.display(), needs.why),
            }
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
fn real_files_read_as_their_readme_says() {
    let Some(folder) = folder() else {
        println!("skipped: KONTOR_SAMPLES is not set");
        return;
    };
    for (file, format, currency, rows, total, first, last, months) in EXPECTED {
        let reading = read(&folder.join(file), *currency);
        assert_eq!(reading.format, *format, "{file}");
        assert_eq!((reading.rows, reading.unreadable), (*rows, 0), "{file} {:?}", reading.warnings);
        assert_eq!(reading.column_total.to_string(), *total, "{file}");
        assert_eq!(reading.months.len(), *months, "{file}");
        assert_eq!(reading.months[0].month.to_string(), *first, "{file}");
        assert_eq!(reading.months[months - 1].month.to_string(), *last, "{file}");
        let unknown: Vec<_> =
            reading.warnings.iter().filter(|w| w.code == "unknown_country").collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
        if !file.starts_with("bandcamp") {
            assert_eq!(reading.total, reading.column_total, "{file}");
        }
        println!(
            "{file}: {} rows, total {}, income {}, {} warnings",
            reading.rows, reading.column_total, reading.total, reading.warnings_total
        );
    }
    // Income after the reversals that the column leaves out: what was kept of one sale.
    let reversals = read(&folder.join("bandcamp/bandcamp_reversals_22rows.csv"), None);
    assert_eq!(reversals.total.to_string(), "10.13");
    // A mixed statement is refused with its rows.
    let mixed = folder.join("cmr-demo/demo-cmr-01_dsp_streaming.xlsx");
    let limits = Limits::default();
    if let Ok(Outcome::NeedsMapping(needs)) = inspect(Source::File(&mixed), None, &limits) {
        // Net revenue, royalty revenue and a publisher's share: the file has all three.
        assert!(needs.questions.iter().any(|q| q.code == "amount_column"), "{:?}", needs.questions);
        let suggested = needs.layout.suggested;
        let mapping = Mapping { amount: "Royalty Revenue".into(), ..suggested };
        let refused = inspect(Source::File(&mixed), Some(&mapping), &limits).unwrap_err();
        assert_eq!(refused.code, "mixed_currencies", "{refused}");
        assert!(refused.reasons[0].line > 1);
    }
}
