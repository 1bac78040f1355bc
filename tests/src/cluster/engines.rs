//! The engines that a cluster stands on, as `cargo xtask engines` names them, and what it has
//! there: a database, a bucket, the house's policy.

use std::path::Path;

use platform::outbound::Outbound;
use platform::testing;

/// Password of every user of the directory; for tests on this machine only.
pub const DIRECTORY_PASSWORD: &str = "kontor-test-2026";
/// The rules that the house brings, for an OPA that has none.
const POLICY: &str = include_str!("../../../policies/authz/decision.rego");

/// Where an engine is.
///
/// # Errors
/// When nobody said so.
pub fn named(name: &str) -> Result<String, String> {
    let missing = || format!("KONTOR_TEST_{name} is not set: see `cargo xtask engines status`");
    testing::engine(name).ok_or_else(missing)
}

/// `host:port` of an address.
///
/// # Errors
/// When it has none.
pub fn host(url: &str) -> Result<String, String> {
    let (_, rest) = url.split_once("://").ok_or_else(|| format!("{url} is no address"))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Ok(rest[..end].rsplit('@').next().unwrap_or_default().to_owned())
}

/// A second way to the brokers that can be broken: where they listen for it, and what they say
/// of themselves there. `None` when they were started without one.
pub fn kafka_by_link() -> Option<(String, String)> {
    let both = testing::engine("KAFKA_LINK")?;
    let (upstream, advertised) = both.split_once(',')?;
    Some((upstream.to_owned(), advertised.to_owned()))
}

/// Does something to the server's databases.
///
/// # Errors
/// What the server says.
pub async fn on_server(url: &str, statement: &str) -> Result<(), String> {
    let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
    let (client, connection) = connected.map_err(|e| format!("{url}: {e}"))?;
    let running = tokio::spawn(connection);
    let done = client.batch_execute(statement).await;
    drop(client);
    let _closed = running.await;
    done.map_err(|e| format!("{statement}: {e}"))
}

/// Makes a bucket; answers where it is. Its keys are in files in `folder`.
///
/// # Errors
/// When there is no service for files.
pub async fn make_bucket(name: &str, folder: &Path) -> Result<String, String> {
    let made = testing::bucket_named(name, folder).await;
    made.map(|config| config.url).ok_or_else(|| "KONTOR_TEST_S3 is not set".to_owned())
}

/// Gives the house's rules to an OPA.
///
/// # Errors
/// What it says.
pub async fn push_policy(opa: &str) -> Result<(), String> {
    let http = Outbound::new(10_000).map_err(|e| e.to_string())?;
    let put = http.put(&format!("{opa}/v1/policies/kontor")).body(POLICY);
    let answer = put.header("content-type", "text/plain").send().await;
    let answer = answer.map_err(|e| e.to_string())?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(format!("OPA refuses the rules: {}", answer.text().await.unwrap_or_default()))
}
