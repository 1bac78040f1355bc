//! Nothing by which a buyer is known or reached is kept or shown, wherever it stands.

use proptest::prelude::*;

use super::*;

/// All that leaves the reader, with our own mapping and without one.
fn all_that_is_said(text: &[u8]) -> String {
    let needs = match run(text, None) {
        Ok(Outcome::NeedsMapping(needs)) => needs,
        other => return format!("{other:?}"),
    };
    let mapping = Mapping { currency: "EUR".parse().ok(), ..needs.layout.suggested.clone() };
    format!("{needs:?} {:?}", run(text, Some(&mapping)))
}

#[rustfmt::skip]
const HEADS: &[&str] = &[
    "Personnummer",
    "Fan",
    "Supporter",
    "Sold To",
    "Sold-To",
    "Card Last4",
    "Bill To",
    "Recipient",
    "Customer Ref",
    "Customer",
    "Customer ID",
    "Buyer IP",
    "Buyer",
    "Phone",
    "Tel",
    "Tel.",
    "Adresse",
    "Kund",
    "Kunde",
    "K\u{e4}ufer",
    "K\u{e4}ufername",
    "E-Mail",
    "Email Address",
    "Mail",
    "PayPal",
    "PayPal account",
    "VAT no",
    "VAT No.",
    "USt-IdNr.",
    "Cliente",
    "Klant",
    "Client",
    "Acheteur",
    "Comprador",
    "Acquirente",
    "Koper",
    "K\u{f6}pare",
    "Telefonnummer",
    "T\u{e9}l\u{e9}phone",
    "Handy",
    "Mobil",
    "Mobile",
    "Fax",
    "Kunden-Nr.",
    "Kundennummer",
    "Lieferadresse",
    "Ship To",
    "Shipping Address",
    "Delivery Name",
    "Account Name",
    "Date of birth",
    "Birthdate",
    "Geburtsdatum",
    "SSN",
    "National ID",
    "NIF",
    "CPF",
    "Codice Fiscale",
    "Last 4",
    "Card ending in",
    "Cardholder",
    "Credit Card",
    "IP",
    "IP Address",
    "User ID",
    "Username",
    "Member ID",
    "Attn",
    "Twitter handle",
    "Org.nr",
    "Momsnr",
    "Steuernummer",
    "Tax ID",
    "Ostaja",
    "Nabywca",
    "K\u{f8}ber",
    "\u{8cfc}\u{5165}\u{8005}",
    "\u{6c0f}\u{540d}",
    "\u{96fb}\u{8a71}\u{756a}\u{53f7}",
    "Contact person",
    "Gift recipient",
    "Donor",
    "Subscriber ID",
    "Kreditkartennummer",
];

#[test]
fn columns_of_buyers_are_known_by_their_names() {
    let mut leaks = Vec::new();
    for head in HEADS {
        let text = format!(
            "Date,Title,{head},Net Revenue,Currency\n2024-03-15,Rain,Zelda Quux,1.5,EUR\n\
             2024-04-15,Rain,Zelda Quux,2,EUR\nsoon,Rain,Zelda Quux,x,EUR\n"
        );
        let said = all_that_is_said(text.as_bytes());
        if said.contains("Quux") || !said.contains("Rain") {
            leaks.push(head);
        }
    }
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[test]
fn shops_are_no_buyers() {
    for (head, value) in [
        ("Customer", "Spotify"),
        ("Kunde", "Apple Music"),
        ("Client", "Rough Trade Ltd"),
        ("Customer", "Cargo Germ. Consignment Account"),
        ("Country of customer", "Sweden"),
        ("Buyer country", "Sweden"),
        ("Tax ID type", "Sweden"),
    ] {
        let text =
            format!("Date,Title,{head},Net Revenue,Currency\n2024-03-15,R,{value},1.5,EUR\n");
        let needs = unmapped(text.as_bytes());
        assert!(needs.layout.header.iter().any(|h| h == head), "{head} {value}");
    }
}

#[test]
fn what_is_no_number_of_a_person_stays() {
    for title in [
        "867-5309/Jenny",
        "1999",
        "1979-1980",
        "25 or 6 to 4",
        "99 Luftballons",
        "2024-03-15",
        "Track 01",
        "007",
        "0602537518357",
        "USABC2400001",
        "T-034.524.680-1",
        "5-4-3-2-1",
        "1,234,567.89",
        "01.02.2024 - 28.02.2024",
        "2024-01-01 - 2024-03-31",
        "0.123456789",
        "12:30:45",
        "Vol. 1 (2019-2024)",
        "20240315",
    ] {
        let text = format!("Date\tTitle\tNet Revenue\tCurrency\n2024-03-15\t{title}\t1.5\tEUR\n");
        let needs = unmapped(text.as_bytes());
        let reading = mapped(
            text.as_bytes(),
            &Mapping { title: Some("Title".into()), ..needs.layout.suggested },
        );
        assert_eq!(reading.aggregates.works[0].title, title);
    }
}

/// The last digit by Luhn's sum.
fn with_check(mut digits: Vec<u8>) -> String {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| {
            let d = u32::from(*d) * if at % 2 == 0 { 2 } else { 1 };
            d / 10 + d % 10
        })
        .sum();
    digits.push(u8::try_from((10 - sum % 10) % 10).unwrap());
    digits.iter().map(|d| char::from(b'0' + d)).collect()
}

/// Texts by which somebody is known or reached.
fn secrets() -> impl Strategy<Value = String> {
    let digits = |n: usize| proptest::collection::vec(0_u8..10, n);
    let text = |d: &[u8]| d.iter().map(|d| char::from(b'0' + d)).collect::<String>();
    prop_oneof![
        // Cards, whole and in groups.
        (3_u8..7, digits(14), 0_usize..3).prop_map(|(first, rest, how)| {
            let card = with_check([vec![first], rest].concat());
            let parts = [&card[..4], &card[4..8], &card[8..12], &card[12..]];
            parts.join(["", " ", "-"][how])
        }),
        // Telephones.
        (digits(9), 0_usize..8).prop_map(move |(d, how)| {
            let n = text(&d);
            let (a, b, c) = (&n[..2], &n[2..5], &n[5..9]);
            match how {
                0 => format!("+46 {a} {b} {c}"),
                1 => format!("+46{n}"),
                2 => format!("07{}-{b} {c}", &n[..1]),
                3 => format!("(0{a}) {b}{c}"),
                4 => format!("06{}{b}{c}", &n[..1]),
                5 => format!("5{a}-{b}-{c}"),
                6 => format!("(5{a}) {b}-{c}"),
                _ => format!("+1-5{a}-{b}-{c}"),
            }
        }),
        // Numbers of persons.
        (1_u8..13, 1_u8..29, digits(3), 0_usize..4).prop_map(move |(m, d, rest, how)| {
            let born = format!("85{m:02}{d:02}");
            let all: Vec<u8> = born.bytes().map(|b| b - b'0').chain(rest.iter().copied()).collect();
            let whole = with_check(all);
            let last = whole[6..].to_owned();
            match how {
                0 => format!("{born}-{last}"),
                1 => format!("19{born}-{last}"),
                2 => format!("19{born}{last}"),
                _ => format!("{born}+{last}"),
            }
        }),
        digits(9).prop_map(move |d| {
            let n = text(&d);
            format!("{}-{}-{}", &n[..3], &n[3..5], &n[5..])
        }),
        // Email addresses.
        ("[a-z]{3,8}", "[a-z]{3,8}").prop_map(|(a, b)| format!("{a}.zq{b}@{b}.example")),
        // Machines.
        (11_u8..250, 11_u8..250).prop_map(|(a, b)| format!("193.{a}.{b}.77")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_looks_like_a_person_never_leaves_the_reader(
        secret in secrets(),
        head in proptest::sample::select(vec![
            "Note", "Title", "Store", "Type", "Description", "Comment", "Reference", "Status",
            "X", "Artist", "Country", "ISRC", "Order", "Message", "Album",
        ]),
        (before, after) in proptest::sample::select(vec![
            ("", ""), ("call ", ""), ("for Ann ", " please"), ("tel:", ""), ("(", ")"),
        ]),
        row in 0_usize..4,
    ) {
        let mut text = format!("Date\t{head}\tNet Revenue\tCurrency\n");
        for n in 0..4 {
            let value = if n == row { format!("{before}{secret}{after}") } else { "Rain".into() };
            text.push_str(&format!("2024-03-15\t{value}\t1.5\tEUR\n"));
        }
        let said = all_that_is_said(text.as_bytes());
        let bare = |text: &str| text.replace(|c: char| !c.is_alphanumeric(), "");
        prop_assert!(!said.contains(&secret), "{}: {}", secret, said);
        prop_assert!(!bare(&said).contains(&bare(&secret)), "{}: {}", secret, said);
    }
}
