//! Which field of a row is what: made once for each table, from a format or a mapping.

use kernel::{Asset, Exact};

use super::detect::Found;
use super::formats::{self, CurrencyFrom, Format, Rules};
use super::income::Teller;
use super::sides;
use super::suggest;
use super::types::{DateOrder, Decimal, Mapping, Period, Refused, RowAnswer, Unit};
use super::wide::Wide;
use super::worth;

/// Columns that are asked what kind a row is of.
const MOST_TELLERS: usize = 8;

/// Column numbers and rules.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub format: &'static str,
    pub format_name: &'static str,
    pub width: usize,
    /// Rows must have at least this many fields.
    pub needed: usize,
    /// The month, unless `period` says it for all rows.
    pub month: Option<usize>,
    pub month_end: Option<usize>,
    pub year: Option<usize>,
    pub period: Option<Period>,
    /// What a person said of the order of day and month.
    pub date_order: Option<DateOrder>,
    /// The layout's own dates are month first.
    pub us_dates: bool,
    /// Other columns with dates of numbers only.
    pub other_dates: Vec<usize>,
    pub amount: usize,
    pub titles: Vec<usize>,
    pub isrc: Option<usize>,
    pub store: Option<usize>,
    pub store_name: &'static str,
    pub country: Option<usize>,
    pub units: Option<usize>,
    pub ids: Vec<usize>,
    pub currency_column: Option<usize>,
    /// What the file or a person says of the currency of all rows.
    pub currency: Option<Asset>,
    /// What a person said, to be compared with the rows.
    pub currency_said: Option<Asset>,
    /// What a person said of the decimal sign.
    pub decimal: Option<Decimal>,
    /// The sign that the head of the file shows in any column.
    pub decimal_shown: Option<Decimal>,
    /// A lone `2.000` in this layout is two: the layout never groups thousands with points.
    pub points_are_decimal: bool,
    /// The column that says the side of the account.
    pub side: Option<usize>,
    /// Its letters may mean something else: a person is asked.
    pub side_unsure: bool,
    /// Columns that tell whether a row is income.
    pub tellers: Vec<(usize, Teller)>,
    /// The first column, where it is none of the others: a sum says so there.
    pub first: Option<usize>,
    /// The layout is one of ours, not a mapped one.
    pub known_layout: bool,
    /// What a person said of kinds of rows.
    pub rows: Vec<RowAnswer>,
    /// What the amounts are counted in, when a person said it.
    pub unit: Option<Unit>,
    /// What the file says that they are counted in, and where.
    pub unit_shown: Option<(Unit, String)>,
    /// The amount's own currency and that of a column, when they differ and nobody chose.
    pub rival: Option<Rival>,
    /// Columns that another one of the same name may contradict.
    pub twins: Vec<Twin>,
    pub bandcamp: Option<Bandcamp>,
}

/// Two places that say different currencies.
#[derive(Debug, Clone)]
pub(super) struct Rival {
    /// In the name of the amounts' column, or beside the amounts.
    pub own: Asset,
    /// In a column called so.
    pub other: Asset,
    pub column: String,
}

/// A column and another one of the same name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Twin {
    /// Field of the mapping.
    pub field: &'static str,
    pub column: usize,
    pub other: usize,
    /// A person chose this one.
    pub chosen: bool,
}

/// Columns that only Bandcamp has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bandcamp {
    pub kind: usize,
    pub sub_total: usize,
    pub fee: usize,
    /// Newer reports leave it out.
    pub share: Option<usize>,
}

/// The plan for a file of a known format. `mapping` says what the file does not: the
/// currency, the order of day and month, the decimal sign, which one of two columns of a name.
pub(super) fn of_format(
    found: &Found,
    format: &'static Format,
    mapping: Option<&Mapping>,
) -> Result<Plan, Refused> {
    let column = |name: &str| formats::find_column(&found.names, name);
    let must = |name: &str| {
        column(name).ok_or_else(|| {
            Refused::new("not_a_statement", format!("{} without column '{name}'", format.name))
        })
    };
    if let Some(mapping) = mapping {
        named_columns(found, mapping)?;
        // Somebody who names another column than the layout's own means it.
        let other = |name: &str, said: &str| {
            let (own, said) = (column(name), found.column(said));
            said.is_some() && said != own && own.and_then(|own| found.twin(own)) != said
        };
        if other(format.amount, &mapping.amount) || other(format.month, &mapping.month) {
            return of_mapping(found, mapping, false);
        }
    }
    // Of two columns of one name a person may have chosen the other.
    let chosen = |name: &str, said: Option<&str>| {
        let own = must(name)?;
        let said = said.and_then(|s| found.column(s));
        Ok(said.filter(|at| found.twin(own) == Some(*at)).unwrap_or(own))
    };
    let amount = chosen(format.amount, mapping.map(|m| m.amount.as_str()))?;
    let month = chosen(format.month, mapping.map(|m| m.month.as_str()))?;
    let said = mapping.and_then(|m| m.currency);
    let (currency, currency_column) = currency_of_format(found, format, amount, said)?;
    agree(said, currency, format.name)?;
    let bandcamp = match format.rules {
        Rules::Plain => None,
        Rules::Bandcamp => Some(Bandcamp {
            kind: must("item type")?,
            sub_total: must("sub total")?,
            fee: must("transaction fee")?,
            share: column("assessed revenue share"),
        }),
    };
    let resaved = found.separators.field == b';';
    Ok(Plan {
        format: format.id,
        format_name: format.name,
        width: found.header.len(),
        month: Some(month),
        us_dates: format.us_dates,
        other_dates: suggest::other_dates(found, Some(month)),
        amount,
        titles: format.titles.iter().filter_map(|t| column(t)).collect(),
        isrc: column(format.isrc),
        store: column(format.store),
        store_name: format.store_name,
        country: column(format.country),
        units: column(format.units),
        ids: format.ids.iter().filter_map(|c| column(c)).collect(),
        currency_column,
        currency,
        currency_said: said,
        decimal_shown: suggest::decimal_of(found),
        points_are_decimal: !resaved,
        known_layout: true,
        bandcamp,
        ..Plan::default()
    }
    .finished(found, mapping))
}

/// What a format says of the currency: for all rows, or the column that says it for each.
fn currency_of_format(
    found: &Found,
    format: &Format,
    amount: usize,
    said: Option<Asset>,
) -> Result<(Option<Asset>, Option<usize>), Refused> {
    Ok(match format.currency {
        CurrencyFrom::Fixed(code) => (code.parse().ok(), None),
        CurrencyFrom::Column(name) => (None, formats::find_column(&found.names, name)),
        CurrencyFrom::Nowhere => (said, None),
        CurrencyFrom::Header => {
            let code = formats::currency_in(&found.header[amount]).unwrap_or_default();
            let asset = code.parse().map_err(|_| {
                let shown = &found.header[amount];
                unknown_currency(&code, &format!("in the name of column '{shown}'"))
            })?;
            (Some(asset), None)
        }
    })
}

/// Every column that a mapping names must be there.
fn named_columns(found: &Found, mapping: &Mapping) -> Result<(), Refused> {
    let fields: [(&'static str, Option<&String>); 10] = [
        ("month", Some(&mapping.month)),
        ("amount", Some(&mapping.amount)),
        ("month_end", mapping.month_end.as_ref()),
        ("year", mapping.year.as_ref()),
        ("title", mapping.title.as_ref()),
        ("store", mapping.store.as_ref()),
        ("country", mapping.country.as_ref()),
        ("units", mapping.units.as_ref()),
        ("isrc", mapping.isrc.as_ref()),
        ("currency_column", mapping.currency_column.as_ref()),
    ];
    for (field, name) in fields {
        if let Some(name) = name
            && !name.is_empty()
        {
            column_of(found, field, name)?;
        }
    }
    Ok(())
}

fn column_of(found: &Found, field: &'static str, name: &str) -> Result<usize, Refused> {
    found.column(name).ok_or_else(|| {
        let shown: String = name.chars().take(60).collect();
        let allowed = found.layout().header.join(", ");
        let message = match name {
            "" => format!("name the column; the file has: {allowed}"),
            _ => format!("the file has no usable column '{shown}'; it has: {allowed}"),
        };
        Refused::mapping(field, message)
    })
}

/// The plan for a file that a person mapped.
pub(super) fn of_mapping(found: &Found, mapping: &Mapping, sheet: bool) -> Result<Plan, Refused> {
    let column = |field: &'static str, name: &str| column_of(found, field, name);
    let maybe = |field: &'static str, name: &Option<String>| {
        name.as_deref().filter(|n| !n.is_empty()).map(|n| column(field, n)).transpose()
    };
    let month = month_of_mapping(found, mapping)?;
    let month = month.map(|name| column("month", name)).transpose()?;
    let amount = column("amount", &mapping.amount)?;
    if month == Some(amount) {
        return Err(Refused::mapping("amount", "month and amount name the same column"));
    }
    let isrc = maybe("isrc", &mapping.isrc)?;
    let id_names = ["isrc", "upc", "ean", "barcode", "upc - ean", "catalog number"];
    let ids = (0..found.names.len())
        .filter(|i| Some(*i) == isrc || id_names.contains(&found.names[*i].as_str()))
        .collect();
    let stated = suggest::currency_of(found, amount);
    foreign_in_name(found, amount)?;
    let currency_column = match maybe("currency_column", &mapping.currency_column)? {
        // A column called `Currency` is heard although a person named a currency instead.
        None if stated.is_none() && mapping.currency.is_some() => found.column("currency"),
        said => said,
    };
    let rival = currency_column.is_none().then(|| suggest::rival_of(found, stated?)).flatten().map(
        |(other, at)| Rival {
            own: stated.unwrap_or(other),
            other,
            column: found.header[at].clone(),
        },
    );
    let chosen = rival.as_ref().is_some_and(|r| mapping.currency == Some(r.other));
    if !chosen {
        agree(mapping.currency, stated, &format!("column '{}'", found.header[amount]))?;
    }
    if stated.is_none() && currency_column.is_none() {
        agree(mapping.currency, suggest::currency_above(found), "above the table")?;
    }
    let rival = rival.filter(|_| mapping.currency.is_none());
    Ok(Plan {
        format: if sheet { "mapped_xlsx" } else { "mapped_csv" },
        format_name: if sheet { "Spreadsheet (mapped)" } else { "Table (mapped)" },
        width: found.header.len(),
        month,
        month_end: maybe("month_end", &mapping.month_end)?.filter(|_| month.is_some()),
        year: maybe("year", &mapping.year)?.filter(|_| month.is_some()),
        period: mapping.period.filter(|_| month.is_none()),
        other_dates: suggest::other_dates(found, month),
        amount,
        titles: maybe("title", &mapping.title)?.into_iter().chain(release_of(found)).collect(),
        isrc,
        store: maybe("store", &mapping.store)?,
        country: maybe("country", &mapping.country)?,
        units: maybe("units", &mapping.units)?,
        ids,
        currency: if currency_column.is_some() { None } else { mapping.currency.or(stated) },
        currency_column,
        currency_said: mapping.currency,
        decimal_shown: suggest::decimal_of(found),
        rival,
        ..Plan::default()
    }
    .finished(found, Some(mapping)))
}

/// As [`agree`], for a guess that is not whole yet: what the file says of its currency holds
/// all the same.
pub(super) fn agree_with_guess(
    found: &Found,
    guess: &suggest::Suggestion,
    said: Option<Asset>,
) -> Result<(), Refused> {
    let stated = guess.mapping.currency;
    if guess.is_whole() || stated.is_none_or(|own| suggest::rival_of(found, own).is_some()) {
        return Ok(());
    }
    agree(said, stated, "in the name of its column of money, or above the table")
}

/// The name of the column with the months, unless a period stands for them.
fn month_of_mapping<'m>(
    found: &'m Found,
    mapping: &'m Mapping,
) -> Result<Option<&'m str>, Refused> {
    let asks = |w: &&Wide| w.by_period || w.yearless().is_some() && mapping.year.is_none();
    if let Some(wide) = found.wide.as_ref().filter(asks) {
        return match wide.yearless() {
            None => Ok(Some(&found.header[wide.month()])),
            Some((first, last)) => Err(Refused::mapping(
                "period",
                format!(
                    "the columns '{first}' to '{last}' are months without a year: give the period \
                     that they are of, with each of them in it once: \
                     {{\"from\":\"2024-01\",\"to\":\"2024-12\"}}"
                ),
            )),
        };
    }
    match (mapping.month.as_str(), mapping.period) {
        ("", Some(_)) => Ok(None),
        ("", None) => {
            let allowed = found.layout().header.join(", ");
            let message = format!(
                "name the column with months or dates (the file has: {allowed}), or give a \
                 period: {{\"from\":\"2024-01\",\"to\":\"2024-03\"}}"
            );
            Err(Refused::mapping("month", message))
        }
        (name, None) => Ok(Some(name)),
        (name, Some(_)) => {
            let message = format!(
                "either a column ('{name}') or a period says the months: leave one of them out"
            );
            Err(Refused::mapping("period", message))
        }
    }
}

/// A person's currency must be the one that the file states.
fn agree(said: Option<Asset>, stated: Option<Asset>, place: &str) -> Result<(), Refused> {
    match (said, stated) {
        (Some(said), Some(stated)) if said != stated => Err(Refused::mapping(
            "currency",
            format!("{said} was given, but the file says {stated} ({place}): leave it out"),
        )),
        _ => Ok(()),
    }
}

/// The column with the name of a release: it stands in where a row has no title of its own
/// (albums, merchandise).
fn release_of(found: &Found) -> Option<usize> {
    const NAMES: [&str; 7] = [
        "release title",
        "release name",
        "album name",
        "album",
        "product title",
        "catalog name",
        "release",
    ];
    let column = NAMES.iter().find_map(|name| formats::find_column(&found.names, name));
    column.filter(|at| !found.private[*at])
}

impl Plan {
    /// The plan for our own guess: a column that nobody chose is not chosen among its twins.
    pub fn tried(mut self, found: &Found) -> Self {
        self.twins = self.twins_in(found, None);
        self
    }

    /// What layout and other columns say of the decimal sign when the amounts themselves do
    /// not. `points` says that every amount in doubt is written with a point.
    pub fn hint_of_decimal(&self, points: bool) -> Option<Decimal> {
        self.decimal_shown.or_else(|| (points && self.points_are_decimal).then_some(Decimal::Point))
    }

    /// An amount of the file in whole units of its currency.
    pub fn whole(&self, amount: Exact) -> Exact {
        self.unit.map_or(amount, |unit| unit.whole(amount))
    }

    fn finished(mut self, found: &Found, mapping: Option<&Mapping>) -> Self {
        if let Some(mapping) = mapping {
            (self.decimal, self.date_order) = (mapping.decimal, mapping.date_order);
            (self.unit, self.rows) = (mapping.unit, mapping.rows.clone());
        }
        let optional =
            [self.isrc, self.store, self.country, self.units, self.currency_column, self.month];
        let planned: Vec<usize> = optional
            .into_iter()
            .chain([Some(self.amount), self.month_end, self.year])
            .flatten()
            .collect();
        let side = sides::column(found).filter(|(at, _)| !planned.contains(at));
        self.side = side.map(|(at, _)| at);
        self.side_unsure = side.is_some_and(|(_, sure)| !sure);
        let planned: Vec<usize> = planned.into_iter().chain(self.side).collect();
        self.needed = planned.iter().chain(&self.titles).max().map_or(0, |last| last + 1);
        let free =
            |i: &usize| !planned.contains(i) && !self.titles.contains(i) && !found.private[*i];
        self.tellers = (0..found.names.len())
            .filter(free)
            .filter_map(|i| suggest::teller(found, i).map(|t| (i, t)))
            .take(MOST_TELLERS)
            .collect();
        // What was taken back matters of rows that would count.
        self.tellers.sort_by_key(|(_, teller)| *teller == Teller::TakenBack);
        let telling = |i: &usize| self.tellers.iter().any(|(at, _)| at == i);
        self.first = Some(0).filter(|i| free(i) && !telling(i));
        self.unit_shown = worth::unit_shown(found, self.amount);
        self.twins = self.twins_in(found, mapping);
        self
    }

    /// Columns in use that share their name with another, unless a person chose between them.
    fn twins_in(&self, found: &Found, mapping: Option<&Mapping>) -> Vec<Twin> {
        let said = |name: Option<&String>| name.and_then(|n| found.column(n));
        let fields: [(&'static str, Option<usize>, Option<usize>); 8] = [
            ("month", self.month, said(mapping.map(|m| &m.month))),
            ("amount", Some(self.amount), said(mapping.map(|m| &m.amount))),
            ("title", self.titles.first().copied(), said(mapping.and_then(|m| m.title.as_ref()))),
            ("store", self.store, said(mapping.and_then(|m| m.store.as_ref()))),
            ("country", self.country, said(mapping.and_then(|m| m.country.as_ref()))),
            ("units", self.units, said(mapping.and_then(|m| m.units.as_ref()))),
            ("isrc", self.isrc, said(mapping.and_then(|m| m.isrc.as_ref()))),
            (
                "currency_column",
                self.currency_column,
                said(mapping.and_then(|m| m.currency_column.as_ref())),
            ),
        ];
        let twin = |(field, column, said): (&'static str, Option<usize>, Option<usize>)| {
            let column = column?;
            let chosen = said == Some(column);
            Some(Twin { field, column, other: found.twin(column)?, chosen })
        };
        fields.into_iter().filter_map(twin).collect()
    }
}

/// A currency in the name of a column of money that the house does not keep.
pub(super) fn foreign_in_name(found: &Found, amount: usize) -> Result<(), Refused> {
    let name = &found.header[amount];
    match worth::foreign_currency_in(name) {
        Some(code) => Err(unknown_currency(code, &format!("in the name of column '{name}'"))),
        None => Ok(()),
    }
}

/// A currency code that the house does not keep.
pub(super) fn unknown_currency(code: &str, place: &str) -> Refused {
    let allowed: Vec<&str> = Asset::all().map(Asset::code).collect();
    let shown: String = code.chars().take(12).collect();
    Refused::new(
        "unknown_currency",
        format!("'{shown}' {place} is no currency of this house; allowed: {}", allowed.join(", ")),
    )
}
