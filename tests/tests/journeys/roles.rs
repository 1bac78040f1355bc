//! One house in several processes: every role apart, behind a gateway that proxies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use platform::testing::{self, On};
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use tests::api::Api;
use tests::server::{Place, Server, pay_in};
use tests::stream::Stream;

use crate::main_job::check_house;

/// A house whose roles are apart.
struct Apart {
    place: Place,
    gateway: Server,
    api: Vec<Server>,
    hubs: Vec<Server>,
    rest: Vec<Server>,
}

fn role(names: &str) -> String {
    format!("server.roles={names}")
}

/// `None` when there is no PostgreSQL. With Kafka, the registry and Redis when they are there.
async fn apart() -> Option<Apart> {
    if testing::postgres_url().is_none() {
        testing::say("skipped: KONTOR_TEST_POSTGRES is not set");
        return None;
    }
    let name = hex::encode(platform::clock::random_bytes::<4>());
    let mut sets = vec!["server.farewell_ms=1000".into()];
    if let (Some(kafka), Some(registry)) = (testing::engine("KAFKA"), testing::engine("REGISTRY")) {
        sets.push(format!("bus.url={kafka}"));
        sets.push(format!("bus.registry_url={registry}"));
        sets.push(format!("bus.topic_prefix=j{name}."));
    }
    if let Some(redis) = testing::engine("REDIS") {
        sets.push(format!("signals.url={redis}"));
        sets.push(format!("signals.prefix=j{name}:"));
    }
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let place = Place::new(On::Postgres).await?.with(&sets);
    let start = async |roles: &str| place.start_as(&[role(roles)], "127.0.0.1:0").await;
    let api = vec![start("api").await, start("api").await];
    let hubs = vec![start("hub").await, start("hub").await];
    let rest = vec![start("relay").await, start("jobs").await, start("consumers").await];
    let urls = |servers: &[Server]| {
        servers.iter().map(|s| format!("\"{}\"", s.url)).collect::<Vec<_>>().join(", ")
    };
    let table = format!(
        "[[route]]\npath = \"/api/v1/offers/events\"\nupstream = [{}]\n\
         [[route]]\npath = \"/api\"\nupstream = [{}]\n\
         [[route]]\npath = \"/deals-of-old\"\nrewrite = \"/api/v1/offers\"\nupstream = [{}]\n",
        urls(&hubs),
        urls(&api),
        urls(&api)
    );
    let file = place.folder().join("routes.toml");
    std::fs::write(&file, table).unwrap();
    let routes = format!("gateway.routes_file={}", file.display());
    let proxies = "gateway.trusted_proxies=[\"127.0.0.1\"]".into();
    let gateway = place.start_as(&[role("gateway"), routes, proxies], "127.0.0.1:0").await;
    Some(Apart { place, gateway, api, hubs, rest })
}

impl Apart {
    async fn stop(self) {
        let all = self.api.into_iter().chain(self.hubs).chain(self.rest);
        for server in std::iter::once(self.gateway).chain(all) {
            server.stop().await;
        }
    }
}

/// The positions of the deals' receipts, which come in any order.
async fn receipts(stream: &mut Stream, deals: &[String]) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    while found.len() < deals.len() {
        let seen = stream.next().await.expect("the stream is open");
        let offer = seen.data["offer_id"].as_str().unwrap_or_default().to_owned();
        if seen.event == "OFFER_RECEIPT_GENERATED" && deals.contains(&offer) {
            found.insert(offer, seen.id);
        }
    }
    found
}

#[tokio::test]
async fn a_house_in_roles_does_the_main_job() {
    let Some(house) = apart().await else { return };
    pay_in(&house.gateway).await;
    let api = house.gateway.login("admin").await;
    // The proxy takes turns: the two streams are on different hubs.
    let (mut one, mut two) = (Stream::open(&api, None).await, Stream::open(&api, None).await);
    let (creator, statement) = api.creator_with_statement(1).await;
    let mut deals = Vec::new();
    for n in 0..3 {
        let o = api.offer(&creator, &statement).await;
        let id = o["id"].as_str().unwrap().to_owned();
        let ready = api.wait_for(&id, &["OFFER_READY"]).await;
        api.accept(&ready, StatusCode::OK).await;
        api.pay(&id, &format!("pay-{n}"), StatusCode::ACCEPTED).await;
        deals.push(id);
    }
    let (first, second) = (receipts(&mut one, &deals).await, receipts(&mut two, &deals).await);
    assert_eq!(first, second, "a position is the same at every hub");
    for id in &deals {
        api.wait_for(id, &["CLOSED"]).await;
    }
    let old = api.http.get(format!("{}/deals-of-old?limit=2", house.gateway.url));
    let old = old.bearer_auth(&api.token).send().await.unwrap();
    assert_eq!(old.status(), 200, "a path of older clients is rewritten");
    check_house(&house.api[0], 3).await;
    drop((one, two));
    house.stop().await;
}

/// Guesses from one address shut out that address, not everybody behind the gateway.
#[tokio::test]
async fn behind_a_gateway_a_client_has_its_own_address() {
    let Some(house) = apart().await else { return };
    let client = Client::new();
    let login = async |from: &str, password: &str| {
        let asked = client
            .post(format!("{}/api/v1/auth/login", house.gateway.url))
            .header("x-forwarded-for", from)
            .json(&json!({ "username": "admin", "password": password }));
        asked.send().await.unwrap().status().as_u16()
    };
    for _ in 0..5 {
        assert_eq!(login("203.0.113.7", "a wrong password").await, 401);
    }
    assert_eq!(login("203.0.113.7", "a wrong password").await, 429);
    assert_eq!(login("203.0.113.8", "a wrong password").await, 401);
    // Nobody can say an address to the process behind.
    let api = &house.api[0].url;
    let direct = client
        .post(format!("{api}/api/v1/auth/login"))
        .header("x-forwarded-for", "203.0.113.7")
        .json(&json!({ "username": "admin", "password": "a wrong password" }));
    assert_eq!(direct.send().await.unwrap().status(), 401, "it counts for its real address");
    house.stop().await;
}

#[tokio::test]
async fn clients_cannot_vouch_for_themselves() {
    let Some(house) = apart().await else { return };
    let api = house.gateway.login("admin").await;
    let admin = api.request(Method::GET, "/auth/me").send().await.unwrap();
    assert_eq!(admin.status(), 200);
    let somebody = Client::new();
    let ask = async |url: &str, value: &str| {
        let asked = somebody.get(format!("{url}/api/v1/offers")).header("x-kontor-identity", value);
        asked.send().await.unwrap().status()
    };
    // At the gateway the header is taken away: nobody is logged in.
    assert_eq!(ask(&house.gateway.url, "made-up").await, 401);
    assert_eq!(ask(&house.gateway.url, &api.token).await, 401);
    // Behind it, only what the house signed for this purpose counts.
    assert_eq!(ask(&house.api[0].url, "made-up").await, 401);
    assert_eq!(ask(&house.api[0].url, &api.token).await, 401, "an access token is no assertion");
    house.stop().await;
}

#[tokio::test]
async fn a_session_that_ends_at_one_process_has_ended_at_the_others() {
    let Some(house) = apart().await else { return };
    let api = house.gateway.login("viewer").await;
    let ask = async |url: &str| {
        let asked = api.http.get(format!("{url}/api/v1/auth/me")).bearer_auth(&api.token);
        asked.send().await.unwrap().status()
    };
    for server in &house.api {
        assert_eq!(ask(&server.url).await, 200, "both believe the session now");
    }
    api.post("/auth/logout", &json!({}), StatusCode::OK).await;
    let ended = async {
        for server in &house.api {
            while ask(&server.url).await != 401 {
                tokio::task::yield_now().await;
            }
        }
    };
    let limit = std::time::Duration::from_secs(10);
    tokio::time::timeout(limit, ended).await.expect("the session has ended everywhere");
    house.stop().await;
}

#[tokio::test]
async fn a_rolling_restart_loses_no_request_and_no_event() {
    let Some(mut house) = apart().await else { return };
    let api = house.gateway.login("admin").await;
    let mut live = Stream::open(&api, None).await;
    let (creator, statement) = api.creator_with_statement(1).await;
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (api, stop, asked) = (
                Api { url: api.url.clone(), token: api.token.clone(), http: Client::new() },
                Arc::clone(&stop),
                Arc::clone(&asked),
            );
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let n = asked.fetch_add(1, Ordering::Relaxed);
                    // Without a key: a request that was sent twice would be two creators.
                    let body = json!({ "platform": "spotify", "platform_id": format!("rolling-{n}"),
                        "username": format!("rolling{n}"), "display_name": "Rolling" });
                    api.post("/offers/creators/", &body, StatusCode::CREATED).await;
                }
            })
        })
        .collect();
    for n in 0..2 {
        let old = house.api.remove(0);
        let address = old.url.trim_start_matches("http://").to_owned();
        let before = asked.load(Ordering::Relaxed);
        old.stop().await;
        house.api.push(house.place.start_as(&[role("api")], &address).await);
        while asked.load(Ordering::Relaxed) < before + 20 * (n + 1) {
            assert!(callers.iter().all(|c| !c.is_finished()), "no caller is refused");
            tokio::task::yield_now().await;
        }
    }
    // The hub of this stream goes away: it says goodbye, and the next one goes on after it.
    let o = api.offer(&creator, &statement).await;
    let id = o["id"].as_str().unwrap();
    let created = live.until(id, "OFFER_CREATED").await;
    for hub in house.hubs.drain(..) {
        let address = hub.url.trim_start_matches("http://").to_owned();
        hub.stop().await;
        house.rest.push(house.place.start_as(&[role("hub")], &address).await);
    }
    let mut again = Stream::open(&api, Some(created.id)).await;
    again.until(id, "OFFER_VALUATED").await;
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.expect("no caller was refused");
    }
    let count = "select count(*) as n from creators where platform_id like 'rolling-%'";
    let made = house.gateway.house.db.read(move |tx| tx.query_one(count, &[])?.int("n")).await;
    let made: Result<i64, platform::db::DbError> = made;
    assert_eq!(made.unwrap(), i64::try_from(asked.load(Ordering::Relaxed)).unwrap());
    drop((live, again));
    house.stop().await;
}

#[tokio::test]
async fn what_cannot_be_reached_is_said_and_comes_back() {
    let Some(mut house) = apart().await else { return };
    let api = house.gateway.login("admin").await;
    let addresses: Vec<String> =
        house.api.iter().map(|s| s.url.trim_start_matches("http://").to_owned()).collect();
    for server in house.api.drain(..) {
        server.stop().await;
    }
    let refused = api.request(Method::GET, "/offers").send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    let body: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "upstream_unavailable");
    house.api.push(house.place.start_as(&[role("api")], &addresses[0]).await);
    let came_back = async {
        // The circuit lets one request try every three seconds.
        while api.request(Method::GET, "/offers").send().await.unwrap().status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    let limit = std::time::Duration::from_secs(30);
    tokio::time::timeout(limit, came_back).await.expect("the gateway finds it again");
    house.stop().await;
}
