//! Workbooks with several sheets and archives with several files.

use super::*;

const OPEN_XML: &str = "http://schemas.openxmlformats.org";

/// One of the little files that say where the parts of a workbook are.
fn relations(parts: &[(&str, String)]) -> String {
    let office = format!("{OPEN_XML}/officeDocument/2006/relationships");
    let list: String = parts
        .iter()
        .enumerate()
        .map(|(at, (kind, target))| {
            let id = at + 1;
            format!("<Relationship Id=\"rId{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
        })
        .collect();
    format!("<Relationships xmlns=\"{OPEN_XML}/package/2006/relationships\">{list}</Relationships>")
}

fn sheet_xml(rows: &[&[&str]]) -> String {
    let mut sheet = format!("<worksheet xmlns=\"{OPEN_XML}/spreadsheetml/2006/main\"><sheetData>");
    for (r, row) in rows.iter().enumerate() {
        sheet.push_str(&format!("<row r=\"{}\">", r + 1));
        for (c, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
            let column = match c / 26 {
                0 => letter(c).to_string(),
                n => format!("{}{}", letter(n - 1), letter(c)),
            };
            let place = format!("{column}{}", r + 1);
            sheet.push_str(&match (cell.strip_prefix("date:"), cell.parse::<f64>()) {
                (Some(days), _) => format!("<c r=\"{place}\" s=\"1\"><v>{days}</v></c>"),
                (None, Ok(_)) => format!("<c r=\"{place}\"><v>{cell}</v></c>"),
                (None, Err(_)) => {
                    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>")
                }
            });
        }
        sheet.push_str("</row>");
    }
    sheet + "</sheetData></worksheet>"
}

/// A workbook with inline texts: the smallest there is. A cell `date:45292` has the format of
/// a date.
pub(super) fn workbook(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let types = format!(
        "<Types xmlns=\"{OPEN_XML}/package/2006/content-types\"><Default Extension=\"xml\" \
         ContentType=\"application/xml\"/></Types>"
    );
    let list: String = sheets
        .iter()
        .enumerate()
        .map(|(at, (name, _))| {
            let id = at + 1;
            format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>")
        })
        .collect();
    let book = format!(
        "<workbook xmlns=\"{OPEN_XML}/spreadsheetml/2006/main\" \
         xmlns:r=\"{OPEN_XML}/officeDocument/2006/relationships\">\
         <sheets>{list}</sheets></workbook>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{OPEN_XML}/spreadsheetml/2006/main\"><cellXfs count=\"2\">\
         <xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let mut parts: Vec<(&str, String)> =
        (1..=sheets.len()).map(|n| ("worksheet", format!("worksheets/sheet{n}.xml"))).collect();
    parts.push(("styles", "styles.xml".to_owned()));
    let top = relations(&[("officeDocument", "xl/workbook.xml".to_owned())]);
    let mut files: Vec<(String, String)> = vec![
        ("[Content_Types].xml".into(), types),
        ("_rels/.rels".into(), top),
        ("xl/workbook.xml".into(), book),
        ("xl/_rels/workbook.xml.rels".into(), relations(&parts)),
        ("xl/styles.xml".into(), styles),
    ];
    for (at, (_, rows)) in sheets.iter().enumerate() {
        files.push((format!("xl/worksheets/sheet{}.xml", at + 1), sheet_xml(rows)));
    }
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    super::bad_input::zip(&files)
}

const HEAD: &[&str] = &["Month", "Track", "Royalty (EUR)"];

fn read(bytes: &[u8]) -> Reading {
    let needs = unmapped(bytes);
    mapped(bytes, &needs.layout.suggested)
}

#[test]
fn every_sheet_of_one_layout_is_read() {
    let bytes = workbook(&[
        ("Cover", &[&["Statement of Mira"], &["Best wishes"]]),
        ("H1", &[&["Statement"], HEAD, &["2024-01", "Rain", "1.5"], &["2024-02", "Rain", "2"]]),
        ("Empty", &[]),
        ("H2", &[HEAD, &["2024-07", "Rain", "4"], &["soon", "Rain", "8"]]),
    ]);
    let reading = read(&bytes);
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("7.5", 4));
    assert_eq!(reading.tables, ["sheet 'H1'", "sheet 'H2'"]);
    assert_eq!(reading.tables_left_out, ["sheet 'Cover'"]);
    let named = reading.warnings.iter().find(|w| w.code == "tables_left_out").unwrap();
    assert!(named.message.contains("'Cover'"), "{}", named.message);
    let bad = reading.warnings.iter().find(|w| w.code == "bad_month").unwrap();
    assert!(bad.message.starts_with("sheet 'H2': "), "{}", bad.message);
    // A cover is nothing to say yes to; the bad row is.
    let codes: Vec<_> = reading.confirmations.iter().map(|c| c.code.as_str()).collect();
    assert_eq!(codes, ["rows_left_out"]);
}

#[test]
fn a_sheet_of_another_layout_needs_a_yes() {
    let bytes = workbook(&[
        ("Streams", &[HEAD, &["2024-01", "Rain", "1.5"], &["2024-02", "Rain", "2"]]),
        (
            "Sync",
            &[
                &["Date", "Film", "Net fee (EUR)", "Net income (EUR)"],
                &["2024-01-02", "F", "1.5", "20.5"],
            ],
        ),
    ]);
    let reading = read(&bytes);
    assert_eq!(reading.total.to_string(), "3.5");
    let yes = &reading.confirmations[0];
    assert_eq!(yes.code, "tables_left_out");
    assert!(yes.message.contains("'Sync'"), "{}", yes.message);
}

#[test]
fn a_sheet_that_repeats_others_needs_a_yes() {
    let (a, b) = (["2024-01", "Rain", "1.5"], ["2024-02", "Rain", "2"]);
    let parts =
        workbook(&[("January", &[HEAD, &a]), ("February", &[HEAD, &b]), ("All", &[HEAD, &a, &b])]);
    let copies = workbook(&[("A", &[HEAD, &a, &b]), ("A (2)", &[HEAD, &a, &b])]);
    for (bytes, says) in [(parts, "'All' adds up the others"), (copies, "'A (2)' repeats")] {
        let reading = read(&bytes);
        let yes = reading.confirmations.iter().find(|c| c.code == "tables_repeat").unwrap();
        assert!(yes.message.contains(says), "{}", yes.message);
    }
    // The same sum in other months is another sum.
    let reading =
        read(&workbook(&[("A", &[HEAD, &a]), ("B", &[HEAD, &["2024-02", "Rain", "1.5"]])]));
    assert!(reading.confirmations.is_empty(), "{:?}", reading.confirmations);
}

#[test]
fn dates_of_a_sheet_as_numbers_and_as_dates() {
    let bytes = workbook(&[(
        "S",
        &[
            HEAD,
            &["45292", "Rain", "1.5"],
            &["date:45323", "Rain", "1.234"],
            &["45352.5", "Rain", "1250"],
        ],
    )]);
    let reading = read(&bytes);
    let months: Vec<_> =
        reading.months.iter().map(|m| format!("{} {}", m.month, m.amount)).collect();
    assert_eq!(months, ["2024-01 1.5", "2024-02 1.234", "2024-03 1250"]);
    // A number of a sheet has no sign in doubt, whatever the texts beside it look like.
    let bytes =
        workbook(&[("S", &[HEAD, &["2024-01", "Rain", "1.234"], &["2024-01", "R", "2.345"]])]);
    assert_eq!(read(&bytes).total.to_string(), "3.579");
}

#[test]
fn every_file_of_an_archive_in_one_layout_is_read() {
    let table = |rows: &str| format!("Month,Track,Royalty (EUR)\n{rows}").into_bytes();
    let (a, b) = (table("2024-01,Rain,1.5\n2024-02,Rain,2\n"), table("2024-03,Rain,4\n"));
    let book = workbook(&[("S", &[HEAD, &["2024-04", "Rain", "8"]])]);
    let other = b"Date,Film,Net income (EUR)\n2024-01-02,F,20.5\n";
    let archive = super::bad_input::zip(&[
        ("a.csv", &a),
        ("__MACOSX/._a.csv", b"x"),
        ("read me.txt", b"Dear house,\nhere you are.\n"),
        ("more/b.csv", &b),
        ("c.xlsx", &book),
        ("sync.csv", other),
        ("letter.pdf", b"%PDF-1.7 x"),
    ]);
    let needs = unmapped(&archive);
    let reading = mapped(&archive, &needs.layout.suggested);
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("15.5", 4));
    assert_eq!(reading.tables, ["a.csv", "b.csv", "c.xlsx, sheet 'S'"]);
    let mut left_out = reading.tables_left_out.clone();
    left_out.sort();
    assert_eq!(left_out, ["letter.pdf", "read me.txt", "sync.csv"]);
    let codes: Vec<_> = reading.confirmations.iter().map(|c| c.code.as_str()).collect();
    assert_eq!(codes, ["tables_left_out"]);
    // One that is damaged may be a statement: then nothing is read.
    let archive = super::bad_input::zip(&[("a.csv", &a), ("c.xlsx", b"PK\x03\x04 not really")]);
    let refused = refused(&archive);
    assert!(refused.message.starts_with("c.xlsx: "), "{refused}");
    // A known layout in two files, one of them saved again with other separators.
    let row = "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t0.5";
    let first = distrokid(&[row], "\r\n");
    let second = String::from_utf8(distrokid(&[&row.replace("0.5", "1,25")], "\n")).unwrap();
    let archive = super::bad_input::zip(&[
        ("1.tsv", &first),
        ("2.csv", second.replace('\t', ";").as_bytes()),
    ]);
    let needs = unmapped(&archive);
    assert_eq!(needs.questions[0].code, "decimal", "both signs: {:?}", needs.questions);
}

#[test]
fn one_sum_beside_its_months_needs_a_yes() {
    let months: &[&[&str]] = &[HEAD, &["2024-01", "Rain", "10.5"], &["2024-02", "Rain", "20.25"]];
    let quarter = workbook(&[("Q", &[HEAD, &["2024-Q1", "Rain", "30.75"]]), ("Months", months)]);
    let year = workbook(&[("Year", &[HEAD, &["2024", "All", "30.75"]]), ("Months", months)]);
    for bytes in [quarter, year] {
        let yes = &read(&bytes).confirmations;
        assert!(yes.iter().any(|c| c.code == "tables_repeat"), "{yes:?}");
    }
    let later = workbook(&[("H2", &[HEAD, &["2024-Q3", "Rain", "30.75"]]), ("H1", months)]);
    assert!(read(&later).confirmations.is_empty(), "other months");
    let other = workbook(&[("More", &[HEAD, &["2024-Q1", "Snow", "12.5"]]), ("Months", months)]);
    assert!(read(&other).confirmations.is_empty(), "other income");
}
