//! Who asks, said by one process of the house to another.

use kernel::ids::Uuid;
use kernel::{Principal, Role};
use platform::on_both;
use platform::testing::On;

use super::tests::{config, start};
use super::{Config, Identity, MasterKey};

fn somebody() -> Principal {
    Principal {
        id: Some(Uuid::from_u128(1)),
        subject: Some(Uuid::from_u128(2)),
        name: "maja".into(),
        roles: vec![Role::Creator],
        session: Some(Uuid::from_u128(3)),
    }
}

async fn another_process_believes_an_assertion(on: On) {
    let (t, identity, master) = start(on).await;
    let other = Identity::start(&t.house, config(), &master).await.unwrap();
    for who in [somebody(), Principal::anonymous()] {
        let said = identity.assertion(&who).unwrap();
        assert_eq!(other.accept_assertion(&said).await.unwrap(), who);
    }
    let said = identity.assertion(&somebody()).unwrap();
    t.clock.advance_ms(36_000);
    let e = other.accept_assertion(&said).await.unwrap_err();
    assert_eq!(e.code, "invalid_token", "its time is over");
}

async fn an_assertion_is_signed_anew_before_it_is_old(on: On) {
    let (t, identity, _) = start(on).await;
    let somebody = somebody();
    let promoted = Principal { roles: vec![Role::Admin], ..somebody.clone() };
    let first = identity.assertion(&somebody).unwrap();
    assert_eq!(identity.assertion(&somebody).unwrap(), first, "one signature for many requests");
    let other = identity.assertion(&promoted).unwrap();
    assert_eq!(identity.accept_assertion(&other).await.unwrap(), promoted);
    t.clock.advance_ms(10_000);
    let later = identity.assertion(&somebody).unwrap();
    assert_ne!(later, first);
    t.clock.advance_ms(25_000);
    assert!(identity.accept_assertion(&first).await.is_err(), "its time is over");
    assert_eq!(identity.accept_assertion(&later).await.unwrap(), somebody);
}

async fn an_assertion_is_no_token_and_a_token_no_assertion(on: On) {
    let (t, identity, master) = start(on).await;
    let cx = t.house.system_cx();
    let tokens = identity.login(&cx, "ada", "correct horse battery").await.unwrap();
    assert!(identity.accept_assertion(&tokens.access_token).await.is_err());
    let said = identity.assertion(&somebody()).unwrap();
    assert!(identity.authenticate(&t.house, &said).await.is_err());
    let elsewhere = Config { issuer: "https://elsewhere.test".into(), ..config() };
    let elsewhere = Identity::start(&t.house, elsewhere, &master).await.unwrap();
    assert!(elsewhere.accept_assertion(&said).await.is_err(), "another house");
    let (head, rest) = said.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    for bad in [format!("{head}.{claims}."), format!("{head}.{claims}A.{signature}"), "x".into()] {
        assert!(identity.accept_assertion(&bad).await.is_err(), "{bad}");
    }
}

/// The first process was started before the key was made; it must find it, but not be made to
/// ask the database for every name somebody thinks of.
async fn a_key_made_by_another_process_is_found(on: On) {
    let (t, identity, master) = start(on).await;
    let (fresh, wrapped) = super::keys::generate(&master).unwrap();
    let (kid, jwk) = (fresh.kid.clone(), fresh.public_jwk.clone());
    let later = platform::testing::START.plus_ms(1);
    t.house
        .db
        .write(move |tx| super::store::insert_key(tx, &kid, wrapped.clone(), &jwk, later))
        .await
        .unwrap();
    let other = Identity::start(&t.house, config(), &master).await.unwrap();
    let said = other.assertion(&somebody()).unwrap();
    assert_eq!(identity.jwks()["keys"].as_array().unwrap().len(), 1);
    assert_eq!(identity.accept_assertion(&said).await.unwrap(), somebody());
    assert_eq!(identity.jwks()["keys"].as_array().unwrap().len(), 2);
    let stranger = MasterKey::parse(&MasterKey::generate()).unwrap();
    let (unknown, _) = super::keys::generate(&stranger).unwrap();
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.kid = Some(unknown.kid.clone());
    let claims = serde_json::json!({ "iss": config().issuer, "aud": super::ASSERTION_AUDIENCE,
        "name": "x", "roles": ["admin"], "iat": 0, "exp": i64::MAX });
    let forged = jsonwebtoken::encode(&header, &claims, &unknown.encoding).unwrap();
    assert!(identity.accept_assertion(&forged).await.is_err(), "a key of its own");
}

on_both!(
    another_process_believes_an_assertion,
    an_assertion_is_signed_anew_before_it_is_old,
    an_assertion_is_no_token_and_a_token_no_assertion,
    a_key_made_by_another_process_is_found,
);
