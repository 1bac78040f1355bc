//! The past of the demo: eighteen months of deals, each through the services of real work, with a
//! clock that is moved from one to the next.

use std::sync::Arc;

use deals::Deals;
use deals::bank::Faults;
use deals::creators::{Creator, NewCreator, NewRecipient};
use deals::offers::service::AcceptOffer;
use deals::offers::{NewOffer, Offer, Status};
use deals::payouts;
use deals::statements::samples;
use deals::statements::service::Received;
use kernel::{Error, Money, Principal, Role, Timestamp};
use platform::clock::FixedClock;
use platform::jobs::Handlers;
use platform::{Cx, House};
use sha2::{Digest as _, Sha256};

use super::catalogue::{DEALS, Fate, Plan};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Days from the first deal to the last.
pub(super) const DAYS: i64 = 545;
/// Hours before the end at which the last deals were made, oldest first.
const LAST_HOURS: [i64; 11] = [190, 167, 146, 118, 95, 77, 52, 46, 27, 22, 3];

/// Hours before the end, for the last ones.
fn from_end(n: usize) -> Option<i64> {
    LAST_HOURS.get((n + LAST_HOURS.len()).checked_sub(DEALS)?).copied()
}

/// Milliseconds from the beginning to deal `n`: in office hours, and a little more often as the
/// house grows.
fn moment(n: usize) -> i64 {
    let part = i64::try_from(n).unwrap_or(0);
    let whole = i64::try_from(DEALS).unwrap_or(1);
    let day = (DAYS - 10) * part * (3 * whole - part) / (2 * whole * whole);
    day * DAY_MS + (part * 37 % 9) * HOUR_MS + (part * 7 % 60) * MINUTE_MS
}

/// Moments that are tried until a deal stands where it stays.
const MOMENTS: usize = 200;

/// A house whose time is ours to set.
pub(super) struct Past {
    deals: Deals,
    clock: Arc<FixedClock>,
    handlers: Handlers,
    /// The time of everybody else, when this began.
    end: Timestamp,
}

impl Past {
    /// The same house `days` before now.
    pub fn before(deals: &Deals, days: i64) -> Self {
        let now = deals.house.clock.now();
        // It begins as the house opens, at eight.
        let first = now.plus_days(-days).micros();
        let day = DAY_MS * 1_000;
        let clock = Arc::new(FixedClock::new(Timestamp(first - first % day + 8 * day / 24)));
        let h = &deals.house;
        let house = Arc::new(House {
            db: h.db.clone(),
            clock: Arc::clone(&clock) as _,
            ids: Arc::clone(&h.ids),
            authorizer: Arc::clone(&h.authorizer),
            settings: Arc::clone(&h.settings),
            blobs: Arc::clone(&h.blobs),
            exchange: Arc::clone(&h.exchange),
            heavy: h.heavy.clone(),
        });
        let bank = Arc::new(deals.bank.by_clock(Arc::clone(&clock) as _));
        let deals = Deals { house, bank, ..deals.clone() };
        let handlers = deals.jobs(Handlers::default());
        Self { deals, clock, handlers, end: now }
    }

    /// The time of this house.
    pub fn now(&self) -> Timestamp {
        self.deals.house.clock.now()
    }

    fn cx(&self, name: &str, role: Role) -> Cx {
        self.deals.house.cx(Principal::of_house(name, role))
    }

    fn forward(&self, ms: i64) {
        self.clock.advance_ms(ms.max(0));
    }

    /// Waits for the office to be open: eight to six, Monday to Friday, never past the present.
    fn to_the_office(&self) {
        let of_day = |at: i64| (at.rem_euclid(DAY_MS) / HOUR_MS, at.div_euclid(DAY_MS));
        let mut at = self.now().micros() / 1_000;
        let (hour, mut day) = of_day(at);
        if hour >= 18 {
            day += 1;
        }
        // The first of January 1970 was a Thursday.
        while (day + 4) % 7 == 0 || (day + 4) % 7 == 6 {
            day += 1;
        }
        if hour < 8 || day != of_day(at).1 {
            at = day * DAY_MS + 8 * HOUR_MS + at.rem_euclid(2 * HOUR_MS);
        }
        let latest = self.end.micros() / 1_000 - HOUR_MS;
        self.forward(at.min(latest) - self.now().micros() / 1_000);
    }

    /// Makes the whole past; `heard` is told after each deal, of how many.
    pub async fn make(&self, heard: &mut dyn FnMut(usize, usize)) -> Result<(), Error> {
        let (begin, end) = (self.now(), self.end);
        self.pay_in(&[("USD", 900_000), ("EUR", 500_000), ("GBP", 350_000), ("SEK", 2_500_000)])
            .await?;
        for n in 0..DEALS {
            let at = match from_end(n) {
                Some(hours) => end.plus_ms(-hours * HOUR_MS),
                None => begin.plus_ms(moment(n)),
            };
            self.forward((at.micros() - self.now().micros()) / 1_000);
            self.to_the_office();
            self.deals.expire_offers().await?;
            self.walk(&Plan::new(n)).await?;
            heard(n + 1, DEALS);
        }
        self.forward((end.micros() - self.now().micros()) / 1_000);
        self.deals.expire_offers().await?;
        self.work().await
    }

    async fn walk(&self, plan: &Plan) -> Result<(), Error> {
        let desk = self.cx("underwriter", Role::Underwriter);
        let creator = creator(&desk, plan).await?;
        self.forward(3 * MINUTE_MS);
        let statement = statement(&desk, &creator, plan).await?;
        self.forward(9 * MINUTE_MS);
        let offer = offer(&desk, &creator, statement, plan).await?;
        self.forward(400);
        self.work().await?;
        let offer = self.load(&offer).await?;
        if offer.status != Status::OfferReady {
            return Ok(());
        }
        let days = i64::try_from(plan.n % 4).unwrap_or(0);
        let hours = i64::try_from(plan.n * 5 % 22).unwrap_or(0);
        match plan.fate {
            Fate::Ready | Fate::Expired => return Ok(()),
            Fate::Accepted => self.forward(hours * 20 * MINUTE_MS),
            _ => self.forward(days * DAY_MS + hours * HOUR_MS + 11 * MINUTE_MS),
        }
        self.to_the_office();
        match plan.fate {
            Fate::Declined(why) => {
                return deals::offers::service::decline(&desk, offer.id, Some(why.into()))
                    .await
                    .map(drop);
            }
            Fate::Withdrawn(why) => {
                return deals::offers::service::withdraw(&desk, offer.id, why.into())
                    .await
                    .map(drop);
            }
            _ => {}
        }
        let accepted = accept(&desk, &offer, &plan.name).await?;
        if plan.fate == Fate::Accepted {
            return Ok(());
        }
        self.forward(2 * HOUR_MS + 13 * MINUTE_MS);
        self.to_the_office();
        self.pay(&accepted).await?;
        self.settle(&accepted, plan.fate).await
    }

    /// Pays an accepted deal. When the cash is short, the owners pay more in first.
    async fn pay(&self, offer: &Offer) -> Result<(), Error> {
        let cx = self.cx("treasurer", Role::Treasurer).with_key(&format!("past-{}", offer.id));
        let rail = self.deals.bank_rail_name();
        match payouts::service::request(&cx, rail, offer.id).await {
            Err(e) if e.code == "insufficient_funds" => {
                let more = offer.offered.unwrap_or(0) / 100 * 3 / 2 + 250_000;
                self.pay_in(&[(offer.currency.code(), more)]).await?;
                payouts::service::request(&cx, rail, offer.id).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    /// Moves the clock until the payment stands where it stays.
    async fn settle(&self, offer: &Offer, fate: Fate) -> Result<(), Error> {
        if fate == Fate::Returned {
            let faults = Faults { late_return: 1, ..Faults::default() };
            self.deals.bank.set_faults(faults).await?;
        }
        let stays = match fate {
            Fate::Refused(_) => Status::PayoutFailed,
            Fate::Returned => Status::Returned,
            _ => Status::Closed,
        };
        let mut last = offer.status;
        for moment in 0..MOMENTS {
            self.work().await?;
            last = self.load(offer).await?.status;
            if last == stays {
                break;
            }
            // Banks take seconds to answer and days to send something back.
            let comes_back = fate == Fate::Returned && last == Status::Closed;
            self.forward(match comes_back {
                true => 2 * DAY_MS + 3 * HOUR_MS,
                false if moment < 20 => 1_500,
                false => 2 * HOUR_MS,
            });
            self.deals.reconcile().await?;
        }
        if fate == Fate::Returned {
            self.deals.bank.set_faults(Faults::default()).await?;
        }
        if last != stays {
            tracing::warn!(offer = %offer.id, status = last.as_str(), "a deal of the past stopped");
        }
        Ok(())
    }

    async fn work(&self) -> Result<(), Error> {
        platform::jobs::run_due(&self.deals.house, &self.handlers).await?;
        Ok(())
    }

    async fn load(&self, offer: &Offer) -> Result<Offer, Error> {
        let id = offer.id;
        self.deals.house.db.read(move |tx| deals::offers::service::load(tx, id)).await
    }

    /// Pays capital in, whole units of each currency.
    async fn pay_in(&self, amounts: &[(&str, i64)]) -> Result<(), Error> {
        pay_in(&self.deals, &self.cx("treasurer", Role::Treasurer), amounts).await
    }
}

/// Pays capital in, whole units of each currency (all of the demo's have cents).
pub(super) async fn pay_in(deals: &Deals, cx: &Cx, amounts: &[(&str, i64)]) -> Result<(), Error> {
    let rail = deals.bank_rail_name();
    let amounts = amounts.iter().map(|(code, whole)| Ok(Money::new(whole * 100, code.parse()?)));
    let amounts = amounts.collect::<Result<Vec<_>, Error>>()?;
    let ctx = cx.clone();
    cx.db
        .write(move |tx| {
            for amount in &amounts {
                deals::offers::pay_in_capital(tx, &ctx, rail, *amount, ctx.ids.next())?;
            }
            Ok(())
        })
        .await
}

/// The creator of a plan, with an account.
pub(super) async fn creator(cx: &Cx, plan: &Plan) -> Result<Creator, Error> {
    let handle = plan.handle();
    let new = NewCreator {
        platform: plan.platform.into(),
        platform_id: format!("{handle}.{}", plan.n),
        username: handle,
        display_name: plan.name.clone(),
        email: None,
        country: Some(plan.country.into()),
    };
    let creator = deals::creators::service::add(cx, new).await?;
    let to = NewRecipient {
        holder_name: plan.name.clone(),
        kind: "iban".into(),
        account: plan.account.clone(),
    };
    // Accounts are the treasurer's to enter.
    let desk = cx.house().cx(Principal::of_house("treasurer", Role::Treasurer));
    deals::creators::service::set_recipient(&desk, creator.id, to).await?;
    Ok(creator)
}

/// The statement of a plan, read and confirmed.
pub(super) async fn statement(
    cx: &Cx,
    creator: &Creator,
    plan: &Plan,
) -> Result<deals::statements::StatementId, Error> {
    let (bytes, _) = samples::bytes(&plan.sample(cx.clock.now().month()));
    let sha256 = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    let size_bytes = bytes.len() as u64;
    let path = cx.blobs.staging().join(cx.ids.next().to_string());
    let to = path.clone();
    platform::tasks::blocking(move || std::fs::write(to, bytes))
        .await?
        .map_err(|e| Error::internal("a demo statement could not be written").caused_by(e))?;
    let file_name = plan.layout.file_name().to_owned();
    let received = Received { path, file_name, sha256, size_bytes };
    let staged = deals::statements::service::upload(cx, creator.id, received).await?;
    deals::statements::service::confirm(cx, staged.id).await?;
    Ok(staged.id)
}

/// The offer of a plan.
pub(super) async fn offer(
    cx: &Cx,
    creator: &Creator,
    statement: deals::statements::StatementId,
    plan: &Plan,
) -> Result<Offer, Error> {
    let new = NewOffer {
        creator_id: creator.id.0,
        kind: plan.kind,
        title: plan.title.clone(),
        description: None,
        requested: None,
        currency: plan.layout.currency().parse()?,
        term_years: plan.term_years,
        share_bp: plan.share_bp,
        works: None,
        statement_ids: vec![statement.0],
        language: None,
    };
    deals::offers::service::create(cx, new).await
}

/// Accepts an offer in the name of the creator.
pub(super) async fn accept(cx: &Cx, offer: &Offer, name: &str) -> Result<Offer, Error> {
    let (Some(sheet), Some(minor)) = (&offer.term_sheet, offer.offered) else {
        return Err(Error::internal("a ready offer without term sheet"));
    };
    let cmd = AcceptOffer {
        id: offer.id,
        typed_name: name.to_owned(),
        term_sheet_sha256: sheet.sha256.clone(),
        amount: offer.money(minor),
    };
    deals::offers::service::accept(cx, cmd).await
}

impl std::fmt::Debug for Past {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Past").field("now", &self.now()).finish_non_exhaustive()
    }
}
