use std::io::Write;

use super::*;
use crate::statements::reader::{DateOrder, Decimal};

const LABEL: &str = "date,distributor,Track Name,Quantity,Net,Customer,Country,Medium\n\
    2024-01-01,dist,Rain,3,0.004524440000000000,Spotify,Sweden,digital\n\
    2024-02-01,dist,Rain,1,0E-18,YouTube,Atlantis,digital\n\
    2024-02-09,shop,,1,-0.500000000000000000,,NL,digital\n";

#[test]
fn an_unknown_layout_suggests_its_mapping() {
    let needs = unmapped(LABEL.as_bytes());
    let guess = &needs.layout.suggested;
    assert_eq!(guess.month, "date");
    assert_eq!(guess.amount, "Net");
    assert_eq!(guess.title.as_deref(), Some("Track Name"));
    assert_eq!(guess.store.as_deref(), Some("Customer"));
    assert_eq!(guess.country.as_deref(), Some("Country"));
    assert_eq!(guess.units.as_deref(), Some("Quantity"));
    assert_eq!(guess.currency, None);
    assert_eq!(needs.layout.header.len(), 8);
    assert_eq!(needs.layout.sample.len(), 3);
    let same = unmapped(LABEL.replace("2024-01-01", "2023-05-05").as_bytes());
    assert_eq!(needs.layout.hash, same.layout.hash, "the rows do not change the layout");
    let other = unmapped(LABEL.replace("Medium", "Channel").as_bytes());
    assert_ne!(needs.layout.hash, other.layout.hash);
}

#[test]
fn a_confirmed_mapping_reads_it() {
    let mut mapping = unmapped(LABEL.as_bytes()).layout.suggested;
    let needs = match run(LABEL.as_bytes(), Some(&mapping)).unwrap() {
        Outcome::NeedsMapping(needs) => needs,
        Outcome::Ready(_) => panic!("the currency is still missing"),
    };
    assert!(needs.reading.is_some());
    mapping.currency = Some("USD".parse().unwrap());
    let reading = mapped(LABEL.as_bytes(), &mapping);
    assert_eq!((reading.format, reading.rows), ("mapped_csv", 3));
    assert_eq!(reading.total.to_string(), "-0.49547556");
    let unknown = reading.warnings.iter().find(|w| w.code == "unknown_country").unwrap();
    assert_eq!((unknown.line, unknown.column.as_str()), (3, "Country"));
}

#[test]
fn semicolons_commas_and_european_dates() {
    let text = "Rapport\n\n\"Datum\";\"Titel\";\"Belopp (SEK)\";\"Antal\"\n\
                28.02.2024;\"Sn\u{f6}; is\";\"1.234,56\";1.000\n\
                01.03.2024;Regn;-0,5;2\n";
    let needs = unmapped(text.as_bytes());
    let guess = needs.layout.suggested;
    assert_eq!((guess.decimal, guess.date_order), (Some(Decimal::Comma), Some(DateOrder::Dmy)));
    assert_eq!(guess.currency.unwrap().code(), "SEK");
    assert_eq!(needs.layout.line, 3);
    let reading = mapped(text.as_bytes(), &guess);
    assert_eq!(reading.total.to_string(), "1234.06");
    assert_eq!(reading.months[0].units, 1000);
    assert_eq!(reading.months[1].month.to_string(), "2024-03");
}

#[test]
fn a_mapping_that_does_not_fit_names_its_field() {
    let mut mapping = unmapped(LABEL.as_bytes()).layout.suggested;
    mapping.title = Some("Song".into());
    let refused = run(LABEL.as_bytes(), Some(&mapping)).unwrap_err();
    assert_eq!(refused.field, Some("title"));
    assert!(refused.message.contains("'Song'") && refused.message.contains("Track Name"));
    let error = kernel::Error::from(refused);
    assert_eq!((error.kind, error.code), (kernel::Kind::Invalid, "invalid_field"));
    assert_eq!(error.details.unwrap()["field"], "title");
}

#[test]
fn buyers_cannot_be_mapped() {
    let text = "date,title,net,buyer name\n2024-01-01,Rain,1.5,Bo Ek\n";
    let needs = unmapped(text.as_bytes());
    assert!(!format!("{needs:?}").contains("Bo Ek"));
    let mapping = Mapping { store: Some("buyer name".into()), ..needs.layout.suggested };
    assert_eq!(run(text.as_bytes(), Some(&mapping)).unwrap_err().field, Some("store"));
}

#[test]
fn footers_become_warnings() {
    let text = format!("{LABEL}\nTotal,,,5,-0.49\n,,,,,,,\n");
    let mut mapping = unmapped(LABEL.as_bytes()).layout.suggested;
    mapping.currency = Some("USD".parse().unwrap());
    let reading = mapped(text.as_bytes(), &mapping);
    assert_eq!((reading.rows, reading.unreadable), (3, 0), "a row of nothing is no row");
    let total = reading.warnings.iter().find(|w| w.code == "total_rows").unwrap();
    assert!(total.message.starts_with("1 rows are sums of other rows"), "{}", total.message);
    let text = format!("{LABEL}\nWith kind regards\n");
    let reading = mapped(text.as_bytes(), &mapping);
    assert_eq!((reading.rows, reading.unreadable), (3, 0), "words are no row");
    assert!(reading.warnings.iter().any(|w| (w.line, w.code.as_str()) == (6, "footer")));
    assert!(reading.confirmations.is_empty());
    let text = format!("{LABEL}\nPaid out by us,,,5,-0.49\n");
    let reading = mapped(text.as_bytes(), &mapping);
    let bad = reading.warnings.iter().find(|w| w.line == 6).unwrap();
    assert_eq!(bad.code, "too_few_fields");
    assert_eq!(reading.confirmations[0].code, "rows_left_out");
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    super::tables::workbook(&[("S", rows)])
}

#[test]
fn a_spreadsheet_reads_like_a_table() {
    let bytes = workbook(&[
        &["Statement of Mira"],
        &["Month", "Track", "Royalty (EUR)", "UPC", "Note"],
        &["2024-01", "Rain", "0.1", "735001000001", ""],
        &["2024-02", "Rain", "6.5720039999999997", "7,35E+11", "x"],
        &["2024-02", "Snow", "many", "1", ""],
    ]);
    let needs = unmapped(&bytes);
    assert_eq!(needs.layout.line, 2);
    let reading = mapped(&bytes, &needs.layout.suggested);
    assert_eq!((reading.format, reading.encoding), ("mapped_xlsx", "xlsx"));
    assert_eq!(reading.total.to_string(), "6.672004", "shortest decimal of the stored double");
    assert_eq!((reading.rows, reading.unreadable), (3, 1));
    let lines: Vec<(u32, &str)> =
        reading.warnings.iter().map(|w| (w.line, w.code.as_str())).collect();
    assert_eq!(lines, [(4, "damaged_id"), (5, "bad_amount")]);
    // Packed once more, as mail programs like to do.
    let packed = super::bad_input::zip(&[("folder/report.xlsx", &bytes), ("__MACOSX/._x", b"x")]);
    assert_eq!(mapped(&packed, &needs.layout.suggested).total, reading.total);
}

#[test]
fn gz_and_zip_read_like_the_file() {
    let plain = distrokid(
        &["2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t0.5"],
        "\r\n",
    );
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&plain).unwrap();
    let gz = gz.finish().unwrap();
    let zip = super::bad_input::zip(&[("a.tsv", &plain)]);
    for bytes in [plain, gz, zip] {
        assert_eq!(ready(&bytes).total.to_string(), "0.5");
    }
}

#[test]
fn a_file_is_read_as_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("any name.xyz");
    let row = "2024-05-14\t2024-03\tSpotify\tMira\tRain\tX\t1\t10\t100%\tSong\tSE\t0\t0.5";
    std::fs::write(&path, distrokid(&vec![row; 20_000], "\n")).unwrap();
    let mut heard = 0;
    let outcome = crate::statements::reader::inspect_with(
        Source::File(&path),
        None,
        &Limits::default(),
        &mut |bytes| heard = bytes,
    );
    let Ok(Outcome::Ready(reading)) = outcome else { panic!("not ready") };
    assert_eq!(reading.total.to_string(), "10000");
    assert_eq!(heard, std::fs::metadata(&path).unwrap().len());
}
