//! Which field of a row is what: made once for each file, from a format or a mapping.

use kernel::Asset;

use super::detect::Found;
use super::formats::{self, CurrencyFrom, DecimalStyle, Format, Rules};
use super::suggest;
use super::types::{DateOrder, Decimal, Mapping, Refused};

/// Column numbers and rules.
#[derive(Debug)]
pub(super) struct Plan {
    pub format: &'static str,
    pub format_name: &'static str,
    pub width: usize,
    /// Rows must have at least this many fields.
    pub needed: usize,
    pub month: usize,
    pub date_order: DateOrder,
    pub amount: usize,
    pub titles: Vec<usize>,
    pub isrc: Option<usize>,
    pub store: Option<usize>,
    pub store_name: &'static str,
    pub country: Option<usize>,
    pub units: Option<usize>,
    pub ids: Vec<usize>,
    pub currency_column: Option<usize>,
    pub currency: Option<Asset>,
    pub decimal: Decimal,
    pub bandcamp: Option<Bandcamp>,
}

/// Columns that only Bandcamp has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bandcamp {
    pub kind: usize,
    pub sub_total: usize,
    pub fee: usize,
    pub share: usize,
}

/// The plan for a file of a known format. `mapping` fills in the currency when the file does
/// not say it; everything else the format knows better.
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
    let amount = must(format.amount)?;
    let (currency, currency_column) = match format.currency {
        CurrencyFrom::Fixed(code) => (code.parse().ok(), None),
        CurrencyFrom::Column(name) => (None, column(name)),
        CurrencyFrom::Nowhere => (mapping.and_then(|m| m.currency), None),
        CurrencyFrom::Header => {
            let code = formats::currency_in(&found.header[amount]).unwrap_or_default();
            let asset = code.parse().map_err(|_| {
                let shown = &found.header[amount];
                unknown_currency(&code, &format!("in the name of column '{shown}'"))
            })?;
            (Some(asset), None)
        }
    };
    let bandcamp = match format.rules {
        Rules::Plain => None,
        Rules::Bandcamp => Some(Bandcamp {
            kind: must("item type")?,
            sub_total: must("sub total")?,
            fee: must("transaction fee")?,
            share: must("assessed revenue share")?,
        }),
    };
    let decimal = match format.decimal {
        DecimalStyle::BySeparator if found.separators.field == b';' => {
            suggest::decimal_of(found, amount)
        }
        DecimalStyle::Point | DecimalStyle::BySeparator => Decimal::Point,
    };
    Ok(Plan {
        format: format.id,
        format_name: format.name,
        width: found.header.len(),
        needed: 0,
        month: must(format.month)?,
        date_order: if format.us_dates { DateOrder::Mdy } else { DateOrder::Ymd },
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
        decimal,
        bandcamp,
    }
    .measured())
}

/// The plan for a file that a person mapped.
pub(super) fn of_mapping(found: &Found, mapping: &Mapping, sheet: bool) -> Result<Plan, Refused> {
    let column = |field: &'static str, name: &str| {
        let wanted = formats::normalise(name);
        let at = found.names.iter().position(|n| *n == wanted);
        at.filter(|_| !formats::is_private(&wanted)).ok_or_else(|| {
            let shown: String = name.chars().take(60).collect();
            let allowed = found.layout().header.join(", ");
            Refused::mapping(
                field,
                format!("the file has no usable column '{shown}'; it has: {allowed}"),
            )
        })
    };
    let maybe = |field: &'static str, name: &Option<String>| {
        name.as_deref().filter(|n| !n.is_empty()).map(|n| column(field, n)).transpose()
    };
    let month = column("month", &mapping.month)?;
    let amount = column("amount", &mapping.amount)?;
    if month == amount {
        return Err(Refused::mapping("amount", "month and amount name the same column"));
    }
    let isrc = maybe("isrc", &mapping.isrc)?;
    let id_names = ["isrc", "upc", "ean", "barcode", "upc - ean", "catalog number"];
    let ids = (0..found.names.len())
        .filter(|i| Some(*i) == isrc || id_names.contains(&found.names[*i].as_str()))
        .collect();
    Ok(Plan {
        format: if sheet { "mapped_xlsx" } else { "mapped_csv" },
        format_name: if sheet { "Spreadsheet (mapped)" } else { "Table (mapped)" },
        width: found.header.len(),
        needed: 0,
        month,
        date_order: mapping.date_order,
        amount,
        titles: maybe("title", &mapping.title)?.into_iter().chain(release_of(found)).collect(),
        isrc,
        store: maybe("store", &mapping.store)?,
        store_name: "",
        country: maybe("country", &mapping.country)?,
        units: maybe("units", &mapping.units)?,
        ids,
        currency_column: maybe("currency_column", &mapping.currency_column)?,
        currency: mapping.currency.filter(|_| mapping.currency_column.is_none()),
        decimal: mapping.decimal,
        bandcamp: None,
    }
    .measured())
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
    NAMES.iter().find_map(|name| formats::find_column(&found.names, name))
}

impl Plan {
    fn measured(mut self) -> Self {
        let optional = [self.isrc, self.store, self.country, self.units, self.currency_column];
        self.needed = [self.month, self.amount]
            .into_iter()
            .chain(optional.into_iter().flatten())
            .chain(self.titles.iter().copied())
            .max()
            .map_or(0, |last| last + 1);
        self
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
