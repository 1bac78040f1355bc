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
                let headers =
                    [("etag", "\"1\""), ("x-amz-transition-default-minimum-object-size", "varies")];
                async move { (status, headers, text) }
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

/// Rules of somebody else, and of another house in the same bucket.
const OTHERS: &str = "<Rule><ID>theirs</ID><Filter><Prefix>logs/</Prefix></Filter>\
    <Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>\
    <Rule><ID>kontor-older-files-00000000</ID><Filter><Prefix>other/</Prefix></Filter>\
    <Status>Enabled</Status><Transition><Days>1</Days><StorageClass>GLACIER_IR</StorageClass>\
    </Transition></Rule>";

/// A bucket that keeps its rules, and the header that belongs to them.
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

fn whole(rules: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<LifecycleConfiguration xmlns=\"x\">{rules}\
             </LifecycleConfiguration>"
    )
}

fn days(found: &Lifecycle) -> Vec<(u32, Option<&str>)> {
    found.there.iter().map(|r| (r.days, r.class.as_deref())).collect()
}

#[tokio::test]
async fn rules_of_the_bucket_become_what_is_configured_and_others_stay() {
    let fake = bucket(&whole(OTHERS)).await;
    let class = "STANDARD_IA".to_owned();
    let first =
        Config { abort_uploads_days: 2, move_days: 90, move_class: class, ..fake.config.clone() };
    let before = lifecycle::lifecycle(&first, false).await.unwrap();
    assert!(!before.is_as_wanted() && before.there.is_empty() && before.others == 2);
    let after = lifecycle::lifecycle(&first, true).await.unwrap();
    assert!(after.is_as_wanted(), "{after:?}");
    assert_eq!((days(&after), after.others), (vec![(2, None), (90, Some("STANDARD_IA"))], 2));
    assert!(after.there.iter().all(|r| r.enabled && r.prefix == "house/"));
    fake.asked(&Method::PUT, |asked| {
        assert!(asked.body.contains(OTHERS), "as it was: {}", asked.body);
        let md5 = md5::Md5::digest(&asked.body);
        let digest = base64::engine::general_purpose::STANDARD.encode(md5);
        assert_eq!(asked.headers["content-md5"], digest);
        // What is signed is what is sent.
        assert_eq!(asked.headers["x-amz-transition-default-minimum-object-size"], "varies");
        assert!(asked.uri.contains("x-amz-transition-default-minimum-object-size"));
    });
    // Nothing is written when nothing would change.
    assert!(lifecycle::lifecycle(&first, true).await.unwrap().is_as_wanted());
    fake.asked(&Method::PUT, |_| ());
    // Nothing is configured any more: only ours go.
    let none = lifecycle::lifecycle(&fake.config, true).await.unwrap();
    assert_eq!((none.there.len(), none.others, none.is_as_wanted()), (0, 2, true));
}

#[tokio::test]
async fn a_rule_that_somebody_changed_is_not_what_is_configured() {
    let config = |fake: &Fake| Config { abort_uploads_days: 2, ..fake.config.clone() };
    let fake = bucket("").await;
    lifecycle::lifecycle(&config(&fake), true).await.unwrap();
    let own = fake.asked(&Method::PUT, |asked| asked.body.clone());
    let added = "<Expiration><Days>2</Days></Expiration></Rule>";
    for (changed, what) in [
        (own.replace("</Rule>", added), "a deletion"),
        (own.replace("Enabled", "Disabled"), "switched off"),
        (own.replace("house/", "elsewhere/"), "another prefix"),
    ] {
        assert_ne!(changed, own);
        let fake = bucket(&changed).await;
        let found = lifecycle::lifecycle(&config(&fake), false).await.unwrap();
        assert!(!found.is_as_wanted() && found.there.len() == 1, "{what}: {found:?}");
        let mended = lifecycle::lifecycle(&config(&fake), true).await.unwrap();
        assert!(mended.is_as_wanted(), "{what}: {mended:?}");
    }
    // Rules without a filter are of the old form: ours are written like them.
    let old = OTHERS.replace("<Filter>", "").replace("</Filter>", "");
    let fake = bucket(&whole(&old)).await;
    assert!(lifecycle::lifecycle(&config(&fake), true).await.unwrap().is_as_wanted());
    fake.asked(&Method::PUT, |asked| assert!(!asked.body.contains("Filter"), "{}", asked.body));
}

#[tokio::test]
async fn what_is_not_understood_is_not_touched() {
    for odd in [
        whole("<Rule x=\"1\"><ID>theirs</ID></Rule>"),
        whole(&format!("{OTHERS}<More/>")),
        "<Lifecycle/>".into(),
    ] {
        let fake = bucket(&odd).await;
        let e = lifecycle::lifecycle(&fake.config, true).await.unwrap_err();
        assert!(e.message.contains("in a form that is not known here"), "{e}");
        let asked = fake.asked.lock().unwrap();
        assert!(asked.iter().all(|a| a.method == Method::GET), "{odd}");
    }
}

#[tokio::test]
async fn settings_that_cannot_be_meant_and_services_without_rules() {
    let empty = bucket("").await;
    let found = lifecycle::lifecycle(&empty.config, true).await.unwrap();
    assert!(found.is_as_wanted() && found.there.is_empty());
    for (days, class, says) in [
        (90, "DEEP_ARCHIVE", "blobs.move_class: 'DEEP_ARCHIVE' is not one of"),
        (29, "STANDARD_IA", "blobs.move_days: 29: STANDARD_IA takes files of 30 days"),
    ] {
        let class = class.to_owned();
        let wrong = Config { move_days: days, move_class: class, ..empty.config.clone() };
        let e = lifecycle::lifecycle(&wrong, false).await.unwrap_err();
        assert!(e.kind == Kind::Invalid && e.message.contains(says), "{e}");
    }
    let folder = Config { url: String::new(), ..empty.config.clone() };
    assert_eq!(lifecycle::lifecycle(&folder, false).await.unwrap_err().kind, Kind::Invalid);
    for (status, code, says) in [
        (StatusCode::NOT_IMPLEMENTED, "NotImplemented", "has no lifecycle rules"),
        (StatusCode::NOT_FOUND, "NoSuchBucket", "has no such bucket"),
        (StatusCode::FORBIDDEN, "AccessDenied", "does not let these keys"),
    ] {
        let page = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
        let fake = Fake::start(move |_| (status, page.clone())).await;
        let e = lifecycle::lifecycle(&fake.config, true).await.unwrap_err();
        assert_eq!((e.kind, e.code), (Kind::Unavailable, "blob_store_unavailable"));
        assert!(e.message.contains(says), "{e}");
    }
}
