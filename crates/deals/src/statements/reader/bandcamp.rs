//! What only Bandcamp's rows need.

use kernel::Exact;

use super::intake::{Intake, Skipped, shown};
use super::plan::Bandcamp;
use super::records::Row;
use super::values::{self, AmountError};

impl Intake {
    /// Income and stored net amount of a Bandcamp row; `None` for a payout.
    ///
    /// A refund or reversal may carry no net amount. What the seller loses is then the sub
    /// total less the fee and the revenue share that Bandcamp gives back: in real reports this
    /// takes back exactly the net amounts of the sales. A sale whose revenue share is `n/a`
    /// was paid past Bandcamp and counts neither when sold nor when refunded.
    pub fn bandcamp(
        &mut self,
        row: &Row<'_>,
        columns: Bandcamp,
    ) -> Result<Option<(Exact, Exact)>, Skipped> {
        let kind = row.field(columns.kind);
        if kind == b"payout" {
            self.rows += 1;
            self.payouts += 1;
            return Ok(None);
        }
        let net = row.field(self.plan.amount);
        match values::amount(net, b'.') {
            Ok(amount) => return Ok(Some((amount, amount))),
            Err(AmountError::Empty) => {}
            Err(_) => {
                let why = format!("'{}' is no amount: the row is left out", shown(net));
                self.warn(row.line, self.plan.amount, "bad_amount", why);
                return Err(Skipped);
            }
        }
        let taken_back = kind == b"refund" || kind == b"reversal";
        if !taken_back || row.field(columns.share) == b"n/a" {
            let why = "no net amount (paid past Bandcamp): counted as 0".to_owned();
            self.warn(row.line, self.plan.amount, "no_net_amount", why);
            return Ok(Some((Exact::ZERO, Exact::ZERO)));
        }
        let part = |column: usize| match values::amount(row.field(column), b'.') {
            Err(AmountError::Empty) => Ok(Exact::ZERO),
            other => other,
        };
        let (sub_total, fee, share) =
            (part(columns.sub_total), part(columns.fee), part(columns.share));
        let (Ok(sub_total), Ok(fee), Ok(share)) = (sub_total, fee, share) else {
            let why = "the refund's sub total, fee or share is no amount: left out".to_owned();
            self.warn(row.line, columns.sub_total, "bad_amount", why);
            return Err(Skipped);
        };
        let lost = sub_total - fee - share;
        let why = format!(
            "the refund carries no net amount: counted as {lost} (sub total less fee and \
             revenue share)"
        );
        self.warn(row.line, self.plan.amount, "refund_without_net", why);
        Ok(Some((lost, Exact::ZERO)))
    }
}
