use std::io::Write;

use super::*;

pub(super) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        out.start_file(*name, options).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

const GOOD: &str = "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t0.5";

#[test]
fn what_is_no_statement_is_refused_with_a_reason() {
    for (bytes, code, says) in [
        (b"".to_vec(), "empty_file", "empty"),
        (b"%PDF-1.7 x".to_vec(), "not_a_statement", "PDF"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "not_a_statement", "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "not_a_statement", ".xls"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04".to_vec(), "not_a_statement", "no text"),
        (b"Dear house,\nplease pay me soon.\nYours, Mira\n".to_vec(), "not_a_statement", ""),
        (b"name,town\nBo,Lund\nEva,Umea\n".to_vec(), "not_a_statement", "amounts"),
        (b"month,town\n2024-01,Lund\n2024-02,Umea\n".to_vec(), "not_a_statement", "amounts"),
        (b"PK\x03\x04 not really".to_vec(), "damaged_archive", "archive"),
        (b"\x1f\x8b\x08 not really".to_vec(), "damaged_file", "damaged"),
        (distrokid(&[], "\n"), "no_readable_rows", "no rows"),
    ] {
        let refused = refused(&bytes);
        assert_eq!(refused.code, code, "{refused}");
        assert!(refused.message.contains(says), "{refused}");
        let error = kernel::Error::from(refused);
        assert_eq!(error.code, "statement_refused");
        assert!(error.details.unwrap()["reasons"][0]["message"].is_string());
    }
}

#[test]
fn broken_rows_become_warnings_by_line() {
    let rows = [
        GOOD,
        GOOD,
        GOOD,
        "2024-05-14\tMärz?\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t0.5",
        "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t12,5x",
        "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\tmany\t100%\tSong\tSE\t0\t0.5",
        "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t0.5\textra",
        "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t",
        "2024-05-14\t2024-13\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t1",
        "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t1,234",
        "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t1e30",
    ];
    let reading = ready(&distrokid(&rows, "\n"));
    assert_eq!((reading.rows, reading.unreadable), (11, 6));
    // A bad count does not cost the amount; `1,234` beside `0.5` is more than a thousand.
    assert_eq!(reading.total.to_string(), "1236");
    let seen: Vec<(u32, &str, &str)> =
        reading.warnings.iter().map(|w| (w.line, w.column.as_str(), w.code.as_str())).collect();
    assert_eq!(
        seen,
        [
            (5, "Sale Month", "bad_month"),
            (6, "Earnings (USD)", "bad_amount"),
            (7, "Quantity", "bad_units"),
            (8, "", "too_many_fields"),
            (9, "Earnings (USD)", "empty_amount"),
            (10, "Sale Month", "bad_month"),
            (12, "Earnings (USD)", "bad_amount"),
        ]
    );
    // Two rows of a bad month with 0.5 and 1, two amounts (of which `12,5` can be made out), an
    // empty one beside ten streams, and one row nobody can read.
    let yes = &reading.confirmations[0];
    assert_eq!((yes.code.as_str(), yes.rows), ("rows_left_out", 6));
    assert!(yes.message.contains("the amounts of 4 cannot be read"), "{}", yes.message);
    assert!(yes.message.contains("1 of them are empty"), "{}", yes.message);
}

#[test]
fn half_a_file_says_so() {
    let mut bytes = distrokid(&[GOOD, GOOD], "\r\n");
    bytes.truncate(bytes.len() - 30);
    let reading = ready(&bytes);
    assert_eq!((reading.rows, reading.unreadable), (2, 1));
    let warning = &reading.warnings[0];
    assert_eq!((warning.line, warning.code.as_str()), (3, "file_cut_off"));
    // Packed files cannot be read half.
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&distrokid(&[GOOD; 500], "\n")).unwrap();
    let mut gz = gz.finish().unwrap();
    gz.truncate(gz.len() - 20);
    assert_eq!(refused(&gz).code, "damaged_archive");
}

#[test]
fn nothing_readable_is_refused_with_the_first_reasons() {
    let bad = GOOD.replace("0.5", "x");
    let refused = refused(&distrokid(&[bad.as_str(); 9], "\n"));
    assert_eq!(refused.code, "no_readable_rows");
    assert_eq!(refused.reasons.len(), 6);
    assert_eq!(
        (refused.reasons[1].line, refused.reasons[1].column.as_str()),
        (2, "Earnings (USD)")
    );
}

#[test]
fn mixed_currencies_are_refused_by_row() {
    let text = "month,title,net,currency\n2024-01,Rain,1,USD\n2024-01,Rain,1,usd\n\
                2024-02,Rain,2,GBP\n2024-02,Rain,3,EUR\n2024-03,Rain,3,\n";
    let mapping = unmapped(text.as_bytes()).layout.suggested;
    assert_eq!(mapping.currency_column.as_deref(), Some("currency"));
    let refused = run(text.as_bytes(), Some(&mapping)).unwrap_err();
    assert_eq!(refused.code, "mixed_currencies");
    let lines: Vec<u32> = refused.reasons.iter().map(|r| r.line).collect();
    assert_eq!(lines, [4, 5]);
    assert!(refused.reasons[0].message.starts_with("GBP"));
    let text = text.replace("GBP", "DOGE");
    let refused = run(text.as_bytes(), Some(&mapping)).unwrap_err();
    assert_eq!((refused.code, refused.reasons[0].line), ("unknown_currency", 4));
}

#[test]
fn a_file_that_is_mostly_unreadable_is_refused() {
    let bad = GOOD.replace("0.5", "x");
    let refused = refused(&distrokid(&[&bad, &bad, GOOD], "\n"));
    assert_eq!(refused.code, "mostly_unreadable");
    assert!(refused.message.contains("2 of 3 rows"), "{refused}");
    assert_eq!((refused.reasons[1].line, refused.reasons.len()), (2, 3));
}

#[test]
fn many_warnings_are_capped_and_counted() {
    let bad = GOOD.replace("0.5", "x");
    let mut rows = vec![bad.as_str(); 5_000];
    rows.extend([GOOD; 5_000]);
    let reading = ready(&distrokid(&rows, "\n"));
    assert_eq!((reading.warnings.len(), reading.warnings_total), (100, 5_000));
}

#[test]
fn bombs_and_giants_stop_early() {
    let big = distrokid(&vec![GOOD; 600_000], "\n");
    let packed = zip(&[("a.tsv", &big)]);
    assert!(packed.len() * 100 < big.len());
    let limits = Limits { max_ratio: 50, ..Limits::default() };
    let refused = inspect(Source::Bytes(&packed), None, &limits).unwrap_err();
    assert_eq!(refused.code, "zip_bomb");
    let limits = Limits { max_bytes: 1 << 20, ..Limits::default() };
    let refused = inspect(Source::Bytes(&big), None, &limits).unwrap_err();
    assert_eq!(refused.code, "too_large");
    assert_eq!(kernel::Error::from(refused).kind, kernel::Kind::TooLarge);
    let limits = Limits { max_cells: 3, ..Limits::default() };
    let rows: Vec<String> = (0..9).map(|n| GOOD.replace("Rain", &format!("T{n}"))).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let refused = inspect(Source::Bytes(&distrokid(&rows, "\n")), None, &limits).unwrap_err();
    assert_eq!(refused.code, "too_many_values");
    let line = "x".repeat(3 << 20);
    let bytes = distrokid(&[GOOD, &line], "\n");
    assert_eq!(self::refused(&bytes).code, "damaged_file");
}

/// An archive of `n` empty members, made by hand: a writer would take minutes.
fn names(n: u32) -> Vec<u8> {
    let u16s = |values: &[u16]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let u32s = |values: &[u32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let local = [u32s(&[0x0403_4b50]), u16s(&[20, 0, 0, 0, 0]), u32s(&[0, 0, 0]), u16s(&[7, 0])];
    let mut file = local.concat();
    file.extend(b"0000000");
    let start = u32::try_from(file.len()).unwrap();
    for name in 0..n {
        file.extend(u32s(&[0x0201_4b50]));
        file.extend(u16s(&[20, 20, 0, 0, 0, 0]));
        file.extend(u32s(&[0, 0, 0]));
        file.extend(u16s(&[7, 0, 0, 0, 0]));
        file.extend(u32s(&[0, 0]));
        file.extend(format!("{name:07x}").bytes());
    }
    let (size, n) = (u64::try_from(file.len()).unwrap() - u64::from(start), u64::from(n));
    let end = u32::try_from(file.len()).unwrap();
    file.extend(u32s(&[0x0606_4b50, 44, 0]));
    file.extend(u16s(&[45, 45]));
    file.extend(u32s(&[0, 0]));
    file.extend([n, n, size, u64::from(start)].iter().flat_map(|v| v.to_le_bytes()));
    file.extend(u32s(&[0x0706_4b50, 0, end, 0, 1]));
    file.extend(u32s(&[0x0605_4b50]));
    file.extend(u16s(&[0, 0, u16::MAX, u16::MAX]));
    file.extend(u32s(&[u32::MAX, u32::MAX]));
    file.extend(u16s(&[0]));
    file
}

#[test]
fn a_list_of_names_is_refused_before_it_is_kept() {
    let many = refused(&names(600_000));
    assert_eq!(many.code, "too_large", "{many}");
    assert!(many.message.contains("list of files"), "{many}");
    assert!(refused(&names(300)).message.contains("300 files"), "a list of its size is read");
}

#[test]
fn two_files_of_one_name_are_not_one() {
    let rows = distrokid(&[GOOD], "\n");
    let mut packed = zip(&[("a.tsv", &rows), ("b.tsv", &distrokid(&[GOOD, GOOD], "\n"))]);
    for at in 0..packed.len() - 5 {
        if packed[at..].starts_with(b"b.tsv") {
            packed[at] = b'a';
        }
    }
    let refused = refused(&packed);
    assert_eq!(refused.code, "archive_contents", "{refused}");
    assert!(refused.message.contains("one name"), "{refused}");
}

#[test]
fn what_a_workbook_keeps_in_memory_has_a_bound() {
    let text: Vec<u8> =
        (0..2 << 20).map(|n: u32| b'a' + (n.wrapping_mul(31) >> 3) as u8 % 20).collect();
    let limits = Limits { max_texts_bytes: 1 << 20, ..Limits::default() };
    let sheet =
        [b"<sheetData><row><c><v>".as_slice(), &text, b"</v></c></row></sheetData>"].concat();
    for (name, part, code, says) in [
        ("xl/sharedStrings.xml", &text, "too_large", "texts"),
        ("xl/worksheets/sheet1.xml", &sheet, "damaged_file", "cell"),
    ] {
        let packed = zip(&[("xl/workbook.xml", b"<workbook/>"), (name, part)]);
        let refused = inspect(Source::Bytes(&packed), None, &limits).unwrap_err();
        assert_eq!(refused.code, code, "{refused}");
        assert!(refused.message.contains(says), "{refused}");
    }
}

#[test]
fn an_archive_without_tables_is_refused() {
    let refused = refused(&zip(&[("a.txt", b"x"), ("b.txt", b"Dear house,\nbest\n")]));
    assert_eq!(refused.code, "archive_contents");
    assert!(refused.message.contains("a.txt, b.txt"), "{refused}");
}

#[test]
fn stray_quotes_do_not_swallow_rows() {
    let rows = [
        "2024-05-14\t2024-03\tSpotify\tMira\t\"Rain\tX\t1\t10\t100%\tSong\tSE\t0\t0.5",
        "2024-05-14\t2024-03\tSpotify\tMira\tSnow\"\tX\t1\t10\t100%\tSong\tSE\t0\t0.5",
        "2024-05-14\t2024-03\tSpotify\tMira\t\"A\" and \"B\"\tX\t1\t10\t100%\tSong\tSE\t0\t0.5",
    ];
    let reading = ready(&distrokid(&rows, "\r\n"));
    assert_eq!((reading.rows, reading.unreadable), (3, 0), "{:?}", reading.warnings);
    let titles: Vec<&str> = reading.aggregates.works.iter().map(|w| w.title.as_str()).collect();
    assert_eq!(titles, ["\"Rain", "Snow\"", "\"A\" and \"B\""]);
    // In comma-separated files a quoted line break is part of the field.
    let text = "date,title,net\n2024-01-01,\"two\nlines\",1.5\n2024-01-02,x,bad\n";
    let good = text.replace("bad", "2");
    let mut mapping = unmapped(good.as_bytes()).layout.suggested;
    mapping.currency = Some("EUR".parse().unwrap());
    let reading = mapped(text.as_bytes(), &mapping);
    assert_eq!(reading.aggregates.works[0].title, "two lines");
    assert_eq!(reading.warnings[0].line, 4, "physical lines are counted");
}
