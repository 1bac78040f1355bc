//! Rows that add up others without a word that says so.

use super::*;

const HEAD: &str = "Month,Artist,Title,Net Revenue,Currency\n";

/// The total, or the sum that is asked about, with the line that is named.
fn comes_to(text: &str) -> String {
    let needs = unmapped(text.as_bytes());
    let kinds = needs.questions.iter().find(|q| q.code == "row_kinds");
    match kinds {
        Some(asked) => {
            let [value] = &asked.values[..] else { panic!("{:?}", asked.values) };
            assert_eq!(value.value, "sum of the rows above");
            format!("? {} rows {}", value.rows, value.amount)
        }
        None => mapped(text.as_bytes(), &needs.layout.suggested).total.to_string(),
    }
}

#[test]
fn a_row_that_is_what_the_rows_above_come_to_is_asked() {
    let rows = "2024-03,Mira,Uno,10,EUR\n2024-03,Mira,Due,12.50,EUR\n2024-04,Mira,Tre,7.50,EUR\n";
    for last in [
        "2024-04,,,30,EUR\n",
        "2024-04,Mira,,30.00,EUR\n",
        "2024-04,Mira,Mira,30,EUR\n",
        "2024-04,,Mira,30,EUR\n",
        "2024-04,Mira,Alles,30,\n",
    ] {
        let text = format!("{HEAD}{rows}{last}");
        assert_eq!(comes_to(&text), "? 1 rows 30", "{last}");
        let needs = unmapped(text.as_bytes());
        let asked = question(&needs, "row_kinds");
        assert!(asked.message.contains("on line 5"), "{}", asked.message);
        let answer = |income| RowAnswer {
            column: asked.values[0].column.clone(),
            value: asked.values[0].value.clone(),
            income,
        };
        let with =
            |income| Mapping { rows: vec![answer(income)], ..needs.layout.suggested.clone() };
        let reading = mapped(text.as_bytes(), &with(false));
        assert_eq!((reading.total.to_string().as_str(), reading.rows), ("30", 3), "{last}");
        assert!(reading.warnings.iter().any(|w| w.code == "total_rows"));
        let reading = mapped(text.as_bytes(), &with(true));
        assert_eq!((reading.total.to_string().as_str(), reading.rows), ("60", 4), "{last}");
    }
}

#[test]
fn sums_of_blocks_and_of_all_are_asked_together() {
    let text = format!(
        "{HEAD}2024-03,A,Uno,1.5,EUR\n2024-03,A,Due,2,EUR\n2024-03,A,Tre,3,EUR\n\
         2024-03,A,,6.5,EUR\n2024-03,B,Uno,4,EUR\n2024-03,B,Due,5.25,EUR\n2024-03,B,Tre,6,EUR\n\
         2024-03,B,,15.25,EUR\n2024-03,,,21.75,EUR\n"
    );
    assert_eq!(comes_to(&text), "? 3 rows 43.5");
    let needs = unmapped(text.as_bytes());
    let value = &question(&needs, "row_kinds").values[0];
    let answer =
        RowAnswer { column: value.column.clone(), value: value.value.clone(), income: false };
    let mapping = Mapping { rows: vec![answer], ..needs.layout.suggested };
    assert_eq!(mapped(text.as_bytes(), &mapping).total.to_string(), "21.75");
}

#[test]
fn short_blocks_are_asked_where_the_row_names_no_work() {
    let text = "Month,Artist,Title,Net Revenue,Currency\n2024-01,Mira,A,1.57,EUR\n\
                2024-01,Mira,,1.57,EUR\n2024-01,Nils,D,1.13,EUR\n2024-01,Nils,E,1.26,EUR\n\
                2024-01,Nils,,2.39,EUR\n2024-01,,,3.96,EUR\n";
    assert_eq!(comes_to(text), "? 3 rows 7.92");
}

#[test]
fn decimal_signs_and_rounding_hide_no_sum() {
    // The sign of the column shows in the last row only.
    let text = "Month;Title;Net Revenue;Currency\n2024-03;Uno;1.200;EUR\n2024-03;Due;2.300;EUR\n\
                2024-03;Tre;3.500;EUR\n2024-03;;7.000;EUR\n2024-04;Uno;0,50;EUR\n";
    assert_eq!(comes_to(text), "? 1 rows 7");
    let text = "Month,Title,Net Revenue,Currency\n2024-03,Uno,1.2345,EUR\n2024-03,Due,2.3456,EUR\n\
                2024-03,Tre,13.5678,EUR\n2024-03,,17.15,EUR\n";
    assert_eq!(comes_to(text), "? 1 rows 17.15");
}

#[test]
fn a_known_layout_is_asked_too() {
    let rows = [
        "2024-05-01\t2024-03\tSpotify\tM\tUno\tSEABC2400001\t1\t5\t100\tSong\tSE\t0\t1.25",
        "2024-05-01\t2024-03\tSpotify\tM\tDue\tSEABC2400002\t1\t7\t100\tSong\tSE\t0\t2.5",
        "2024-05-01\t2024-03\tApple\tM\tUno\tSEABC2400001\t1\t2\t100\tSong\tSE\t0\t0.75",
        "2024-05-01\t2024-03\t\tM\t\t\t\t14\t\t\t\t\t4.5",
    ];
    let needs = unmapped(&distrokid(&rows, "\n"));
    assert_eq!(question(&needs, "row_kinds").values[0].amount.to_string(), "4.5");
}

#[test]
fn rows_of_income_are_left_in_peace() {
    // A sale has units of its own; returns cancel; a few cents come to a few cents.
    for rows in [
        "A,1,5\nA,2,5\nA,3,5\nA,6,9\n",
        "A,5,1\nA,-5,-1\nA,5,1\nA,5,1\n",
        "A,5,1\nA,0,1\nA,0,1\nA,5,1\n",
    ] {
        let rows = rows.replace("A,", "2024-03,EUR,Ann,Uno,");
        let text = format!("Month,Currency,Artist,Title,Net Revenue,Units\n{rows}");
        assert!(!comes_to(&text).starts_with('?'), "{rows}");
    }
}

#[test]
fn a_wide_row_that_adds_up_every_month_is_asked() {
    let text = "Title,2023-01,2023-02,Currency\nUno,1.5,2,EUR\nDue,1,3,EUR\n,2.5,5,EUR\n";
    assert_eq!(comes_to(text), "? 2 rows 7.5");
}
