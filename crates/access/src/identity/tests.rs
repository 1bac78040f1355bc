//! Logins on both databases.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use kernel::Role;
use platform::db::DbError;
use platform::db::migrate::Migration;
use platform::on_both;
use platform::testing::{self, On, TestHouse};

use super::model::NewUser;
use super::{Config, Identity, MasterKey, service, store};

pub(super) const ALL: &[Migration] =
    &[platform::MIGRATIONS[0], crate::MIGRATIONS[0], crate::MIGRATIONS[1]];

pub(super) fn config() -> Config {
    Config {
        issuer: "https://kontor.test".into(),
        audience: "kontor".into(),
        access_seconds: 900,
        session_days: 30,
        issuers: Vec::new(),
    }
}

pub(super) fn user(password: &str) -> NewUser {
    NewUser::staff("Ada", password, Role::Treasurer)
}

pub(super) async fn start(on: On) -> (TestHouse, Identity, MasterKey) {
    let t = testing::house(on, ALL).await.unwrap();
    let master = MasterKey::parse(&MasterKey::generate()).unwrap();
    let identity = Identity::start(&t.house, config(), &master).await.unwrap();
    service::add_user(&t.house.system_cx(), user("correct horse battery")).await.unwrap();
    (t, identity, master)
}

async fn login_refresh_logout(on: On) {
    let (t, identity, master) = start(on).await;
    let cx = t.house.system_cx();
    let first = identity.login(&cx, "ada", "correct horse battery").await.unwrap();
    let who = identity.authenticate(&t.house, &first.access_token).await.unwrap();
    assert_eq!((who.name.as_str(), who.roles), ("ada", vec![Role::Treasurer]));
    let second = identity.refresh(&cx, &first.refresh_token).await.unwrap();
    identity.authenticate(&t.house, &second.access_token).await.unwrap();
    assert_ne!(first.access_token, second.access_token, "told apart within one second, too");
    // A second process with the same master key verifies the same tokens.
    let other = Identity::start(&t.house, config(), &master).await.unwrap();
    other.authenticate(&t.house, &second.access_token).await.unwrap();
    identity.logout(&cx, &second.access_token).await.unwrap();
    assert!(identity.authenticate(&t.house, &second.access_token).await.is_err());
    assert!(identity.refresh(&cx, &second.refresh_token).await.is_err());
}

async fn a_reused_refresh_token_ends_the_session(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let first = identity.login(&cx, "ada", "correct horse battery").await.unwrap();
    let second = identity.refresh(&cx, &first.refresh_token).await.unwrap();
    assert!(identity.refresh(&cx, &first.refresh_token).await.is_err(), "used before");
    assert!(identity.refresh(&cx, &second.refresh_token).await.is_err(), "session is revoked");
}

async fn five_failures_block_the_address(on: On) {
    let (t, identity, _) = start(on).await;
    let mut cx = t.house.system_cx();
    cx.address = Some("192.0.2.1".into());
    for _ in 0..5 {
        let e = identity.login(&cx, "ada", "wrong password!").await.unwrap_err();
        assert_eq!(e.code, "invalid_credentials");
    }
    let e = identity.login(&cx, "ada", "correct horse battery").await.unwrap_err();
    assert_eq!((e.kind, e.code), (kernel::Kind::TooMany, "address_blocked"));
    assert_eq!(e.details.unwrap()["retry_after_seconds"], 301);
    cx.address = Some("192.0.2.2".into());
    identity.login(&cx, "ada", "correct horse battery").await.unwrap();
    cx.address = Some("192.0.2.1".into());
    t.clock.advance_ms(301_000);
    identity.login(&cx, "ada", "correct horse battery").await.unwrap();
}

/// Whoever guesses many at once gets no more guesses than whoever guesses one by one, but for
/// those that are looked at together.
async fn guesses_at_once_are_counted_like_guesses_in_turn(on: On) {
    let (t, identity, _) = start(on).await;
    let (identity, mut cx) = (Arc::new(identity), t.house.system_cx());
    cx.address = Some("192.0.2.1".into());
    let guesses = (0..20).map(|n| {
        let (identity, cx) = (Arc::clone(&identity), cx.clone());
        async move { identity.login(&cx, "ada", &format!("a wrong guess, number {n}")).await }
    });
    let answers = futures::future::join_all(guesses).await;
    let codes: Vec<&str> = answers.into_iter().map(|a| a.unwrap_err().code).collect();
    let guessed = codes.iter().filter(|c| **c == "invalid_credentials").count();
    assert!((5..5 + service::LOGINS_AT_ONCE).contains(&guessed), "{codes:?}");
    let blocked = codes.iter().filter(|c| **c == "address_blocked").count();
    assert_eq!(guessed + blocked, 20, "{codes:?}");
}

/// The first failures of an address are counted one by one too, when there is nothing to lock yet.
async fn first_failures_at_the_same_moment_all_count(on: On) {
    let (t, _, _) = start(on).await;
    // Transactions that are open at the same time; SQLite writes one by one.
    let together = if on == On::Postgres { 4 } else { 1 };
    for n in 0..10 {
        let gate = Arc::new(Barrier::new(together));
        let failures = (0..together).map(|_| {
            let (gate, passed) = (Arc::clone(&gate), AtomicBool::new(false));
            t.house.db.write(move |tx| {
                if !passed.swap(true, Ordering::Relaxed) {
                    gate.wait();
                }
                store::one_more_failure(tx, &format!("192.0.2.{n}"), testing::START)
            })
        });
        let counted = futures::future::join_all(failures).await;
        let mut counts: Vec<i64> =
            counted.into_iter().map(|f: Result<_, DbError>| f.unwrap().count).collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..).take(together).collect::<Vec<_>>());
    }
}

async fn tokens_end_and_foreign_ones_are_refused(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let tokens = identity.login(&cx, "ada", "correct horse battery").await.unwrap();
    let unsigned = {
        use base64::Engine as _;
        let b = |s: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(s);
        let middle = tokens.access_token.split('.').nth(1).unwrap().to_owned();
        format!("{}.{middle}.", b(r#"{"alg":"none","typ":"JWT"}"#))
    };
    for bad in ["", "x.y.z", unsigned.as_str()] {
        let e = identity.authenticate(&t.house, bad).await.unwrap_err();
        assert_eq!(e.code, "invalid_token");
    }
    let other_master = MasterKey::parse(&MasterKey::generate()).unwrap();
    assert!(Identity::start(&t.house, config(), &other_master).await.is_err());
    t.clock.advance_ms(901_000);
    assert!(identity.authenticate(&t.house, &tokens.access_token).await.is_err(), "expired");
}

on_both!(
    login_refresh_logout,
    a_reused_refresh_token_ends_the_session,
    five_failures_block_the_address,
    guesses_at_once_are_counted_like_guesses_in_turn,
    first_failures_at_the_same_moment_all_count,
    tokens_end_and_foreign_ones_are_refused,
);

#[tokio::test]
async fn rules_of_passwords_and_names_name_the_field() {
    let t = testing::house(On::Inline, ALL).await.unwrap();
    let cx: Arc<_> = Arc::new(t.house.system_cx());
    for (new, field) in [
        (user("eleven char"), "password"),
        (user(&"x".repeat(129)), "password"),
        (NewUser { username: "a b".into(), ..user("correct horse battery") }, "username"),
        (NewUser { roles: vec![], ..user("correct horse battery") }, "roles"),
    ] {
        let e = service::add_user(&cx, new).await.unwrap_err();
        assert_eq!(e.details.unwrap()["field"], field);
    }
    service::add_user(&cx, user("correct horse battery")).await.unwrap();
    let e = service::add_user(&cx, user("correct horse battery")).await.unwrap_err();
    assert_eq!(e.code, "username_taken");
}
