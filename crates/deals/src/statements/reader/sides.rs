//! The two sides of an account: in a payee's statement a credit is income, a debit is taken off.

use super::detect::Found;
use super::income;
use super::month_names::folded;

/// Which side of the account an amount is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// `CR`, `H` (Haben), `C`: it is paid to the creator.
    Credit,
    /// `DR`, `S` (Soll), `D`: it is taken off.
    Debit,
}

#[rustfmt::skip]
const CREDIT: &[&str] = &[
    "cr", "c", "h", "k", "+", "credit", "credits", "haben", "kredit", "gutschrift", "credito",
    "avoir", "accredito", "tegoed",
];
#[rustfmt::skip]
const DEBIT: &[&str] = &[
    "dr", "d", "s", "-", "debit", "debits", "soll", "debet", "lastschrift", "belastung", "debito",
    "addebito",
];
/// Letters that belong together; others may be codes of something else.
const PAIRS: [(&str, &str); 4] = [("h", "s"), ("c", "d"), ("k", "d"), ("cr", "dr")];
/// Names of columns that say the side and nothing else.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "s h", "h s", "sh", "hs", "soll haben", "haben soll", "sollhaben", "d c", "c d", "dc", "cd",
    "cr dr", "dr cr", "crdr", "drcr", "debit credit", "credit debit", "debet kredit",
    "kredit debet", "d k", "k d", "soll haben kennzeichen", "soll haben kz", "s h kennzeichen",
    "sh kz", "debito credito", "credito debito", "vorzeichen", "sign", "tecken", "signe", "signo",
    "balance impact", "side",
];
/// Values that a column may have beside them: none.
const NONE: [&str; 2] = ["", "n/a"];

fn plain(text: &str) -> String {
    let text = text.trim();
    if matches!(text, "+" | "-") {
        return text.to_owned();
    }
    folded(text).trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// The side that the cell of a column of sides says.
pub(super) fn of_cell(text: &str) -> Option<Side> {
    let plain = plain(text);
    match () {
        () if CREDIT.contains(&plain.as_str()) => Some(Side::Credit),
        () if DEBIT.contains(&plain.as_str()) => Some(Side::Debit),
        () => None,
    }
}

/// Nothing is said.
pub(super) fn is_silent(text: &str) -> bool {
    NONE.contains(&folded(text.trim()).as_str())
}

/// The side that a word before or behind an amount says. A lone letter stands behind it.
pub(super) fn of_word(word: &str, before: bool) -> Option<Side> {
    let plain = plain(word);
    let letters = plain.chars().count();
    if letters == 0 || letters == 1 && before || matches!(plain.as_str(), "k" | "+" | "-") {
        return None;
    }
    of_cell(&plain)
}

/// The column that says the side of each amount, if there is one; false: its letters may mean
/// something else.
pub(super) fn column(found: &Found) -> Option<(usize, bool)> {
    let open = (0..found.names.len()).filter(|at| !found.private[*at]);
    let mut all = open.filter_map(|at| is_column(found, at).map(|sure| (at, sure)));
    let first = all.next()?;
    Some(all.find(|(_, sure)| *sure && !first.1).unwrap_or(first))
}

/// Whether it is one, and surely so.
fn is_column(found: &Found, at: usize) -> Option<bool> {
    let name = folded(&found.names[at]);
    let words: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let named = NAMES.contains(&words.join(" ").as_str()) || name == "+/-";
    let mut values: Vec<String> = Vec::new();
    for cell in found.sample.iter().filter_map(|r| r.get(at)).filter(|c| !is_silent(c)) {
        let value = plain(cell);
        if !values.contains(&value) {
            values.push(value);
        }
        if values.len() > 4 && !named {
            return None;
        }
    }
    let sides: Vec<Option<Side>> = values.iter().map(|v| of_cell(v)).collect();
    if named {
        return sides.iter().any(Option::is_some).then_some(true);
    }
    if values.is_empty() || sides.contains(&None) {
        return None;
    }
    // A card, or how somebody paid, is called so, too.
    let other = ["card", "method", "payment", "funding", "account", "zahl", "kart"];
    if other.iter().any(|o| name.contains(o)) {
        return None;
    }
    let both = sides.contains(&Some(Side::Credit)) && sides.contains(&Some(Side::Debit));
    let has = |v: &str| values.iter().any(|value| value == v);
    let short = values.iter().any(|v| v.chars().count() <= 2);
    let pair = PAIRS.iter().any(|(credit, debit)| has(credit) && has(debit));
    let letters = pair && values.len() == 2 && income::teller(&found.names[at]).is_none();
    match (both, short) {
        (true, false) => Some(true),
        (true, true) if letters => Some(has("cr")),
        _ => None,
    }
}
