//! Personal data of buyers: dropped at the door, samples shown to a person included.
//!
//! A column is private by its name, in the languages statements come in, or by what it holds
//! (email addresses, telephone numbers). A column called only `name` or `city` is private
//! where others tell that the file lists buyers.

use super::month_names::folded;

/// Beginnings of column names that tell who or where a buyer is.
const PERSONS: &[&str] = &[
    "buyer",
    "purchaser",
    "acheteur",
    "comprador",
    "acquirente",
    "koper",
    "kaufer",
    "kopare",
    "cardholder",
    "card holder",
    "account holder",
    "fan name",
    "fan username",
    "supporter",
    "patron",
    "recipient",
    "delivered to",
    "ordered by",
    "ordered for",
    "bought by",
    "sold to",
    "bill to",
    "billed to",
    "paid by",
    "sent by",
    "contact",
    "besteller",
    "card ending",
    "ending in",
    "sender",
    "payer",
    "giver",
    "subscriber name",
    "empfanger",
    "absender",
    "mottagare",
    "avsandare",
    "destinataire",
    "destinatario",
    "ontvanger",
    "donor",
    "card last",
    "card no",
    "last 4",
    "last four",
    "card digits",
    "kartennummer",
    "kortnummer",
    "account number",
    "bank account",
    "kontonummer",
    "bic",
    "backer",
    "attendee",
];

/// Words that make a column private wherever they stand in its name.
const WORDS: &[&str] = &[
    "email",
    "e mail",
    "mail address",
    "courriel",
    "correo",
    "e post",
    "epost",
    "mailadresse",
    "phone",
    "telephone",
    "telefon",
    "telefono",
    "telefone",
    "telefoon",
    "mobile number",
    "first name",
    "firstname",
    "last name",
    "lastname",
    "full name",
    "fullname",
    "surname",
    "given name",
    "family name",
    "forename",
    "middle name",
    "vorname",
    "nachname",
    "fornamn",
    "efternamn",
    "prenom",
    "apellido",
    "apellidos",
    "cognome",
    "voornaam",
    "achternaam",
    "sobrenome",
    "nom de famille",
    "nom du client",
    "nombre del cliente",
    "nome do cliente",
    "nome cliente",
    "kundenname",
    "kundnamn",
    "klantnaam",
    "customer name",
    "client name",
    "member name",
    "user name",
    "username",
    "customer contact",
    "customer phone",
    "street",
    "strasse",
    "straße",
    "rue",
    "calle",
    "rua",
    "straat",
    "gatuadress",
    "zip",
    "zipcode",
    "zip code",
    "postcode",
    "post code",
    "postal code",
    "postleitzahl",
    "plz",
    "postnummer",
    "code postal",
    "codigo postal",
    "cep",
    "address",
    "adresse",
    "adress",
    "anschrift",
    "direccion",
    "endereco",
    "indirizzo",
    "adres",
    "ip address",
    "iban",
    "card number",
    "tax id",
    "vat number",
    "vat id",
    "paypal transaction id",
    "date of birth",
    "birthday",
    "payer name",
    "recipient name",
    "billing name",
    "shipping name",
    "billing company",
    "shipping company",
];

/// Names that are private when nothing else is in them.
const ALONE: &[&str] = &["fan", "fans", "last4", "listener", "sponsor", "gift recipient"];

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

/// Names that are private only beside a column that is private already.
const BESIDE: &[&str] = &[
    "name",
    "customer",
    "client",
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
    "kunde",
    "kund",
    "cliente",
    "klant",
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

/// Which columns are private. `names` are normalised column names.
pub(super) fn private(names: &[String], sample: &[Vec<String>]) -> Vec<bool> {
    let bare: Vec<String> = names.iter().map(|n| words_of(n)).collect();
    let mut out: Vec<bool> = bare
        .iter()
        .enumerate()
        .map(|(at, name)| is_personal(name) || holds_contacts(sample, at))
        .collect();
    let lists_buyers = out.iter().any(|p| *p);
    for (at, name) in bare.iter().enumerate() {
        out[at] |= lists_buyers && BESIDE.contains(&name.as_str());
    }
    out
}

/// Lower case without accents, words apart by single blanks.
fn words_of(name: &str) -> String {
    let folded = folded(name);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn is_personal(name: &str) -> bool {
    let begins = |p: &&str| {
        name.strip_prefix(*p).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    if name.starts_with("ship to ") {
        return true;
    }
    if is_harmless(name) {
        return false;
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

/// A buyer's country says where, not who: it is needed, and nobody is named by it. What a
/// buyer paid is no name either, and a street date is the day of a release.
fn is_harmless(name: &str) -> bool {
    const ENDS: [&str; 13] = [
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
    ENDS.iter().any(|e| name.ends_with(e))
}

/// Most of what a column shows are email addresses or telephone numbers.
fn holds_contacts(sample: &[Vec<String>], column: usize) -> bool {
    let filled = || sample.iter().filter_map(|r| r.get(column)).filter(|c| !c.trim().is_empty());
    let all = filled().count();
    let hits = filled().filter(|c| mail_in(c).is_some() || is_telephone(c)).count();
    // One address already is one too many.
    all > 0 && (hits * 2 >= all || filled().any(|c| mail_in(c).is_some()))
}

fn is_telephone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.trim_start().starts_with('+')
        && (8..=15).contains(&digits)
        && text.chars().all(|c| c.is_ascii_digit() || "+-() ./".contains(c))
        && text.chars().filter(|c| *c == '+').count() == 1
        && (text.contains([' ', '-', '(']) || digits >= 10)
}

/// Where in a text an email address stands.
fn mail_in(text: &str) -> Option<std::ops::Range<usize>> {
    let at = text.find('@')?;
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    let from = text[..at]
        .rfind(|c| !part(c))
        .map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
    let to = text[at + 1..].find(|c| !part(c)).map_or(text.len(), |i| at + 1 + i);
    let domain = &text[at + 1..to];
    let ending = domain.rsplit_once('.').map_or("", |(_, e)| e);
    (from < at && ending.len() >= 2 && ending.chars().all(char::is_alphabetic)).then_some(from..to)
}

/// Where in a text an international telephone number stands.
fn telephone_in(text: &str) -> Option<std::ops::Range<usize>> {
    let from = text.find('+')?;
    let part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '.' | '/');
    let rest = &text[from + 1..];
    let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
    let number = rest[..length].trim_end();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    (9..=15).contains(&digits).then_some(from..from + 1 + number.len())
}

/// Where the name begins that stands before an address in brackets: `Jane Doe <jane@x.org>`,
/// `"Doe, Jane" (jane@x.org)`.
fn named_before(text: &str, mail: usize) -> Option<usize> {
    let before = text[..mail].trim_end_matches("mailto:").trim_end();
    let Some(name) = before.strip_suffix(['<', '(', '[']) else { return capitals_before(before) };
    let name = name.trim_end();
    if let Some(quoted) = name.strip_suffix('"') {
        return quoted.rfind('"');
    }
    let from = name.rfind(['|', ';', '/', ':']).map_or(0, |at| at + 1);
    // A comma parts people, or the names of one.
    let from = match name[from..].rfind(", ") {
        Some(at) if name[from..from + at].contains(' ') => from + at + 2,
        _ => from,
    };
    Some(from + (name[from..].len() - name[from..].trim_start().len()))
}

/// Where up to three words with capital letters begin at the end of a text: `Jane Doe`.
fn capitals_before(text: &str) -> Option<usize> {
    let mut from = None;
    let mut end = text.len();
    for _ in 0..3 {
        let before = text[..end].trim_end();
        let at = before
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        if !before[at..].starts_with(char::is_uppercase) {
            break;
        }
        (from, end) = (Some(at), at);
    }
    from
}

/// Where the name ends that stands in brackets behind an address: `jane@x.org (Jane Doe)`.
fn named_behind(text: &str, mail: usize) -> usize {
    let behind = text[mail..].trim_start_matches(['>', ' ']);
    let name = behind.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    match name {
        Some((name, rest)) if name.starts_with(char::is_uppercase) => text.len() - rest.len(),
        _ => mail,
    }
}

/// A text without email addresses and telephone numbers: none is kept, wherever it stands.
pub(super) fn without_contacts(mut text: String) -> String {
    // A text has at most 300 characters, and each round takes one out.
    while let Some(place) = mail_in(&text) {
        let from = named_before(&text, place.start).unwrap_or(place.start);
        let place = from..named_behind(&text, place.end);
        text.replace_range(place, "(email removed)");
    }
    while let Some(place) = telephone_in(&text) {
        text.replace_range(place, "(phone removed)");
    }
    text
}
