use super::super::amounts::{AmountError, Mark, amount, written};
use super::super::dates::dated;
use super::super::values::{is_damaged_id, units};
use crate::statements::reader::DateOrder;

#[test]
fn amounts_are_exact_in_every_dress() {
    for (text, point, want) in [
        ("0.031234567891", b'.', "0.031234567891"),
        ("-12", b'.', "-12"),
        (".021330", b'.', "0.02133"),
        ("0E-18", b'.', "0"),
        ("1.5E2", b'.', "150"),
        ("0.0000000000005", b'.', "0"),
        ("123456789012345678", b'.', "123456789012345678"),
        ("0,020354", b',', "0.020354"),
        ("$1,234.56", b'.', "1234.56"),
        ("1.234,56 €", b',', "1234.56"),
        ("(12.30)", b'.', "-12.3"),
        ("-$5.00", b'.', "-5"),
        ("1 234 567,8", b',', "1234567.8"),
        (" 7 ", b'.', "7"),
        ("1,234", b'.', "1234"),
        ("1.234", b'.', "1.234"),
        ("1.234", b',', "1234"),
        // As India groups them.
        ("1,23,456.7", b'.', "123456.7"),
        ("1,00,00,000", b'.', "10000000"),
        ("1,234", b',', "1.234"),
    ] {
        assert_eq!(amount(text.as_bytes(), point).unwrap().to_string(), want, "{text}");
    }
    for (text, point, error) in [
        ("", b'.', AmountError::Empty),
        ("  ", b'.', AmountError::Empty),
        ("\u{a0}", b'.', AmountError::Empty),
        ("0,020354", b'.', AmountError::NotANumber),
        ("1,23,45.7", b'.', AmountError::NotANumber),
        ("123,45,678", b'.', AmountError::NotANumber),
        ("12 net", b'.', AmountError::NotANumber),
        ("--1", b'.', AmountError::NotANumber),
        ("NaN", b'.', AmountError::NotANumber),
        ("1e40", b'.', AmountError::OutOfRange),
        ("-", b'.', AmountError::Empty),
        ("$ \u{2013}", b'.', AmountError::Empty),
        (".", b'.', AmountError::NotANumber),
        ("12%", b'.', AmountError::NotANumber),
        ("12 units", b'.', AmountError::NotANumber),
        ("(12", b'.', AmountError::NotANumber),
        ("-(12)", b'.', AmountError::NotANumber),
        ("USD 5 EUR", b'.', AmountError::NotANumber),
        ("2024-03-15", b'.', AmountError::NotANumber),
    ] {
        assert_eq!(amount(text.as_bytes(), point).unwrap_err(), error, "{text}");
    }
}

#[test]
fn amounts_say_what_they_are_sure_of() {
    for (text, value, mark) in [
        // Every minus there is, before, behind, and as brackets.
        ("\u{2212}224.68", "-224.68", Mark::Point),
        ("\u{2013}0.5", "-0.5", Mark::Point),
        ("\u{2011}7", "-7", Mark::None),
        ("12.50-", "-12.5", Mark::Point),
        ("12,50\u{2212}", "-12.5", Mark::Comma),
        ("(1.234,50)", "-1234.5", Mark::Comma),
        ("(US$12.30)", "-12.3", Mark::Point),
        ("US$(12.30)", "-12.3", Mark::Point),
        ("+3.5", "3.5", Mark::Point),
        // Thousands apart by apostrophes and every kind of blank.
        ("1'234.50", "1234.5", Mark::Point),
        ("2\u{2019}000.75", "2000.75", Mark::Point),
        ("1\u{2009}234,5", "1234.5", Mark::Comma),
        ("1\u{202f}234\u{202f}567", "1234567", Mark::None),
        ("1\u{a0}250.750", "1250.75", Mark::Point),
        ("12'345", "12345", Mark::None),
        ("1.234.567", "1234567", Mark::Comma),
        ("1,234,567.8", "1234567.8", Mark::Point),
        // Currencies before and after.
        ("US$557.05", "557.05", Mark::Point),
        ("USD 557.05", "557.05", Mark::Point),
        ("557,05 EUR", "557.05", Mark::Comma),
        ("CHF\u{a0}1'234.50", "1234.5", Mark::Point),
        ("-CA$ 5.25", "-5.25", Mark::Point),
        ("\u{20ac}\u{2212}5,25", "-5.25", Mark::Comma),
        ("1 234,50 kr", "1234.5", Mark::Comma),
        ("250,-", "250", Mark::None),
        ("1'250.\u{2013}", "1250", Mark::None),
        // A fraction for certain, whatever the sign.
        ("0.123", "0.123", Mark::Point),
        ("0,123", "0.123", Mark::Comma),
        ("1234.567", "1234.567", Mark::Point),
        // In doubt: the small reading.
        ("2,000", "2", Mark::UnsureComma),
        ("2.500", "2.5", Mark::UnsurePoint),
        ("-12.345 \u{20ac}", "-12.345", Mark::UnsurePoint),
    ] {
        let read = written(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!((read.value.to_string().as_str(), read.mark), (value, mark), "{text}");
    }
    let code = |text: &str| written(text.as_bytes()).unwrap().currency.map(kernel::Asset::code);
    assert_eq!(code("US$5.00"), Some("USD"));
    assert_eq!(code("5.00 \u{20ac}"), Some("EUR"));
    assert_eq!(code("SEK 5.00"), Some("SEK"));
    assert_eq!(code("$5.00"), None, "a dollar of which country?");
    // Windows-1252: the apostrophe is 0x92, the hard blank 0xa0.
    assert_eq!(written(b"2\x92000.75").unwrap().value.to_string(), "2000.75");
    assert_eq!(written(b"1\xa0234,50").unwrap().value.to_string(), "1234.5");
    assert!(written(b"0.1234567890125").unwrap().cut);
    assert!(!written(b"0.1234567890120000").unwrap().cut, "zeros are nothing lost");
    assert!(!written(b"0E-18").unwrap().cut);
    assert!(written(b"1.5E-13").unwrap().cut);
}

#[test]
fn months_are_found_in_what_statements_write() {
    use DateOrder::{Dmy, Mdy, Ymd};
    for (text, order, want) in [
        ("2024-03", Ymd, "2024-03"),
        ("2024-03-15", Ymd, "2024-03"),
        ("2024-03-15T10:42:15-08:00", Ymd, "2024-03"),
        ("2024-03-15 10:42", Ymd, "2024-03"),
        ("2024-03-31T23:59:59.999Z", Ymd, "2024-03"),
        ("2024/3/1", Ymd, "2024-03"),
        ("202403", Ymd, "2024-03"),
        ("20240315", Ymd, "2024-03"),
        ("15032024", Dmy, "2024-03"),
        ("2017M10", Ymd, "2017-10"),
        ("2017M9", Ymd, "2017-09"),
        ("10/15/2023 12:00:00 AM", Mdy, "2023-10"),
        ("1/20/20 7:32pm", Mdy, "2020-01"),
        ("15.10.2023", Dmy, "2023-10"),
        ("15/08/22", Dmy, "2022-08"),
        ("03/2024", Ymd, "2024-03"),
        ("03/24", Mdy, "2024-03"),
        ("March 2024", Ymd, "2024-03"),
        ("Mar-24", Ymd, "2024-03"),
        ("JUN-25", Ymd, "2025-06"),
        ("Jul - 2017", Ymd, "2017-07"),
        ("15 August 2023", Ymd, "2023-08"),
        ("August 15, 2023", Ymd, "2023-08"),
        ("15-Aug-22", Ymd, "2022-08"),
        ("Aug-22", Ymd, "2022-08"),
        ("Sept 2023", Ymd, "2023-09"),
        ("Thursday, 15th of February 2024", Ymd, "2024-02"),
        ("45292", Ymd, "2024-01"),
        ("45351.75", Ymd, "2024-02"),
        ("45352", Ymd, "2024-03"),
        ("32874", Ymd, "1990-01"),
        // Swedish, German, French, Spanish, Portuguese, Italian, Dutch.
        ("15 oktober 2023", Ymd, "2023-10"),
        ("maj 2024", Ymd, "2024-05"),
        ("M\u{e4}rz 2024", Ymd, "2024-03"),
        ("15. Dez. 2023", Ymd, "2023-12"),
        ("f\u{e9}vrier 2024", Ymd, "2024-02"),
        ("1er ao\u{fb}t 2024", Ymd, "2024-08"),
        ("15 de enero de 2024", Ymd, "2024-01"),
        ("ago-23", Ymd, "2023-08"),
        ("mar\u{e7}o/2024", Ymd, "2024-03"),
        ("setembro de 2024", Ymd, "2024-09"),
        ("gennaio 2024", Ymd, "2024-01"),
        ("lug 2024", Ymd, "2024-07"),
        ("mei 2024", Ymd, "2024-05"),
        ("15 mrt 2024", Ymd, "2024-03"),
    ] {
        let read = dated(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
        let span = read.readings.under(order).unwrap_or_else(|| panic!("{text}: other order"));
        assert_eq!((span.from.to_string().as_str(), span.months()), (want, 1), "{text}");
    }
}

#[test]
fn what_is_no_date_is_none() {
    for text in [
        "",
        "2024-13",
        "13/13/2023",
        "May",
        "total",
        "0.5",
        "1/2",
        "99999999",
        "jui 2024",
        "7",
        "12.50",
        "31/31/24",
        "2024-03-15-16",
        "week 12 2024",
    ] {
        assert!(dated(text.as_bytes()).is_none(), "{text}");
    }
}

#[test]
fn ranges_have_a_first_and_a_last_month() {
    for (text, from, to) in [
        ("Jan-Mar 2024", "2024-01", "2024-03"),
        ("January to March 2024", "2024-01", "2024-03"),
        ("Nov 2023 - Jan 2024", "2023-11", "2024-01"),
        ("Nov-Jan 2024", "2023-11", "2024-01"),
        ("2Q2025", "2025-04", "2025-06"),
        ("Q2 2025", "2025-04", "2025-06"),
        ("2024Q1", "2024-01", "2024-03"),
        ("2024-Q4", "2024-10", "2024-12"),
        ("Q1'24", "2024-01", "2024-03"),
        ("1. Quartal 2024", "2024-01", "2024-03"),
        ("Kvartal 3 2024", "2024-07", "2024-09"),
        ("T2 2024", "2024-04", "2024-06"),
        ("1st quarter 2024", "2024-01", "2024-03"),
        ("Q1 - Q2 2024", "2024-01", "2024-06"),
        ("2024H1", "2024-01", "2024-06"),
        ("2H 2024", "2024-07", "2024-12"),
        ("2023", "2023-01", "2023-12"),
        ("2024-01 - 2024-03", "2024-01", "2024-03"),
        ("2024-01 \u{2013} 2024-03", "2024-01", "2024-03"),
        ("01/2024 - 03/2024", "2024-01", "2024-03"),
        ("01-03/2024", "2024-01", "2024-03"),
        ("202401-202403", "2024-01", "2024-03"),
        ("2024-01..2024-03", "2024-01", "2024-03"),
        ("Jan & Feb 2024", "2024-01", "2024-02"),
        ("01.2024-03.2024", "2024-01", "2024-03"),
        ("Dec 23 - Feb 24", "2023-12", "2024-02"),
        ("Q1/2024", "2024-01", "2024-03"),
        ("2024-01-01/2024-03-31", "2024-01", "2024-03"),
        ("Aug 1 \u{2013} 31, 2026", "2026-08", "2026-08"),
        ("August 1 - September 30, 2026", "2026-08", "2026-09"),
        ("1. Januar bis 31. M\u{e4}rz 2024", "2024-01", "2024-03"),
        ("2023-01-01T00:00:00.000Z - 2023-03-31T23:59:59.999Z", "2023-01", "2023-03"),
    ] {
        let read = dated(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
        let span = read.readings.certain().unwrap_or_else(|| panic!("{text}: unsure"));
        assert_eq!(
            (span.from.to_string().as_str(), span.to.to_string().as_str()),
            (from, to),
            "{text}"
        );
    }
    // The end can only be day first, so the beginning is, too.
    for text in [
        "01/01/24-31/03/24",
        "01/01/2024 - 31/03/2024",
        "01.01. - 31.03.2024",
        "01.01.2024-31.03.2024",
    ] {
        let read = dated(text.as_bytes()).unwrap_or_else(|| panic!("{text}")).readings;
        assert!(read.under(DateOrder::Mdy).is_none(), "{text}");
        assert_eq!(read.under(DateOrder::Dmy).unwrap().months(), 3, "{text}");
    }
    assert!(dated(b"Mar 2024 - Jan 2024").is_none(), "backwards");
}

#[test]
fn units_and_damaged_ids() {
    assert_eq!(units(b"12", b'.'), Some(12));
    assert_eq!(units(b"-3", b'.'), Some(-3));
    assert_eq!(units(b"12.0", b'.'), Some(12));
    assert_eq!(units(b"1,234", b'.'), Some(1234));
    assert_eq!(units(b"1.234", b','), Some(1234));
    assert_eq!(units(b"1'234", b'.'), Some(1234));
    assert_eq!(units("\u{2212}3".as_bytes(), b'.'), Some(-3));
    assert_eq!(units(b"", b'.'), Some(0));
    assert_eq!(units(b"many", b'.'), None);
    for (text, damaged) in [
        ("1,9177E+11", true),
        ("1.91774e+11", true),
        ("9E+10", true),
        ("735001000001", false),
        ("SEE+1", false),
        ("E+11", false),
        ("1E+", false),
        ("", false),
    ] {
        assert_eq!(is_damaged_id(text.as_bytes()), damaged, "{text}");
    }
}
