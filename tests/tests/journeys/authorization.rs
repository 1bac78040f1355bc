//! Every route has an authorization test: this one reads the routes from the description.

use access::identity::{NewUser, service as identity};
use kernel::Role;
use kernel::ids::Uuid;
use platform::testing::On;
use reqwest::{Method, StatusCode};

use tests::api::Api;
use tests::server::{PASSWORD, Place, Server};

/// Routes that anybody may call; everything else is 401 without a token.
const PUBLIC: &[&str] = &[
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/logout",
    "GET /auth/issuers",
    "GET /auth/oidc/{name}/start",
    "GET /auth/oidc/{name}/callback",
    "GET /demo",
    "GET /demo/samples/{name}",
];
/// Routes that whoever is logged in may call.
const OWN: &[&str] =
    &["GET /auth/me", "POST /auth/password", "GET /auth/sessions", "DELETE /auth/sessions/{id}"];

/// Routes that a creator may call, for what is his own; everything else is 403 for him. What he
/// gets from them is in `own.rs`.
const CREATORS: &[&str] = &[
    "GET /offers",
    "GET /offers/{id}",
    "GET /offers/{id}/documents/{name}",
    "POST /offers/{id}/reprice",
    "POST /offers/{id}/accept",
    "POST /offers/{id}/decline",
    "GET /offers/creators/{id}",
    "POST /offers/creators/{id}/recipients",
    "GET /statements",
    "GET /statements/{id}",
    "GET /statements/{id}/works",
    "GET /offers/events/deals",
];

/// Routes outside the description, which anybody may call; `cargo xtask tidy` has the same list.
const APART: &[&str] = &["/healthz", "/readyz", "/version", "/metrics", "/.well-known/jwks.json"];

/// Somebody who is known and has a role without any right.
async fn nobody(server: &Server) -> Api {
    let new = NewUser::staff("thermometer", PASSWORD, Role::Device);
    identity::add_user(&server.house.system_cx(), new).await.unwrap();
    server.login("thermometer").await
}

#[tokio::test]
async fn every_route_refuses_strangers_and_those_without_the_right() {
    let place = Place::new(On::Sqlite).await.unwrap();
    let server = place.start().await;
    let viewer = server.login("viewer").await;
    let nobody = nobody(&server).await;
    let creator = server.login_creator("somebody", Uuid::from_u128(7)).await;
    let stranger = Api { token: String::new(), ..viewer.clone() };
    let description = viewer.http.get(format!("{}/openapi.json", server.url)).send().await.unwrap();
    let document: serde_json::Value = description.json().await.unwrap();
    let mut checked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        let url = path
            .replace("{id}", "01900000-0000-7000-8000-000000000001")
            .replace("{kid}", "none")
            .replace("{name}", "termsheet");
        assert!(!url.contains('{'), "{path}: give its parameter a value here");
        for name in operations.as_object().unwrap().keys() {
            let Ok(method) = name.to_uppercase().parse::<Method>() else { continue };
            let route = format!("{method} {path}");
            if PUBLIC.contains(&route.as_str()) {
                continue;
            }
            checked += 1;
            let status = async |api: &Api| {
                body_for(api, method.clone(), &url).send().await.unwrap().status()
            };
            assert_eq!(status(&stranger).await, StatusCode::UNAUTHORIZED, "{route} as a stranger");
            if OWN.contains(&route.as_str()) {
                continue;
            }
            assert_eq!(status(&nobody).await, StatusCode::FORBIDDEN, "{route} without a right");
            if !CREATORS.contains(&route.as_str()) {
                assert_eq!(status(&creator).await, StatusCode::FORBIDDEN, "{route} as a creator");
            }
            if method != Method::GET {
                assert_eq!(status(&viewer).await, StatusCode::FORBIDDEN, "{route} as a viewer");
            }
        }
    }
    assert!(checked >= 35, "only {checked} routes were found");
    server.stop().await;
}

#[tokio::test]
async fn routes_outside_the_description_are_for_anybody_and_tell_nothing() {
    let place = Place::new(On::Sqlite).await.unwrap();
    let server = place.start().await;
    let api = server.login("admin").await;
    api.creator(1, "DE89370400440532013000").await;
    for route in APART {
        let answer = api.http.get(format!("{}{route}", server.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{route}");
        let text = answer.text().await.unwrap();
        for secret in ["Maja Lind", "3704004405", "\"d\":", "admin"] {
            assert!(!text.contains(secret), "{route} tells {secret}: {text}");
        }
    }
    for route in ["/api/v1/secrets", "/api/v2/offers", "/.well-known/keys"] {
        let answer = api.http.get(format!("{}{route}", server.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{route}");
    }
    server.stop().await;
}

/// A request whose shape is right, so that only the authorization can refuse it.
fn body_for(api: &Api, method: Method, url: &str) -> reqwest::RequestBuilder {
    let id = "01900000-0000-7000-8000-000000000001";
    let money = serde_json::json!({ "amount": "1.00", "currency": "EUR" });
    let (mut request, body) = match (method.as_str(), url.rsplit('/').next().unwrap()) {
        ("POST", "statements") => {
            let url = format!("{url}?creator_id={id}");
            let part = reqwest::multipart::Part::bytes(vec![1]).file_name("x");
            let form = reqwest::multipart::Form::new().part("file", part);
            return api.request(method, &url).multipart(form);
        }
        ("GET", "trace") => (api.request(method, &format!("{url}?figure=ltm")), None),
        ("GET", _) => (api.request(method, url), None),
        (_, last) => {
            let body = match last {
                "creators" => serde_json::json!({ "platform": "spotify", "platform_id": "x",
                    "username": "x", "display_name": "x" }),
                "recipients" => serde_json::json!({ "holder_name": "x",
                    "kind": "account_number", "account": "000123456789" }),
                "mapping" => serde_json::json!({ "month": "a", "amount": "b" }),
                "offers" => serde_json::json!({ "creator_id": id, "kind": "purchase",
                    "title": "x", "currency": "EUR", "share_bp": 1, "statement_ids": [id] }),
                "accept" => serde_json::json!({ "typed_name": "x", "amount": money,
                    "term_sheet_sha256": "x" }),
                "offered-amount" => serde_json::json!({ "amount": money, "reason": "x" }),
                "users" => serde_json::json!({ "username": "somebody-new", "roles": ["viewer"],
                    "password": "x".repeat(12) }),
                "simulator" => serde_json::json!({ "running": true }),
                "roles" => serde_json::json!({ "roles": ["viewer"] }),
                "password" if url == "/auth/password" => serde_json::json!({
                    "current_password": "x", "password": "x".repeat(12) }),
                "password" => serde_json::json!({ "password": "x".repeat(12) }),
                "withdraw" | "decline" | "disable" | "enable" => {
                    serde_json::json!({ "reason": "x" })
                }
                "introspect" => serde_json::json!({ "token": "x" }),
                "authorize" => serde_json::json!({ "action": "offers.read" }),
                "reprice" => serde_json::json!({ "share_bp": 1 }),
                "capital" => serde_json::json!({ "amount": money, "reference": "x" }),
                "confirm-manual" => serde_json::json!({ "outcome": "not_paid",
                    "evidence": "the bank says so" }),
                "transfers" => serde_json::json!({ "debit_account": id, "credit_account": id,
                    "amount": money, "type": "deposit", "reference": "x" }),
                "sandbox-bank" => serde_json::json!({ "settlement_delay_ms": 1, "faults":
                    { "timeout_before": 0, "timeout_after": 0, "server_error": 0,
                      "late_return": 0 } }),
                _ => serde_json::json!({}),
            };
            (api.request(method, url).header("idempotency-key", "k"), Some(body))
        }
    };
    if let Some(body) = body {
        request = request.json(&body);
    }
    request
}

/// A browser whose access cookie has ended sends its refresh cookie only.
#[tokio::test]
async fn a_logout_works_by_the_refresh_cookie_and_always_clears() {
    let place = Place::new(On::Sqlite).await.unwrap();
    let server = place.start().await;
    let http = reqwest::Client::new();
    let at = |path: &str| format!("{}/api/v1{path}", server.url);
    let body = serde_json::json!({ "username": "viewer", "password": PASSWORD });
    let login = http.post(at("/auth/login")).json(&body).send().await.unwrap();
    let set: Vec<String> = login
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    let only: Vec<&str> =
        set.iter().map(String::as_str).filter(|c| !c.starts_with("kontor_access")).collect();
    let csrf = only.iter().find_map(|c| c.strip_prefix("kontor_csrf=")).unwrap();
    let logout = |csrf: &str| {
        let request = http.post(at("/auth/logout")).header("cookie", only.join("; "));
        request.header("x-csrf-token", csrf.to_owned()).send()
    };
    assert_eq!(logout("made-up").await.unwrap().status(), StatusCode::FORBIDDEN);
    let out = logout(csrf).await.unwrap();
    assert_eq!(out.status(), StatusCode::OK);
    let cleared = out.headers().get_all("set-cookie").iter();
    assert_eq!(cleared.filter(|c| c.to_str().unwrap().contains("Max-Age=0")).count(), 3);
    let refresh = http
        .post(at("/auth/refresh"))
        .header("cookie", only.join("; "))
        .header("x-csrf-token", csrf)
        .json(&serde_json::json!({}));
    assert_eq!(refresh.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    // Whoever has nothing any more is not told that it failed.
    let bare = http.post(at("/auth/logout")).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn somebody_elses_and_broken_tokens_are_refused() {
    let place = Place::new(On::Sqlite).await.unwrap();
    let server = place.start().await;
    let api = server.login("viewer").await;
    let elsewhere = Place::new(On::Sqlite).await.unwrap();
    let other = elsewhere.start().await;
    let foreign = Api { url: server.url.clone(), ..other.login("admin").await };
    for token in [foreign.token, format!("{}x", api.token), "nonsense".into()] {
        let bad = Api { token, ..api.clone() };
        let answer = bad.request(Method::GET, "/offers").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    }
    api.post("/auth/logout", &serde_json::json!({}), StatusCode::OK).await;
    let after = api.request(Method::GET, "/offers").send().await.unwrap();
    assert_eq!(after.status(), StatusCode::UNAUTHORIZED, "logout revokes");
    server.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn a_cookie_session_must_prove_the_page_sent_it() {
    let place = Place::new(On::Sqlite).await.unwrap();
    let server = place.start().await;
    let api = server.login("underwriter").await;
    let cookie = format!("kontor_access={}; kontor_csrf=abc", api.token);
    let body = serde_json::json!({ "platform": "spotify", "platform_id": "x", "username": "x",
        "display_name": "x" });
    let url = format!("{}/api/v1/offers/creators", server.url);
    let forged = api.http.post(&url).header("cookie", &cookie).json(&body).send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    let text = forged.text().await.unwrap();
    assert!(text.contains("csrf_failed"), "{text}");
    let real = api.http.post(&url).header("cookie", &cookie).header("x-csrf-token", "abc");
    assert_eq!(real.json(&body).send().await.unwrap().status(), StatusCode::CREATED);
    server.stop().await;
}

/// What a page of another house can send without asking first is no login, however it is dressed.
#[tokio::test]
async fn a_login_is_json_and_says_so() {
    let place = Place::new(On::Sqlite).await.unwrap();
    let server = place.start().await;
    let body = serde_json::json!({ "username": "viewer", "password": PASSWORD }).to_string();
    let http = reqwest::Client::new();
    for (kind, want) in [
        (None, StatusCode::BAD_REQUEST),
        (Some("text/plain"), StatusCode::BAD_REQUEST),
        (Some("text/plain; charset=json"), StatusCode::BAD_REQUEST),
        (Some("application/json; charset=utf-8"), StatusCode::OK),
    ] {
        let mut request = http.post(format!("{}/api/v1/auth/login", server.url)).body(body.clone());
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        assert_eq!(request.send().await.unwrap().status(), want, "{kind:?}");
    }
    // Behind a proxy that says so in one of the ways they do, cookies are for https only.
    for (said, secure) in [("https", true), ("HTTPS", true), ("https,http", true), ("http", false)]
    {
        let request = http.post(format!("{}/api/v1/auth/login", server.url)).body(body.clone());
        let request = request.header("content-type", "application/json");
        let answer = request.header("x-forwarded-proto", said).send().await.unwrap();
        let cookies = answer.headers().get_all("set-cookie").iter();
        let all = cookies.map(|c| c.to_str().unwrap().contains("; Secure")).collect::<Vec<_>>();
        assert_eq!(all, [secure; 3], "{said}");
    }
    let answer = http.get(&server.url).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self'"), "{policy}");
    server.stop().await;
    let place = Place::new(On::Sqlite).await.unwrap();
    let place = place.with(&["identity.issuer=https://kontor.test"]);
    let server = place.start().await;
    let login = http.post(format!("{}/api/v1/auth/login", server.url));
    let login = login.header("content-type", "application/json").body(body).send().await.unwrap();
    let cookies = login.headers().get_all("set-cookie").iter();
    assert!(cookies.map(|c| c.to_str().unwrap()).all(|c| c.contains("; Secure")));
    server.stop().await;
}

/// An admin looks after users over HTTP; whoever is disabled is out, streams included.
#[tokio::test]
async fn users_are_looked_after_over_http() {
    let place = Place::new(On::Sqlite).await.unwrap();
    let server = place.start().await;
    let admin = server.login("admin").await;
    let new = serde_json::json!({ "username": "Berta", "password": PASSWORD, "roles": ["viewer"] });
    let added = admin.post("/users", &new, StatusCode::CREATED).await;
    assert_eq!((&added["username"], &added["disabled"]), (&"berta".into(), &false.into()));
    let id = added["id"].as_str().unwrap();
    let berta = server.login("berta").await;
    let mut stream = tests::stream::Stream::open(&berta, None).await;
    let listed = admin.get("/users?limit=2").await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let next = admin.get(&format!("/users?cursor={}", listed["next"].as_str().unwrap())).await;
    let last =
        |v: &serde_json::Value, n: usize| v["data"][n]["username"].as_str().unwrap().to_owned();
    assert!(last(&listed, 1) < last(&next, 0), "by name, each once");
    let seen = admin.get(&format!("/users/{id}/sessions")).await;
    assert_eq!(seen["data"].as_array().unwrap().len(), 1);
    assert_eq!(berta.get("/auth/sessions").await["data"][0]["current"], true);
    let why = serde_json::json!({ "reason": "left the house" });
    let gone = admin.post(&format!("/users/{id}/disable"), &why, StatusCode::OK).await;
    assert_eq!(gone["disabled"], true);
    while stream.next().await.is_some() {}
    let answer = berta.request(Method::GET, "/offers").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let mine = admin.get("/auth/me").await["id"].as_str().unwrap().to_owned();
    let own = admin.post(&format!("/users/{mine}/disable"), &why, StatusCode::CONFLICT).await;
    assert_eq!(own["error"]["code"], "own_account");
    let keys = admin.post("/keys/rotate", &serde_json::json!({}), StatusCode::OK).await;
    let old = keys["data"][1]["kid"].as_str().unwrap();
    let kept = admin.post(&format!("/keys/{old}/withdraw"), &why, StatusCode::OK).await;
    assert!(kept["data"][1]["withdrawn_at"].is_string());
    let answer = admin.request(Method::GET, "/offers").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "its own token was of that key");
    server.stop().await;
}
