//! Movements that a treasurer books by hand: capital in, a correction.

use contracts::{Danger, Key};
use kernel::ids::Uuid;
use kernel::{Error, Money, Timestamp};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::Tx;
use platform::idempotency::Once;
use serde::{Deserialize, Serialize};

use super::{find_account, post_linked};
use crate::model::{AccountId, Action, Known, Transfer, TransferId, TransferKind};
use crate::store::{self, Before, Filter, Listed};

/// The largest amount that one person books by hand, in whole units of the currency.
const BY_HAND: Key = Key {
    name: "ledger.by_hand_limit_units",
    default: 25_000_000,
    min: 1,
    max: 1_000_000_000,
    danger: Danger::Up,
    about: concat!(
        " The largest amount that one person books by hand or pays in as capital, in whole units ",
        "of the currency."
    ),
};

/// Every setting of the ledger.
pub const KEYS: &[Key] = &[BY_HAND];

/// An amount that one person may book: the limit of every door, and that of the house.
///
/// # Errors
/// `Invalid` naming `field` and the limit; `second_person_needed` above the house's limit.
pub fn checked_by_hand(cx: &Cx, field: &str, amount: Money) -> Result<Money, Error> {
    amount.checked(field)?;
    let unit = 10_i128.pow(amount.asset.scale());
    let limit = i128::from(cx.settings.snapshot().int(&BY_HAND)) * unit;
    if i128::from(amount.minor) <= limit {
        return Ok(amount);
    }
    let limit = Money::new(i64::try_from(limit).unwrap_or(Money::MOST), amount.asset);
    Err(Error::new(
        kernel::Kind::Denied,
        "second_person_needed",
        format!(
            "{amount} is more than one person books alone ({limit}); a second person cannot \
             be asked yet: check the amount, or raise {}",
            BY_HAND.name
        ),
    )
    .with("field", field)
    .with("limit", limit.amount_text()))
}

/// A movement to be booked.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTransfer {
    /// Given by the caller; the same identifier is the same transfer for ever.
    id: Option<Uuid>,
    debit_account: Uuid,
    credit_account: Uuid,
    amount: Money,
    r#type: TransferKind,
    /// What the booking is for: 1 to 140 characters.
    #[schema(min_length = 1, max_length = 140)]
    reference: String,
}

/// Books a movement by hand, once per `id` or Idempotency-Key.
///
/// # Errors
/// `Invalid` naming the field, `second_person_needed`, `account_not_found`, or the ledger's
/// refusal. A refused `id` stays refused.
pub(crate) async fn book_by_hand(cx: &Cx, new: NewTransfer) -> Result<Listed, Error> {
    cx.decide_all("ledger.write").await?;
    let length = new.reference.chars().count();
    let blank = new.reference.trim().is_empty();
    if blank || length > 140 || new.reference.chars().any(char::is_control) {
        return Err(Error::invalid(
            "reference",
            "say what the booking is for: 1 to 140 characters, no control characters",
        ));
    }
    checked_by_hand(cx, "amount", new.amount)?;
    let once = match new.id {
        Some(_) => Once::optional(cx, "ledger.transfers", &new)?,
        None => Once::required(cx, "ledger.transfers", &new)?,
    };
    let (ctx, at) = (cx.clone(), cx.clock.now());
    let fresh = TransferId(new.id.unwrap_or_else(|| cx.ids.next()));
    cx.db
        .write(move |tx| {
            let transfer = by_hand(tx, &ctx, &new, fresh, at)?;
            let booked = tx.savepoint(|tx| book(tx, &ctx, &once, &transfer));
            match booked {
                Ok(id) => Ok(Ok(listed(tx, id)?)),
                // What was refused under the caller's identifier is remembered, so that it
                // cannot happen later when nobody expects it any more.
                Err(refused) if new.id.is_some() && is_remembered(&refused) => {
                    store::save_failed(tx, fresh, refused.code, &transfer.content(), at)?;
                    Ok(Err(refused))
                }
                Err(e) => Err(e),
            }
        })
        .await?
}

/// Refusals of a transfer by itself; another use of its identifier is remembered already.
fn is_remembered(e: &Error) -> bool {
    let by_itself =
        ["insufficient_funds", "amount_not_allowed", "accounts_must_differ", "assets_must_match"];
    by_itself.contains(&e.code)
}

fn book(tx: &mut Tx<'_>, cx: &Cx, once: &Once, t: &Transfer) -> Result<TransferId, Error> {
    if let Some(before) = once.begin(tx, t.at)? {
        return Ok(before);
    }
    let known = super::find_transfer(tx, t.id)?;
    post_linked(tx, std::slice::from_ref(t))?;
    if !matches!(known, Some(Known::Applied(_))) {
        let asset = find_account(tx, t.debit)?.asset;
        let entry = Entry {
            action: "ledger.book",
            subject: format!("transfer/{}", t.id),
            details: serde_json::json!({ "debit": t.debit, "credit": t.credit,
                "amount": Money::new(t.amount, asset), "type": t.kind,
                "reference": t.reference }),
        };
        audit::append(tx, cx, t.at, &entry)?;
    }
    once.done(tx, &t.id)?;
    Ok(t.id)
}

fn listed(tx: &mut Tx<'_>, id: TransferId) -> Result<Listed, Error> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    let found = store::transfers(tx, &filter, Before::FIRST, 1)?.listed.pop();
    found.ok_or_else(|| Error::internal("a booked transfer is not there"))
}

fn by_hand(
    tx: &mut Tx<'_>,
    cx: &Cx,
    new: &NewTransfer,
    id: TransferId,
    at: Timestamp,
) -> Result<Transfer, Error> {
    let debit = find_account(tx, AccountId(new.debit_account))?;
    if debit.asset != new.amount.asset {
        return Err(Error::invalid(
            "amount.currency",
            format!("account {} counts {}", debit.code, debit.asset),
        ));
    }
    Ok(Transfer {
        id,
        action: Action::Single,
        debit: debit.id,
        credit: AccountId(new.credit_account),
        amount: new.amount.minor,
        kind: new.r#type,
        offer: None,
        reference: new.reference.clone(),
        actor: cx.principal.name.clone(),
        at,
    })
}
