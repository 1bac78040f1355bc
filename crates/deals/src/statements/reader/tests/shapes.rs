//! Shapes that files take on their way: pages, blocks, sums in front, other machines.

use super::tables::workbook;
use super::*;

fn read(bytes: &[u8]) -> Reading {
    mapped(bytes, &unmapped(bytes).layout.suggested)
}

fn months(reading: &Reading) -> String {
    let line = |m: &super::super::MonthLine| format!("{}={}", m.month, m.amount);
    reading.months.iter().map(line).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_first_row_that_is_the_sum_of_the_others_is_asked() {
    for first in ["All tracks,2024-03,60.50", ",2024-03,60.50", "Mira,2024-01,60.5"] {
        let text = format!(
            "Title,Month,Net (EUR)\n{first}\nA,2024-01,10.00\nB,2024-02,20.50\nC,2024-03,30.00\n"
        );
        let needs = unmapped(text.as_bytes());
        let asked = &question(&needs, "row_kinds").values[0];
        assert_eq!((asked.rows, asked.amount.to_string().as_str()), (1, "60.5"), "{first}");
        assert!(question(&needs, "row_kinds").message.contains("on line 2"), "{first}");
        let answer = |income| Mapping {
            rows: vec![RowAnswer {
                column: asked.column.clone(),
                value: asked.value.clone(),
                income,
            }],
            ..needs.layout.suggested.clone()
        };
        let reading = mapped(text.as_bytes(), &answer(false));
        assert_eq!((reading.total.to_string().as_str(), reading.rows), ("60.5", 3), "{first}");
        assert_eq!(months(&reading), "2024-01=10 2024-02=20.5 2024-03=30", "{first}");
        assert_eq!(reading.works_count, 3);
        assert_eq!(mapped(text.as_bytes(), &answer(true)).total.to_string(), "121");
    }
}

#[test]
fn a_sum_without_a_date_is_no_unreadable_row() {
    let text =
        "Title,Month,Net (EUR)\nA,2024-01,10.00\nB,2024-02,20.50\nC,2024-03,30.00\n,,60.50\n";
    let reading = read(text.as_bytes());
    assert_eq!((reading.total.to_string().as_str(), reading.unreadable), ("60.5", 0));
    assert!(reading.confirmations.is_empty(), "{:?}", reading.confirmations);
    assert!(reading.warnings.iter().any(|w| w.code == "total_rows"));
}

#[test]
fn the_header_may_stand_on_every_page() {
    let text = "Title,Month,Net (EUR)\nA,2024-01,1.50\n\nTitle,Month,Net (EUR)\nB,2024-02,2.50\n";
    let reading = read(text.as_bytes());
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("4", 2));
    assert!(reading.confirmations.is_empty(), "{:?}", reading.confirmations);
    assert!(reading.warnings.iter().any(|w| w.code == "repeated_header"));
    let text = "Title,2024-01,2024-02,Currency\nA,1.50,2,EUR\nTitle,2024-01,2024-02,Currency\n\
                B,2.50,1,EUR\n";
    let reading = read(text.as_bytes());
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("7", 4));
    assert!(reading.confirmations.is_empty(), "{:?}", reading.confirmations);
}

#[test]
fn blocks_below_the_name_of_their_month() {
    let text = "Statement\n\nJanuary 2024\nTitle,Units,Net (EUR)\nA,10,1.50\nB,20,2.50\n\
                Total,30,4.00\n\nFebruary 2024\nTitle,Units,Net (EUR)\nA,10,3.00\nB,20,1.25\n\
                Total,30,4.25\n";
    let reading = read(text.as_bytes());
    assert_eq!(months(&reading), "2024-01=4 2024-02=4.25");
    assert!(reading.warnings.iter().any(|w| w.code == "period_line" && w.line == 9));
}

#[test]
fn months_without_a_year_beside_a_column_of_years() {
    let text = "Title,Year,Jan,Feb,Currency\nA,2023,1.50,2.50,EUR\nA,2024,1,0.5,EUR\n";
    let reading = read(text.as_bytes());
    assert_eq!(months(&reading), "2023-01=1.5 2023-02=2.5 2024-01=1 2024-02=0.5");
}

#[test]
fn an_old_macintosh_writes_otherwise() {
    let text = "Titre;Mois;Montant net (EUR)\r\u{c9}t\u{e9};ao\u{fb}t 2024;1,50\r\
                No\u{eb}l;f\u{e9}vrier 2024;2,50\r";
    let bytes: Vec<u8> = text
        .chars()
        .map(|c| match c {
            '\u{c9}' => 0x83,
            '\u{e9}' => 0x8e,
            '\u{fb}' => 0x9e,
            '\u{eb}' => 0x91,
            c => u8::try_from(u32::from(c)).unwrap(),
        })
        .collect();
    let reading = read(&bytes);
    assert_eq!(
        (months(&reading).as_str(), reading.encoding),
        ("2024-02=2.5 2024-08=1.5", "macintosh")
    );
    assert_eq!(reading.aggregates.works[0].title, "\u{c9}t\u{e9}");
    // Windows has its letters elsewhere.
    let bytes = b"Titel;Monat;Betrag EUR\nS\xfc\xdf;M\xe4rz 2024;1,50\n\x8alager;Mai 2024;1,50\n";
    assert_eq!(read(bytes).encoding, "windows-1252");
}

#[test]
fn months_in_more_languages() {
    for [a, b] in [
        ["tammikuu 2024", "marraskuu 2024"],
        ["stycze\u{144} 2024", "listopad 2024"],
        ["Ocak 2024", "Kas\u{131}m 2024"],
        ["leden 2024", "listopad 2024"],
        [
            "\u{44f}\u{43d}\u{432}\u{430}\u{440}\u{44c} 2024",
            "\u{43d}\u{43e}\u{44f}\u{431}\u{440}\u{44c} 2024",
        ],
        ["sty 2024", "lis 2024"],
    ] {
        let text = format!("Title;Period;Net (EUR)\nA;{a};1,50\nB;{b};2,50\n");
        assert_eq!(months(&read(text.as_bytes())), "2024-01=1.5 2024-11=2.5", "{a}");
    }
    let text = "Title;Period;Net (EUR)\nA;\u{10d}erven 2024;1,50\nB;\u{10d}ervenec 2024;2,50\n";
    assert_eq!(months(&read(text.as_bytes())), "2024-06=1.5 2024-07=2.5");
}

#[test]
fn a_currency_that_is_not_kept_is_said() {
    for head in ["Net (TRY)", "Amount EGP", "Royalty-RUB"] {
        let text = format!("Title,Month,{head}\nA,2024-01,1.50\nB,2024-02,2.50\n");
        let refused = refused(text.as_bytes());
        assert_eq!(refused.code, "unknown_currency", "{head}");
    }
}

#[test]
fn names_in_a_list_of_payments_are_those_of_buyers() {
    let text = "Date,Name,Type,Status,Currency,Gross,Fee,Net,Balance Impact\n\
                03/15/2024,Ann Quux,Website Sale,Completed,USD,10.00,-0.50,9.50,Credit\n";
    let needs = unmapped(text.as_bytes());
    assert!(!format!("{needs:?}").contains("Quux"));
}

#[test]
fn a_row_of_units_below_the_header_takes_nothing_away() {
    let book = workbook(&[(
        "S",
        &[
            &["Title", "Month", "Net EUR"],
            &["(text)", "(month)", "(EUR)"],
            &["A", "2024-01", "1.5"],
            &["B", "2024-02", "2.5"],
        ],
    )]);
    let reading = read(&book);
    assert_eq!(reading.total.to_string(), "4");
    let negative = reading.confirmations.iter().any(|c| c.message.contains("negative"));
    assert!(!negative, "{:?}", reading.confirmations);
}

#[test]
fn what_a_file_is_instead_of_a_table_is_said() {
    let zipped =
        |part: &str| super::bad_input::zip(&[("[Content_Types].xml", b"<x/>"), (part, b"<x/>")]);
    for (bytes, says) in [
        (b"<html><table><tr><td>Title</td></tr></table></html>".to_vec(), "HTML"),
        (b"<?xml version=\"1.0\"?>\n<Workbook><Table><Row/></Table></Workbook>".to_vec(), "XML"),
        (b"[{\"title\":\"A\",\"net\":1.5}]".to_vec(), "JSON"),
        (zipped("content.xml"), "OpenDocument"),
        (zipped("word/document.xml"), "Word"),
        (zipped("xl/workbook.bin"), "xlsb"),
    ] {
        let refused = refused(&bytes);
        assert!(refused.message.contains(says), "{says}: {}", refused.message);
    }
}
