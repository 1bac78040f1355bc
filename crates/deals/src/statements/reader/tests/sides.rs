//! Other scripts' digits, and the sides of an account.

use super::*;

fn total(amounts: &[&str]) -> String {
    let rows: String = amounts.iter().map(|a| format!("2024-03\tUno\t{a}\tEUR\n")).collect();
    let text = format!("Month\tTitle\tNet Revenue\tCurrency\n{rows}");
    let needs = unmapped(text.as_bytes());
    if needs.layout.suggested.amount.is_empty() {
        return format!("? {}", needs.why);
    }
    match run(text.as_bytes(), Some(&needs.layout.suggested)) {
        Ok(Outcome::Ready(r)) if r.confirmations.is_empty() => r.total.to_string(),
        Ok(Outcome::Ready(r)) => format!("! {:?}", r.confirmations),
        Ok(Outcome::NeedsMapping(n)) => format!("? {}", n.questions[0].code),
        Err(refused) => format!("refused {refused}"),
    }
}

#[test]
fn digits_of_other_scripts_are_digits() {
    for (amounts, comes) in [
        (["\u{ff11}\u{ff12}\u{ff0e}\u{ff15}\u{ff10}", "1.00"], "13.5"),
        (["\u{ff11}\u{ff0c}\u{ff12}\u{ff13}\u{ff14}\u{ff0e}\u{ff15}\u{ff10}", "1.00"], "1235.5"),
        (["\u{ff0d}\u{ff12}\u{ff0e}\u{ff15}", "\u{ff08}\u{ff11}\u{ff0e}\u{ff15}\u{ff09}"], "-4"),
        (
            [
                "\u{661}\u{662}\u{66b}\u{665}\u{660}\u{660}",
                "\u{661}\u{66c}\u{662}\u{663}\u{664}\u{66b}\u{665}",
            ],
            "1247",
        ),
        (["\u{200f}-\u{661}\u{662}\u{66b}\u{665}", "\u{200e}20.25\u{200e}"], "7.75"),
        (["\u{6f1}\u{6f2}\u{66b}\u{6f5}", "1.5"], "14"),
        (["\u{967}\u{968}.\u{96b}", "1.5"], "14"),
    ] {
        assert_eq!(total(&amounts), comes, "{amounts:?}");
    }
    let text = "Month\tTitle\tNet Revenue\n\
                \u{ff12}\u{ff10}\u{ff12}\u{ff14}\u{ff0f}\u{ff10}\u{ff13}\t\
                Uno\t\u{ffe5}\u{ff11}\u{ff0c}\u{ff12}\u{ff13}\u{ff14}\n2024\u{5e74}3\u{6708}\tDue\t\
                \u{a5}2,000,000\n2024\u{5e74}4\u{6708}5\u{65e5}\tDue\t100\u{5186}\n";
    let needs = unmapped(text.as_bytes());
    let mapping = Mapping { currency: "JPY".parse().ok(), ..needs.layout.suggested };
    let reading = mapped(text.as_bytes(), &mapping);
    assert_eq!(reading.total.to_string(), "2001334");
    assert_eq!(reading.months.len(), 2);
}

#[test]
fn a_credit_is_income_and_a_debit_is_taken_off() {
    for (amounts, comes) in [
        (["12.50 CR", "2.25 DR"], "10.25"),
        (["12.50CR", "2.25DR"], "10.25"),
        (["Cr 12.50", "Dr 2.25"], "10.25"),
        (["12.50 Cr.", "2.25 Dr."], "10.25"),
        (["EUR 12.50 CR", "-2.25 DR"], "10.25"),
        (["12,50 H", "2,25 S"], "10.25"),
        (["12,50H", "2,25S"], "10.25"),
        (["1.234,56 C", "34,56 D"], "1200"),
        (["12.50", "2.25 DR"], "10.25"),
        // More is taken off than paid: the payer's view, perhaps.
        (["12.50 DR", "2.25 DR"], "? row_kinds"),
        (["12,50 S", "2,25 S"], "? row_kinds"),
    ] {
        assert_eq!(total(&amounts), comes, "{amounts:?}");
    }
    // A credit below zero says two things: nobody guesses.
    assert!(total(&["12.50 CR", "-2.25 CR", "1.00 CR"]).starts_with('!'));
}

#[test]
fn the_side_may_stand_in_a_column_of_its_own() {
    for (name, credit, debit) in [
        ("S/H", "H", "S"),
        ("Soll/Haben", "Haben", "Soll"),
        ("Soll/Haben-Kennzeichen", "H", "S"),
        ("Dr/Cr", "Cr", "Dr"),
        ("D/C", "C", "D"),
        ("Type", "Credit", "Debit"),
        ("+/-", "+", "-"),
        ("Soll-/Habenkz", "HABEN", "SOLL"),
        ("Debet/Kredit", "K", "D"),
        ("Sens", "Cr\u{e9}dit", "D\u{e9}bit"),
    ] {
        let text = |a: &str, b: &str| {
            format!(
                "Month;Title;Net Revenue;{name};Currency\n2024-03;Uno;12,50;{a};EUR\n\
                 2024-04;Uno;2,25;{b};EUR\n2024-05;Uno;1,00;{a};EUR\n"
            )
        };
        let text_of = text(credit, debit);
        let needs = unmapped(text_of.as_bytes());
        let reading = mapped(text_of.as_bytes(), &needs.layout.suggested);
        assert_eq!(reading.total.to_string(), "11.25", "{name}");
    }
    let text = "Month;Title;Net Revenue;S/H;Currency\n2024-03;Uno;12,50;S;EUR\n\
                2024-04;Uno;2,25;H;EUR\n2024-05;Uno;1,00;S;EUR\n";
    let needs = unmapped(text.as_bytes());
    let asked = &question(&needs, "row_kinds").values[0];
    assert_eq!((asked.value.as_str(), asked.column.as_str()), ("debit", "S/H"));
    let answer = |income| Mapping {
        rows: vec![RowAnswer { column: "S/H".into(), value: "debit".into(), income }],
        ..needs.layout.suggested.clone()
    };
    assert_eq!(mapped(text.as_bytes(), &answer(true)).total.to_string(), "11.25");
    assert_eq!(mapped(text.as_bytes(), &answer(false)).total.to_string(), "-11.25");
    // What is neither is no guess; nothing there is as the amount says.
    let text = text.replace("1,00;S", "1,00;Q").replace("12,50;S", "12,50;");
    let needs = unmapped(text.as_bytes());
    let reading = mapped(text.as_bytes(), &needs.layout.suggested);
    assert_eq!(reading.total.to_string(), "14.75");
    assert!(reading.confirmations.iter().any(|c| c.code == "rows_left_out"));
}

#[test]
fn letters_that_may_mean_something_else_are_asked_about() {
    let text = "Title,Month,Net USD,Format\nA,2024-01,1.50,C\nB,2024-02,2.50,D\n";
    let needs = unmapped(text.as_bytes());
    let asked = question(&needs, "row_kinds");
    assert_eq!(
        (asked.values[0].value.as_str(), asked.values[0].column.as_str()),
        ("debit", "Format")
    );
    let with = |income| Mapping {
        rows: vec![RowAnswer { column: "Format".into(), value: "debit".into(), income }],
        ..needs.layout.suggested.clone()
    };
    assert_eq!(mapped(text.as_bytes(), &with(true)).total.to_string(), "4");
    assert_eq!(mapped(text.as_bytes(), &with(false)).total.to_string(), "-1");
    // Trends are no sides, and of cards nobody knows.
    let cards = text.replace("Format", "Card Type").replace(",C\n", ",Credit\n");
    let needs = unmapped(cards.replace(",D\n", ",Debit\n").as_bytes());
    assert!(question(&needs, "row_kinds").values.iter().all(|v| v.value != "debit"));
    for (head, a, b) in [("Trend", "+", "-"), ("Change +/- to last year", "+", "-")] {
        let text = format!("Title,Month,Net USD,{head}\nA,2024-01,1.50,{a}\nB,2024-02,2.50,{b}\n");
        let needs = unmapped(text.as_bytes());
        assert_eq!(mapped(text.as_bytes(), &needs.layout.suggested).total.to_string(), "4");
    }
}
