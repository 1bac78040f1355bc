//! Looking at offers: one, a page, how many stand where, what the house thinks of one.

use kernel::Error;
use kernel::page::Page;
use platform::Cx;
use platform::db::DbError;

use super::super::model::{Offer, OfferId};
use super::super::store;
use super::{granted, load};
use crate::creators::CreatorId;
use crate::valuation::model::Valuation;
use crate::valuation::service as valuation;

/// One offer as the caller may see it.
///
/// # Errors
/// `offer_not_found`.
pub(crate) async fn get(cx: &Cx, id: OfferId) -> Result<Offer, Error> {
    let grant = cx.decide("offers.read").await?;
    cx.db.read(move |tx| granted(load(tx, id)?, grant)).await
}

/// A page of offers.
///
/// # Errors
/// When the database fails.
pub(crate) async fn list(
    cx: &Cx,
    mut filter: store::Filter,
    limit: u32,
) -> Result<Page<Offer>, Error> {
    let grant = cx.decide("offers.read").await?;
    filter.creator = grant.narrow(filter.creator.map(|c| c.0))?.map(CreatorId);
    let key = filter.key;
    let rows = cx
        .db
        .read(move |tx| store::list(tx, &filter, limit + 1))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    Ok(Page::cut(rows, limit, |o| key.cursor(o)))
}

/// How many offers stand where, per status and currency.
///
/// # Errors
/// When the database fails.
pub(crate) async fn stats(cx: &Cx) -> Result<Vec<store::Stat>, Error> {
    cx.decide_all("offers.read").await?;
    cx.db.read(store::stats).await.map_err(|e: DbError| Error::from(e))
}

/// The newest valuation there is: while a new round runs, that of the round before.
///
/// # Errors
/// `offer_not_found`, `valuation_not_found`.
pub(crate) async fn newest_valuation(cx: &Cx, id: OfferId) -> Result<Valuation, Error> {
    cx.decide_all("valuations.read").await?;
    cx.db
        .read(move |tx| {
            let offer = load(tx, id)?;
            valuation::load(tx, id.0, offer.round).or_else(|e| {
                if offer.round > 1 {
                    return valuation::load(tx, id.0, offer.round - 1);
                }
                Err(e)
            })
        })
        .await
}

/// Everything that happened to an offer, oldest first.
///
/// # Errors
/// `offer_not_found`.
pub(crate) async fn timeline(cx: &Cx, id: OfferId) -> Result<Vec<store::TimelineRow>, Error> {
    cx.decide_all("offers.timeline").await?;
    cx.db
        .read(move |tx| {
            load(tx, id)?;
            Ok::<_, Error>(store::timeline(tx, id)?)
        })
        .await
}
