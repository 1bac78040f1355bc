//! Rows that are no income: payouts and transfers of money already earned, balances, orders
//! that were refunded or never paid, sums of the rows above.

use super::month_names::folded;

/// What a row says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Income, as nearly every row.
    Income,
    /// Money already earned leaves: payout, withdrawal, transfer.
    Payout,
    /// A payment: it leaves when negative, otherwise it is income.
    Payment,
    /// What an account held at some time.
    Balance,
    /// An order that was taken back or never paid. Counts when negative: then the row itself
    /// takes back.
    Undone,
}

/// The kinds left out, for counting.
pub(super) const LEFT_OUT: usize = 4;

/// Stable code of the warning about them and what they are, in the order of [`place`].
pub(super) const NAMES: [(&str, &str); LEFT_OUT] = [
    ("payout_rows", "payouts or transfers of money already earned"),
    ("balance_rows", "balances of an account"),
    ("refunded_rows", "orders that were refunded, cancelled or never paid"),
    ("total_rows", "sums of other rows"),
];

/// Where a left-out kind is counted.
pub(super) const fn place(kind: Kind) -> usize {
    match kind {
        Kind::Income | Kind::Payout | Kind::Payment => 0,
        Kind::Balance => 1,
        Kind::Undone => 2,
    }
}

/// Where sums of other rows are counted.
pub(super) const TOTALS: usize = 3;

/// What a column tells of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Teller {
    /// A type or status: one of a few words.
    Word,
    /// A sentence about the row.
    Sentence,
    /// Yes or no to what the column's name asks: `Refunded?`.
    Flag,
}

/// Names of columns with a type or a status.
const WORDS: &[&str] = &[
    "type",
    "status",
    "category",
    "kind",
    "typ",
    "tipo",
    "art",
    "soort",
    "statut",
    "estado",
    "stato",
    "operation",
    "action",
    "entry",
    "event",
    "song/album",
    "order state",
    "payment state",
];

/// Names of columns with a sentence about the row.
const SENTENCES: &[&str] = &[
    "description",
    "details",
    "detail",
    "activity",
    "memo",
    "particulars",
    "transaction",
    "beskrivning",
    "beschreibung",
    "buchungstext",
    "verwendungszweck",
    "libelle",
    "descripcion",
    "concepto",
    "descricao",
    "descrizione",
    "causale",
    "omschrijving",
    "text",
    "narrative",
    "reference",
];

/// Names of columns that ask yes or no.
const FLAGS: &[&str] = &[
    "refunded",
    "is refunded",
    "cancelled",
    "canceled",
    "chargeback",
    "charged back",
    "disputed",
    "void",
    "voided",
];

/// What was sold, or how, is no answer to whether it is income.
const OTHERS: &[&str] = &[
    "content",
    "usage",
    "asset",
    "release",
    "product",
    "rights",
    "config",
    "license",
    "claim",
    "media",
    "fee",
    "file",
    "price",
    "compliancy",
    "purchase",
    "delivery",
    "adjustment",
];

/// What a column with this (normalised) name tells, if anything.
pub(super) fn teller(name: &str) -> Option<Teller> {
    let name = folded(name);
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    let ends = |list: &[&str]| {
        list.iter().any(|w| {
            name.strip_suffix(w)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '_', '-', '\'']))
        })
    };
    if FLAGS.contains(&name) {
        return Some(Teller::Flag);
    }
    if ends(WORDS) && !OTHERS.iter().any(|o| name.contains(o)) {
        return Some(Teller::Word);
    }
    ends(SENTENCES).then_some(Teller::Sentence)
}

const PAYOUTS: &[&str] = &[
    "payout",
    "pay out",
    "paid out",
    "withdrawal",
    "withdraw",
    "withdrawn",
    "transfer",
    "bank transfer",
    "wire transfer",
    "disbursement",
    "auszahlung",
    "uberweisung",
    "abhebung",
    "utbetalning",
    "uttag",
    "overforing",
    "virement",
    "retrait",
    "versement",
    "retiro",
    "transferencia",
    "saque",
    "levantamento",
    "prelievo",
    "bonifico",
    "uitbetaling",
    "opname",
    "overboeking",
    "automatic payment",
    "auto payment",
    "payment to you",
    "payment sent",
];

const PAYMENTS: &[&str] = &[
    "payment",
    "paid",
    "zahlung",
    "betalning",
    "paiement",
    "pago",
    "pagamento",
    "betaling",
    "deposit",
    "settlement",
];

const UNDONE: &[&str] = &[
    "refunded",
    "refund",
    "partially refunded",
    "cancelled",
    "canceled",
    "failed",
    "declined",
    "chargeback",
    "charged back",
    "reversed",
    "disputed",
    "voided",
    "pending",
    "expired",
    "unpaid",
    "erstattet",
    "storniert",
    "aterbetald",
    "aterkopt",
    "rembourse",
    "remboursement",
    "annule",
    "reembolsado",
    "reembolso",
    "cancelado",
    "rimborsato",
    "rimborso",
    "annullato",
    "terugbetaald",
    "geannuleerd",
];

const BALANCES: &[&str] = &["balance", "saldo", "solde", "saldovortrag", "ubertrag"];

/// What goes before or behind `balance` when a row is one.
const BALANCE_PARTS: &[&str] = &[
    "opening",
    "starting",
    "beginning",
    "start",
    "initial",
    "ending",
    "closing",
    "end",
    "final",
    "previous",
    "prior",
    "current",
    "available",
    "account",
    "forward",
    "carried",
    "brought",
    "anfangs",
    "end",
    "ingaende",
    "utgaende",
    "initial",
    "inicial",
    "iniziale",
    "finale",
    "anterior",
    "precedente",
    "precedent",
    "begin",
    "eind",
    "total",
];

/// What a cell says of its row.
pub(super) fn kind(text: &str, teller: Teller) -> Kind {
    let text = folded(text);
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let joined = words.join(" ");
    if teller == Teller::Flag {
        let yes = matches!(joined.as_str(), "true" | "yes" | "y" | "1" | "x" | "ja" | "oui" | "si");
        return if yes { Kind::Undone } else { Kind::Income };
    }
    let begins = |list: &[&str]| {
        list.iter().any(|w| {
            joined.strip_prefix(w).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    };
    let is = |list: &[&str]| list.contains(&joined.as_str());
    if is_balance(&words, &joined, teller) {
        return Kind::Balance;
    }
    match teller {
        Teller::Word if begins(PAYOUTS) => Kind::Payout,
        Teller::Word if begins(PAYMENTS) => Kind::Payment,
        Teller::Word if begins(UNDONE) => Kind::Undone,
        Teller::Sentence if is(PAYOUTS) || is_money_leaving(&joined) => Kind::Payout,
        Teller::Sentence if is(PAYMENTS) => Kind::Payment,
        _ => Kind::Income,
    }
}

fn is_balance(words: &[&str], joined: &str, teller: Teller) -> bool {
    const WHOLE: [&str; 6] = [
        "brought forward",
        "carried forward",
        "amount brought forward",
        "vortrag",
        "ubertrag",
        "report a nouveau",
    ];
    if WHOLE.contains(&joined) {
        return true;
    }
    let named = |w: &&str| BALANCES.iter().any(|b| w.ends_with(b));
    match words {
        // Alone in a sentence it may be the title of a song.
        [one] => named(one) && (teller == Teller::Word || !BALANCES.contains(one)),
        _ => {
            words.len() <= 6
                && words.iter().any(named)
                && words.iter().any(|w| BALANCE_PARTS.contains(w))
        }
    }
}

/// A sentence that begins as those about money on its way to a bank.
fn is_money_leaving(joined: &str) -> bool {
    const BEGINNINGS: &[&str] = &[
        "automatic payment",
        "auto payment",
        "payment to ",
        "payment sent",
        "payout to ",
        "payout via ",
        "payout of ",
        "payout for ",
        "paid out",
        "paid to ",
        "paypal payout",
        "paypal withdrawal",
        "withdrawal to ",
        "withdrawal via ",
        "withdrawn to ",
        "withdraw to ",
        "transfer to ",
        "transferred to ",
        "bank transfer",
        "wire transfer",
        "eft payment",
        "electronic transfer",
        "auszahlung ",
        "uberweisung ",
        "utbetalning ",
        "overforing till",
        "virement ",
        "retrait ",
        "transferencia ",
        "retiro ",
        "saque ",
        "bonifico ",
        "prelievo ",
        "uitbetaling ",
        "overboeking ",
    ];
    BEGINNINGS.iter().any(|b| joined.starts_with(b))
}

/// What the name of a work or a store says of its rows: only what can hardly be the name of a
/// song or a shop. A payout is one when it is negative.
pub(super) fn kind_of_name(name: &str) -> Kind {
    let folded = folded(name);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let joined = words.join(" ");
    if words.len() > 1 && is_balance(&words, &joined, Teller::Sentence) {
        return Kind::Balance;
    }
    let leaves = PAYOUTS.contains(&joined.as_str()) || is_money_leaving(&joined);
    if leaves { Kind::Payment } else { Kind::Income }
}

/// A row whose first words say that it sums up others.
pub(super) fn is_total(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "total",
        "totals",
        "subtotal",
        "sub total",
        "grand total",
        "sum",
        "summe",
        "gesamt",
        "gesamtsumme",
        "zwischensumme",
        "summa",
        "delsumma",
        "totalt",
        "totale",
        "totaal",
        "somme",
        "suma",
        "soma",
        "total general",
        "period total",
    ];
    let text = folded(text);
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    WORDS.contains(&bare)
}
