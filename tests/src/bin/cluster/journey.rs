//! The main job through the gateway by people of the directory, and then a look at every engine.
//! Prints a line for each thing that was shown; what is otherwise than it should be ends it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kernel::ids::Uuid;
use platform::db::DbError;
use platform::outbox::{self, Placed};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::api::{Api, statement};
use tests::cluster::{Cluster, events};
use tests::deal::must;
use tests::stream::{Seen, Stream};

const DRAINS_WITHIN: Duration = Duration::from_secs(60);
/// So many streams are opened until two are on different hubs.
const STREAMS: usize = 40;

/// People of the house, with tokens of the directory.
struct Staff {
    admin: Api,
    underwriter: Api,
    treasurer: Api,
    viewer: Api,
}

/// Walks and looks.
pub(crate) async fn run(cluster: &Cluster) -> Result<(), String> {
    let began = Instant::now();
    let staff = log_in(cluster).await?;
    let (mut one, mut two) = on_two_hubs(cluster, &staff.viewer).await?;
    let offer = deal(&staff).await?;
    let first = until_receipt(&mut one, &offer).await;
    let second = until_receipt(&mut two, &offer).await;
    must(first == second, || format!("hubs differ: {first:?}, {second:?}"))?;
    let positions: Vec<i64> = first.iter().map(|e| e.0).collect();
    shown(&format!("both hubs told {} events at equal positions {positions:?}", first.len()));
    drop((one, two));
    decisions(&staff).await?;
    documents(cluster, &staff, &offer).await?;
    cluster.drained(DRAINS_WITHIN).await?;
    shown("outbox empty, everything on the bus and with its consumers, no job open or dead");
    topics(cluster, &offer).await?;
    verify(cluster).await?;
    println!("journey: done in {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

fn shown(what: &str) {
    println!("ok  {what}");
}

async fn log_in(cluster: &Cluster) -> Result<Staff, String> {
    let staff = Staff {
        admin: cluster.staff("admin").await?,
        underwriter: cluster.staff("underwriter").await?,
        treasurer: cluster.staff("treasurer").await?,
        viewer: cluster.staff("viewer").await?,
    };
    let me = staff.treasurer.get("/auth/me").await;
    must(me["username"] == "treasurer", || format!("the treasurer is {me}"))?;
    shown("admin, underwriter, treasurer and viewer came in with tokens of Keycloak");
    Ok(staff)
}

/// Two streams through the gateway, on different hubs. The proxy takes turns, also for requests
/// of others: whoever is on a hub that already has one asks again.
async fn on_two_hubs(cluster: &Cluster, api: &Api) -> Result<(Stream, Stream), String> {
    let mut open: BTreeMap<usize, Stream> = BTreeMap::new();
    for _ in 0..STREAMS {
        let before = on_hubs(cluster).await?;
        let stream = Stream::open(api, None).await;
        let after = on_hubs(cluster).await?;
        let asked: Vec<usize> = (0..after.len()).filter(|n| after[*n] != before[*n]).collect();
        if let [hub] = asked.as_slice() {
            open.insert(*hub, stream);
        }
        if open.len() == 2
            && let (Some((_, one)), Some((_, two))) = (open.pop_first(), open.pop_first())
        {
            shown("two event streams are open, one on each hub");
            return Ok((one, two));
        }
    }
    Err(format!("{STREAMS} streams were opened, none on a second hub"))
}

/// How many streams each hub was asked for, as it counts them itself.
async fn on_hubs(cluster: &Cluster) -> Result<Vec<u64>, String> {
    let mut counts = Vec::new();
    for hub in cluster.members.iter().filter(|m| m.roles == "hub") {
        let answer = reqwest::get(format!("{}/metrics", hub.url())).await;
        let text = answer.map_err(|e| e.to_string())?.text().await.map_err(|e| e.to_string())?;
        let named = "kontor_gateway_request_seconds_count{class=\"events\"}";
        let line = text.lines().find_map(|l| l.strip_prefix(named));
        counts.push(line.and_then(|n| n.trim().parse().ok()).unwrap_or(0));
    }
    Ok(counts)
}

/// From the statement to the receipt; answers the offer.
async fn deal(staff: &Staff) -> Result<String, String> {
    let n = u32::from_le_bytes(platform::clock::random_bytes());
    let (made, ok) = (StatusCode::CREATED, StatusCode::OK);
    let body = json!({ "platform": "spotify", "platform_id": format!("artist-{n}"),
        "username": "maja", "display_name": format!("Maja Lind {n}") });
    let creator = staff.underwriter.post("/offers/creators/", &body, made).await;
    let creator = id(&creator)?;
    let to = json!({ "holder_name": "Maja Lind", "kind": "iban",
        "account": "DE89370400440532013000" });
    let path = format!("/offers/creators/{creator}/recipients");
    staff.treasurer.post(&path, &to, made).await;
    let staged = staff.underwriter.upload(&creator, statement(u64::from(n)), made).await;
    let path = format!("/statements/{}/confirm", id(&staged)?);
    let confirmed = staff.underwriter.post(&path, &json!({}), ok).await;
    shown(&format!("a statement was uploaded and read: {}", confirmed["total"]["amount"]));
    let offer = id(&staff.underwriter.offer(&creator, &confirmed).await)?;
    let ready = staff.underwriter.wait_for(&offer, &["OFFER_READY"]).await;
    shown(&format!("it was valued and offered: {}", ready["offered"]["amount"]));
    staff.underwriter.accept(&ready, ok).await;
    let refused = staff.viewer.pay(&offer, "not-by-me", StatusCode::FORBIDDEN).await;
    shown(&format!("accepted; the viewer may not pay: 403 {}", refused["error"]["code"]));
    let paid = staff.treasurer.pay(&offer, &format!("pay-{n}"), StatusCode::ACCEPTED).await;
    let again = staff.treasurer.pay(&offer, &format!("pay-{n}"), StatusCode::ACCEPTED).await;
    must(paid["id"] == again["id"], || format!("one key, two payouts: {paid}, {again}"))?;
    staff.treasurer.wait_for(&offer, &["CLOSED"]).await;
    shown(&format!("the treasurer paid, twice asked and once done: payout {}", paid["id"]));
    Ok(offer)
}

fn id(answer: &Value) -> Result<String, String> {
    answer["id"].as_str().map(str::to_owned).ok_or_else(|| format!("no id in {answer}"))
}

/// What a stream told of an offer: positions and names, up to the receipt.
async fn until_receipt(stream: &mut Stream, offer: &str) -> Vec<(i64, String)> {
    let mut told = Vec::new();
    loop {
        let Seen { id, event, data } = stream.next().await.expect("the stream is open");
        if data["offer_id"] != offer {
            continue;
        }
        let last = event == "OFFER_RECEIPT_GENERATED";
        told.push((id, event));
        if last {
            return told;
        }
    }
}

/// What the OPA said is written down: to the viewer no, to the treasurer yes.
async fn decisions(staff: &Staff) -> Result<(), String> {
    for (actor, result) in [("viewer", "deny"), ("treasurer", "allow")] {
        let path = format!(
            "/policy/decisions?actor={actor}&result={result}&action=payouts.request&limit=1"
        );
        let until = Instant::now() + DRAINS_WITHIN;
        let row = loop {
            let page = staff.admin.get(&path).await;
            if let Some(row) = page["data"].get(0) {
                break row.clone();
            }
            must(Instant::now() < until, || format!("no {result} for {actor} is written down"))?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        must(row["engine"] == "opa", || format!("another engine decided: {row}"))?;
        shown(&format!("OPA's {result} for the {actor} is in the log of decisions"));
    }
    Ok(())
}

/// Term sheet and receipt are what the offer says they are, and lie in the bucket.
async fn documents(cluster: &Cluster, staff: &Staff, offer: &str) -> Result<(), String> {
    let seen = staff.viewer.get(&format!("/offers/{offer}")).await;
    for name in ["term_sheet", "receipt"] {
        let path = seen[name]["url"].as_str().unwrap_or_default();
        let bytes = staff.viewer.bytes(path.strip_prefix("/api/v1").unwrap_or(path)).await;
        let digest = hex::encode(Sha256::digest(&bytes));
        let same = seen[name]["sha256"] == *digest && bytes.starts_with(b"%PDF");
        must(same, || format!("the {name} is not what the offer says"))?;
    }
    shown("term sheet and receipt were fetched and have the digests of the offer");
    shown(&format!("S3: {}", cluster.run(&["blobs", "verify"])?));
    Ok(())
}

/// The offer's events are in their topics, each with its schema.
async fn topics(cluster: &Cluster, offer: &str) -> Result<(), String> {
    let of: Uuid = offer.parse().map_err(|_| format!("{offer} is no identifier"))?;
    let log: Result<Vec<Placed>, DbError> =
        cluster.db()?.read(move |tx| outbox::of_aggregate(tx, of)).await;
    let log = log.map_err(|e| e.to_string())?;
    let (brokers, prefix) = (cluster.brokers.clone(), cluster.topic_prefix.clone());
    let held = platform::tasks::blocking(move || events::all(&brokers, &prefix)).await;
    let held = held.map_err(|e| e.to_string())??;
    for placed in &log {
        let event = &placed.event;
        let found = held
            .get(&event.topic)
            .into_iter()
            .flatten()
            .find(|h| h.event == event.id.to_string() && h.key == offer && h.schema.is_some());
        must(found.is_some(), || format!("{} {} is not on Kafka", event.topic, event.id))?;
    }
    let all: usize = held.values().map(Vec::len).sum();
    let names = log.iter().map(|p| p.event.topic.as_str()).collect::<Vec<_>>().join(", ");
    shown(&format!("Kafka holds the {} events of the offer: {names}", log.len()));
    shown(&format!("Kafka holds {all} messages in {} topics of this cluster", held.len()));
    Ok(())
}

async fn verify(cluster: &Cluster) -> Result<(), String> {
    for command in [["ledger", "verify"], ["audit", "verify"]] {
        shown(&cluster.run(&command)?.replace('\n', "; "));
    }
    let dead = cluster.run(&["bus", "dead", "list"])?;
    must(dead == "there are no dead letters", || dead.clone())?;
    shown(&dead);
    let admin = cluster.admin().await?;
    let gone = admin.request(Method::GET, "/offers?limit=1").send().await;
    let status = gone.map_err(|e| e.to_string())?.status();
    must(status == StatusCode::OK, || format!("its own admin was answered {status}"))?;
    shown("its own admin comes in with a token of the house");
    Ok(())
}
