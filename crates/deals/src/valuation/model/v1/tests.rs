use kernel::Money;

use super::super::calibration::version_one;
use super::super::measure::Decay;
use super::super::tests::{ask_of, falling, terms};
use super::super::{Settings, Valuation, Version};
use super::simulate::futures;

/// The settings of the time.
fn settings() -> Settings {
    version_one().1
}

#[test]
fn offers_of_version_one_keep_their_figures() {
    let version = Version::One { prior_pairs: 6 };
    let data = falling(37, 200_000, 1_500);
    let report = ask_of(version, &data, &terms(Some(10), 10_000), &settings()).unwrap();
    assert_eq!(report.version, "kontor-1");
    assert_eq!(report.decay_source, "fitted");
    let figures = [report.low, report.median, report.high].map(Money::amount_text);
    assert_eq!(figures, ["51147.26", "56502.16", "62753.72"], "version 1 never changes");
    assert_eq!(report.multiple, "3.41");
    assert_eq!(report.settings["prior_weight_pairs"].value, 6);
    let fewer = Version::One { prior_pairs: 60 };
    let other = ask_of(fewer, &data, &terms(Some(10), 10_000), &settings()).unwrap();
    assert_ne!(other.median, report.median);
}

#[test]
fn the_simulation_is_wider_when_less_is_known() {
    let settings = settings();
    let decay = |sd: f64| Decay { rate: 0.15, sd, source: "", note: String::new() };
    let narrow = futures(&decay(0.02), 10, 1, &settings).value;
    let wide = futures(&decay(0.15), 10, 1, &settings).value;
    assert!(wide.high - wide.low > narrow.high - narrow.low);
    let again = futures(&decay(0.15), 10, 1, &settings).value;
    assert_eq!(wide, again);
    assert_ne!(wide, futures(&decay(0.15), 10, 2, &settings).value);
}

#[test]
fn a_stored_report_is_repriced_as_it_was_made() {
    let version = Version::One { prior_pairs: 9 };
    let data = falling(30, 200_000, 1_500);
    let settings = Settings { fee_bp: 700, ..settings() };
    let report = ask_of(version, &data, &terms(Some(10), 10_000), &settings).unwrap();
    let text = serde_json::to_string(&report).unwrap();
    assert!(!text.contains("whole_term"), "a report of version 1 is stored as it always was");
    let stored: Valuation = serde_json::from_str(&text).unwrap();
    assert_eq!(Version::of(&stored).unwrap(), version);
    let again = ask_of(
        Version::of(&stored).unwrap(),
        &data,
        &terms(Some(10), 10_000),
        &Settings::of_report(&stored.settings),
    );
    assert_eq!(again.unwrap(), report);
    let unknown = Valuation { version: "kontor-9".into(), ..stored };
    assert_eq!(Version::of(&unknown).unwrap_err().code, "unknown_model");
}
