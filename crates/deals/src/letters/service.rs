//! From events to letters: the consumer queues, the job writes and sends.

use std::sync::Arc;

use contracts::deals::{OfferPayoutCompleted, OfferValuated};
use kernel::{Clock as _, Envelope, Error, Ids as _, Money};
use platform::Cx;
use platform::clock::{SystemClock, SystemIds};
use platform::db::Tx;
use platform::inbox::{Consumer, Order};
use platform::jobs::{self, NewJob, Outcome};
use platform::mail::{Letter, Mail};
use serde_json::{Value, json};

use super::words::{LetterKind, Words, render};
use crate::creators;
use crate::documents::typeset::Language;
use crate::documents::{self, HouseName};
use crate::offers::service::load as load_offer;
use crate::offers::{OfferId, Status};
use crate::wiring::field;

/// Name of the consumer that queues letters, and of the module.
pub const CONSUMER: &str = "deals.letters";
/// The job that sends one.
pub const LETTER_JOB: &str = "deals.letter";

/// An event this old is no news any more: a consumer that starts over writes to nobody.
const NEWS_DAYS: i64 = 2;
const TRIES: i64 = 8;
const TOPICS: &[&str] = &[OfferValuated::TOPIC, OfferPayoutCompleted::TOPIC];

/// What letters are sent by, and where their links lead.
pub struct Post {
    /// The mail.
    pub mail: Arc<dyn Mail>,
    /// The address at which people reach the house, without a slash at its end.
    pub address: String,
}

impl Post {
    /// Letters are logged, not sent.
    pub fn to_log(address: &str) -> Self {
        Self { mail: Arc::new(platform::mail::Logged), address: address.to_owned() }
    }
}

/// What letters consume: offers that are ready, and money that was paid.
pub fn consumers() -> Vec<Consumer> {
    let queue =
        Consumer { name: CONSUMER, topics: TOPICS, order: Order::Any, handle: Arc::new(queue) };
    vec![queue]
}

fn queue(tx: &mut Tx<'_>, cx: &Cx, event: &Envelope) -> Result<(), Error> {
    let now = cx.clock.now();
    if event.occurred_at < now.plus_days(-NEWS_DAYS) {
        return Ok(());
    }
    let kind = match event.topic.as_str() {
        OfferValuated::TOPIC => LetterKind::OfferReady,
        _ if event.payload["status"] == "SUCCESS" => LetterKind::Paid,
        _ => return Ok(()),
    };
    let job = NewJob {
        kind: LETTER_JOB,
        key: event.id.to_string(),
        payload: json!({ "letter": event.id, "kind": kind, "offer": event.aggregate,
            "amount": event.payload["amount"] }),
        run_at: now,
        max_attempts: TRIES,
    };
    Ok(jobs::enqueue(tx, cx, &job)?)
}

/// The job: writes the letter from what is so now, and sends it.
///
/// # Errors
/// `mail_unavailable`: the job is tried again.
pub(crate) async fn send(
    cx: &Cx,
    house: &HouseName,
    post: &Post,
    job: &Value,
) -> Result<Outcome, Error> {
    let Some(letter) = written(cx, house, post, job).await? else { return Ok(Outcome::Done) };
    match post.mail.send(&letter).await {
        Ok(()) => Ok(Outcome::Done),
        Err(e) if e.code == "mail_refused" => {
            tracing::error!(letter = letter.id, error = %e, cause = ?e.source,
                "a letter is refused for good");
            let (cx, job, why) = (cx.clone(), job.clone(), e.to_string());
            let db = cx.db.clone();
            db.write(move |tx| jobs::bury(tx, &cx, LETTER_JOB, &job, &why, None)).await?;
            Ok(Outcome::Done)
        }
        Err(e) => Err(e),
    }
}

/// The letter; `None` when there is nobody to write to, or it is not true any more.
async fn written(
    cx: &Cx,
    house: &HouseName,
    post: &Post,
    job: &Value,
) -> Result<Option<Letter>, Error> {
    let id: OfferId = field(job, "offer")?;
    let (offer, creator) = cx
        .db
        .read(move |tx| {
            let offer = load_offer(tx, id)?;
            let creator = creators::service::load(tx, offer.creator)?;
            Ok::<_, Error>((offer, creator))
        })
        .await?;
    let kind: LetterKind = field(job, "kind")?;
    let Some(to) = creator.email else { return Ok(None) };
    if kind == LetterKind::OfferReady && offer.status != Status::OfferReady {
        return Ok(None);
    }
    let amount = job["amount"].as_i64().or(offer.offered).unwrap_or_default();
    let language = documents::language(offer.language);
    let words = Words {
        house: house.name.clone(),
        name: creator.display_name,
        title: offer.title,
        amount: language.money(Money::new(amount, offer.currency)),
        until: offer.expires_at.map(|at| language.moment(at)).unwrap_or_default(),
        link: format!("{}/my", post.address),
    };
    Ok(Some(letter(field(job, "letter")?, to, kind, language, &words)?))
}

fn letter(
    id: String,
    to: String,
    kind: LetterKind,
    language: Language,
    words: &Words,
) -> Result<Letter, Error> {
    let written = render(kind, language, words)?;
    Ok(Letter { id, to, subject: written.subject, text: written.text, html: written.html })
}

/// A letter with made-up words.
#[derive(Debug)]
pub struct Sample {
    /// Address.
    pub to: String,
    /// What it is about.
    pub kind: LetterKind,
    /// Its language.
    pub language: Language,
}

/// Sends a sample, so that a person can look at it in a mailbox.
///
/// # Errors
/// `mail_unavailable`, `mail_refused`.
pub async fn send_sample(house: &HouseName, post: &Post, sample: Sample) -> Result<(), Error> {
    let Sample { to, kind, language } = sample;
    let now = SystemClock.now();
    let words = Words {
        house: house.name.clone(),
        name: "Maja Lind".into(),
        title: "Tidvatten".into(),
        amount: language.money(Money::new(1_240_000, "EUR".parse()?)),
        until: language.moment(now.plus_days(14)),
        link: format!("{}/my", post.address),
    };
    let id = SystemIds.next().to_string();
    post.mail.send(&letter(id, to, kind, language, &words)?).await
}
