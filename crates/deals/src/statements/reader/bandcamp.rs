//! What only Bandcamp's rows need.

use kernel::Exact;

use super::amounts::AmountError;
use super::intake::{Intake, Skipped, Taken, shown};
use super::records::Row;

impl Intake {
    /// The money of a Bandcamp row.
    ///
    /// A refund or reversal may carry no net amount. What the seller loses is then the sub
    /// total less the fee and the revenue share that Bandcamp gives back: in real reports this
    /// takes back exactly the net amounts of the sales. A sale whose revenue share is `n/a`
    /// was paid past Bandcamp and counts neither when sold nor when refunded.
    ///
    /// # Errors
    /// [`Skipped`] when the row cannot be read (a warning says so).
    pub fn bandcamp(&mut self, row: &Row<'_>) -> Result<Taken, Skipped> {
        let Some(columns) = self.plan.bandcamp else { return Err(Skipped) };
        let column = self.plan.amount;
        let kind = row.field(columns.kind);
        let net = self.amount(row, column);
        match net {
            Ok(taken) => return Ok(taken),
            Err(AmountError::Empty) => {}
            Err(_) => {
                let shown = shown(row.field(column));
                let why = format!("'{shown}' is no amount: the row is left out");
                return self.skip(row, column, why);
            }
        }
        let share = columns.share.map_or(&b""[..], |c| row.field(c));
        let taken_back = kind == b"refund" || kind == b"reversal";
        if !taken_back || share == b"n/a" {
            let why = "no net amount (paid past Bandcamp): counted as 0".to_owned();
            self.warn(row.line, column, "no_net_amount", why);
            return Ok(Taken::beyond(Exact::ZERO, Exact::ZERO));
        }
        let mut part = |column: Option<usize>| match column.map(|c| self.amount(row, c)) {
            None | Some(Err(AmountError::Empty)) => Ok(Exact::ZERO),
            Some(Ok(taken)) => Ok(taken.value),
            Some(Err(other)) => Err(other),
        };
        let (sub_total, fee, share) =
            (part(Some(columns.sub_total)), part(Some(columns.fee)), part(columns.share));
        let (Ok(sub_total), Ok(fee), Ok(share)) = (sub_total, fee, share) else {
            let why = "the refund's sub total, fee or share is no amount: left out".to_owned();
            return self.skip(row, columns.sub_total, why);
        };
        let lost = sub_total - fee - share;
        let why = format!(
            "the refund carries no net amount: counted as {lost} (sub total less fee and \
             revenue share)"
        );
        self.warn(row.line, column, "refund_without_net", why);
        Ok(Taken::beyond(lost, Exact::ZERO))
    }

    fn skip(&mut self, row: &Row<'_>, column: usize, why: String) -> Result<Taken, Skipped> {
        self.unreadable(row, column, "bad_amount", why);
        Err(Skipped)
    }
}
