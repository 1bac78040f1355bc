use kernel::Money;

use super::*;

#[test]
fn the_golden_figure_does_not_move() {
    let report = valued(&falling(37, 200_000, 1_500), &terms(Some(10), 10_000));
    assert_eq!(report.ltm.amount_text(), "16575.29");
    assert_eq!(
        (report.ltm_from.to_string(), report.ltm_to.to_string()),
        ("2025-01".into(), "2025-12".into())
    );
    assert_eq!(report.decay_source, "fitted");
    let figures = [report.low, report.median, report.high].map(Money::amount_text);
    assert_eq!(figures, GOLDEN, "the model changed: give it a new version");
    assert_eq!(report.multiple, GOLDEN_MULTIPLE);
}

const GOLDEN: [&str; 3] = ["43702.17", "48150.58", "52700.22"];
const GOLDEN_MULTIPLE: &str = "2.90";

#[test]
fn the_formula_gives_the_published_multiples() {
    // decay, rate, years, multiple in tenths: figures that two sources agree on.
    let settings = Settings { decay_half_life_years: 0, ..Settings::default() };
    for (decay, rate, years, tenths) in
        [(0.15, 0.14, 10, 32), (0.08, 0.11, 10, 45), (0.04, 0.09, 10, 57), (0.20, 0.15, 5, 23)]
    {
        let value = Path::new(decay, rate, &settings).value(years);
        assert_eq!(libm::rint(value * 10.0) as i64, tenths, "{decay} {rate} {years}");
    }
    // Zero decay and zero discount: ten years are exactly ten times.
    let value = Path::new(0.0, 0.0, &settings).value(10);
    assert!((value - 10.0).abs() < 1e-12, "{value}");
}

#[test]
fn ten_years_never_cost_more_than_ten_times() {
    // A growing catalogue with every rail pulled out of the way.
    let growing = falling(40, 100_000, -4_000);
    let settings = Settings {
        max_multiple_bp: 1_000_000,
        discount_bp: 0,
        discount_sd_bp: 0,
        long_run_decay_bp: 0,
        prior_decay_new_bp: 0,
        prior_decay_1y_bp: 0,
        prior_decay_3y_bp: 0,
        fee_bp: 0,
        ..Settings::default()
    };
    let report = ask(&growing, &terms(Some(10), 10_000), &settings).unwrap();
    assert_eq!(report.decay_bp, 0, "growth is not paid for");
    assert!(report.high.minor <= report.ltm.minor * 10, "{} x", report.multiple);
    assert!(report.median.minor > report.ltm.minor * 8);
    // And with the rails in place nothing passes five times.
    let report = valued(&growing, &terms(None, 10_000));
    assert!(report.high.minor <= report.ltm.minor * 5);
}

#[test]
fn the_newest_month_counts_for_nothing_but_history() {
    let mut lines: Vec<Line> =
        (0..30).map(|n| line("Rain", "SE", Month::new(2026, 1).plus(n - 29), 10_000)).collect();
    let quiet = valued(&catalogue(&lines), &terms(Some(5), 10_000));
    lines.last_mut().unwrap().cents = 9_000_000;
    let loud = valued(&catalogue(&lines), &terms(Some(5), 10_000));
    assert_eq!(quiet.median, loud.median);
    assert_eq!(quiet.ltm, loud.ltm);
    let newest = loud.history.last().unwrap();
    assert_eq!((newest.amount.as_str(), newest.complete), ("90000.00", false));
    assert!(loud.history[..29].iter().all(|m| m.complete));
}

/// An old work that falls by 26 % a year; a new one of three times its size joins it late and
/// falls by `new_per_mille` a month.
fn with_a_release(new_per_mille: i64) -> Aggregates {
    let mut lines = Vec::new();
    let (mut old, mut new) = (100_000_i64, 180_000_i64);
    for n in 0..37 {
        let month = Month::new(2026, 1).plus(n - 36);
        lines.push(line("Old", "SE", month, old));
        old = old * 975 / 1000;
        if n >= 20 {
            lines.push(line("New", "DE", month, new));
            new = new * (1000 - new_per_mille) / 1000;
        }
    }
    catalogue(&lines)
}

#[test]
fn new_releases_do_not_hide_the_decay_of_old_works() {
    // The sum of all months rose, every work fell.
    let report = valued(&with_a_release(25), &terms(Some(5), 10_000));
    assert!((2_000..=2_900).contains(&report.decay_bp), "{}", report.decay_note);
    // A new work that has not fallen yet is not taken for one that never will.
    let report = valued(&with_a_release(0), &terms(Some(5), 10_000));
    assert!((800..=2_000).contains(&report.decay_bp), "{}", report.decay_note);
}

#[test]
fn parts_add_up() {
    let report = valued(&falling(37, 123_457, 1_100), &terms(Some(7), 3_333));
    let asset = report.ltm.asset;
    let sum: i64 = report.works.iter().map(|w| Money::parse(&w.value, asset).unwrap().minor).sum();
    assert_eq!(sum, report.median.minor);
    let ltm: i64 = report.works.iter().map(|w| Money::parse(&w.ltm, asset).unwrap().minor).sum();
    assert_eq!(ltm, report.ltm.minor);
    assert_eq!(report.forecast.len(), 7);
    assert_eq!((report.works.len(), report.stores.len(), report.countries.len()), (2, 1, 2));
    let grid = &report.sensitivity;
    let row = grid.decay_bp.iter().position(|d| *d == report.decay_bp).unwrap();
    let column = grid.discount_bp.iter().position(|r| *r == report.discount_bp).unwrap();
    assert_eq!(grid.median[row][column], report.median.amount_text());
    assert_eq!((grid.median.len(), grid.median[0].len()), (5, 5));
}

#[test]
fn works_in_scope_only() {
    let data = falling(30, 100_000, 1_000);
    let scope = Terms { works: Some(vec!["Snow".into()]), ..terms(Some(5), 10_000) };
    let part = valued(&data, &scope);
    let all = valued(&data, &terms(Some(5), 10_000));
    assert_eq!(part.works.len(), 1);
    assert!((part.ltm.minor * 10 - all.ltm.minor * 4).abs() < 200);
    assert_eq!(part.countries[0].code, "DE");
}

#[test]
fn an_advance_is_paid_back_up_to_its_cap() {
    let data = falling(37, 200_000, 1_500);
    let purchase = valued(&data, &terms(Some(3), 8_000));
    let advance = valued(&data, &Terms { kind: Deal::Advance, ..terms(Some(3), 8_000) });
    assert!((advance.median.minor - purchase.median.minor * 8 / 10).abs() <= 1);
    let back = advance.recoupment.unwrap();
    assert!((back.cap.minor - purchase.median.minor).abs() <= 1);
    assert_eq!(back.expected_year, Some(3));
    assert!(purchase.recoupment.is_none());
}

#[test]
fn the_report_survives_json() {
    let report = valued(&falling(37, 200_000, 1_500), &terms(None, 8_000));
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Valuation>(&text).unwrap(), report);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["ltm"]["currency"], "EUR");
    assert_eq!(json["term_years"], serde_json::Value::Null);
    assert_eq!(json["settings"]["max_multiple_bp"]["value"], 50_000);
}
