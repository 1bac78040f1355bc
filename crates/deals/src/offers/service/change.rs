//! One change of one offer: decided before, made in one transaction, once under its key.

use contracts::Grant;
use kernel::{Error, Timestamp};
use platform::Cx;
use platform::db::Tx;
use platform::idempotency::Once;
use serde::Serialize;

use super::super::model::{Offer, OfferId};
use super::super::store;
use super::{load, lock, not_found};

/// What everything that changes an offer has in common.
pub(super) struct Change {
    id: OfferId,
    /// What the caller may change.
    grant: Grant,
    once: Once,
}

impl Change {
    /// Asks whether the caller may do `action` to offers, and remembers under which key he does.
    ///
    /// # Errors
    /// `Denied`; `Invalid` when the key is not one.
    pub(super) async fn decided(
        cx: &Cx,
        action: &'static str,
        id: OfferId,
        content: &(impl Serialize + Sync),
    ) -> Result<Self, Error> {
        let grant = cx.decide(action).await?;
        Ok(Self { id, grant, once: Once::optional(cx, action, content)? })
    }

    /// A change that the house makes by itself.
    pub(super) const fn of_house(id: OfferId) -> Self {
        Self { id, grant: Grant::All, once: Once::never() }
    }

    /// The offer, when the same key changed it before.
    ///
    /// # Errors
    /// `idempotency_key_reused`; `offer_not_found` for an offer that the grant does not cover.
    pub(super) async fn before(&self, cx: &Cx) -> Result<Option<Offer>, Error> {
        let (once, grant) = (self.once.clone(), self.grant);
        cx.db
            .read(move |tx| match once.before::<OfferId>(tx)? {
                Some(id) => granted(load(tx, id)?, grant).map(Some),
                None => Ok::<_, Error>(None),
            })
            .await
    }

    /// Locks the offer, makes the step and saves; answers the offer as it is when the same key
    /// did it before.
    ///
    /// # Errors
    /// `offer_not_found` (also for an offer that the grant does not cover),
    /// `idempotency_key_reused`, and the step's own.
    pub(super) async fn make<F>(self, cx: &Cx, step: F) -> Result<Offer, Error>
    where
        F: Fn(&mut Tx<'_>, &Cx, &mut Offer, Timestamp) -> Result<(), Error> + Send + 'static,
    {
        let (ctx, now) = (cx.clone(), cx.clock.now());
        cx.db
            .write(move |tx| {
                let mut offer = granted(lock(tx, self.id)?, self.grant)?;
                if self.once.begin::<OfferId>(tx, now)?.is_some() {
                    return Ok(offer);
                }
                step(tx, &ctx, &mut offer, now)?;
                store::update(tx, &offer)?;
                self.once.done(tx, &offer.id)?;
                Ok(offer)
            })
            .await
    }
}

/// The offer, when the grant covers it; else there is none.
pub(crate) fn granted(offer: Offer, grant: Grant) -> Result<Offer, Error> {
    if grant.covers(Some(offer.creator.0)) { Ok(offer) } else { Err(not_found(offer.id)) }
}
