use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn more_share_and_more_years_never_cost_less(
        months in 9_i32..70, cents in 2_000_i64..9_000_000, decay in -2_000_i64..6_000,
        years in 1_u32..39, share in 1_u32..9_999,
    ) {
        let data = falling(months, cents, decay);
        let settings = Settings { simulations: 400, ..Settings::default() };
        let price = |years, share| ask(&data, &terms(years, share), &settings);
        let Ok(base) = price(Some(years), share) else { return Ok(()) };
        let longer = price(Some(years + 1), share).unwrap();
        let larger = price(Some(years), share + 1).unwrap();
        for report in [&base, &longer, &larger] {
            prop_assert!(report.low.minor <= report.median.minor);
            prop_assert!(report.median.minor <= report.high.minor);
            prop_assert!(report.low.minor >= 0);
            let cap = report.ltm.minor * i64::from(report.share_bp) * 5 / 10_000;
            prop_assert!(report.high.minor <= cap + 3, "{} > {cap}", report.high.minor);
            prop_assert!((0..=10_000).contains(&report.confidence_bp));
        }
        for (a, b) in [(&base, &longer), (&base, &larger)] {
            prop_assert!(a.low.minor <= b.low.minor);
            prop_assert!(a.median.minor <= b.median.minor);
            prop_assert!(a.high.minor <= b.high.minor);
        }
        prop_assert_eq!(&base, &price(Some(years), share).unwrap());
    }

    #[test]
    fn a_catalogue_in_another_unit_is_worth_the_same(
        months in 9_i32..70, cents in 20_000_i64..9_000_000, decay in -2_000_i64..6_000,
        times in 2_i64..50,
    ) {
        let settings = Settings { simulations: 200, ..Settings::default() };
        let terms = terms(Some(10), 10_000);
        let Ok(one) = ask(&falling(months, cents, decay), &terms, &settings) else {
            return Ok(());
        };
        let mut larger = falling(months, cents, decay);
        for cell in &mut larger.cells {
            cell.amount = Exact(cell.amount.0 * i128::from(times));
        }
        let many = ask(&larger, &terms, &settings).unwrap();
        for (a, b) in [(one.low, many.low), (one.median, many.median), (one.high, many.high)] {
            // The last digit of a logarithm may move one future of 200 to another noise.
            let apart = (a.minor * times - b.minor).abs();
            prop_assert!(apart * 50 <= b.minor, "{} {}", a, b);
        }
        prop_assert!((one.decay_bp - many.decay_bp).abs() <= 50, "{}", many.decay_note);
        prop_assert!((one.confidence_bp - many.confidence_bp).abs() <= 150);
    }

    #[test]
    fn whatever_comes_in_the_figures_are_in_order(
        amounts in prop::collection::vec(-50_000_i64..500_000, 6..80), seed in 0_u32..5,
    ) {
        let start = Month::new(2026, 1).plus(1 - i32::try_from(amounts.len()).unwrap());
        let lines: Vec<Line> = amounts
            .iter()
            .zip(0..)
            .map(|(cents, n)| line(if n % 3 == 0 { "Rain" } else { "Snow" }, "SE",
                start.plus(n), *cents))
            .collect();
        let data = catalogue(&lines);
        let mut book = Book::new();
        book.add(&data);
        let settings = Settings { simulations: 200, ..Settings::default() };
        let question = Question {
            terms: &terms(None, 10_000),
            currency: "EUR".parse().unwrap(),
            now: now(),
            seed,
            settings: &settings,
            version: Version::Two,
        };
        let Ok(report) = value(&book, &question) else { return Ok(()) };
        prop_assert!(report.low.minor >= 0 && report.low.minor <= report.median.minor);
        prop_assert!(report.median.minor <= report.high.minor);
        prop_assert!(report.high.minor <= report.ltm.minor * 5 + 1);
        let number = |text: &str| text.parse::<f64>().unwrap();
        for year in &report.forecast {
            prop_assert!(number(&year.low) <= number(&year.median));
            prop_assert!(number(&year.median) <= number(&year.high));
        }
    }
}
