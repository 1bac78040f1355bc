//! What the model assumes, with the source of every figure. Every one is a governed setting.

use std::collections::BTreeMap;

use contracts::{Danger, Key, Snapshot};
use serde::{Deserialize, Serialize};

const PREFIX: &str = "deals.valuation.";
const HOUSE: &str = "house policy";
const DECAY: &str = "decay by age of catalogue, secondary sources: viral 20-40 %, modern \
                     8-12 %, evergreen 2-7 % a year";
const RAIL: &str = "guard rail of the house";
const MODEL: &str = "model choice, see docs/valuation.md";
const CALIBRATED: &str = "calibrated on generated catalogues, see docs/valuation.md";

/// One line per setting: what it is, its default, what is allowed, the direction in which a
/// change makes the house pay more, and where the default comes from.
macro_rules! settings {
    ($($(#[doc = $about:literal])+
        $name:ident: $default:literal in $min:literal..=$max:literal, $danger:ident, $source:expr;
    )*) => {
        /// Assumptions and guard rails. Rates and shares in basis points (10000 = 100 %).
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Settings {
            $($(#[doc = $about])+ pub $name: i64,)*
        }

        /// Every setting of the valuation.
        pub const KEYS: &[Key] = &[$(Key {
            name: concat!("deals.valuation.", stringify!($name)),
            default: $default,
            min: $min,
            max: $max,
            danger: Danger::$danger,
            about: concat!($($about),+),
        }),*];

        const SOURCES: &[&str] = &[$($source),*];

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default),* }
            }
        }

        impl Settings {
            /// The settings in force.
            pub fn of(snapshot: &Snapshot) -> Self {
                let mut keys = KEYS.iter().map(|key| snapshot.int(key));
                // As many keys as fields, in the same order: both come from one list.
                $(let $name = keys.next().unwrap_or($default);)*
                Self { $($name),* }
            }

            /// Every value, in the order of the keys.
            fn values(&self) -> Vec<i64> {
                vec![$(self.$name),*]
            }
        }
    };
}

settings! {
    /// Yearly discount rate.
    discount_bp: 1_200 in 100..=5_000, Down,
        "secondary sources: 8-12 % a year; the upper end, because asks are optimistic";
    /// Standard deviation of the discount rate in the simulation.
    discount_sd_bp: 100 in 0..=10_000, None,
        "the discount rates of secondary sources differ by about as much";
    /// The house's fee, taken from the assigned share.
    fee_bp: 1_000 in 0..=10_000, Down, HOUSE;
    /// Yearly decay of a catalogue younger than one year, when the data says nothing.
    prior_decay_new_bp: 3_000 in 0..=10_000, Down, DECAY;
    /// Yearly decay of a catalogue from one to three years, when the data says nothing.
    prior_decay_1y_bp: 2_000 in 0..=10_000, Down, DECAY;
    /// Yearly decay of a catalogue from three to seven years, when the data says nothing.
    prior_decay_3y_bp: 1_900 in 0..=10_000, Down,
        "secondary sources: between modern (8-12 % a year) and viral (20-40 %)";
    /// Yearly decay of a catalogue from seven years on, when the data says nothing.
    prior_decay_7y_bp: 800 in 0..=10_000, Down, DECAY;
    /// Standard deviation of the usual decay; three catalogues in ten are odd, and differ 2.5
    /// times as much.
    prior_decay_sd_bp: 900 in 0..=10_000, None, CALIBRATED;
    /// Usual noise of a month beside what level, decay and season say; the months overrule it.
    noise_bp: 2_200 in 300..=10_000, None, CALIBRATED;
    /// How many catalogues have noise that follows the month before.
    noise_follows_bp: 4_700 in 0..=9_900, None, CALIBRATED;
    /// How many catalogues have a level that wanders without a cause.
    wandering_bp: 1_200 in 0..=9_900, None, CALIBRATED;
    /// By how much such a level usually wanders in a year.
    wander_bp: 700 in 100..=5_000, None, CALIBRATED;
    /// The decay that every catalogue moves to as it ages.
    long_run_decay_bp: 700 in 0..=10_000, Down, DECAY;
    /// Years in which the distance to the long-run decay halves; 0 keeps the decay constant.
    decay_half_life_years: 0 in 0..=50, Up, CALIBRATED;
    /// Standard deviation by which the yearly decay itself changes from year to year.
    decay_drift_bp: 25 in 0..=5_000, Up, CALIBRATED;
    /// Standard deviation of the works' own decays around the catalogue's.
    works_decay_sd_bp: 150 in 0..=5_000, Up, CALIBRATED;
    /// Shocks of a work in a year, until the months say otherwise: playlists lost, hits.
    shock_rate_bp: 100 in 0..=10_000, Down, CALIBRATED;
    /// Part of the shocks that are hits.
    shock_hits_bp: 4_000 in 0..=10_000, Up, MODEL;
    /// Lowest decay that is believed: 0 means that growth is never paid for.
    min_decay_bp: 0 in 0..=9_000, Down, "growth is never paid for in advance";
    /// Highest decay that is believed.
    max_decay_bp: 9_000 in 0..=10_000, Down, MODEL;
    /// Highest yearly growth that is believed to last; it shows in the forecast and is not paid.
    max_growth_bp: 3_500 in 0..=10_000, Up, MODEL;
    /// Simulated futures.
    simulations: 2_000 in 100..=100_000, None, MODEL;
    /// Years that "life of rights" is valued over.
    life_of_rights_years: 40 in 10..=100, Up, HOUSE;
    /// Part of the present value that an advance pays up front.
    advance_rate_bp: 8_000 in 0..=10_000, Up,
        "public advances of video catalogues: about 80 % of the forecast";
    /// Guard rail: highest multiple of the assigned last-twelve-month earnings, in basis points.
    max_multiple_bp: 50_000 in 10_000..=200_000, Up, RAIL;
    /// Guard rail: streams of the last three months this much below a year before, in basis points.
    stream_decline_bp: 3_000 in 0..=10_000, Up, RAIL;
    /// Guard rail: a decline counts with more than this many streams a year before.
    stream_decline_min_units: 1_000 in 0..=1_000_000_000, Up, RAIL;
    /// Guard rail: a decline multiplies the value by this, in basis points.
    stream_decline_factor_bp: 8_000 in 0..=10_000, Up, RAIL;
    /// Guard rail: the last three complete months brought less than this part of the lowest three
    /// months before, in basis points; then the price starts from them. 0 is off.
    earnings_stopped_bp: 4_000 in 0..=10_000, Down, RAIL;
    /// Guard rail: more than this share of the earnings from one country, in basis points.
    geo_concentration_bp: 7_000 in 0..=10_000, Up, RAIL;
    /// Guard rail: a concentration counts with more than this many units there.
    geo_concentration_min_units: 500 in 0..=1_000_000_000, Up, RAIL;
    /// Guard rail: a concentration multiplies the confidence by this, in basis points.
    geo_concentration_factor_bp: 5_000 in 0..=10_000, Up, RAIL;
    /// Guard rail: fewer complete months are not valued at all.
    min_history_months: 6 in 1..=60, Down, RAIL;
    /// Guard rail: fewer complete months than this are a short history.
    full_history_months: 12 in 1..=60, Down, RAIL;
    /// Guard rail: a short history multiplies the confidence by this, in basis points.
    short_history_factor_bp: 6_000 in 0..=10_000, Up, RAIL;
}

/// One assumption as it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SettingUsed {
    /// The value.
    pub value: i64,
    /// The house's default.
    pub default: i64,
    /// Where the default comes from.
    pub source: String,
}

impl Settings {
    /// The assumptions that a report was made with. What it does not name has its default.
    pub fn of_report(used: &BTreeMap<String, SettingUsed>) -> Self {
        let values = used.iter().map(|(name, setting)| (format!("{PREFIX}{name}"), setting.value));
        Self::of(&Snapshot::new(values.collect()))
    }

    /// Every assumption by name, with its default and the default's source.
    pub fn used(&self) -> BTreeMap<String, SettingUsed> {
        let values = self.values();
        let all = KEYS.iter().zip(SOURCES).zip(values);
        all.map(|((key, source), value)| {
            let name = key.name.trim_start_matches(PREFIX).to_owned();
            (name, SettingUsed { value, default: key.default, source: (*source).to_owned() })
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_without_values_is_the_default() {
        assert_eq!(Settings::of(&Snapshot::default()), Settings::default());
        let used = Settings::default().used();
        assert_eq!((used.len(), used["max_multiple_bp"].value), (KEYS.len(), 50_000));
        for key in KEYS {
            assert!((key.min..=key.max).contains(&key.default), "{}", key.name);
        }
    }

    #[test]
    fn what_is_governed_is_used() {
        let values = BTreeMap::from([("deals.valuation.fee_bp".to_owned(), 500)]);
        let settings = Settings::of(&Snapshot::new(values));
        assert_eq!(settings, Settings { fee_bp: 500, ..Settings::default() });
        assert_eq!(settings.used()["fee_bp"].default, 1_000);
        assert_eq!(Settings::of_report(&settings.used()), settings);
    }
}
