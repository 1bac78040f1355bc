//! Guard rails: what may not be offered, whatever the model says.

use kernel::{Asset, Money};

use super::book::Months;
use super::measure::{Ltm, bp, percent};
use super::path::Band;
use super::report::{ConfidencePart, GuardRail};
use super::settings::Settings;
use super::to_money;
use crate::statements::reader::Country;

/// Factor on the value when the streams collapse, with the rail that fired.
pub(super) fn stream_decline(
    months: &Months,
    ltm: &Ltm,
    settings: &Settings,
) -> Option<(f64, String)> {
    let before_from = ltm.to.checked_sub(14)?;
    let now: i64 = months.units[ltm.to - 2..=ltm.to].iter().sum();
    let before: i64 = months.units[before_from..=before_from + 2].iter().sum();
    if before <= settings.stream_decline_min_units {
        return None;
    }
    let drop = 1.0 - now.max(0) as f64 / before as f64;
    if drop <= bp(settings.stream_decline_bp) {
        return None;
    }
    let message = format!(
        "{now} streams and sales from {} to {}, {}% below the {before} of the same months a \
         year before (allowed: {}%)",
        months.month(ltm.to - 2),
        months.month(ltm.to),
        percent(drop),
        percent(bp(settings.stream_decline_bp)),
    );
    Some((bp(settings.stream_decline_factor_bp), message))
}

/// The rail of [`stream_decline`] with what it changed.
pub(super) fn declined(message: String, before: Band, after: Band, asset: Asset) -> GuardRail {
    GuardRail {
        code: "STREAM_DECLINE".into(),
        message,
        setting: "stream_decline_factor_bp".into(),
        before: shown(before, asset),
        after: shown(after, asset),
    }
}

/// Caps all three figures at the highest multiple of the assigned earnings.
pub(super) fn max_multiple(
    band: Band,
    assigned: f64,
    asset: Asset,
    settings: &Settings,
) -> (Band, Option<GuardRail>) {
    let cap = assigned * bp(settings.max_multiple_bp);
    let after = band.map(|v| v.min(cap));
    if after == band {
        return (band, None);
    }
    let rail = GuardRail {
        code: "MAX_MULTIPLE".into(),
        message: format!(
            "no figure may exceed {} times the assigned earnings of the last twelve months ({})",
            percent(bp(settings.max_multiple_bp) / 100.0),
            to_money(cap, asset),
        ),
        setting: "max_multiple_bp".into(),
        before: shown(band, asset),
        after: shown(after, asset),
    };
    (after, Some(rail))
}

/// Lowers the confidence: short history, and earnings that hang on one country.
pub(super) fn confidence(
    months: &Months,
    ltm: &Ltm,
    settings: &Settings,
    parts: &mut Vec<ConfidencePart>,
    mut value: i64,
) -> (i64, Vec<GuardRail>) {
    let mut rails = Vec::new();
    let mut reduce = |code: &str, setting: &str, factor: i64, message: String| {
        let before = value;
        value = value * factor / 10_000;
        parts.push(ConfidencePart { name: code.into(), bp: factor, why: message.clone() });
        rails.push(GuardRail {
            code: code.into(),
            message,
            setting: setting.into(),
            before: format!("{}%", percent(bp(before))),
            after: format!("{}%", percent(bp(value))),
        });
    };
    if (ltm.complete as i64) < settings.full_history_months {
        let message = format!(
            "{} complete months of earnings instead of {}: what is missing was not extrapolated",
            ltm.complete, settings.full_history_months
        );
        let factor = settings.short_history_factor_bp;
        reduce("SHORT_HISTORY", "short_history_factor_bp", factor, message);
    }
    let total = ltm.sum.to_f64();
    let top = months
        .ltm_countries
        .iter()
        .filter(|(country, _)| **country != Country::UNKNOWN)
        .max_by_key(|(_, (sum, _))| *sum);
    if let Some((country, (sum, units))) = top
        && sum.to_f64() / total > bp(settings.geo_concentration_bp)
        && *units > settings.geo_concentration_min_units
    {
        let message = format!(
            "{}% of the earnings come from {} (allowed: {}%)",
            percent(sum.to_f64() / total),
            country.as_str(),
            percent(bp(settings.geo_concentration_bp)),
        );
        let factor = settings.geo_concentration_factor_bp;
        reduce("GEO_CONCENTRATION", "geo_concentration_factor_bp", factor, message);
    }
    (value, rails)
}

fn shown(band: Band, asset: Asset) -> String {
    let money = |v: f64| -> Money { to_money(v, asset) };
    format!(
        "{} / {} / {}",
        money(band.low).amount_text(),
        money(band.median).amount_text(),
        money(band.high).amount_text()
    )
}
