//! Letters: what a creator finds in the mailbox, and what happens when mail does not go out.

use std::path::{Path, PathBuf};

use platform::testing::faults::Proxy;
use platform::testing::{self, On};
use reqwest::StatusCode;
use serde_json::{Value, json};

use tests::api::Api;
use tests::server::{Place, Server, pay_in};

/// A creator whose letters go to `address`.
async fn creator(api: &Api, n: u32, address: &str) -> String {
    let body = json!({ "platform": "spotify", "platform_id": format!("post-{n}"),
        "username": "maja", "display_name": "Maja Lind", "email": address });
    let creator = api.post("/offers/creators/", &body, StatusCode::CREATED).await;
    let id = creator["id"].as_str().unwrap().to_owned();
    let to = json!({ "holder_name": "M", "kind": "iban", "account": "DE89370400440532013000" });
    api.post(&format!("/offers/creators/{id}/recipients"), &to, StatusCode::CREATED).await;
    id
}

/// An offer that is ready, in a language.
async fn offer(api: &Api, n: u32, creator: &str, language: &str) -> Value {
    let staged =
        api.upload(creator, tests::api::statement(u64::from(n)), StatusCode::CREATED).await;
    let path = format!("/statements/{}/confirm", staged["id"].as_str().unwrap());
    let statement = api.post(&path, &json!({}), StatusCode::OK).await;
    let body = json!({ "creator_id": creator, "kind": "purchase", "title": "Low Water",
        "currency": statement["currency"], "term_years": 10, "share_bp": 8000,
        "statement_ids": [statement["id"]], "language": language });
    let offer = api.post("/offers", &body, StatusCode::CREATED).await;
    api.wait_for(offer["id"].as_str().unwrap(), &["OFFER_READY"]).await
}

/// Letters to `address` as they came in, with soft line ends taken out.
fn mailbox(folder: &Path, address: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let letters = files.filter_map(|f| std::fs::read_to_string(f.path()).ok());
    letters
        .map(|l| l.replace("\r\n", "\n").replace("=\n", ""))
        .filter(|l| l.contains(&format!("To: {address}\n")))
        .collect()
}

async fn until_letters(folder: &Path, address: &str, count: usize) -> Vec<String> {
    testing::until(&format!("{count} letters to {address}"), || async {
        let found = mailbox(folder, address);
        (found.len() >= count).then_some(found)
    })
    .await
}

async fn until_jobs(server: &Server, want: (i64, i64)) {
    testing::until(&format!("(open, dead) jobs {want:?}"), || async {
        (platform::jobs::counts(&server.house.db).await.unwrap() == want).then_some(())
    })
    .await;
}

/// The mail server and its mailbox; `None` when there is none.
fn post_office() -> Option<(String, PathBuf)> {
    let (Some(url), Some(folder)) = (testing::engine("SMTP"), testing::engine("SMTP_FOLDER"))
    else {
        testing::say("skipped: KONTOR_TEST_SMTP is not set");
        return None;
    };
    Some((url, folder.into()))
}

fn address() -> String {
    format!("maja.{}@kontor.test", hex::encode(platform::clock::random_bytes::<6>()))
}

async fn server(url: &str) -> (Place, Server) {
    let sets = [format!("mail.url={url}"), "mail.from=Kontor <deals@house.example>".into()];
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let place = Place::new(On::Sqlite).await.unwrap().with(&sets);
    let server = place.start().await;
    (place, server)
}

mod smtp {
    use super::*;

    #[tokio::test]
    async fn a_creator_reads_of_the_offer_and_of_the_money() {
        let Some((url, folder)) = post_office() else { return };
        let (_place, server) = server(&url).await;
        pay_in(&server).await;
        let (api, to) = (server.login("admin").await, address());
        let creator = creator(&api, 1, &to).await;
        let ready = offer(&api, 1, &creator, "en").await;
        let first = until_letters(&folder, &to, 1).await;
        assert!(first[0].contains("Subject: Your offer for Low Water is ready\n"), "{}", first[0]);
        let id = ready["id"].as_str().unwrap();
        api.accept(&ready, StatusCode::OK).await;
        api.pay(id, "k", StatusCode::ACCEPTED).await;
        api.wait_for(id, &["CLOSED"]).await;
        let both = until_letters(&folder, &to, 2).await;
        let paid = both.iter().find(|l| l.contains("has been paid to you")).unwrap();
        for wanted in [
            "multipart/alternative",
            "From: Kontor <deals@house.example>\n",
            "Content-Type: text/plain; charset=utf-8",
            "See the receipt: http://localhost:3000/my\n",
            "Content-Type: text/html; charset=utf-8",
            "href=3D\"http://localhost:3000/my\"",
        ] {
            assert!(paid.contains(wanted), "{wanted} is not in {paid}");
        }
        let log: Result<Vec<_>, platform::db::DbError> =
            server.house.db.read(|tx| platform::outbox::after(tx, 0, 1_000)).await;
        let told = log.unwrap().into_iter().find(|p| p.event.topic == "offer.payout.completed");
        let name = format!("Message-ID: <{}@house.example>\n", told.unwrap().event.id);
        assert!(paid.contains(&name), "{name} is not in {paid}");
        until_jobs(&server, (0, 0)).await;
        server.stop().await;
    }

    #[tokio::test]
    async fn a_swedish_offer_is_written_about_in_swedish() {
        let Some((url, folder)) = post_office() else { return };
        let (_place, server) = server(&url).await;
        let (api, to) = (server.login("admin").await, address());
        let creator = creator(&api, 2, &to).await;
        offer(&api, 2, &creator, "sv").await;
        let letter = &until_letters(&folder, &to, 1).await[0];
        assert!(letter.contains("Subject: Ditt erbjudande"), "{letter}");
        assert!(letter.contains("Hej Maja Lind,\n"), "{letter}");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_letter_waits_while_the_mail_server_is_away_and_goes_out_once() {
        let Some((url, folder)) = post_office() else { return };
        let engine = url.trim_start_matches("smtp://");
        let Some(proxy) = Proxy::before(engine).await else { return };
        proxy.cut().await;
        let (_place, server) = server(&format!("smtp://{}", proxy.address)).await;
        let (api, to) = (server.login("admin").await, address());
        let creator = creator(&api, 3, &to).await;
        offer(&api, 3, &creator, "en").await;
        until_jobs(&server, (1, 0)).await;
        assert!(mailbox(&folder, &to).is_empty());
        proxy.heal().await;
        until_letters(&folder, &to, 1).await;
        until_jobs(&server, (0, 0)).await;
        assert_eq!(mailbox(&folder, &to).len(), 1);
        server.stop().await;
    }

    #[tokio::test]
    async fn an_address_that_nobody_can_have_is_a_dead_job_and_the_deal_goes_on() {
        let Some((url, _)) = post_office() else { return };
        let (_place, server) = server(&url).await;
        let api = server.login("admin").await;
        let creator = creator(&api, 4, "maja@house..example").await;
        let ready = offer(&api, 4, &creator, "en").await;
        until_jobs(&server, (0, 1)).await;
        api.accept(&ready, StatusCode::OK).await;
        server.stop().await;
    }
}
