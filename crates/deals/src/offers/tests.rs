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
