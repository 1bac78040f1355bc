//! What a real service cannot be made to say or do: a small one in this process writes down what
//! it is asked and answers what a test wants.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, Method, StatusCode};
use base64::Engine as _;
use kernel::Kind;
use md5::Digest as _;

use super::s3::lifecycle::{self, Lifecycle};
use super::{Blobs, Config};
use crate::tasks::{Tasks, blocking};
use crate::testing;

/// A request that was made.
struct Asked {
    method: Method,
    uri: String,
    headers: HeaderMap,
    body: String,
}

/// Answers a request from its method and address.
type Answer = dyn Fn(&Asked) -> (StatusCode, String) + Send + Sync;

struct Fake {
    config: Config,
    asked: Arc<Mutex<Vec<Asked>>>,
    _folder: tempfile::TempDir,
    _tasks: Tasks,
}

impl Fake {
    async fn start(
        answer: impl Fn(&Asked) -> (StatusCode, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answer): (Arc<Mutex<Vec<Asked>>>, Arc<Answer>) =
            (Arc::default(), Arc::new(answer));
        let log = Arc::clone(&asked);
        let app = axum::Router::new().fallback(
            move |method: Method, uri: axum::http::Uri, headers: HeaderMap, body: String| {
                let request = Asked { method, uri: uri.to_string(), headers, body };
                let (status, text) = answer(&request);
                log.lock().unwrap().push(request);
                async move { (status, [("etag", "\"1\"")], text) }
            },
        );
        let tasks = Tasks::default();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        for file in ["access", "secret"] {
            std::fs::write(at(file), file).unwrap();
        }
        let config = Config {
            url: format!("s3://bucket/house?endpoint={endpoint}&region=x&path_style=true"),
            access_key_file: at("access"),
            secret_key_file: at("secret"),
            timeout_ms: 1_000,
            ..testing::blobs_in(folder.path())
        };
        Self { config, asked, _folder: folder, _tasks: tasks }
    }

    /// The one request of that method.
    fn asked<T>(&self, method: &Method, look: impl FnOnce(&Asked) -> T) -> T {
        let all = self.asked.lock().unwrap();
        let of: Vec<&Asked> = all.iter().filter(|a| a.method == method).collect();
        assert_eq!(of.len(), 1, "requests of {method}");
        look(of[0])
    }

    async fn with<T: Send + 'static>(
        &self,
        config: Config,
        work: impl FnOnce(&dyn Blobs) -> T + Send + 'static,
    ) -> T {
        let store = super::open(&config).unwrap();
        blocking(move || work(&*store)).await.unwrap()
    }
}

#[tokio::test]
async fn encryption_is_asked_for_as_it_is_configured() {
    for (kind, key, wanted, named) in [
        ("", "", None, None),
        ("AES256", "", Some("AES256"), None),
        ("aws:kms", "", Some("aws:kms"), None),
        ("aws:kms", "key-1", Some("aws:kms"), Some("key-1")),
    ] {
        let fake = Fake::start(|_| (StatusCode::OK, String::new())).await;
        let config =
            Config { encryption: kind.into(), encryption_key: key.into(), ..fake.config.clone() };
        fake.with(config, |store| store.put(b"a statement")).await.unwrap();
        fake.asked(&Method::PUT, |asked| {
            let said = |name: &str| asked.headers.get(name).map(|v| v.to_str().unwrap());
            assert_eq!(said("x-amz-server-side-encryption"), wanted);
            assert_eq!(said("x-amz-server-side-encryption-aws-kms-key-id"), named);
            assert!(said("x-amz-checksum-sha256").is_some(), "the service checks what it got");
        });
    }
    let fake = Fake::start(|_| (StatusCode::OK, String::new())).await;
    let config = Config { encryption: "rot13".into(), ..fake.config.clone() };
    let e = super::open(&config).err().unwrap();
    assert!(e.message.contains("'rot13' is not AES256, aws:kms or empty"), "{e}");
}

#[tokio::test]
async fn a_full_bucket_is_said_and_the_file_is_kept() {
    let page = "<Error><Code>XMinioStorageFull</Code><Message>Storage backend has reached its \
                minimum free drive threshold.</Message></Error>";
    let fake = Fake::start(move |_| (StatusCode::INSUFFICIENT_STORAGE, page.into())).await;
    let config = fake.config.clone();
    let (e, kept) = fake
        .with(config, |store| {
            let staged = store.staging().join("staged");
            std::fs::write(&staged, b"a statement").unwrap();
            let name = hex::encode(sha2::Sha256::digest(b"a statement"));
            (store.put_file(&staged, &name).unwrap_err(), staged.exists())
        })
        .await;
    assert_eq!((e.kind, e.code), (Kind::Unavailable, "blob_store_unavailable"));
    let cause = std::error::Error::source(&e).unwrap().to_string();
    assert!(cause.contains("XMinioStorageFull"), "{cause}");
    assert!(kept, "it can be sent again");
}

const OTHERS: &str = "<Rule><ID>theirs</ID><Filter><Prefix>logs/</Prefix></Filter>\
    <Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>";
const OLD: &str = "<Rule><ID>kontor-older-files</ID><Filter><Prefix>house/</Prefix></Filter>\
    <Status>Disabled</Status><Transition><Days>10</Days><StorageClass>GLACIER_IR</StorageClass>\
    </Transition></Rule>";

/// A bucket that keeps its rules.
async fn bucket(rules: &str) -> Fake {
    let kept = Mutex::new(rules.to_owned());
    Fake::start(move |asked| {
        if !asked.uri.starts_with("/bucket/?lifecycle=&") {
            return (StatusCode::BAD_REQUEST, asked.uri.clone());
        }
        let mut kept = kept.lock().unwrap();
        match asked.method {
            Method::PUT => kept.clone_from(&asked.body),
            Method::DELETE => kept.clear(),
            _ if kept.is_empty() => {
                let page = "<Error><Code>NoSuchLifecycleConfiguration</Code></Error>";
                return (StatusCode::NOT_FOUND, page.into());
            }
            _ => return (StatusCode::OK, kept.clone()),
        }
        (StatusCode::OK, String::new())
    })
    .await
}

fn days(found: &Lifecycle) -> Vec<(&str, u32, Option<&str>)> {
    found.there.iter().map(|r| (r.name.as_str(), r.days, r.class.as_deref())).collect()
}

#[tokio::test]
async fn rules_of_the_bucket_become_what_is_configured_and_others_stay() {
    let rules = format!("<LifecycleConfiguration>{OTHERS}{OLD}</LifecycleConfiguration>");
    let fake = bucket(&rules).await;
    let config = Config {
        abort_uploads_days: 2,
        move_days: 90,
        move_class: "STANDARD_IA".into(),
        ..fake.config.clone()
    };
    let before = lifecycle::lifecycle(&config, false).await.unwrap();
    assert!(!before.is_as_wanted() && !before.there[0].enabled);
    assert_eq!(
        (days(&before), before.others),
        (vec![("kontor-older-files", 10, Some("GLACIER_IR"))], 1)
    );
    let after = lifecycle::lifecycle(&config, true).await.unwrap();
    assert!(after.is_as_wanted(), "{after:?}");
    let wanted =
        [("kontor-broken-uploads", 2, None), ("kontor-older-files", 90, Some("STANDARD_IA"))];
    assert_eq!((days(&after), after.others), (wanted.to_vec(), 1));
    assert!(after.there.iter().all(|r| r.enabled && r.prefix == "house/"));
    fake.asked(&Method::PUT, |asked| {
        assert!(asked.body.contains(OTHERS), "as it was: {}", asked.body);
        let digest =
            base64::engine::general_purpose::STANDARD.encode(md5::Md5::digest(&asked.body));
        assert_eq!(asked.headers["content-md5"], digest);
        assert!(asked.uri.contains("X-Amz-Signature="));
    });
    // Nothing is configured any more: only ours go.
    let none = lifecycle::lifecycle(&fake.config, true).await.unwrap();
    assert_eq!((none.there.len(), none.others, none.is_as_wanted()), (0, 1, true));
}

#[tokio::test]
async fn a_bucket_without_rules_and_a_service_that_has_none() {
    let empty = bucket("").await;
    let found = lifecycle::lifecycle(&empty.config, true).await.unwrap();
    assert!(found.is_as_wanted() && found.there.is_empty());
    let wrong = Config { move_days: 1, move_class: "DEEP_ARCHIVE".into(), ..empty.config.clone() };
    let e = lifecycle::lifecycle(&wrong, false).await.unwrap_err();
    assert!(e.message.contains("blobs.move_class: 'DEEP_ARCHIVE' is not one of"), "{e}");
    let folder = Config { url: String::new(), ..wrong };
    assert_eq!(lifecycle::lifecycle(&folder, false).await.unwrap_err().kind, Kind::Invalid);
    let page = "<Error><Code>NotImplemented</Code><Message>no</Message></Error>";
    let simple = Fake::start(move |_| (StatusCode::NOT_IMPLEMENTED, page.into())).await;
    let e = lifecycle::lifecycle(&simple.config, true).await.unwrap_err();
    assert_eq!((e.kind, e.code), (Kind::Unavailable, "blob_store_unavailable"));
    assert!(e.message.contains("has no lifecycle rules"), "{e}");
}
