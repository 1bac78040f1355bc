//! The words that kinds of rows are called by, lower case and without accents, in the languages
//! of statements. A word of six letters or more also stands for longer ones that begin or end
//! with it: `transferred`, `kontouberweisung`.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

pub(super) const OUT: u32 = 1 << 0;
pub(super) const MOVE: u32 = 1 << 1;
pub(super) const CARRIERS: u32 = 1 << 2;
pub(super) const PAYMENT: u32 = 1 << 3;
pub(super) const FUNDING: u32 = 1 << 4;
pub(super) const BALANCE: u32 = 1 << 5;
pub(super) const TOTAL: u32 = 1 << 6;
pub(super) const UNDONE: u32 = 1 << 7;
pub(super) const PARTLY: u32 = 1 << 8;
pub(super) const NOT: u32 = 1 << 9;
pub(super) const FINAL: u32 = 1 << 10;
pub(super) const INCOME: u32 = 1 << 11;
pub(super) const CONTENT: u32 = 1 << 12;
pub(super) const COST: u32 = 1 << 13;
pub(super) const LICENSED: u32 = 1 << 14;
pub(super) const COST_OF_OTHERS: u32 = 1 << 15;
/// Words that say nothing by themselves.
pub(super) const QUIET: u32 = 1 << 16;
/// Words that pairs begin with.
pub(super) const PAIRED: u32 = 1 << 17;

/// The lists that a word is in.
pub(super) fn lists_of(word: &str) -> u32 {
    static KNOWN: OnceLock<FxHashMap<&'static str, u32>> = OnceLock::new();
    let known = KNOWN.get_or_init(all);
    let mut lists = known.get(word).copied().unwrap_or(0);
    if word.bytes().all(|b| b.is_ascii_digit()) {
        lists |= QUIET;
    }
    if lists & !(QUIET | PAIRED) != 0 {
        return lists;
    }
    // What is longer than a long word may be made of it.
    for (at, _) in word.char_indices().filter(|(at, _)| *at > 0) {
        let (head, tail) = word.split_at(at);
        for part in [head, tail].into_iter().filter(|part| part.len() >= LONG) {
            lists |= known.get(part).copied().unwrap_or(0) & !(QUIET | PAIRED);
        }
    }
    lists
}

/// Letters of a word that also stands for longer ones.
const LONG: usize = 6;

fn all() -> FxHashMap<&'static str, u32> {
    let lists: [(&[&str], u32); 17] = [
        (OUT_WORDS, OUT),
        (MOVE_WORDS, MOVE),
        (CARRIERS_WORDS, CARRIERS),
        (PAYMENT_WORDS, PAYMENT),
        (FUNDING_WORDS, FUNDING),
        (BALANCE_WORDS, BALANCE),
        (TOTALS, TOTAL),
        (UNDONE_WORDS, UNDONE),
        (PARTLY_WORDS, PARTLY),
        (NOT_WORDS, NOT),
        (FINAL_WORDS, FINAL),
        (INCOME_WORDS, INCOME),
        (CONTENT_WORDS, CONTENT),
        (COST_WORDS, COST),
        (LICENSED_WORDS, LICENSED),
        (COST_OF_OTHERS_WORDS, COST_OF_OTHERS),
        (QUIET_WORDS, QUIET),
    ];
    let mut known: FxHashMap<&'static str, u32> = FxHashMap::default();
    for (words, list) in lists {
        for word in words {
            *known.entry(word).or_default() |= list;
        }
    }
    for pair in [OUT_PAIRS, FUNDING_PAIRS, BALANCE_PAIRS].into_iter().flatten() {
        if let Some((first, _)) = pair.split_once(' ') {
            *known.entry(first).or_default() |= PAIRED;
        }
    }
    known
}

#[rustfmt::skip]
const QUIET_WORDS: &[&str] = &[
    "of", "and", "for", "the", "und", "och", "et", "y", "e", "en", "de", "net",
];

/// Money already earned leaves for the payee.
#[rustfmt::skip]
const OUT_WORDS: &[&str] = &[
    "payout", "payouts", "paidout", "withdrawal", "withdraw", "withdrawn", "disbursement",
    "disbursed", "remittance", "remitted", "cashout", "cashouts", "auszahlung", "auszahlungen",
    "ausgezahlt", "abhebung", "utbetalning", "utbetalt", "utbetald", "uttag", "udbetaling",
    "retrait", "versement", "retiro", "saque", "levantamento", "prelievo", "uitbetaling",
    "uitbetaald", "opname", "payoutreversal",
];

/// The same in two words.
#[rustfmt::skip]
pub(super) const OUT_PAIRS: &[&str] = &[
    "pay out", "pay outs", "paid out", "cash out", "cashed out", "sent to", "to bank", "to paypal",
    "to your bank", "automatic payment", "auto payment", "payment to you", "payment sent",
    "till konto", "auf konto", "to account", "paid to",
];

/// Money moves between accounts; a shop may also mean how a buyer paid.
#[rustfmt::skip]
const MOVE_WORDS: &[&str] = &[
    "transfer", "transfers", "wire", "wires", "ach", "sepa", "bacs", "eft", "swift", "fps",
    "uberweisung", "umbuchung", "lastschrift", "overforing", "girering", "virement",
    "transferencia", "bonifico", "trasferimento", "overboeking", "overschrijving", "giro",
    "conversion", "convert", "umrechnung", "wahrungsumrechnung", "valutavaxling", "valutaomrakning",
    "currencyconversion", "sweep",
];

/// Those who carry or keep money. They say neither that it comes nor that it goes.
#[rustfmt::skip]
const CARRIERS_WORDS: &[&str] = &[
    "paypal", "payoneer", "tipalti", "hyperwallet", "transferwise", "wise", "revolut", "zelle",
    "venmo", "skrill", "neteller", "swish", "bank", "moneygram", "stripe", "reserve", "reserves",
    "escrow", "netting", "offset", "ruckstellung", "reserv",
];

/// Money comes or goes: which one, the sign tells, or nothing.
#[rustfmt::skip]
const PAYMENT_WORDS: &[&str] = &[
    "payment", "payments", "paid", "received", "zahlung", "zahlungen", "betalning", "betalningar",
    "paiement",
    "paiements", "pago", "pagos", "pagamento", "pagamenti", "pagamentos", "betaling", "betalingen",
    "settlement", "settlements", "regulering",
];

/// Money that was lent, paid in advance or put in.
#[rustfmt::skip]
const FUNDING_WORDS: &[&str] = &[
    "advance", "advances", "vorschuss", "vorschusse", "vorauszahlung", "forskott", "avance",
    "avances", "anticipo", "anticipos", "adiantamento", "acconto", "voorschot", "loan", "loans",
    "darlehen", "kredit", "lan", "pret", "prestamo", "emprestimo", "prestito", "lening",
    "repayment", "recoupment", "recouped", "recoup", "deposit", "deposits", "einzahlung",
    "insattning", "depot", "deposito", "storting", "topup", "topups", "aufladung", "guarantee",
];

/// The same in two words.
#[rustfmt::skip]
pub(super) const FUNDING_PAIRS: &[&str] = &["top up", "top ups", "cash in", "add funds", "a conto"];

/// What an account holds or owes.
#[rustfmt::skip]
const BALANCE_WORDS: &[&str] = &[
    "balance", "balances", "saldo", "solde", "saldi", "balans", "kontostand", "saldovortrag",
    "anfangssaldo", "endsaldo", "anfangsbestand", "endbestand", "vortrag", "ubertrag", "bf", "cf",
    "bfwd", "cfwd", "outstanding", "kontosaldo", "behallning", "forderung",
];

/// The same in several words.
#[rustfmt::skip]
pub(super) const BALANCE_PAIRS: &[&str] = &[
    "b f", "c f", "b d", "c d", "b fwd", "c fwd", "brought forward", "carried forward",
    "brought down", "carried down", "amount due", "amounts due", "total due", "amount payable",
    "total payable", "amount owed", "amount owing", "report a nouveau", "att betala",
    "zu zahlen", "montant du", "importe adeudado", "te betalen", "carry forward",
];

/// Sums of other rows.
#[rustfmt::skip]
pub(super) const TOTALS: &[&str] = &[
    "total", "totals", "subtotal", "subtotals", "sum", "summe", "gesamt", "gesamtsumme",
    "zwischensumme", "endsumme", "summa", "delsumma", "slutsumma", "totalt", "totale", "totali",
    "totaal", "subtotaal", "somme", "sous total", "suma", "soma", "subtotale", "totaux",
    "gesamtbetrag", "totalbelopp", "eindtotaal", "insgesamt", "totalsumma", "totalsumme", "razem",
    "yhteensa", "valisumma", "celkem", "toplam", "tussentotaal", "deltotaal", "delsum", "subtotaux",
    "mellansumma", "teilsumme", "subtotales", "totales", "subtotais", "totais",
];

/// Taken back, or never paid.
#[rustfmt::skip]
const UNDONE_WORDS: &[&str] = &[
    "refund", "refunds", "refunded", "cancel", "cancelled", "canceled", "cancellation", "failed",
    "failure", "declined", "decline", "chargeback", "chargebacks", "reversed", "reversal",
    "disputed", "dispute", "void", "voided", "voids", "pending", "expired", "unpaid", "returned",
    "return", "returns", "denied", "awaiting", "waiting", "abandoned", "rejected", "refused",
    "blocked", "hold", "held", "reserved", "draft", "processing", "unconfirmed", "unsettled",
    "incomplete", "overdue", "scheduled", "fraud", "fraudulent", "error", "invalid", "open",
    "uncaptured", "requires", "authorized", "authorised", "lost", "erstattet", "erstattung",
    "ruckerstattet", "ruckerstattung", "ruckbuchung", "ruckzahlung", "ruckgabe", "retoure",
    "storno", "storniert", "stornierung", "abgelehnt", "ausstehend", "offen", "fehlgeschlagen",
    "abgebrochen", "unbezahlt", "aterbetald", "aterbetalning", "aterbetalt", "aterkop",
    "aterkopt", "annullerad", "annullering", "avbruten", "avbokad", "nekad", "vantar", "obetald",
    "misslyckad", "makulerad", "rembourse", "remboursement", "annule", "annulee", "annulation",
    "refuse", "refusee", "echoue", "impaye", "attente", "rejete", "reembolsado", "reembolso",
    "devuelto", "devolucion", "devolucao", "devolvido", "cancelado", "cancelada", "anulado",
    "anulada", "rechazado", "pendiente", "pendente", "recusado", "estornado", "estorno",
    "rimborsato", "rimborso", "annullato", "annullata", "rifiutato", "reso", "sospeso",
    "terugbetaald", "terugbetaling", "geannuleerd", "geweigerd", "mislukt", "openstaand",
    "afgewezen", "retour", "in behandeling",
];

/// Only a part of it was taken back or paid.
#[rustfmt::skip]
const PARTLY_WORDS: &[&str] = &[
    "partial", "partially", "partly", "part", "teilweise", "teil", "delvis", "partiel",
    "partielle", "partiellement", "parcial", "parcialmente", "parziale", "parzialmente",
    "gedeeltelijk", "deels",
];

/// Turns the word that follows around.
#[rustfmt::skip]
const NOT_WORDS: &[&str] = &["not", "no", "never", "non", "will", "be", "soon", "wird", "ska",
    "sera", "nicht", "ej", "inte", "niet",
    "nao"];

/// It is done: a status of an order that was paid.
#[rustfmt::skip]
const FINAL_WORDS: &[&str] = &[
    "paid", "complete", "completed", "succeeded", "success", "successful", "successfully",
    "settled", "cleared", "fulfilled", "delivered", "shipped", "closed", "captured", "approved",
    "confirmed", "accepted", "processed", "received", "active", "finalized", "finalised", "final",
    "posted", "booked", "earned", "available", "ok", "done", "released", "matched", "normal",
    "valid", "charged", "credited", "reported", "invoiced", "ready", "verified", "live",
    "published", "bezahlt", "abgeschlossen", "erledigt", "gebucht", "bestatigt", "erfolgreich",
    "eingegangen", "abgerechnet", "aktiv", "betald", "betalt", "slutford", "klar", "genomford",
    "bokford", "godkand", "bekraftad", "mottagen", "levererad", "avslutad", "paye", "payee",
    "payes", "termine", "terminee", "regle", "reglee", "valide", "validee", "encaisse", "recu",
    "livre", "pagado", "pagada", "completado", "completada", "completo", "cobrado", "aprobado",
    "recibido", "concluido", "concluida", "recebido", "aprovado", "pagato", "pagata", "completato",
    "completata", "incassato", "ricevuto", "approvato", "betaald", "voltooid", "afgerond",
    "ontvangen", "geslaagd", "goedgekeurd", "verwerkt", "gutgeschrieben",
];

/// Earned, and corrections of what was earned.
#[rustfmt::skip]
const INCOME_WORDS: &[&str] = &[
    "royalty", "royalties", "earning", "earnings", "revenue", "revenues", "income", "sale",
    "sales", "sold", "proceeds", "correction", "corrections", "adjustment",
    "adjustments", "adj", "tip", "tips", "donation", "donations", "order",
    "orders", "product", "products", "purchase", "purchases", "charge", "invoice", "tantiemen",
    "tantieme", "einnahme", "einnahmen", "erlos", "erlose", "umsatz", "verkauf", "verkaufe",
    "lizenz", "lizenzen", "gutschrift", "korrektur", "vergutung", "ertrag", "spende", "intakt",
    "intakter", "forsaljning", "ersattning", "royaltyer", "justering", "rattelse", "kop",
    "redevance", "redevances", "revenu", "revenus", "recette", "recettes", "vente", "ventes",
    "ajustement", "regularisation", "droits", "regalia", "regalias", "ingreso", "ingresos",
    "venta", "ventas", "ajuste", "correccion", "derechos", "receita", "receitas", "venda",
    "vendas", "direitos", "ricavo", "ricavi", "compenso", "compensi", "vendita", "vendite",
    "rettifica", "diritti", "provento", "opbrengst", "opbrengsten", "inkomsten", "vergoeding",
    "verkoop", "verkopen", "correctie", "rechten", "honorar", "gage",
];

/// What was sold or used, and how.
#[rustfmt::skip]
const CONTENT_WORDS: &[&str] = &[
    "stream", "streams", "streaming", "streamed", "download", "downloads", "track", "tracks",
    "album", "albums", "song", "songs", "single", "singles", "ep", "lp", "release", "releases",
    "subscription", "subscriptions", "subscriber", "subscribers", "subscribed", "ad", "ads",
    "adsupported", "advertising", "advertisement", "supported", "freemium", "premium", "free",
    "video", "videos", "audio", "music", "musik", "musique", "musica", "muziek", "sound",
    "recording", "recordings", "master", "masters", "mechanical", "mechanicals", "performance",
    "performances", "performing", "sync", "synch", "synchronization", "synchronisation",
    "neighboring", "neighbouring", "publishing", "composition", "compositions", "work", "works",
    "lyric", "lyrics", "license", "licence", "licenses", "licences", "licensing", "licensed",
    "ringtone", "ringtones", "ringback", "play", "plays", "view", "views", "radio", "broadcast",
    "tv", "television", "film", "cinema", "concert", "live", "tour", "ticket", "tickets",
    "interactive", "noninteractive", "permanent", "conditional", "tethered", "locker", "cloud",
    "match", "demand", "digital", "physical", "vinyl", "cd", "cds", "cassette", "tape", "dvd",
    "merch", "merchandise", "package", "packages", "bundle", "bundles", "gift", "shirt", "book",
    "ebook", "audiobook", "podcast", "episode", "sample", "samples", "beat", "beats", "loop",
    "loops", "preset", "presets", "stem", "stems", "plugin", "template", "course", "membership",
    "memberships", "member", "members", "pledge", "tier", "ugc", "generated", "content", "clip",
    "clips", "short", "shorts", "reels", "story", "stories", "creation", "creations", "library",
    "profile", "art", "fitness", "gaming", "game", "games", "social", "trial", "family",
    "student", "individual", "duo", "device", "usage", "use", "uses", "unit", "units", "item",
    "items", "preorder", "pre", "theatrical", "print", "grand", "rights", "online", "offline",
    "shipping", "postage", "discount", "writer", "publisher", "artist", "producer", "original",
    "remix", "instrumental", "playlist", "station", "programmed", "webcast", "satellite",
    "background", "business", "nutzung", "titel", "lied", "lieder", "werk", "werke", "auffuhrung",
    "sendung", "abonnement", "abonnements", "abo", "werbung", "klingelton", "hortrager",
    "uppspelning", "strom", "strommning", "nedladdning", "nedladdningar", "lat", "latar", "verk",
    "prenumeration",
    "annons", "annonser", "reklam", "framforande", "mekanisk", "mekaniska", "radiosandning",
    "telechargement", "telechargements", "titre", "titres", "morceau", "morceaux", "chanson",
    "ecoute", "ecoutes", "publicite", "mecanique", "execution", "oeuvre", "oeuvres", "diffusion",
    "reproduction", "descarga", "descargas", "cancion", "canciones", "pista", "suscripcion",
    "publicidad", "mecanicos", "mecanico", "ejecucion", "obra", "obras", "reproduccion",
    "reproducciones", "transferida", "faixa", "faixas", "assinatura", "publicidade", "execucao",
    "reproducao", "brano", "brani", "canzone", "canzoni", "abbonamento", "pubblicita",
    "meccanico", "esecuzione", "opera", "opere", "riproduzione", "nummer", "nummers", "lied",
    "advertentie", "mechanisch", "uitvoering", "uitzending", "werken", "adsense", "konsert",
    "konzert", "tontrager", "featured", "promo", "preview", "karaoke", "general", "hotel",
    "mobile", "jukebox", "cable", "airline", "private", "copying", "levy", "reprise", "super",
    "chat", "thanks", "sticker", "stickers", "paperback", "hardcover", "kindle", "kenp",
    "bakgrundsmusik", "hintergrundmusik", "livemusik", "livemuziek", "privatkopiering",
    "privatkopie", "radiospelning", "copie", "privee", "spectacle", "vivant", "comunicacion",
    "comunicacao", "publica", "publico", "copia", "privada", "emittenti", "thuiskopie", "cover",
    "covers", "transmission", "retransmission", "ubertragung", "ubertragungen", "spotify",
    "youtube", "apple", "itunes", "amazon", "deezer", "tidal", "soundcloud", "pandora", "tiktok",
    "facebook", "instagram", "snapchat", "twitch", "netflix", "pod", "poster", "hoodie", "ensemble",
];

/// A part of what was earned goes elsewhere.
#[rustfmt::skip]
const COST_WORDS: &[&str] = &[
    "fee", "fees", "tax", "taxes", "vat", "withholding", "withheld", "commission", "commissions",
    "deduction", "deductions", "cost", "costs", "expense", "expenses", "gebuhr", "gebuhren",
    "steuer", "steuern", "provision", "provisionen", "abzug", "abzuge", "kosten", "avgift",
    "avgifter", "skatt", "moms", "avdrag", "kostnad", "frais", "taxe", "taxes", "impot", "retenue",
    "comision", "comisiones", "impuesto", "impuestos", "retencion", "gasto", "gastos", "taxa",
    "taxas", "imposto", "comissao", "custo", "commissione", "commissioni", "imposta", "ritenuta",
    "costo", "costi", "belasting", "btw", "iva", "tva", "commissie", "inhouding", "kost",
    "quellensteuer", "kallskatt",
];

/// What fees are earned for.
#[rustfmt::skip]
const LICENSED_WORDS: &[&str] = &[
    "license", "licence", "licensing", "sync", "synch", "synchronization", "synchronisation",
    "performance", "mechanical", "mechanicals", "master", "lizenz", "licens", "concert", "gig",
    "usage", "broadcast",
];

/// Costs that are never earned.
#[rustfmt::skip]
const COST_OF_OTHERS_WORDS: &[&str] = &[
    "tax", "taxes", "vat", "withholding", "withheld", "commission", "commissions", "deduction",
    "deductions", "steuer", "skatt", "moms", "iva", "tva", "btw", "retencion", "ritenuta",
];
