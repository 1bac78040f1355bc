//! HTTP to others: one pool of connections, deadlines, TLS without a system library.
#![expect(clippy::disallowed_types, reason = "this file is where HTTP clients are made")]

use std::time::Duration;

use kernel::{Error, Kind};
use reqwest::{Client, RequestBuilder};

/// A client with a pool; cheap to clone.
#[derive(Clone)]
pub struct Outbound(Client);

impl Outbound {
    /// A client whose requests end after `timeout_ms`, connecting included. It follows no
    /// redirects: whom the house talks to is configured, not told by others.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn new(timeout_ms: u64) -> Result<Self, Error> {
        install_tls();
        let timeout = Duration::from_millis(timeout_ms);
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Ok(Self(client.map_err(|e| {
            Error::new(Kind::Unavailable, "no_http_client", "HTTP to others cannot be used")
                .caused_by(e)
        })?))
    }

    /// A GET.
    pub fn get(&self, url: &str) -> RequestBuilder {
        self.0.get(url)
    }

    /// A POST.
    pub fn post(&self, url: &str) -> RequestBuilder {
        self.0.post(url)
    }

    /// A DELETE.
    pub fn delete(&self, url: &str) -> RequestBuilder {
        self.0.delete(url)
    }

    /// A PUT.
    pub fn put(&self, url: &str) -> RequestBuilder {
        self.0.put(url)
    }
}

/// Chooses the provider of cryptography for TLS, once for the process.
pub fn install_tls() {
    // It was chosen before: that is the same one.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
}
