//! People and services whom a Keycloak knows.

use platform::testing::{self, On};
use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};

use tests::api::Api;
use tests::server::{Place, Server};

const PASSWORD: &str = "kontor-test-2026";
/// The address of the house as its configuration says it; the test's port is another.
const PUBLIC: &str = "http://localhost:3000";

/// A house that knows the Keycloak, or nothing to test on.
async fn house() -> Option<(String, Place, Server)> {
    let Some(realm) = testing::engine("OIDC") else {
        testing::say("skipped: KONTOR_TEST_OIDC is not set");
        return None;
    };
    let issuers = format!(
        r#"identity.issuers=[{{ name = "keycloak", title = "Directory", issuer = "{realm}",
client_id = "kontor-console", audiences = ["kontor-api"], roles = ["viewer", "treasurer"] }}]"#
    );
    let place = Place::new(On::Sqlite).await.unwrap().with(&[&issuers.replace('\n', " ")]);
    let server = place.start().await;
    Some((realm, place, server))
}

/// A client that follows nothing and keeps no cookies: each step is looked at.
fn browser() -> Client {
    Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn bearer(realm: &str, user: &str) -> String {
    let form = [
        ("grant_type", "password"),
        ("client_id", "kontor-console"),
        ("username", user),
        ("password", PASSWORD),
    ];
    let url = format!("{realm}/protocol/openid-connect/token");
    let answer = Client::new().post(url).form(&form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// `a=1; b=2` of what was set.
fn cookies(answer: &reqwest::Response) -> String {
    let set = answer.headers().get_all(header::SET_COOKIE).iter();
    let pairs = set.filter_map(|v| v.to_str().unwrap().split(';').next());
    pairs.filter(|p| !p.ends_with('=')).collect::<Vec<_>>().join("; ")
}

fn location(answer: &reqwest::Response) -> String {
    answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// Walks Keycloak's form; answers where it sends the browser.
async fn log_in(http: &Client, url: &str, user: &str) -> String {
    let page = http.get(url).send().await.unwrap();
    let jar = cookies(&page);
    let html = page.text().await.unwrap();
    let action = html.split("action=\"").nth(1).unwrap_or_else(|| panic!("no form: {html}"));
    let action = action.split('"').next().unwrap().replace("&amp;", "&");
    let form = [("username", user), ("password", PASSWORD)];
    let sent = http.post(action).header(header::COOKIE, jar).form(&form).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::FOUND, "{}", sent.text().await.unwrap());
    location(&sent)
}

async fn begin(server: &Server, http: &Client) -> (String, String) {
    let start = format!("{}/api/v1/auth/oidc/keycloak/start?return_to=/deals", server.url);
    let begun = http.get(start).send().await.unwrap();
    assert_eq!(begun.status(), StatusCode::FOUND);
    (location(&begun), cookies(&begun))
}

mod keycloak {
    use super::*;

    #[tokio::test]
    async fn a_person_logs_in_there_and_out_again() {
        let Some((realm, _place, server)) = house().await else { return };
        let http = browser();
        let doors = http.get(format!("{}/api/v1/auth/issuers", server.url)).send().await.unwrap();
        let doors: Value = doors.json().await.unwrap();
        assert_eq!(
            doors,
            json!([{ "name": "keycloak", "title": "Directory",
            "login_url": "/api/v1/auth/oidc/keycloak/start" }])
        );
        let (to, memory) = begin(&server, &http).await;
        assert!(to.starts_with(&realm) && to.contains("code_challenge_method=S256"), "{to}");
        let back = log_in(&http, &to, "viewer").await;
        let back = back.replace(PUBLIC, &server.url);
        assert!(back.starts_with(&server.url), "{back}");
        let entered = http.get(&back).header(header::COOKIE, &memory).send().await.unwrap();
        assert_eq!(location(&entered), "/deals");
        let session = cookies(&entered);
        let with = |method: Method, path: &str| {
            let request = http.request(method, format!("{}/api/v1{path}", server.url));
            request.header(header::COOKIE, &session)
        };
        let me: Value = with(Method::GET, "/auth/me").send().await.unwrap().json().await.unwrap();
        assert_eq!(
            (&me["username"], &me["roles"]),
            (&json!("viewer@keycloak"), &json!(["viewer"]))
        );
        let read = with(Method::GET, "/offers").send().await.unwrap();
        assert_eq!(read.status(), StatusCode::OK);
        let csrf = session.split("kontor_csrf=").nth(1).unwrap().split(';').next().unwrap();
        let write = with(Method::POST, "/offers/creators").header("x-csrf-token", csrf);
        let write = write.json(&json!({ "platform": "spotify", "platform_id": "x",
            "username": "x", "display_name": "x" }));
        assert_eq!(write.send().await.unwrap().status(), StatusCode::FORBIDDEN);
        // The row that was made is no way in by password.
        for password in ["!", PASSWORD] {
            let body = json!({ "username": "viewer@keycloak", "password": password });
            let login = http.post(format!("{}/api/v1/auth/login", server.url)).json(&body);
            assert_eq!(login.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
        }
        let out = with(Method::POST, "/auth/logout").header("x-csrf-token", csrf);
        let out: Value = out.send().await.unwrap().json().await.unwrap();
        let url = out["logout_url"].as_str().unwrap();
        assert!(url.starts_with(&realm) && url.contains("client_id=kontor-console"), "{url}");
        let after = with(Method::GET, "/offers").send().await.unwrap();
        assert_eq!(after.status(), StatusCode::UNAUTHORIZED);
        // The same person is the same row the next time.
        let (to, memory) = begin(&server, &http).await;
        let back = log_in(&http, &to, "viewer").await.replace(PUBLIC, &server.url);
        let again = http.get(&back).header(header::COOKIE, &memory).send().await.unwrap();
        assert_eq!(location(&again), "/deals");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_login_that_is_not_right_ends_at_the_login_page() {
        let Some((_realm, _place, server)) = house().await else { return };
        let http = browser();
        let (to, memory) = begin(&server, &http).await;
        let back = log_in(&http, &to, "underwriter").await.replace(PUBLIC, &server.url);
        let enter = async |url: &str, cookie: &str| {
            let answer = http.get(url).header(header::COOKIE, cookie).send().await.unwrap();
            assert!(cookies(&answer).is_empty(), "{}", cookies(&answer));
            location(&answer)
        };
        assert_eq!(enter(&back, "x=y").await, "/login?error=login_state", "another browser");
        let (_, other) = begin(&server, &http).await;
        assert_eq!(enter(&back, &other).await, "/login?error=login_state", "another login");
        let forged = format!("{memory}x");
        assert_eq!(enter(&back, &forged).await, "/login?error=login_state");
        assert_eq!(enter(&back, &memory).await, "/login?error=login_without_role");
        assert_eq!(enter(&back, &memory).await, "/login?error=login_failed", "a code works once");
        let url = format!("{}/api/v1/auth/oidc/keycloak", server.url);
        let refused = enter(&format!("{url}/callback?error=access_denied&state=x"), &memory).await;
        assert_eq!(refused, "/login?error=login_refused");
        for (path, status) in [
            ("/start?return_to=//evil.test", StatusCode::UNPROCESSABLE_ENTITY),
            ("/start?return_to=https://evil.test", StatusCode::UNPROCESSABLE_ENTITY),
            ("/start?return_to=/%5Cevil.test", StatusCode::UNPROCESSABLE_ENTITY),
            ("x/start", StatusCode::NOT_FOUND),
        ] {
            let answer = http.get(format!("{url}{path}")).send().await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
        }
        server.stop().await;
    }

    #[tokio::test]
    async fn a_token_from_there_is_let_in_and_refused_by_its_roles() {
        let Some((realm, _place, server)) = house().await else { return };
        let machine = server.login("machine").await;
        for (user, read, pay) in
            [("viewer", 200, 403), ("treasurer", 200, 422), ("creator", 403, 403)]
        {
            let token = bearer(&realm, user).await;
            let api = Api { token: token.clone(), ..machine.clone() };
            let answer = api.request(Method::GET, "/offers").send().await.unwrap();
            assert_eq!(answer.status(), read, "{user} reads");
            let capital = json!({ "amount": { "amount": "-1.00", "currency": "EUR" },
                "reference": "x" });
            let request = api.request(Method::POST, "/payouts/capital").json(&capital);
            let answer = request.header("idempotency-key", "k").send().await.unwrap();
            assert_ne!(answer.status(), 404, "the route is there");
            assert_eq!(answer.status() == 403, pay == 403, "{user} pays: {}", answer.status());
            let me = api.get("/auth/me").await;
            let named = format!("{user}@keycloak");
            assert_eq!(me["username"], named);
            let asked = json!({ "token": token });
            let said = machine.post("/auth/introspect", &asked, StatusCode::OK).await;
            assert_eq!((&said["active"], &said["username"]), (&json!(true), &json!(named)));
            assert_eq!((&said["iss"], &said["aud"]), (&json!(realm), &json!("kontor-api")));
            let out = api.request(Method::POST, "/auth/logout").send().await.unwrap();
            assert_eq!(out.status(), StatusCode::CONFLICT, "there is no session here");
        }
        server.stop().await;
    }
}
