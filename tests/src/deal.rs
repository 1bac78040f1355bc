//! One deal on its way, through servers and links that die: every request is sent again with the
//! same idempotency key until it is answered.

use std::time::Duration;

use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use kernel::Timestamp;

use crate::api::{Api, statement};

/// Longer than a gateway takes to give up: whoever hears nothing asks again.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// So often a deal is paid at most until it is paid for good.
const PAYOUTS: u32 = 20;

/// What was acknowledged for one deal.
#[derive(Debug)]
pub struct Deal {
    /// Whose it is.
    pub creator: String,
    /// What it is valued from.
    pub statement: String,
    /// Its offer.
    pub offer: String,
    /// The payment that was requested.
    pub payout: String,
    /// Where the money goes; no other deal has it.
    pub account: String,
    /// Amount in minor units, as it was accepted.
    pub amount: i64,
    /// Digests of term sheet and receipt.
    pub documents: [String; 2],
}

impl Deal {
    /// From the creator to the receipt. `n` is no other deal's, in no other run.
    ///
    /// # Errors
    /// A sentence that says what was answered instead.
    pub async fn walk(api: Api, seed: u64, n: u64) -> Result<Self, String> {
        let steps = Steps { api: &api, n };
        let body = json!({ "platform": "spotify", "platform_id": format!("artist-{n}"),
            "username": format!("artist{n}"), "display_name": format!("Artist {n}") });
        let creator = id(&steps.post("creator", "/offers/creators", &body).await?)?;
        // The bank knows each deal by its account.
        let account = format!("7{n:011}");
        let to = json!({ "holder_name": format!("Artist {n}"), "kind": "account_number",
            "account": account });
        steps.post("to", &format!("/offers/creators/{creator}/recipients"), &to).await?;
        let staged = steps.upload(&creator, statement(seed.wrapping_mul(1_000) + n)).await?;
        let statement = id(&staged)?;
        let path = format!("/statements/{statement}/confirm");
        let confirmed = steps.post("confirm", &path, &json!({})).await?;
        let body = json!({ "creator_id": creator, "kind": "purchase",
            "title": format!("Deal {n}"), "currency": confirmed["currency"], "term_years": 5,
            "share_bp": 8000, "statement_ids": [statement] });
        let offer = id(&steps.post("offer", "/offers", &body).await?)?;
        let ready = steps.wait(&offer, "OFFER_READY").await?;
        let body = json!({ "typed_name": "Maja Lind", "amount": ready["offered"],
            "term_sheet_sha256": ready["term_sheet"]["sha256"] });
        let accepted = steps.post("accept", &format!("/offers/{offer}/accept"), &body).await?;
        let (payout, closed) = steps.pay(&offer).await?;
        let digest = |name: &str| closed[name]["sha256"].as_str().unwrap_or_default().to_owned();
        let documents = [digest("term_sheet"), digest("receipt")];
        let amount = minor(&accepted["acceptance"]["amount"])?;
        Ok(Self { creator, statement, offer, payout, account, amount, documents })
    }
}

/// Keeps `at_once` deals on their way, numbered from `first`, until told to stop; then lets them
/// all end.
///
/// # Errors
/// What was answered to the first that went wrong.
pub async fn drive(
    api: Api,
    seed: u64,
    first: u64,
    at_once: usize,
    stopped: watch::Receiver<bool>,
) -> Result<Vec<Deal>, String> {
    let mut on_their_way = tokio::task::JoinSet::new();
    let mut done = Vec::new();
    let mut n = first;
    loop {
        while on_their_way.len() < at_once && !*stopped.borrow() {
            on_their_way.spawn(Deal::walk(api.clone(), seed, n));
            n += 1;
        }
        match on_their_way.join_next().await {
            None => return Ok(done),
            Some(deal) => done.push(deal.map_err(|e| e.to_string())??),
        }
    }
}

/// An identifier that must be there.
fn id(answer: &Value) -> Result<String, String> {
    answer["id"].as_str().map(str::to_owned).ok_or_else(|| format!("no id in {answer}"))
}

/// Minor units of money on the wire.
///
/// # Errors
/// When it is none.
pub fn minor(money: &Value) -> Result<i64, String> {
    let (Some(amount), Some(currency)) = (money["amount"].as_str(), money["currency"].as_str())
    else {
        return Err(format!("no money: {money}"));
    };
    let currency = currency.parse().map_err(|e: kernel::Error| e.message.clone())?;
    kernel::Money::parse(amount, currency).map(|m| m.minor).map_err(|e| e.message)
}

struct Steps<'a> {
    api: &'a Api,
    n: u64,
}

impl Steps<'_> {
    async fn post(&self, step: &str, path: &str, body: &Value) -> Result<Value, String> {
        let key = format!("{step}-{}", self.n);
        until_answered(path, || {
            self.api.request(Method::POST, path).header("idempotency-key", &key).json(body)
        })
        .await
    }

    async fn upload(&self, creator: &str, bytes: Vec<u8>) -> Result<Value, String> {
        let (path, key) = (format!("/statements?creator_id={creator}"), format!("up-{}", self.n));
        until_answered(&path, || {
            let part = multipart::Part::bytes(bytes.clone()).file_name("statement.tsv");
            let form = multipart::Form::new().part("file", part);
            self.api.request(Method::POST, &path).header("idempotency-key", &key).multipart(form)
        })
        .await
    }

    /// Pays until it is paid for good: what the bank refuses or sends back is paid again. Answers
    /// the payout that counts, and the deal as it stands then.
    async fn pay(&self, offer: &str) -> Result<(String, Value), String> {
        let path = format!("/offers/{offer}/request-payout");
        for attempt in 0..PAYOUTS {
            let payout = id(&self.post(&format!("pay-{attempt}"), &path, &Value::Null).await?)?;
            let seen = self.wait_for(offer, &["CLOSED", "PAYOUT_FAILED", "RETURNED"]).await?;
            if seen["status"] == "CLOSED" && !self.comes_back(&payout).await? {
                return Ok((payout, get(self.api, &format!("/offers/{offer}")).await?));
            }
        }
        Err(format!("deal {} was refused or sent back {PAYOUTS} times", self.n))
    }

    /// Whether a paid payout comes back: known when the bank was asked about it at least once
    /// since it was paid.
    async fn comes_back(&self, payout: &str) -> Result<bool, String> {
        let path = format!("/payouts/{payout}");
        loop {
            let seen = get(self.api, &path).await?;
            if seen["status"] == "RETURNED" {
                return Ok(true);
            }
            let attempt = &seen["attempts"][0];
            // The first look comes two seconds after the end, the second one later than that.
            let ended = attempt["ended_at"].as_str().and_then(|t| t.parse().ok());
            let next = attempt["next_look_at"].as_str().and_then(|t| t.parse().ok());
            let (Some(ended), Some(next)): (Option<Timestamp>, Option<Timestamp>) = (ended, next)
            else {
                return Err(format!("a payout without an end or a next look: {seen}"));
            };
            if next.micros() - ended.micros() > 3_000_000 {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn wait(&self, offer: &str, status: &str) -> Result<Value, String> {
        self.wait_for(offer, &[status]).await
    }

    async fn wait_for(&self, offer: &str, wanted: &[&str]) -> Result<Value, String> {
        let path = format!("/offers/{offer}");
        loop {
            let seen = get(self.api, &path).await?;
            let now = seen["status"].as_str().unwrap_or_default();
            if wanted.contains(&now) {
                return Ok(seen);
            }
            if ["VALUATION_FAILED", "PAYOUT_FAILED", "RETURNED", "WITHDRAWN"].contains(&now) {
                return Err(format!("deal {}: waited for {wanted:?}, stands at {now}", self.n));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Every acknowledged step is there, as the API tells it.
///
/// # Errors
/// A sentence that says what is missing or different.
pub async fn still_there(api: &Api, deals: &[Deal]) -> Result<(), String> {
    for deal in deals {
        let offer = get(api, &format!("/offers/{}", deal.offer)).await?;
        must(offer["status"] == "CLOSED", || format!("{} is {}", deal.offer, offer["status"]))?;
        let found = offer["creator"]["id"] == *deal.creator
            && offer["statement_ids"][0] == *deal.statement
            && offer["payout_id"] == *deal.payout;
        must(found, || format!("another deal than was acknowledged: {offer}, {deal:?}"))?;
        for (name, digest) in ["term_sheet", "receipt"].iter().zip(&deal.documents) {
            let path = offer[*name]["url"].as_str().unwrap_or_default();
            let path = path.strip_prefix("/api/v1").unwrap_or(path);
            let answer = api.request(Method::GET, path).send().await.map_err(|e| e.to_string())?;
            let bytes = answer.bytes().await.map_err(|e| e.to_string())?;
            let stored = hex::encode(Sha256::digest(&bytes));
            must(stored == *digest, || format!("{name} of {} is not what it was", deal.offer))?;
        }
    }
    Ok(())
}

/// A condition with the sentence for when it does not hold.
///
/// # Errors
/// That sentence.
pub fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Reads something that must be there, however often it takes.
///
/// # Errors
/// A sentence that says what was answered instead.
pub async fn get(api: &Api, path: &str) -> Result<Value, String> {
    until_answered(path, || api.request(Method::GET, path)).await
}

/// Sends until somebody answers. No answer, 503 and 504 mean "try again"; anything else but
/// success is wrong.
async fn until_answered(
    path: &str,
    request: impl Fn() -> reqwest::RequestBuilder,
) -> Result<Value, String> {
    loop {
        if let Ok(answer) = request().timeout(ANSWERS_WITHIN).send().await {
            let status = answer.status();
            // A server that dies in the middle of its answer has not answered.
            if let Ok(text) = answer.text().await {
                if status.is_success() {
                    return serde_json::from_str(&text).map_err(|e| format!("{path}: {e}"));
                }
                let later = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
                if !later.contains(&status) {
                    return Err(format!("{path} answered {status}: {text}"));
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
