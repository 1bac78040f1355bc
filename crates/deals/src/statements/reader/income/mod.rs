//! Rows that are no income: payouts and transfers of money already earned, balances, advances,
//! orders that were refunded or never paid, sums of the rows above.
//!
//! A column of kinds has few different values. Each of them is known to be income, known to be
//! none, or not known: then a person is asked, once for all of them.

mod classify;
mod words;

use super::month_names::folded;

pub(super) use classify::{
    Measured, Sums, is_cost, is_plainly_a_count, is_plainly_a_kind, kind, kind_of_name, measured,
    sums,
};

/// What a row says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Income, as nearly every row.
    Income,
    /// Money already earned leaves: payout, withdrawal, transfer.
    Payout,
    /// A payment: it leaves when negative; otherwise it may be income, or a payout.
    Payment,
    /// What an account held at some time.
    Balance,
    /// An order that was taken back or never paid. Counts when negative: then the row itself
    /// takes back.
    Undone,
    /// An advance, a loan, money put in.
    Funding,
    /// The sum of other rows.
    Total,
    /// A fee or a tax. Counts when negative, as a part of what was earned.
    Cost,
    /// A payment of which a person said that it is income: it leaves when negative.
    Incoming,
    /// A count, no money.
    Count,
    /// A person said that it is no income.
    Said,
    /// A sentence that tells nothing by itself.
    Silent,
    /// Words that may mean income or the opposite.
    Unsure,
    /// Words that are not known.
    Unknown,
}

impl Kind {
    /// Nobody knows yet whether it is income.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unsure | Self::Unknown)
    }

    /// It is no income, whatever the sign.
    pub const fn is_out(self) -> bool {
        matches!(
            self,
            Self::Payout | Self::Balance | Self::Funding | Self::Total | Self::Count | Self::Said
        )
    }
}

/// The kinds left out, for counting.
pub(super) const LEFT_OUT: usize = 7;

/// Stable code of the warning about them and what they are, in the order of [`place`].
pub(super) const NAMES: [(&str, &str); LEFT_OUT] = [
    ("payout_rows", "payouts or transfers of money already earned"),
    ("balance_rows", "balances of an account"),
    ("refunded_rows", "orders that were refunded, cancelled or never paid"),
    ("total_rows", "sums of other rows"),
    ("funding_rows", "advances, loans or deposits"),
    ("other_rows", "of a kind that a person said is none"),
    ("count_rows", "counts of streams or sales, no money"),
];

/// Where a left-out kind is counted.
pub(super) const fn place(kind: Kind) -> usize {
    match kind {
        Kind::Income | Kind::Payout | Kind::Payment | Kind::Incoming => 0,
        Kind::Balance => 1,
        Kind::Undone => 2,
        Kind::Total => TOTALS,
        Kind::Funding => 4,
        Kind::Count => 6,
        Kind::Cost | Kind::Said | Kind::Silent | Kind::Unsure | Kind::Unknown => 5,
    }
}

/// Where sums of other rows are counted.
pub(super) const TOTALS: usize = 3;

/// What a column tells of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Teller {
    /// A type: one of a few words.
    Word,
    /// The status of an order.
    Status,
    /// What was sold, or how: a payout among it is one all the same.
    Content,
    /// How a buyer paid.
    Method,
    /// A sentence about the row.
    Sentence,
    /// Yes or no to what the column's name asks: `Refunded?`.
    Flag,
    /// What was taken back of the row.
    TakenBack,
    /// What the number of the row measures: streams in one, money in the next.
    Measure,
    /// The same, by what stands in it alone.
    PerhapsMeasure,
}

/// Last or first words of columns with a type.
#[rustfmt::skip]
const TYPES: &[&str] = &[
    "type", "types", "category", "kind", "typ", "tipo", "tipologia", "art", "soort", "categorie",
    "categoria", "kategorie", "kategori", "operation", "operacion", "operacao", "operazione",
    "action", "entry", "event", "handelse", "vorgang", "movement", "movimiento", "movimento",
    "mouvement", "beweging", "mutatie", "song/album", "class", "trans",
];

/// Ends of compounds that name a type.
const TYPE_ENDS: &[&str] = &["sart", "zart", "ngsart", "typ", "type", "kategorie", "kategori"];

/// Words of columns with a status.
const STATUSES: &[&str] =
    &["status", "statut", "estado", "stato", "state", "etat", "zustand", "tillstand"];

/// Names of columns with a sentence about the row.
#[rustfmt::skip]
const SENTENCES: &[&str] = &[
    "description", "details", "detail", "activity", "memo", "particulars", "transaction",
    "transactions", "transaktion", "transactie", "transaccion", "transacao", "transazione",
    "beskrivning", "beschreibung", "buchungstext", "verwendungszweck", "libelle", "descripcion",
    "concepto", "descricao", "descrizione", "causale", "omschrijving", "text", "narrative",
    "reference", "purpose", "reason", "betreff", "grund", "note", "notes", "remark", "remarks",
    "comment", "bemerkung", "anmarkning",
];

/// Names of columns that say what the number of the row is.
#[rustfmt::skip]
const MEASURES: &[&str] = &[
    "metric", "metrics", "measure", "measures", "kpi", "indicator", "kennzahl", "messgrosse",
    "matetal", "matt", "indicateur", "mesure", "metrica", "medida", "indicador", "indicatore",
    "misura", "values", "data type",
];

/// Names of columns that ask yes or no.
#[rustfmt::skip]
const FLAGS: &[&str] = &[
    "refunded", "is refunded", "cancelled", "canceled", "chargeback", "charged back", "disputed",
    "void", "voided", "is returned", "is cancelled",
];

/// Words of columns that are about something else.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "rights", "config", "claim", "fee", "file", "price", "compliancy", "purchase", "delivery",
    "adjustment", "fulfillment", "fulfilment", "shipping", "shipment", "tax", "discount",
    "membership", "device", "country", "currency", "province", "region",
];

/// Words of columns about what was sold, or how.
#[rustfmt::skip]
const CONTENTS: &[&str] = &[
    "content", "usage", "use", "asset", "release", "product", "produkt", "produit", "producto",
    "produto", "prodotto", "license", "licence", "media", "item", "artikel", "sale", "sales",
    "source", "work", "song", "track", "service", "distribution", "format", "stream", "trans",
];

/// What a column with this (normalised) name tells, if anything.
pub(super) fn teller(name: &str) -> Option<Teller> {
    let name = folded(name);
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    let parted = |c: char| !c.is_alphanumeric() && c != '/';
    let words: Vec<&str> = name.split(parted).filter(|w| !w.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return None };
    if FLAGS.contains(&words.join(" ").as_str()) {
        return Some(Teller::Flag);
    }
    if MEASURES.contains(&words.join(" ").as_str()) {
        return Some(Teller::Measure);
    }
    if is_taken_back(&words) {
        return Some(Teller::TakenBack);
    }
    let other = OTHERS.iter().any(|o| name.contains(o));
    let status = words.iter().any(|w| STATUSES.contains(w) || w.ends_with("status"));
    if status {
        // A state may be a part of a country.
        const OF: [&str; 8] =
            ["order", "payment", "transaction", "sale", "invoice", "payout", "financial", "refund"];
        let place = *last == "state" && !OF.contains(first);
        return (!other && !place).then_some(Teller::Status);
    }
    let compound = words.iter().any(|w| w.len() > 6 && TYPE_ENDS.iter().any(|e| w.ends_with(e)));
    let method = ["method", "methode", "metod"].contains(last) || name.contains("zahlungsart");
    if method || name.starts_with("payment type") || name.ends_with("payment type") {
        return Some(Teller::Method);
    }
    if TYPES.contains(last) || TYPES.contains(first) && words.len() <= 4 || compound {
        let content = words.iter().any(|w| CONTENTS.contains(w))
            || CONTENTS.iter().any(|c| c.len() > 5 && name.starts_with(c));
        return match (other, content) {
            (true, _) => None,
            (false, true) => Some(Teller::Content),
            (false, false) => Some(Teller::Word),
        };
    }
    SENTENCES.contains(last).then_some(Teller::Sentence)
}

/// A column about something else than what kind a row is of.
pub(super) fn is_about_else(name: &str) -> bool {
    let name = folded(name);
    OTHERS.iter().any(|other| name.contains(other)) || name.contains("method")
}

/// `Refund Amount`, `Amount refunded`, `Erstattungsbetrag`: money that was taken back.
fn is_taken_back(words: &[&str]) -> bool {
    const BACK: [&str; 10] = [
        "refund",
        "erstattung",
        "ruckerstattung",
        "aterbetal",
        "rembours",
        "reembols",
        "rimbors",
        "terugbeta",
        "chargeback",
        "erstattet",
    ];
    const MONEY: [&str; 17] = [
        "amount", "total", "sum", "value", "net", "gross", "betrag", "belopp", "montant",
        "importe", "importo", "valor", "bedrag", "eur", "usd", "gbp", "sek",
    ];
    let back = words.iter().any(|w| BACK.iter().any(|b| w.starts_with(b)));
    let money = words.iter().any(|w| MONEY.iter().any(|m| w.ends_with(m)));
    let about =
        ["date", "id", "reason", "status", "type", "policy", "fee", "by", "number", "count"];
    let other = words.iter().any(|w| about.contains(w));
    back && !other && (money || words.len() == 1 && words[0].ends_with('s'))
}
