//! The same policies and the same tests on a real OPA, and what happens when it is away.

use contracts::Authorizer as _;
use kernel::Role;
use platform::outbound::Outbound;
use platform::testing::{self, On};
use serde_json::json;

use super::tests::{ALL, TESTS, config, policy, test_names, who};
use super::{Config, Enforcement, POLICIES};

mod opa {
    use super::*;

    /// The shared OPA with the house's policies, or nothing to test on.
    async fn server() -> Option<(String, Outbound)> {
        let Some(url) = testing::engine("OPA") else {
            testing::say("skipped: KONTOR_TEST_OPA is not set");
            return None;
        };
        let http = Outbound::new(5_000).unwrap();
        for (id, text) in [("kontor", POLICIES[0].1), ("kontor_test", TESTS)] {
            let put = http.put(&format!("{url}/v1/policies/{id}")).body(text);
            let answer = put.header("content-type", "text/plain").send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        }
        Some((url, http))
    }

    /// With a deadline that a busy machine meets.
    fn at(url: &str) -> Config {
        Config { url: url.into(), opa_required: true, deadline_ms: 3_000, ..config() }
    }

    #[tokio::test]
    async fn every_policy_test_passes() {
        let Some((url, http)) = server().await else { return };
        for name in test_names() {
            let asked = http.get(&format!("{url}/v1/data/kontor/authz_test/{name}"));
            let answer: serde_json::Value = asked.send().await.unwrap().json().await.unwrap();
            assert_eq!(answer["result"], json!(true), "{name}: {answer}");
        }
    }

    /// Every role and every action of the table: both engines say the same.
    #[tokio::test]
    async fn both_engines_say_the_same() {
        let Some((url, _)) = server().await else { return };
        let t = testing::house(On::Inline, ALL).await.unwrap();
        let local = policy(&t, &config(), Enforcement::On);
        let remote = policy(&t, &at(&url), Enforcement::On);
        let actions = ["offers.read", "payouts.request", "decisions.read", "bank.fault", "x"];
        for role in Role::ALL {
            for action in actions {
                let who = who(&[role]);
                let (a, b) = (local.decide(&who, action).await, remote.decide(&who, action).await);
                let told = |r: Result<contracts::Grant, kernel::Error>| r.map_err(|e| e.code);
                assert_eq!(told(a), told(b), "{role:?} {action}");
            }
        }
        let status = serde_json::to_value(remote.status()).unwrap();
        assert_eq!((&status["engine"], &status["last_error"]), (&json!("opa"), &json!(null)));
    }

    #[tokio::test]
    async fn an_opa_that_is_away_lets_nobody_in() {
        let t = testing::house(On::Inline, ALL).await.unwrap();
        // A port that was just free: nobody listens there.
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", free.local_addr().unwrap());
        drop(free);
        let policy = policy(&t, &at(&url), Enforcement::On);
        let e = policy.decide(&who(&[Role::Admin]), "offers.read").await.unwrap_err();
        assert_eq!((e.kind, e.code), (kernel::Kind::Unavailable, "policy_unavailable"));
        let status = serde_json::to_value(policy.status()).unwrap();
        assert!(status["last_error"].is_string(), "{status}");
    }

    #[tokio::test]
    async fn an_opa_without_our_policy_lets_nobody_in() {
        let Some((url, _)) = server().await else { return };
        let t = testing::house(On::Inline, ALL).await.unwrap();
        // Below an address where there is no such API: 404, and 200 without a result.
        for base in [format!("{url}/nothing"), format!("{url}/v1/data/none?x=")] {
            let policy = policy(&t, &at(&base), Enforcement::On);
            let e = policy.decide(&who(&[Role::Admin]), "offers.read").await.unwrap_err();
            assert_eq!(e.code, "policy_unavailable", "{base}");
        }
    }

    /// Behind a proxy that delays and cuts: refused while it is slow or gone, then again let in.
    #[tokio::test]
    async fn a_slow_or_cut_opa_fails_closed_and_recovers() {
        let (Some((url, http)), Some(proxies)) = (server().await, testing::engine("TOXIPROXY"))
        else {
            return;
        };
        let name = format!("opa-{}", std::process::id());
        let made = json!({ "name": name, "listen": "127.0.0.1:0",
            "upstream": url.trim_start_matches("http://"), "enabled": true });
        let answer = http.post(&format!("{proxies}/proxies")).json(&made).send().await.unwrap();
        let proxy: serde_json::Value = answer.json().await.unwrap();
        let through = format!("http://{}", proxy["listen"].as_str().unwrap());
        let t = testing::house(On::Inline, ALL).await.unwrap();
        let policy = policy(&t, &at(&through), Enforcement::On);
        let ask = async || policy.decide(&who(&[Role::Viewer]), "offers.read").await;
        assert!(ask().await.is_ok());
        let of_proxy = format!("{proxies}/proxies/{name}");
        let toxic = json!({ "name": "slow", "type": "latency", "stream": "downstream",
            "attributes": { "latency": 600_000 } });
        http.post(&format!("{of_proxy}/toxics")).json(&toxic).send().await.unwrap();
        // The answer would come after ten minutes: the deadline ends it.
        assert_eq!(ask().await.unwrap_err().code, "policy_unavailable", "slow");
        let cut = json!({ "name": name, "enabled": false });
        http.post(&of_proxy).json(&cut).send().await.unwrap();
        assert_eq!(ask().await.unwrap_err().code, "policy_unavailable", "cut");
        let none = json!({ "toxicity": 0.0 });
        http.post(&format!("{of_proxy}/toxics/slow")).json(&none).send().await.unwrap();
        let back = json!({ "name": name, "enabled": true });
        http.post(&of_proxy).json(&back).send().await.unwrap();
        assert!(ask().await.is_ok(), "recovered");
        let status = serde_json::to_value(policy.status()).unwrap();
        assert_eq!(status["last_error"], json!(null));
    }

    #[tokio::test]
    async fn an_answer_is_believed_for_a_moment_only() {
        let Some((url, _)) = server().await else { return };
        let t = testing::house(On::Inline, ALL).await.unwrap();
        let (listener, asked) = counting(&url).await;
        let policy = policy(&t, &Config { cache_ms: 1_000, ..at(&listener) }, Enforcement::On);
        for _ in 0..20 {
            assert!(policy.decide(&who(&[Role::Viewer]), "offers.read").await.is_ok());
        }
        let count = || asked.load(std::sync::atomic::Ordering::SeqCst);
        assert!(count() < 20, "{} questions went out", count());
        assert!(policy.decide(&who(&[Role::Viewer]), "payouts.request").await.is_err());
        assert!(policy.decide(&who(&[Role::Creator]), "offers.read").await.is_err());
        let before = count();
        let until = platform::clock::instant() + std::time::Duration::from_millis(1_001);
        tokio::time::sleep_until(until.into()).await;
        assert!(policy.decide(&who(&[Role::Viewer]), "offers.read").await.is_ok());
        assert_eq!(count(), before + 1, "asked anew");
    }

    /// Passes questions on to the OPA and counts them.
    async fn counting(opa: &str) -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let asked = std::sync::Arc::new(AtomicUsize::new(0));
        let (count, opa) = (std::sync::Arc::clone(&asked), opa.to_owned());
        let http = Outbound::new(5_000).unwrap();
        let app = axum::Router::new().fallback(move |request: axum::extract::Request| {
            count.fetch_add(1, Ordering::SeqCst);
            let to = format!("{opa}{}", request.uri());
            let http = http.clone();
            async move {
                let body = axum::body::to_bytes(request.into_body(), 65_536).await.unwrap();
                http.post(&to).body(body).send().await.unwrap().text().await.unwrap()
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        platform::tasks::Tasks::default().spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        (url, asked)
    }
}
