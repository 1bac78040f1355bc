use super::*;
use crate::statements::reader::Country;

const ROWS: [&str; 4] = [
    "2024-05-14\t2024-03\tSpotify\tMira\tRain\tSEABC2400001\t735000000001\t10\t100%\tSong\tSE\t\
        0\t0.031234567891",
    "2024-05-14\t2024-03\tSpotify\tMira\tRain\tSEABC2400001\t735000000001\t10\t100%\tSong\tSE\t\
        0\t0.031234567891",
    "2024-05-14\t2024-04\tDeezer\tMira\tSnow \"Live\"\t\t735000000001\t-2\t100%\tSong\tUS\t0\t\
        -0.01",
    "2024-05-14\t2024-04\tDeezer\tMira\t\"Heroes\"\tSEABC2400002\t735000000001\t3\t50%\tSong\t\t\
        0\t1",
];

#[test]
fn distrokid_tsv_counts_duplicates_and_corrections() {
    for end in ["\r\n", "\n", "\r"] {
        let reading = ready(&distrokid(&ROWS, end));
        assert_eq!(reading.format, "distrokid_tsv");
        assert_eq!((reading.rows, reading.unreadable), (4, 0), "{end:?}");
        assert_eq!(reading.total.to_string(), "1.052469135782");
        assert_eq!(reading.column_total, reading.total);
        assert_eq!(reading.currency.unwrap().code(), "USD");
        assert_eq!(reading.works_count, 3);
        assert_eq!(reading.countries_count, 2);
        let titles: Vec<&str> = reading.aggregates.works.iter().map(|w| w.title.as_str()).collect();
        assert_eq!(titles, ["Rain", "Snow \"Live\"", "Heroes"]);
        let cell = &reading.aggregates.cells[0];
        assert_eq!((cell.rows, cell.units, cell.first_line), (2, 20, 2));
        assert_eq!(cell.country.as_str(), "SE");
        assert_eq!(cell.month().to_string(), "2024-03");
        let complete: Vec<bool> = reading.months.iter().map(|m| m.complete).collect();
        assert_eq!(complete, [true, false], "the newest month is incomplete");
        assert_eq!(reading.stores[0].name, "Deezer");
        assert_eq!(reading.warnings_total, 0, "{:?}", reading.warnings);
    }
}

#[test]
fn distrokid_csv_with_either_name_of_the_fifteen_columns() {
    for kind in ["Source Type", "Song/Album"] {
        let text = format!(
            "Date Inserted,Reporting Date,Sale Month,Store,Artist,Title,ISRC,UPC,Quantity,\
             Team Percentage,{kind},Country of Sale,Songwriter Royalties Withheld (USD),\
             Recoup (USD),Earnings (USD)\n\
             2024-05-15,2024-05-14,2024-03,\"Apple, Music\",Mira,\"Rain, \"\"slow\"\"\",X,1,7,\
             100%,Song,SE,0,0,0.5\n"
        );
        let reading = ready(text.as_bytes());
        assert_eq!(reading.format, "distrokid_csv");
        assert_eq!(reading.aggregates.works[0].title, "Rain, \"slow\"");
        assert_eq!(reading.stores[0].name, "Apple, Music");
        assert_eq!(reading.total.to_string(), "0.5");
    }
}

#[test]
fn the_currency_in_the_header_counts() {
    let text = String::from_utf8(distrokid(&ROWS, "\n")).unwrap().replace("(USD)", "(EUR)");
    assert_eq!(ready(text.as_bytes()).currency.unwrap().code(), "EUR");
}

#[test]
fn iso_8859_1_is_understood_and_said() {
    let text = String::from_utf8(distrokid(&ROWS, "\n")).unwrap().replace("Rain", "Ängsö");
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    let reading = ready(&bytes);
    assert_eq!(reading.encoding, "windows-1252");
    assert_eq!(reading.aggregates.works[0].title, "Ängsö");
    assert!(reading.warnings.iter().any(|w| w.code == "not_utf8"));
    // The same as UTF-8, with and without its mark, and as UTF-16.
    let marked = format!("\u{feff}{text}");
    for bytes in [text.clone().into_bytes(), marked.into_bytes(), utf16(&text)] {
        assert_eq!(ready(&bytes).aggregates.works[0].title, "Ängsö");
    }
}

#[test]
fn tunecore_with_and_without_the_three_columns() {
    for (more, tail, country) in [
        ("", "", "Country Of Sale"),
        (",Commission,Youtube Video ID,Youtube Policy Type", ",0,,", "Country of Sale"),
    ] {
        let text = format!(
            "Sales Period,Posted Date,Store Name,{country},Artist,Release Type,Release Title,\
             Song Title,Label,UPC,Optional UPC,TC Song ID,Optional ISRC,Sales Type,# Units Sold,\
             Per Unit Price,Net Sales,Net Sales Currency,Exchange Rate,Total Earned,\
                 Currency{more}\n\
             2024-01-01,2024-03-20,Spotify,GB,Mira,Single,Rain,Rain,Own,1,,2,SEABC2400001,Stream,\
             1000,0.003,2.4,GBP,1.25,3.0,USD{tail}\n"
        );
        let reading = ready(text.as_bytes());
        assert_eq!(reading.format, "tunecore");
        assert_eq!(reading.total.to_string(), "3");
        assert_eq!(reading.currency.unwrap().code(), "USD");
        assert_eq!(reading.months[0].month.to_string(), "2024-01");
        assert_eq!(reading.months[0].units, 1000);
    }
}

#[test]
fn cd_baby_dates_are_american_and_isrcs_become_upper_case() {
    let text = "Report Date\tSales Date\tQuantity\tPrice\tSubtotal\tIsrc\tBarcode\tCDBabySku\t\
                Album Name\tArtist Name\tTrack Name\tPartner Name\tTransaction Type\t\
                Delivery Country\r\n\
                12/20/2023 12:00:00 AM\t10/05/2023 12:00:00 AM\t2\t0.01\t0.02\tseabc2400001\t1\t\
                77\tAlbum\tMira\tRain\tSpotify\tStream\tGermany\r\n";
    let reading = ready(text.as_bytes());
    assert_eq!(reading.format, "cdbaby");
    assert_eq!(reading.months[0].month.to_string(), "2023-10");
    assert_eq!(reading.aggregates.works[0].isrc, "SEABC2400001");
    assert_eq!(reading.aggregates.cells[0].country.as_str(), "DE");
}

#[test]
fn orchard_in_europe_has_commas_and_damaged_numbers() {
    let text = "Period;Activity Period;DMS;Territory;Orchard UPC;Manufacturer's UPC;\
                Label Catalog #;Imprint Label;Artist Name;Release Name;Track Name;ISRC;Volume;\
                Track #;Quantity;Trans Type;Label Share Net Receipts;Preferred Currency\r\n\
                2023M10;2023M9;YouTube;Spain;7,35001E+11;;C1;Own;Mira;Rain;;SEABC2400001;1;1;6;\
                AV;0,020354;EUR\r\n\
                2023M10;2023M8;YouTube;USA;735001000001;;C1;Own;Mira;Rain;Rain;5,1E+10;1;1;6;\
                AV;1;EUR";
    let reading = ready(text.as_bytes());
    assert_eq!(reading.format, "orchard_18");
    assert_eq!(reading.total.to_string(), "1.020354");
    assert_eq!(reading.rows, 2, "the last line has no end and counts");
    let damaged: Vec<(u32, &str)> = reading
        .warnings
        .iter()
        .filter(|w| w.code == "damaged_id")
        .map(|w| (w.line, w.column.as_str()))
        .collect();
    assert_eq!(damaged, [(2, "Orchard UPC"), (3, "ISRC")]);
    assert_eq!(reading.aggregates.works[1].isrc, "", "a damaged ISRC names no recording");
    assert_eq!(reading.aggregates.works[0].title, "Rain", "the release stands in");
}

#[test]
fn symphonic_voids_take_back() {
    let text = "Reporting Period,Label,Release Name,Release Version,Release Artists,UPC Code,\
                Catalogue,Track Title,Mix Version,ISRC Code,Track Artists,\
                Digital Service Provider,Activity Period,Territory,Delivery,Content Type,\
                Sale or Void,Count,Royalty ($US)\n\
                JUN-25,Own,Rain,,Mira,1,C,Rain,,SEABC2400001,Mira,Spotify,December 2024,SWE,\
                Streaming,Single,Sale,5,0.5\n\
                JUN-25,Own,Rain,,Mira,1,C,Rain,,SEABC2400001,Mira,Spotify,May 2025,N/A,\
                Streaming,Single,Void,0,-0.2\n";
    let reading = ready(text.as_bytes());
    assert_eq!(reading.total.to_string(), "0.3");
    assert_eq!(reading.months[0].month.to_string(), "2024-12");
    assert_eq!(reading.countries_count, 1);
}

#[test]
fn beatport_asks_for_the_currency_and_nothing_else() {
    let text = "PRODUCT_UPC,TRACK_ISRC_CODE,RELEASE,TRACK_TITLE,TERRITORY,TRANSACTION_DATE,\
                TRACK_COUNT,NET_TOTAL,SALE_TYPE\n\
                1,SEABC2400001,Rain,Rain,SWE,2024-02-28,1,0.46,Sale\n\
                1,SEABC2400001,Rain,Rain,SWE,2024-02-28,1,-0.46,Void\n";
    let needs = unmapped(text.as_bytes());
    let seen = needs.reading.as_ref().expect("rows are known without a currency");
    assert_eq!((seen.rows, seen.total.to_string().as_str()), (2, "0"));
    let mut mapping = needs.layout.suggested;
    assert_eq!((mapping.amount.as_str(), mapping.currency), ("NET_TOTAL", None));
    mapping.currency = Some("EUR".parse().unwrap());
    let reading = mapped(text.as_bytes(), &mapping);
    assert_eq!(reading.format, "beatport");
    assert_eq!(reading.currency.unwrap().code(), "EUR");
}

const BANDCAMP: &str = "date,paid to,item type,item name,artist,currency,quantity,sub total,\
    transaction fee,bandcamp transaction id,assessed revenue share,net amount,upc,isrc,\
    buyer name,buyer email,ship to street,country,country code";

#[test]
fn bandcamp_takes_refunds_back_and_leaves_payouts_out() {
    let text = format!(
        "{BANDCAMP}\n\
         1/2/24 11:47am,me,album,Rain,Mira,USD,2,34,5.55,1,3.4,25.05,,,Bo Ek,bo@example.org,\
             Gata 1,Sweden,SE\n\
         1/3/24 6:02pm,me,payout,,,USD,,,1.21,2,,,,,,,,,\n\
         2/2/24 11:47am,me,reversal,Rain,Mira,USD,-2,-34,-5.55,1,-3.4,,,,Bo Ek,bo@example.org,\
             Gata 1,Sweden,SE\n\
         2/3/24 1:00am,me,package,Rain,Mira,USD,1,10,0.92,3,n/a,,,,Bo Ek,bo@example.org,Gata 1,\
             Sweden,SE\n\
         2/4/24 1:00am,me,refund,Rain,Mira,USD,-1,-10,,3,n/a,,,,Bo Ek,bo@example.org,Gata 1,\
             Sweden,SE\n\
         3/4/24 1:00am,me,album,Rain,Mira,USD,1,12,1,4,1,10,,,Bo Ek,bo@example.org,Gata 1,\
             Sweden,SE\n"
    );
    let reading = ready(&utf16(&text));
    assert_eq!((reading.format, reading.encoding), ("bandcamp_raw", "utf-16le"));
    assert_eq!(reading.rows, 6, "payouts are data rows");
    assert_eq!(reading.column_total.to_string(), "35.05");
    assert_eq!(reading.total.to_string(), "10", "the reversed sale is gone");
    let codes: Vec<&str> = reading.warnings.iter().map(|w| w.code.as_str()).collect();
    assert_eq!(codes, ["refund_without_net", "no_net_amount", "no_net_amount", "payout_rows"]);
    assert!(reading.warnings[0].message.contains("-25.05"), "{:?}", reading.warnings[0]);
    assert_eq!(reading.stores[0].name, "Bandcamp");
    let everything = format!("{reading:?}");
    for secret in ["Bo Ek", "bo@example.org", "Gata 1", "buyer", "ship to"] {
        assert!(!everything.contains(secret), "{secret} was kept");
    }
}

#[test]
fn countries_are_known_by_name_and_code() {
    for (text, code) in [
        ("Sweden", "SE"),
        ("SWE", "SE"),
        ("se", "SE"),
        ("USA", "US"),
        ("Côte d'Ivoire", "CI"),
        ("Bosnia & Herzegovina", "BA"),
        ("Guinea- Bissau", "GW"),
        ("NA", "NA"),
        ("N/A", ""),
        ("Unknown", ""),
        ("ZZ", ""),
        ("", ""),
        ("Korea", "KR"),
        ("Viet Nam", "VN"),
    ] {
        assert_eq!(Country::parse(text).unwrap().as_str(), code, "{text}");
    }
    assert!(Country::parse("Atlantis").is_none());
}
