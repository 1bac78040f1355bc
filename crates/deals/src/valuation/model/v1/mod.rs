//! Version 1 of the model, kept as it was: offers that it valued are re-priced by it.
//!
//! One decay and one discount rate are drawn for each future, nothing else; its band held far
//! fewer outcomes than it said (see docs/valuation.md), so nothing new is valued by it.

mod decay;
mod simulate;
#[cfg(test)]
mod tests;

use super::book::Months;
use super::measure::{Ltm, dollar_age};
use super::{Outlook, Question, SettingUsed};

/// The one assumption that later versions do not have.
pub(super) const PRIOR_PAIRS: &str = "prior_weight_pairs";
/// Its value when nothing else was said.
pub(super) const USUAL_PAIRS: i64 = 6;

/// The assumption as it was used.
pub(super) fn prior_pairs_used(value: i64) -> SettingUsed {
    SettingUsed { value, default: USUAL_PAIRS, source: "model choice, see docs/adr".into() }
}

/// What version 1 says of these months.
pub(super) fn outlook(
    months: &Months,
    ltm: &Ltm,
    years: usize,
    ask: &Question<'_>,
    prior_pairs: i64,
) -> Outlook {
    let age = dollar_age(months, ltm);
    let decay = decay::decay(months, ltm, age, ask.settings, prior_pairs);
    let futures = simulate::futures(&decay, years, ask.seed, ask.settings);
    let parts = decay::confidence(months, ltm, ask.now.month());
    let confidence = decay::weigh(&parts);
    Outlook { futures, decay, parts, confidence }
}
