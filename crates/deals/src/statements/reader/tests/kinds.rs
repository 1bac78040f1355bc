//! Which rows are income, by the values of a column: known, known not to be, or asked.

use super::*;

/// Twenty royalties of 100, and twenty rows of another kind.
fn with(column: &str, value: &str) -> String {
    let mut text = format!("Month,Title,{column},Net Revenue,Currency\n");
    for (known, of) in [("Royalty", "2024-03"), (value, "2024-04")] {
        text.push_str(&format!("{of},Ett,{known},100,EUR\n").repeat(20));
    }
    text
}

/// The total, or what is asked: `?` and the values.
fn comes_to(text: &str) -> String {
    let needs = unmapped(text.as_bytes());
    let kinds = needs.questions.iter().find(|q| q.code == "row_kinds");
    if let Some(asked) = kinds {
        let values: Vec<_> = asked.values.iter().map(|v| v.value.as_str()).collect();
        return format!("?{}", values.join(","));
    }
    mapped(text.as_bytes(), &needs.layout.suggested).total.to_string()
}

#[test]
fn what_is_known_to_be_no_income_is_left_out_wherever_the_word_stands() {
    for value in [
        "PayPal payout",
        "Monthly payout",
        "Stripe payout",
        "Instant transfer",
        "Sent to PayPal",
        "Cash out",
        "Wire",
        "ACH",
        "Remittance",
        "Konto\u{fc}berweisung",
        "Currency conversion",
        "Reversal of payout",
        "Payout reversal",
        "Utbetalning till konto",
        "Virement SEPA",
        "Bonifico bancario",
        "Advance",
        "Royalty advance",
        "Loan",
        "Deposit",
        "Top-up",
        "Vorschuss",
        "F\u{f6}rskott",
        "Kontostand",
        "Utg\u{e5}ende balans",
        "Balans",
        "B/F",
        "Balance b/f",
        "Amount due",
        "Total",
        "Summe",
        "Totale",
        "Totaal",
        "Gesamt",
        "Summa",
        "Sub-total",
        "Page total",
    ] {
        assert_eq!(comes_to(&with("Type", value)), "2000", "{value}");
        let text = with("Transaction", value);
        let said = comes_to(&text);
        assert!(said == "2000" || said == format!("?{value}"), "{value}: {said}");
    }
}

#[test]
fn what_is_not_known_is_asked_once_for_each_value() {
    for value in ["Royalty payout", "Payments", "Payment", "Payoneer", "PayPal", "Zelle", "Blorp"] {
        for column in ["Type", "Category", "Vorgang", "Tipo de movimiento", "Transaction", "Hm"] {
            let text = with(column, value);
            assert_eq!(comes_to(&text), format!("?{value}"), "{column} {value}");
        }
    }
    let text = with("Type", "Blorp") + &"2024-05,Ett,Fnord,7.5,EUR\n".repeat(2);
    let needs = unmapped(text.as_bytes());
    let asked = question(&needs, "row_kinds");
    assert!(needs.reading.is_none(), "no total before the answer");
    for says in ["'Blorp'", "20 rows, 2000 EUR", "'Fnord'", "2 rows, 15 EUR", "'Type'"] {
        assert!(asked.message.contains(says), "{says}: {}", asked.message);
    }
    assert_eq!((asked.field.as_str(), asked.values[1].rows), ("rows", 2));
    // Each is answered by itself; one answer of two is not enough.
    let answer =
        |value: &str, income| RowAnswer { column: "Type".into(), value: value.into(), income };
    let read = |rows: Vec<RowAnswer>| {
        run(text.as_bytes(), Some(&Mapping { rows, ..needs.layout.suggested.clone() })).unwrap()
    };
    let Outcome::NeedsMapping(open) = read(vec![answer("blorp", false)]) else { panic!("ready") };
    assert_eq!(question(&open, "row_kinds").values[0].value, "Fnord");
    let Outcome::Ready(r) = read(vec![answer("Blorp", false), answer("Fnord", true)]) else {
        panic!("asks again")
    };
    assert_eq!((r.total.to_string().as_str(), r.rows), ("2015", 22));
    let said = r.warnings.iter().find(|w| w.code == "other_rows").unwrap();
    assert!(said.message.contains("'Blorp' 20 rows, 2000"), "{}", said.message);
    // All that is not known at once, and a person's word against ours.
    let Outcome::Ready(r) = read(vec![answer("*", false)]) else { panic!("asks again") };
    assert_eq!(r.total.to_string(), "2000");
    // What is said of all others is not said of titles in another column.
    let text = text.replace("Title,", "Description,");
    assert_eq!(comes_to(&text), "?Blorp,Fnord");
    let mapping = Mapping { rows: vec![answer("*", false)], ..needs.layout.suggested.clone() };
    let mapping = Mapping { title: None, ..mapping };
    let one = RowAnswer { column: String::new(), ..mapping.rows[0].clone() };
    for rows in [mapping.rows.clone(), vec![one]] {
        let mapping = Mapping { rows, ..mapping.clone() };
        assert_eq!(mapped(text.as_bytes(), &mapping).total.to_string(), "2000");
    }
    let text = with("Transaction", "Blorp");
    let suggested = unmapped(text.as_bytes()).layout.suggested;
    let all = RowAnswer { column: "Transaction".into(), value: "*".into(), income: false };
    let mapping = Mapping { rows: vec![all], ..suggested };
    assert_eq!(mapped(text.as_bytes(), &mapping).total.to_string(), "2000");
    let text = with("Type", "Deposit");
    let suggested = unmapped(text.as_bytes()).layout.suggested;
    let mapping = Mapping { rows: vec![answer("Deposit", true)], ..suggested };
    assert_eq!(mapped(text.as_bytes(), &mapping).total.to_string(), "4000");
}

#[test]
fn many_values_are_one_question_with_few_lines() {
    let mut text = "Month,Title,Type,Net Revenue,Currency\n".to_owned();
    for n in 0..100 {
        let kind: String = ["q", "w", "x", "z"].iter().cycle().take(n % 20 + 3).copied().collect();
        text.push_str(&format!("2024-03,Ett,{kind}{n},1,EUR\n"));
    }
    let needs = unmapped(text.as_bytes());
    let asked = question(&needs, "row_kinds");
    assert_eq!(asked.values.len(), 30);
    let rest = asked.values.last().unwrap();
    assert_eq!((rest.value.as_str(), rest.rows), ("*", 71));
    assert_eq!(asked.values.iter().map(|v| v.rows).sum::<u64>(), 100);
}

#[test]
fn kinds_of_content_are_no_question() {
    for (column, values) in [
        ("Type", "Stream,Download,Track,Album,Subscription,Ad-supported,Video"),
        ("Type", "Mechanical,Performance,Sync,Synchronization,Print,Neighbouring rights"),
        ("Sales Type", "Stream,Permanent Download,Cloud Match,Non-Interactive Radio"),
        ("Transaction Type", "Ad-Supported Streams,Premium,Free,Gratis Trial,Family Plan Stream"),
        ("Usage Type", "Hintergrundmusik,UGC,Wurlitzer"),
        ("Product Type", "T-Shirt,Vinyl,Hoodie,Enamel pin"),
        ("Content Type", "Art Track,Sound Recording,Wibble"),
        ("Typ", "Streaming,Herunterladen Download,Mechanische Lizenz,Auff\u{fc}hrung"),
        ("Typ", "Str\u{f6}mmning,Nedladdning,Framf\u{f6}rande,Mekanisk"),
        ("Tipo", "Descarga,Reproducci\u{f3}n,Suscripci\u{f3}n,Ejecuci\u{f3}n p\u{fa}blica"),
        ("Type", "T\u{e9}l\u{e9}chargement,\u{c9}coute,Diffusion,Reproduction m\u{e9}canique"),
        ("Type", "License fee,Sync fee,Performance royalty,Adjustment,Correction"),
        ("Trans Type", "AV,S,AS,SV"),
        ("Fee Type", "transfer,paypal"),
        ("Payment Method", "PayPal,Bank transfer,Wire,Card"),
        ("Status", "Paid,Completed,SUCCEEDED,Bezahlt,Betald,Pagado,Settled,Payment received"),
    ] {
        let mut text = format!("Month,Title,{column},Net Revenue,Currency\n");
        for value in values.split(',') {
            text.push_str(&format!("2024-03,Ett,{value},1,EUR\n"));
        }
        let rows = values.split(',').count();
        assert_eq!(comes_to(&text), rows.to_string(), "{column}: {values}");
    }
}

#[test]
fn only_what_is_done_counts_by_its_status() {
    for (status, comes) in [
        ("Returned", "10"),
        ("Void", "10"),
        ("Denied", "10"),
        ("Awaiting payment", "10"),
        ("Annullerad", "10"),
        ("R\u{fc}ckerstattet", "10"),
        ("Abandoned", "10"),
        ("Not paid", "10"),
        ("Pending", "10"),
        ("To be paid", "10"),
        ("On hold", "10"),
        ("Partial refund", "?Partial refund"),
        ("Partially paid", "?Partially paid"),
        ("Paid out", "?Paid out"),
        ("Wobbly", "?Wobbly"),
    ] {
        for column in ["Status", "Payment status", "Order state", "Estado del pago"] {
            let text = format!(
                "Month,Title,{column},Net Revenue,Currency\n2024-03,A,Paid,10,EUR\n\
                 2024-04,A,{status},7,EUR\n"
            );
            assert_eq!(comes_to(&text), comes, "{column} {status}");
        }
    }
    // How much was taken back stands beside an amount that is not less for it.
    for (column, back, comes) in [
        ("Refund Amount", "7", "?taken back in full"),
        ("Amount refunded", "-7", "?taken back in full"),
        ("Erstattungsbetrag", "2.50", "?taken back in part"),
        ("Refund Amount", "0", "17"),
        ("Refund Amount", "", "17"),
        ("Refund date", "2024-05-01", "17"),
    ] {
        let text = format!(
            "Month,Title,Net Revenue,{column},Currency\n2024-03,A,10,0,EUR\n\
             2024-04,A,7,{back},EUR\n"
        );
        assert_eq!(comes_to(&text), comes, "{column} {back}");
    }
}

#[test]
fn a_known_layout_goes_through_the_same() {
    // Bandcamp, where a transfer is none of its own words.
    let header = "date,paid to,item type,item name,artist,currency,item price,quantity,\
                  discount code,sub total,additional fan contribution,seller tax,shipping,\
                  transaction fee,fee type,assessed revenue share,net amount,item total,\
                  amount you received,bandcamp transaction id,country code";
    let row = |kind: &str, net: &str| {
        format!("1/2/26 5:00pm,x,{kind},Etta,M,USD,1,1,,1,0,0,0,0,paypal,0,{net},1,1,1,SE\n")
    };
    for (kind, total) in [("transfer", "8.5"), ("payout", "8.5"), ("PayPal payout", "8.5")] {
        let text = format!("{header}\n{}{}", row("album", "8.50"), row(kind, "-8.50"));
        assert_eq!(ready(text.as_bytes()).total.to_string(), total, "{kind}");
        let text = format!("{header}\n{}{}", row("album", "8.50"), row(kind, "8.50"));
        assert_eq!(ready(text.as_bytes()).total.to_string(), total, "{kind}");
    }
    // CD Baby, with a kind that nobody knows: asked, with its sum.
    let text = "Report Date\tSales Date\tQuantity\tPrice\tSubtotal\tIsrc\tBarcode\tCDBabySku\t\
                Album Name\tArtist Name\tTrack Name\tPartner Name\tTransaction Type\t\
                Delivery Country\n\
                2023-11-15\t2023-09-01\t1\t0.05\t0.05\tX\t1\t1\tA\tN\tEtt\tSpotify\tStream\tSE\n\
                2023-11-15\t2023-10-20\t0\t0\t50\t\t\t\t\t\tX\tBank\tBlorp\tSE\n";
    let needs = unmapped(text.as_bytes());
    assert_eq!(question(&needs, "row_kinds").values[0].amount.to_string(), "50");
    let answer = RowAnswer { column: String::new(), value: "Blorp".into(), income: false };
    let mapping = Mapping { rows: vec![answer], ..needs.layout.suggested };
    assert_eq!(mapped(text.as_bytes(), &mapping).total.to_string(), "0.05");
    // What was answered is kept while something else is open.
    let more = text.to_owned() + "2023-11-15\t2023-10-20\t0\t0\t5\t\t\t\t\t\tX\tBank\tFnord\tSE\n";
    let Outcome::NeedsMapping(open) = run(more.as_bytes(), Some(&mapping)).unwrap() else {
        panic!("ready")
    };
    assert_eq!(open.layout.suggested.rows, mapping.rows);
}

#[test]
fn sums_in_titles_and_first_cells_are_left_out_or_asked() {
    let text = "Month,Title,Store,Net Revenue,Currency\n2024-03,Uno,A,1.5,EUR\n\
                2024-03,Uno,B,2,EUR\n2024-03,Total for Uno,,3.5,EUR\n2024-04,Due,A,4,EUR\n\
                2024-04,Page total,,4,EUR\n2024-05,Uno,A,1,EUR\n2024-05,Sub-total,,1,EUR\n\
                2024-05,Uno total,,4.5,EUR\n2024-05,x,Total B,2,EUR\n2024-05,Total,,8.5,EUR\n";
    assert_eq!(comes_to(text), "8.5");
    for title in ["Total January", "Sub-total", "Total for Uno", "Page total", "Uno total"] {
        let text = format!(
            "Month,Title,Net Revenue,Currency\n2024-03,Uno,1.5,EUR\n2024-03,{title},99,EUR\n"
        );
        assert_eq!(comes_to(&text), format!("?{title}"), "{title}");
    }
    let text = "Month,Title,Net Revenue,Currency\n2024-03,Uno,1.5,EUR\n2024-03,Due,2,EUR\n\
                2024-03,Summe Mira,3.5,EUR\n";
    assert_eq!(comes_to(text), "?Summe Mira", "an artist that the file does not name");
    // In a first cell that is nothing else.
    for (first, amount, comes) in [
        ("Sub-total", "3.5", "3.5"),
        ("Total January", "3.5", "3.5"),
        ("Sub-total", "90", "?Sub-total"),
        ("4", "3", "6.5"),
    ] {
        let text = format!(
            "Line,Month,Title,Net Revenue,Currency\n1,2024-03,Uno,1.5,EUR\n2,2024-03,Uno,2,EUR\n\
             {first},2024-03,,{amount},EUR\n"
        );
        assert_eq!(comes_to(&text), comes, "{first} {amount}");
    }
    // Songs that begin so.
    let text = "Month,Title,Net Revenue,Currency\n2024-03,Total Eclipse of the Heart,1,EUR\n\
                2024-03,Sum of Us All Together Now,2,EUR\n2024-03,Totally Yours,4,EUR\n\
                2024-03,Total Recall,8,EUR\n";
    let said = comes_to(text);
    assert!(said == "15" || said == "?Sum of Us All Together Now", "{said}");
}

#[test]
fn an_automatic_payment_is_no_income_in_any_language() {
    for words in [
        "Pago autom\u{e1}tico: transferencia bancaria",
        "Pagamento automatico: bonifico",
        "Automatische Zahlung an Bank",
        "Paiement automatique : virement",
        "Automatisk betalning till bank",
    ] {
        let text = format!(
            "Date,Description,Amount (EUR)\n2024-01-31,AdSense earnings,40.00\n\
             2024-02-21,{words},-40.00\n2024-02-29,AdSense earnings,50.00\n"
        );
        let reading = mapped(text.as_bytes(), &unmapped(text.as_bytes()).layout.suggested);
        assert_eq!(reading.total.to_string(), "90", "{words}");
    }
}

#[test]
fn counts_in_the_column_of_the_money_are_no_money() {
    for (head, count, money) in [
        ("Metric", "Streams", "Revenue"),
        ("Measure", "Units sold", "Net earnings"),
        ("Kennzahl", "Abrufe", "Erl\u{f6}se"),
        ("M\u{e4}tetal", "Str\u{f6}mmar", "Int\u{e4}kt"),
    ] {
        let text = format!(
            "Month,Title,{head},Value (EUR)\n2024-01,A,{count},1000\n2024-01,A,{money},1.50\n\
             2024-02,A,{count},2000\n2024-02,A,{money},2.50\n"
        );
        assert_eq!(comes_to(&text), "4", "{head}");
        let text = format!(
            "Title,{head},2024-01,2024-02,Currency\nA,{count},1000,2000,EUR\n\
             A,{money},1.50,2.50,EUR\n"
        );
        assert_eq!(comes_to(&text), "4", "{head}");
    }
    let text = "Title,Type,2024-01,2024-02,Currency\nA,Units,10,20,EUR\nA,EUR,1.50,2.50,EUR\n";
    assert_eq!(comes_to(text), "?Units");
    // Under another name they are asked, and so is what is gross.
    let text = "Month,Title,What,Value (EUR)\n2024-01,A,Streams,1000\n2024-01,A,Revenue,1.50\n";
    assert_eq!(comes_to(text), "?Streams");
    let text =
        "Month,Title,Metric,Value (EUR)\n2024-01,A,Gross revenue,3\n2024-01,A,Net revenue,1.50\n";
    assert_eq!(comes_to(text), "?Gross revenue");
}
