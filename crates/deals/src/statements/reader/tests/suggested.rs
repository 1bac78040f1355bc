//! Which column is the money, when it was earned, in which currency: what is suggested, and
//! what is asked.

use super::*;
use crate::statements::reader::{Period, inspect_in};

fn suggestion(header: &str, rows: &[&str]) -> Unmapped {
    unmapped(format!("{header}\n{}\n", rows.join("\n")).as_bytes())
}

#[test]
fn net_before_gross_and_the_payees_share_before_the_total() {
    for (header, amount) in [
        ("Month,Song,Gross,Fee,Net", "Net"),
        ("Month,Song,Amount Gross,Tax,Amount Net", "Amount Net"),
        ("Month,Song,Total Royalty,Fee,Your Share", "Your Share"),
        ("Month,Song,Artist Share,Fee,Total Revenue", "Artist Share"),
        ("Month,Song,Revenue,Fee,Revenue after fees", "Revenue after fees"),
        ("Month,Song,Retail Price,Tax Withheld,Payment", "Payment"),
        ("Month,Song,Retail Revenue,Fee,Royalty", "Royalty"),
        ("Month,Song,Brutto,Geb\u{fc}hr,Netto", "Netto"),
        ("Month,Song,Brut,Frais fee,Montant net", "Montant net"),
        ("Month,Song,Net Royalty,Unit Price,Net Royalty Total", "Net Royalty Total"),
        ("Month,Song,Royalty,Share %,Revenue share (%)", "Royalty"),
        ("Month,Song,Balance,Price,Net Sales", "Net Sales"),
        (
            "Month,Song,YouTube Revenue Split : Auction,Partner Revenue : Auction,\
             Partner Revenue : Total",
            "Partner Revenue : Total",
        ),
    ] {
        let needs =
            suggestion(header, &["2024-03,A,10.00,1.50,8.50", "2024-04,A,20.00,3.00,17.00"]);
        assert_eq!(needs.layout.suggested.amount, amount, "{header}: {:?}", needs.questions);
    }
}

#[test]
fn two_plausible_columns_are_both_named() {
    for (header, a, b) in [
        ("Month,Song,Publishing Revenue,Master Revenue", "Publishing Revenue", "Master Revenue"),
        ("Month,Song,Amount (USD),Amount (EUR)", "Amount (USD)", "Amount (EUR)"),
        ("Month,Song,Artist Share,Label Share", "Artist Share", "Label Share"),
    ] {
        let needs = suggestion(header, &["2024-03,A,10.00,1.50", "2024-04,A,20.00,3.00"]);
        assert_eq!(needs.layout.suggested.amount, "", "{header}: nothing is guessed");
        let question = needs.questions.iter().find(|q| q.code == "amount_column").unwrap();
        let choices: Vec<_> = question.choices.iter().map(|c| c.value.as_str()).collect();
        assert_eq!(choices, [a, b]);
        assert!(needs.why.contains(a) && needs.why.contains(b), "{}", needs.why);
    }
    // The same money twice is no choice.
    let needs =
        suggestion("Month,Song,Royalty,Earnings", &["2024-03,A,1.5,1.5", "2024-04,A,2.5,2.5"]);
    assert_eq!(needs.layout.suggested.amount, "Royalty");
    let needs = suggestion("Sale Date,Order Date,Song,Net", &["2024-03-01,2024-02-01,A,1.5"]);
    assert_eq!(needs.layout.suggested.month, "");
    assert!(needs.questions.iter().any(|q| q.code == "month_column"));
}

#[test]
fn the_period_sold_before_the_period_reported() {
    for (header, month) in [
        ("Period,Period Sold,Song,Net", "Period Sold"),
        ("Reporting Month,Sales Month,Song,Net", "Sales Month"),
        ("Statement Period,Usage Period,Song,Net", "Usage Period"),
        ("Payment Date,Date,Song,Net", "Date"),
        ("Release Date,Transaction Date,Song,Net", "Transaction Date"),
        ("Abrechnungszeitraum,Verkaufsmonat,Song,Net", "Verkaufsmonat"),
        ("Utbetalningsperiod,Nyttjandeperiod,Song,Net", "Nyttjandeperiod"),
    ] {
        let needs = suggestion(header, &["2024-06,2024-03,A,1.5", "2024-06,2024-04,A,2.5"]);
        assert_eq!(needs.layout.suggested.month, month, "{header}: {:?}", needs.questions);
    }
}

#[test]
fn the_currency_of_the_payment_before_that_of_a_shop() {
    let rows = ["2024-03,A,0.99,USD,0.5,EUR", "2024-04,A,0.99,GBP,0.75,EUR"];
    let header = "Month,Song,Retail Price,Retail Price Currency,Royalty,Royalty Currency";
    let needs = suggestion(header, &rows);
    assert_eq!(needs.layout.suggested.currency_column.as_deref(), Some("Royalty Currency"));
    for (name, code) in [("Revenue-EUR", "EUR"), ("Net SEK", "SEK"), ("Royalty ($US)", "USD")] {
        let needs = suggestion(&format!("Month,Song,Price,Retail Currency,{name},X"), &rows);
        let suggested = needs.layout.suggested;
        assert_eq!((suggested.amount.as_str(), suggested.currency_column), (name, None));
        assert_eq!(suggested.currency.unwrap().code(), code);
    }
    // With the currency of a shop only, nobody knows.
    let needs = suggestion("Month,Song,Price,Retail Currency,Royalty,X", &rows);
    assert!(needs.questions.iter().any(|q| q.code == "currency"));
}

#[test]
fn a_currency_said_by_a_person_chooses_or_is_refused() {
    let said = |text: &str, code: &str| {
        let currency = code.parse().unwrap();
        inspect_in(Source::Bytes(text.as_bytes()), currency, &Limits::default(), &mut |_| {})
    };
    let two = "Month,Song,Amount (USD),Amount (EUR)\n2024-03,A,10.5,9.5\n2024-04,A,20.5,18.5\n";
    for (code, total) in [("EUR", "28"), ("USD", "31")] {
        let Outcome::Ready(reading) = said(two, code).unwrap() else { panic!("asks") };
        assert_eq!(
            (reading.total.to_string().as_str(), reading.currency.unwrap().code()),
            (total, code)
        );
    }
    for (text, stated) in [
        ("Month,Song,Net (EUR)\n2024-03,A,1.5\n", "EUR"),
        ("Month,Song,Net,Currency\n2024-03,A,1.5,EUR\n", "EUR"),
        ("Month,Song,Net\n2024-03,A,\u{20ac} 1.5\n", "EUR"),
        (
            std::str::from_utf8(&distrokid(
                &["x\t2024-03\tS\tM\tT\tI\t1\t1\t1\tS\tSE\t0\t1.5"],
                "\n",
            ))
            .unwrap(),
            "USD",
        ),
    ] {
        let refused = said(text, "GBP").unwrap_err();
        assert_eq!(refused.field, Some("currency"), "{text}");
        assert!(refused.message.contains("GBP") && refused.message.contains(stated), "{refused}");
        let Outcome::Ready(reading) = said(text, stated).unwrap() else { panic!("asks") };
        assert_eq!(reading.total.to_string(), "1.5");
    }
    let open = "Month,Song,Publishing Revenue,Master Revenue\n2024-03,A,1.5,2.5\n";
    let Outcome::NeedsMapping(needs) = said(open, "EUR").unwrap() else { panic!("guessed") };
    assert!(needs.questions.iter().any(|q| q.code == "amount_column"));
}

#[test]
fn titles_are_not_the_names_of_others() {
    for (header, title) in [
        ("Month,Artist Name,Label Name,Net", None),
        ("Month,Item Type,Network,Net", None),
        ("Month,Artist Name,Name,Net", Some("Name")),
        ("Month,Artist Name,Track Name,Net", Some("Track Name")),
    ] {
        let needs = suggestion(header, &["2024-03,Mira,Rain,1.5", "2024-04,Mira,Rain,2.5"]);
        assert_eq!(needs.layout.suggested.title.as_deref(), title, "{header}");
    }
}

#[test]
fn a_count_is_no_money() {
    let rows = ["SEABC1900001,Rain,776000,12,5000", "SEABC1900002,Snow,628,3,7000"];
    let needs = suggestion("ISRC,Title,Total,Works,Streams total", &rows);
    assert_eq!(needs.layout.suggested.amount, "");
    assert_eq!(needs.layout.header.len(), 5, "all columns to choose from");
    // With fractions, or a currency beside them, they are.
    let needs = suggestion("Month,Title,Total", &["2024-03,A,7.25", "2024-03,B,5"]);
    assert_eq!(needs.layout.suggested.amount, "Total");
    let needs = suggestion("Month,Title,Total,Currency", &["2024-03,A,7,EUR", "2024-03,B,5,EUR"]);
    assert_eq!(needs.layout.suggested.amount, "Total");
}

#[test]
fn unknown_columns_are_all_shown() {
    let text = "Wert A;Wert B;Wert C\nfoo;1,50;2\nbar;2,50;3\n";
    let needs = unmapped(text.as_bytes());
    assert_eq!(needs.layout.header, ["Wert A", "Wert B", "Wert C"]);
    assert_eq!(needs.layout.sample[0], ["foo", "1,50", "2"]);
    let codes: Vec<_> = needs.questions.iter().map(|q| q.code.as_str()).collect();
    assert_eq!(codes, ["columns", "period", "currency"]);
    let refused = run(text.as_bytes(), Some(&needs.layout.suggested)).unwrap_err();
    assert_eq!(refused.field, Some("month"), "{refused}");
}

#[test]
fn a_file_without_dates_is_given_its_period() {
    let text = "Record Number,CAE Number,Work Title,Amount (performance revenue),IP1\n\
                1,123,Ett,10.50,Nils\n2,123,Tv\u{e5},2.25,Nils\n,,Total,12.75,\n";
    let needs = unmapped(text.as_bytes());
    assert!(needs.questions.iter().any(|q| q.code == "period" && q.field == "period"));
    let month = |text: &str| text.parse().unwrap();
    let period = Some(Period { from: month("2024-01"), to: month("2024-03") });
    let currency = Some("GBP".parse().unwrap());
    let mapping = Mapping { period, currency, ..needs.layout.suggested };
    let reading = mapped(text.as_bytes(), &mapping);
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("12.75", 2));
    let months: Vec<_> = reading.months.iter().map(|m| m.amount.to_string()).collect();
    assert_eq!(months, ["4.25"; 3]);
    assert!(reading.warnings.iter().any(|w| w.code == "spread_over_months"));
    let back = Some(Period { from: month("2024-03"), to: month("2024-01") });
    let refused = run(text.as_bytes(), Some(&Mapping { period: back, ..mapping.clone() }));
    assert_eq!(refused.unwrap_err().field, Some("period"));
    let both = Mapping { month: "IP1".into(), ..mapping };
    assert_eq!(run(text.as_bytes(), Some(&both)).unwrap_err().field, Some("period"));
    // Lines above the header may say it, and the currency.
    for stated in ["2024-01 - 2024-03", "01/01/2024 - 31/03/2024", "Q1 2024"] {
        let text = format!("Statement of Nils\nPeriod: {stated}\nCurrency: GBP\n\n{text}");
        let needs = unmapped(text.as_bytes());
        assert_eq!(needs.layout.suggested.period, period, "{stated}");
        assert_eq!(needs.layout.suggested.currency, currency);
        assert_eq!(needs.questions.len(), 1, "{:?}", needs.questions);
    }
}

/// The amount that is suggested, or what is asked.
fn money_of(header: &str, rows: &[&str]) -> String {
    let needs = unmapped(format!("{header}\n{}\n", rows.join("\n")).as_bytes());
    let asked = needs.questions.iter().find(|q| q.code == "amount_column");
    match asked {
        Some(q) => q.choices.iter().map(|c| c.value.clone()).collect::<Vec<_>>().join("|"),
        None => needs.layout.suggested.amount,
    }
}

#[test]
fn what_is_left_after_deductions_is_proved_by_the_rows() {
    let off = ["2024-03;A;10,00;-1,50;8,50;EUR", "2024-04;A;20,00;-3,00;17,00;EUR"];
    let fee = ["2024-03;A;10,00;1,50;8,50;EUR", "2024-04;A;20,00;3,00;17,00;EUR"];
    for rows in [&off, &fee] {
        for (names, net) in [
            ("Einnahmen brutto;Provision;Auszahlungsbetrag", "Auszahlungsbetrag"),
            ("Ingresos brutos;Comisión;A pagar", "A pagar"),
            ("Bruto;Kosten;Uit te betalen", "Uit te betalen"),
            ("Intäkt;Avgift;Att betala ut", "Att betala ut"),
            ("Bruttobelopp;Avgift;Nettobelopp", "Nettobelopp"),
            ("Belopp (EUR);Avdrag (EUR);Att utbetala (EUR)", "Att utbetala (EUR)"),
            ("Revenus bruts;Commission;Montant à payer", "Montant à payer"),
            ("Revenue;Fee;Remaining", "Remaining"),
        ] {
            let header = format!("Month;Title;{names};Currency");
            assert_eq!(money_of(&header, rows.as_slice()), net, "{names}");
        }
    }
    // Unknown words, but the signs tell.
    assert_eq!(money_of("Month;Title;Revenue;Xyz;Abc;Currency", &off), "Abc");
    let two = ["2024-03;A;10.00;1.50;0.50;8.00;EUR", "2024-04;A;20.00;3.00;1.00;16.00;EUR"];
    let header = "Month;Title;Revenue;Commission;Withholding Tax;To You;Currency";
    assert_eq!(money_of(header, &two), "To You");
    // Parts of a total that are all earned.
    let parts = ["2024-03;A;1.50;8.50;10.00;EUR", "2024-04;A;3.00;17.00;20.00;EUR"];
    let header = "Month;Title;Performance;Mechanical;Total Royalty;Currency";
    assert_eq!(money_of(header, &parts), "Total Royalty");
    let equal = ["2024-03;A;10.00;5.00;5.00;EUR", "2024-04;A;8.00;4.00;4.00;EUR"];
    let header = "Month;Title;Gross Royalty;Label Share;Artist Share;Currency";
    assert_eq!(money_of(header, &equal), "Label Share|Artist Share");
}

#[test]
fn a_kind_of_the_money_is_not_all_of_it() {
    let rows = ["2024-01-01,US,Song A,0.45,0.50,0.05,0.55", "2024-01-02,US,Song A,0.9,1,0.10,1.10"];
    let header = "Day,Country,Asset Title,YouTube Revenue Split,Partner Revenue : Auction,\
                  Partner Revenue : Reserved,Partner Revenue";
    assert_eq!(money_of(header, &rows), "Partner Revenue");
    // When a video came out is not when it earned.
    let needs = unmapped(
        b"Video title,Video publish time,Views,Estimated revenue (USD)\n\
        Song A,\"Jan 5, 2020\",3000,9.00\nSong B,\"Feb 7, 2021\",2000,6.00\n",
    );
    assert_eq!(needs.layout.suggested.month, "");
    question(&needs, "period");
}

#[test]
fn money_that_cannot_be_read_is_said_so() {
    let text = b"Month,Song,Amount\n2024-01,A,12.50 XX\n2024-02,B,3.00 YY\n";
    let refused = refused(text);
    assert_eq!(refused.code, "mostly_unreadable");
    assert!(refused.message.contains("'Amount'") && refused.message.contains("12.50 XX"));
}
