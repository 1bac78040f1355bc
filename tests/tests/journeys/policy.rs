//! What the policy decided, who may see it, and what other services may ask.

use kontor::App;
use platform::on_both;
use platform::testing::{self, On};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use tests::api::{Api, expect};
use tests::server::{Place, Server};

/// The decision of one request, when it has found its way.
async fn decision(api: &Api, request: &str) -> Value {
    let path = "/policy/decisions?result=deny&limit=250";
    testing::until(&format!("the decision of {request}"), || async {
        let page = api.get(path).await;
        page["data"].as_array().unwrap().iter().find(|r| r["request_id"] == request).cloned()
    })
    .await
}

/// The newest of the operator's own decisions, when there are several.
async fn several(api: &Api) -> Value {
    testing::until("the operator's decisions", || async {
        let page = api.get("/policy/decisions?actor=operator&limit=1").await;
        (page["has_more"] == true).then_some(page)
    })
    .await
}

/// A viewer asks for something; the identifier of the request.
async fn refused(server: &Server, id: &str) {
    let viewer = server.login("viewer").await;
    let answer = viewer.request(Method::GET, "/policy/decisions").header("x-request-id", id);
    assert_eq!(answer.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

async fn a_refusal_can_be_looked_up(on: On) {
    let Some(place) = Place::new(on).await else { return };
    let server = place.start().await;
    refused(&server, "request-0001").await;
    let operator = server.login("operator").await;
    let row = decision(&operator, "request-0001").await;
    assert_eq!((&row["actor"], &row["action"]), (&json!("viewer"), &json!("decisions.read")));
    assert_eq!((&row["result"], &row["scope"]), (&json!("deny"), &json!("none")));
    assert_eq!((&row["engine"], &row["roles"]), (&json!("embedded"), &json!(["viewer"])));
    assert_eq!(row["input_sha256"].as_str().unwrap().len(), 64);
    let in_force = operator.get("/policy").await;
    assert_eq!(in_force["engine"], "embedded");
    assert_eq!(in_force["revision"], row["revision"]);
    assert_eq!(in_force["last_error"], Value::Null);
    let page = several(&operator).await;
    assert_eq!((&page["has_more"], &page["data"][0]["actor"]), (&json!(true), &json!("operator")));
    let next = page["next"].as_str().unwrap();
    let path = format!("/policy/decisions?actor=operator&limit=1&cursor={next}");
    let older = operator.get(&path).await;
    assert_ne!(older["data"][0]["id"], page["data"][0]["id"]);
    for (query, status) in [
        ("result=maybe", StatusCode::UNPROCESSABLE_ENTITY),
        ("limit=0", StatusCode::UNPROCESSABLE_ENTITY),
        ("cursor=zz", StatusCode::BAD_REQUEST),
        ("who=x", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let path = format!("/policy/decisions?{query}");
        let answer = operator.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{query}");
    }
    // What was refused to the very end is there after a restart.
    refused(&server, "request-0002").await;
    server.stop().await;
    let server = place.start().await;
    let operator = server.login("operator").await;
    decision(&operator, "request-0002").await;
    server.stop().await;
}

on_both!(a_refusal_can_be_looked_up);

mod opa {
    use super::*;

    /// Allow and deny end to end, with a real OPA that decides.
    #[tokio::test]
    async fn an_opa_decides_and_when_it_is_away_nobody_is_let_in() {
        let Some(url) = testing::engine("OPA") else {
            testing::say("skipped: KONTOR_TEST_OPA is not set");
            return;
        };
        let text = access::policy::POLICIES[0].1;
        let http = reqwest::Client::new();
        let put = http.put(format!("{url}/v1/policies/kontor")).body(text);
        assert!(put.send().await.unwrap().status().is_success());
        let place = Place::new(On::Sqlite).await.unwrap();
        let place = place.with(&[
            &format!("policy.url={url}"),
            "policy.opa_required=true",
            "policy.deadline_ms=3000",
        ]);
        let server = place.start().await;
        let operator = server.login("operator").await;
        assert_eq!(operator.get("/policy").await["engine"], "opa");
        refused(&server, "request-0003").await;
        assert_eq!(decision(&operator, "request-0003").await["engine"], "opa");
        server.stop().await;
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let away = format!("policy.url=http://{}", free.local_addr().unwrap());
        drop(free);
        let server = place.with(&[&away]).start().await;
        let admin = server.login("admin").await;
        let answer = admin.request(Method::GET, "/offers").send().await.unwrap();
        let body = expect(answer, "/offers", StatusCode::SERVICE_UNAVAILABLE).await;
        assert_eq!(body["error"]["code"], "policy_unavailable");
        assert_eq!(admin.get("/auth/me").await["username"], "admin", "what needs no right");
        server.stop().await;
    }
}

mod sandbox {
    use super::*;

    #[tokio::test]
    async fn other_services_ask_about_tokens() {
        let place = Place::new(On::Sqlite).await.unwrap();
        let server = place.start().await;
        let machine = server.login("machine").await;
        let viewer = server.login("viewer").await;
        let asked = json!({ "token": viewer.token });
        for base in ["/api/v1/auth", "/api/auth"] {
            let ask = async |api: &Api, what: &str, body: &Value| {
                let url = format!("{}{base}/{what}", server.url);
                let request = api.http.post(url).bearer_auth(&api.token).json(body);
                let answer = request.send().await.unwrap();
                (answer.status(), answer.json::<Value>().await.unwrap())
            };
            let (status, said) = ask(&machine, "introspect", &asked).await;
            assert_eq!((status, &said["active"]), (StatusCode::OK, &json!(true)), "{said}");
            assert_eq!((&said["username"], &said["roles"]), (&json!("viewer"), &json!(["viewer"])));
            assert!(said["exp"].is_i64() && said["sub"].is_string());
            let (_, said) = ask(&machine, "introspect", &json!({ "token": "x.y.z" })).await;
            assert_eq!((&said["active"], &said["sub"]), (&json!(false), &Value::Null));
            assert_eq!(ask(&viewer, "introspect", &asked).await.0, StatusCode::FORBIDDEN);
            for (action, allow, reason) in
                [("offers.read", true, "allowed"), ("payouts.request", false, "denied")]
            {
                let body = json!({ "token": viewer.token, "action": action });
                let (_, said) = ask(&machine, "authorize", &body).await;
                assert_eq!((&said["allow"], &said["reason"]), (&json!(allow), &json!(reason)));
            }
            let body = json!({ "token": "x", "action": "offers.read" });
            assert_eq!(ask(&machine, "authorize", &body).await.1["reason"], "invalid_token");
            let stranger = Api { token: "x".into(), ..viewer.clone() };
            assert_eq!(ask(&stranger, "authorize", &body).await.0, StatusCode::UNAUTHORIZED);
        }
        let form = machine.http.post(format!("{}/api/auth/introspect", server.url));
        let form = form.bearer_auth(&machine.token).form(&[("token", &viewer.token)]);
        let said: Value = form.send().await.unwrap().json().await.unwrap();
        assert_eq!(said["active"], true, "the form of RFC 7662");
        let id = kernel::ids::Uuid::from_u128(7);
        let maja = server.login_creator("maja", id).await;
        for (owner, allow, reason) in
            [(id, true, "allowed"), (kernel::ids::Uuid::from_u128(8), false, "not_own")]
        {
            let body = json!({ "token": maja.token, "action": "offers.read",
                "resource": { "owner": owner } });
            let said = machine.post("/auth/authorize", &body, StatusCode::OK).await;
            assert_eq!(said, json!({ "allow": allow, "scope": "own", "reason": reason }));
        }
        server.stop().await;
    }

    #[tokio::test]
    async fn a_house_without_a_door_is_for_this_machine_only() {
        let place = Place::new(On::Sqlite).await.unwrap();
        let place = place.with(&["access.auth_required=false"]);
        let server = place.start().await;
        let nobody = Api { token: String::new(), ..server.login("viewer").await };
        assert_eq!(nobody.get("/offers").await["has_more"], false);
        let bad = Api { token: "x.y.z".into(), ..nobody.clone() };
        let answer = bad.request(Method::GET, "/offers").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "a bad token is still bad");
        // A page of another house, by its own name or by a name that it gave this machine.
        for (name, value, want) in [
            ("host", "evil.test", StatusCode::FORBIDDEN),
            ("host", "localhost.evil.test:3000", StatusCode::FORBIDDEN),
            ("origin", "https://evil.test", StatusCode::FORBIDDEN),
            ("origin", "null", StatusCode::FORBIDDEN),
            ("host", "localhost:3000", StatusCode::OK),
            ("host", "[::1]:3000", StatusCode::OK),
            ("origin", "http://127.0.0.1:5173", StatusCode::OK),
        ] {
            let request = nobody.request(Method::GET, "/offers").header(name, value);
            let status = request.send().await.unwrap().status();
            assert_eq!(status, want, "{name}: {value}");
        }
        server.stop().await;
        for (sets, names) in [
            (["server.address=0.0.0.0:3000", "access.auth_required=false"], "access.auth_required"),
            (["server.address=0.0.0.0:3000", "access.authz_required=false"], "authz_required"),
            (["access.auth_required=true", "policy.opa_required=true"], "policy.url"),
        ] {
            let place = Place::new(On::Sqlite).await.unwrap().with(&sets);
            let e = App::build(place.config(), None).await.err().unwrap();
            assert_eq!(e.code, "invalid_configuration");
            assert!(e.message.contains(names), "{}", e.message);
        }
    }
}
