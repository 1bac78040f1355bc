//! Which month a row belongs to, over the whole file.

use super::*;
use kernel::Month;

const HEADER: &str = "Sale Date,Track,Net Revenue,Currency\n";

/// A table of dates, each with 1.10 EUR, read with our own suggestion.
fn table(dates: &[&str]) -> String {
    let rows: Vec<String> = dates.iter().map(|d| format!("\"{d}\",Song,1.10,EUR\n")).collect();
    format!("{HEADER}{}", rows.concat())
}

fn limits() -> Limits {
    Limits { latest: Month::new(2026, 11), ..Limits::default() }
}

fn suggested(text: &str) -> Unmapped {
    match inspect(Source::Bytes(text.as_bytes()), None, &limits()).unwrap() {
        Outcome::NeedsMapping(needs) => *needs,
        Outcome::Ready(_) => panic!("nobody confirmed the columns"),
    }
}

fn confirmed(text: &str, mapping: &Mapping) -> Reading {
    match inspect(Source::Bytes(text.as_bytes()), Some(mapping), &limits()).unwrap() {
        Outcome::Ready(reading) => *reading,
        Outcome::NeedsMapping(needs) => panic!("{}", needs.why),
    }
}

fn read(text: &str) -> Reading {
    let needs = suggested(text);
    let codes: Vec<_> = needs.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!(codes, ["columns"], "{:?}", needs.questions);
    confirmed(text, &needs.layout.suggested)
}

fn months(reading: &Reading) -> Vec<String> {
    reading.months.iter().map(|m| format!("{} {}", m.month, m.amount)).collect()
}

fn codes(reading: &Reading) -> Vec<&str> {
    reading.warnings.iter().map(|w| w.code.as_str()).collect()
}

#[test]
fn the_last_row_may_tell_the_order_of_all() {
    for (last, want) in [
        ("25/06/2024", vec!["2024-05 66", "2024-06 67.1"]),
        ("06/25/2024", vec!["2024-01 66", "2024-02 66", "2024-06 1.1"]),
    ] {
        let mut dates = [["01/05/2024", "02/05/2024", "01/06/2024", "02/06/2024"]; 30].concat();
        dates.push(last);
        let reading = read(&table(&dates));
        assert_eq!(reading.rows, 121);
        // Month first, the first of May is the fifth of January.
        assert_eq!(months(&reading), want, "{last}");
    }
}

#[test]
fn an_order_that_nothing_tells_is_asked_for() {
    for dates in [
        ["01/04/2023", "01/05/2023", "01/06/2023"],
        ["01.04.2023", "01.05.2023", "01.06.2023"],
        ["1-4-23", "1-5-23", "1-6-23"],
        ["01/04/2023 - 05/04/2023", "01/05/2023 - 05/05/2023", "01/06/2023 - 05/06/2023"],
    ] {
        let text = table(&dates);
        let needs = suggested(&text);
        assert!(needs.reading.is_none() && needs.layout.suggested.date_order.is_none());
        let question = needs.questions.iter().find(|q| q.code == "date_order").unwrap();
        assert_eq!(question.field, "date_order");
        assert!(question.message.contains(dates[0]), "{}", question.message);
        let labels: Vec<_> = question.choices.iter().map(|c| c.label.as_str()).collect();
        assert!(
            labels[1].starts_with("day first: the rows are of 2023-04 to 2023-06"),
            "{labels:?}"
        );
        let order = Some(DateOrder::Dmy);
        let mapping = Mapping { date_order: order, ..needs.layout.suggested.clone() };
        assert_eq!(
            months(&confirmed(&text, &mapping)),
            ["2023-04 1.1", "2023-05 1.1", "2023-06 1.1"]
        );
        // Taking the suggestion as it is does not answer the question.
        let again =
            inspect(Source::Bytes(text.as_bytes()), Some(&needs.layout.suggested), &limits());
        assert!(matches!(again.unwrap(), Outcome::NeedsMapping(_)));
    }
}

#[test]
fn orders_that_mean_the_same_months_are_not_asked_for() {
    assert_eq!(
        months(&read(&table(&["01/01/2024", "02/02/2024"]))),
        ["2024-01 1.1", "2024-02 1.1"]
    );
}

#[test]
fn both_orders_in_one_file_are_asked_for() {
    let needs = suggested(&table(&["25/06/2024", "06/25/2024", "01/05/2024"]));
    assert!(needs.questions.iter().any(|q| q.code == "date_order"), "{:?}", needs.questions);
}

#[test]
fn another_column_of_dates_may_tell_the_order() {
    let text = "Sales Date,Report Date,Track,Net Revenue,Currency\n\
                01/04/2023,15/05/2023,Song,1,EUR\n01/05/2023,15/06/2023,Song,2,EUR\n";
    assert_eq!(months(&read(text)), ["2023-04 1", "2023-05 2"]);
}

#[test]
fn two_digits_at_the_front_may_be_the_year() {
    let reading = read(&table(&["24-03-15", "24-03-16", "24-04-02"]));
    assert_eq!(months(&reading), ["2024-03 2.2", "2024-04 1.1"]);
    let reading = read(&table(&["15-08-22", "16-08-22", "17-09-22"]));
    assert_eq!(months(&reading), ["2022-08 2.2", "2022-09 1.1"]);
}

#[test]
fn a_known_layout_saved_day_first_is_read_or_asks() {
    let header = "Report Date\tSales Date\tQuantity\tPrice\tSubtotal\tIsrc\tBarcode\tCDBabySku\t\
                  Album Name\tArtist Name\tTrack Name\tPartner Name\tTransaction Type\t\
                  Delivery Country\n";
    let row = |date: &str| {
        format!("1/2/2024\t{date}\t1\t0.05\t0.5\tX\t1\t1\tAl\tNils\tEtt\tSpotify\tStream\tSE\n")
    };
    let file = |dates: &[&str]| {
        header.to_owned() + &dates.iter().map(|d| row(d)).collect::<Vec<_>>().concat()
    };
    let reading = ready(file(&["01/09/2023", "01/10/2023", "15/10/2023"]).as_bytes());
    assert_eq!(months(&reading), ["2023-09 0.5", "2023-10 1"]);
    assert!(codes(&reading).contains(&"day_first"), "{:?}", reading.warnings);
    // Its own time of day shows that nobody touched it.
    let own = file(&["09/01/2023 12:00:00 AM", "10/01/2023 12:00:00 AM"]);
    assert_eq!(months(&ready(own.as_bytes())), ["2023-09 0.5", "2023-10 0.5"]);
    // Without it nobody can know.
    let needs = unmapped(file(&["01/09/2023", "01/10/2023"]).as_bytes());
    assert_eq!(needs.questions[0].code, "date_order");
    let mapping = Mapping { date_order: Some(DateOrder::Dmy), ..needs.layout.suggested };
    let reading = mapped(file(&["01/09/2023", "01/10/2023"]).as_bytes(), &mapping);
    assert_eq!(months(&reading), ["2023-09 0.5", "2023-10 0.5"]);
}

#[test]
fn ranges_are_spread_evenly_and_nothing_is_lost() {
    let text = "Quarter,Song,Streams,Royalty (USD)\n2Q2025,A,10,10.00\nJul-Sep 2025,A,-7,-20.00\n\
                2025-12,B,1,5\n";
    let reading = read(text);
    assert_eq!(
        months(&reading),
        [
            "2025-04 3.333333333334",
            "2025-05 3.333333333333",
            "2025-06 3.333333333333",
            "2025-07 -6.666666666667",
            "2025-08 -6.666666666667",
            "2025-09 -6.666666666666",
            "2025-12 5",
        ]
    );
    assert_eq!(reading.total.to_string(), "-5");
    let units: Vec<i64> = reading.months.iter().map(|m| m.units).collect();
    assert_eq!(units, [4, 3, 3, -3, -2, -2, 1]);
    let said = reading.warnings.iter().find(|w| w.code == "spread_over_months").unwrap();
    assert!(said.message.contains("'2Q2025' over 2025-04 to 2025-06"), "{}", said.message);
}

#[test]
fn first_and_last_day_may_stand_in_two_columns() {
    let text = "Period Start,Period End,Title,Net Revenue,Currency\n\
                2024-01-01,2024-03-31,A,30,EUR\n2024-04-01,2024-04-30,A,60,EUR\n";
    let reading = read(text);
    assert_eq!(months(&reading), ["2024-01 10", "2024-02 10", "2024-03 10", "2024-04 60"]);
    let text = "Year,Month,Title,Net Revenue,Currency\n2023,11,A,1,EUR\n2024,Feb,A,2,EUR\n";
    assert_eq!(months(&read(text)), ["2023-11 1", "2024-02 2"]);
}

#[test]
fn dates_that_cannot_be_are_named_and_move_nothing() {
    let mut text = table(&["2025-01-15", "2025-02-15"]);
    text.push_str("2199-01-01,Song,0.00,EUR\n");
    let reading = read(&text);
    assert_eq!(months(&reading), ["2025-01 1.1", "2025-02 1.1"]);
    assert!(!reading.months[1].complete, "February is still the newest month");
    assert_eq!((reading.rows, reading.unreadable), (2, 0), "a placeholder is no row");
    assert!(reading.confirmations.is_empty(), "nothing is at stake");
    let named = reading.warnings.iter().find(|w| w.code == "future_date").unwrap();
    assert!(named.line == 4 && named.message.contains("2199-01-01"), "{named:?}");
    for date in ["9999-12-31", "0000-00-00", "1900-01-01", "-"] {
        let text = format!("{}{date},Song,0.00,EUR\n", table(&["2025-01-15", "2025-02-15"]));
        let reading = read(&text);
        assert_eq!((reading.rows, reading.unreadable, reading.months.len()), (2, 0, 2), "{date}");
        assert!(reading.confirmations.is_empty() && reading.warnings_total == 1, "{date}");
    }
    // With money on them, a person has to say yes to their loss.
    for (date, code) in [("2062-04-01", "future_date"), ("1900-01-01", "ancient_date")] {
        let text = format!("{}{date},Song,5.00,EUR\n", table(&["2025-01-15", "2025-02-15"]));
        let reading = read(&text);
        assert_eq!(reading.total.to_string(), "2.2", "{date}");
        assert_eq!(codes(&reading), [code]);
        let yes = &reading.confirmations[0];
        assert_eq!((yes.code.as_str(), yes.rows), ("rows_left_out", 1));
        assert_eq!(yes.amount.unwrap().to_string(), "5");
    }
    // A month that would be in the future tells the order, too.
    assert_eq!(
        months(&read(&table(&["01/12/2025", "11/02/2026", "01/12/2026"])))[0],
        "2025-01 1.1"
    );
}

#[test]
fn names_of_months_in_the_languages_of_our_users() {
    for (dates, want) in [
        (["15 mars 2024", "1 maj 2024", "okt 2024"], ["2024-03", "2024-05", "2024-10"]),
        (["M\u{e4}rz 2024", "15. Mai 2024", "Dez. 2024"], ["2024-03", "2024-05", "2024-12"]),
        (["f\u{e9}vr. 2024", "mai 2024", "ao\u{fb}t 2024"], ["2024-02", "2024-05", "2024-08"]),
        (["ene-24", "15 de mayo de 2024", "dic 2024"], ["2024-01", "2024-05", "2024-12"]),
        (["fev/2024", "maio/2024", "setembro/2024"], ["2024-02", "2024-05", "2024-09"]),
        (["gen 2024", "maggio 2024", "luglio 2024"], ["2024-01", "2024-05", "2024-07"]),
        (["mrt 2024", "mei 2024", "augustus 2024"], ["2024-03", "2024-05", "2024-08"]),
        (["15-Aug-22", "Sep-22", "October 1, 2022"], ["2022-08", "2022-09", "2022-10"]),
    ] {
        let reading = read(&table(&dates));
        let read: Vec<_> = reading.months.iter().map(|m| m.month.to_string()).collect();
        assert_eq!(read, want, "{dates:?}");
    }
}

#[test]
fn days_of_a_spreadsheet_in_a_text_file() {
    let reading = read(&table(&["45292", "45323", "45352.25"]));
    assert_eq!(months(&reading), ["2024-01 1.1", "2024-02 1.1", "2024-03 1.1"]);
    assert_eq!(codes(&reading), ["serial_dates"]);
}

#[test]
fn quarters_in_more_dresses_and_days_that_do_not_exist() {
    let months = |text: &str| {
        let table = format!("Month,Track,Net (EUR)\n{text},Rain,3\n{text},Snow,6\n");
        let reading = match run(table.as_bytes(), None) {
            Ok(Outcome::NeedsMapping(needs)) if !needs.layout.suggested.month.is_empty() => {
                mapped(table.as_bytes(), &needs.layout.suggested)
            }
            _ => return String::new(),
        };
        reading.months.iter().map(|m| m.month.to_string()).collect::<Vec<_>>().join(" ")
    };
    for text in ["1er trimestre 2024", "20241", "1st quarter 2024"] {
        let found = months(text);
        assert_eq!(found, "2024-01 2024-02 2024-03", "{text}");
    }
    assert_eq!(months("2e trimestre 2024"), "2024-04 2024-05 2024-06");
    assert_eq!(months("30/02/2024"), "", "no such day");
    assert_eq!(months("29/02/2024"), "2024-02");
}
