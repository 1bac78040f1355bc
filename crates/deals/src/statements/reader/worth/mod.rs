//! How good the name of a column is for what is looked for.
//!
//! Net is better than gross, the payee's share better than the total, what was sold in a
//! period better than when it was reported, the currency of the payment better than that of a
//! shop.

mod words;

use kernel::Asset;

use super::detect::Found;
use super::formats;
use super::month_names::folded;
use super::types::Unit;
use words::{
    AFTER, HUNDREDTHS, MILLIONS, MILLIONTHS, NEVER, NOT_MONEY, PARTY, PAYEE, REPORTED, SHOP, SOLD,
    THOUSANDS, THOUSANDTHS, WHEN, WORTH, YEAR,
};

/// Two columns this near to each other are both plausible.
pub(super) const MARGIN: i32 = 10;

/// What the name of a column says about money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money {
    pub worth: i32,
    /// The name can only mean money; others (`total`, `sum`) may be counts.
    pub strong: bool,
}

fn words(name: &str) -> Vec<String> {
    let folded = folded(formats::shared_name(name));
    let parts = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    parts.map(str::to_owned).collect()
}

/// What a column's name says about the money in it; `None` when it is none.
pub(super) fn of_amount(name: &str) -> Option<Money> {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let after = words.iter().position(|w| AFTER.contains(&w.as_str()));
    // `net of fees`
    let net_of = words.windows(2).position(|w| w[0] == "net" && w[1] == "of");
    let ends = after.or(net_of.map(|at| at + 1)).unwrap_or(words.len());
    let head = &words[..ends];
    if name.contains('%') || head.iter().any(|w| NOT_MONEY.contains(&w.as_str())) {
        return None;
    }
    let mut worth = 0;
    let mut found = false;
    let mut strong = currency_in_name(name).is_some();
    for word in head {
        if let Some((_, adds, only)) = WORTH.iter().find(|(w, ..)| w == word) {
            worth += adds;
            found = true;
            strong |= only;
        }
    }
    let net = head.iter().any(|w| matches!(w.as_str(), "net" | "netto" | "neto" | "nett"));
    strong |= net && head.len() > 1;
    if after.is_some() && !net {
        worth += 40;
    }
    if has(PAYEE) {
        worth += 80;
    } else if has(PARTY) {
        worth += 60;
    }
    // `Your share`, `Artist share` are money although no word of money is in them.
    found |= has(&["share", "split", "anteil", "andel", "quota", "aandeel"]);
    if has(SHOP) {
        worth -= 50;
    }
    if strong && currency_in_name(name).is_some() {
        worth += 5;
        found = true;
    }
    found.then_some(Money { worth, strong })
}

/// True for the part of one of several parties.
pub(super) fn is_party(name: &str) -> bool {
    words(name).iter().any(|w| PARTY.contains(&w.as_str()) || PAYEE.contains(&w.as_str()))
}

/// True for what came in before anything was taken off.
pub(super) fn is_gross(name: &str) -> bool {
    of_amount(name).is_some_and(|money| money.worth < 0)
}

/// True when a name says that its column is no money at all: a count, an identifier, a price.
pub(super) fn is_no_money(name: &str) -> bool {
    of_amount(name).is_none()
        && (name.contains('%') || words(name).iter().any(|w| NOT_MONEY.contains(&w.as_str())))
}

/// True for the name of a price or a rate of one unit.
pub(super) fn is_price(name: &str) -> bool {
    const PRICE: [&str; 10] =
        ["price", "ppd", "rate", "preis", "pris", "prix", "precio", "preco", "prezzo", "prijs"];
    !name.contains('%') && words(name).iter().any(|w| PRICE.contains(&w.as_str()))
}

/// True when `part` is the name of `whole` without its `total`: then it is the amount of one
/// unit, or of one kind (`Revenue : Auction` beside `Revenue : Total`).
pub(super) fn is_total_of(whole: &str, part: &str) -> bool {
    let mut words_of_whole = words(whole);
    words_of_whole.retain(|w| w != "total");
    words_of_whole.len() < words(whole).len() && words(part).starts_with(&words_of_whole)
}

/// `Revenue : Auction` beside a plain `Revenue`: one kind of it.
pub(super) fn is_kind_of(whole: &str, part: &str) -> bool {
    let behind = part.trim().strip_prefix(whole.trim()).map(str::trim_start);
    behind.is_some_and(|rest| rest.starts_with([':', '|']))
}

/// True for a column that says the year only, or the month or quarter only.
pub(super) fn is_named(name: &str, list: &[&str]) -> bool {
    words(name).iter().any(|w| list.contains(&w.as_str()))
}

/// How good a column's name is for the month of the earning; `None` when it is none.
pub(super) fn of_month(name: &str) -> Option<i32> {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let ends_when = |w: &String| WHEN.iter().any(|n| n.len() > 2 && w.ends_with(n));
    if has(NEVER) {
        return None;
    }
    if !(has(WHEN) || words.iter().any(ends_when)) {
        // Whole years are better than nothing, and so is any other date.
        return Some(if has(YEAR) { 5 } else { -20 });
    }
    // Also as the first part of a compound: `Verkaufsmonat`.
    let part = |list: &[&str]| {
        let begins = |w: &String| list.iter().any(|n| n.len() > 5 && w.starts_with(n));
        has(list) || words.iter().any(begins)
    };
    let mut worth = 20;
    if part(SOLD) {
        worth += 20;
    }
    if part(REPORTED) {
        worth -= 20;
    }
    Some(worth)
}

/// How good a column's name is for the currency of the money; `None` when it is none.
pub(super) fn of_currency(name: &str) -> Option<i32> {
    const PAID: &[&str] =
        &["payment", "royalty", "preferred", "client", "payout", "payable", "net", "reporting"];
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    if !has(&["currency", "valuta", "wahrung", "devise", "moneda", "moeda", "ccy", "curr"]) {
        return None;
    }
    let mut worth = 20;
    if has(PAID) {
        worth += 10;
    }
    // The currency of a price is not that of the payment, and one of these alone is no guess.
    if has(SHOP) || has(&["price", "sales"]) {
        return None;
    }
    Some(worth)
}

/// The currency that a column's name says: `Earnings (USD)`, `Revenue-EUR`, `Net GBP`,
/// `Royalty ($US)`.
pub(super) fn currency_in_name(name: &str) -> Option<Asset> {
    let name = formats::shared_name(name);
    if let Some(asset) = formats::currency_in(name).and_then(|code| code.parse().ok()) {
        return Some(asset);
    }
    let signs: [(&str, &str); 5] =
        [("$us", "USD"), ("us$", "USD"), ("€", "EUR"), ("£", "GBP"), ("₹", "INR")];
    let lower = name.to_lowercase();
    if let Some((_, code)) = signs.iter().find(|(sign, _)| lower.contains(sign)) {
        return code.parse().ok();
    }
    let parts: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let code = |w: &&&str| w.len() == 3 && (w.bytes().all(|b| b.is_ascii_uppercase()));
    // `NET_TOTAL` is in capitals as a whole: there a code is no sign of its own.
    let shouts = name.bytes().all(|b| !b.is_ascii_lowercase()) && parts.len() > 1;
    if shouts {
        return parts.last().filter(code).and_then(|w| w.parse().ok());
    }
    parts.iter().find(code).and_then(|w| w.parse().ok())
}

/// A code of a currency (ISO 4217) in a column's name that the house does not keep.
pub(super) fn foreign_currency_in(name: &str) -> Option<&'static str> {
    #[rustfmt::skip]
    const CODES: &[&str] = &[
        "AED", "ARS", "BDT", "BGN", "BHD", "BOB", "BYN", "CLP", "CNY", "COP", "CRC", "DOP", "DZD",
        "EGP", "GEL", "GHS", "GTQ", "HKD", "HNL", "HRK", "IDR", "ILS", "IQD", "ISK", "JMD", "JOD",
        "KES", "KWD", "KZT", "LBP", "LKR", "MAD", "MYR", "NGN", "NPR", "OMR", "PEN", "PHP", "PKR",
        "PYG", "QAR", "RON", "RSD", "RUB", "SAR", "THB", "TND", "TRY", "TWD", "TZS", "UAH", "UGX",
        "UYU", "UZS", "VES", "VND", "XAF", "XOF", "ZMW",
    ];
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    let last = words.clone().rfind(|w| !w.is_empty());
    let code = formats::currency_in(name);
    // A code of its own: in brackets, or the last word.
    let said = code.as_deref().or(last.filter(|w| words.any(|o| !o.is_empty() && o != *w)));
    CODES.iter().copied().find(|c| Some(*c) == said && c.parse::<Asset>().is_err())
}

/// What a column's name, the cells of another one, or a line above the table say that the
/// amounts are counted in, and where they say so.
pub(super) fn unit_shown(found: &Found, amount: usize) -> Option<(Unit, String)> {
    let (name, above) = (&found.header[amount], &found.above);
    if let Some(unit) = unit_in(name) {
        return Some((unit, format!("the name of column '{name}'")));
    }
    let cells = |at: usize| found.sample.iter().filter_map(move |r| r.get(at));
    let told = (0..found.header.len()).filter(|at| *at != amount).find_map(|at| {
        let mut units = cells(at).filter(|c| !c.is_empty()).map(|c| unit_in(c));
        let first = units.next()??;
        let words = cells(at).all(|c| c.split_whitespace().count() <= 3);
        (words && units.all(|u| u == Some(first))).then_some((first, at))
    });
    if let Some((unit, at)) = told {
        return Some((unit, format!("column '{}'", found.header[at])));
    }
    let line = |cell: &&String| cell.split_whitespace().count() <= 8;
    above.iter().flatten().filter(line).find_map(|cell| {
        let shown: String = cell.chars().take(60).collect();
        unit_in(cell).map(|unit| (unit, format!("'{shown}' above the table")))
    })
}

fn unit_in(text: &str) -> Option<Unit> {
    let lower = text.to_lowercase();
    let said = words(text);
    let has = |list: &[&str]| said.iter().any(|w| list.contains(&w.as_str()));
    let shows = |list: &[&str]| list.iter().any(|sign| lower.contains(sign));
    // Pence and cents by their letter, as stock exchanges and banks write them: GBp is no GBP.
    let pence = text.split(|c: char| !c.is_alphanumeric()).any(|w| matches!(w, "GBp" | "USc"));
    let letter = ["(p)", "(c)", "[p]", "[c]"].iter().any(|end| lower.trim_end().ends_with(end));
    if has(HUNDREDTHS)
        || pence
        || letter
        || shows(&["\u{a2}", "1/100 "])
        || lower.ends_with("1/100")
    {
        Some(Unit::Hundredths)
    } else if has(THOUSANDTHS) || shows(&["1/1000"]) {
        Some(Unit::Thousandths)
    } else if has(MILLIONTHS) || lower.contains('\u{b5}') {
        Some(Unit::Millionths)
    } else if has(MILLIONS) || shows(&["m\u{20ac}", "m\u{a3}", "m$"]) {
        Some(Unit::Millions)
    } else if has(THOUSANDS)
        || shows(&["t\u{20ac}", "k\u{20ac}", "t\u{a3}", "k\u{a3}", "k$", "t$", "(k)", "(t)"])
    {
        Some(Unit::Thousands)
    } else {
        None
    }
}
