//! Capital of the owners comes in: before it, a house can pay nobody.

use kernel::{Error, Money};
use ledger::model::TransferId;
use platform::Cx;
use platform::audit::{self, Entry};
use platform::idempotency::Once;
use serde::{Deserialize, Serialize};

use crate::offers::posting::{self, Capital};

/// Capital as it is paid in.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCapital {
    /// Over zero; above `ledger.by_hand_limit_units` a second person is needed.
    pub(crate) amount: Money,
    /// Where it is found again on the bank's statement, 1 to 140 characters.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) reference: String,
}

impl NewCapital {
    fn checked(mut self, cx: &Cx) -> Result<Self, Error> {
        ledger::service::checked_by_hand(cx, "amount", self.amount)?;
        self.reference = crate::creators_text("reference", &self.reference, 140)?;
        Ok(self)
    }
}

/// Capital that was paid in.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct PaidIn {
    /// The movement in the ledger.
    pub(crate) transfer_id: TransferId,
    pub(crate) amount: Money,
    /// Of the cash account, after it.
    pub(crate) balance: Money,
}

/// Pays capital in at `rail`, once per key.
///
/// # Errors
/// `Invalid` naming the field or the missing Idempotency-Key, `idempotency_key_reused`, or the
/// ledger's refusal.
pub(crate) async fn pay_in(cx: &Cx, rail: &'static str, new: NewCapital) -> Result<PaidIn, Error> {
    cx.decide_all("payouts.capital").await?;
    let once = Once::required(cx, "payouts.capital", &new)?;
    let new = new.checked(cx)?;
    let (ctx, now, id) = (cx.clone(), cx.clock.now(), TransferId::new(&*cx.ids));
    cx.db
        .write(move |tx| {
            if let Some(before) = once.begin(tx, now)? {
                return Ok(before);
            }
            let capital = Capital { id, amount: new.amount, reference: &new.reference };
            let account = posting::capital(tx, &ctx, rail, &capital)?;
            let balance = ledger::service::find_account(tx, account)?.balance();
            let paid = PaidIn { transfer_id: id, amount: new.amount, balance };
            let entry = Entry {
                action: "payouts.capital",
                subject: format!("account/{account}"),
                details: serde_json::json!({ "transfer": id, "amount": new.amount,
                    "reference": new.reference }),
            };
            audit::append(tx, &ctx, now, &entry)?;
            once.done(tx, &paid)?;
            Ok(paid)
        })
        .await
}
