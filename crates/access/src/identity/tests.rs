//! Logins on both databases.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use kernel::Role;
use platform::db::DbError;
use platform::db::migrate::Migration;
use platform::on_both;
use platform::signals::Channel;
use platform::testing::{self, On, TestHouse};

use super::model::NewUser;
use super::service::Tokens;
use super::{Config, Holds, Identity, MasterKey, service, store};

pub(super) const ALL: &[Migration] =
    &[platform::MIGRATIONS[0], crate::MIGRATIONS[0], crate::MIGRATIONS[1], crate::MIGRATIONS[2]];

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
    identity.logout(&cx, &access(&second)).await.unwrap();
    assert!(identity.authenticate(&t.house, &second.access_token).await.is_err());
    assert!(identity.refresh(&cx, &second.refresh_token).await.is_err());
}

fn access(tokens: &Tokens) -> Holds {
    Holds { access: Some(tokens.access_token.clone()), refresh: None }
}

/// However many turns a thief has made: whichever earlier token the person brings ends it.
async fn any_earlier_refresh_token_ends_the_session(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let mut ended = t.house.exchange.subscribe(Channel::Sessions);
    for turns in 1..4 {
        let first = identity.login(&cx, "ada", "correct horse battery").await.unwrap();
        let mut last = first.clone();
        for _ in 0..turns {
            last = identity.refresh(&cx, &last.refresh_token).await.unwrap();
        }
        identity.authenticate(&t.house, &last.access_token).await.unwrap();
        t.clock.advance_ms(11_000);
        assert!(identity.refresh(&cx, &first.refresh_token).await.is_err(), "used before");
        let e = identity.refresh(&cx, &last.refresh_token).await.unwrap_err();
        assert_eq!(e.code, "invalid_refresh_token", "{turns} turns");
        assert!(identity.authenticate(&t.house, &last.access_token).await.is_err(), "at once");
        ended.try_recv().expect("everybody is told");
    }
}

/// Two tabs of one browser hold the same token.
async fn two_refreshes_at_the_same_moment_are_one_session(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let first = identity.login(&cx, "ada", "correct horse battery").await.unwrap();
    let (one, two) = tokio::join!(
        identity.refresh(&cx, &first.refresh_token),
        identity.refresh(&cx, &first.refresh_token)
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    identity.authenticate(&t.house, &one.access_token).await.unwrap();
    // Whichever cookie the browser kept goes on.
    let next = identity.refresh(&cx, &two.refresh_token).await.unwrap();
    identity.refresh(&cx, &one.refresh_token).await.expect("still within its grace");
    // Two turns back there is no grace.
    identity.refresh(&cx, &next.refresh_token).await.unwrap();
    assert!(identity.refresh(&cx, &first.refresh_token).await.is_err());
    assert!(identity.authenticate(&t.house, &next.access_token).await.is_err());
}

async fn a_logout_needs_no_token_that_lives(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let login = async || identity.login(&cx, "ada", "correct horse battery").await.unwrap();
    let ended = async |tokens: &Tokens| identity.refresh(&cx, &tokens.refresh_token).await.is_err();
    // The access token has ended.
    let tokens = login().await;
    t.clock.advance_ms(901_000);
    identity.logout(&cx, &access(&tokens)).await.unwrap();
    assert!(ended(&tokens).await);
    // There is only the refresh token, and an old one at that.
    let tokens = login().await;
    let next = identity.refresh(&cx, &tokens.refresh_token).await.unwrap();
    let only = Holds { access: None, refresh: Some(tokens.refresh_token.clone()) };
    identity.logout(&cx, &only).await.unwrap();
    assert!(ended(&next).await);
    assert!(identity.authenticate(&t.house, &next.access_token).await.is_err());
    // Again, and with nothing at all, is no error; others go on.
    let other = login().await;
    identity.logout(&cx, &only).await.unwrap();
    identity.logout(&cx, &Holds::default()).await.unwrap();
    let made_up = Holds { access: Some("x.y.z".into()), refresh: Some("made up".into()) };
    identity.logout(&cx, &made_up).await.unwrap();
    identity.authenticate(&t.house, &other.access_token).await.unwrap();
}

/// Whoever knows one password gets no more guesses at others.
async fn a_success_clears_only_its_own_failures(on: On) {
    let (t, identity, _) = start(on).await;
    let mallory = NewUser::staff("mallory", "a password of mallory", Role::Viewer);
    service::add_user(&t.house.system_cx(), mallory).await.unwrap();
    let mut cx = t.house.system_cx();
    cx.address = Some("2001:db8::1".into());
    let own =
        async |cx: &platform::Cx| identity.login(cx, "mallory", "a password of mallory").await;
    for n in 0..4 {
        identity.login(&cx, "mallory", "a typing error").await.unwrap_err();
        own(&cx).await.unwrap();
        // A neighbour in the same network is no other place.
        cx.address = Some(format!("2001:db8::{n}"));
        identity.login(&cx, "ada", "a guess that is wrong").await.unwrap_err();
        own(&cx).await.unwrap();
    }
    let e = identity.login(&cx, "ada", "one guess more").await.unwrap_err();
    assert_eq!(e.code, "invalid_credentials", "the fifth");
    let e = identity.login(&cx, "ada", "one guess more").await.unwrap_err();
    assert_eq!(e.code, "address_blocked");
    assert_eq!(own(&cx).await.unwrap_err().code, "address_blocked");
}

/// From many places, too, there are only so many guesses at one account.
async fn an_account_is_guessed_at_only_so_often(on: On) {
    let (t, identity, _) = start(on).await;
    let mut cx = t.house.system_cx();
    let mut codes = Vec::new();
    for n in 0..22 {
        cx.address = Some(format!("192.0.2.{n}"));
        codes.push(identity.login(&cx, " ADA", "a wrong guess").await.unwrap_err().code);
    }
    assert_eq!(codes[19..], ["invalid_credentials", "account_blocked", "account_blocked"]);
    t.clock.advance_ms(301_000);
    identity.login(&cx, "ada", "correct horse battery").await.unwrap();
}

/// People type passwords where names belong.
async fn the_audit_keeps_no_name_that_is_none(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    identity.login(&cx, "Secret-Password-1", "ada").await.unwrap_err();
    identity.login(&cx, "ada", "not the password").await.unwrap_err();
    let sql = "select details from audit where action = 'identity.login_failed' order by id";
    let read: Result<Vec<String>, DbError> = t
        .house
        .db
        .read(move |tx| tx.query(sql, &[])?.iter().map(|r| r.text("details")).collect())
        .await;
    let rows = read.unwrap();
    assert!(!rows[0].to_lowercase().contains("secret"), "{}", rows[0]);
    assert!(rows[1].contains("\"ada\""), "{}", rows[1]);
}

async fn what_has_ended_is_forgotten(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    identity.login(&cx, "ada", "not the password").await.unwrap_err();
    let tokens = identity.login(&cx, "ada", "correct horse battery").await.unwrap();
    identity.login(&cx, "bob", "not the password").await.unwrap_err();
    let now = t.house.clock.now();
    let gone = async |now| {
        let sessions = t.house.db.write(move |tx| store::forget_sessions(tx, now)).await;
        let failures = t.house.db.write(move |tx| store::forget_failures(tx, now)).await;
        (sessions.unwrap(), failures.unwrap())
    };
    assert_eq!(gone(now).await, (0, 0));
    identity.refresh(&cx, &tokens.refresh_token).await.unwrap();
    assert_eq!(gone(now.plus_days(31)).await, (1, 1));
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
                let (place, since) = (format!("192.0.2.{n}"), testing::START.plus_ms(-1));
                store::one_more_failure(tx, &place, "ada", testing::START, since)
            })
        });
        let counted = futures::future::join_all(failures).await;
        let mut counts: Vec<i64> =
            counted.into_iter().map(|f: Result<_, DbError>| f.unwrap()).collect();
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
    any_earlier_refresh_token_ends_the_session,
    two_refreshes_at_the_same_moment_are_one_session,
    a_logout_needs_no_token_that_lives,
    a_success_clears_only_its_own_failures,
    an_account_is_guessed_at_only_so_often,
    the_audit_keeps_no_name_that_is_none,
    what_has_ended_is_forgotten,
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
