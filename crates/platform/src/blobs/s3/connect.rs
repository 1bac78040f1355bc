//! How the house reaches an S3-compatible service: its URL, its keys, its limits.

use std::time::Duration;

use kernel::{Error, Kind};
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use super::super::Config;
use crate::config;

/// A service, and where in it the house's files are.
pub(super) struct Connection {
    pub(super) store: AmazonS3,
    /// Empty, or ending in a slash.
    pub(super) prefix: String,
}

/// What a URL says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Address {
    bucket: String,
    prefix: String,
    endpoint: Option<String>,
    region: Option<String>,
    path_style: bool,
}

fn wrong(what: impl std::fmt::Display) -> Error {
    Error::new(Kind::Invalid, "invalid_configuration", format!("blobs.{what}"))
}

/// Reads `s3://BUCKET/PREFIX?endpoint=...&region=...&path_style=true`.
fn parse(url: &str) -> Result<Address, Error> {
    let parsed = reqwest::Url::parse(url).map_err(|e| wrong(format!("url: {url}: {e}")))?;
    let bucket = parsed.host_str().unwrap_or_default().to_owned();
    if parsed.scheme() != "s3" || bucket.is_empty() {
        return Err(wrong(format!("url: {url}: it is written s3://BUCKET/PREFIX")));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(wrong("url holds a key: keys come from files or the environment"));
    }
    let prefix = parsed.path().trim_matches('/').to_owned();
    let prefix = if prefix.is_empty() { prefix } else { prefix + "/" };
    let mut address = Address { bucket, prefix, ..Address::default() };
    for (name, value) in parsed.query_pairs() {
        match (&*name, &*value) {
            ("endpoint", v) => address.endpoint = Some(v.trim_end_matches('/').to_owned()),
            ("region", v) => address.region = Some(v.to_owned()),
            ("path_style", "true" | "false") => address.path_style = value == "true",
            (other, _) => {
                let known = "endpoint, region, path_style (true or false)";
                return Err(wrong(format!("url: '{other}={value}' is not one of {known}")));
            }
        }
    }
    Ok(address)
}

/// A service as it is configured; nothing is sent yet.
pub(super) fn connect(c: &Config) -> Result<Connection, Error> {
    crate::outbound::install_tls();
    let address = parse(&c.url)?;
    let mut builder = AmazonS3Builder::new();
    for (name, value) in config::environment().filter(|(name, _)| name.starts_with("AWS_")) {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    builder = keys(builder, c)?;
    let timeout = Duration::from_millis(c.timeout_ms);
    let options = ClientOptions::new()
        .with_timeout(timeout)
        .with_connect_timeout(timeout.min(Duration::from_secs(5)));
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(3),
            base: 2.0,
        },
        max_retries: 20,
        retry_timeout: timeout,
    };
    builder = builder
        .with_bucket_name(&address.bucket)
        .with_virtual_hosted_style_request(!address.path_style)
        .with_checksum_algorithm(Checksum::SHA256)
        .with_client_options(options)
        .with_retry(retry);
    if let Some(region) = &address.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &address.endpoint {
        let plain = endpoint.starts_with("http://");
        builder = builder.with_endpoint(endpoint).with_allow_http(plain);
    }
    let store = encrypted(builder, c)?.build().map_err(|e| wrong(format!("url: {e}")))?;
    Ok(Connection { store, prefix: address.prefix })
}

/// Keys from files, when they are named; else the ones that the environment gave stay.
fn keys(builder: AmazonS3Builder, c: &Config) -> Result<AmazonS3Builder, Error> {
    let read = |name: &str, path: &str| {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|e| wrong(format!("{name}: {path}: {e}")))?;
        Ok::<_, Error>(text.trim().to_owned())
    };
    match (c.access_key_file.as_str(), c.secret_key_file.as_str()) {
        ("", "") => Ok(builder),
        ("", _) | (_, "") => Err(wrong("access_key_file and secret_key_file belong together")),
        (access, secret) => Ok(builder
            .with_access_key_id(read("access_key_file", access)?)
            .with_secret_access_key(read("secret_key_file", secret)?)),
    }
}

fn encrypted(builder: AmazonS3Builder, c: &Config) -> Result<AmazonS3Builder, Error> {
    let key = |name: &str| {
        name.parse::<AmazonS3ConfigKey>().map_err(|e| wrong(format!("encryption: {e}")))
    };
    match (c.encryption.as_str(), c.encryption_key.as_str()) {
        ("", _) => Ok(builder),
        ("aws:kms", named) if !named.is_empty() => Ok(builder.with_sse_kms_encryption(named)),
        (kind @ ("AES256" | "aws:kms"), _) => {
            Ok(builder.with_config(key("aws_server_side_encryption")?, kind))
        }
        (other, _) => Err(wrong(format!("encryption: '{other}' is not AES256, aws:kms or empty"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read() {
        let full = "s3://files/house/one?endpoint=http://127.0.0.1:7070/&region=eu-north-1\
                    &path_style=true";
        let address = parse(full).unwrap();
        assert_eq!((address.bucket.as_str(), address.prefix.as_str()), ("files", "house/one/"));
        assert_eq!(address.endpoint.as_deref(), Some("http://127.0.0.1:7070"));
        assert_eq!(address.region.as_deref(), Some("eu-north-1"));
        assert!(address.path_style);
        let short = parse("s3://files").unwrap();
        assert_eq!(short, Address { bucket: "files".into(), ..Address::default() });
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said() {
        for (url, says) in [
            ("s3://", "s3://BUCKET/PREFIX"),
            ("gs://files", "s3://BUCKET/PREFIX"),
            ("files", "blobs.url"),
            ("s3://files?pathstyle=true", "path_style"),
            ("s3://files?path_style=yes", "path_style"),
            ("s3://key:secret@files", "keys come from files"),
        ] {
            let e = parse(url).unwrap_err();
            assert!(e.message.contains(says), "{url}: {}", e.message);
            assert!(!e.message.contains("secret@"), "{}", e.message);
        }
    }
}
