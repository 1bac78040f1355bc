//! The engines that a cluster stands on, as `cargo xtask engines` names them, and what it has
//! there: a database, a bucket, the house's policy.

use std::path::Path;

use platform::blobs;
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

/// Makes a bucket.
///
/// # Errors
/// What the service says.
pub async fn make_bucket(name: &str, endpoint: &str, folder: &Path) -> Result<(), String> {
    let at = |name: &str| folder.join(name).display().to_string();
    let config = blobs::Config {
        folder: String::new(),
        url: format!("s3://{name}?endpoint={endpoint}&region=us-east-1&path_style=true"),
        access_key_file: at("s3-access"),
        secret_key_file: at("s3-secret"),
        cache_folder: at("cache"),
        cache_bytes: 1_000_000_000,
        encryption: String::new(),
        encryption_key: String::new(),
        multipart_bytes: 0,
        timeout_ms: 10_000,
    };
    let store = blobs::s3::S3::open(&config).map_err(|e| e.to_string())?;
    let url = store.signed(reqwest::Method::PUT, "", &[], 60).await.map_err(|e| e.to_string())?;
    let http = Outbound::new(10_000).map_err(|e| e.to_string())?;
    let made = http.put(&url).send().await.map_err(|e| e.to_string())?;
    if made.status().is_success() {
        return Ok(());
    }
    Err(format!("the bucket {name} cannot be made: {}", made.status()))
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
