use super::*;

#[test]
fn the_highest_multiple_caps_all_three_and_is_listed() {
    let settings = Settings { max_multiple_bp: 10_000, ..Settings::default() };
    let report = ask(&falling(37, 200_000, 500), &terms(Some(10), 5_000), &settings).unwrap();
    let cap = report.ltm.minor / 2;
    for figure in [report.low, report.median, report.high] {
        assert!((figure.minor - cap).abs() <= 1);
    }
    let rail = report.guard_rails.iter().find(|r| r.code == "MAX_MULTIPLE").unwrap();
    assert_eq!(rail.setting, "max_multiple_bp");
    assert_eq!(rail.after.matches(&report.median.amount_text()).count(), 3);
    assert!(rail.before != rail.after && rail.message.contains("1 times"), "{rail:?}");
}

#[test]
fn declining_streams_lower_the_value() {
    let mut lines = Vec::new();
    for n in 0..26 {
        let month = Month::new(2026, 1).plus(n - 25);
        let units = if n >= 22 { 300 } else { 500 };
        for country in ["SE", "DE"] {
            lines.push(Line { units, ..line("Rain", country, month, 10_000) });
        }
    }
    let report = valued(&catalogue(&lines), &terms(Some(5), 10_000));
    let rail = &report.guard_rails[0];
    assert_eq!(rail.code, "STREAM_DECLINE");
    assert!(rail.message.contains("40%") && rail.message.contains("1800"), "{}", rail.message);
    let settings = Settings { stream_decline_factor_bp: 10_000, ..Settings::default() };
    let without = ask(&catalogue(&lines), &terms(Some(5), 10_000), &settings).unwrap();
    let expected = without.median.minor * 8 / 10;
    assert!((report.median.minor - expected).abs() <= 1);
    // Few streams prove nothing.
    let few: Vec<Line> = lines.into_iter().map(|l| Line { units: l.units / 4, ..l }).collect();
    assert!(valued(&catalogue(&few), &terms(Some(5), 10_000)).guard_rails.is_empty());
}

/// A song that has stopped: the longer it is dead, the less is paid, and never more than for one
/// that fell to a tenth.
#[test]
fn the_longer_a_catalogue_is_dead_the_less_is_paid() {
    let dead = |months: i32, left: i64| -> i64 {
        let lines: Vec<Line> = (0..36)
            .map(|n| {
                let month = Month::new(2026, 1).plus(n - 35);
                // The newest month is incomplete: those before it count.
                let stopped = n >= 35 - months;
                let usual = 10_000 + i64::from((n * 7_919) % 1_000);
                let amount = if stopped { usual * left / 100 } else { usual };
                line("Rain", "SE", month, amount)
            })
            .collect();
        match ask(&catalogue(&lines), &terms(Some(10), 10_000), &Settings::default()) {
            Ok(report) => report.median.minor,
            Err(failed) => {
                assert!(["earnings_stopped", "no_income"].contains(&failed.code), "{failed:?}");
                0
            }
        }
    };
    for left in [0, 10] {
        let paid: Vec<i64> = (0..12).map(|months| dead(months, left)).collect();
        assert!(paid[0] > 0 && paid[2] < paid[0], "{left}: {paid:?}");
        for pair in paid[1..].windows(2) {
            assert!(pair[1] <= pair[0] + pair[0] / 20, "{left}: {paid:?}");
        }
    }
    for months in 3..12 {
        assert!(dead(months, 0) <= dead(months, 10), "{months} months");
    }
}

/// Whoever pays by the half-year is not dead in between.
#[test]
fn three_empty_months_are_nothing_new_where_they_are_usual() {
    let lines: Vec<Line> = (0..36)
        .filter(|n| n % 6 == 0 || *n == 35)
        .map(|n| line("Rain", "SE", Month::new(2026, 1).plus(n - 35), 60_000))
        .collect();
    let report = valued(&catalogue(&lines), &terms(Some(5), 10_000));
    assert!(report.guard_rails.iter().all(|r| r.code != "EARNINGS_STOPPED"));
}

#[test]
fn one_country_halves_the_confidence() {
    let lines: Vec<Line> = (0..30)
        .flat_map(|n| {
            let month = Month::new(2026, 1).plus(n - 29);
            [line("Rain", "SE", month, 8_000), line("Rain", "DE", month, 2_000)]
        })
        .collect();
    let report = valued(&catalogue(&lines), &terms(Some(5), 10_000));
    let rail = report.guard_rails.iter().find(|r| r.code == "GEO_CONCENTRATION").unwrap();
    assert!(rail.message.contains("80%") && rail.message.contains("SE"), "{}", rail.message);
    let settings = Settings { geo_concentration_bp: 9_000, ..Settings::default() };
    let without = ask(&catalogue(&lines), &terms(Some(5), 10_000), &settings).unwrap();
    assert_eq!(report.confidence_bp, without.confidence_bp / 2);
    assert_eq!(report.median, without.median, "the value does not change");
}

#[test]
fn short_histories_are_refused_or_marked() {
    let failed = ask(&falling(6, 10_000, 0), &terms(Some(5), 10_000), &Settings::default());
    assert_eq!(failed.unwrap_err().code, "history_too_short");
    let report = valued(&falling(9, 10_000, 0), &terms(Some(5), 10_000));
    assert!(report.guard_rails.iter().any(|r| r.code == "SHORT_HISTORY"));
    assert_eq!(report.decay_source, "prior");
    assert_eq!(report.ltm.amount_text(), "800.00", "nothing is extrapolated");
}

#[test]
fn impossible_questions_are_answered_with_a_reason() {
    let data = falling(30, 10_000, 0);
    let code = |terms: Terms| ask(&data, &terms, &Settings::default()).unwrap_err().code;
    assert_eq!(code(terms(Some(0), 10_000)), "invalid_term");
    assert_eq!(code(terms(Some(41), 10_000)), "invalid_term");
    assert_eq!(code(terms(Some(5), 0)), "invalid_share");
    assert_eq!(code(terms(Some(5), 10_001)), "invalid_share");
    assert_eq!(code(Terms { works: Some(vec![]), ..terms(Some(5), 10_000) }), "no_works");
    let other = Terms { works: Some(vec!["Hail".into()]), ..terms(Some(5), 10_000) };
    assert_eq!(code(other), "unknown_work");
    let empty = Aggregates::default();
    assert_eq!(ask(&empty, &terms(None, 1), &Settings::default()).unwrap_err().code, "no_rows");
    let losing = falling(30, -10_000, 0);
    assert_eq!(ask(&losing, &terms(None, 1), &Settings::default()).unwrap_err().code, "no_income");
}

#[test]
fn a_year_of_months_is_a_year_whatever_the_amounts_are() {
    // A weighted mean of ones may be a hair less than one, and the usual decay steps there.
    for cents in [696_148, 696_149, 700_000, 123_457, 99_991] {
        let data = falling(13, cents, 1_061);
        for times in [1, 3, 7, 17, 23, 41] {
            let mut larger = data.clone();
            for cell in &mut larger.cells {
                cell.amount = Exact(cell.amount.0 * times);
            }
            let settings = Settings { simulations: 100, ..Settings::default() };
            let report = ask(&larger, &terms(Some(5), 10_000), &settings).unwrap();
            let note = &report.decay_note;
            assert!(note.ends_with("the usual 20%"), "{cents} x {times}: {note}");
        }
    }
}
