//! Tables with one column for each month: read as rows, whatever the heads look like.

use super::tables::workbook;
use super::*;

/// What the file comes to with what was suggested, and its months.
fn read(bytes: &[u8]) -> Reading {
    let needs = unmapped(bytes);
    mapped(bytes, &needs.layout.suggested)
}

fn in_euros(text: &str) -> Reading {
    let needs = unmapped(text.as_bytes());
    let currency = needs.layout.suggested.currency.or("EUR".parse().ok());
    let mapping = Mapping { currency, ..needs.layout.suggested };
    mapped(text.as_bytes(), &mapping)
}

fn months(reading: &Reading) -> String {
    let line = |m: &super::super::MonthLine| format!("{}={}", m.month, m.amount);
    reading.months.iter().map(line).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_dress_of_a_month_is_a_column_of_months() {
    for [a, b] in [
        ["2023-01", "2023-02"],
        ["Jan 2023", "Feb 2023"],
        ["Jan-23", "Feb-23"],
        ["01/2023", "02/2023"],
        ["01.2023", "02.2023"],
        ["Januar 2023", "Februar 2023"],
        ["janvier 2023", "f\u{e9}vrier 2023"],
        ["2023M01", "2023M02"],
        ["202301", "202302"],
        ["2023-01-01", "2023-02-01"],
        ["44927", "44958"],
        ["2023-01 (EUR)", "2023-02 (EUR)"],
        ["Earnings Jan 2023", "Earnings Feb 2023"],
        ["Net 2023-01", "Net 2023-02"],
        ["Net_2023_01", "Net_2023_02"],
    ] {
        let text = format!(
            "Title;Artist;{a};{b};Total\nUno;Mira;1,50;2,25;3,75\nDue;Mira;;4,00;4,00\n\
             Tre;Mira;0,10;-0,35;-0,25\n"
        );
        let reading = in_euros(&text);
        assert_eq!(months(&reading), "2023-01=1.6 2023-02=5.9", "{a}");
        assert_eq!((reading.total.to_string().as_str(), reading.rows), ("7.5", 5), "{a}");
        assert_eq!(reading.works_count, 3, "{a}");
        let said = reading.warnings.iter().find(|w| w.code == "columns_of_months");
        let said = &said.unwrap_or_else(|| panic!("{a}: {:?}", reading.warnings)).message;
        assert!(said.contains("'Total'") && said.contains("not counted"), "{said}");
        assert!(reading.confirmations.is_empty(), "{a}: {:?}", reading.confirmations);
    }
}

#[test]
fn quarters_and_years_are_spread() {
    let text = "Title,Q1 2024,Q2 2024\nUno,3.00,6.30\nDue,0.30,0.60\n";
    let reading = in_euros(text);
    assert_eq!(reading.total.to_string(), "10.2");
    assert_eq!(reading.months.len(), 6);
    assert!(reading.warnings.iter().any(|w| w.code == "spread_over_months"));
    let text = "Title,2022,2023\nUno,12.00,24.60\nDue,1.20,2.40\n";
    assert_eq!(in_euros(text).months.len(), 24);
    // The quarters between their months, and the year behind them, are sums.
    let text = "Song,2024-01,2024-02,2024-03,Q1 2024,2024-04,2024\nUno,1.5,2,3,6.5,4,10.5\n\
                Due,1,1,1,3,1,4\n";
    let reading = in_euros(text);
    assert_eq!(reading.total.to_string(), "14.5");
    assert_eq!(months(&reading), "2024-01=2.5 2024-02=3 2024-03=4 2024-04=5");
}

#[test]
fn the_year_may_stand_above() {
    let rows = "Uno,Mira,1.50,2.25,3.75\nDue,Mira,0.50,4.00,4.50\n";
    for above in [
        "Royalty statement 2023,,,,\n",
        "Statement\nYear: 2023,,,,\n\n",
        ",,2023,,\n",
        ",,2023,2023,2023\n",
        "Period,01.01.2023 - 31.12.2023,,,\n",
    ] {
        let text = format!("{above}Title,Artist,Jan,Feb,Total\n{rows}");
        assert_eq!(months(&in_euros(&text)), "2023-01=2 2023-02=6.25", "{above}");
    }
    // Two years above their months.
    let text = ",,2022,,2023,\nTitle,Artist,Nov,Dec,Jan,Feb\nUno,M,1.5,2,3,4\n";
    assert_eq!(months(&in_euros(text)), "2022-11=1.5 2022-12=2 2023-01=3 2023-02=4");
    // Only the first of them has it.
    let text = "Title,Artist,Nov 2022,Dec,Jan,Feb\nUno,M,1.5,2,3,4\n";
    assert_eq!(months(&in_euros(text)), "2022-11=1.5 2022-12=2 2023-01=3 2023-02=4");
}

#[test]
fn a_year_that_is_nowhere_is_asked() {
    for above in ["", "Printed on 15.01.2024,,,,\n", "Statements 2022 and 2023,,,,\n"] {
        let text = format!("{above}Title,Artist,Jan,Feb,Total EUR\nUno,Mira,1.50,2.25,3.75\n");
        let needs = unmapped(text.as_bytes());
        let asked = question(&needs, "period");
        assert_eq!(asked.field, "period");
        assert!(asked.message.contains("'Jan'"), "{}", asked.message);
        let names = ["Title", "Artist", "Month", "Amount (EUR)"];
        assert_eq!(needs.layout.header, names, "the columns are shown");
        let period = serde_json::from_str(r#"{"from":"2022-11","to":"2023-10"}"#).unwrap();
        let currency = "EUR".parse().ok();
        let mapping = Mapping { period: Some(period), currency, ..needs.layout.suggested };
        let reading = mapped(text.as_bytes(), &mapping);
        assert_eq!(months(&reading), "2023-01=1.5 2023-02=2.25");
        // A period that has them twice, or not at all, does not tell.
        for bad in [r#"{"from":"2022-01","to":"2023-12"}"#, r#"{"from":"2022-01","to":"2022-01"}"#]
        {
            let period = serde_json::from_str(bad).ok();
            let refused = run(text.as_bytes(), Some(&Mapping { period, ..mapping.clone() }));
            assert_eq!(refused.unwrap_err().field, Some("period"), "{bad}");
        }
    }
}

#[test]
fn a_workbook_has_them_as_dates_or_numbers() {
    let book = workbook(&[(
        "Sheet1",
        &[
            &["Royalties", "", "", "", ""],
            &["Title", "Artist", "date:44927", "date:44958", "Total"],
            &["Uno", "Mira", "1.5", "2.25", "3.75"],
            &["Due", "Mira", "", "0.1", "0.1"],
            &["Total", "", "1.5", "2.35", "3.85"],
        ],
    )]);
    let needs = unmapped(&book);
    let mapping = Mapping { currency: "SEK".parse().ok(), ..needs.layout.suggested };
    let reading = mapped(&book, &mapping);
    assert_eq!(months(&reading), "2023-01=1.5 2023-02=2.35");
    assert!(reading.warnings.iter().any(|w| w.code == "total_rows"), "{:?}", reading.warnings);
    // A sheet for each year.
    let year: &[&[&str]] = &[&["Title", "Jan", "Feb"], &["Uno", "1.5", "2.25"]];
    let book = workbook(&[("2022", year), ("Year 2023", year)]);
    let needs = unmapped(&book);
    let mapping = Mapping { currency: "SEK".parse().ok(), ..needs.layout.suggested };
    let reading = mapped(&book, &mapping);
    assert_eq!(months(&reading), "2022-01=1.5 2022-02=2.25 2023-01=1.5 2023-02=2.25");
}

#[test]
fn several_columns_for_each_month_are_told_apart() {
    let text = "Title,Streams 2023-01,Revenue 2023-01 (EUR),Streams 2023-02,Revenue 2023-02 (EUR)\n\
                Uno,100,1.50,200,2.25\nDue,10,0.10,0,0\n";
    let reading = read(text.as_bytes());
    assert_eq!(months(&reading), "2023-01=1.6 2023-02=2.25");
    assert_eq!(reading.months[0].units, 110);
    // The months above, over both of their columns.
    let text = ",Jan 2023,,Feb 2023,\nTitle,Streams,Net (EUR),Streams,Net (EUR)\n\
                Uno,100,1.50,200,2.25\nDue,10,0.10,0,0\n";
    let reading = read(text.as_bytes());
    assert_eq!(months(&reading), "2023-01=1.6 2023-02=2.25");
    assert_eq!(reading.months[0].units, 110);
    // Gross beside net: net.
    let text = "Title,Gross 2023-01,Net 2023-01,Gross 2023-02,Net 2023-02\nUno,2.5,1.5,4,3.25\n";
    assert_eq!(months(&in_euros(text)), "2023-01=1.5 2023-02=3.25");
}

#[test]
fn a_total_that_the_months_do_not_make_needs_a_yes() {
    let text = "Title;2023-01;2023-02;Total\nUno;1,50;2,25;3,75\nDue;1,00;4,00;9,00\n";
    let reading = in_euros(text);
    assert_eq!(reading.total.to_string(), "8.75");
    let asked = reading.confirmations.iter().find(|c| c.code == "columns_left_out").unwrap();
    assert!(asked.message.contains("line 3") && asked.message.contains("'Total'"), "{asked:?}");
    // Other money beside the months is not counted, and that is said.
    let text = "Title;Bonus;2023-01;2023-02\nUno;7,50;1,50;2,25\nDue;2,00;1,00;4,00\n";
    let reading = in_euros(text);
    assert_eq!(reading.total.to_string(), "8.75");
    let asked = reading.confirmations.iter().find(|c| c.code == "columns_left_out").unwrap();
    assert!(asked.message.contains("'Bonus'"), "{asked:?}");
    assert_eq!(asked.amount.unwrap().to_string(), "9.5");
}

#[test]
fn other_columns_of_a_wide_table_stay() {
    let text = "ISRC,Title,Store,Country,Currency,2023-01,2023-02\n\
                SEABC2300001,Uno,Spotify,SE,SEK,1.50,2.25\nSEABC2300001,Uno,Apple,DE,SEK,1,-\n";
    let reading = read(text.as_bytes());
    assert_eq!(months(&reading), "2023-01=2.5 2023-02=2.25");
    assert_eq!((reading.works_count, reading.stores.len(), reading.countries_count), (1, 2, 2));
    assert_eq!(reading.currency.unwrap().code(), "SEK");
}

#[test]
fn a_row_that_is_cut_off_or_cannot_be_read_is_said() {
    let text = "Title,2023-01,2023-02\nUno,1.50,2.25\nDue,x,1.00\nTre,1.00";
    let reading = in_euros(text);
    assert_eq!(reading.total.to_string(), "4.75");
    assert!(reading.warnings.iter().any(|w| w.code == "file_cut_off"), "{:?}", reading.warnings);
    assert!(reading.confirmations.iter().any(|c| c.code == "rows_left_out"));
}

#[test]
fn columns_of_months_are_bounded() {
    let heads: Vec<String> =
        (0..600).map(|n| format!("{}-{:02}", 1990 + n / 12, n % 12 + 1)).collect();
    let text = format!("Title,{}\nUno{}\n", heads.join(","), ",1.5".repeat(600));
    let refused = refused(text.as_bytes());
    assert!(refused.message.contains("600"), "{}", refused.message);
}

#[test]
fn an_ordinary_table_stays_one() {
    // Two columns of dates, and amounts that look like years.
    let text = "Title,From,To,Units,Net EUR\nUno,2023-01-01,2023-03-31,2023,2024.25\n\
                Due,2023-04-01,2023-06-30,2020,2021.55\n";
    assert_eq!(read(text.as_bytes()).total.to_string(), "4045.8");
    let text = "Period,Title,Royalty 2022,Royalty\n2023-01,Uno,1.00,2.00\n2023-02,Uno,3.00,4.00\n";
    let needs = unmapped(text.as_bytes());
    assert!(needs.layout.header.contains(&"Period".to_owned()), "{:?}", needs.layout.header);
}

#[test]
fn what_stands_beside_the_months_is_no_month() {
    // `Month` and `Period` are no months without a year.
    let text = "Period,Title,2023 EUR,2024 EUR\nJanuary,A,1.50,2.50\nFebruary,A,1,1\n";
    let needs = unmapped(text.as_bytes());
    assert_eq!(needs.layout.header[0], "Period");
    // Rows may end with the last month that has money; a number of the line is no money.
    let text = "#,Title,2024-01,2024-02,2024-03,Total EUR\n1,A,1.5\n2,B,1,1\n3,C,1,1,1,3\n";
    let reading = in_euros(text);
    assert_eq!((reading.total.to_string().as_str(), reading.unreadable), ("6.5", 0));
    assert!(reading.confirmations.is_empty(), "{:?}", reading.confirmations);
    let text = "2024-01,2024-02,2024-03\n1.5,2.5,3\n";
    assert_eq!(in_euros(text).total.to_string(), "7");
}

#[test]
fn a_sheet_of_streams_is_not_added_to_the_money() {
    let money: &[&[&str]] = &[&["Title", "2024-01", "2024-02"], &["A", "1.5", "2.5"]];
    let streams: &[&[&str]] = &[&["Title", "2024-01", "2024-02"], &["A", "1500", "2500"]];
    for sheets in
        [[("Streams", streams), ("Revenue", money)], [("Net EUR", money), ("Units", streams)]]
    {
        let book = workbook(&sheets);
        let needs = unmapped(&book);
        let mapping = Mapping { currency: "EUR".parse().ok(), ..needs.layout.suggested };
        let reading = mapped(&book, &mapping);
        assert_eq!(reading.total.to_string(), "4");
        assert_eq!(reading.tables_left_out.len(), 1);
    }
}
