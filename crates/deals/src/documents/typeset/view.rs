//! From a document's facts to the texts and numbers its template shows.

use kernel::Money;
use serde_json::{Map, Value, json};

use super::locale::Language;
use super::model::{House, Receipt, Templates, TermSheet};
use super::sections::{
    assumptions, confidence_view, rail, sensitivity, shares, statements, whole_percent, work,
};
use super::words::Words;
use super::{Broken, charts, world};
use crate::valuation::model::{Deal, Valuation};

/// Works listed on a term sheet; the rest is one sentence.
const WORKS: usize = 20;
/// What both documents need.
fn common(words: &Words, house: &House, number: &str, offer: &str) -> Map<String, Value> {
    let mut data = Map::new();
    let lines: Vec<&String> = house.lines.iter().filter(|l| !l.is_empty()).collect();
    data.insert("lang".into(), json!(words.language.code()));
    data.insert("t".into(), json!(words.known));
    data.insert("house".into(), json!({ "name": house.name, "lines": lines }));
    data.insert("number".into(), json!(number));
    let footer = words.with("footer", &[("house", &house.name), ("number", offer)]);
    data.insert("footer".into(), json!(footer));
    data
}

/// The data of a term sheet.
pub(super) fn term_sheet(
    sheet: &TermSheet,
    templates: &Templates,
    language: Language,
) -> Result<Value, Broken> {
    let words = Words::of(templates, language)?;
    let value = &sheet.valuation;
    let asset = value.ltm.asset;
    let mut data = common(&words, &sheet.house, &sheet.number, &sheet.number);
    let mut put = |key: &str, value: Value| data.insert(key.to_owned(), value);
    put("date", json!(language.date(sheet.date)));
    put("title", json!(sheet.title));
    put("description", json!(sheet.description));
    put("creator", words.party(&sheet.creator));
    let kind = kind_key(value.kind);
    put("kind_label", json!(words.get(&format!("{kind}_label"))));
    put("offered", json!(language.money(sheet.offered)));
    put("offer_sentence", json!(offer_sentence(&words, value)));
    put("range", range(value, sheet.offered, language));
    let confidence = language.percent(whole_percent(value.confidence_bp));
    let multiple = words.decimal(&value.multiple);
    let parts = [("multiple", multiple.as_str()), ("confidence", confidence.as_str())];
    put("multiple_sentence", json!(words.with("multiple_sentence", &parts)));
    put("terms", json!(terms(&words, sheet)));
    put("history", charts::history(&value.history, asset, language));
    put("fan", charts::fan(&value.forecast, asset, language));
    for (key, text) in chart_texts(&words, value) {
        put(key, json!(text));
    }
    put("assumptions", json!(assumptions(&words, value)));
    put("sensitivity", sensitivity(&value.sensitivity, value, asset, language));
    put("rails", value.guard_rails.iter().map(|r| rail(&words, r)).collect());
    put("confidence", confidence_view(&words, value));
    let works = value.works.iter().take(WORKS);
    put("works", works.map(|w| work(&words, w)).collect());
    let more = value.works.len().saturating_sub(WORKS);
    let note = if more > 0 {
        words.with("works_more", &[("n", &more.to_string())])
    } else {
        String::new()
    };
    put("works_note", json!(note));
    let stores = value.stores.iter().map(|s| (s.name.as_str(), s.share_bp));
    put("stores", shares(&words, stores));
    let countries = value.countries.iter().map(|c| (c.code.as_str(), c.share_bp));
    put("countries", shares(&words, countries));
    put("statements", statements(&words, sheet));
    put("fine_print", json!(fine_print(&words, sheet)));
    Ok(finished(data, &words))
}

/// The data of a receipt.
pub(super) fn receipt(
    receipt: &Receipt,
    templates: &Templates,
    language: Language,
) -> Result<Value, Broken> {
    let words = Words::of(templates, language)?;
    let mut data = common(&words, &receipt.house, &receipt.number, &receipt.offer_number);
    let mut put = |key: &str, value: Value| data.insert(key.to_owned(), value);
    let paid = &receipt.paid;
    put("date", json!(language.date(receipt.date)));
    put("title", json!(receipt.title));
    put("creator", words.party(&receipt.creator));
    put("amount", json!(language.money(receipt.amount)));
    put("sentence", json!(words.with("paid_sentence", &[("date", &language.date(paid.at))])));
    let pair = |key: &str, value: &str| json!([words.get(key), value]);
    put(
        "payment",
        json!([
            pair("rail", &paid.rail),
            pair("reference", &paid.reference),
            pair("holder", &paid.holder_name),
            pair("account", &paid.account_masked),
            pair("paid_at", &language.moment(paid.at)),
            pair("ledger_transfer", &paid.ledger_transfer),
        ]),
    );
    put(
        "deal",
        json!([
            pair("offer", &receipt.offer_number),
            pair("kind", &words.get(kind_key(receipt.kind))),
            pair("assigned_share", &language.percent(i64::from(receipt.share_bp))),
            pair("term", &words.term(receipt.term_years)),
        ]),
    );
    let accepted = &receipt.acceptance;
    put(
        "acceptance",
        json!([
            pair("accepted_by", &accepted.typed_name),
            pair("accepted_at", &language.moment(accepted.at)),
            pair("terms_version", &accepted.terms_version),
        ]),
    );
    put("term_sheet_sha256", json!(accepted.term_sheet_sha256));
    put("fine_print", json!([words.get("receipt_print")]));
    Ok(finished(data, &words))
}

fn kind_key(kind: Deal) -> &'static str {
    match kind {
        Deal::Purchase => "purchase",
        Deal::Advance => "advance",
    }
}

fn offer_sentence(words: &Words, value: &Valuation) -> String {
    let share = words.language.percent(i64::from(value.share_bp));
    let key = format!("{}_sentence", kind_key(value.kind));
    words.with(&key, &[("share", &share), ("term", &words.term(value.term_years))])
}

/// Positions between low (0) and high (10000).
fn range(value: &Valuation, offered: Money, language: Language) -> Value {
    let (low, high) = (value.low.minor, value.high.minor);
    let width = i128::from((high - low).max(1));
    let at = |m: Money| (i128::from(m.minor - low) * 10_000 / width).clamp(0, 10_000) as i64;
    let text = |m: Money| language.decimal(&m.amount_text());
    json!({
        "low": text(value.low), "median": text(value.median), "high": text(value.high),
        "median_at": at(value.median), "offered_at": at(offered),
    })
}

fn terms(words: &Words, sheet: &TermSheet) -> Vec<Value> {
    let value = &sheet.valuation;
    let language = words.language;
    let mut rows = vec![
        (words.get("assigned_share"), language.percent(i64::from(value.share_bp))),
        (words.get("term"), words.term(value.term_years)),
        (
            words.get("scope"),
            sheet.works.as_ref().map_or_else(|| words.get("all_works"), |w| listed(w)),
        ),
    ];
    if let Some(recoupment) = &value.recoupment {
        rows.push((words.get("cap"), language.money(recoupment.cap)));
        let when = match recoupment.expected_year {
            Some(year) => words.with("recouped_year", &[("n", &year.to_string())]),
            None => words.get("recouped_never"),
        };
        rows.push((words.get("recouped"), when));
    }
    if let Some(requested) = sheet.requested {
        rows.push((words.get("requested"), language.money(requested)));
    }
    if let Some(expires) = sheet.expires {
        rows.push((words.get("expires"), language.date(expires)));
    }
    rows.push((words.get("terms_version"), sheet.terms_version.clone()));
    rows.into_iter().map(|(name, value)| json!([name, value])).collect()
}

/// At most twelve titles in a row.
fn listed(works: &[String]) -> String {
    let shown: Vec<&str> = works.iter().take(12).map(String::as_str).collect();
    let more = works.len() - shown.len();
    let tail = if more > 0 { format!(" (+{more})") } else { String::new() };
    format!("{}{tail}", shown.join(", "))
}

fn chart_texts(words: &Words, value: &Valuation) -> Vec<(&'static str, String)> {
    let language = words.language;
    let currency = [("currency", value.ltm.asset.code())];
    let incomplete = value.history.iter().any(|m| !m.complete);
    let note = if incomplete { "history_note_incomplete" } else { "history_note" };
    let mut fan_note = words.with("fan_note", &currency);
    if value.forecast.len() > 20 {
        fan_note = format!("{fan_note} {}", words.get("fan_cut"));
    }
    let month = |m: Option<kernel::Month>| m.map(|m| language.month(m)).unwrap_or_default();
    let from = month(value.history.first().map(|m| m.month));
    let to = month(value.history.last().map(|m| m.month));
    let median = |y: Option<&crate::valuation::model::ForecastYear>| {
        y.map(|y| language.decimal(&y.median)).unwrap_or_default()
    };
    let (first, last) =
        (median(value.forecast.first()), median(value.forecast.iter().take(20).next_back()));
    vec![
        ("history_note", words.with(note, &currency)),
        ("fan_note", fan_note),
        ("history_alt", words.with("history_alt", &[("from", &from), ("to", &to)])),
        ("fan_alt", words.with("fan_alt", &[("first", &first), ("last", &last)])),
    ]
}

fn fine_print(words: &Words, sheet: &TermSheet) -> Vec<String> {
    let key = format!("{}_print", kind_key(sheet.valuation.kind));
    vec![words.with(&key, &[("house", &sheet.house.name)]), words.get("estimate_print")]
}

/// Replaces letters that no font has, and says so.
fn finished(data: Map<String, Value>, words: &Words) -> Value {
    let mut data = Value::Object(data);
    let mut replaced = false;
    show_only(&mut data, &mut replaced);
    if replaced && let Some(Value::Array(print)) = data.get_mut("fine_print") {
        print.push(json!(words.get("letters_print")));
    }
    data
}

fn show_only(value: &mut Value, replaced: &mut bool) {
    match value {
        Value::String(text) => {
            if text.chars().all(world::can_show) {
                return;
            }
            *replaced = true;
            *text = text.chars().map(|c| if world::can_show(c) { c } else { '□' }).collect();
        }
        Value::Array(list) => list.iter_mut().for_each(|v| show_only(v, replaced)),
        Value::Object(map) => map.values_mut().for_each(|v| show_only(v, replaced)),
        _ => {}
    }
}
