//! Policy in process, and what its decision log keeps. The remote one is in `tests_opa.rs`.

use std::sync::Arc;

use contracts::Authorizer as _;
use contracts::policy::PolicyDecisions;
use kernel::{Principal, Role};
use platform::db::DbError;
use platform::db::migrate::Migration;
use platform::on_both;
use platform::testing::{self, On, TestHouse};
use regorus::{Engine, Value};

use super::store::{self, Filter};
use super::{Config, Enforcement, POLICIES, Policy};

pub(super) const TESTS: &str = include_str!("../../../../policies/authz/decision_test.rego");
pub(super) const ALL: &[Migration] =
    &[platform::MIGRATIONS[0], crate::MIGRATIONS[0], crate::MIGRATIONS[1], crate::MIGRATIONS[2]];

pub(super) fn config() -> Config {
    Config {
        url: String::new(),
        opa_required: false,
        deadline_ms: 300,
        cache_ms: 0,
        bundle: String::new(),
        bundle_sha256: String::new(),
        bundle_key_file: String::new(),
        bundle_poll_seconds: 30,
        decisions_days: 30,
    }
}

pub(super) fn policy(t: &TestHouse, config: &Config, enforcement: Enforcement) -> Policy {
    let (clock, ids) = (Arc::clone(&t.house.clock), Arc::clone(&t.house.ids));
    Policy::start(config, enforcement, clock, ids).unwrap()
}

pub(super) fn who(roles: &[Role]) -> Principal {
    Principal { roles: roles.to_vec(), name: "ada".into(), ..Principal::anonymous() }
}

/// Names of the policies' own tests.
pub(super) fn test_names() -> Vec<&'static str> {
    let names: Vec<&str> = TESTS
        .lines()
        .filter(|l| l.starts_with("test_"))
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert!(names.len() >= 30, "policy tests are gone");
    names
}

mod embedded {
    use super::*;

    #[test]
    fn every_policy_test_passes() {
        let mut engine = Engine::new();
        for (name, text) in POLICIES {
            engine.add_policy((*name).into(), (*text).into()).unwrap();
        }
        engine.add_policy("authz/decision_test.rego".into(), TESTS.into()).unwrap();
        for name in test_names() {
            let answer = engine.eval_rule(format!("data.kontor.authz_test.{name}")).unwrap();
            assert_eq!(answer, Value::from(true), "{name}");
        }
    }

    #[tokio::test]
    async fn denied_and_unauthenticated_are_told_apart() {
        let t = testing::house(On::Inline, ALL).await.unwrap();
        let policy = policy(&t, &config(), Enforcement::On);
        let e = policy.decide(&Principal::anonymous(), "offers.read").await.unwrap_err();
        assert_eq!(e.code, "unauthenticated");
        assert!(policy.decide(&who(&[Role::Viewer]), "offers.read").await.is_ok());
        let e = policy.decide(&who(&[Role::Viewer]), "payouts.request").await.unwrap_err();
        assert_eq!(e.code, "denied");
    }

    #[tokio::test]
    async fn switched_off_it_lets_those_in_who_are_known_and_creators_to_their_own() {
        let t = testing::house(On::Inline, ALL).await.unwrap();
        let policy = policy(&t, &config(), Enforcement::Off);
        assert!(policy.decide(&who(&[Role::Viewer]), "payouts.request").await.is_ok());
        assert!(policy.decide(&Principal::anonymous(), "offers.read").await.is_err());
        let maja =
            Principal { subject: Some(kernel::ids::Uuid::from_u128(7)), ..who(&[Role::Creator]) };
        let grant = policy.decide(&maja, "offers.read").await.unwrap();
        assert_eq!(grant, contracts::Grant::Own(kernel::ids::Uuid::from_u128(7)));
    }

    #[test]
    fn a_configuration_that_cannot_be_meant_is_refused_with_a_sentence() {
        let start = |config: Config| {
            let clock = Arc::new(platform::clock::SystemClock);
            let ids = Arc::new(platform::clock::SystemIds);
            Policy::start(&config, Enforcement::On, clock, ids).err().unwrap()
        };
        let required = start(Config { opa_required: true, ..config() });
        assert!(required.message.contains("policy.url"), "{}", required.message);
        for bad in [
            Config { cache_ms: 1_001, ..config() },
            Config { deadline_ms: 0, ..config() },
            Config { url: "opa:8181".into(), ..config() },
        ] {
            assert_eq!(start(bad).code, "invalid_configuration");
        }
    }
}

async fn project(t: &TestHouse) -> usize {
    while platform::outbox::relay_once(&t.house.db).await.unwrap() > 0 {}
    for consumer in super::consumers(30) {
        platform::inbox::drain(&t.house, &consumer).await.unwrap();
    }
    list(t, Filter::default()).await.len()
}

async fn list(t: &TestHouse, filter: Filter) -> Vec<contracts::policy::PolicyDecision> {
    let rows: Result<_, DbError> =
        t.house.db.read(move |tx| store::list(tx, (i64::MAX, ""), &filter, 1_000)).await;
    rows.unwrap()
}

async fn count(t: &TestHouse, result: &'static str) -> i64 {
    let sql = "select count(*) as n from policy_decisions where result = $1";
    let count = t.house.db.read(move |tx| tx.query_one(sql, platform::params![result])?.int("n"));
    count.await.map_err(|e: DbError| e).unwrap()
}

async fn decisions_become_batches_without_gaps_and_rows(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let policy = policy(&t, &config(), Enforcement::On);
    policy.flush(&t.house).await.unwrap();
    assert_eq!(project(&t).await, 0, "nothing was decided, nothing is emitted");
    let no = policy.decide_for(&who(&[Role::Viewer]), "payouts.request", Some("r-1")).await;
    assert_eq!(no.unwrap_err().code, "denied");
    for _ in 0..410 {
        let _granted = policy.decide(&who(&[Role::Viewer]), "offers.read").await.unwrap();
    }
    policy.flush(&t.house).await.unwrap();
    policy.flush(&t.house).await.unwrap();
    assert_eq!(project(&t).await, 411);
    let events: Result<Vec<_>, DbError> =
        t.house.db.read(|tx| platform::outbox::after(tx, 0, 100)).await;
    let events = events.unwrap();
    let versions: Vec<i64> = events.iter().map(|e| e.event.aggregate_version).collect();
    assert_eq!(versions, [1, 2, 3], "200, 200 and the rest, of one aggregate");
    assert!(events.iter().all(|e| e.event.aggregate == events[0].event.aggregate));
    let first: PolicyDecisions = serde_json::from_value(events[0].event.payload.clone()).unwrap();
    assert_eq!(first.decisions.len(), 200);
    let denied = list(&t, Filter { result: "deny".into(), ..Filter::default() }).await;
    assert_eq!(denied.len(), 1);
    let d = &denied[0];
    assert_eq!((d.actor.as_str(), d.action.as_str()), ("ada", "payouts.request"));
    assert_eq!((d.scope.as_str(), d.engine.as_str()), ("none", "embedded"));
    assert_eq!(d.request_id.as_deref(), Some("r-1"));
    assert_eq!((d.input_sha256.len(), d.revision.len()), (64, 16));
    assert_eq!(list(&t, Filter { actor: "bob".into(), ..Filter::default() }).await.len(), 0);
    let action = "offers.read".into();
    assert_eq!(list(&t, Filter { action, ..Filter::default() }).await.len(), 410);
}

/// The task is asked to stop while decisions wait: they are written, a no among them.
async fn what_waits_at_the_stop_is_written(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let policy = Arc::new(policy(&t, &config(), Enforcement::On));
    let tasks = platform::tasks::Tasks::default();
    let (of_task, house, stop) = (Arc::clone(&policy), Arc::clone(&t.house), tasks.stopping());
    tasks.supervise_to_end("decisions", move || {
        let (policy, house, stop) = (Arc::clone(&of_task), Arc::clone(&house), stop.clone());
        async move { policy.keep_log(&house, &stop).await }
    });
    let no = policy.decide(&who(&[Role::Viewer]), "payouts.request").await;
    assert!(no.is_err());
    tasks.drain(std::time::Duration::from_secs(5)).await;
    policy.flush(&t.house).await.unwrap();
    assert_eq!(project(&t).await, 1);
}

/// While nothing can be written, yeses are dropped first; noes have a reserve.
async fn a_log_that_is_full_drops_and_keeps_room_for_a_no(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let policy = policy(&t, &config(), Enforcement::On);
    let viewer = who(&[Role::Viewer]);
    for _ in 0..10_050 {
        let _granted = policy.decide(&viewer, "offers.read").await.unwrap();
    }
    for _ in 0..2_050 {
        assert!(policy.decide(&viewer, "payouts.request").await.is_err(), "it still decides");
    }
    policy.flush(&t.house).await.unwrap();
    project(&t).await;
    assert_eq!((count(&t, "allow").await, count(&t, "deny").await), (10_000, 2_000));
    // There is room again.
    let _granted = policy.decide(&viewer, "offers.read").await.unwrap();
    policy.flush(&t.house).await.unwrap();
    project(&t).await;
    assert_eq!(count(&t, "allow").await, 10_001);
}

async fn old_decisions_are_forgotten(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let policy = policy(&t, &config(), Enforcement::On);
    let _granted = policy.decide(&who(&[Role::Viewer]), "offers.read").await.unwrap();
    policy.flush(&t.house).await.unwrap();
    assert_eq!(project(&t).await, 1);
    t.clock.advance_ms(31 * 86_400_000);
    let _granted = policy.decide(&who(&[Role::Viewer]), "creators.read").await.unwrap();
    policy.flush(&t.house).await.unwrap();
    assert_eq!(project(&t).await, 1);
    assert_eq!(list(&t, Filter::default()).await[0].action, "creators.read");
}

on_both!(
    decisions_become_batches_without_gaps_and_rows,
    what_waits_at_the_stop_is_written,
    a_log_that_is_full_drops_and_keeps_room_for_a_no,
    old_decisions_are_forgotten,
);
