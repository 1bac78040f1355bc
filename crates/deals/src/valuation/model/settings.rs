//! What the model assumes, with the source of every figure. Every one can be governed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Assumptions and guard rails. Rates and shares in basis points (10000 = 100 %).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Yearly discount rate.
    pub discount_bp: i64,
    /// Standard deviation of the discount rate in the simulation.
    pub discount_sd_bp: i64,
    /// The house's fee, taken from the assigned share.
    pub fee_bp: i64,
    /// Yearly decay of a catalogue younger than one year, when the data says nothing.
    pub prior_decay_new_bp: i64,
    /// The same from one to three years.
    pub prior_decay_1y_bp: i64,
    /// The same from three to seven years.
    pub prior_decay_3y_bp: i64,
    /// The same from seven years on.
    pub prior_decay_7y_bp: i64,
    /// How many pairs of months the prior is worth.
    pub prior_weight_pairs: i64,
    /// Standard deviation of the prior decay.
    pub prior_decay_sd_bp: i64,
    /// The decay that every catalogue moves to as it ages.
    pub long_run_decay_bp: i64,
    /// Years in which the distance to the long-run decay halves; 0 keeps the decay constant.
    pub decay_half_life_years: i64,
    /// Lowest decay that is believed: 0 means that growth is never paid for.
    pub min_decay_bp: i64,
    /// Highest decay that is believed.
    pub max_decay_bp: i64,
    /// Simulated futures.
    pub simulations: i64,
    /// Years that "life of rights" is valued over.
    pub life_of_rights_years: i64,
    /// Part of the present value that an advance pays up front.
    pub advance_rate_bp: i64,
    /// Guard rail: highest multiple of the assigned last-twelve-month earnings.
    pub max_multiple_bp: i64,
    /// Guard rail: streams of the last three months this much below a year before ...
    pub stream_decline_bp: i64,
    /// ... with at least more than this many streams then ...
    pub stream_decline_min_units: i64,
    /// ... multiply the value by this.
    pub stream_decline_factor_bp: i64,
    /// Guard rail: more than this share of the earnings from one country ...
    pub geo_concentration_bp: i64,
    /// ... with more than this many units there ...
    pub geo_concentration_min_units: i64,
    /// ... multiplies the confidence by this.
    pub geo_concentration_factor_bp: i64,
    /// Guard rail: fewer complete months are not valued at all.
    pub min_history_months: i64,
    /// Guard rail: fewer complete months multiply the confidence ...
    pub full_history_months: i64,
    /// ... by this.
    pub short_history_factor_bp: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discount_bp: 1_200,
            discount_sd_bp: 200,
            fee_bp: 1_000,
            prior_decay_new_bp: 3_000,
            prior_decay_1y_bp: 2_000,
            prior_decay_3y_bp: 1_200,
            prior_decay_7y_bp: 800,
            prior_weight_pairs: 6,
            prior_decay_sd_bp: 600,
            long_run_decay_bp: 700,
            decay_half_life_years: 4,
            min_decay_bp: 0,
            max_decay_bp: 6_000,
            simulations: 4_000,
            life_of_rights_years: 40,
            advance_rate_bp: 8_000,
            max_multiple_bp: 50_000,
            stream_decline_bp: 3_000,
            stream_decline_min_units: 1_000,
            stream_decline_factor_bp: 8_000,
            geo_concentration_bp: 7_000,
            geo_concentration_min_units: 500,
            geo_concentration_factor_bp: 5_000,
            min_history_months: 6,
            full_history_months: 12,
            short_history_factor_bp: 6_000,
        }
    }
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

const HOUSE: &str = "house policy";
const DECAY: &str = "decay by age of catalogue, secondary sources: viral 20-40 %, modern \
                     8-12 %, evergreen 2-7 % a year";
const RAIL: &str = "guard rail of the house";
const MODEL: &str = "model choice, see docs/adr";

/// Where each default comes from, by name of the setting.
const SOURCES: &[(&str, &str)] = &[
    ("discount_bp", "secondary sources: 8-12 % a year; the upper end, because asks are optimistic"),
    ("discount_sd_bp", MODEL),
    ("fee_bp", HOUSE),
    ("prior_decay_new_bp", DECAY),
    ("prior_decay_1y_bp", DECAY),
    ("prior_decay_3y_bp", DECAY),
    ("prior_decay_7y_bp", DECAY),
    ("prior_weight_pairs", MODEL),
    ("prior_decay_sd_bp", DECAY),
    ("long_run_decay_bp", DECAY),
    ("decay_half_life_years", MODEL),
    ("min_decay_bp", "growth is never paid for in advance"),
    ("max_decay_bp", MODEL),
    ("simulations", MODEL),
    ("life_of_rights_years", HOUSE),
    ("advance_rate_bp", "public advances of video catalogues: about 80 % of the forecast"),
    ("max_multiple_bp", RAIL),
    ("stream_decline_bp", RAIL),
    ("stream_decline_min_units", RAIL),
    ("stream_decline_factor_bp", RAIL),
    ("geo_concentration_bp", RAIL),
    ("geo_concentration_min_units", RAIL),
    ("geo_concentration_factor_bp", RAIL),
    ("min_history_months", RAIL),
    ("full_history_months", RAIL),
    ("short_history_factor_bp", RAIL),
];

impl Settings {
    /// Every assumption by name, with its default and the default's source.
    pub fn used(&self) -> BTreeMap<String, SettingUsed> {
        let (mine, defaults) = (self.by_name(), Self::default().by_name());
        SOURCES
            .iter()
            .map(|(name, source)| {
                let value = |of: &BTreeMap<String, i64>| of.get(*name).copied().unwrap_or(0);
                let used = SettingUsed {
                    value: value(&mine),
                    default: value(&defaults),
                    source: (*source).to_owned(),
                };
                ((*name).to_owned(), used)
            })
            .collect()
    }

    fn by_name(&self) -> BTreeMap<String, i64> {
        // Every field is an i64, so this round trip cannot fail; a test holds it to that.
        serde_json::to_value(self).and_then(serde_json::from_value).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_source() {
        let settings = Settings::default();
        assert_eq!(settings.by_name().len(), SOURCES.len());
        let used = settings.used();
        for name in settings.by_name().keys() {
            assert!(used.contains_key(name), "{name} has no source");
        }
        assert_eq!(used["max_multiple_bp"].value, 50_000);
    }
}
