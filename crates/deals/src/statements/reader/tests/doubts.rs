//! What a file leaves in doubt: units, currencies, thousands, what was left out.

use std::io::Write as _;

use super::*;
use crate::statements::reader::{Aggregates, inspect_in, overlap};
use kernel::Asset;

/// A table of a few rows.
fn table(amount: &str, values: &[&str]) -> String {
    let rows: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(at, v)| format!("2024-{:02},Ett,{v},EUR", at + 1))
        .collect();
    format!("Month,Title,{amount},Currency\n{}\n", rows.join("\n"))
}

#[test]
fn amounts_in_other_units_are_asked_about() {
    for (name, unit, total) in [
        ("Net (cents)", Unit::Hundredths, "22"),
        ("amount_cents", Unit::Hundredths, "22"),
        ("Royalty pence", Unit::Hundredths, "22"),
        ("Belopp i \u{f6}re", Unit::Hundredths, "22"),
        ("Net (\u{a2})", Unit::Hundredths, "22"),
        ("Net in 1/100 EUR", Unit::Hundredths, "22"),
        ("Net revenue millis", Unit::Thousandths, "2.2"),
        ("Net (micros)", Unit::Millionths, "0.0022"),
        ("net_revenue_micros", Unit::Millionths, "0.0022"),
        ("Revenue in thousands", Unit::Thousands, "2200000"),
        ("Revenue (000s)", Unit::Thousands, "2200000"),
        ("Erl\u{f6}s T\u{20ac}", Unit::Thousands, "2200000"),
        ("Betrag TEUR", Unit::Thousands, "2200000"),
        ("Net Revenue Mio", Unit::Millions, "2200000000"),
    ] {
        let text = table(name, &["1500", "700"]);
        let needs = unmapped(text.as_bytes());
        let asked = question(&needs, "unit");
        assert!(asked.message.contains(name), "{}", asked.message);
        let choices: Vec<_> = asked.choices.iter().map(|c| c.value.as_str()).collect();
        assert_eq!(choices, [unit.as_str(), "ones"], "{name}");
        assert!(asked.choices[0].label.contains(&format!("{total} EUR")), "{:?}", asked.choices);
        assert!(needs.reading.is_none());
        let with = |unit| Mapping { unit: Some(unit), ..needs.layout.suggested.clone() };
        assert_eq!(mapped(text.as_bytes(), &with(unit)).total.to_string(), total, "{name}");
        assert_eq!(mapped(text.as_bytes(), &with(Unit::Ones)).total.to_string(), "2200");
    }
    let above = "Acme Label\nAmounts in thousands\n\n".to_owned() + &table("Net", &["1.5", "7"]);
    question(&unmapped(above.as_bytes()), "unit");
    let beside = table("Net,Unit", &["1500,cents", "700,cents"]);
    let needs = unmapped(beside.as_bytes());
    assert!(question(&needs, "unit").message.contains("column 'Unit'"));
    // What only sounds so.
    for name in ["Net Revenue", "Percentage net", "Centre share", "Net revenue, K. Miller"] {
        let needs = unmapped(table(name, &["1500", "700"]).as_bytes());
        assert!(needs.questions.iter().all(|q| q.code != "unit"), "{name}");
    }
}

#[test]
fn a_currency_beside_amounts_must_fit_the_one_that_was_said() {
    let read = |cells: [&str; 2], said: &str| {
        let text =
            format!("Month,Title,Net Revenue\n2024-03,A,{}\n2024-04,A,{}\n", cells[0], cells[1]);
        let said: Asset = said.parse().unwrap();
        inspect_in(Source::Bytes(text.as_bytes()), said, &Limits::default(), &mut |_| {})
    };
    for (cells, said) in [
        (["$10.00", "$7.00"], "EUR"),
        (["10.00 kr", "7.00 kr"], "EUR"),
        (["10.00", "7.00 kr"], "USD"),
        (["\u{a5}100", "\u{a5}70"], "USD"),
        (["10.00 XAF", "7.00 XAF"], "EUR"),
    ] {
        let refused = read(cells, said).unwrap_err();
        assert_eq!(refused.field, Some("currency"), "{refused}");
        let cell = cells.iter().rfind(|c| !c.starts_with("10.00") || c.len() > 5).unwrap();
        assert!(refused.message.contains(said), "{refused} {cell}");
    }
    for (cells, said) in
        [(["$10.00", "$7.00"], "USD"), (["$10.00", "$7.00"], "CAD"), (["10.00 kr", "7 kr"], "SEK")]
    {
        let Ok(Outcome::Ready(r)) = read(cells, said) else { panic!("{cells:?} {said}") };
        assert_eq!(r.total.to_string(), "17");
    }
    // Beside a column with another currency.
    let refused = refused_of(&table("Net Revenue", &["$10.00", "$7.00"]));
    assert_eq!(refused.code, "mixed_currencies");
    assert!(refused.message.contains("'$10.00' on line 2"), "{refused}");
}

/// What speaks against the columns that are suggested.
fn refused_of(text: &str) -> Refused {
    let needs = unmapped(text.as_bytes());
    run(text.as_bytes(), Some(&needs.layout.suggested)).unwrap_err()
}

#[test]
fn two_places_that_say_different_currencies_are_named() {
    let text = table("Net USD", &["10.00", "7.00"]);
    let needs = unmapped(text.as_bytes());
    let asked = question(&needs, "currency_column");
    assert!(asked.message.contains("'Net USD' says USD, and column 'Currency' says EUR"));
    for code in ["USD", "EUR"] {
        assert!(asked.choices.iter().any(|c| c.value == code));
        let currency = Some(code.parse().unwrap());
        let mapping = Mapping { currency, ..needs.layout.suggested.clone() };
        assert_eq!(mapped(text.as_bytes(), &mapping).currency, currency);
    }
    // Neither of the two.
    let mapping = Mapping { currency: "SEK".parse().ok(), ..needs.layout.suggested.clone() };
    assert_eq!(run(text.as_bytes(), Some(&mapping)).unwrap_err().field, Some("currency"));
    // They agree, or the column says many: that of the sale.
    for text in [
        table("Net EUR", &["10.00", "7.00"]),
        "Month,Title,Net USD,Currency\n2024-03,A,1,EUR\n2024-03,A,2,SEK\n2024-04,A,14,USD\n".into(),
    ] {
        let suggested = unmapped(text.as_bytes()).layout.suggested;
        assert_eq!(mapped(text.as_bytes(), &suggested).total.to_string(), "17");
    }
}

#[test]
fn thousands_or_a_fraction_is_asked_in_every_separator() {
    for (field, rows) in [(',', "1.250|2.000"), ('\t', "1.250|2.000"), (';', "1.250|2.000")] {
        let values: Vec<&str> = rows.split('|').collect();
        let text = table("Net Revenue", &values).replace(',', &field.to_string());
        let needs = unmapped(text.as_bytes());
        let labels: Vec<_> =
            question(&needs, "decimal").choices.iter().map(|c| c.label.clone()).collect();
        assert!(labels[0].ends_with("3.25") && labels[1].ends_with("3250"), "{labels:?}");
    }
    let text = table("Net Revenue", &["1.250", "0.125"]);
    let suggested = unmapped(text.as_bytes()).layout.suggested;
    assert_eq!(mapped(text.as_bytes(), &suggested).total.to_string(), "1.375");
}

#[test]
fn amounts_are_grouped_as_in_india() {
    let text = table("Net Revenue", &["\"1,00,000.50\"", "\"12,34,56,789\""]);
    let suggested = unmapped(text.as_bytes()).layout.suggested;
    assert_eq!(mapped(text.as_bytes(), &suggested).total.to_string(), "123556789.5");
}

#[test]
fn one_row_with_most_of_the_money_needs_a_yes() {
    let good = "2024-03,A,1,0.10,EUR\n".repeat(3000);
    let read = |bad: &str| {
        let text = format!("Month,Title,Units,Net Revenue,Currency\n{good}{bad}\n");
        let suggested = unmapped(text.as_bytes()).layout.suggested;
        mapped(text.as_bytes(), &suggested)
    };
    for (bad, says) in [
        ("2024-04,B,50000,4700.OO,EUR", "4700 EUR"),
        ("soon,B,50000,4700.00,EUR", "4700 EUR"),
        ("2024-04,B,50000,,EUR", "1 of them are empty"),
        ("2024-04,B,50000,n/a,EUR", "the amounts of 1 cannot be read"),
    ] {
        let yes = read(bad).confirmations;
        assert_eq!(yes.len(), 1, "{bad}");
        assert!(yes[0].message.contains(says), "{bad}: {}", yes[0].message);
    }
    for bad in ["2024-04,B,0,,EUR", "2024-04,B,1,n/a,EUR", "soon,B,1,0.10,EUR", "2024-04,B,5,-,EUR"]
    {
        assert!(read(bad).confirmations.is_empty(), "{bad}");
    }
    // What other columns say of it: the gross, units times the price.
    for (columns, values, says) in
        [("Gross Revenue", "800.00", "800 EUR"), ("Unit Price", "20.00", "1000 EUR")]
    {
        let good = "2024-03,A,1,0.10,0.20,EUR\n".repeat(3000);
        let text = format!(
            "Month,Title,Units,Net Revenue,{columns},Currency\n{good}2024-04,B,50,,{values},EUR\n"
        );
        let suggested = unmapped(text.as_bytes()).layout.suggested;
        let yes = mapped(text.as_bytes(), &suggested).confirmations;
        assert!(yes[0].message.contains(says), "{columns}: {yes:?}");
    }
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options: zip::write::FileOptions<'_, ()> = zip::write::FileOptions::default();
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn members_that_are_left_out_need_a_yes_unless_they_hold_no_money() {
    let first = table("Net Revenue", &["10", "7"]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(table("Net Revenue", &["100", "70"]).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let inner = archive(&[("b.csv", first.as_bytes())]);
    let read = |name: &str, bytes: &[u8]| {
        let zip = archive(&[("a.csv", first.as_bytes()), (name, bytes)]);
        let suggested = unmapped(&zip).layout.suggested;
        mapped(&zip, &suggested)
    };
    // One more file of the layout is read, packed once more or not.
    assert_eq!(read("b.csv.gz", &packed).total.to_string(), "187");
    for (name, bytes) in [
        ("b.pdf", b"%PDF-1.7 x".as_slice()),
        ("b.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("b.zip", &inner),
        ("b.csv", b"2024-03,Ett,100\n2024-04,Ett,200\n"),
        ("b.csv", b"Foo,Bar\nx,100.00\ny,200.00\n"),
    ] {
        let r = read(name, bytes);
        assert_eq!((r.total.to_string().as_str(), r.tables_left_out.len()), ("17", 1), "{name}");
        let yes = r.confirmations.iter().find(|c| c.code == "tables_left_out");
        let yes = yes.unwrap_or_else(|| panic!("{name} needs no yes"));
        assert!(yes.message.contains(name), "{}", yes.message);
    }
    for (name, bytes) in [
        ("cover.png", b"\x89PNG\r\n\x1a\n".as_slice()),
        ("letter.txt", b"Dear Mira,\nhere are your statements.\nYours\n"),
        ("works.csv", b"Title,ISRC\nEtt,SEABC2400001\nTva,SEABC2400002\n"),
    ] {
        assert!(read(name, bytes).confirmations.is_empty(), "{name}");
    }
    // An archive in an archive alone is said to be one.
    let refused = refused(&archive(&[("inner.zip", &inner)]));
    assert_eq!(refused.code, "archive_contents");
    assert!(refused.message.contains("an archive inside the archive"), "{refused}");
}

#[test]
fn a_column_that_a_known_layout_does_not_have_is_refused() {
    let row = "x\t2024-03\tSpotify\tM\tEtt\tI\t1\t10\t1\tSong\tSE\t0.25\t1.5";
    let bytes = distrokid(&[row], "\n");
    let known = match run(&bytes, None).unwrap() {
        Outcome::Ready(r) => r.layout.suggested,
        Outcome::NeedsMapping(n) => panic!("{}", n.why),
    };
    for (field, mapping) in [
        ("amount", Mapping { amount: "Net".into(), ..known.clone() }),
        ("month", Mapping { month: "Date".into(), ..known.clone() }),
        ("title", Mapping { title: Some("Song".into()), ..known.clone() }),
    ] {
        let refused = run(&bytes, Some(&mapping)).unwrap_err();
        assert_eq!(refused.field, Some(field), "{refused}");
        assert!(refused.message.contains("it has: Reporting Date, Sale Month"), "{refused}");
    }
    // One that it has is taken.
    let column = "Songwriter Royalties Withheld".to_owned();
    let mapping = Mapping { amount: column.clone(), ..known };
    let reading = mapped(&bytes, &mapping);
    assert_eq!((reading.total.to_string().as_str(), reading.amount_column), ("0.25", column));
}

#[test]
fn one_recording_with_two_titles_is_one_work() {
    let text = "Month,Title,ISRC,Net Revenue,Currency\n2024-03,Song,SEABC2400001,1,EUR\n\
                2024-04,Song (Remastered),SE-ABC-24-00001,2,EUR\n2024-04,Song,,4,EUR\n\
                2024-04,Other,SEABC2400002,8,EUR\n2024-04,A,XXXXX0000000,1,EUR\n\
                2024-04,B,XXXXX0000000,1,EUR\n2024-04,A,n/a,1,EUR\n2024-04,B,n/a,1,EUR\n";
    let suggested = unmapped(text.as_bytes()).layout.suggested;
    let reading = mapped(text.as_bytes(), &suggested);
    let named = |t: &str| reading.aggregates.works.iter().filter(|w| w.title == t).count();
    assert_eq!((named("Song (Remastered)"), named("Song"), named("Other")), (0, 2, 1));
    assert_eq!((named("A"), named("B")), (2, 2), "a placeholder is no recording");
}

#[test]
fn a_period_that_is_too_long_is_refused_for_that() {
    let text = "Title,Net Revenue (EUR)\nEtt,5\n";
    let suggested = unmapped(text.as_bytes()).layout.suggested;
    let period = |from: &str, to: &str| {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        Mapping { period: Some(super::super::Period { from, to }), ..suggested.clone() }
    };
    let refused = run(text.as_bytes(), Some(&period("2001-01", "2024-12"))).unwrap_err();
    assert_eq!(refused.field, Some("period"));
    assert!(refused.message.contains("288 months"), "{refused}");
    assert!(refused.message.contains("120 at most"), "{refused}");
    let refused = run(text.as_bytes(), Some(&period("2024-02", "2024-01"))).unwrap_err();
    assert!(refused.message.contains("to the same or a later"), "{refused}");
}

#[test]
fn every_column_that_may_be_meant_is_named() {
    let text = "Month,Title,Royalty,Earnings,Income,Currency\n2024-03,A,1,2,3,EUR\n";
    let needs = unmapped(text.as_bytes());
    let asked = question(&needs, "amount_column");
    assert_eq!(asked.choices.len(), 3);
    assert!(asked.message.contains("'Royalty', 'Earnings' and 'Income'"), "{}", asked.message);
}

#[test]
fn a_mixed_currency_is_found_in_its_file() {
    let rows = |code: &str| table("Net Revenue", &["10", "7"]).replace("EUR", code);
    let zip = archive(&[("a.csv", rows("EUR").as_bytes()), ("b.csv", rows("SEK").as_bytes())]);
    let suggested = unmapped(&zip).layout.suggested;
    let refused = run(&zip, Some(&suggested)).unwrap_err();
    assert_eq!(refused.code, "mixed_currencies");
    assert!(refused.message.contains("line 2 of b.csv"), "{refused}");
    assert!(refused.reasons[0].message.starts_with("b.csv: SEK"), "{:?}", refused.reasons);
}

#[test]
fn buyers_are_not_kept_under_other_names() {
    for column in [
        "Lieferadresse",
        "Rechnungsanschrift",
        "Leveransadress",
        "Card Last 4",
        "Last4",
        "Fan",
        "Supporter",
        "Recipient",
        "Patron",
        "Empf\u{e4}nger",
        "Destinataire",
        "Ordered by",
        "Gift recipient",
        "Card ending",
    ] {
        let text =
            format!("Month,Title,{column},Net Revenue,Currency\n2024-03,Ett,Jane Doe 4242,1,EUR\n");
        let needs = unmapped(text.as_bytes());
        assert!(!format!("{needs:?}").contains("Jane"), "{column}: {needs:?}");
    }
    for title in [
        "Jane Doe <jane@example.org>",
        "for Jane Doe jane@example.org",
        "jane@example.org (Jane Doe)",
        "\"\"\"Doe, Jane\"\" (jane@example.org)\"",
        "\"Ett | Jane Doe <jane@example.org>, Jane Doe [jane@example.org]\"",
    ] {
        let text = format!(
            "Month,Title,Net Revenue,Currency\n{}2024-03,{title},1,EUR\n",
            "2024-03,Ett,1,EUR\n".repeat(60)
        );
        let suggested = unmapped(text.as_bytes()).layout.suggested;
        let kept = format!("{:?}", mapped(text.as_bytes(), &suggested).aggregates.works);
        assert!(!kept.contains("Jane") && !kept.contains("example"), "{title}: {kept}");
    }
}

#[test]
fn a_part_of_flat_sums_and_a_few_copied_rows_are_overlaps() {
    let read = |amount: &str, units: u32, titles: &[&str], copied: usize| -> Aggregates {
        let mut text = "Month,Title,Store,Units,Net Revenue,Currency\n".to_owned();
        for month in 1..=10 {
            let title = titles[month % titles.len()];
            text.push_str(&format!("2024-{month:02},{title},S,{units},{amount},EUR\n"));
        }
        for month in 1..=copied {
            text.push_str(&format!("2024-{month:02},Ett,S,70,3.25,EUR\n"));
        }
        let suggested = unmapped(text.as_bytes()).layout.suggested;
        mapped(text.as_bytes(), &suggested).aggregates
    };
    // 85 % of the same constant amounts, counted otherwise.
    let found = overlap::compare(&read("100", 50, &["A"], 0), &read("85", 20, &["A"], 0)).unwrap();
    assert_eq!((found.relation, found.months.len()), (overlap::Relation::Derived, 10));
    assert!(overlap::compare(&read("100", 50, &["A"], 0), &read("85", 20, &["B"], 0)).is_none());
    // Two of ten rows are in both.
    let one = read("12.50", 50, &["A", "B"], 2);
    let found = overlap::compare(&one, &read("17.11", 20, &["C", "D", "E"], 2)).unwrap();
    assert_eq!((found.months.len(), found.sum.to_string().as_str()), (2, "6.5"));
    assert!(overlap::compare(&one, &read("17.11", 20, &["C", "D", "E"], 0)).is_none());
}

#[test]
fn a_currency_that_the_file_contradicts_is_refused() {
    let in_euros = |text: &str| {
        let limits = Limits::default();
        let source = Source::Bytes(text.as_bytes());
        crate::statements::reader::inspect_in(source, "EUR".parse().unwrap(), &limits, &mut |_| {})
    };
    for text in [
        "Song,Net USD\nA,10.00\nB,10.00\n",
        "Artist,Track,Store,Royalty GBP\nX,A,Spotify,1.25\nX,B,Apple,2.25\n",
        "Statement in USD\nAccount: X\nMonth,Title,Net\n2024-01,A,10.00\n2024-02,A,10.00\n",
    ] {
        let refused = in_euros(text).unwrap_err();
        assert_eq!(refused.field, Some("currency"), "{text}: {refused}");
    }
    let fits = "Statement in EUR\n\nMonth,Title,Net\n2024-01,A,10.00\n2024-02,A,10.00\n";
    assert!(matches!(in_euros(fits), Ok(Outcome::Ready(_))));
}
