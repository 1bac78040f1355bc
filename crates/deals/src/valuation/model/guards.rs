//! Guard rails: what may not be offered, whatever the model says.

use kernel::{Asset, Exact, Money};

use super::book::Months;
use super::measure::{Ltm, bp, percent};
use super::path::Band;
use super::report::{ConfidencePart, Failed, GuardRail};
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

/// Months of a window that is compared with others.
const WINDOW: usize = 3;
/// Windows before, each a month later than the one before it: a year of them, so that a season
/// is among them.
const WINDOWS: usize = 13;

/// The part of `start`, the year that the price starts from, that a year like the last three
/// months would bring, when these fell far below all three months before: what has stopped is not
/// paid for as if it went on. Where three empty months are usual, nothing is said.
///
/// # Errors
/// `earnings_stopped` when these months brought nothing.
pub(super) fn earnings_stopped(
    months: &Months,
    ltm: &Ltm,
    start: f64,
    settings: &Settings,
) -> Result<Option<(f64, String)>, Failed> {
    let sum = |to: usize| months.amounts[to + 1 - WINDOW..=to].iter().sum::<i128>();
    let first = months.first() + WINDOW - 1;
    // However long there was nothing: it is compared with what was before it.
    let empty = months.amounts[..=ltm.to].iter().rev().take_while(|a| **a <= 0).count();
    let Some(last) = ltm.to.checked_sub(empty.max(WINDOW)) else { return Ok(None) };
    let before = (last.saturating_sub(WINDOWS - 1).max(first)..=last).map(sum);
    let Some(lowest) = before.min().filter(|lowest| *lowest > 0) else { return Ok(None) };
    let now = sum(ltm.to).max(0);
    let (now_is, lowest_is) = (Exact(now).to_f64(), Exact(lowest).to_f64());
    if now_is >= lowest_is * bp(settings.earnings_stopped_bp) {
        return Ok(None);
    }
    let message = format!(
        "{} to {} earned {} % of the lowest three months of the year before (allowed: {} %)",
        months.month(ltm.to + 1 - WINDOW),
        months.month(ltm.to),
        percent(now_is / lowest_is),
        percent(bp(settings.earnings_stopped_bp)),
    );
    if now == 0 {
        return Err(Failed { code: "earnings_stopped", message });
    }
    let factor = now_is * (12.0 / WINDOW as f64) / start;
    Ok((factor < 1.0).then_some((factor, message)))
}

/// The rail of [`earnings_stopped`] with what it changed.
pub(super) fn stopped(message: String, before: Band, after: Band, asset: Asset) -> GuardRail {
    GuardRail {
        code: "EARNINGS_STOPPED".into(),
        message,
        setting: "earnings_stopped_bp".into(),
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
