//! The tables of a term sheet: assumptions, sensitivity, rails, confidence, shares, files.

use kernel::{Asset, Money};
use serde_json::{Value, json};

use super::locale::Language;
use super::model::TermSheet;
use super::words::Words;
use crate::valuation::model::{Deal, GuardRail, Sensitivity, Valuation, WorkShare};

/// Stores and countries listed.
const SHARES: usize = 6;

pub(super) fn assumptions(words: &Words, value: &Valuation) -> Vec<Value> {
    let language = words.language;
    let percent = |bp: i64| language.percent(bp);
    let period = [
        ("from", &*language.month(value.ltm_from)),
        ("to", &*language.month(value.ltm_to)),
        ("units", &*language.count(value.ltm_units)),
    ];
    let decay_note = match language {
        Language::En => value.decay_note.clone(),
        Language::Sv => words.get(&format!("decay_{}", value.decay_source)),
    };
    let run = [("seed", &*value.seed.to_string()), ("version", value.version.as_str())];
    let age = words.decimal(&value.dollar_age_years);
    let mut rows = vec![
        (words.get("ltm"), language.money(value.ltm), words.with("ltm_note", &period)),
        (
            words.get("multiple"),
            format!("{}×", words.decimal(&value.multiple)),
            words.get("multiple_note"),
        ),
        (words.get("age"), words.with("age_value", &[("n", &age)]), words.get("age_note")),
        (words.get("decay_name"), percent(value.decay_bp), decay_note),
        (words.get("discount_name"), percent(value.discount_bp), words.get("discount_note")),
        (words.get("fee"), percent(value.fee_bp), words.get("fee_note")),
    ];
    if value.kind == Deal::Advance {
        let rate = value.settings.get("advance_rate_bp").map_or(0, |s| s.value);
        rows.push((words.get("advance_rate"), percent(rate), words.get("advance_rate_note")));
    }
    let count = language.count(value.simulations);
    rows.push((
        words.get("simulation"),
        words.with("simulation_value", &[("n", &count)]),
        words.with("simulation_note", &run),
    ));
    rows.into_iter().map(|(name, value, note)| json!([name, value, note])).collect()
}

pub(super) fn sensitivity(
    grid: &Sensitivity,
    value: &Valuation,
    asset: Asset,
    language: Language,
) -> Value {
    let minor = |text: &String| Money::parse(text, asset).map_or(0, |m| m.minor);
    let all = || grid.median.iter().flatten().map(minor);
    let (low, high) = (all().min().unwrap_or(0), all().max().unwrap_or(0));
    let rows: Vec<Value> = grid
        .decay_bp
        .iter()
        .zip(&grid.median)
        .map(|(decay, row)| {
            let cells: Vec<Value> = grid
                .discount_bp
                .iter()
                .zip(row)
                .map(|(rate, text)| {
                    let above = i128::from(minor(text) - low) * 10_000;
                    json!({
                        "text": language.decimal(text),
                        "base": *decay == value.decay_bp && *rate == value.discount_bp,
                        "shade": (above / i128::from((high - low).max(1))) as i64,
                    })
                })
                .collect();
            json!({ "decay": language.percent(*decay), "cells": cells })
        })
        .collect();
    let rates: Vec<String> = grid.discount_bp.iter().map(|r| language.percent(*r)).collect();
    json!({ "rates": rates, "rows": rows })
}

pub(super) fn rail(words: &Words, rail: &GuardRail) -> Value {
    let message = match words.language {
        Language::En => {
            let mut text = rail.message.clone();
            // The model's reasons are clauses; on paper they are sentences.
            if let Some(first) = text.get_mut(0..1) {
                first.make_ascii_uppercase();
            }
            if text.ends_with('.') { text } else { format!("{text}.") }
        }
        Language::Sv => words.get(&format!("message_{}", rail.code)),
    };
    let figures = |text: &str| {
        text.split(' ').map(|part| words.decimal(part)).collect::<Vec<String>>().join(" ")
    };
    json!({
        "title": words.get(&format!("rail_{}", rail.code)),
        "message": message,
        "setting": rail.setting,
        "before": figures(&rail.before),
        "after": figures(&rail.after),
    })
}

/// Confidence is no exact science: whole percents on paper.
pub(super) fn whole_percent(bp: i64) -> i64 {
    kernel::exact::div_half_even(i128::from(bp), 100) as i64 * 100
}

pub(super) fn confidence_view(words: &Words, value: &Valuation) -> Value {
    let parts: Vec<Value> = value
        .confidence_parts
        .iter()
        .map(|part| {
            let is_rail = part.name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            let percent = words.language.percent(whole_percent(part.bp));
            let (key, shown) = if is_rail {
                ("rail", words.with("factor", &[("n", &percent)]))
            } else {
                ("part", percent)
            };
            json!({
                "name": words.get(&format!("{key}_{}", part.name)),
                "value": shown,
                "at": part.bp.clamp(0, 10_000),
            })
        })
        .collect();
    json!({
        "value": words.language.percent(whole_percent(value.confidence_bp)),
        "at": value.confidence_bp.clamp(0, 10_000),
        "parts": parts,
    })
}

pub(super) fn work(words: &Words, work: &WorkShare) -> Value {
    let title = match work.title.as_str() {
        "(untitled)" => words.get("untitled"),
        "(other works)" => words.get("other_works"),
        title => title.to_owned(),
    };
    json!({
        "title": title,
        "isrc": work.isrc,
        "ltm": words.decimal(&work.ltm),
        "share": words.language.percent(work.share_bp),
        "value": words.decimal(&work.value),
    })
}

/// The largest shares, the rest together.
pub(super) fn shares<'a>(words: &Words, all: impl Iterator<Item = (&'a str, i64)>) -> Value {
    let all: Vec<(&str, i64)> = all.collect();
    let keep = if all.len() > SHARES + 1 { SHARES } else { all.len() };
    let line = |name: String, bp: i64| {
        let rounded = kernel::exact::div_half_even(i128::from(bp), 10) as i64 * 10;
        json!({ "name": name, "share": words.language.percent(rounded), "at": bp.clamp(0, 10_000) })
    };
    let mut list: Vec<Value> = all[..keep]
        .iter()
        .map(|(name, bp)| {
            let name = if name.is_empty() { words.get("unknown") } else { (*name).to_owned() };
            line(name, *bp)
        })
        .collect();
    if keep < all.len() {
        let rest = all[keep..].iter().map(|(_, bp)| bp).sum();
        list.push(line(words.get("others"), rest));
    }
    json!(list)
}

pub(super) fn statements(words: &Words, sheet: &TermSheet) -> Value {
    let language = words.language;
    sheet
        .statements
        .iter()
        .map(|s| {
            let period = s.period.map_or_else(String::new, |(from, to)| {
                if from == to {
                    language.month(from)
                } else {
                    format!("{} – {}", language.month(from), language.month(to))
                }
            });
            json!({
                "file": s.file_name,
                "format": s.format_name,
                "period": period,
                "rows": language.count(s.rows),
                "total": language.exact(s.total),
                "sha256": padded(&s.sha256),
            })
        })
        .collect()
}

/// The template cuts a hash in the middle, so it has to be 64 characters long.
fn padded(sha256: &str) -> String {
    let hex: String = sha256.chars().filter(char::is_ascii_hexdigit).take(64).collect();
    format!("{hex:0<64}")
}
