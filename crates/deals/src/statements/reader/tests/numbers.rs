//! Amounts over a whole column, and what becomes of those that cannot be read.

use super::*;
use crate::statements::reader::Decimal;

fn table(separator: char, amounts: &[&str]) -> String {
    let mut text = format!("Date{separator}Title{separator}Net Revenue (EUR)\n");
    for amount in amounts {
        text.push_str(&format!("2024-03-15{separator}Song{separator}\"{amount}\"\n"));
    }
    text
}

fn read(text: &str) -> Reading {
    let needs = unmapped(text.as_bytes());
    let codes: Vec<_> = needs.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!(codes, ["columns"], "{:?}", needs.questions);
    mapped(text.as_bytes(), &needs.layout.suggested)
}

#[test]
fn a_column_decides_what_one_amount_leaves_open() {
    for (separator, amounts, total) in [
        (',', vec!["2,000", "1,250.75", "950.25"], "4201"),
        (';', vec!["2.000", "1.250,75", "950,25"], "4201"),
        // The telling amount may come last.
        (';', [vec!["2.500"; 50], vec!["0,5"]].concat(), "125000.5"),
        (',', [vec!["2,500"; 50], vec!["0.5"]].concat(), "125000.5"),
        (';', [vec!["2,500"; 50], vec!["0,5"]].concat(), "125.5"),
        // A leading zero is no thousand, and four digits before the sign are no group.
        (';', vec!["1.234", "0.123"], "1.357"),
        (';', vec!["1,234", "1234,567"], "1235.801"),
        ('\t', vec!["\u{2212}1'234.50", "2\u{2019}000.75", "(1.25)"], "765"),
        ('\t', vec!["1\u{2009}234,50", "3\u{202f}000", "12,50-"], "4222"),
    ] {
        let reading = read(&table(separator, &amounts));
        assert_eq!(reading.total.to_string(), total, "{amounts:?} {:?}", reading.warnings);
        assert_eq!(reading.unreadable, 0);
    }
}

#[test]
fn a_column_that_does_not_tell_is_asked_for() {
    let text = table(';', &["1.000", "2.500"]);
    let needs = unmapped(text.as_bytes());
    let question = needs.questions.iter().find(|q| q.code == "decimal").unwrap();
    assert!(question.message.contains("'1.000' on line 2"), "{}", question.message);
    let labels: Vec<_> = question.choices.iter().map(|c| c.label.as_str()).collect();
    assert!(labels[0].ends_with("the total is 3.5"), "{labels:?}");
    assert!(labels[1].ends_with("the total is 3500"), "{labels:?}");
    for (decimal, total) in [(Decimal::Point, "3.5"), (Decimal::Comma, "3500")] {
        let mapping = Mapping { decimal: Some(decimal), ..needs.layout.suggested.clone() };
        assert_eq!(mapped(text.as_bytes(), &mapping).total.to_string(), total);
    }
    // Both signs beside each other.
    let needs = unmapped(table(';', &["0,5", "0.75", "2.000"]).as_bytes());
    assert!(needs.questions.iter().any(|q| q.code == "decimal"), "{:?}", needs.questions);
}

#[test]
fn one_odd_sign_among_hundreds_is_read_and_named() {
    let mut amounts = vec!["0.5"; 300];
    amounts[150] = "12,5";
    let reading = read(&table(',', &amounts));
    assert_eq!(reading.total.to_string(), "162");
    let named = reading.warnings.iter().find(|w| w.code == "other_decimal").unwrap();
    assert!(named.message.contains("'12,5' on line 152"), "{}", named.message);
}

#[test]
fn known_layouts_saved_again_are_read() {
    let header = "Sales Period;Posted Date;Store Name;Country Of Sale;Artist;Release Type;\
                  Release Title;Song Title;Label;UPC;Optional UPC;TC Song ID;Optional ISRC;\
                  Sales Type;# Units Sold;Per Unit Price;Net Sales;Net Sales Currency;\
                  Exchange Rate;Total Earned;Currency\n";
    let row = |amount: &str| {
        format!("2024-03-01;2024-05-01;Spotify;SE;N;S;R;E;L;1;;1;Q;X;10;1;1;USD;1;{amount};EUR\n")
    };
    let text = header.to_owned() + &row("0,04") + &row("1.250,5") + &row("12");
    assert_eq!(ready(text.as_bytes()).total.to_string(), "1262.54");
    // Undecided, the mapping's sign counts for a known layout as well.
    let text = header.to_owned() + &row("1,250") + &row("2,500");
    let needs = unmapped(text.as_bytes());
    assert_eq!(needs.questions[0].code, "decimal");
    for (decimal, total) in [(Decimal::Comma, "3.75"), (Decimal::Point, "3750")] {
        let mapping = Mapping { decimal: Some(decimal), ..needs.layout.suggested.clone() };
        assert_eq!(mapped(text.as_bytes(), &mapping).total.to_string(), total);
    }
    // As its distributor writes it, 1.250 is one and a quarter.
    let text = (header.to_owned() + &row("1.250")).replace(';', ",");
    assert_eq!(ready(text.as_bytes()).total.to_string(), "1.25");
}

#[test]
fn a_currency_beside_the_amounts_is_the_currency_of_the_file() {
    for (amounts, code, total) in [
        (["US$557.05", "US$570.00"], "USD", "1127.05"),
        (["\u{20ac}1,250.75", "\u{20ac}2.50"], "EUR", "1253.25"),
        (["1 250,75 SEK", "2,50 SEK"], "SEK", "1253.25"),
    ] {
        let text = table(';', &amounts).replace(" (EUR)", "");
        let reading = read(&text);
        assert_eq!(reading.currency.unwrap().code(), code);
        assert_eq!(reading.total.to_string(), total);
        // Another one said by a person is refused, and names both.
        let said = "GBP".parse().unwrap();
        let mut mapping = unmapped(text.as_bytes()).layout.suggested;
        mapping.currency = Some(said);
        let refused = run(text.as_bytes(), Some(&mapping)).unwrap_err();
        assert_eq!(refused.field, Some("currency"));
        assert!(refused.message.contains("GBP") && refused.message.contains(code), "{refused}");
    }
    // A stroke beside the sign is nothing, not another currency.
    let text = table(';', &["1.234,56 \u{20ac}", "-   \u{20ac}", "(12,00) \u{20ac}"]);
    let reading = read(&text.replace(" (EUR)", ""));
    assert_eq!(
        (reading.total.to_string().as_str(), reading.currency.unwrap().code()),
        ("1222.56", "EUR")
    );
    assert!(reading.confirmations.is_empty());
    let text = table(';', &["1,00 SEK", "2,00 EUR"]).replace(" (EUR)", "");
    let mapping = unmapped(text.as_bytes()).layout.suggested;
    assert_eq!(run(text.as_bytes(), Some(&mapping)).unwrap_err().code, "mixed_currencies");
}

#[test]
fn decimals_beyond_the_twelfth_are_cut_and_said() {
    let reading = read(&table(',', &["0.12345678901234", "1.50000000000000"]));
    assert_eq!(reading.total.to_string(), "1.623456789012");
    let said = reading.warnings.iter().find(|w| w.code == "decimals_cut").unwrap();
    assert!(said.message.starts_with("1 amounts have more than 12 decimals"), "{}", said.message);
}

#[test]
fn dropped_amounts_need_a_yes_that_names_the_sum() {
    let good = vec!["1.00"; 3000];
    let with = |bad: &[&str]| read(&table(',', &[good.clone(), bad.to_vec()].concat()));
    assert!(with(&["n/a", "n/a", "n/a"]).confirmations.is_empty(), "one in a thousand");
    let yes = &with(&["n/a"; 4]).confirmations[0];
    assert_eq!((yes.code.as_str(), yes.rows), ("rows_left_out", 4));
    assert!(yes.message.contains("the amounts of 4 cannot be read"), "{}", yes.message);
    // One negative row is enough, readable or not.
    let yes = &with(&["-5.0.0"]).confirmations[0];
    assert!(yes.message.contains("1 are negative"), "{}", yes.message);
    let text = table(',', &good) + "soon,Song,-50.00\n";
    let yes = &read(&text).confirmations[0];
    assert_eq!(yes.amount.unwrap().to_string(), "-50");
    assert!(yes.message.contains("-50 EUR"), "{}", yes.message);
    // An empty amount of a song is dropped, too; a stroke says that there is nothing.
    let yes = &with(&["", "", "", ""]).confirmations[0];
    assert!(yes.message.contains("4 of them are empty"), "{}", yes.message);
    assert!(with(&["-", "-", "-", "-"]).confirmations.is_empty());
}
