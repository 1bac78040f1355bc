//! The demo: logins for every role, a house of plausible data, and a deal that walks the whole
//! road every few seconds. Everything goes through the same services as real work.

mod http;

use std::sync::Arc;
use std::time::Duration;

use access::identity::service::{self as identity, Tokens};
use access::identity::{Identity, NewUser};
use deals::Deals;
use deals::creators::{Creator, CreatorId, NewCreator, NewRecipient};
use deals::offers::service::AcceptOffer;
use deals::offers::{NewOffer, Offer, OfferKind, Status};
use deals::statements::samples::{self, Sample, SampleLayout};
use deals::statements::service::Received;
use deals::statements::{self, Statement};
use kernel::{Error, Money, Month, Principal, Role};
use platform::Cx;
use sha2::{Digest as _, Sha256};

pub use http::routes;

/// Password of every demo login.
pub(crate) const PASSWORD: &str = "kontor-demo-2026";
pub(crate) const LOGINS: [(&str, Role, &str); 4] = [
    ("admin", Role::Admin, "Everything, and the sandbox bank's faults"),
    ("underwriter", Role::Underwriter, "Creators, statements, offers, acceptance"),
    ("treasurer", Role::Treasurer, "Payouts and the ledger"),
    ("viewer", Role::Viewer, "Reads everything, changes nothing"),
];
const CREATORS: usize = 40;
const OFFERS: usize = 200;
const ADJECTIVES: [&str; 10] = [
    "Northern", "Velvet", "Paper", "Silent", "Golden", "Hollow", "Electric", "Salt", "Winter",
    "Blue",
];
const NOUNS: [&str; 8] =
    ["Lanterns", "Harbour", "Foxes", "Tides", "Parade", "Orchard", "Signals", "Choir"];
const SONGS: [&str; 12] = [
    "Afterglow",
    "Low Water",
    "Paper Moon",
    "Ghost Lights",
    "Stay a While",
    "Rooftops",
    "Undertow",
    "Halfway Home",
    "Signals",
    "Slow Burn",
    "Northbound",
    "The Quiet Part",
];

/// The demo of one server.
pub struct Demo {
    deals: Deals,
    identity: Arc<Identity>,
}

impl Demo {
    /// A demo over these deals.
    pub const fn new(deals: Deals, identity: Arc<Identity>) -> Self {
        Self { deals, identity }
    }

    fn cx(&self) -> Cx {
        self.deals.house.cx(Principal::of_house("demo", Role::Admin))
    }

    /// Makes the house once, then walks deals for ever.
    pub async fn run(self: Arc<Self>) {
        if let Err(e) = self.seed().await {
            tracing::warn!(error = %e, "the demo could not be seeded");
        }
        let mut n = 10_000;
        loop {
            if let Err(e) = self.walk(n).await {
                tracing::warn!(error = %e, "a demo deal stopped");
            }
            n += 1;
            tokio::time::sleep(Duration::from_secs(4)).await;
        }
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

    async fn seed(&self) -> Result<(), Error> {
        let cx = self.cx();
        let page = deals::creators::service::list(&cx, String::new(), None, 1).await?;
        if !page.data.is_empty() {
            return Ok(());
        }
        self.pay_in().await?;
        for n in 0..CREATORS {
            let creator = self.creator(n).await?;
            let statement = self.statement(&creator, n).await?;
            for k in 0..OFFERS / CREATORS {
                let offer = self.offer(&creator, statement, n * 5 + k).await?;
                self.lead(offer, n * 5 + k).await?;
            }
        }
        Ok(())
    }

    async fn pay_in(&self) -> Result<(), Error> {
        let cx = self.cx();
        let rail = self.deals.bank_rail_name();
        cx.db
            .clone()
            .write(move |tx| {
                for code in ["USD", "EUR"] {
                    let amount = Money::new(500_000_000, code.parse()?);
                    deals::offers::pay_in_capital(tx, &cx, rail, amount, cx.ids.next())?;
                }
                Ok(())
            })
            .await
    }

    async fn creator(&self, n: usize) -> Result<Creator, Error> {
        let name = format!("{} {}", ADJECTIVES[n % 10], NOUNS[(n / 10 + n) % 8]);
        let handle = name.to_lowercase().replace(' ', ".");
        let new = NewCreator {
            platform: ["spotify", "youtube", "apple_music", "bandcamp"][n % 4].into(),
            platform_id: format!("{handle}.{n}"),
            username: handle,
            display_name: name.clone(),
            email: None,
            country: Some(["SE", "GB", "US", "DE", "FR"][n % 5].into()),
        };
        let creator = deals::creators::service::add(&self.cx(), new).await?;
        // Every seventh account does not exist, so that failed payouts can be seen.
        let account = if n % 7 == 6 { "DE62370400440532013001" } else { "DE89370400440532013000" };
        let to = NewRecipient { holder_name: name, kind: "iban".into(), account: account.into() };
        deals::creators::service::set_recipient(&self.cx(), creator.id, to).await?;
        Ok(creator)
    }

    async fn statement(
        &self,
        creator: &Creator,
        n: usize,
    ) -> Result<deals::statements::StatementId, Error> {
        let cx = self.cx();
        let (bytes, _) = samples::bytes(&sample(&creator.display_name, n, cx.clock.now().month()));
        let sha256 = hex_digest(&bytes);
        let path = cx.blobs.staging().join(cx.ids.next().to_string());
        let to = path.clone();
        platform::tasks::blocking(move || std::fs::write(to, bytes))
            .await?
            .map_err(|e| Error::internal("a demo statement could not be written").caused_by(e))?;
        let size_bytes = std::fs::metadata(&path).map_or(0, |m| m.len());
        let file_name = format!("statement-{n}.tsv");
        let received = Received { path, file_name, sha256, size_bytes };
        let staged = deals::statements::service::upload(&cx, creator.id, received).await?;
        deals::statements::service::confirm(&cx, staged.id).await?;
        Ok(staged.id)
    }

    async fn offer(
        &self,
        creator: &Creator,
        statement: deals::statements::StatementId,
        n: usize,
    ) -> Result<Offer, Error> {
        let new = NewOffer {
            creator_id: creator.id.0,
            kind: if n.is_multiple_of(4) { OfferKind::Advance } else { OfferKind::Purchase },
            title: format!("{} — {}", creator.display_name, SONGS[n % 12]),
            description: None,
            requested: None,
            currency: "USD".parse()?,
            term_years: [Some(5), Some(10), None, Some(15)][n % 4],
            share_bp: [10_000, 7_500, 5_000][n % 3],
            works: None,
            statement_ids: vec![statement.0],
            language: None,
        };
        deals::offers::service::create(&self.cx(), new).await
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

    /// Leads offer `n` to one of the places where offers stand.
    async fn lead(&self, offer: Offer, n: usize) -> Result<(), Error> {
        let cx = self.cx();
        let offer = self.settled(offer, &[Status::PendingValuation, Status::Valuating]).await?;
        if offer.status != Status::OfferReady {
            return Ok(());
        }
        match n % 6 {
            0 | 1 => Ok(()),
            2 => {
                let why = Some("Prefers to wait a year".into());
                deals::offers::service::decline(&cx, offer.id, why).await.map(drop)
            }
            3 if n.is_multiple_of(9) => {
                let why = "Rights are disputed".into();
                deals::offers::service::withdraw(&cx, offer.id, why).await.map(drop)
            }
            3 => self.accept(&offer).await.map(drop),
            _ => {
                let accepted = self.accept(&offer).await?;
                self.pay(&accepted).await
            }
        }
    }

    async fn accept(&self, offer: &Offer) -> Result<Offer, Error> {
        let (Some(sheet), Some(minor)) = (&offer.term_sheet, offer.offered) else {
            return Err(Error::internal("a ready offer without term sheet"));
        };
        let cmd = AcceptOffer {
            id: offer.id,
            typed_name: "Demo Creator".into(),
            term_sheet_sha256: sheet.sha256.clone(),
            amount: offer.money(minor),
        };
        deals::offers::service::accept(&self.cx(), cmd).await
    }

    async fn pay(&self, offer: &Offer) -> Result<(), Error> {
        let cx = self.cx().with_key(&format!("demo-{}", offer.id));
        let rail = self.deals.bank_rail_name();
        let paid = deals::payouts::service::request(&cx, rail, offer.id).await;
        match paid {
            // A demo that ran for long may have spent its capital.
            Err(e) if e.code == "insufficient_funds" => self.pay_in().await,
            other => other.map(drop),
        }
    }

    /// One deal from the statement to the receipt.
    async fn walk(&self, n: usize) -> Result<(), Error> {
        let cx = self.cx();
        let page = deals::creators::service::list(&cx, String::new(), None, 250).await?;
        let Some(creator) = page.data.get(n % page.data.len().max(1)) else { return Ok(()) };
        let page = statements::service::list(&cx, Some(creator.id), None, 50).await?;
        // Somebody may have uploaded one and not confirmed it: no offer can be made on that.
        let confirmed = |s: &&Statement| s.status == statements::Status::Confirmed;
        let Some(statement) = page.data.iter().find(confirmed) else { return Ok(()) };
        let offer = self.offer(creator, statement.id, n).await?;
        self.lead(offer, 4).await
    }
}

fn sample(artist: &str, n: usize, now: Month) -> Sample {
    Sample {
        layout: SampleLayout::DistrokidTsv,
        seed: n as u64,
        artist: artist.into(),
        titles: SONGS.iter().take(4 + n % 8).map(|s| (*s).to_owned()).collect(),
        first: now.plus(-24),
        months: 24,
        monthly_cents: 20_000 + 7_000 * i64::try_from(n % 23).unwrap_or(0),
        decay_bp: 500 + 200 * i64::try_from(n % 9).unwrap_or(0),
        home: ["SE", "GB", "US", "DE", "FR"][n % 5],
        rows_per_month: 60,
    }
}

fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
