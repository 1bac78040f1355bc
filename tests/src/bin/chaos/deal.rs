//! One deal on its way, through servers that die: every request is sent again with the same
//! idempotency key until it is answered.

use std::time::Duration;

use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};
use tests::api::{Api, statement};

/// What was acknowledged for one deal.
#[derive(Debug)]
pub(crate) struct Deal {
    pub(crate) creator: String,
    pub(crate) statement: String,
    pub(crate) offer: String,
    pub(crate) payout: String,
    pub(crate) account: String,
    /// Amount in minor units, as it was accepted.
    pub(crate) amount: i64,
    /// Digests of term sheet and receipt.
    pub(crate) documents: [String; 2],
}

impl Deal {
    /// From the creator to the receipt.
    pub(crate) async fn walk(api: Api, seed: u64, n: u64) -> Result<Self, String> {
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
        let path = format!("/offers/{offer}/request-payout");
        let payout = id(&steps.post("pay", &path, &Value::Null).await?)?;
        let closed = steps.wait(&offer, "CLOSED").await?;
        let digest = |name: &str| closed[name]["sha256"].as_str().unwrap_or_default().to_owned();
        let documents = [digest("term_sheet"), digest("receipt")];
        let amount = minor(&accepted["acceptance"]["amount"])?;
        Ok(Self { creator, statement, offer, payout, account, amount, documents })
    }
}

/// An identifier that must be there.
fn id(answer: &Value) -> Result<String, String> {
    answer["id"].as_str().map(str::to_owned).ok_or_else(|| format!("no id in {answer}"))
}

/// Minor units of money on the wire.
pub(crate) fn minor(money: &Value) -> Result<i64, String> {
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

    async fn wait(&self, offer: &str, status: &str) -> Result<Value, String> {
        let path = format!("/offers/{offer}");
        loop {
            let seen = get(self.api, &path).await?;
            let now = seen["status"].as_str().unwrap_or_default();
            if now == status {
                return Ok(seen);
            }
            if ["VALUATION_FAILED", "PAYOUT_FAILED", "RETURNED", "WITHDRAWN"].contains(&now) {
                return Err(format!("deal {}: waited for {status}, stands at {now}", self.n));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Reads something that must be there, however often it takes.
pub(crate) async fn get(api: &Api, path: &str) -> Result<Value, String> {
    until_answered(path, || api.request(Method::GET, path)).await
}

/// Sends until somebody answers. No answer and 503 mean "try again"; anything else but success
/// is wrong.
async fn until_answered(
    path: &str,
    request: impl Fn() -> reqwest::RequestBuilder,
) -> Result<Value, String> {
    loop {
        if let Ok(answer) = request().send().await {
            let status = answer.status();
            // A server that dies in the middle of its answer has not answered.
            if let Ok(text) = answer.text().await {
                if status.is_success() {
                    return serde_json::from_str(&text).map_err(|e| format!("{path}: {e}"));
                }
                if status != StatusCode::SERVICE_UNAVAILABLE {
                    return Err(format!("{path} answered {status}: {text}"));
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
