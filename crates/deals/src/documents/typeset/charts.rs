//! Charts as whole numbers: heights from 0 to 10000 of the axis, for the template to draw.

use kernel::Asset;
use kernel::exact::div_half_even;
use serde_json::{Value, json};

use super::locale::Language;
use crate::valuation::model::{ForecastYear, HistoryMonth};

/// Months shown as bars.
const BARS: usize = 36;
/// Years shown in the fan.
const YEARS: usize = 20;

/// Amounts in minor units.
fn minor(text: &str, asset: Asset) -> i64 {
    kernel::Money::parse(text, asset).map_or(0, |m| m.minor)
}

/// An axis from zero: its highest tick and the ticks' labels.
struct Axis {
    top: i64,
    ticks: Vec<Value>,
}

impl Axis {
    /// At least `most`, with three to five steps of 1, 2, 2.5 or 5 times a power of ten.
    fn upto(most: i64, asset: Asset, language: Language) -> Self {
        let unit = 10_i64.pow(asset.scale());
        let most = most.max(4);
        let mut power = 1_i64;
        while power.saturating_mul(50) < most {
            power = power.saturating_mul(10);
        }
        let steps = [power, power * 2, power * 5 / 2, power * 5, power * 10, power * 20];
        let step = steps.into_iter().find(|s| s * 5 >= most).unwrap_or(most).max(1);
        let count = (most + step - 1) / step;
        let top = step * count.max(2);
        let ticks = (0..=count.max(2))
            .map(|i| {
                let value = i * step;
                let label = if step % unit == 0 {
                    language.count(value / unit)
                } else {
                    language.decimal(&kernel::Money::new(value, asset).amount_text())
                };
                json!({ "at": scaled(value, top), "label": label })
            })
            .collect();
        Self { top, ticks }
    }
}

/// Height of `value` on an axis that ends at `top`.
fn scaled(value: i64, top: i64) -> i64 {
    let value = i128::from(value.max(0)) * 10_000;
    i64::try_from(div_half_even(value, i128::from(top.max(1)))).unwrap_or(10_000).min(10_000)
}

/// The last months as bars.
pub(super) fn history(months: &[HistoryMonth], asset: Asset, language: Language) -> Value {
    let shown = &months[months.len().saturating_sub(BARS)..];
    let most = shown.iter().map(|m| minor(&m.amount, asset)).max().unwrap_or(0);
    let axis = Axis::upto(most, asset, language);
    let bars: Vec<Value> = shown
        .iter()
        .map(|m| {
            let january = m.month.month() == 1;
            let year = if january { m.month.year().to_string() } else { String::new() };
            json!({
                "at": scaled(minor(&m.amount, asset), axis.top),
                "complete": m.complete,
                "year": year,
            })
        })
        .collect();
    let label = |m: Option<&HistoryMonth>| m.map(|m| language.short_month(m.month));
    json!({
        "bars": bars, "ticks": axis.ticks,
        "first": label(shown.first()), "last": label(shown.last()),
        "incomplete": shown.iter().any(|m| !m.complete),
    })
}

/// The forecast as a fan around its median.
pub(super) fn fan(years: &[ForecastYear], asset: Asset, language: Language) -> Value {
    let shown = &years[..years.len().min(YEARS)];
    let most = shown.iter().map(|y| minor(&y.high, asset)).max().unwrap_or(0);
    let axis = Axis::upto(most, asset, language);
    let points: Vec<Value> = shown
        .iter()
        .map(|y| {
            let at = |text: &str| scaled(minor(text, asset), axis.top);
            json!({
                "year": y.year.to_string(),
                "low": at(&y.low), "median": at(&y.median), "high": at(&y.high),
            })
        })
        .collect();
    json!({ "points": points, "ticks": axis.ticks, "cut": years.len() > YEARS })
}
