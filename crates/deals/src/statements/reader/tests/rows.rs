//! Rows that are no income, columns that nobody should see, names that stand twice.

use super::*;

fn read(text: &str) -> Reading {
    let needs = unmapped(text.as_bytes());
    let open: Vec<_> = needs.questions.iter().filter(|q| q.code != "columns").collect();
    assert!(open.is_empty(), "{open:?}");
    mapped(text.as_bytes(), &needs.layout.suggested)
}

fn said<'a>(reading: &'a Reading, code: &str) -> &'a str {
    let found = reading.warnings.iter().find(|w| w.code == code);
    &found.unwrap_or_else(|| panic!("{code}: {:?}", reading.warnings)).message
}

#[test]
fn payouts_and_balances_are_no_income_in_any_layout() {
    let account = "Date,Description,Type,Gross,Fee,Net,Balance,Currency\n\
                   2024-03-02,Beat sale,Payment,10.00,-0.50,9.50,9.50,USD\n\
                   2024-03-05,Bank,Withdrawal,-9.50,0.00,-9.50,0.00,USD\n\
                   2024-04-02,Beat sale,Payment,20.00,-1.00,19.00,19.00,USD\n";
    // A payment that comes may be a sale or a payout: a person says it once for all.
    let needs = unmapped(account.as_bytes());
    let asked = needs.questions.iter().find(|q| q.code == "row_kinds").unwrap();
    assert_eq!((asked.values.len(), asked.values[0].rows), (1, 2));
    let answer = RowAnswer { column: "Type".into(), value: "payment".into(), income: true };
    let mapping = Mapping { rows: vec![answer], ..needs.layout.suggested };
    let reading = mapped(account.as_bytes(), &mapping);
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("28.5", 2));
    let payouts = said(&reading, "payout_rows");
    assert!(payouts.contains("1 rows") && payouts.contains("-9.5"), "{payouts}");
    let german = "Datum;Buchungstext;Betrag (EUR)\n01.03.2024;Anfangssaldo;100,00\n\
                  15.03.2024;Tantiemen Spotify;12,50\n20.03.2024;Auszahlung auf Konto;-100,00\n\
                  31.03.2024;Endsaldo;12,50\n";
    let reading = read(german);
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("12.5", 1));
    assert!(said(&reading, "balance_rows").contains("2 rows"));
    for (kind, left_out) in [
        ("Payout", true),
        ("bank transfer", true),
        ("Utbetalning", true),
        ("Virement bancaire", true),
        ("Opening balance", true),
        ("Stream", false),
        ("Download", false),
        ("Adjustment", false),
    ] {
        let text = format!(
            "Month,Title,Entry Type,Net Revenue,Currency\n2024-03,A,Stream,1,EUR\n\
             2024-04,A,{kind},-0.25,EUR\n"
        );
        let total = read(&text).total.to_string();
        assert_eq!(total, if left_out { "1" } else { "0.75" }, "{kind}");
    }
    // A known layout with such a row: CD Baby.
    let text = "Report Date\tSales Date\tQuantity\tPrice\tSubtotal\tIsrc\tBarcode\tCDBabySku\t\
                Album Name\tArtist Name\tTrack Name\tPartner Name\tTransaction Type\t\
                Delivery Country\n\
                2023-11-15\t2023-09-01\t1\t0.05\t0.05\tX\t1\t1\tA\tN\tEtt\tSpotify\tStream\tSE\n\
                2023-11-15\t2023-10-01\t1\t0.15\t0.15\tX\t1\t1\tA\tN\tEtt\tSpotify\tStream\tSE\n\
                2023-11-15\t2023-10-20\t0\t0\t-0.20\t\t\t\t\t\t\tBank\tPayout\tSE\n";
    let reading = ready(text.as_bytes());
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("0.2", 2));
    // One without a column of types: DistroKid, where the store or the title says it.
    let row = |store: &str, title: &str, amount: &str| {
        format!("x\t2024-03\t{store}\tM\t{title}\tI\t1\t1\t1\tSong\tSE\t0\t{amount}")
    };
    let rows = [
        row("Spotify", "Rain", "5.5"),
        row("Withdrawal", "", "-5.5"),
        row("PayPal", "Payout to your account", "-2.25"),
        row("", "Opening balance", "100"),
        row("Spotify", "Withdrawal", "0.25"),
    ];
    let reading = ready(&distrokid(&rows.iter().map(String::as_str).collect::<Vec<_>>(), "\n"));
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("5.75", 2));
    assert!(said(&reading, "payout_rows").contains("-7.75"));
}

#[test]
fn songs_are_not_taken_for_payouts() {
    let text = "Month,Description,Net Revenue,Currency\n2024-03,Balance,1,EUR\n\
                2024-03,Transfer Student,2,EUR\n2024-04,Payment in Kind,4,EUR\n\
                2024-04,New Balance,8,EUR\n";
    assert_eq!(read(text).total.to_string(), "15");
}

#[test]
fn refunded_orders_do_not_count() {
    let text = "Purchase Date,Item Name,Refunded?,Status,Net Total,Currency\n\
                2024-03-02,Kit,false,paid,9.00,EUR\n2024-03-03,Kit,true,paid,9.00,EUR\n\
                2024-04-03,Kit,false,CANCELLED,9.50,EUR\n2024-04-04,Kit,false,paid,4.00,EUR\n";
    let reading = read(text);
    assert_eq!(reading.total.to_string(), "13");
    assert!(said(&reading, "refunded_rows").contains("2 rows"));
    assert!(said(&reading, "refunded_rows").contains("18.5"));
    // A row that takes back by itself counts; both at once need a look.
    let text = "Month,Title,Status,Net Revenue,Currency\n2024-03,A,completed,10,EUR\n\
                2024-03,A,refunded,10,EUR\n2024-04,A,refund,-10,EUR\n2024-04,A,completed,3,EUR\n";
    let reading = read(text);
    assert_eq!(reading.total.to_string(), "3");
    assert_eq!(reading.confirmations[0].code, "refunds_twice");
    assert_eq!(reading.confirmations[0].amount.unwrap().to_string(), "-10");
}

#[test]
fn sums_of_the_rows_above_do_not_count_again() {
    let text = "Month,Title,Net Revenue,Currency\n2024-03,A,1.5,EUR\n2024-03,B,2,EUR\n\
                2024-03,Total,3.5,EUR\n2024-04,A,4,EUR\n2024-04,Subtotal,4,EUR\n\
                ,Grand total,7.5,\n";
    let reading = read(text);
    assert_eq!((reading.total.to_string().as_str(), reading.rows), ("7.5", 3));
    assert!(said(&reading, "total_rows").starts_with("3 rows"));
    // A song may be called Total: then a person says so.
    let text = "Month,Title,Net Revenue,Currency\n2024-03,A,1.5,EUR\n2024-04,Total,2,EUR\n";
    let needs = unmapped(text.as_bytes());
    assert!(needs.questions.iter().any(|q| q.code == "row_kinds"), "{:?}", needs.questions);
    let answer = |income| Mapping {
        rows: vec![RowAnswer { column: String::new(), value: "Total".into(), income }],
        ..needs.layout.suggested.clone()
    };
    assert_eq!(mapped(text.as_bytes(), &answer(true)).total.to_string(), "3.5");
    assert_eq!(mapped(text.as_bytes(), &answer(false)).total.to_string(), "1.5");
}

#[test]
fn nobody_who_bought_is_kept_or_shown() {
    for (columns, values) in [
        ("Email,First Name,Last Name", "ann@example.org,Ann,Almgren"),
        ("Buyer Name,Purchase Email,Name", "Ann Almgren,ann@example.org,Ann"),
        ("Kundenname,E-Mail-Adresse,Stra\u{df}e", "Ann Almgren,ann@example.org,Almgren 4"),
        ("Nom du client,Courriel,Adresse", "Ann Almgren,ann@example.org,rue Almgren"),
        ("F\u{f6}rnamn,Efternamn,E-postadress", "Ann,Almgren,ann@example.org"),
        ("Customer Name,Phone,Zip code", "Ann Almgren,+46 70 123 45 67,Almgren"),
        ("Billing Name,Shipping Street,Customer", "Ann Almgren,Almgren 4,Ann"),
        // By what they hold, whatever they are called.
        ("A,B,C", "ann@example.org,+46 70 123 45 67,x"),
    ] {
        let text = format!(
            "Date,Title,{columns},Net Revenue,Currency\n2024-03-15,Rain,{values},1.5,EUR\n\
             2024-04-15,for ann@example.org,{values},2,EUR\nsoon,Rain,{values},x,EUR\n\
             2024-04-15,call +46 70 123 45 67,{values},2,EUR\n"
        );
        let needs = unmapped(text.as_bytes());
        let shown = format!("{needs:?}");
        let mapping = needs.layout.suggested;
        let reading = mapped(text.as_bytes(), &mapping);
        let kept = format!("{:?} {:?} {:?}", reading.layout, reading.aggregates, reading.warnings);
        for secret in ["Almgren", "example.org", "123 45 67"] {
            assert!(!shown.contains(secret), "{columns}: {shown}");
            assert!(!kept.contains(secret), "{columns}: {kept}");
        }
        assert_eq!(reading.total.to_string(), "5.5");
    }
    // Names of works, artists, labels and stores are no buyers.
    let text = "Date,Track Name,Artist Name,Label Name,Store Name,Customer,City,Street Date,Net,\
                Currency\n2024-03-15,Rain,Mira,L,Spotify,YouTube,Lund,2020-01-01,1.5,EUR\n\
                2024-04-15,Rain,Mira,L,Spotify,YouTube,Lund,2020-01-01,1.5,EUR\n";
    assert_eq!(unmapped(text.as_bytes()).layout.header.len(), 10);
}

#[test]
fn columns_of_one_name_are_asked_for_when_they_differ() {
    let text = "Sale Month,Track,Store,Earnings (EUR),Earnings (EUR)\n2024-03,A,X,1.5,1.5\n";
    let more = "2024-04,A,X,2.5,1.25\n";
    let reading = read(text);
    assert!(said(&reading, "duplicate_column").contains("'Earnings (EUR)'"));
    let both = text.to_owned() + &"2024-03,A,X,1.5,1.5\n".repeat(60) + more;
    let needs = unmapped(both.as_bytes());
    let question = needs.questions.iter().find(|q| q.code.ends_with("_column")).unwrap();
    assert_eq!(question.field, "amount");
    assert!(needs.layout.suggested.amount.is_empty(), "{:?}", needs.layout.suggested);
    let labels: Vec<_> = question.choices.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["'Earnings (EUR)' adds up to 94", "'Earnings (EUR) #2' adds up to 92.75"]);
    let mapping = Mapping { amount: "Earnings (EUR) #2".into(), ..needs.layout.suggested.clone() };
    let reading = mapped(both.as_bytes(), &mapping);
    assert_eq!(reading.total.to_string(), "92.75");
    // Columns that are not used only warn; one without a name has its place for a name.
    let text = "Sale Month,Track,Net Revenue,Currency,Note,,Note\n2024-03,A,1.5,EUR,x,y,z\n";
    let needs = unmapped(text.as_bytes());
    assert_eq!(needs.layout.header[4..], ["Note", "column 6", "Note #2"]);
    let reading = mapped(text.as_bytes(), &needs.layout.suggested);
    assert!(said(&reading, "duplicate_column").contains("'Note'"));
}

#[test]
fn one_recording_however_its_code_is_spelled() {
    let text = "Month,Title,ISRC,Net Revenue,Currency\n2024-03,Ett,se-abc-24-00001,1,EUR\n\
                2024-03,Ett,SEABC2400001,1,EUR\n2024-04,ett,ISRC SE ABC 24 00001,1,EUR\n\
                2024-04,Tv\u{e5},SEABC2400002,1,EUR\n";
    let reading = read(text);
    assert_eq!((reading.works_count, reading.aggregates.works.len()), (2, 2));
    assert_eq!(reading.aggregates.works[0].isrc, "SEABC2400001");
    assert_eq!(reading.aggregates.cells[0].rows, 2);
}

#[test]
fn sums_in_every_language_are_left_out_where_they_are_what_they_say() {
    for (part, all) in [
        ("Subtotal", "Grand Total"),
        ("Zwischensumme", "Gesamtsumme"),
        ("Sous-total", "Total g\u{e9}n\u{e9}ral"),
        ("Delsumma", "Summa"),
        ("Subtotaal", "Totaal"),
        ("Subtotale", "Totale"),
        ("V\u{e4}lisumma", "Yhteens\u{e4}"),
        ("Total", "Sum"),
    ] {
        let text = format!(
            "Month,Title,Net (EUR)\n2024-01,A,10.50\n2024-02,A,1.50\n2024-02,{part} A,12.00\n\
             2024-01,B,20.25\n2024-02,B,2.25\n2024-02,{part} B,22.50\n2024-02,{all},34.50\n"
        );
        let reading = mapped(text.as_bytes(), &unmapped(text.as_bytes()).layout.suggested);
        assert_eq!(reading.total.to_string(), "34.5", "{part}");
        assert!(reading.warnings.iter().any(|w| w.code == "total_rows"), "{part}");
    }
}
