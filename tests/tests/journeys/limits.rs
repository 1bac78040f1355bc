//! Uploads that are too large, packed to do harm, cut off or written in another alphabet: each
//! answer says what was wrong and what is allowed, and nothing is half done.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt as _;
use platform::on_both;
use platform::testing::{self, On};
use reqwest::{Body, Method, Response, StatusCode};
use serde_json::{Value, json};

use tests::api::{Api, expect, statement};
use tests::server::{Place, Server};

const HEADER: &str = "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\t\
    Team Percentage\tSong/Album\tCountry of Sale\tSongwriter Royalties Withheld\tEarnings (USD)\n";
const ROW: &str = "2024-05-01\t2024-01\tSpotify\tA\tT\tX\tY\t10\t100\tSong\tSE\t\t0.5\n";

async fn send(api: &Api, creator: &str, body: Body) -> Response {
    let part = reqwest::multipart::Part::stream(body).file_name("statement.tsv");
    let form = reqwest::multipart::Form::new().part("file", part);
    let path = format!("/statements?creator_id={creator}");
    api.request(Method::POST, &path).multipart(form).send().await.expect("an answer")
}

/// No row, and no file: neither where files are received nor where they are kept.
async fn nothing_stays(place: &Place, api: &Api, creator: &str) {
    let stored = api.get(&format!("/statements?creator_id={creator}")).await;
    assert_eq!(stored["data"], json!([]), "no statement");
    testing::until("no file is left", || async { files(place).is_empty().then_some(()) }).await;
}

fn files(place: &Place) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![place.folder().join("blobs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

async fn started(on: On, sets: &[&str]) -> (Place, Server, Api, String) {
    let place = Place::new(on).await.unwrap().with(sets);
    let server = place.start().await;
    let api = server.login("admin").await;
    let creator = api.creator(1, "DE89370400440532013000").await;
    (place, server, api, creator)
}

async fn an_endless_upload_ends_at_the_limit(on: On) {
    let limit = "server.upload_limit_bytes=3145728";
    let (place, server, api, creator) = started(on, &[limit]).await;
    let rows = ROW.repeat(1_000);
    let endless = futures::stream::iter(std::iter::once(HEADER.to_owned()))
        .chain(futures::stream::repeat(rows))
        .map(Ok::<_, std::io::Error>);
    let answer = send(&api, &creator, Body::wrap_stream(endless)).await;
    let e = expect(answer, "upload", StatusCode::PAYLOAD_TOO_LARGE).await;
    assert_eq!(e["error"]["code"], "file_too_large");
    assert!(e["error"]["message"].as_str().unwrap().contains("3 MiB at most"), "{e}");
    assert_eq!(e["error"]["details"]["limit_bytes"], 3_145_728);
    nothing_stays(&place, &api, &creator).await;

    // Zeros are no statement, and the limit is asked first.
    let zeros = futures::stream::repeat(vec![0_u8; 65_536]).map(Ok::<_, std::io::Error>);
    let answer = send(&api, &creator, Body::wrap_stream(zeros)).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    nothing_stays(&place, &api, &creator).await;

    // What fits is taken by the same server.
    api.upload(&creator, statement(1), StatusCode::CREATED).await;
    server.stop().await;
}

async fn two_gibibytes_are_the_limit_unless_configured(on: On) {
    let (place, server, api, creator) = started(on, &[]).await;
    assert_eq!(place.config().server.upload_limit_bytes, 2 << 30);
    // What says that it is larger is refused before a byte is kept.
    let body = futures::stream::repeat(vec![0_u8; 65_536]).map(Ok::<_, std::io::Error>);
    let part =
        reqwest::multipart::Part::stream_with_length(Body::wrap_stream(body), (2 << 30) + 70_000)
            .file_name("statement.tsv");
    let form = reqwest::multipart::Form::new().part("file", part);
    let path = format!("/statements?creator_id={creator}");
    let answer = api.request(Method::POST, &path).multipart(form).send().await.unwrap();
    let e = expect(answer, &path, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert_eq!(e["error"]["details"]["limit_bytes"], 2_147_483_648_u64);
    assert!(e["error"]["message"].as_str().unwrap().contains("2 GiB at most"), "{e}");
    nothing_stays(&place, &api, &creator).await;
    server.stop().await;
}

async fn who_hangs_up_leaves_nothing(on: On) {
    let (place, server, api, creator) = started(on, &[]).await;
    let some = futures::stream::iter(vec![Ok::<_, std::io::Error>(HEADER.to_owned())]);
    let waits = some.chain(futures::stream::pending());
    let sending = tokio::spawn({
        let (api, creator) = (api.clone(), creator.clone());
        async move { send(&api, &creator, Body::wrap_stream(waits)).await }
    });
    let received = async || (files(&place).len() == 1).then_some(());
    testing::until("the file is being received", received).await;
    sending.abort();
    nothing_stays(&place, &api, &creator).await;
    server.stop().await;
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    out.start_file("statement.tsv", zip::write::SimpleFileOptions::default()).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap().into_inner()
}

async fn packed_to_do_harm(on: On) {
    let (place, server, api, creator) = started(on, &[]).await;
    // A good statement, as far as one reads: only its size gives it away.
    let row = ROW.replace("\tT\t", &format!("\t{}\t", "T".repeat(2_000)));
    let giant = format!("{HEADER}{}", row.repeat((64 << 20) / row.len())).into_bytes();
    let bomb = zip(&giant);
    assert!(bomb.len() < 320 << 10, "{} bytes that become 64 MiB", bomb.len());
    let whole = gz(&statement(1));
    let half = whole[..whole.len() / 2].to_vec();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a zip bomb", bomb, "200 times its size"),
        ("a gzip bomb", gz(&giant), "200 times its size"),
        ("half a gzip", half, "cut off before its end"),
        ("half a zip", zip(&statement(1))[..900].to_vec(), "archive"),
        ("a gzip of nothing", gz(b""), "a statement needs a header row"),
    ];
    for (name, bytes, says) in cases {
        let e = refused(&api, &creator, bytes).await;
        assert!(e["error"]["message"].as_str().unwrap().contains(says), "{name}: {e}");
        assert!(e["error"]["details"]["reasons"].is_array(), "{name}: {e}");
        nothing_stays(&place, &api, &creator).await;
    }
    // The same content packed honestly is read.
    api.upload(&creator, whole, StatusCode::CREATED).await;
    server.stop().await;
}

async fn refused(api: &Api, creator: &str, bytes: Vec<u8>) -> Value {
    let answer = send(api, creator, Body::from(bytes)).await;
    let status = answer.status();
    assert!([413, 422].contains(&status.as_u16()), "{status}");
    let e = expect(answer, "upload", status).await;
    assert_eq!(e["error"]["code"], "statement_refused", "{e}");
    e
}

async fn other_alphabets(on: On) {
    let (place, server, api, creator) = started(on, &[]).await;
    // UTF-32 is no encoding of statements; nor is a file of control characters.
    let text = format!("{HEADER}{ROW}");
    let utf32: Vec<u8> = [0xff, 0xfe, 0, 0]
        .into_iter()
        .chain(text.chars().flat_map(|c| u32::from(c).to_le_bytes()))
        .collect();
    for (name, bytes) in [("utf-32", utf32), ("control characters", vec![1, 2, 3, 4, 5, 6, 7, 8])] {
        let e = refused(&api, &creator, bytes).await;
        let says = e["error"]["message"].as_str().unwrap();
        assert!(says.contains("a statement needs") || says.contains("CSV"), "{name}: {e}");
        nothing_stays(&place, &api, &creator).await;
    }
    // Windows-1252 and UTF-16 are read as what they are, and the title is whole.
    let title = ROW.replace("\tT\t", "\tSmörgås\t");
    let text = format!("{HEADER}{title}");
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [latin, wide] {
        let s = api.upload(&creator, bytes, StatusCode::CREATED).await;
        assert_eq!((&s["rows"], &s["total"]["amount"]), (&json!(1), &json!("0.5")), "{s}");
        let works = api.get(&format!("/statements/{}/works", s["id"].as_str().unwrap())).await;
        assert_eq!(works["data"][0]["title"], "Smörgås", "{works}");
    }
    server.stop().await;
}

/// The first address that fails too often is told how long to wait.
async fn five_failed_logins_ask_to_wait(on: On) {
    let place = Place::new(on).await.unwrap();
    let server = place.start().await;
    let api = Api { url: server.url.clone(), token: String::new(), http: reqwest::Client::new() };
    let login = |password: &'static str| {
        let body = json!({ "username": "admin", "password": password });
        api.request(Method::POST, "/auth/login").json(&body).send()
    };
    for _ in 0..5 {
        assert_eq!(login("a wrong password").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    let answer = login(tests::server::PASSWORD).await.unwrap();
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=301).contains(&wait), "{wait}");
    let e = expect(answer, "/auth/login", StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(e["error"]["code"], "address_blocked");
    assert_eq!(e["error"]["details"]["retry_after_seconds"], wait);
    server.stop().await;
}

on_both!(
    an_endless_upload_ends_at_the_limit,
    two_gibibytes_are_the_limit_unless_configured,
    who_hangs_up_leaves_nothing,
    packed_to_do_harm,
    other_alphabets,
    five_failed_logins_ask_to_wait,
);
