//! What each step of a deal posts to the ledger (the table is in `docs/posting.md`).

use kernel::{Error, Money, Timestamp};
use ledger::model::{AccountId, Action, Purpose, Rule, Transfer, TransferId, TransferKind};
use ledger::service::{self, OpenAccount};
use platform::Cx;
use platform::db::Tx;

use super::model::{Offer, OfferKind};
use crate::creators;
use crate::payouts::in_words;

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
    let creator = creators::service::load(tx, o.creator)?.display_name;
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
            format!("Owed to {creator}, {c}"),
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
        format!("House cash at {}, {currency}", in_words(rail)),
        Purpose::HouseCash,
        None,
        Rule::CreditsNotExceedDebits,
    )
}

/// Capital of the owners, paid in at a rail without anybody asking: for demos and tests.
///
/// # Errors
/// When the ledger refuses.
pub fn pay_in_capital(
    tx: &mut Tx<'_>,
    cx: &Cx,
    rail: &str,
    amount: Money,
    id: kernel::ids::Uuid,
) -> Result<(), Error> {
    capital(tx, cx, rail, &Capital { id: TransferId(id), amount, reference: "capital" }).map(|_| ())
}

/// Money of the owners that comes in.
pub(crate) struct Capital<'a> {
    pub(crate) id: TransferId,
    pub(crate) amount: Money,
    pub(crate) reference: &'a str,
}

/// Posts capital at a rail; answers the cash account that it went to.
pub(crate) fn capital(
    tx: &mut Tx<'_>,
    cx: &Cx,
    rail: &str,
    new: &Capital<'_>,
) -> Result<AccountId, Error> {
    let c = new.amount.asset;
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
        id: new.id,
        action: Action::Single,
        debit: cash,
        credit: equity,
        amount: new.amount.minor,
        kind: TransferKind::Deposit,
        offer: None,
        reference: new.reference.to_owned(),
        actor: cx.principal.name.clone(),
        at: cx.clock.now(),
    };
    service::post_linked(tx, &[transfer])?;
    Ok(cash)
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
        actor: cx.principal.name.clone(),
        at,
    };
    service::post_linked(tx, &[transfer])?;
    Ok(id)
}
