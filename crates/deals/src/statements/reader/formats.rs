//! The formats we know, as data. A new distributor is a new entry here and a test.

/// Where the currency of a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrencyFrom {
    /// The format is always in one currency.
    Fixed(&'static str),
    /// A column says it.
    Column(&'static str),
    /// The header of the earnings column says it: `Earnings (USD)`.
    Header,
    /// The file does not say it; a person must.
    Nowhere,
}

/// Rules beyond "one row, one amount".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Every row is income (negative rows are corrections and count).
    Plain,
    /// Bandcamp: `payout` rows are transfers; refunds may carry no net amount.
    Bandcamp,
}

/// One statement format. Column names are normalised: lower case, single blanks.
#[derive(Debug)]
pub struct Format {
    /// Stable id.
    pub id: &'static str,
    /// For people. It names the layout, not the kind of file: people save it again as CSV, with
    /// other separators, or as a workbook.
    pub name: &'static str,
    /// Columns that must all be in the header for the file to be of this format. `(*)` stands
    /// for a currency in brackets.
    pub required: &'static [&'static str],
    /// Columns that must not be there (a sibling has them).
    pub absent: &'static [&'static str],
    /// Month or date of the earning.
    pub month: &'static str,
    /// Numbers-only dates are in the order of the United States.
    pub us_dates: bool,
    /// Earnings of the creator.
    pub amount: &'static str,
    /// Currency.
    pub currency: CurrencyFrom,
    /// Title, and what stands in for it when it is empty.
    pub titles: &'static [&'static str],
    /// ISRC.
    pub isrc: &'static str,
    /// Store or service; empty when the statement is the store's own.
    pub store: &'static str,
    /// The store's name when there is no column for it.
    pub store_name: &'static str,
    /// Country.
    pub country: &'static str,
    /// Streams and sales.
    pub units: &'static str,
    /// Identifier columns that spreadsheets like to damage.
    pub ids: &'static [&'static str],
    /// Special rules.
    pub rules: Rules,
}

const PLAIN: Format = Format {
    id: "",
    name: "",
    required: &[],
    absent: &[],
    month: "",
    us_dates: false,
    amount: "",
    currency: CurrencyFrom::Nowhere,
    titles: &[],
    isrc: "isrc",
    store: "store",
    store_name: "",
    country: "",
    units: "quantity",
    ids: &["isrc", "upc"],
    rules: Rules::Plain,
};

/// Every format, most particular first.
pub const FORMATS: &[Format] = &[
    Format {
        id: "distrokid_csv",
        name: "DistroKid (15 columns)",
        required: &[
            "date inserted",
            "reporting date",
            "sale month",
            "store",
            "title",
            "quantity",
            "team percentage",
            "country of sale",
            "earnings (*)",
        ],
        month: "sale month",
        amount: "earnings (*)",
        currency: CurrencyFrom::Header,
        titles: &["title"],
        country: "country of sale",
        ..PLAIN
    },
    Format {
        id: "distrokid_tsv",
        name: "DistroKid (13 columns)",
        required: &[
            "reporting date",
            "sale month",
            "store",
            "title",
            "quantity",
            "team percentage",
            "country of sale",
            "earnings (*)",
        ],
        absent: &["date inserted"],
        month: "sale month",
        amount: "earnings (*)",
        currency: CurrencyFrom::Header,
        titles: &["title"],
        country: "country of sale",
        ..PLAIN
    },
    Format {
        id: "tunecore",
        name: "TuneCore",
        required: &[
            "sales period",
            "store name",
            "country of sale",
            "song title",
            "tc song id",
            "# units sold",
            "total earned",
            "currency",
        ],
        month: "sales period",
        us_dates: true,
        amount: "total earned",
        currency: CurrencyFrom::Column("currency"),
        titles: &["song title", "release title"],
        isrc: "optional isrc",
        store: "store name",
        country: "country of sale",
        units: "# units sold",
        ids: &["upc", "optional upc", "optional isrc"],
        ..PLAIN
    },
    Format {
        id: "cdbaby",
        name: "CD Baby",
        required: &[
            "report date",
            "sales date",
            "quantity",
            "subtotal",
            "cdbabysku",
            "track name",
            "partner name",
            "delivery country",
        ],
        month: "sales date",
        us_dates: true,
        amount: "subtotal",
        currency: CurrencyFrom::Fixed("USD"),
        titles: &["track name", "album name"],
        store: "partner name",
        country: "delivery country",
        ids: &["isrc", "barcode"],
        ..PLAIN
    },
    Format {
        id: "orchard_31",
        name: "The Orchard (31 columns)",
        required: &[
            "activity period",
            "retailer",
            "territory",
            "orchard upc",
            "product name",
            "track name",
            "quantity",
            "split rate",
            "label share net receipts",
            "preferred currency",
        ],
        month: "activity period",
        amount: "label share net receipts",
        currency: CurrencyFrom::Column("preferred currency"),
        titles: &["track name", "product name"],
        store: "retailer",
        country: "territory",
        ids: &["orchard upc", "manufacturer's upc", "isrc"],
        ..PLAIN
    },
    Format {
        id: "orchard_18",
        name: "The Orchard (18 columns)",
        required: &[
            "activity period",
            "dms",
            "territory",
            "orchard upc",
            "release name",
            "track name",
            "quantity",
            "label share net receipts",
            "preferred currency",
        ],
        month: "activity period",
        amount: "label share net receipts",
        currency: CurrencyFrom::Column("preferred currency"),
        titles: &["track name", "release name"],
        store: "dms",
        country: "territory",
        ids: &["orchard upc", "manufacturer's upc", "isrc"],
        ..PLAIN
    },
    Format {
        id: "symphonic",
        name: "Symphonic",
        required: &[
            "reporting period",
            "track title",
            "isrc code",
            "digital service provider",
            "activity period",
            "territory",
            "sale or void",
            "count",
            "royalty ($us)",
        ],
        month: "activity period",
        amount: "royalty ($us)",
        currency: CurrencyFrom::Fixed("USD"),
        titles: &["track title", "release name"],
        isrc: "isrc code",
        store: "digital service provider",
        country: "territory",
        units: "count",
        ids: &["upc code", "isrc code"],
        ..PLAIN
    },
    Format {
        id: "beatport",
        name: "Beatport",
        required: &[
            "product_upc",
            "track_isrc_code",
            "track_title",
            "territory",
            "transaction_date",
            "track_count",
            "net_total",
            "sale_type",
        ],
        month: "transaction_date",
        amount: "net_total",
        currency: CurrencyFrom::Nowhere,
        titles: &["track_title", "release"],
        isrc: "track_isrc_code",
        store: "",
        store_name: "Beatport",
        country: "territory",
        units: "track_count",
        ids: &["product_upc", "track_isrc_code"],
        ..PLAIN
    },
    Format {
        id: "bandcamp_raw",
        name: "Bandcamp (raw sales report)",
        required: &[
            "date",
            "item type",
            "item name",
            "currency",
            "quantity",
            "sub total",
            "transaction fee",
            "net amount",
            "bandcamp transaction id",
        ],
        month: "date",
        us_dates: true,
        amount: "net amount",
        currency: CurrencyFrom::Column("currency"),
        titles: &["item name"],
        store: "",
        store_name: "Bandcamp",
        country: "country code",
        ids: &["upc", "isrc"],
        rules: Rules::Bandcamp,
        ..PLAIN
    },
];

/// Normalises a column name for comparison: trimmed, lower case, single blanks.
pub fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.trim_start_matches('\u{feff}').split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out
}

/// Position of `wanted` in a normalised header. `earnings (*)` matches any three letters in
/// the brackets.
pub fn find_column(header: &[String], wanted: &str) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    let Some(stem) = wanted.strip_suffix("(*)") else {
        return header.iter().position(|h| h == wanted);
    };
    header.iter().position(|h| h.strip_prefix(stem).is_some_and(|rest| currency_in(rest).is_some()))
}

/// Column names as they can be told apart, and the same for comparison. The second column of
/// a name gets a number, one without a name its place.
pub fn told_apart(cells: &[String]) -> (Vec<String>, Vec<String>) {
    let mut header: Vec<String> = Vec::with_capacity(cells.len());
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    for (at, cell) in cells.iter().enumerate() {
        let plain =
            if cell.trim().is_empty() { format!("column {}", at + 1) } else { cell.clone() };
        let mut shown = plain.clone();
        let mut number = 1;
        while names.contains(&normalise(&shown)) {
            number += 1;
            shown = format!("{plain} #{number}");
        }
        names.push(normalise(&shown));
        header.push(shown);
    }
    (header, names)
}

/// The name without the number that tells it apart from another of the same name.
pub fn shared_name(name: &str) -> &str {
    match name.rsplit_once(" #") {
        Some((stem, number))
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            stem
        }
        _ => name,
    }
}

/// The three letters in brackets at the end of a column name, upper case.
pub fn currency_in(column: &str) -> Option<String> {
    let inner = shared_name(column.trim_end()).strip_suffix(')')?;
    let (_, code) = inner.rsplit_once('(')?;
    let code = code.trim();
    (code.len() == 3 && code.bytes().all(|b| b.is_ascii_alphabetic()))
        .then(|| code.to_ascii_uppercase())
}

/// The format whose required columns are all in the (normalised) header.
pub fn detect(header: &[String]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| {
        format.required.iter().all(|r| find_column(header, r).is_some())
            && format.absent.iter().all(|a| find_column(header, a).is_none())
    })
}
