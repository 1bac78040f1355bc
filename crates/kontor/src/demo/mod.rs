//! The demo: logins for every role, a house with eighteen months behind it, and a deal that walks
//! the whole road every minute. Everything goes through the same services as real work.

mod catalogue;
mod history;
mod http;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use access::identity::service::{self as identity, Tokens};
use access::identity::{Identity, NewUser};
use deals::Deals;
use deals::creators::CreatorId;
use deals::offers::{Offer, Status};
use deals::statements::samples::{Sample, SampleLayout};
use kernel::{Error, Kind, Month, Principal, Role};
use platform::Cx;

use catalogue::{DEALS, Plan};
use history::{DAYS, Past};

pub use http::routes;

/// Password of every demo login.
pub(crate) const PASSWORD: &str = "kontor-demo-2026";
pub(crate) const LOGINS: [(&str, Role, &str); 4] = [
    ("admin", Role::Admin, "Everything, and the sandbox bank's faults"),
    ("underwriter", Role::Underwriter, "Creators, statements, offers, acceptance"),
    ("treasurer", Role::Treasurer, "Payouts and the ledger"),
    ("viewer", Role::Viewer, "Reads everything, changes nothing"),
];
/// Deals that arrive by themselves, at most: a demo that nobody stops must not grow for ever.
const MOST_WALKED: usize = 500;
const SONGS: [&str; 9] = [
    "Afterglow",
    "Low Water",
    "Ghost Lights",
    "Stay a While",
    "Rooftops",
    "Undertow",
    "Signals",
    "Slow Burn",
    "Blue Hour",
];

/// The demo of one server.
pub struct Demo {
    deals: Deals,
    identity: Arc<Identity>,
    pace: Duration,
    paused: AtomicBool,
}

impl Demo {
    /// A demo over these deals, in which a new one arrives every `pace`.
    pub const fn new(deals: Deals, identity: Arc<Identity>, pace: Duration) -> Self {
        Self { deals, identity, pace, paused: AtomicBool::new(false) }
    }

    fn cx(&self) -> Cx {
        self.deals.house.cx(Principal::of_house("demo", Role::Admin))
    }

    /// Makes the past of the house, when it has none; `heard` is told after each deal, of how
    /// many. Nothing else works meanwhile: the past has a clock of its own.
    ///
    /// # Errors
    /// When a service of the house refuses, or its database fails.
    pub async fn make_past(&self, heard: &mut dyn FnMut(usize, usize)) -> Result<(), Error> {
        let page = deals::creators::service::list(&self.cx(), String::new(), None, 1).await?;
        if !page.data.is_empty() {
            return Ok(());
        }
        let past = Past::before(&self.deals, DAYS);
        past.make(heard).await
    }

    /// Walks a new deal every now and then, while it is not paused.
    pub async fn run(self: Arc<Self>) {
        let mut n = DEALS;
        while n < DEALS + MOST_WALKED {
            tokio::time::sleep(self.pace).await;
            if self.is_paused() {
                continue;
            }
            // After a restart the first ones are there already.
            match self.walk(n).await {
                Err(e) if e.kind == Kind::Conflict => {}
                Err(e) => tracing::warn!(error = %e, "a demo deal stopped"),
                Ok(()) => {}
            }
            n += 1;
        }
        std::future::pending::<()>().await;
    }

    /// Whether no new deals arrive by themselves.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Lets new deals arrive by themselves, or not.
    ///
    /// # Errors
    /// `denied`.
    pub async fn pause(&self, cx: &Cx, paused: bool) -> Result<(), Error> {
        cx.decide_all("bank.write").await?;
        self.paused.store(paused, Ordering::Relaxed);
        Ok(())
    }

    /// Time between two deals that arrive by themselves.
    pub const fn pace(&self) -> Duration {
        self.pace
    }

    /// Makes the logins; they must be there before the first page is shown.
    ///
    /// # Errors
    /// `not_a_demo` for the database of a real house, or when the database fails.
    pub async fn make_logins(&self) -> Result<(), Error> {
        identity::make_demo(&self.cx()).await?;
        for (name, role, _) in LOGINS {
            let user = NewUser::staff(name, PASSWORD, role);
            match identity::add_user(&self.cx(), user).await {
                Err(e) if e.code == "username_taken" => {}
                other => drop(other?),
            }
        }
        Ok(())
    }

    /// Logs in as a creator, beside whoever asks: what he sees and may do is seen by doing it.
    /// The login is made when it is wanted for the first time.
    ///
    /// # Errors
    /// `denied`, `creator_not_found`.
    pub async fn open_as(&self, cx: &Cx, id: CreatorId) -> Result<Tokens, Error> {
        cx.decide_all("creators.open_as").await?;
        let creator = deals::creators::service::get(cx, id).await?;
        let digits = id.0.simple().to_string();
        // The end of the identifier is random; its beginning is the time it was made.
        let username = format!("creator-{}", &digits[20..]);
        let user = NewUser {
            display_name: creator.display_name,
            roles: vec![Role::Creator],
            subject: Some(id.0),
            ..NewUser::staff(&username, PASSWORD, Role::Creator)
        };
        match identity::add_user(&self.cx(), user).await {
            Err(e) if e.code == "username_taken" => {}
            other => drop(other?),
        }
        self.identity.login(cx, &username, PASSWORD).await
    }

    /// One deal from the statement to the receipt; one in three waits for an answer.
    async fn walk(&self, n: usize) -> Result<(), Error> {
        let plan = Plan::new(n);
        let cx = self.cx();
        let creator = history::creator(&cx, &plan).await?;
        let statement = history::statement(&cx, &creator, &plan).await?;
        let offer = history::offer(&cx, &creator, statement, &plan).await?;
        let offer = self.settled(offer, &[Status::PendingValuation, Status::Valuating]).await?;
        if offer.status != Status::OfferReady || n.is_multiple_of(3) {
            return Ok(());
        }
        let accepted = history::accept(&cx, &offer, &plan.name).await?;
        self.pay(&accepted).await
    }

    /// Waits until the jobs have taken the offer where it stays.
    async fn settled(&self, mut offer: Offer, from: &[Status]) -> Result<Offer, Error> {
        let id = offer.id;
        while from.contains(&offer.status) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            offer =
                self.deals.house.db.read(move |tx| deals::offers::service::load(tx, id)).await?;
        }
        Ok(offer)
    }

    async fn pay(&self, offer: &Offer) -> Result<(), Error> {
        let cx = self.cx().with_key(&format!("demo-{}", offer.id));
        let rail = self.deals.bank_rail_name();
        let paid = deals::payouts::service::request(&cx, rail, offer.id).await;
        match paid {
            // A demo that ran for long may have spent its capital.
            Err(e) if e.code == "insufficient_funds" => {
                let more = offer.offered.unwrap_or(0) / 100 + 500_000;
                history::pay_in(&self.deals, &cx, &[(offer.currency.code(), more)]).await
            }
            other => other.map(drop),
        }
    }
}

/// The statement of the sample files.
fn sample(artist: &str, layout: SampleLayout, now: Month) -> Sample {
    Sample {
        layout,
        seed: 7,
        artist: artist.into(),
        titles: SONGS.iter().map(|s| (*s).to_owned()).collect(),
        first: now.plus(-30),
        months: 30,
        monthly_cents: 181_000,
        decay_bp: 1_600,
        home: "SE",
        rows_per_month: 70,
        noise_bp: 600,
    }
}
