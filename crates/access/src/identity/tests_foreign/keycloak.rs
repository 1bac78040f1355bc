//! With a real Keycloak.

use platform::outbound::Outbound;

use super::*;

const PASSWORD: &str = "kontor-test-2026";

async fn token(http: &Outbound, realm: &str, client: &str, user: &str) -> String {
    let form = [
        ("grant_type", "password"),
        ("client_id", client),
        ("username", user),
        ("password", PASSWORD),
        ("scope", "openid"),
    ];
    let url = format!("{realm}/protocol/openid-connect/token");
    let answer: Value = http.post(&url).form(&form).send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// Keycloak gets a new key and signs with it; the house follows. Another realm of the same
/// server is somebody else.
#[tokio::test]
async fn keycloak_rotates_its_keys_and_another_realm_is_refused() {
    let Some(realm) = testing::engine("OIDC") else {
        testing::say("skipped: KONTOR_TEST_OIDC is not set");
        return;
    };
    let http = Outbound::new(30_000).unwrap();
    let config = serde_json::from_value(json!({ "name": "keycloak", "issuer": realm,
        "client_id": "kontor-console", "audiences": ["kontor-api"],
        "roles": ["viewer", "treasurer"] }));
    let (t, identity) = house(vec![config.unwrap()]).await;
    // Keycloak's tokens are of today.
    let today = platform::clock::SystemClock.now().micros() - START.micros();
    t.clock.advance_ms(today / 1_000);
    let before = token(&http, &realm, "kontor-console", "viewer").await;
    let who = identity.authenticate(&t.house, &before).await.unwrap();
    assert_eq!((who.name.as_str(), who.roles), ("viewer@keycloak", vec![Role::Viewer]));
    let base = realm.strip_suffix("/realms/kontor").unwrap();
    let master = format!("{base}/realms/master");
    let admin = token(&http, &master, "admin-cli", "admin").await;
    refused(&t, &identity, &admin, "another realm").await;
    // Above the keys of every run before: the highest one signs.
    let priority = (platform::clock::SystemClock.now().micros() / 1_000_000).to_string();
    let body = json!({ "name": format!("rotated-{}", std::process::id()),
        "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
        "config": { "priority": [priority], "enabled": ["true"], "active": ["true"] } });
    let made = http
        .post(&format!("{base}/admin/realms/kontor/components"))
        .bearer_auth(&admin)
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 201);
    let after = token(&http, &realm, "kontor-console", "viewer").await;
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid;
    assert_ne!(kid(&before), kid(&after), "it signs with the new key");
    t.clock.advance_ms(31_000);
    identity.authenticate(&t.house, &after).await.unwrap();
    identity.authenticate(&t.house, &before).await.unwrap();
}
