//! What must be true after everything died often enough and came back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use platform::outbox::Placed;
use tests::api::Api;
use tests::cluster::{Cluster, events};
use tests::deal::{self, Deal, must};
use tests::live::Watch;

/// A stream catches up within this.
const CATCHES_UP_WITHIN: Duration = Duration::from_secs(30);

/// What was there before the first trouble.
pub(super) struct Before {
    /// The last position of the log.
    pub(super) head: i64,
}

impl Before {
    pub(super) async fn look(cluster: &Cluster) -> Result<Self, String> {
        Ok(Self { head: cluster.log_head().await? })
    }
}

/// Everything, a line for each thing that holds.
pub(super) async fn all(
    cluster: &Cluster,
    api: &Api,
    before: &Before,
    ours: &str,
    deals: &[Deal],
    watchers: &[Watch],
) -> Result<(), String> {
    must(!deals.is_empty(), || "no deal came to its end: nothing was shown".into())?;
    deal::still_there(api, deals).await?;
    holds("every acknowledged step is there; every deal is closed with its receipt");
    tests::bank::paid_each_once(&cluster.bank_url(), ours, deals).await?;
    holds("the bank paid each deal once and the right amount, and nobody else");
    // Looking made decisions: they are events too.
    cluster.drained(super::ENDS_WITHIN).await?;
    let log = cluster.log().await?;
    gap_free(&log)?;
    live(before, &log, watchers).await?;
    on_kafka(cluster, &log).await?;
    let seen = cluster.consumed_once(super::ENDS_WITHIN).await?;
    holds(&format!("{seen} events are in the inbox of their consumer once, and had their effect"));
    let dead = cluster.run(&["bus", "dead", "list"])?;
    must(dead == "there are no dead letters", || dead.clone())?;
    holds("no dead letters, no dead or open jobs, nothing waits in the outbox");
    for command in [["ledger", "verify"], ["audit", "verify"], ["blobs", "verify"]] {
        holds(&cluster.run(&command)?.replace('\n', "; "));
    }
    Ok(())
}

fn holds(what: &str) {
    println!("ok  {what}");
}

/// Positions and the versions of every aggregate are without gaps.
fn gap_free(log: &[Placed]) -> Result<(), String> {
    let mut versions = BTreeMap::new();
    for (at, placed) in (1_i64..).zip(log) {
        must(placed.position == at, || format!("position {} at {at}", placed.position))?;
        let event = &placed.event;
        let version = versions.entry(event.aggregate).or_insert(0_i64);
        *version += 1;
        must(event.aggregate_version == *version, || {
            format!("{} has {} at {version}", event.aggregate, event.aggregate_version)
        })?;
    }
    holds(&format!("{} events of {} aggregates, without gaps", log.len(), versions.len()));
    Ok(())
}

async fn live(before: &Before, log: &[Placed], watchers: &[Watch]) -> Result<(), String> {
    let of_deals = log.iter().filter(|p| {
        p.position > before.head && contracts::deals::TOPICS.contains(&p.event.topic.as_str())
    });
    let positions: Vec<i64> = of_deals.map(|p| p.position).collect();
    let mut opened = Vec::new();
    for watcher in watchers {
        opened.push(watcher.exactly(&positions, CATCHES_UP_WITHIN).await?);
    }
    holds(&format!(
        "{} live events came to each of {} streams once and in order, over {opened:?} connections",
        positions.len(),
        watchers.len()
    ));
    Ok(())
}

/// At least once, and for the first time in the order of each aggregate within a topic.
async fn on_kafka(cluster: &Cluster, log: &[Placed]) -> Result<(), String> {
    let (brokers, prefix) = (cluster.brokers.clone(), cluster.topic_prefix.clone());
    let held = platform::tasks::blocking(move || events::all(&brokers, &prefix)).await;
    let held = held.map_err(|e| e.to_string())??;
    // What came since the log was read is in it, too.
    let now = cluster.log().await?;
    let positions: BTreeMap<String, i64> =
        now.iter().map(|p| (p.event.id.to_string(), p.position)).collect();
    let (mut there, mut last) = (BTreeSet::new(), BTreeMap::new());
    for (topic, messages) in &held {
        for message in messages {
            must(message.schema.is_some(), || format!("{topic}: {message:?} has no schema"))?;
            let position = positions.get(&message.event).copied();
            let at = position.ok_or_else(|| format!("{topic}: {message:?} is not in the log"))?;
            if there.insert((topic.as_str(), message.event.as_str())) {
                let before = last.insert((topic, &message.key), at).unwrap_or(0);
                must(before < at, || format!("{topic}: {at} of {} follows {before}", message.key))?;
            }
        }
    }
    for placed in log {
        let id = placed.event.id.to_string();
        let found = there.contains(&(placed.event.topic.as_str(), id.as_str()));
        must(found, || format!("{} {id} is not on Kafka", placed.event.topic))?;
    }
    let count: usize = held.values().map(Vec::len).sum();
    let twice = count - there.len();
    holds(&format!("every event is on Kafka, in order: {count} messages, {twice} of them again"));
    Ok(())
}
