//! What every store keeps, on both; and the bad days of the remote one.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use kernel::Kind;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{Blobs, Config, copy};
use crate::tasks::blocking;
use crate::testing::{self, faults::Proxy};

const MIB: usize = 1 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Folder,
    S3,
}

async fn configured(on: On) -> Option<(Config, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let config = match on {
        On::S3 => testing::bucket(folder.path()).await?,
        On::Folder => testing::blobs_in(folder.path()),
    };
    Some((config, folder))
}

/// Runs a test on a store, where it may block.
async fn with(on: On, test: impl FnOnce(&dyn Blobs, &Config) + Send + 'static) {
    let Some((config, folder)) = configured(on).await else { return };
    let store = super::open(&config).unwrap();
    blocking(move || test(&*store, &config)).await.unwrap();
    drop(folder);
}

macro_rules! on_stores {
    ($($name:ident),+ $(,)?) => {
        mod folder {
            use super::{On, with};
            $(#[tokio::test] async fn $name() { with(On::Folder, super::$name).await; })+
        }
        mod s3 {
            use super::{On, with};
            $(#[tokio::test] async fn $name() { with(On::S3, super::$name).await; })+
        }
    };
}

on_stores!(
    keeps_and_gives_back,
    takes_over_what_was_staged,
    gives_nothing_for_other_names,
    tells_its_names_in_order_by_pages,
    lends_an_address_only_where_it_has_one,
    copies_and_begins_again,
);

/// Bytes that no two tests share.
fn bytes(seed: u8, len: usize) -> Vec<u8> {
    let mut block = Sha256::digest([seed]);
    let mut all = Vec::with_capacity(len + 32);
    while all.len() < len {
        all.extend_from_slice(&block);
        block = Sha256::digest(block);
    }
    all.truncate(len);
    all
}

fn stage(store: &dyn Blobs, bytes: &[u8]) -> (std::path::PathBuf, String) {
    let path = super::stage(&store.staging(), bytes).unwrap();
    (path, hex::encode(Sha256::digest(bytes)))
}

fn keeps_and_gives_back(store: &dyn Blobs, config: &Config) {
    store.probe().unwrap();
    for small in [&b""[..], b"one", b"another"] {
        let name = store.put(small).unwrap();
        assert_eq!(store.put(small).unwrap(), name, "the same twice is the same");
        assert_eq!(store.get(&name).unwrap(), small);
        assert_eq!(store.size(&name).unwrap(), Some(small.len() as u64));
        assert_eq!(std::fs::read(store.path(&name).unwrap()).unwrap(), small);
    }
    assert!(store.names("", 10).unwrap().len() == 3, "the probe is gone");
    assert!(config.place().contains("://") || config.folder == config.place());
}

fn takes_over_what_was_staged(store: &dyn Blobs, _: &Config) {
    // More than two parts, the last one short.
    for (seed, len) in [(1, 12 * MIB + 7), (2, 1_000), (3, 0)] {
        let whole = bytes(seed, len);
        let (path, name) = stage(store, &whole);
        store.put_file(&path, &name).unwrap();
        assert!(!path.exists(), "what was staged was taken over");
        let mut back = Vec::new();
        assert_eq!(store.fetch(&name, &mut back).unwrap(), len as u64);
        assert!(back == whole);
        assert!(std::fs::read(store.path(&name).unwrap()).unwrap() == whole);
    }
    assert_eq!(std::fs::read_dir(store.staging()).unwrap().count(), 0, "nothing is left");
}

fn gives_nothing_for_other_names(store: &dyn Blobs, _: &Config) {
    let absent = "0".repeat(64);
    for name in ["", "x", "../../etc/passwd", &"A".repeat(64), &absent] {
        assert_eq!(store.get(name).unwrap_err().code, "blob_missing", "{name}");
        assert_eq!(store.path(name).unwrap_err().code, "blob_missing", "{name}");
    }
    assert_eq!(store.size(&absent).unwrap(), None);
}

fn tells_its_names_in_order_by_pages(store: &dyn Blobs, _: &Config) {
    let mut all: Vec<String> = (0..7).map(|n| store.put(&[n]).unwrap()).collect();
    all.sort();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = store.names(&after, 3).unwrap();
        let Some(last) = page.last() else { break };
        after = last.sha256.clone();
        assert!(page.len() <= 3 && page.iter().all(|s| s.bytes == 1));
        seen.extend(page.into_iter().map(|s| s.sha256));
    }
    assert_eq!(seen, all);
}

fn lends_an_address_only_where_it_has_one(store: &dyn Blobs, config: &Config) {
    let name = store.put(b"lent").unwrap();
    let Some(url) = store.presign(&name, 60).unwrap() else {
        assert!(config.url.is_empty());
        return;
    };
    let http = crate::outbound::Outbound::new(10_000).unwrap();
    let get = |url: String| {
        let http = http.clone();
        tokio::runtime::Handle::current().block_on(async move {
            let answer = http.get(&url).send().await.unwrap();
            (answer.status().as_u16(), answer.bytes().await.unwrap())
        })
    };
    assert_eq!(get(url.clone()), (200, "lent".into()));
    assert_eq!(get(url.replace("X-Amz-Signature=", "X-Amz-Signature=0")).0, 403);
}

fn copies_and_begins_again(store: &dyn Blobs, _: &Config) {
    let source = tempfile::tempdir().unwrap();
    let from = super::Folder::open(source.path()).unwrap();
    let names: Vec<String> = (0..5).map(|n| from.put(&bytes(n, 1_000)).unwrap()).collect();
    let run = |mode| copy::copy(&from, store, mode, &mut |_| {}).unwrap();
    let dry = run(copy::Mode::DryRun);
    assert_eq!((dry.files, dry.copied, dry.copied_bytes, dry.there), (5, 5, 5_000, 0));
    assert!(store.names("", 10).unwrap().is_empty(), "a dry run writes nothing");
    store.put(&bytes(0, 1_000)).unwrap();
    let place = from.path(&names[4]).unwrap();
    std::fs::write(&place, vec![0; 1_000]).unwrap();
    let first = run(copy::Mode::Copy);
    assert_eq!((first.copied, first.there), (3, 1));
    assert_eq!(first.damaged, [names[4].clone()]);
    std::fs::write(&place, bytes(4, 1_000)).unwrap();
    let second = run(copy::Mode::Copy);
    assert_eq!((second.copied, second.there, second.damaged.len()), (1, 4, 0));
    let all = copy::verify(store, &mut |_| {}).unwrap();
    assert_eq!((all.files, all.bytes, all.damaged.len()), (5, 5_000, 0));
}

mod bad_days {
    use super::*;

    /// A store behind a proxy of its own.
    async fn behind_proxy() -> Option<(Arc<dyn Blobs>, Proxy, Config, TempDir)> {
        let (mut config, folder) = configured(On::S3).await?;
        let engine = testing::engine("S3")?;
        let proxy = Proxy::before(engine.strip_prefix("http://")?).await?;
        config.url = config.url.replace(&engine, &format!("http://{}", proxy.address));
        Some((super::super::open(&config).unwrap(), proxy, config, folder))
    }

    /// How many uploads were begun and not ended, as the service tells it.
    async fn open_uploads(config: &Config) -> usize {
        let store = super::super::s3::S3::open(config).unwrap();
        let url = store.signed(http::Method::GET, "", &[("uploads", "")], 60).await.unwrap();
        let http = crate::outbound::Outbound::new(10_000).unwrap();
        let answer = http.get(&url).send().await.unwrap().error_for_status().unwrap();
        answer.text().await.unwrap().matches("<UploadId>").count()
    }

    mod s3 {
        use super::*;

        #[tokio::test]
        async fn wrong_keys_and_a_missing_bucket_are_said() {
            let Some((config, folder)) = configured(On::S3).await else { return };
            let wrong = folder.path().join("wrong");
            std::fs::write(&wrong, "wrong").unwrap();
            let mut refused = config.clone();
            refused.secret_key_file = wrong.display().to_string();
            let mut nowhere = config.clone();
            nowhere.url = config.url.replace("s3://test-", "s3://none-");
            for (config, says) in [(refused, "keys"), (nowhere, "bucket")] {
                let store = super::super::super::open(&config).unwrap();
                blocking(move || {
                    let absent = "0".repeat(64);
                    let (staged, name) = stage(&*store, b"staged");
                    for e in [
                        store.put(b"x").unwrap_err(),
                        store.put_file(&staged, &name).unwrap_err(),
                        store.get(&absent).unwrap_err(),
                        store.size(&absent).unwrap_err(),
                        store.names("", 1).unwrap_err(),
                        store.probe().unwrap_err(),
                    ] {
                        assert_eq!(e.code, "blob_store_unavailable", "{e:?}");
                        assert!(e.message.contains(says), "{says}: {e:?}");
                        assert!(std::error::Error::source(&e).is_some(), "the cause is kept");
                    }
                    assert!(staged.exists(), "what could not be stored is still there");
                })
                .await
                .unwrap();
            }
        }

        #[tokio::test]
        async fn a_file_that_is_not_what_it_says_is_not_stored() {
            let Some((config, _folder)) = configured(On::S3).await else { return };
            let store = super::super::super::open(&config).unwrap();
            blocking(move || {
                for len in [10, 11 * MIB] {
                    let (path, _) = stage(&*store, &bytes(9, len));
                    let e = store.put_file(&path, &"a".repeat(64)).unwrap_err();
                    assert_eq!((e.kind, e.code), (Kind::Internal, "blob_damaged"));
                }
                assert!(store.names("", 10).unwrap().is_empty());
            })
            .await
            .unwrap();
            assert_eq!(open_uploads(&config).await, 0, "the upload was aborted");
        }

        #[tokio::test]
        async fn a_copy_that_was_changed_is_fetched_again() {
            let Some((config, _folder)) = configured(On::S3).await else { return };
            let store = super::super::super::open(&config).unwrap();
            blocking(move || {
                let (path, name) = stage(&*store, b"true");
                store.put_file(&path, &name).unwrap();
                std::fs::write(store.path(&name).unwrap(), b"false").unwrap();
                assert_eq!(store.get(&name).unwrap(), b"true");
                assert_eq!(std::fs::read(store.path(&name).unwrap()).unwrap(), b"true");
            })
            .await
            .unwrap();
        }

        #[tokio::test]
        async fn half_an_upload_is_never_seen_and_is_swept() {
            let Some((mut config, proxy, behind, _folder)) = behind_proxy()
                .await
                .map(|(_, proxy, behind, folder)| (behind.clone(), proxy, behind, folder))
            else {
                return;
            };
            config.timeout_ms = 1_000;
            let store = super::super::super::open(&config).unwrap();
            proxy.cut_after(3 * MIB as u64).await;
            let whole = bytes(5, 11 * MIB);
            let cut = Arc::clone(&store);
            let (path, name) = blocking(move || {
                let (path, name) = stage(&*cut, &whole);
                let e = cut.put_file(&path, &name).unwrap_err();
                assert_eq!(e.code, "blob_store_unavailable", "{e:?}");
                (path, name)
            })
            .await
            .unwrap();
            proxy.cut_no_more().await;
            let after = Arc::clone(&store);
            let (again, named) = (path.clone(), name.clone());
            blocking(move || {
                assert_eq!(after.size(&named).unwrap(), None, "half a file is no file");
                after.put_file(&again, &named).unwrap();
                let late = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
                after.sweep(late).unwrap();
                assert_eq!(after.get(&named).unwrap().len(), 11 * MIB);
            })
            .await
            .unwrap();
            assert_eq!(open_uploads(&behind).await, 0);
        }

        #[tokio::test]
        async fn an_upload_of_a_dead_process_is_swept() {
            let Some((config, _folder)) = configured(On::S3).await else { return };
            let store = super::super::super::s3::S3::open(&config).unwrap();
            // What a process leaves that is killed between beginning and end.
            store.begin_and_die(&"b".repeat(64)).await;
            assert_eq!(open_uploads(&config).await, 1);
            let swept = blocking(move || {
                let late = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
                (store.sweep(SystemTime::UNIX_EPOCH).unwrap(), store.sweep(late).unwrap())
            });
            assert_eq!(swept.await.unwrap(), (0, 1));
            assert_eq!(open_uploads(&config).await, 0);
        }

        #[tokio::test]
        async fn away_and_back() {
            let Some((store, proxy, mut config, _folder)) = behind_proxy().await else { return };
            proxy.cut().await;
            config.timeout_ms = 500;
            let hasty = super::super::super::open(&config).unwrap();
            let gone = blocking(move || hasty.put(b"x").unwrap_err()).await.unwrap();
            assert_eq!((gone.kind, gone.code), (Kind::Unavailable, "blob_store_unavailable"));
            // One that began while it was away ends when it is back.
            let patient = Arc::clone(&store);
            let waiting = blocking(move || patient.put(b"patient").unwrap());
            let (name, ()) = tokio::join!(waiting, proxy.heal());
            let name = name.unwrap();
            assert_eq!(blocking(move || store.get(&name).unwrap()).await.unwrap(), b"patient");
        }
    }
}
