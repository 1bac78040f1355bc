//! The policies' own tests, run by the engine that evaluates them.

use contracts::Authorizer as _;
use kernel::{Principal, Role};
use regorus::{Engine, Value};

use super::{Embedded, POLICIES};

const TESTS: &str = include_str!("../../../../policies/authz/decision_test.rego");

#[test]
fn every_policy_test_passes() {
    let mut engine = Engine::new();
    for (name, text) in POLICIES {
        engine.add_policy((*name).into(), (*text).into()).unwrap();
    }
    engine.add_policy("authz/decision_test.rego".into(), TESTS.into()).unwrap();
    let names: Vec<&str> = TESTS
        .lines()
        .filter(|l| l.starts_with("test_"))
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert!(names.len() >= 10, "policy tests are gone");
    for name in names {
        let answer = engine.eval_rule(format!("data.kontor.authz_test.{name}")).unwrap();
        assert_eq!(answer, Value::from(true), "{name}");
    }
}

#[tokio::test]
async fn denied_and_unauthenticated_are_told_apart() {
    let policy = Embedded::load().unwrap();
    let mut who = Principal::anonymous();
    let e = policy.decide(&who, "offers.read").await.unwrap_err();
    assert_eq!(e.code, "unauthenticated");
    who.roles = vec![Role::Viewer];
    assert!(policy.decide(&who, "offers.read").await.is_ok());
    let e = policy.decide(&who, "payouts.request").await.unwrap_err();
    assert_eq!(e.code, "denied");
}
