//! Guesses what the columns of an unknown file are, for a person to confirm.

use kernel::Asset;

use super::detect::Found;
use super::formats::{self, CurrencyFrom, Format};
use super::types::{DateOrder, Decimal, Mapping};
use super::{countries::Country, values};

/// Names, best first. A name matches when it is the whole column name, or (second round) a
/// part of it.
const MONTH: &[&str] = &[
    "sale month",
    "sales month",
    "activity period",
    "activity month",
    "usage period",
    "sales period",
    "sale period",
    "transaction date",
    "sale date",
    "sales date",
    "sales start",
    "month",
    "period",
    "date",
    "reporting month",
    "accounting period",
    "reporting period",
    "datum",
    "månad",
];
const AMOUNT: &[&str] = &[
    "net amount",
    "net revenue",
    "net royalty",
    "net royalty total",
    "net total",
    "label net total",
    "royalty amount",
    "royalty revenue",
    "total earned",
    "earnings",
    "earned",
    "amount due",
    "net receipts",
    "net sales",
    "net",
    "royalties",
    "royalty",
    "payable",
    "revenue",
    "amount",
    "total",
    "belopp",
];
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
];
const STORE: &[&str] = &[
    "digital service provider",
    "store name",
    "retailer",
    "store",
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
];
const ISRC: &[&str] = &["isrc", "isrc code", "track isrc"];
const CURRENCY: &[&str] = &[
    "currency",
    "currency code",
    "payment currency",
    "royalty currency",
    "reporting currency",
    "preferred currency",
    "valuta",
];

/// The suggested mapping of a file.
pub(super) fn mapping(found: &Found) -> Mapping {
    if let Some(format) = found.format {
        return of_format(found, format);
    }
    let date_order = date_order(found);
    let is_month =
        |i: usize| share(found, i, |c| values::month(c.as_bytes(), date_order).is_some()) >= 60;
    let is_amount = |i: usize| {
        share(found, i, |c| [b'.', b','].iter().any(|p| values::amount(c.as_bytes(), *p).is_ok()))
            >= 60
    };
    let month = pick(found, MONTH, is_month);
    let amount = pick(found, AMOUNT, |i| is_amount(i) && Some(i) != month);
    let words = |i: usize| share(found, i, |c| c.chars().any(char::is_alphabetic)) >= 50;
    let name = |at: Option<usize>| at.map(|i| found.header[i].clone());
    let currency_column =
        pick(found, CURRENCY, |i| share(found, i, |c| c.parse::<Asset>().is_ok()) >= 80);
    let country = pick(found, COUNTRY, |i| share(found, i, |c| Country::parse(c).is_some()) >= 60);
    let decimal = amount.map_or(Decimal::Point, |i| decimal_of(found, i));
    Mapping {
        month: name(month).unwrap_or_default(),
        amount: name(amount).unwrap_or_default(),
        title: name(pick(found, TITLE, words)),
        store: name(pick(found, STORE, words)),
        country: name(country),
        units: name(pick(found, UNITS, |i| is_amount(i) && Some(i) != amount)),
        isrc: name(pick(found, ISRC, |_| true)),
        currency: amount.and_then(|i| formats::currency_in(&found.header[i])?.parse().ok()),
        currency_column: name(currency_column),
        decimal,
        date_order,
    }
}

/// True when some column could be the month and another the amount.
pub(super) fn is_plausible(mapping: &Mapping) -> bool {
    !mapping.month.is_empty() && !mapping.amount.is_empty()
}

/// The decimal separator that the sample of a column shows.
pub(super) fn decimal_of(found: &Found, column: usize) -> Decimal {
    let reads = |point: u8| share(found, column, |c| values::amount(c.as_bytes(), point).is_ok());
    if reads(b',') > reads(b'.') { Decimal::Comma } else { Decimal::Point }
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
    let amount = formats::find_column(&found.names, format.amount);
    Mapping {
        month: name(format.month).unwrap_or_default(),
        amount: name(format.amount).unwrap_or_default(),
        title: format.titles.first().and_then(|t| name(t)),
        store: name(format.store),
        country: name(format.country),
        units: name(format.units),
        isrc: name(format.isrc),
        currency_column,
        currency,
        decimal: amount.map_or(Decimal::Point, |i| decimal_of(found, i)),
        date_order: if format.us_dates { DateOrder::Mdy } else { DateOrder::Ymd },
    }
}

/// The column with the best name that also holds the right kind of thing; without a good
/// name, none.
fn pick(found: &Found, names: &[&str], fits: impl Fn(usize) -> bool) -> Option<usize> {
    let allowed = |i: &usize| !formats::is_private(&found.names[*i]) && fits(*i);
    let stem = |i: usize| {
        let name = found.names[i].as_str();
        name.split_once(" (").map_or(name, |(stem, _)| stem).to_owned()
    };
    let columns = 0..found.names.len();
    names.iter().find_map(|n| columns.clone().filter(|i| stem(*i) == *n).find(allowed)).or_else(
        || {
            let part = |i: &usize, n: &str| n.len() > 3 && found.names[*i].contains(n);
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

/// Month first or day first, from dates that can only be one of the two.
fn date_order(found: &Found) -> DateOrder {
    let mut order = DateOrder::Ymd;
    for cell in found.sample.iter().flatten() {
        let date = cell.split([' ', 'T']).next().unwrap_or_default();
        let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
        let [a, b, c] = parts.as_slice() else { continue };
        let (Ok(a), Ok(b), Ok(_)) = (a.parse::<u32>(), b.parse::<u32>(), c.parse::<u32>()) else {
            continue;
        };
        if a > 31 {
            return DateOrder::Ymd;
        }
        if a > 12 && b <= 12 {
            return DateOrder::Dmy;
        }
        if b > 12 && a <= 12 {
            return DateOrder::Mdy;
        }
        // Both are possible so far: dots are European, strokes more often American.
        order = if date.contains('.') { DateOrder::Dmy } else { DateOrder::Mdy };
    }
    order
}
