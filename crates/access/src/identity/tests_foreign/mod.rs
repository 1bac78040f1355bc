//! Tokens of foreign issuers: a small issuer in this process for what a real one cannot be made
//! to do, and Keycloak for the rest.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Clock as _, Principal, Role};
use platform::db::{DbError, Tx};
use platform::testing::{self, On, START, TestHouse};
use serde_json::{Value, json};

use super::foreign::IssuerConfig;
use super::keys::{self, SigningKey};
use super::tests::{ALL, config, user};
use super::{Config, Identity, MasterKey, User, UserId, service, store};

/// An issuer in this process.
struct Fake {
    url: String,
    keys: Arc<Mutex<Vec<Value>>>,
    /// How often its keys were fetched.
    fetches: Arc<AtomicUsize>,
    up: Arc<AtomicBool>,
    /// It takes questions and does not answer them.
    hangs: Arc<AtomicBool>,
}

impl Fake {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self {
            url: url.clone(),
            keys: Arc::default(),
            fetches: Arc::default(),
            up: Arc::new(AtomicBool::new(true)),
            hangs: Arc::default(),
        };
        let (keys, fetches, up) =
            (Arc::clone(&fake.keys), Arc::clone(&fake.fetches), Arc::clone(&fake.up));
        let hangs = Arc::clone(&fake.hangs);
        let app = axum::Router::new().fallback(move |request: axum::extract::Request| {
            let answer = if !up.load(Ordering::SeqCst) {
                StatusCode::BAD_GATEWAY.into_response()
            } else if request.uri().path() == "/jwks" {
                fetches.fetch_add(1, Ordering::SeqCst);
                Json(json!({ "keys": *keys.lock().unwrap() })).into_response()
            } else {
                let (issuer, jwks) = (url.clone(), format!("{url}/jwks"));
                Json(json!({ "issuer": issuer, "jwks_uri": jwks })).into_response()
            };
            let hangs = hangs.load(Ordering::SeqCst);
            async move {
                if hangs {
                    std::future::pending::<()>().await;
                }
                answer
            }
        });
        platform::tasks::Tasks::default().spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        fake
    }

    /// A new key that it publishes.
    fn key(&self) -> SigningKey {
        let master = MasterKey::parse(&MasterKey::generate()).unwrap();
        let (key, _) = keys::generate(&master).unwrap();
        self.keys.lock().unwrap().push(serde_json::from_str(&key.public_jwk).unwrap());
        key
    }

    fn config(&self) -> IssuerConfig {
        serde_json::from_value(json!({
            "name": "fake", "issuer": self.url, "client_id": "kontor-console",
            "audiences": ["kontor-api"], "algorithms": ["ES256"], "roles_claim": "groups",
            "roles": ["viewer", "creator"], "role_map": { "till": "treasurer" },
            "subject_claim": "creator_id",
        }))
        .unwrap()
    }

    /// Claims that are right now.
    fn claims(&self) -> Value {
        let now = START.micros() / 1_000_000;
        json!({ "iss": self.url, "aud": ["kontor-api", "account"], "sub": "42", "iat": now,
            "nbf": now, "exp": now + 600, "preferred_username": "Ada", "groups": ["viewer",
            "admin", "till"] })
    }
}

fn sign(key: &SigningKey, claims: &Value, change: impl FnOnce(&mut Header)) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(key.kid.clone());
    change(&mut header);
    jsonwebtoken::encode(&header, claims, &key.encoding).unwrap()
}

/// `claims` with some of them changed; null takes one away.
fn with(claims: &Value, changes: &Value) -> Value {
    let mut claims = claims.clone();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    claims
}

async fn house(issuers: Vec<IssuerConfig>) -> (TestHouse, Identity) {
    let t = testing::house(On::Inline, ALL).await.unwrap();
    let master = MasterKey::parse(&MasterKey::generate()).unwrap();
    let config = Config { issuers, ..config() };
    let identity = Identity::start(&t.house, config, &master).await.unwrap();
    service::add_user(&t.house.system_cx(), user("correct horse battery")).await.unwrap();
    (t, identity)
}

async fn refused(t: &TestHouse, identity: &Identity, token: &str, what: &str) {
    let e = identity.authenticate(&t.house, token).await.expect_err(what);
    assert_eq!(e.code, "invalid_token", "{what}");
}

mod embedded {
    use super::*;

    #[tokio::test]
    async fn a_foreign_token_gets_its_roles_and_a_lasting_id() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        let who = identity.authenticate(&t.house, &sign(&key, &fake.claims(), |_| {})).await;
        let who = who.unwrap();
        let by = fake.config().name;
        assert_eq!(who.name, format!("ada@{by}"), "nobody of the house is called so");
        assert_eq!(who.roles, [Role::Treasurer, Role::Viewer], "admin is not listed");
        let text = with(
            &fake.claims(),
            &json!({ "aud": "kontor-api", "groups": [],
            "preferred_username": null }),
        );
        let again = identity.authenticate(&t.house, &sign(&key, &text, |_| {})).await.unwrap();
        assert_eq!((again.id, again.name), (who.id, format!("42@{by}")), "aud may be one text");
        let other = with(&fake.claims(), &json!({ "sub": "43" }));
        let other = identity.authenticate(&t.house, &sign(&key, &other, |_| {})).await.unwrap();
        assert_ne!(other.id, who.id);
    }

    /// What an issuer says about a person to us is nothing to carry around.
    #[tokio::test]
    async fn an_id_token_is_no_access_token() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        for more in [
            json!({ "nonce": "n-0S6_WzA2Mj" }),
            json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" }),
            json!({ "c_hash": "LDktKdoQak3Pk0cnXxCltA" }),
            json!({ "token_use": "id" }),
            json!({ "typ": "ID" }),
        ] {
            let token = sign(&key, &with(&fake.claims(), &more), |_| {});
            let refused = identity.authenticate(&t.house, &token).await;
            assert_eq!(refused.unwrap_err().code, "invalid_token", "{more}");
        }
        let now = fake.claims()["exp"].as_i64().unwrap();
        let fraction = with(&fake.claims(), &json!({ "exp": now as f64 + 0.5, "scope": ["a"] }));
        identity.authenticate(&t.house, &sign(&key, &fraction, |_| {})).await.unwrap();
    }

    /// A person whom an issuer still believes, and the house does not any more.
    #[tokio::test]
    async fn a_disabled_visitor_is_refused_with_every_token() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        let token = sign(&key, &fake.claims(), |_| {});
        let who = identity.authenticate(&t.house, &token).await.unwrap();
        let visitor = User {
            id: UserId(who.id.unwrap()),
            username: who.name.clone(),
            display_name: "Ada".into(),
            roles: who.roles.clone(),
            subject: None,
            disabled: false,
            issuer: Some(fake.config().name),
        };
        let (now, saved) = (t.house.clock.now(), visitor.clone());
        let keep = move |tx: &mut Tx<'_>| store::save_foreign(tx, &saved, now);
        t.house.db.write(keep).await.map_err(|e: DbError| e).unwrap();
        let desk = t.house.cx(Principal::of_house("command line", Role::Admin));
        let roles = identity.set_roles(&desk, visitor.id, vec![Role::Viewer]).await;
        assert_eq!(roles.unwrap_err().code, "foreign_user", "its issuer says them");
        identity.disable(&desk, visitor.id, "left").await.unwrap();
        t.clock.advance_ms(3_000);
        let refused = identity.authenticate(&t.house, &token).await;
        assert_eq!(refused.unwrap_err().code, "invalid_token");
    }

    #[tokio::test]
    async fn a_creator_needs_his_subject_and_stands_alone() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        let id = "01900000-0000-7000-8000-000000000001";
        for (changes, roles) in [
            (json!({ "groups": ["creator"], "creator_id": id }), vec![Role::Creator]),
            (json!({ "groups": ["creator"] }), vec![]),
            (json!({ "groups": ["creator"], "creator_id": "maja" }), vec![]),
            (json!({ "groups": ["creator", "viewer"], "creator_id": id }), vec![Role::Viewer]),
        ] {
            let token = sign(&key, &with(&fake.claims(), &changes), |_| {});
            let who = identity.authenticate(&t.house, &token).await.unwrap();
            let is_creator = roles.contains(&Role::Creator);
            assert_eq!((who.roles, who.subject.is_some()), (roles, is_creator), "{changes}");
        }
    }

    #[tokio::test]
    async fn alg_none_and_hs256_with_the_public_key_are_refused() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        let good = sign(&key, &fake.claims(), |_| {});
        let b64 = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
        for alg in ["none", "None", "NONE"] {
            let head = b64(&json!({ "alg": alg, "typ": "JWT", "kid": key.kid }));
            refused(&t, &identity, &format!("{head}.{}.", b64(&fake.claims())), alg).await;
            let signature = good.rsplit('.').next().unwrap();
            let kept = format!("{head}.{}.{signature}", b64(&fake.claims()));
            refused(&t, &identity, &kept, alg).await;
        }
        let jwk: Value = serde_json::from_str(&key.public_jwk).unwrap();
        for secret in [key.public_jwk.clone(), jwk["x"].as_str().unwrap().to_owned()] {
            let mut header = Header::new(Algorithm::HS256);
            header.kid = Some(key.kid.clone());
            let secret = EncodingKey::from_secret(secret.as_bytes());
            let token = jsonwebtoken::encode(&header, &fake.claims(), &secret).unwrap();
            refused(&t, &identity, &token, "HS256 with the public key").await;
        }
        identity.authenticate(&t.house, &good).await.unwrap();
    }

    #[tokio::test]
    async fn keys_that_come_with_the_token_prove_nothing() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        let stranger = MasterKey::parse(&MasterKey::generate()).unwrap();
        let (own, _) = keys::generate(&stranger).unwrap();
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_str(&own.public_jwk).unwrap();
        let claims = fake.claims();
        let brought = sign(&own, &claims, |h| {
            h.jwk = Some(jwk.clone());
            h.kid = Some(key.kid.clone());
        });
        refused(&t, &identity, &brought, "its own key under a name that is known").await;
        // Even rightly signed ones: whoever sends such headers wants them to be used.
        let tokens = [
            ("jwk", sign(&key, &claims, |h| h.jwk = Some(jwk.clone()))),
            ("jku", sign(&key, &claims, |h| h.jku = Some("https://evil.test/jwks".into()))),
            ("x5u", sign(&key, &claims, |h| h.x5u = Some("https://evil.test/x".into()))),
            ("x5c", sign(&key, &claims, |h| h.x5c = Some(vec!["AA==".into()]))),
            ("crit", sign(&key, &claims, |h| h.crit = Some(vec!["b64".into()]))),
            ("typ", sign(&key, &claims, |h| h.typ = Some("logout+jwt".into()))),
            ("kid", sign(&key, &claims, |h| h.kid = None)),
        ];
        for (what, token) in tokens {
            refused(&t, &identity, &token, what).await;
        }
    }

    #[tokio::test]
    async fn wrong_claims_are_refused_one_by_one() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        let now = START.micros() / 1_000_000;
        let other_realm = format!("{}/other", fake.url);
        for wrong in [
            json!({ "iss": other_realm }),
            json!({ "iss": [fake.url] }),
            json!({ "iss": config().issuer }),
            json!({ "aud": "account" }),
            json!({ "aud": [] }),
            json!({ "aud": null }),
            json!({ "aud": "kontor-api account" }),
            json!({ "sub": null }),
            json!({ "sub": "" }),
            json!({ "exp": null }),
            json!({ "exp": now - 31 }),
            json!({ "exp": "tomorrow" }),
            json!({ "nbf": now + 31 }),
            json!({ "iat": now + 31 }),
            json!({ "nbf": "x" }),
            json!({ "typ": "ID" }),
            json!({ "typ": "Refresh" }),
        ] {
            let token = sign(&key, &with(&fake.claims(), &wrong), |_| {});
            refused(&t, &identity, &token, &wrong.to_string()).await;
        }
    }

    #[tokio::test]
    async fn clocks_may_differ_by_the_leeway_and_what_was_verified_still_ends() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        let now = START.micros() / 1_000_000;
        let times = json!({ "iat": now + 29, "nbf": now + 29, "exp": now + 60 });
        let ahead = sign(&key, &with(&fake.claims(), &times), |_| {});
        identity.authenticate(&t.house, &ahead).await.unwrap();
        let behind = sign(&key, &with(&fake.claims(), &json!({ "exp": now - 29 })), |_| {});
        identity.authenticate(&t.house, &behind).await.unwrap();
        t.clock.advance_ms(89_000);
        identity.authenticate(&t.house, &ahead).await.unwrap();
        t.clock.advance_ms(1_000);
        refused(&t, &identity, &ahead, "verified before, and over now").await;
    }

    #[tokio::test]
    async fn keys_rotate_without_a_restart_and_a_withdrawn_one_is_not_believed() {
        let fake = Fake::start().await;
        let first = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        let before = sign(&first, &fake.claims(), |_| {});
        identity.authenticate(&t.house, &before).await.unwrap();
        let second = fake.key();
        let after = sign(&second, &fake.claims(), |_| {});
        t.clock.advance_ms(31_000);
        identity.authenticate(&t.house, &after).await.unwrap();
        identity.authenticate(&t.house, &before).await.unwrap();
        fake.keys.lock().unwrap().remove(0);
        t.clock.advance_ms(301_000);
        identity.issuers[0].refresh().await;
        identity.authenticate(&t.house, &after).await.unwrap();
        refused(&t, &identity, &before, "verified before, and its key withdrawn").await;
    }

    #[tokio::test]
    async fn a_storm_of_unknown_keys_is_one_fetch() {
        let fake = Fake::start().await;
        let key = fake.key();
        let (t, identity) = house(vec![fake.config()]).await;
        identity.authenticate(&t.house, &sign(&key, &fake.claims(), |_| {})).await.unwrap();
        assert_eq!(fake.fetches.load(Ordering::SeqCst), 1);
        t.clock.advance_ms(31_000);
        let tokens: Vec<String> = (0..200)
            .map(|n| sign(&key, &fake.claims(), |h| h.kid = Some(format!("made-up-{n}"))))
            .collect();
        let all = tokens.iter().map(|token| identity.authenticate(&t.house, token));
        let answers = futures::future::join_all(all).await;
        assert!(answers.iter().all(|a| a.as_ref().is_err_and(|e| e.code == "invalid_token")));
        assert_eq!(fake.fetches.load(Ordering::SeqCst), 2, "one more for all of them");
        t.clock.advance_ms(29_000);
        refused(&t, &identity, &tokens[0], "still").await;
        assert_eq!(fake.fetches.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn an_issuer_that_is_down_at_start_and_later() {
        let fake = Fake::start().await;
        let key = fake.key();
        fake.up.store(false, Ordering::SeqCst);
        let (t, identity) = house(vec![fake.config()]).await;
        let token = sign(&key, &fake.claims(), |_| {});
        let e = identity.authenticate(&t.house, &token).await.unwrap_err();
        assert_eq!((e.kind, e.code), (kernel::Kind::Unavailable, "issuer_unavailable"));
        let cx = t.house.system_cx();
        identity.login(&cx, "ada", "correct horse battery").await.unwrap();
        fake.up.store(true, Ordering::SeqCst);
        t.clock.advance_ms(2_001);
        identity.authenticate(&t.house, &token).await.unwrap();
        fake.up.store(false, Ordering::SeqCst);
        t.clock.advance_ms(301_000);
        identity.issuers[0].refresh().await;
        let another = sign(&key, &with(&fake.claims(), &json!({ "sub": "7" })), |_| {});
        identity.authenticate(&t.house, &another).await.unwrap();
    }

    #[tokio::test]
    async fn an_issuer_that_does_not_answer_keeps_nobody_else_waiting() {
        let fake = Fake::start().await;
        let key = fake.key();
        fake.hangs.store(true, Ordering::SeqCst);
        let (t, identity) = house(vec![fake.config()]).await;
        let token = sign(&key, &fake.claims(), |_| {});
        let foreign = identity.authenticate(&t.house, &token);
        tokio::pin!(foreign);
        assert!(futures::poll!(&mut foreign).is_pending());
        let cx = t.house.system_cx();
        let own = identity.login(&cx, "ada", "correct horse battery").await.unwrap();
        identity.authenticate(&t.house, &own.access_token).await.unwrap();
        let e = foreign.await.unwrap_err();
        assert_eq!((e.kind, e.code), (kernel::Kind::Unavailable, "issuer_unavailable"));
        fake.hangs.store(false, Ordering::SeqCst);
        t.clock.advance_ms(2_001);
        identity.authenticate(&t.house, &token).await.unwrap();
    }

    #[tokio::test]
    async fn an_issuer_that_calls_itself_otherwise_is_not_believed() {
        let fake = Fake::start().await;
        let key = fake.key();
        let issuer = format!("{}/", fake.url);
        let config = IssuerConfig { issuer: issuer.clone(), ..fake.config() };
        let (t, identity) = house(vec![config]).await;
        let claims = with(&fake.claims(), &json!({ "iss": issuer }));
        let e = identity.authenticate(&t.house, &sign(&key, &claims, |_| {})).await.unwrap_err();
        assert_eq!(e.code, "issuer_unavailable");
    }

    #[tokio::test]
    async fn a_configuration_that_cannot_be_meant_is_refused() {
        let fake = Fake::start().await;
        let t = testing::house(On::Inline, ALL).await.unwrap();
        let master = MasterKey::parse(&MasterKey::generate()).unwrap();
        let good = fake.config();
        for issuers in [
            vec![good.clone(), good.clone()],
            vec![IssuerConfig { issuer: config().issuer, ..good.clone() }],
            vec![IssuerConfig { algorithms: vec!["HS256".into()], ..good.clone() }],
            vec![IssuerConfig { roles: vec!["owner".into()], ..good.clone() }],
            vec![IssuerConfig { leeway_seconds: 301, ..good.clone() }],
            vec![IssuerConfig { name: "A/B".into(), ..good.clone() }],
        ] {
            let config = Config { issuers, ..config() };
            let e = Identity::start(&t.house, config, &master).await.err().unwrap();
            assert_eq!(e.code, "invalid_configuration");
        }
    }
}

mod keycloak;
