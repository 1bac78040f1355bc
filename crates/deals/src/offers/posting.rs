//! What each step of a deal posts to the ledger (the table is in `docs/posting.md`).

use kernel::{Error, Timestamp};
use ledger::model::{AccountId, Action, Purpose, Rule, Transfer, TransferId, TransferKind};
use ledger::service::{self, OpenAccount};
use platform::Cx;
use platform::db::Tx;

use super::model::{Offer, OfferKind};

/// The accounts that a deal moves money between.
pub(crate) struct Accounts {
    pub(crate) asset: AccountId,
    pub(crate) payable: AccountId,
    pub(crate) cash: AccountId,
    pub(crate) suspense: AccountId,
}

/// Opens (or finds) the accounts of a deal paid over `rail`.
pub(crate) fn accounts(tx: &mut Tx<'_>, cx: &Cx, o: &Offer, rail: &str) -> Result<Accounts, Error> {
    let c = o.currency;
    let (purpose, prefix) = match o.kind {
        OfferKind::Purchase => (Purpose::CatalogueAsset, "catalogue_asset"),
        OfferKind::Advance => (Purpose::AdvanceReceivable, "advance_receivable"),
    };
    let mut open = |code: String, name: String, purpose, owner, rule| {
        service::ensure_account(tx, cx, &OpenAccount { code, name, purpose, owner, asset: c, rule })
    };
    Ok(Accounts {
        asset: open(
            format!("{prefix}:{}:{c}", o.id),
            format!("{} (K-{})", o.title, o.number),
            purpose,
            Some(o.id.0),
            Rule::CreditsNotExceedDebits,
        )?,
        payable: open(
            format!("creator_payable:{}:{c}", o.creator),
            "Owed to the creator".into(),
            Purpose::CreatorPayable,
            Some(o.creator.0),
            Rule::DebitsNotExceedCredits,
        )?,
        cash: cash_account_in(&mut open, rail, c.code())?,
        suspense: open(
            format!("suspense:{c}"),
            format!("Suspense {c}"),
            Purpose::Suspense,
            None,
            Rule::None,
        )?,
    })
}

fn cash_account_in(
    open: &mut impl FnMut(
        String,
        String,
        Purpose,
        Option<kernel::ids::Uuid>,
        Rule,
    ) -> Result<AccountId, platform::db::DbError>,
    rail: &str,
    currency: &str,
) -> Result<AccountId, platform::db::DbError> {
    open(
        format!("house_cash:{rail}:{currency}"),
        format!("House cash at {rail}, {currency}"),
        Purpose::HouseCash,
        None,
        Rule::CreditsNotExceedDebits,
    )
}

/// Capital of the owners, paid in at a rail. For the demo and for a treasurer's first day.
///
/// # Errors
/// When the ledger refuses.
pub fn pay_in_capital(
    tx: &mut Tx<'_>,
    cx: &Cx,
    rail: &str,
    amount: kernel::Money,
    id: kernel::ids::Uuid,
) -> Result<(), Error> {
    let c = amount.asset;
    let mut open = |code: String, name: String, purpose, owner, rule| {
        service::ensure_account(tx, cx, &OpenAccount { code, name, purpose, owner, asset: c, rule })
    };
    let cash = cash_account_in(&mut open, rail, c.code())?;
    let equity = open(
        format!("equity:owners:{c}"),
        format!("Owners' capital {c}"),
        Purpose::Equity,
        None,
        Rule::None,
    )?;
    let transfer = Transfer {
        id: TransferId(id),
        action: Action::Single,
        debit: cash,
        credit: equity,
        amount: amount.minor,
        kind: TransferKind::Deposit,
        offer: None,
        reference: "capital".into(),
        at: cx.clock.now(),
    };
    service::post_linked(tx, &[transfer]).map(|_| ())
}

/// A movement of this deal.
pub(crate) struct Movement<'a> {
    pub(crate) debit: AccountId,
    pub(crate) credit: AccountId,
    pub(crate) amount: i64,
    pub(crate) action: Action,
    pub(crate) kind: TransferKind,
    pub(crate) reference: &'a str,
}

/// Posts one movement; answers its identifier.
pub(crate) fn post(
    tx: &mut Tx<'_>,
    cx: &Cx,
    o: &Offer,
    at: Timestamp,
    m: &Movement<'_>,
) -> Result<TransferId, Error> {
    let id = TransferId::new(&*cx.ids);
    let transfer = Transfer {
        id,
        action: m.action,
        debit: m.debit,
        credit: m.credit,
        amount: m.amount,
        kind: m.kind,
        offer: Some(o.id.0),
        reference: m.reference.to_owned(),
        at,
    };
    service::post_linked(tx, &[transfer])?;
    Ok(id)
}
