//! Bundles, good and bad; whatever comes, the last good one stays.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use contracts::Authorizer as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::Role;
use platform::testing::{self, On, TestHouse};
use serde_json::json;

use super::signature::digest;
use super::unpack::unpack;
use crate::policy::tests::{ALL, config, policy, who};
use crate::policy::{Config, Enforcement, POLICIES, Policy};

/// The house's own policy with viewers who may pay.
fn generous() -> String {
    POLICIES[0].1.replace("\"viewer\": readers,", "\"viewer\": [\"payouts.request\"],")
}

fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        // As OPA writes them, and as nobody should: the builder itself would refuse.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn bundle(policy: &str, revision: &str) -> Vec<u8> {
    let manifest = json!({ "revision": revision, "roots": [""] }).to_string();
    tar_gz(&[("/authz/decision.rego", policy), ("/.manifest", &manifest)])
}

/// A server with one bundle, which knows ETags and counts what it gave away.
#[derive(Clone, Default)]
struct Shelf {
    bundle: Arc<Mutex<(String, Vec<u8>)>>,
    given: Arc<AtomicUsize>,
    puts: Arc<AtomicUsize>,
}

impl Shelf {
    async fn open(&self) -> String {
        let shelf = self.clone();
        let app = axum::Router::new().fallback(move |headers: HeaderMap| {
            let (etag, bytes) = shelf.bundle.lock().unwrap().clone();
            let known = headers.get("if-none-match").is_some_and(|v| v == etag.as_str());
            if !known {
                shelf.given.fetch_add(1, Ordering::SeqCst);
            }
            let status = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
            async move { (status, [("etag", etag)], if known { Vec::new() } else { bytes }) }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/bundle.tar.gz", listener.local_addr().unwrap());
        platform::tasks::Tasks::default().spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        url
    }

    fn put(&self, bytes: Vec<u8>) {
        let etag = format!("\"{}\"", self.puts.fetch_add(1, Ordering::SeqCst));
        *self.bundle.lock().unwrap() = (etag, bytes);
    }
}

async fn house() -> TestHouse {
    testing::house(On::Inline, ALL).await.unwrap()
}

async fn pull(policy: &Policy) -> bool {
    policy.puller.as_ref().unwrap().pull().await
}

async fn viewer_pays(policy: &Policy) -> Result<(), &'static str> {
    policy.decide(&who(&[Role::Viewer]), "payouts.request").await.map(drop).map_err(|e| e.code)
}

fn status(policy: &Policy) -> serde_json::Value {
    serde_json::to_value(policy.status()).unwrap()
}

mod embedded {
    use super::*;

    #[tokio::test]
    async fn a_bundle_over_http_needs_a_key_or_a_digest() {
        let t = house().await;
        let start = |bundle: &str, sha256: &str| {
            let (bundle, bundle_sha256) = (bundle.to_owned(), sha256.to_owned());
            let config = Config { bundle, bundle_sha256, ..config() };
            let (clock, ids) = (Arc::clone(&t.house.clock), Arc::clone(&t.house.ids));
            Policy::start(&config, Enforcement::On, clock, ids).map(drop)
        };
        for plain in
            ["http://bundles.test/b.tar.gz", "http://127.0.0.1.evil.test/b", "http://10.0.0.7:80/b"]
        {
            let e = start(plain, "").unwrap_err();
            assert!(e.message.contains("policy.bundle_key_file"), "{plain}: {}", e.message);
        }
        start("http://bundles.test/b.tar.gz", &"7".repeat(64)).unwrap();
        for safe in [
            "https://bundles.test/b",
            "http://127.0.0.1:8080/b",
            "http://localhost/b",
            "http://[::1]:80/b",
        ] {
            start(safe, "").unwrap();
        }
    }

    #[tokio::test]
    async fn a_new_bundle_is_swapped_in_and_a_broken_one_leaves_the_last_good() {
        let (t, shelf) = (house().await, Shelf::default());
        let config = Config { bundle: shelf.open().await, ..config() };
        let policy = policy(&t, &config, Enforcement::On);
        assert_eq!(viewer_pays(&policy).await, Err("policy_unavailable"), "none was loaded");
        shelf.put(bundle(POLICIES[0].1, "one"));
        assert!(pull(&policy).await);
        assert_eq!(viewer_pays(&policy).await, Err("denied"));
        assert_eq!(status(&policy)["revision"], "one");
        assert!(!pull(&policy).await, "304");
        assert_eq!(shelf.given.load(Ordering::SeqCst), 1);
        shelf.put(bundle(&generous(), "two"));
        assert!(pull(&policy).await);
        assert_eq!(viewer_pays(&policy).await, Ok(()), "no answer of before is remembered");
        let silent = "package kontor.other\n";
        let open = "package kontor.authz\ndecision := {\"allow\": true, \"scope\": \"all\"}\n";
        for (n, bad) in [silent, open, "package kontor.authz\ndecision :="].iter().enumerate() {
            shelf.put(bundle(bad, "bad"));
            assert!(!pull(&policy).await, "{n}");
            assert_eq!(viewer_pays(&policy).await, Ok(()), "the last good one stays");
            assert_eq!(status(&policy)["revision"], "two");
            assert!(status(&policy)["last_error"].is_string());
        }
        shelf.put(b"no archive at all".to_vec());
        assert!(!pull(&policy).await);
        shelf.put(bundle(POLICIES[0].1, "three"));
        assert!(pull(&policy).await);
        assert_eq!(status(&policy)["last_error"], json!(null));
        assert_eq!(viewer_pays(&policy).await, Err("denied"));
    }

    #[test]
    fn archives_that_lead_out_are_refused() {
        for bad in ["../evil.rego", "/../evil.rego", "a/../../evil.rego"] {
            let e = unpack(&tar_gz(&[(bad, "x")])).unwrap_err();
            assert!(e.contains("leads out"), "{bad}: {e}");
        }
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        tar.append_link(&mut link, "a.rego", "/etc/passwd").unwrap();
        let archive = tar.into_inner().unwrap().finish().unwrap();
        assert!(unpack(&archive).unwrap_err().contains("no ordinary file"));
        let twice = tar_gz(&[("a.rego", "x"), ("/a.rego", "y")]);
        assert!(unpack(&twice).unwrap_err().contains("twice"));
        let big = "x".repeat(super::super::LIMIT + 1);
        assert!(unpack(&tar_gz(&[("a.rego", &big)])).unwrap_err().contains("bytes"));
    }

    #[tokio::test]
    async fn a_pinned_digest_is_kept_to() {
        let (t, shelf) = (house().await, Shelf::default());
        let good = bundle(POLICIES[0].1, "one");
        let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&good));
        let config = Config { bundle: shelf.open().await, bundle_sha256: sha256, ..config() };
        let policy = policy(&t, &config, Enforcement::On);
        shelf.put(bundle(&generous(), "two"));
        assert!(!pull(&policy).await);
        shelf.put(good);
        assert!(pull(&policy).await);
        assert_eq!(viewer_pays(&policy).await, Err("denied"));
    }

    /// Files, their digests as they are signed, and the secret they are signed with.
    fn signed(policy: &str, listed: &[(&str, &str)], secret: &str) -> Vec<u8> {
        let files: Vec<_> = listed
            .iter()
            .map(|(name, text)| {
                json!({ "name": name, "algorithm": "SHA-256",
                    "hash": digest(name, text.as_bytes()) })
            })
            .collect();
        let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        let token = jsonwebtoken::encode(&header, &json!({ "files": files }), &key).unwrap();
        let signatures = json!({ "signatures": [token] }).to_string();
        tar_gz(&[("/p.rego", policy), ("/.signatures.json", &signatures)])
    }

    #[tokio::test]
    async fn a_signature_is_asked_for_and_covers_every_file() {
        let (t, shelf) = (house().await, Shelf::default());
        let secret = "0123456789abcdef0123456789abcdef";
        let file = t.folder().join("bundle.key");
        std::fs::write(&file, secret).unwrap();
        let config = Config {
            bundle: shelf.open().await,
            bundle_key_file: file.display().to_string(),
            ..config()
        };
        let policy = policy(&t, &config, Enforcement::On);
        let own = POLICIES[0].1;
        let other = "f".repeat(32);
        for (bad, why) in [
            (bundle(own, "x"), "not signed"),
            (signed(own, &[("p.rego", own)], &other), "not right"),
            (signed(&generous(), &[("p.rego", own)], secret), "not as it was signed"),
            (signed(own, &[], secret), "is not signed"),
            (signed(own, &[("p.rego", own), ("q.rego", own)], secret), "is not there"),
        ] {
            shelf.put(bad);
            assert!(!pull(&policy).await);
            let said = status(&policy)["last_error"].as_str().unwrap().to_owned();
            assert!(said.contains(why), "{said}");
        }
        shelf.put(signed(own, &[("p.rego", own)], secret));
        assert!(pull(&policy).await, "{}", status(&policy));
        assert_eq!(viewer_pays(&policy).await, Err("denied"));
    }

    #[tokio::test]
    async fn a_folder_is_read_again_when_it_changes_and_a_commit_is_its_revision() {
        let t = house().await;
        let root = t.folder().join("policies");
        std::fs::create_dir_all(root.join("authz")).unwrap();
        let file = root.join("authz/decision.rego");
        std::fs::write(&file, POLICIES[0].1).unwrap();
        // Tests lie beside the policies; they are not evaluated.
        std::fs::write(root.join("authz/decision_test.rego"), "package x\nbroken").unwrap();
        let config = Config { bundle: root.display().to_string(), ..config() };
        let policy = policy(&t, &config, Enforcement::On);
        assert!(pull(&policy).await);
        assert!(!pull(&policy).await, "nothing changed");
        assert_eq!(viewer_pays(&policy).await, Err("denied"));
        std::fs::write(&file, generous()).unwrap();
        assert!(pull(&policy).await);
        assert_eq!(viewer_pays(&policy).await, Ok(()));
        let commit = "0123456789012345678901234567890123456789";
        std::fs::create_dir_all(root.join(".git/refs/heads")).unwrap();
        std::fs::write(root.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        std::fs::write(root.join(".git/refs/heads/main"), format!("{commit}\n")).unwrap();
        assert!(pull(&policy).await);
        assert_eq!(status(&policy)["revision"], commit);
        std::fs::write(&file, "package kontor.authz\nbroken").unwrap();
        assert!(!pull(&policy).await);
        assert_eq!(viewer_pays(&policy).await, Ok(()), "the last good one stays");
        assert!(status(&policy)["last_error"].is_string());
    }
}
