use super::*;
use crate::statements::reader::{Limits, Mapping, Outcome, Reading, Source, inspect};

fn sample(layout: SampleLayout) -> Sample {
    Sample {
        layout,
        seed: 7,
        artist: "Åsa Öst".into(),
        titles: vec!["Första".into(), "Andra, delen".into(), "Tredje".into()],
        first: Month::new(2023, 1),
        months: 24,
        monthly_cents: 120_000,
        decay_bp: 1_500,
        home: "SE",
        rows_per_month: 40,
        noise_bp: 600,
    }
}

fn read(bytes: &[u8], layout: SampleLayout) -> Reading {
    let limits = Limits::default();
    match inspect(Source::Bytes(bytes), None, &limits).unwrap() {
        Outcome::Ready(reading) => *reading,
        Outcome::NeedsMapping(unmapped) => {
            assert_eq!(layout, SampleLayout::Beatport, "{}", unmapped.why);
            let mapping = Mapping {
                currency: Some(layout.currency().parse().unwrap()),
                ..unmapped.layout.suggested
            };
            match inspect(Source::Bytes(bytes), Some(&mapping), &limits).unwrap() {
                Outcome::Ready(reading) => *reading,
                Outcome::NeedsMapping(unmapped) => panic!("{}", unmapped.why),
            }
        }
    }
}

#[test]
fn every_layout_reads_back_exactly() {
    for layout in SampleLayout::ALL {
        let (bytes, written) = bytes(&sample(layout));
        let reading = read(&bytes, layout);
        assert_eq!(reading.rows, written.rows, "{layout:?}");
        assert_eq!(reading.total, written.total, "{layout:?}");
        assert_eq!(reading.warnings_total, 0, "{layout:?} {:?}", reading.warnings);
        assert_eq!(reading.months.len(), 24, "{layout:?}");
        assert_eq!(reading.works_count, 3, "{layout:?}");
        assert_eq!(
            reading.currency.map(kernel::Asset::code),
            Some(layout.currency()),
            "{layout:?}"
        );
        assert!(reading.countries_count > 15, "{layout:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_file() {
    let one = sample(SampleLayout::DistrokidTsv);
    assert_eq!(bytes(&one), bytes(&one));
    assert_ne!(bytes(&one).0, bytes(&Sample { seed: 8, ..one.clone() }).0);
}
