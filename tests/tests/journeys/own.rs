//! A creator sees and changes what is his own, and cannot tell anybody else's from nothing.

use platform::on_both;
use platform::testing::On;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use tests::api::{Api, expect};
use tests::server::{Place, Server};
use tests::stream::Stream;

/// A creator with a login, a statement and an offer that waits for an answer.
struct Deal {
    creator: String,
    statement: String,
    offer: Value,
    api: Api,
}

impl Deal {
    async fn new(server: &Server, n: u32) -> Self {
        let house = server.login("admin").await;
        let (creator, statement) = house.creator_with_statement(n).await;
        let offer = house.offer(&creator, &statement).await;
        let offer = house.wait_for(offer["id"].as_str().unwrap(), &["OFFER_READY"]).await;
        let statement = statement["id"].as_str().unwrap().to_owned();
        let api = server.login_creator(&format!("creator-{n}"), creator.parse().unwrap()).await;
        Self { creator, statement, offer, api }
    }

    fn id(&self) -> &str {
        self.offer["id"].as_str().unwrap()
    }

    /// Every address that leads to something of this deal.
    fn addresses(&self) -> Vec<String> {
        let (offer, statement) = (self.id(), &self.statement);
        vec![
            format!("/offers/{offer}"),
            format!("/offers/{offer}/documents/termsheet"),
            format!("/offers/creators/{}", self.creator),
            format!("/statements/{statement}"),
            format!("/statements/{statement}/works"),
        ]
    }
}

async fn status(api: &Api, path: &str) -> StatusCode {
    api.request(Method::GET, path).send().await.unwrap().status()
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap()).collect()
}

async fn a_creator_sees_only_what_is_his(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let (mine, other) = (Deal::new(&server, 1).await, Deal::new(&server, 2).await);
    let me = mine.api.get("/auth/me").await;
    assert_eq!(me["creator_id"], mine.creator.as_str());
    for path in mine.addresses() {
        assert_eq!(status(&mine.api, &path).await, StatusCode::OK, "{path}");
    }
    for path in other.addresses() {
        assert_eq!(status(&mine.api, &path).await, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(ids(&mine.api.get("/offers").await), [mine.id()]);
    assert_eq!(ids(&mine.api.get("/offers?text=deal&sort=amount").await), [mine.id()]);
    assert_eq!(ids(&mine.api.get("/statements").await), [mine.statement.as_str()]);
    for list in ["/offers", "/statements"] {
        let foreign = format!("{list}?creator_id={}", other.creator);
        assert_eq!(status(&mine.api, &foreign).await, StatusCode::FORBIDDEN, "{foreign}");
    }
    server.stop().await;
}

async fn a_creator_changes_only_what_is_his(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let (mine, other) = (Deal::new(&server, 1).await, Deal::new(&server, 2).await);
    let to = json!({ "holder_name": "Me", "kind": "iban", "account": "DE89370400440532013000" });
    let recipients = |deal: &Deal| format!("/offers/creators/{}/recipients", deal.creator);
    let terms = json!({ "share_bp": 5000, "term_years": 5 });
    let reprice = |deal: &Deal| format!("/offers/{}/reprice", deal.id());

    mine.api.accept(&other.offer, StatusCode::NOT_FOUND).await;
    let decline = format!("/offers/{}/decline", other.id());
    mine.api.post(&decline, &json!({ "reason": "no" }), StatusCode::NOT_FOUND).await;
    mine.api.post(&reprice(&other), &terms, StatusCode::NOT_FOUND).await;
    mine.api.post(&recipients(&other), &to, StatusCode::NOT_FOUND).await;
    let untouched = other.api.get(&format!("/offers/{}", other.id())).await;
    assert_eq!(untouched["version"], other.offer["version"]);
    assert_eq!(untouched["status"], "OFFER_READY");

    let what_if = mine.api.post(&reprice(&mine), &terms, StatusCode::OK).await;
    assert!(what_if["median"]["amount"].is_string(), "{what_if}");
    let told: Vec<&str> = what_if.as_object().unwrap().keys().map(String::as_str).collect();
    let shown = ["computed_at", "high", "low", "ltm", "median", "share_bp", "term_years"];
    assert_eq!(told, shown, "how the house comes to it stays inside");
    mine.api.post(&recipients(&mine), &to, StatusCode::CREATED).await;
    let accepted = mine.api.accept(&mine.offer, StatusCode::OK).await;
    assert_eq!(accepted["status"], "ACCEPTED");

    // The same key in somebody else's hands answers nothing of mine.
    let withdrawn = json!({ "reason": "later" });
    let path = format!("/offers/{}/decline", other.id());
    let stolen = mine.api.request(Method::POST, &path).header("idempotency-key", "one");
    expect(stolen.json(&withdrawn).send().await.unwrap(), &path, StatusCode::NOT_FOUND).await;
    let own = other.api.request(Method::POST, &path).header("idempotency-key", "one");
    expect(own.json(&withdrawn).send().await.unwrap(), &path, StatusCode::OK).await;
    server.stop().await;
}

async fn a_creators_stream_is_silent_about_others(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let (mine, other) = (Deal::new(&server, 1).await, Deal::new(&server, 2).await);
    // From the beginning, so that replayed and live events are both seen.
    let mut live = Stream::open(&mine.api, Some(0)).await;
    let first = live.next().await.unwrap();
    assert_eq!(first.data["creator_id"], mine.creator.as_str());
    assert!(first.data["actor"].is_null(), "who did it stays inside: {}", first.data);
    other.api.accept(&other.offer, StatusCode::OK).await;
    mine.api.accept(&mine.offer, StatusCode::OK).await;
    let mut names = vec![first.event];
    while names.last().is_some_and(|n| n != "OFFER_ACCEPTED") {
        let seen = live.next().await.unwrap();
        assert_eq!(seen.data["creator_id"], mine.creator.as_str(), "{}", seen.event);
        names.push(seen.event);
    }
    assert!(names.len() >= 4, "{names:?}");
    drop(live);
    server.stop().await;
}

on_both!(
    a_creator_sees_only_what_is_his,
    a_creator_changes_only_what_is_his,
    a_creators_stream_is_silent_about_others,
);
