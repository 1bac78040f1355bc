//! How good the name of a column is for what is looked for.
//!
//! Net is better than gross, the payee's share better than the total, what was sold in a
//! period better than when it was reported, the currency of the payment better than that of a
//! shop.

use kernel::Asset;

use super::formats;
use super::month_names::folded;

/// Two columns this near to each other are both plausible.
pub(super) const MARGIN: i32 = 10;

/// What the name of a column says about money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money {
    pub worth: i32,
    /// The name can only mean money; others (`total`, `sum`) may be counts.
    pub strong: bool,
}

/// Names with one of these are no money of the payee, unless it was taken off (`after fees`).
const NOT_MONEY: &[&str] = &[
    "quantity",
    "qty",
    "unit",
    "units",
    "count",
    "streams",
    "plays",
    "views",
    "downloads",
    "number",
    "no",
    "id",
    "isrc",
    "iswc",
    "upc",
    "ean",
    "barcode",
    "ipi",
    "cae",
    "percent",
    "percentage",
    "rate",
    "exchange",
    "fx",
    "price",
    "ppd",
    "tax",
    "taxes",
    "vat",
    "fee",
    "fees",
    "commission",
    "withheld",
    "withholding",
    "deduction",
    "deductions",
    "discount",
    "discounts",
    "shipping",
    "cost",
    "costs",
    "expense",
    "expenses",
    "charge",
    "charges",
    "balance",
    "year",
    "month",
    "day",
    "date",
    "track",
    "volume",
    "disc",
    "version",
    "duration",
    "seconds",
    "minutes",
    "returns",
    "reserve",
    "reserves",
    "refund",
    "refunds",
    "recoup",
    "steuer",
    "steuern",
    "gebuhr",
    "gebuhren",
    "moms",
    "skatt",
    "avgift",
    "antal",
    "menge",
    "anzahl",
    "cantidad",
    "quantite",
    "quantita",
    "quantidade",
    "aantal",
    "preis",
    "pris",
    "prix",
    "precio",
    "preco",
    "prezzo",
    "prijs",
    "tva",
    "iva",
    "btw",
    "kurs",
    "saldo",
    "solde",
    "provision",
    "impuesto",
    "index",
    "rank",
    "position",
    "bitrate",
    "size",
    "item",
    "items",
];

/// Words before a deduction that make a name mean what is left after it.
const AFTER: &[&str] = &[
    "after",
    "less",
    "minus",
    "excl",
    "excluding",
    "nach",
    "efter",
    "apres",
    "despues",
    "dopo",
    "na",
];

/// Words and what they add; true: the word means money and nothing else.
const WORTH: &[(&str, i32, bool)] = &[
    ("net", 40, false),
    ("netto", 40, false),
    ("neto", 40, false),
    ("netta", 40, false),
    ("nett", 40, false),
    ("liquido", 40, false),
    ("gross", -40, true),
    ("brutto", -40, true),
    ("bruto", -40, true),
    ("brut", -40, true),
    ("lordo", -40, true),
    ("royalty", 30, true),
    ("royalties", 30, true),
    ("earnings", 30, true),
    ("earned", 30, true),
    ("payment", 35, true),
    ("payable", 30, true),
    ("due", 35, false),
    ("payout", 30, true),
    ("paid", 25, false),
    ("revenue", 20, true),
    ("revenues", 20, true),
    ("income", 20, true),
    ("receipts", 20, true),
    ("proceeds", 20, true),
    ("earning", 30, true),
    ("amount", 15, false),
    ("sum", 15, false),
    ("total", 5, false),
    ("sales", 5, false),
    ("value", 5, false),
    ("subtotal", 10, true),
    ("betrag", 15, true),
    ("erlos", 20, true),
    ("erlose", 20, true),
    ("umsatz", 20, true),
    ("vergutung", 30, true),
    ("auszahlung", 30, true),
    ("gewinn", 20, true),
    ("belopp", 15, true),
    ("intakt", 20, true),
    ("intakter", 20, true),
    ("ersattning", 30, true),
    ("summa", 15, false),
    ("montant", 15, true),
    ("redevance", 30, true),
    ("redevances", 30, true),
    ("revenu", 20, true),
    ("revenus", 20, true),
    ("recettes", 20, true),
    ("importe", 15, true),
    ("ingreso", 20, true),
    ("ingresos", 20, true),
    ("regalia", 30, true),
    ("regalias", 30, true),
    ("valor", 15, true),
    ("receita", 20, true),
    ("receitas", 20, true),
    ("rendimento", 20, true),
    ("importo", 15, true),
    ("ricavi", 20, true),
    ("ricavo", 20, true),
    ("compensi", 30, true),
    ("compenso", 30, true),
    ("bedrag", 15, true),
    ("opbrengst", 20, true),
    ("vergoeding", 30, true),
    ("inkomsten", 20, true),
];

/// Words that name the payee himself: his part is what counts.
const PAYEE: &[&str] = &["your", "you", "my", "payee", "payable"];

/// Words that name one of several parties, who may be the payee.
const PARTY: &[&str] = &[
    "partner",
    "label",
    "artist",
    "writer",
    "publisher",
    "client",
    "member",
    "owner",
    "creator",
    "rightsholder",
    "licensor",
    "composer",
    "share",
    "split",
    "anteil",
    "andel",
    "quota",
    "aandeel",
];

/// Money in the currency or at the price of a shop.
const SHOP: &[&str] = &[
    "retail",
    "list",
    "local",
    "original",
    "store",
    "customer",
    "consumer",
    "source",
    "dealer",
    "wholesale",
    "base",
    "foreign",
    "transaction",
    "sale",
    "selling",
];

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

/// True when `part` is the name of `whole` without its `total`: then it is the amount of one
/// unit.
pub(super) fn is_total_of(whole: &str, part: &str) -> bool {
    let mut words_of_whole = words(whole);
    words_of_whole.retain(|w| w != "total");
    words_of_whole == words(part) && words_of_whole.len() < words(whole).len()
}

/// True for a column that says the year only, or the month or quarter only.
pub(super) fn is_named(name: &str, list: &[&str]) -> bool {
    words(name).iter().any(|w| list.contains(&w.as_str()))
}

/// Words of when something was sold.
const SOLD: &[&str] = &[
    "sale",
    "sales",
    "sold",
    "activity",
    "usage",
    "use",
    "earned",
    "earning",
    "consumption",
    "transaction",
    "performance",
    "start",
    "stream",
    "streaming",
    "order",
    "play",
    "from",
    "royalty",
    "verkauf",
    "verkaufs",
    "nutzung",
    "forsaljning",
    "vente",
    "ventes",
    "venta",
    "venda",
    "vendita",
    "verkoop",
    "service",
    "begin",
];

/// Words of when it was reported or paid.
const REPORTED: &[&str] = &[
    "report",
    "reported",
    "reporting",
    "statement",
    "accounting",
    "posted",
    "payment",
    "paid",
    "invoice",
    "inserted",
    "processed",
    "created",
    "updated",
    "upload",
    "booking",
    "settlement",
    "distribution",
    "due",
    "abrechnung",
    "abrechnungs",
    "issued",
    "publication",
    "rapport",
    "rapporterings",
    "datepaidlast",
    "dateprocessedlast",
    "payout",
];

/// Words of time.
const WHEN: &[&str] = &[
    "month",
    "period",
    "date",
    "day",
    "quarter",
    "time",
    "datum",
    "monat",
    "manad",
    "kvartal",
    "quartal",
    "zeitraum",
    "periode",
    "mois",
    "trimestre",
    "mes",
    "fecha",
    "periodo",
    "data",
    "mese",
    "maand",
    "kwartaal",
    "semester",
    "sold",
    "start",
    "from",
    "dato",
    "maned",
    "datepaidlast",
    "dateprocessedlast",
];

/// When a work came out, or somebody was born, is not when it earned.
const NEVER: &[&str] =
    &["release", "released", "birth", "expiry", "expires", "end", "ship", "street", "to"];

/// Words of years alone.
const YEAR: &[&str] = &["year", "jahr", "ar", "annee", "ano", "anno", "jaar"];

/// How good a column's name is for the month of the earning; `None` when it is none.
pub(super) fn of_month(name: &str) -> Option<i32> {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let ends_when = |w: &String| WHEN.iter().any(|n| n.len() > 3 && w.ends_with(n));
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
