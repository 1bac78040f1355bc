use super::super::values::{AmountError, amount, is_damaged_id, month, units};
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
    ] {
        assert_eq!(amount(text.as_bytes(), point).unwrap().to_string(), want, "{text}");
    }
    for (text, point, error) in [
        ("", b'.', AmountError::Empty),
        ("  ", b'.', AmountError::Empty),
        ("1,234", b'.', AmountError::Ambiguous),
        ("1.234", b',', AmountError::Ambiguous),
        ("0,020354", b'.', AmountError::NotANumber),
        ("1,23,456.7", b'.', AmountError::NotANumber),
        ("--1", b'.', AmountError::NotANumber),
        ("NaN", b'.', AmountError::NotANumber),
        ("1e40", b'.', AmountError::OutOfRange),
        ("-", b'.', AmountError::NotANumber),
        (".", b'.', AmountError::NotANumber),
    ] {
        assert_eq!(amount(text.as_bytes(), point).unwrap_err(), error, "{text}");
    }
}

#[test]
fn months_are_found_in_what_statements_write() {
    use DateOrder::{Dmy, Mdy, Ymd};
    for (text, order, want) in [
        ("2024-03", Ymd, "2024-03"),
        ("2024-03-15", Ymd, "2024-03"),
        ("2024-03-15T10:42:15-08:00", Ymd, "2024-03"),
        ("2024-03-15 10:42", Ymd, "2024-03"),
        ("2024/3/1", Ymd, "2024-03"),
        ("202403", Ymd, "2024-03"),
        ("20240315", Ymd, "2024-03"),
        ("2017M10", Ymd, "2017-10"),
        ("2017M9", Ymd, "2017-09"),
        ("10/15/2023 12:00:00 AM", Mdy, "2023-10"),
        ("1/20/20 7:32pm", Mdy, "2020-01"),
        ("15.10.2023", Dmy, "2023-10"),
        ("03/2024", Ymd, "2024-03"),
        ("March 2024", Ymd, "2024-03"),
        ("December 2024", Ymd, "2024-12"),
        ("Mar-24", Ymd, "2024-03"),
        ("JUN-25", Ymd, "2025-06"),
        ("Jul - 2017", Ymd, "2017-07"),
        ("15 August 2023", Ymd, "2023-08"),
        ("August 15, 2023", Ymd, "2023-08"),
        ("Sept 2023", Ymd, "2023-09"),
    ] {
        assert_eq!(month(text.as_bytes(), order).unwrap().to_string(), want, "{text}");
    }
    for text in ["", "2024", "2024-13", "13/13/2023", "May", "total", "0.5", "1/2", "99999999"] {
        assert!(month(text.as_bytes(), Mdy).is_none(), "{text}");
    }
}

#[test]
fn units_and_damaged_ids() {
    assert_eq!(units(b"12", b'.'), Some(12));
    assert_eq!(units(b"-3", b'.'), Some(-3));
    assert_eq!(units(b"12.0", b'.'), Some(12));
    assert_eq!(units(b"1,234", b'.'), Some(1234));
    assert_eq!(units(b"1.234", b','), Some(1234));
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
