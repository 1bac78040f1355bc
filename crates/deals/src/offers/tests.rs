//! The transition table, cell by cell, as the specification writes it.

use kernel::Timestamp;

use super::model::Status;

const TABLE: &[(&str, &str)] = &[
    ("PENDING_VALUATION", "VALUATING WITHDRAWN"),
    ("VALUATING", "OFFER_READY VALUATION_FAILED"),
    ("VALUATION_FAILED", "VALUATING WITHDRAWN"),
    ("OFFER_READY", "ACCEPTED DECLINED EXPIRED WITHDRAWN VALUATING"),
    ("DECLINED", "VALUATING"),
    ("EXPIRED", "VALUATING"),
    ("ACCEPTED", "PAYOUT_REQUESTED WITHDRAWN"),
    ("PAYOUT_REQUESTED", "PAYOUT_PENDING PAYOUT_FAILED"),
    ("PAYOUT_PENDING", "PAID_OUT PAYOUT_FAILED"),
    ("PAYOUT_FAILED", "PAYOUT_REQUESTED WITHDRAWN"),
    ("PAID_OUT", "CLOSED RETURNED"),
    ("CLOSED", "RETURNED"),
    ("RETURNED", "PAYOUT_REQUESTED WITHDRAWN"),
    ("WITHDRAWN", ""),
];

#[test]
fn every_cell_of_the_table() {
    assert_eq!(TABLE.len(), Status::ALL.len());
    let mut allowed = 0;
    for (from, to) in TABLE {
        let from: Status = from.parse().unwrap();
        let wanted: Vec<&str> = to.split_whitespace().collect();
        for target in Status::ALL {
            let mut offer = super::store::tests_support::offer(from);
            let step = offer.go(*target, Timestamp(5));
            if wanted.contains(&target.as_str()) {
                let step = step.unwrap_or_else(|e| panic!("{from} -> {target}: {e}"));
                assert_eq!((step.from, step.to, offer.status), (from, *target, *target));
                allowed += 1;
            } else {
                let e = step.expect_err("a step that is not in the table");
                assert_eq!(e.code, "wrong_status", "{from} -> {target}");
                assert_eq!(offer.status, from, "nothing is half done");
                assert_eq!(e.details.unwrap()["status"], from.as_str());
            }
        }
    }
    assert_eq!(allowed, 26);
}

/// Every way in which a list of deals can be asked for goes by an index of its order. One
/// creator's deals, and those that have a rare word, are few and may be sorted.
#[tokio::test]
async fn no_list_of_deals_reads_or_sorts_them_all() {
    use super::store::{Filter, SortKey, page};
    let all = crate::payouts::ALL_FOR_TESTS;
    let t = platform::testing::house(platform::testing::On::Sqlite, all).await.unwrap();
    let after = kernel::Cursor { value: "5".into(), id: "x".into() };
    let mut asked = 0;
    for key in [SortKey::Created, SortKey::Updated, SortKey::Amount, SortKey::Title] {
        for statuses in [Status::ALL.to_vec(), vec![Status::Closed]] {
            for (text, descending) in [("", true), ("", false), ("lind", true)] {
                for after in [None, Some(after.clone())] {
                    let text = text.to_owned();
                    let statuses = statuses.clone();
                    let f = Filter { statuses, creator: None, text, key, descending, after };
                    let (text, values) = page(&f, &f.statuses, None, 50);
                    let explain = format!("explain query plan {text}");
                    let plan = t.house.db.read(move |tx| {
                        let rows = tx.query(&explain, &values)?;
                        rows.iter().map(|r| r.text("detail")).collect::<Result<Vec<_>, _>>()
                    });
                    let plan = plan.await.map_err(|e: platform::db::DbError| e).unwrap();
                    let bad = |line: &String| {
                        line.contains("TEMP B-TREE")
                            || (line.starts_with("SCAN") && !line.contains("USING INDEX"))
                    };
                    assert!(!plan.iter().any(bad), "{plan:?}\n{text}");
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(asked, 48);
}
