//! Personal data of buyers: dropped at the door, samples shown to a person included.
//!
//! A column is private by its name, in the languages statements come in, or by what it holds
//! (email addresses, telephone numbers). A column called only `name` or `city` is private
//! where others tell that the file lists buyers. From every other text email addresses,
//! telephone numbers, numbers of persons, cards, accounts and machines are taken out.

mod contacts;
mod names;
mod numbers;

use contacts::{mail_in, named_before, named_behind};
use names::{is_beside, is_buyer, is_personal, words_of};

/// Which columns are private. `names` are normalised column names.
pub(super) fn private(names: &[String], sample: &[Vec<String>]) -> Vec<bool> {
    let bare: Vec<String> = names.iter().map(|n| words_of(n)).collect();
    let mut out: Vec<bool> = bare
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let values: Vec<&str> = filled(sample, at).collect();
            is_personal(name) || is_buyer(name, &values) || holds_contacts(sample, at)
        })
        .collect();
    let lists_buyers = out.iter().any(|p| *p);
    let lists_payments = bare.iter().any(|n| names::is_of_payments(n));
    for (at, name) in bare.iter().enumerate() {
        out[at] |= lists_buyers && is_beside(name) || lists_payments && name == "name";
    }
    out
}

fn filled(sample: &[Vec<String>], column: usize) -> impl Iterator<Item = &str> {
    sample.iter().filter_map(move |r| r.get(column)).map(|c| c.trim()).filter(|c| !c.is_empty())
}

/// What stands in the place of something that was taken out ends so.
const REMOVED: &str = " removed)";

/// Something was taken out of the text.
pub(super) fn is_taken_out(text: &str) -> bool {
    text.contains(REMOVED)
}

/// Half of what a column shows, or more, was taken out.
fn holds_contacts(sample: &[Vec<String>], column: usize) -> bool {
    let all = filled(sample, column).count();
    let removed = |c: &&str| c.starts_with('(') && c.ends_with(REMOVED) || mail_in(c).is_some();
    let hits = filled(sample, column).filter(removed).count();
    // One address already is one too many.
    let mail = |c: &str| c.contains("(email removed)") || mail_in(c).is_some();
    all > 0 && (hits * 2 >= all || filled(sample, column).any(mail))
}

/// A text without anything by which a person is known or reached: none is kept, wherever it
/// stands.
pub(super) fn without_contacts(mut text: String) -> String {
    // A text has at most 300 characters, and each round takes one out.
    while let Some(place) = mail_in(&text) {
        let from = named_before(&text, place.start).unwrap_or(place.start);
        let place = from..named_behind(&text, place.end);
        text.replace_range(place, "(email removed)");
    }
    numbers::without(text)
}
