//! What admins do with users and keys, on both databases.

use kernel::{Principal, Role};
use platform::Cx;
use platform::on_both;
use platform::signals::Channel;
use platform::testing::On;

use super::model::{NewUser, SessionId, User};
use super::service;
use super::tests::{config, start};
use super::{Identity, MasterKey};

const PASSWORD: &str = "correct horse battery";

async fn admin(cx: &Cx, name: &str) -> (User, Cx) {
    let new = NewUser::staff(name, PASSWORD, Role::Admin);
    let user = service::add_user(cx, new).await.unwrap();
    let cx = cx.house().cx(user.principal());
    (user, cx)
}

async fn whoever_is_disabled_is_out_at_once(on: On) {
    let (t, identity, master) = start(on).await;
    let cx = t.house.system_cx();
    let (_, chief) = admin(&cx, "chief").await;
    let ada = service::user_of_name(&cx, "ada").await.unwrap();
    let first = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    let second = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    let other = Identity::start(&t.house, config(), &master).await.unwrap();
    identity.authenticate(&t.house, &first.access_token).await.unwrap();
    let mut told = t.house.exchange.subscribe(Channel::Sessions);
    let refused = identity.disable(&chief, ada.id, "  ").await.unwrap_err();
    assert_eq!(refused.details.unwrap()["field"], "reason");
    assert!(identity.disable(&chief, ada.id, "left the house").await.unwrap().disabled);
    for tokens in [&first, &second] {
        told.try_recv().expect("every session is told");
        assert!(identity.authenticate(&t.house, &tokens.access_token).await.is_err());
        assert!(other.authenticate(&t.house, &tokens.access_token).await.is_err());
        assert!(identity.refresh(&cx, &tokens.refresh_token).await.is_err());
    }
    let e = identity.login(&cx, "ada", PASSWORD).await.unwrap_err();
    assert_eq!(e.code, "invalid_credentials", "nobody is told more than that");
    identity.enable(&chief, ada.id, "came back").await.unwrap();
    assert!(identity.authenticate(&t.house, &first.access_token).await.is_err(), "it has ended");
    identity.login(&cx, "ada", PASSWORD).await.unwrap();
}

async fn an_admin_always_stays(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let (one, first) = admin(&cx, "one").await;
    let desk = t.house.cx(Principal::of_house("command line", Role::Admin));
    let viewer = || vec![Role::Viewer];
    for refused in [
        identity.disable(&first, one.id, "x").await.unwrap_err(),
        identity.set_roles(&first, one.id, viewer()).await.unwrap_err(),
    ] {
        assert_eq!(refused.code, "own_account");
    }
    for refused in [
        identity.disable(&desk, one.id, "x").await.unwrap_err(),
        identity.set_roles(&desk, one.id, viewer()).await.unwrap_err(),
    ] {
        assert_eq!(refused.code, "last_admin");
    }
    let (two, second) = admin(&cx, "two").await;
    // Each takes the other's role at the same moment: one of them stays.
    let (a, b) = tokio::join!(
        identity.set_roles(&first, two.id, viewer()),
        identity.set_roles(&second, one.id, viewer())
    );
    let refused = [a.err(), b.err()].into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].code, "last_admin");
}

async fn other_roles_end_the_tokens_that_say_the_old_ones(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let (_, chief) = admin(&cx, "chief").await;
    let ada = service::user_of_name(&cx, "ada").await.unwrap();
    let before = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    identity.set_roles(&chief, ada.id, vec![Role::Viewer]).await.unwrap();
    assert!(identity.authenticate(&t.house, &before.access_token).await.is_err());
    let after = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    let who = identity.authenticate(&t.house, &after.access_token).await.unwrap();
    assert_eq!(who.roles, [Role::Viewer]);
    for (roles, says) in [
        (vec![], "at least one"),
        (vec![Role::Viewer, Role::Viewer], "twice"),
        (vec![Role::Creator], "creator"),
        (vec![Role::Creator, Role::Viewer], "alone"),
    ] {
        let refused = identity.set_roles(&chief, ada.id, roles).await.unwrap_err();
        assert!(refused.message.contains(says), "{}", refused.message);
    }
}

async fn a_new_password_ends_the_others_sessions(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let (_, chief) = admin(&cx, "chief").await;
    let mine = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    let thief = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    let who = identity.authenticate(&t.house, &mine.access_token).await.unwrap();
    let me = t.house.cx(who);
    let wrong = identity.change_password(&me, "not my password", "a new password 1").await;
    assert_eq!(wrong.unwrap_err().code, "invalid_credentials");
    for _ in 0..5 {
        let _wrong = identity.change_password(&me, "not my password", "a new password 1").await;
    }
    let blocked = identity.change_password(&me, PASSWORD, "a new password 1").await;
    assert_eq!(blocked.unwrap_err().code, "address_blocked", "guessing has an end");
    identity.login(&cx, "ada", PASSWORD).await.expect("others log in meanwhile");
    t.clock.advance_ms(300_001);
    let same = identity.change_password(&me, PASSWORD, PASSWORD).await.unwrap_err();
    assert_eq!(same.details.unwrap()["field"], "password");
    identity.change_password(&me, PASSWORD, "a new password 1").await.unwrap();
    identity.authenticate(&t.house, &mine.access_token).await.expect("one's own goes on");
    assert!(identity.authenticate(&t.house, &thief.access_token).await.is_err());
    assert!(identity.login(&cx, "ada", PASSWORD).await.is_err());
    let ada = service::user_of_name(&cx, "ada").await.unwrap();
    identity.set_password(&chief, ada.id, "another one 123").await.unwrap();
    assert!(identity.authenticate(&t.house, &mine.access_token).await.is_err());
    identity.login(&cx, "ada", "another one 123").await.unwrap();
}

async fn sessions_are_seen_and_ended_one_by_one(on: On) {
    let (t, identity, _) = start(on).await;
    let cx = t.house.system_cx();
    let (boss, chief) = admin(&cx, "chief").await;
    let ada = service::user_of_name(&cx, "ada").await.unwrap();
    let one = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    t.clock.advance_ms(1_000);
    let two = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    let who = identity.authenticate(&t.house, &one.access_token).await.unwrap();
    let me = t.house.cx(who.clone());
    let seen = identity.own_sessions(&me).await.unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].id, SessionId(who.session.unwrap()), "newest first");
    // Somebody else's session is nobody's business, and is not ended under another's name.
    let hers = identity.login(&cx, "chief", PASSWORD).await.unwrap();
    let hers = identity.authenticate(&t.house, &hers.access_token).await.unwrap();
    let hers = SessionId(hers.session.unwrap());
    assert_eq!(identity.end_own_session(&me, hers).await.unwrap_err().code, "session_not_found");
    let wrong = identity.end_session(&chief, ada.id, hers).await.unwrap_err();
    assert_eq!(wrong.code, "session_not_found");
    identity.end_own_session(&me, seen[0].id).await.unwrap();
    assert!(identity.authenticate(&t.house, &two.access_token).await.is_err());
    identity.end_session(&chief, ada.id, seen[1].id).await.unwrap();
    assert!(identity.authenticate(&t.house, &one.access_token).await.is_err());
    assert!(identity.sessions(&chief, ada.id).await.unwrap().is_empty());
    assert_eq!(identity.sessions(&chief, boss.id).await.unwrap().len(), 1);
    identity.end_sessions(&chief, boss.id).await.unwrap();
    assert!(identity.sessions(&chief, boss.id).await.unwrap().is_empty());
}

async fn tokens_of_a_withdrawn_key_are_refused_everywhere(on: On) {
    let (t, identity, master) = start(on).await;
    let cx = t.house.system_cx();
    let (_, chief) = admin(&cx, "chief").await;
    let other = Identity::start(&t.house, config(), &master).await.unwrap();
    let old = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    for process in [&identity, &other] {
        process.authenticate(&t.house, &old.access_token).await.unwrap();
    }
    let first = identity.keys(&chief).await.unwrap()[0].kid.clone();
    let second = identity.rotate_key(&chief).await.unwrap();
    let new = identity.login(&cx, "ada", PASSWORD).await.unwrap();
    identity.authenticate(&t.house, &old.access_token).await.expect("keys overlap");
    t.clock.advance_ms(6_000);
    other.authenticate(&t.house, &new.access_token).await.expect("it looks for new keys");
    identity.withdraw_key(&chief, &first, "its file was lost").await.unwrap();
    assert!(identity.authenticate(&t.house, &old.access_token).await.is_err());
    other.ring.look_again().await;
    assert!(other.authenticate(&t.house, &old.access_token).await.is_err());
    for process in [&identity, &other] {
        process.authenticate(&t.house, &new.access_token).await.unwrap();
        assert_eq!(process.jwks()["keys"].as_array().unwrap().len(), 1);
    }
    let gone = identity.withdraw_key(&chief, &first, "again").await.unwrap_err();
    assert_eq!(gone.code, "key_not_found");
    // The last key is followed by a new one: sessions go on by their refresh tokens.
    identity.withdraw_key(&chief, &second, "to be sure").await.unwrap();
    assert!(identity.authenticate(&t.house, &new.access_token).await.is_err());
    let next = identity.refresh(&cx, &new.refresh_token).await.unwrap();
    identity.authenticate(&t.house, &next.access_token).await.unwrap();
    // A process that starts now believes no withdrawn key either.
    let third = Identity::start(&t.house, config(), &MasterKey::clone(&master)).await.unwrap();
    assert!(third.authenticate(&t.house, &old.access_token).await.is_err());
    third.authenticate(&t.house, &next.access_token).await.unwrap();
}

on_both! {
    whoever_is_disabled_is_out_at_once,
    an_admin_always_stays,
    other_roles_end_the_tokens_that_say_the_old_ones,
    a_new_password_ends_the_others_sessions,
    sessions_are_seen_and_ended_one_by_one,
    tokens_of_a_withdrawn_key_are_refused_everywhere,
}
