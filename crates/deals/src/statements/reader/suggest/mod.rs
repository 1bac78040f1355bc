//! Guesses what the columns of an unknown file are, for a person to confirm. Where two columns
//! are as good as each other nothing is guessed: both are named and a person chooses.

mod proven;
mod shown;

use kernel::Asset;

use super::amounts;
use super::countries::Country;
use super::detect::Found;
use super::formats::{self, CurrencyFrom, Format};
use super::types::{Choice, Mapping, Period, Question};
use super::wide::Wide;
use super::worth::{self, MARGIN};
use super::{dates, values};

pub(super) use shown::{
    decimal_of, has_numbers, may_hold_money, other_dates, rival_of, teller, unread_money,
};

/// Names, best first. A name matches when it is the whole column name, or (second round) a
/// part of it.
const TITLE: &[&str] = &[
    "track title",
    "song title",
    "track name",
    "work title",
    "title",
    "track",
    "song",
    "asset title",
    "product title",
    "item name",
    "titel",
    "titre",
    "titulo",
    "título",
    "titolo",
    "work",
    "canción",
    "cancion",
    "faixa",
    "brano",
    "morceau",
    "låt",
    "lied",
    "nummer",
    "product name",
    "product",
    "items in cart",
    "row labels",
    "zeilenbeschriftungen",
    "radetiketter",
    "\u{e9}tiquettes de lignes",
    "tittel",
    "verk",
    "werk",
    "oeuvre",
    "obra",
    "kappale",
    "utwor",
    "tytu\u{142}",
    "\u{66f2}\u{540d}",
    "item",
    "name",
];
/// Names that mean something else as a part of another (`artist name`, `item type`).
const WHOLE: &[&str] = &["name", "item", "work", "product", "lied", "nummer", "brano"];
const STORE: &[&str] = &[
    "digital service provider",
    "store name",
    "retailer",
    "store",
    "shop",
    "dsp",
    "dms",
    "service",
    "platform",
    "partner",
    "customer",
    "source",
    "channel",
];
const COUNTRY: &[&str] = &[
    "country of sale",
    "country code",
    "country",
    "territory",
    "delivery country",
    "billing country",
    "land",
    "pays",
    "país",
    "pais",
    "paese",
];
const UNITS: &[&str] = &[
    "quantity",
    "units",
    "streams",
    "# units sold",
    "units sold",
    "count",
    "plays",
    "qty",
    "net quantity",
    "owned views",
    "antal",
    "menge",
    "anzahl",
    "aantal",
    "sales",
];
const ISRC: &[&str] = &["isrc", "isrc code", "track isrc"];

/// What a column is worth of which the rows prove that it is left after deductions.
const PROVEN: i32 = 60;

/// Words of a line above the table that says the currency, at most.
const LONGEST_LINE: usize = 8;

/// A guess, and what it leaves open.
#[derive(Debug)]
pub(super) struct Suggestion {
    pub mapping: Mapping,
    pub questions: Vec<Question>,
}

impl Suggestion {
    /// Nothing is missing to read the file with it, but for the currency.
    pub fn is_whole(&self) -> bool {
        self.has_money() && (!self.mapping.month.is_empty() || self.mapping.period.is_some())
    }

    /// It knows, or wavers between two, which column holds the money.
    pub fn has_money(&self) -> bool {
        !self.mapping.amount.is_empty()
    }
}

/// The suggested mapping of a file. `given` is the currency that a person said the money is
/// in: a column in it is preferred.
pub(super) fn mapping(found: &Found, given: Option<Asset>) -> Suggestion {
    if let Some(format) = found.format {
        return Suggestion { mapping: of_format(found, format), questions: Vec::new() };
    }
    let mut questions = Vec::new();
    let months = ranked(found, |i| {
        let dated = share(found, i, |c| dates::dated(c.as_bytes()).is_some()) >= 60;
        // Under a name that says nothing, a number is no date.
        let plain = share(found, i, |c| amounts::written(c.as_bytes()).is_ok()) > 0;
        let worth = worth::of_month(&found.names[i]).filter(|w| *w >= 0 || !plain);
        dated.then_some(worth).flatten()
    });
    let parted = months_beside_years(found);
    let month = match parted {
        Some((month, _)) => Some(month),
        None => chosen(found, &months, "month", &[], &mut questions),
    };
    let dates: Vec<usize> = months.iter().map(|(m, _)| *m).chain(parted.map(|(m, _)| m)).collect();
    let yearless = found.wide.as_ref().and_then(Wide::yearless);
    if let (Some((first, last)), None) = (yearless, parted) {
        questions.push(question_of_years(first, last));
    }
    let (amounts, parts) = columns_of_money(found, &dates, given);
    let amount = chosen(found, &amounts, "amount", &parts, &mut questions);
    let words = |i: usize| share(found, i, |c| c.chars().any(char::is_alphabetic)) >= 50;
    let name = |at: Option<usize>| at.map(|i| found.header[i].clone());
    let currency = amount.and_then(|i| currency_of(found, i));
    let currency_column = match currency {
        Some(_) => None,
        None => currency_column(found, given),
    };
    let contradicted = currency.is_some_and(|own| rival_of(found, own).is_some());
    let currency = match currency_column {
        Some(_) => None,
        None if contradicted && given.is_none() => None,
        None => currency.or_else(|| currency_above(found)),
    };
    let country = pick(found, COUNTRY, |i| share(found, i, |c| Country::parse(c).is_some()) >= 60);
    let is_count = |i: usize| {
        share(found, i, |c| values::units(c.as_bytes(), b'.').is_some()) >= 60 && Some(i) != amount
    };
    Suggestion {
        mapping: Mapping {
            month: name(month).unwrap_or_default(),
            month_end: name(month.and_then(|i| end_of(found, i))),
            year: name(parted.map(|(_, year)| year)),
            period: period_above(found)
                .filter(|_| months.is_empty() && parted.is_none() && yearless.is_none()),
            amount: name(amount).unwrap_or_default(),
            title: name(pick(found, TITLE, words)),
            store: name(pick(found, STORE, words)),
            country: name(country),
            units: name(pick(found, UNITS, is_count)),
            isrc: name(pick(found, ISRC, |_| true)),
            currency,
            currency_column: name(currency_column),
            decimal: None,
            date_order: None,
            unit: None,
            rows: Vec::new(),
        },
        questions,
    }
}

/// Months that stand in the head without a year.
fn question_of_years(first: &str, last: &str) -> Question {
    let message = format!(
        "the columns '{first}' to '{last}' are months without a year: say the period that they \
         are of, for example 2024-01 to 2024-12"
    );
    Question::of("period", "period", message, Vec::new())
}

/// The columns that may be the creator's money, best first, and two of them that are parts of
/// one sum.
fn columns_of_money(
    found: &Found,
    dates: &[usize],
    given: Option<Asset>,
) -> (Vec<(usize, i32)>, Vec<usize>) {
    let proven = proven::of(found);
    let amounts = ranked(found, |i| {
        let fits = !dates.contains(&i)
            && share(found, i, |c| amounts::written(c.as_bytes()).is_ok()) >= 60;
        let named = fits.then(|| worth_of_amount(found, i, given)).flatten();
        // What the rows prove is more than a name.
        match (proven.net.contains(&i), proven.not_net.contains(&i)) {
            (true, _) if fits => Some(named.unwrap_or(0).max(PROVEN)),
            (_, true) if !proven.net.is_empty() => None,
            _ => named,
        }
    });
    // What is a kind of another column's money is a part of it.
    let part = |i: usize| {
        amounts.iter().any(|(whole, _)| {
            *whole != i && worth::is_kind_of(&found.names[*whole], &found.names[i])
        })
    };
    let whole = amounts.iter().copied().filter(|(i, _)| !part(*i)).collect();
    let parts: Vec<usize> = proven.parts.map(|(a, b)| vec![a, b]).unwrap_or_default();
    (whole, parts)
}

/// The columns that could be it, best first.
fn ranked(found: &Found, worth: impl Fn(usize) -> Option<i32>) -> Vec<(usize, i32)> {
    let mut all: Vec<(usize, i32)> = (0..found.names.len())
        .filter(|i| !found.private[*i])
        .filter_map(|i| worth(i).map(|w| (i, w)))
        .collect();
    all.sort_by_key(|(i, worth)| (std::cmp::Reverse(*worth), *i));
    all
}

/// The best column; none, and a question, when the next one is nearly as good and holds
/// something else.
fn chosen(
    found: &Found,
    ranked: &[(usize, i32)],
    what: &'static str,
    parts: &[usize],
    questions: &mut Vec<Question>,
) -> Option<usize> {
    let (best, worth) = ranked.first()?;
    let rivals: Vec<usize> = ranked[1..]
        .iter()
        .filter(|(i, w)| {
            let equals = parts.contains(best) && parts.contains(i);
            w + MARGIN >= *worth
                && (equals || differs(found, *best, *i))
                && !worth::is_total_of(&found.names[*best], &found.names[*i])
        })
        .map(|(i, _)| *i)
        .collect();
    if rivals.is_empty() {
        return Some(*best);
    }
    let all: Vec<usize> = std::iter::once(*best).chain(rivals).collect();
    let names: Vec<String> = all.iter().map(|i| format!("'{}'", found.header[*i])).collect();
    let count = if all.len() == 2 { "two".to_owned() } else { all.len().to_string() };
    let says = match what {
        "month" => "when the money was earned",
        _ => "the money that is the creator's",
    };
    let choice = |i: usize| {
        let cells = found.sample.iter().filter_map(|r| r.get(i)).filter(|c| !c.is_empty());
        let shown: Vec<&str> = cells.take(3).map(String::as_str).collect();
        Choice { value: found.header[i].clone(), label: shown.join(", ") }
    };
    let named = names
        .split_last()
        .map_or_else(String::new, |(last, before)| format!("{} and {last}", before.join(", ")));
    let message = format!("{count} columns may be {says}: {named}; say which one it is");
    let choices = all.into_iter().map(choice).collect();
    questions.push(Question::of(&format!("{what}_column"), what, message, choices));
    None
}

/// The sample shows that two columns do not hold the same.
fn differs(found: &Found, a: usize, b: usize) -> bool {
    found.sample.iter().any(|r| r.get(a) != r.get(b))
}

/// How good a column is as the money; `None` when it is none, a count among them.
fn worth_of_amount(found: &Found, column: usize, given: Option<Asset>) -> Option<i32> {
    let money = worth::of_amount(&found.header[column])?;
    let own = currency_of(found, column);
    let counts = own.is_none()
        && share(found, column, |c| c.trim().bytes().all(|b| b.is_ascii_digit() || b == b'-'))
            == 100;
    // Whole numbers under a name like `Total` are money where a currency stands beside them.
    if counts && !money.strong && currency_column(found, given).is_none() {
        return None;
    }
    let matches = match (own, given) {
        (Some(own), Some(given)) if own == given => 30,
        (Some(_), Some(_)) => -30,
        _ => 0,
    };
    Some(money.worth + matches)
}

/// The currency that a column says of itself: in its name or beside its amounts.
pub(super) fn currency_of(found: &Found, column: usize) -> Option<Asset> {
    if let Some(asset) = worth::currency_in_name(&found.header[column]) {
        return Some(asset);
    }
    let cells = found.sample.iter().filter_map(|r| r.get(column));
    let mut read = cells
        .map(|c| amounts::written(c.as_bytes()))
        .filter(|w| !matches!(w, Err(amounts::AmountError::Empty)));
    let first = read.next()?.ok()?.currency?;
    read.all(|w| w.is_ok_and(|w| w.currency == Some(first))).then_some(first)
}

/// The currency that a row above the header states: `Currency: EUR`, `Statement in USD`.
pub(super) fn currency_above(found: &Found) -> Option<Asset> {
    const BEFORE: [&str; 8] = ["in", "en", "em", "i", "amounts", "values", "betrage", "belopp"];
    found.above.iter().find_map(|row| {
        let text = row.join(" ");
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let said = |at: usize, word: &str| {
            worth::of_currency(word).is_some()
                || at < LONGEST_LINE && BEFORE.contains(&word.to_lowercase().as_str())
        };
        let mut after = words.iter().enumerate().filter(|(at, w)| said(*at, w));
        after.find_map(|(at, _)| {
            let code = words.get(at + 1).filter(|w| w.bytes().all(|b| b.is_ascii_uppercase()))?;
            code.parse().ok()
        })
    })
}

/// The column with the currency of the money: not the one of a price in a shop.
fn currency_column(found: &Found, given: Option<Asset>) -> Option<usize> {
    let columns = ranked(found, |i| {
        let fits = share(found, i, |c| c.parse::<Asset>().is_ok()) >= 80;
        let name = &found.names[i];
        let worth = worth::of_currency(name)?;
        let is_given =
            given.is_some_and(|g| share(found, i, |c| c.parse::<Asset>().ok() == Some(g)) == 100);
        fits.then_some(worth + if is_given { 30 } else { 0 })
    });
    columns.first().map(|(i, _)| *i)
}

/// The column with the last month, where `start` is one with the first.
fn end_of(found: &Found, start: usize) -> Option<usize> {
    let name = &found.names[start];
    const PAIRS: [(&str, &str); 6] = [
        ("start", "end"),
        ("from", "to"),
        ("begin", "end"),
        ("first", "last"),
        ("von", "bis"),
        ("from", "until"),
    ];
    PAIRS.iter().find_map(|(first, last)| {
        let wanted = name.replace(first, last);
        (wanted != *name).then(|| found.names.iter().position(|n| *n == wanted))?
    })
}

/// A column with months (or quarters) alone and one with the year beside it.
fn months_beside_years(found: &Found) -> Option<(usize, usize)> {
    const YEARS: [&str; 7] = ["year", "jahr", "ar", "annee", "ano", "anno", "jaar"];
    const MONTHS: [&str; 14] = [
        "month",
        "monat",
        "manad",
        "mois",
        "mes",
        "mese",
        "maand",
        "maned",
        "quarter",
        "quartal",
        "kvartal",
        "trimestre",
        "kwartaal",
        "period",
    ];
    let column = |names: &[&str], holds: &dyn Fn(&str) -> bool| {
        (0..found.names.len()).find(|i| {
            !found.private[*i]
                && worth::is_named(&found.names[*i], names)
                && worth::of_month(&found.names[*i]).is_some()
                && share(found, *i, holds) >= 60
        })
    };
    let year = column(&YEARS, &|c| c.len() == 4 && c.bytes().all(|b| b.is_ascii_digit()))?;
    let alone = |c: &str| {
        dates::dated(c.as_bytes()).is_none()
            && dates::dated(format!("{c} - 2024").as_bytes()).is_some()
    };
    let month = column(&MONTHS, &alone)?;
    // A bare number in a column of quarters is no month.
    let quarters = worth::is_named(&found.names[month], &MONTHS[8..13]);
    let bare = share(found, month, |c| c.bytes().all(|b| b.is_ascii_digit())) > 0;
    (month != year && !(quarters && bare)).then_some((month, year))
}

/// A period that the rows above the header state.
fn period_above(found: &Found) -> Option<Period> {
    let cells = found.above.iter().flatten();
    let mut spans = cells.filter_map(|c| {
        let after = c.split_once(':').map_or(c.as_str(), |(_, after)| after);
        let dated = dates::dated(c.as_bytes()).or_else(|| dates::dated(after.as_bytes()))?;
        dated.readings.only()
    });
    let first = spans.next()?;
    let last = spans.next().unwrap_or(first);
    (first.from <= last.to).then_some(Period { from: first.from, to: last.to })
}

fn of_format(found: &Found, format: &Format) -> Mapping {
    let name =
        |wanted: &str| formats::find_column(&found.names, wanted).map(|i| found.header[i].clone());
    let currency_column = match format.currency {
        CurrencyFrom::Column(column) => name(column),
        _ => None,
    };
    let currency = match format.currency {
        CurrencyFrom::Fixed(code) => code.parse().ok(),
        CurrencyFrom::Header => {
            name(format.amount).and_then(|n| formats::currency_in(&n)?.parse().ok())
        }
        CurrencyFrom::Column(_) | CurrencyFrom::Nowhere => None,
    };
    Mapping {
        month: name(format.month).unwrap_or_default(),
        month_end: None,
        year: None,
        period: None,
        amount: name(format.amount).unwrap_or_default(),
        title: format.titles.first().and_then(|t| name(t)),
        store: name(format.store),
        country: name(format.country),
        units: name(format.units),
        isrc: name(format.isrc),
        currency_column,
        currency,
        decimal: None,
        date_order: None,
        unit: None,
        rows: Vec::new(),
    }
}

/// The column with the best name that also holds the right kind of thing; without a good
/// name, none.
fn pick(found: &Found, names: &[&str], fits: impl Fn(usize) -> bool) -> Option<usize> {
    let allowed = |i: &usize| !found.private[*i] && fits(*i);
    let stem = |i: usize| {
        let name = found.names[i].as_str();
        name.split_once(" (").map_or(name, |(stem, _)| stem).to_owned()
    };
    let columns = 0..found.names.len();
    names.iter().find_map(|n| columns.clone().filter(|i| stem(*i) == *n).find(allowed)).or_else(
        || {
            let part = |i: &usize, n: &str| {
                n.len() > 3 && !WHOLE.contains(&n) && found.names[*i].contains(n)
            };
            names.iter().find_map(|n| columns.clone().filter(|i| part(i, n)).find(allowed))
        },
    )
}

/// Percentage of the filled sample cells of a column for which `test` holds.
fn share(found: &Found, column: usize, test: impl Fn(&str) -> bool) -> usize {
    let filled = || found.sample.iter().filter_map(|r| r.get(column)).filter(|c| !c.is_empty());
    let all = filled().count();
    (filled().filter(|c| test(c)).count() * 100).checked_div(all).unwrap_or(0)
}
