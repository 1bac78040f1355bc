//! What one value of a column says of its rows.

use super::words as w;
use super::{Kind, Teller};
use crate::statements::reader::month_names::folded;

/// The words of a value, and which lists each is in.
struct Said {
    lists: Vec<u32>,
    /// The words with one blank between them, and around.
    padded: String,
}

impl Said {
    fn of(text: &str) -> Self {
        let folded = folded(text);
        let mut padded = String::with_capacity(folded.len() + 2);
        let mut lists = Vec::new();
        padded.push(' ');
        for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
            lists.push(w::lists_of(word));
            padded.push_str(word);
            padded.push(' ');
        }
        Self { lists, padded }
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.joined().split(' ').filter(|w| !w.is_empty())
    }

    fn len(&self) -> usize {
        self.lists.len()
    }

    fn joined(&self) -> &str {
        self.padded.trim()
    }

    fn has(&self, list: u32) -> bool {
        self.lists.iter().any(|l| l & list != 0)
    }

    fn has_word(&self, list: &[&str]) -> bool {
        self.words().any(|word| list.contains(&word))
    }

    /// Two or more words that belong together. One of them marks the text, so that nearly all
    /// need no search.
    fn has_pair(&self, list: &[&str]) -> bool {
        self.has(w::PAIRED) && list.iter().any(|pair| self.holds(pair))
    }

    fn holds(&self, pair: &str) -> bool {
        self.padded.match_indices(pair).any(|(at, _)| {
            let bytes = self.padded.as_bytes();
            at > 0 && bytes[at - 1] == b' ' && bytes.get(at + pair.len()) == Some(&b' ')
        })
    }

    /// Every word is in the list, or says nothing by itself.
    fn only(&self, list: u32) -> bool {
        let telling = || self.lists.iter().filter(|l| **l & w::QUIET == 0);
        telling().next().is_some() && telling().all(|l| l & list != 0)
    }
}

/// What a cell says of its row.
pub fn kind(text: &str, teller: Teller) -> Kind {
    let said = Said::of(text);
    match teller {
        Teller::Flag => {
            const YES: [&str; 8] = ["true", "yes", "y", "1", "x", "ja", "oui", "si"];
            if YES.contains(&said.joined()) { Kind::Undone } else { Kind::Income }
        }
        // What is taken back of a row is a matter of its amount.
        Teller::TakenBack => Kind::Income,
        _ if !text.chars().any(char::is_alphabetic) => Kind::Income,
        _ if crate::statements::reader::dates::dated(text.as_bytes()).is_some() => Kind::Income,
        Teller::Word | Teller::Content => movement(&said),
        Teller::Status => status(&said),
        Teller::Method => method(&said),
        Teller::Sentence => sentence(&said),
        Teller::Measure => measure(measured(text), Kind::Count),
        Teller::PerhapsMeasure => measure(measured(text), Kind::Unsure),
    }
}

/// A row of a column whose values are kinds of rows.
fn movement(said: &Said) -> Kind {
    if is_balance(said) {
        return Kind::Balance;
    }
    let out = said.has(w::OUT) || said.has_pair(w::OUT_PAIRS);
    let earned = said.has(w::INCOME) || said.has(w::CONTENT);
    if out {
        // A royalty that is paid out may be all there is of it.
        return if said.has(w::INCOME) || said.has(w::COST) { Kind::Unsure } else { Kind::Payout };
    }
    if said.has(w::FUNDING) || said.has_pair(w::FUNDING_PAIRS) {
        return Kind::Funding;
    }
    if said.has(w::TOTAL) {
        return if earned && said.has(w::CONTENT) { Kind::Unsure } else { Kind::Total };
    }
    if said.has(w::COST) {
        // A fee for a licence is what was earned.
        let earned = said.has(w::LICENSED) && !said.has(w::COST_OF_OTHERS);
        return if earned { Kind::Income } else { Kind::Cost };
    }
    if said.has(w::MOVE) {
        return if earned { Kind::Unsure } else { Kind::Payout };
    }
    if said.has(w::UNDONE) {
        return if said.has(w::PARTLY) { Kind::Unsure } else { Kind::Undone };
    }
    if said.has(w::PAYMENT) {
        return Kind::Payment;
    }
    if said.has(w::CARRIERS) {
        return Kind::Unsure;
    }
    if earned { Kind::Income } else { Kind::Unknown }
}

/// The status of an order: only what is done counts by itself.
fn status(said: &Said) -> Kind {
    if is_balance(said) {
        return Kind::Balance;
    }
    let out = said.has(w::OUT) || said.has(w::MOVE) || said.has_pair(w::OUT_PAIRS);
    if said.has(w::PARTLY) || out {
        return Kind::Unsure;
    }
    if said.has(w::UNDONE) || said.has(w::NOT) {
        return Kind::Undone;
    }
    if said.has(w::FUNDING) {
        return Kind::Funding;
    }
    if said.has(w::TOTAL) {
        return Kind::Total;
    }
    const EARNED: [&str; 6] = ["sale", "sales", "sold", "royalty", "royalties", "earnings"];
    let done = said.has(w::FINAL) || said.has_word(&EARNED);
    if done { Kind::Income } else { Kind::Unknown }
}

/// What the number of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// Streams, units.
    Count,
    /// What is the creator's.
    Money,
    /// What something else is: a gross sum, a price, a fee.
    Else,
}

/// A count that is no kind of content either: streams may be what was sold.
pub fn is_plainly_a_count(text: &str) -> bool {
    #[rustfmt::skip]
    const PLAIN: &[&str] = &[
        "plays", "views", "units", "quantity", "qty", "listeners", "count", "number",
        "impressions", "anzahl", "menge", "stuckzahl", "antal", "quantite", "unidades",
        "cantidad", "quantidade", "quantita", "aantal",
    ];
    let said = Said::of(text);
    said.len() <= 3 && said.has_word(PLAIN)
}

/// What a text says that the number of its row is.
pub fn measured(text: &str) -> Measured {
    #[rustfmt::skip]
    const COUNTS: &[&str] = &[
        "streams", "stream", "plays", "play", "views", "view", "units", "unit", "quantity", "qty",
        "downloads", "listeners", "listens", "count", "number", "impressions", "followers",
        "anzahl", "menge", "stuck", "stuckzahl", "aufrufe", "abrufe", "wiedergaben", "hits",
        "antal", "strommar", "spelningar", "lyssningar", "ecoutes", "lectures", "quantite",
        "ventes", "reproducciones", "unidades", "cantidad", "reproducoes", "quantidade", "ascolti",
        "quantita", "aantal", "weergaven", "sold", "saves", "performances",
    ];
    #[rustfmt::skip]
    const MONEY: &[&str] = &[
        "revenue", "revenues", "royalty", "royalties", "earnings", "income", "net", "netto",
        "payout", "payable", "amount", "proceeds", "money", "erlos", "erlose", "einnahmen",
        "umsatz", "betrag", "tantiemen", "intakt", "intakter", "belopp", "revenus", "recettes",
        "redevances", "montant", "ingresos", "regalias", "importe", "receita", "royaltyer",
        "ricavi", "guadagni", "importo", "inkomsten", "opbrengst", "bedrag", "eur", "usd", "gbp",
        "sek",
    ];
    let said = Said::of(text);
    let gross = said.has_word(&["gross", "brutto", "brut", "bruto", "lordo", "per", "avg", "rate"]);
    match (said.has_word(COUNTS), said.has_word(MONEY)) {
        _ if gross || said.has(w::COST) => Measured::Else,
        (true, false) => Measured::Count,
        (false, true) => Measured::Money,
        _ => Measured::Else,
    }
}

fn measure(measured: Measured, count: Kind) -> Kind {
    match measured {
        Measured::Count => count,
        Measured::Money => Kind::Income,
        Measured::Else => Kind::Unknown,
    }
}

/// How a buyer paid: only what no buyer does says something.
fn method(said: &Said) -> Kind {
    let out = said.has(w::OUT) || said.has_pair(&w::OUT_PAIRS[..5]);
    if out { Kind::Payout } else { Kind::Income }
}

/// A sentence about the row, which may also be the title of a song: as a whole it must be one
/// of those that no song is called by.
fn sentence(said: &Said) -> Kind {
    let joined = said.joined();
    if is_balance(said)
        && (said.len() > 1
            || !["balance", "balances", "saldo", "solde", "saldi", "balans"].contains(&joined))
    {
        return Kind::Balance;
    }
    let one = said.len() == 1;
    if said.only(w::OUT) || is_money_leaving(joined) {
        return Kind::Payout;
    }
    if said.only(w::MOVE) && (one || said.has_word(&["bank", "wire", "currency"])) {
        return Kind::Payout;
    }
    if one && said.has(w::PAYMENT) {
        return Kind::Payment;
    }
    // A few words with a payout among them.
    if said.has(w::OUT) && said.len() <= 5 {
        return if said.has(w::CARRIERS) { Kind::Payout } else { Kind::Unsure };
    }
    Kind::Silent
}

/// True when a whole value can only be the kind of a row, so that its column is one of kinds.
pub fn is_plainly_a_kind(text: &str) -> bool {
    let said = Said::of(text);
    let lists =
        [w::OUT, w::MOVE, w::INCOME, w::FUNDING, w::BALANCE, w::COST, w::PAYMENT, w::UNDONE];
    let pairs = [w::OUT_PAIRS, w::FUNDING_PAIRS, w::BALANCE_PAIRS];
    said.len() > 0
        && (lists.into_iter().any(|list| said.only(list))
            || pairs.iter().any(|list| list.contains(&said.joined()))
            || is_money_leaving(said.joined())
            || is_named_balance(&said))
}

/// True for the name of a fee, a tax or another deduction.
pub fn is_cost(name: &str) -> bool {
    Said::of(name).has(w::COST)
}

fn is_balance(said: &Said) -> bool {
    w::BALANCE_PAIRS.contains(&said.joined())
        || said.has_pair(&w::BALANCE_PAIRS[6..])
        || said.len() == 1 && said.has(w::BALANCE)
        || is_named_balance(said)
}

/// `Closing balance`, `Saldo anterior`.
fn is_named_balance(said: &Said) -> bool {
    #[rustfmt::skip]
    const PARTS: &[&str] = &[
        "opening", "starting", "beginning", "start", "initial", "ending", "closing", "end", "final",
        "previous", "prior", "current", "available", "account", "forward", "carried", "brought",
        "anfangs", "ingaende", "utgaende", "inicial", "iniziale", "finale", "anterior",
        "precedente", "precedent", "begin", "eind", "total", "b", "c", "f", "negative", "kontots",
    ];
    // `Anfangssaldo` is one word.
    let named = |word: &str| {
        ["balance", "saldo", "solde", "balans", "stand", "bestand", "vortrag"]
            .iter()
            .any(|b| word.ends_with(b))
    };
    said.len() > 1
        && said.len() <= 6
        && said.words().any(named)
        && said.words().any(|word| PARTS.contains(&word))
}

/// A sentence that begins as those about money on its way to a bank.
fn is_money_leaving(joined: &str) -> bool {
    #[rustfmt::skip]
    const BEGINNINGS: &[&str] = &[
        "automatic payment", "auto payment", "payment to ", "payment sent", "payout to ",
        "payout via ", "payout of ", "payout for ", "paid out", "paid to ", "sent to paypal",
        "sent to bank", "sent to your", "paypal payout", "paypal withdrawal", "withdrawal to ",
        "withdrawal via ", "withdrawn to ", "withdraw to ", "transfer to ", "transferred to ",
        "instant transfer", "bank transfer", "wire transfer", "eft payment", "ach payment",
        "electronic transfer", "cash out to", "auszahlung ", "uberweisung ", "utbetalning ",
        "overforing till", "virement ", "retrait ", "transferencia ", "retiro ", "saque ",
        "bonifico ", "prelievo ", "uitbetaling ", "overboeking ", "pago automatico",
        "pagamento automatico", "automatische zahlung", "paiement automatique",
        "automatisk betalning", "automatische betaling", "automatisk utbetalning",
    ];
    BEGINNINGS.iter().any(|b| joined.starts_with(b))
}

/// What the name of a work or a store says of its rows: only what can hardly be the name of a
/// song or a shop. A payout is one when it is negative.
pub fn kind_of_name(name: &str) -> Kind {
    let said = Said::of(name);
    if said.len() > 1 && is_balance(&said) {
        return Kind::Balance;
    }
    let leaves = said.len() == 1 && (said.has(w::OUT) || said.has_word(&["transfer"]));
    if leaves {
        return Kind::Payment;
    }
    // Of several words it is no song: what is positive is asked about.
    let told = is_money_leaving(said.joined()) || said.has(w::OUT) && said.has(w::CARRIERS);
    if told { Kind::Payout } else { Kind::Income }
}

/// A row whose words say that it sums up others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    /// No.
    No,
    /// `Total`: nothing else is said.
    Plainly,
    /// `Page total`, `Total for Uno`, `Total January`.
    Of,
    /// `Total Uno`: only where there is a work or a store of that name.
    Perhaps,
}

/// `Sub-total A`, `Sous-total A`.
fn is_sub_total(said: &Said) -> bool {
    [" sub total ", " sous total "].iter().any(|begin| said.padded.starts_with(begin))
}

/// Whether a name or a first cell says that its row sums up others.
pub fn sums(text: &str) -> Sums {
    #[rustfmt::skip]
    const NEXT: &[&str] = &[
        "for", "of", "per", "in", "by", "page", "period", "month", "quarter", "year", "track",
        "album", "artist", "store", "fur", "for", "pour", "para", "per", "voor", "de", "des", "q1",
        "q2", "q3", "q4", "royalties", "earnings", "revenue", "amount", "net", "all", "due",
        "payable",
    ];
    let said = Said::of(text);
    if said.len() == 0 || said.len() > 12 {
        return Sums::No;
    }
    if !said.has(w::TOTAL) {
        return Sums::No;
    }
    let total = |word: &str| w::TOTALS.contains(&word);
    let bare: Vec<&str> =
        said.words().filter(|w| !matches!(*w, "sub" | "grand" | "sous")).collect();
    let Some((first, rest)) = bare.split_first() else { return Sums::No };
    if total(first) && rest.iter().all(|w| total(w) || *w == "general") {
        return Sums::Plainly;
    }
    let dated = |words: &[&str]| {
        let text = words.join(" ");
        crate::statements::reader::dates::dated(text.as_bytes()).is_some()
            || crate::statements::reader::dates::dated(format!("{text} 2024").as_bytes()).is_some()
    };
    let of = total(first) && (NEXT.contains(&rest[0]) || dated(rest));
    // `January total`, `Uno Total:` but no song in a longer title.
    let last = bare.last().is_some_and(|w| total(w)) && bare.len() <= 4;
    if of || last || is_sub_total(&said) {
        Sums::Of
    } else if total(first) {
        Sums::Perhaps
    } else {
        Sums::No
    }
}
