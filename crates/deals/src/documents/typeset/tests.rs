use kernel::{Exact, Month, Timestamp};

use super::*;
use crate::statements::reader::{Limits, Outcome, Reading, Source, inspect};
use crate::statements::samples::{self, Sample, SampleLayout};
use crate::valuation::model::{Book, Deal, Question, Settings, Terms, Valuation, Version, value};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn reading() -> Reading {
    let sample = Sample {
        layout: SampleLayout::DistrokidTsv,
        seed: 11,
        artist: "Astrid Lund".into(),
        titles: [
            "Northern Hours",
            "Salt & Snow",
            "Kajplats 9",
            "Paper Moon",
            "Low Tide",
            "Ängel",
            "Second Winter",
            "Glasshouse",
            "Harbour Song",
            "Instrumental #4",
        ]
        .map(String::from)
        .to_vec(),
        first: Month::new(2023, 9),
        months: 31,
        monthly_cents: 240_000,
        decay_bp: 1_700,
        home: "SE",
        rows_per_month: 120,
        noise_bp: 600,
    };
    let (bytes, _) = samples::bytes(&sample);
    match inspect(Source::Bytes(&bytes), None, &Limits::default()).unwrap() {
        Outcome::Ready(reading) => *reading,
        Outcome::NeedsMapping(unmapped) => panic!("{}", unmapped.why),
    }
}

fn valuation(reading: &Reading, kind: Deal, term_years: Option<u32>) -> Valuation {
    let mut book = Book::new();
    book.add(&reading.aggregates);
    let terms = Terms { kind, term_years, share_bp: 8_000, works: None };
    let question = Question {
        terms: &terms,
        currency: reading.currency.unwrap(),
        now: at("2026-04-12T09:30:00Z"),
        seed: 42,
        settings: &Settings::default(),
        version: Version::default(),
    };
    value(&book, &question).unwrap()
}

fn house() -> House {
    House {
        name: "Kontor".into(),
        lines: vec!["Skeppsbron 12, 111 30 Stockholm".into(), "kontor.example".into()],
    }
}

fn party() -> Party {
    Party {
        display_name: "Astrid Lund".into(),
        username: "@astridlund".into(),
        platform: "Spotify".into(),
        country: "SE".into(),
    }
}

fn sheet(kind: Deal, term_years: Option<u32>) -> TermSheet {
    let reading = reading();
    let valuation = valuation(&reading, kind, term_years);
    let first = reading.months.first().unwrap().month;
    let last = reading.months.last().unwrap().month;
    TermSheet {
        house: house(),
        number: "K-1042".into(),
        date: at("2026-04-12T09:30:00Z"),
        expires: Some(at("2026-05-12T09:30:00Z")),
        terms_version: "2026-01".into(),
        creator: party(),
        title: "Astrid Lund: catalogue 2023–2026".into(),
        description: "All recordings released by the artist herself.".into(),
        requested: None,
        offered: valuation.median,
        works: None,
        valuation,
        statements: vec![StatementLine {
            file_name: "distrokid-bank-details.tsv".into(),
            format_name: "DistroKid (TSV)".into(),
            period: Some((first, last)),
            rows: reading.rows,
            total: reading.total,
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        }],
    }
}

fn a_receipt() -> Receipt {
    Receipt {
        house: house(),
        number: "K-1042-R".into(),
        offer_number: "K-1042".into(),
        date: at("2026-04-14T11:02:00Z"),
        creator: party(),
        title: "Astrid Lund: catalogue 2023–2026".into(),
        kind: Deal::Purchase,
        share_bp: 8_000,
        term_years: Some(10),
        amount: kernel::Money::parse("62400.00", "USD".parse().unwrap()).unwrap(),
        acceptance: Acceptance {
            typed_name: "Astrid Lund".into(),
            at: at("2026-04-13T16:45:12Z"),
            term_sheet_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                .into(),
            terms_version: "2026-01".into(),
        },
        paid: Paid {
            rail: "Sandbox bank".into(),
            reference: "SB-2026-000417".into(),
            holder_name: "Astrid Lund".into(),
            account_masked: "SE•• •••• 4242".into(),
            at: at("2026-04-14T11:01:58Z"),
            ledger_transfer: "01976c2e-5b1f-7c40-9d4e-0a1b2c3d4e5f".into(),
        },
    }
}

/// Writes a document where a person can look at it, when `KONTOR_PAGES` names a
/// folder at compile time.
fn show(name: &str, bytes: &[u8]) {
    if let Some(folder) = option_env!("KONTOR_PAGES") {
        std::fs::write(std::path::Path::new(folder).join(name), bytes).unwrap();
    }
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle.as_bytes())
}

#[test]
fn term_sheets_are_pdf_a_and_the_same_every_time() {
    for (name, kind, years, language) in [
        ("purchase-en.pdf", Deal::Purchase, Some(10), Language::En),
        ("purchase-sv.pdf", Deal::Purchase, Some(10), Language::Sv),
        ("advance-en.pdf", Deal::Advance, Some(3), Language::En),
        ("life-sv.pdf", Deal::Purchase, None, Language::Sv),
        ("one-year-en.pdf", Deal::Purchase, Some(1), Language::En),
    ] {
        let sheet = sheet(kind, years);
        let bytes = term_sheet(&sheet, language).unwrap();
        show(name, &bytes);
        assert!(bytes.starts_with(b"%PDF-1."), "{name}");
        assert!(holds(&bytes, "pdfaid:part"), "{name} is no PDF/A");
        assert_eq!(bytes, term_sheet(&sheet, language).unwrap(), "{name}");
    }
}

#[test]
fn receipts_are_pdf_a() {
    for (name, language) in [("receipt-en.pdf", Language::En), ("receipt-sv.pdf", Language::Sv)] {
        let bytes = receipt(&a_receipt(), language).unwrap();
        show(name, &bytes);
        assert!(holds(&bytes, "pdfaid:part"), "{name} is no PDF/A");
    }
}

#[test]
fn what_people_type_is_never_markup() {
    let mut sheet = sheet(Deal::Purchase, Some(5));
    sheet.title = "#panic(\"no\") $x$ *bold* @ref <label> \\ [ ] _ ` //".into();
    sheet.creator.display_name = "音楽 🎵 name".into();
    sheet.description = "#import \"x\": *".repeat(20);
    sheet.statements[0].sha256 = "short".into();
    let bytes = term_sheet(&sheet, Language::En).unwrap();
    show("hostile-en.pdf", &bytes);
    assert!(holds(&bytes, "pdfaid:part"));
}

#[test]
fn a_broken_template_names_its_line() {
    let templates = Templates { receipt: "#let x = 1\n#nowhere".into(), ..Templates::default() };
    let broken = receipt_with(&templates, &a_receipt(), Language::En).unwrap_err();
    assert!(broken.message.contains("receipt.typ line 2"), "{broken}");
    let templates = Templates { words_en: "{".into(), ..Templates::default() };
    let broken = receipt_with(&templates, &a_receipt(), Language::En).unwrap_err();
    assert!(broken.message.starts_with("words.en.json"), "{broken}");
}

#[test]
fn both_languages_have_the_same_words() {
    let keys = |text: &str| -> Vec<String> {
        let map: std::collections::BTreeMap<String, String> = serde_json::from_str(text).unwrap();
        map.into_keys().filter(|k| !k.starts_with("message_")).collect()
    };
    let templates = Templates::default();
    assert_eq!(keys(&templates.words_en), keys(&templates.words_sv));
}

#[test]
fn numbers_follow_the_language() {
    let money = kernel::Money::parse("-1234567.5", "EUR".parse().unwrap()).unwrap();
    assert_eq!(Language::En.money(money), "EUR\u{a0}\u{2212}1,234,567.50");
    assert_eq!(Language::Sv.money(money), "\u{2212}1\u{a0}234\u{a0}567,50\u{a0}EUR");
    assert_eq!(Language::En.percent(1_250), "12.5%");
    assert_eq!(Language::Sv.percent(8_000), "80\u{a0}%");
    assert_eq!(Language::Sv.date(at("2026-05-01T00:00:00Z")), "1\u{a0}maj\u{a0}2026");
    let exact: Exact = "1043.2000001".parse().unwrap();
    assert_eq!(Language::En.exact(exact), "1,043.2000001");
}
