//! The words that kinds of rows are called by, lower case and without accents, in the languages
//! of statements. A word of six letters or more also stands for longer ones that begin or end
//! with it: `transferred`, `kontouberweisung`.

/// Money already earned leaves for the payee.
#[rustfmt::skip]
pub(super) const OUT: &[&str] = &[
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
pub(super) const MOVE: &[&str] = &[
    "transfer", "transfers", "wire", "wires", "ach", "sepa", "bacs", "eft", "swift", "fps",
    "uberweisung", "umbuchung", "lastschrift", "overforing", "girering", "virement",
    "transferencia", "bonifico", "trasferimento", "overboeking", "overschrijving", "giro",
    "conversion", "convert", "umrechnung", "wahrungsumrechnung", "valutavaxling", "valutaomrakning",
    "currencyconversion", "sweep",
];

/// Those who carry money. Alone they say neither that it comes nor that it goes.
#[rustfmt::skip]
pub(super) const CARRIERS: &[&str] = &[
    "paypal", "payoneer", "tipalti", "hyperwallet", "transferwise", "wise", "revolut", "zelle",
    "venmo", "skrill", "neteller", "swish", "bank", "moneygram",
];

/// Money comes or goes: which one, the sign tells, or nothing.
#[rustfmt::skip]
pub(super) const PAYMENT: &[&str] = &[
    "payment", "payments", "zahlung", "zahlungen", "betalning", "betalningar", "paiement",
    "paiements", "pago", "pagos", "pagamento", "pagamenti", "pagamentos", "betaling", "betalingen",
    "settlement", "settlements", "regulering",
];

/// Money that was lent, paid in advance or put in.
#[rustfmt::skip]
pub(super) const FUNDING: &[&str] = &[
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
pub(super) const BALANCE: &[&str] = &[
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
pub(super) const TOTAL: &[&str] = &[
    "total", "totals", "subtotal", "subtotals", "sum", "summe", "gesamt", "gesamtsumme",
    "zwischensumme", "endsumme", "summa", "delsumma", "slutsumma", "totalt", "totale", "totali",
    "totaal", "subtotaal", "somme", "sous total", "suma", "soma", "subtotale", "totaux",
    "gesamtbetrag", "totalbelopp", "eindtotaal",
];

/// Taken back, or never paid.
#[rustfmt::skip]
pub(super) const UNDONE: &[&str] = &[
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
pub(super) const PARTLY: &[&str] = &[
    "partial", "partially", "partly", "part", "teilweise", "teil", "delvis", "partiel",
    "partielle", "partiellement", "parcial", "parcialmente", "parziale", "parzialmente",
    "gedeeltelijk", "deels",
];

/// Turns the word that follows around.
#[rustfmt::skip]
pub(super) const NOT: &[&str] = &["not", "no", "never", "non", "nicht", "ej", "inte", "niet",
    "nao"];

/// It is done: a status of an order that was paid.
#[rustfmt::skip]
pub(super) const FINAL: &[&str] = &[
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
pub(super) const INCOME: &[&str] = &[
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
pub(super) const CONTENT: &[&str] = &[
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
    "advertentie", "mechanisch", "uitvoering", "uitzending", "werken",
];

/// A part of what was earned goes elsewhere.
#[rustfmt::skip]
pub(super) const COST: &[&str] = &[
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
pub(super) const LICENSED: &[&str] = &[
    "license", "licence", "licensing", "sync", "synch", "synchronization", "synchronisation",
    "performance", "mechanical", "mechanicals", "master", "lizenz", "licens", "concert", "gig",
    "usage", "broadcast",
];

/// Costs that are never earned.
#[rustfmt::skip]
pub(super) const COST_OF_OTHERS: &[&str] = &[
    "tax", "taxes", "vat", "withholding", "withheld", "commission", "commissions", "deduction",
    "deductions", "steuer", "skatt", "moms", "iva", "tva", "btw", "retencion", "ritenuta",
];
