//! Names of columns that tell who a buyer is, or how to reach one, in the languages that
//! statements come in.

use super::super::month_names::folded;

/// Beginnings of column names that tell who or where a buyer is.
#[rustfmt::skip]
const PERSONS: &[&str] = &[
    "buyer", "purchaser", "acheteur", "comprador", "acquirente", "koper", "kaufer", "kopare",
    "cardholder", "card holder", "account holder", "fan name", "fan username", "supporter",
    "patron", "recipient", "delivered to", "ordered by", "ordered for", "bought by", "sold to",
    "bill to", "billed to", "paid by", "sent by", "contact", "besteller", "card ending",
    "ending in", "sender", "payer", "giver", "subscriber name", "empfanger", "absender",
    "mottagare", "avsandare", "destinataire", "destinatario", "ontvanger", "donor", "card last",
    "card no", "last 4", "last four", "card digits", "kartennummer", "kortnummer", "account number",
    "bank account", "kontonummer", "bic", "backer", "attendee", "kauferin", "cliente final",
    "card last4", "cc last4", "credit card", "debit card", "creditcard", "kreditkarte",
    "carte bancaire", "tarjeta", "carta di credito", "betaalkaart", "ship to", "shipped to",
    "deliver to", "delivery name", "attn", "attention", "customer ref", "customer reference",
    "customer id", "customer no", "customer number", "customer nr", "customer code",
    "customer account", "customer details", "customer info", "client ref", "client id", "client no",
    "client number", "client reference", "user id", "user ref", "member id", "member no",
    "subscriber id", "subscriber no", "account name", "account id", "account no", "kundennummer",
    "kundennr", "kunden nr", "kundennamen", "kundnummer", "kundnr", "kund nr", "kund id",
    "klantnummer", "klant nr", "numero client", "numero de cliente", "numero cliente",
    "codice cliente", "personal number", "personal no", "personal id", "national id",
    "national insurance", "social security", "id card", "id number", "passport", "reisepass",
    "pass nr", "ssn", "nin", "nino", "dni", "nie", "nif", "cif", "cpf", "cnpj", "pesel", "bsn",
    "cpr", "codice fiscale", "partita iva", "p iva", "siret", "siren", "kvk", "vat no", "vat nr",
    "vat reg", "vat registration", "vat code", "vat", "ust id", "ustid", "ust idnr", "ustidnr",
    "steuernummer", "steuer id", "tax no", "tax number", "tax reference", "moms nr", "momsnr",
    "momsregistreringsnummer", "momsreg", "org nr", "orgnr", "organisationsnummer", "numero tva",
    "tva intracommunautaire", "btw nummer", "btw nr", "ein", "tin", "instagram", "twitter",
    "facebook profile", "discord", "whatsapp", "follower", "fullmakt", "nabywca", "kupujacy",
    "imie", "nazwisko", "kober", "ostaja", "sahkoposti", "puhelin", "osoite", "henkilotunnus",
    "venmo", "cash app", "cashapp", "paypal account", "paypal id", "paypal email", "paypal e mail",
    "paypal name", "paypal address", "paypal user", "stripe customer", "person", "persona",
    "personne", "ansprechpartner", "kontaktperson", "gift to", "gift for", "presented to",
    "dedicated to", "to email", "from email",
];

/// Words that make a column private wherever they stand in its name.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "email", "e mail", "mail address", "courriel", "correo", "e post", "epost", "mailadresse",
    "phone", "telephone", "telefon", "telefono", "telefone", "telefoon", "mobile number",
    "first name", "firstname", "last name", "lastname", "full name", "fullname", "surname",
    "given name", "family name", "forename", "middle name", "vorname", "nachname", "fornamn",
    "efternamn", "prenom", "apellido", "apellidos", "cognome", "voornaam", "achternaam",
    "sobrenome", "nom de famille", "nom du client", "nombre del cliente", "nome do cliente",
    "nome cliente", "kundenname", "kundnamn", "klantnaam", "customer name", "client name",
    "member name", "user name", "username", "customer contact", "customer phone", "street",
    "strasse", "straße", "rue", "calle", "rua", "straat", "gatuadress", "zip", "zipcode",
    "zip code", "postcode", "post code", "postal code", "postleitzahl", "plz", "postnummer",
    "code postal", "codigo postal", "cep", "address", "adresse", "adress", "anschrift", "direccion",
    "endereco", "indirizzo", "adres", "ip address", "iban", "card number", "tax id", "vat number",
    "vat id", "paypal transaction id", "date of birth", "birthday", "payer name", "recipient name",
    "billing name", "shipping name", "billing company", "shipping company", "mail", "emails", "tel",
    "mobile", "mobil", "handy", "cell", "cellphone", "gsm", "fax", "celular", "cellulare", "movil",
    "portable", "birth", "birthdate", "geburtsdatum", "geburtstag", "fodelsedatum",
    "date de naissance", "fecha de nacimiento", "ip", "ip addr", "ipaddress", "ipv4", "ipv6",
    "personnr", "pnr", "nombre y apellidos", "nom et prenom", "vor und nachname",
];

/// Names that are private when nothing else is in them.
#[rustfmt::skip]
const ALONE: &[&str] = &[
    "fan", "fans", "last4", "listener", "sponsor", "gift recipient", "paypal", "pay pal", "kaufer",
    "sent to", "handle", "swish",
];

/// Ends of compounds that say who somebody is or where.
const COMPOUNDS: &[&str] = &[
    "adresse",
    "adress",
    "anschrift",
    "strasse",
    "telefon",
    "empfanger",
    "mottagare",
    "postleitzahl",
    "postnummer",
];

/// Parts of names in languages that put words together, or write them without blanks.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "telefon", "telefoon", "mailadress", "mailadres", "personnummer", "fodselsnummer", "kundennumm",
    "kundnummer", "klantnummer", "kreditkart", "kontonummer", "sozialversicherung", "kaufername",
    "kundenname", "kundnamn", "klantnaam", "lieferadress", "rechnungsadress", "handynummer",
    "mobilnummer", "mobieln", "steuernummer", "umsatzsteuerid", "\u{8cfc}\u{5165}\u{8005}",
    "\u{6c0f}\u{540d}", "\u{304a}\u{540d}\u{524d}", "\u{96fb}\u{8a71}",
    "\u{30e1}\u{30fc}\u{30eb}", "\u{4f4f}\u{6240}", "\u{8ba2}\u{8d2d}\u{4eba}",
    "\u{59d3}\u{540d}", "\u{7535}\u{8bdd}", "\u{90ae}\u{7bb1}", "\u{5730}\u{5740}",
];

/// Names that mean a shop as often as a buyer: what stands in the column tells.
#[rustfmt::skip]
const TRADERS: &[&str] = &[
    "customer", "client", "kunde", "kund", "cliente", "klant", "klient", "asiakas", "debitor",
    "account", "kunden",
];

/// Words in names of shops and firms.
#[rustfmt::skip]
const SHOPS: &[&str] = &[
    "spotify", "apple", "itunes", "youtube", "amazon", "google", "deezer", "tidal", "pandora",
    "soundcloud", "facebook", "meta", "tiktok", "instagram", "bandcamp", "beatport", "juno",
    "boomkat", "napster", "rhapsody", "qobuz", "anghami", "tencent", "netease", "yandex", "saavn",
    "boomplay", "audiomack", "traxsource", "emusic", "7digital", "kkbox", "line", "vevo", "snap",
    "twitch", "peloton", "shazam", "medianet", "soundexchange", "merlin", "alibaba", "joox",
    "gmbh", "ag", "ltd", "limited", "inc", "llc", "ab", "as", "oy", "bv", "sa", "sas", "sarl",
    "spa", "srl", "kg", "plc", "corp", "records", "music", "musik", "musique", "radio", "store",
    "shop", "distribution", "entertainment", "media", "digital", "consignment", "network",
    "streaming", "download", "vertrieb", "verlag", "publishing", "tv", "fm", "hmv", "fnac",
    "saturn", "mediamarkt", "cargo", "rough", "trade", "walmart", "target",
];

/// Names that are private only beside a column that is private already.
const BESIDE: &[&str] = &[
    "name",
    "user",
    "member",
    "city",
    "town",
    "ort",
    "stad",
    "ville",
    "ciudad",
    "cidade",
    "citta",
    "plaats",
    "state",
    "province",
    "region",
    "region/state",
    "region state",
    "billing city",
    "billing state",
    "billing province",
    "shipping city",
    "shipping state",
    "shipping province",
    "nom",
    "nombre",
    "nome",
    "naam",
    "namn",
    "company",
    "note",
    "notes",
    "message",
    "comment",
    "referrer url",
    "referrer",
    "ip",
];

/// Lower case without accents, words apart by single blanks.
pub(super) fn words_of(name: &str) -> String {
    let folded = folded(name);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

pub(super) fn is_personal(name: &str) -> bool {
    let begins = |p: &&str| {
        name.strip_prefix(*p).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    if name.starts_with("ship to ") && !is_place_at_large(name) || is_born(name) {
        return true;
    }
    if is_harmless(name) {
        return false;
    }
    if PARTS.iter().any(|p| name.contains(p)) {
        return true;
    }
    if PERSONS.iter().any(begins) || ALONE.contains(&name) {
        return true;
    }
    // `Lieferadresse`, `Rechnungsanschrift`, `leveransadress`, `Kundennamen`.
    if name.split(' ').any(|w| COMPOUNDS.iter().any(|c| w.len() > c.len() && w.ends_with(c))) {
        return true;
    }
    let padded = format!(" {name} ");
    WORDS.iter().any(|w| padded.contains(&format!(" {w} ")))
}

fn is_place_at_large(name: &str) -> bool {
    name.ends_with("country") || name.ends_with("country code")
}

/// The day of somebody's birth is no other date.
fn is_born(name: &str) -> bool {
    ["birth", "geburt", "fodelse", "naissance", "nacimiento", "nascita", "nascimento", "dob"]
        .iter()
        .any(|b| name.split(' ').any(|w| w.starts_with(b)))
}

/// A column of traders is one of buyers unless shops or firms stand in it.
pub(super) fn is_buyer(name: &str, values: &[&str]) -> bool {
    let shop = |value: &&str| words_of(value).split(' ').any(|w| SHOPS.contains(&w));
    let shops = values.iter().filter(|v| shop(v)).count();
    TRADERS.contains(&name) && !values.is_empty() && shops * 5 < values.len()
}

/// A column that only lists of payments have.
pub(super) fn is_of_payments(name: &str) -> bool {
    ["balance impact", "payment method", "order id", "order number", "receipt id", "invoice id"]
        .contains(&name)
}

/// It may be one of buyers: a trader, or a name beside other columns of buyers.
pub(super) fn is_beside(name: &str) -> bool {
    BESIDE.contains(&name) || TRADERS.contains(&name)
}

/// A buyer's country says where, not who: it is needed, and nobody is named by it. What a
/// buyer paid is no name either, and a street date is the day of a release.
fn is_harmless(name: &str) -> bool {
    const ENDS: [&str; 15] = [
        "fee",
        "fees",
        "country",
        "country code",
        "currency",
        "total",
        "amount",
        "price",
        "type",
        "count",
        "date",
        "revenue",
        "royalty",
        "earnings",
        "share",
    ];
    ENDS.iter().any(|e| name == *e || name.strip_suffix(e).is_some_and(|f| f.ends_with(' ')))
}
