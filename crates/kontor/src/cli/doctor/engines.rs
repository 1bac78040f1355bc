//! The engines that are reached over the network: bus, registry, signals, policy, issuers.

use std::sync::Arc;

use contracts::schemas::SUBJECTS;
use kernel::Clock as _;
use platform::bus::Bus;
use platform::clock::SystemClock;
use platform::config::without_password;
use platform::outbound::Outbound;

use super::{Finding, because};
use crate::config::Config;

const DEADLINE_MS: u64 = 5_000;
/// Clocks may be this far apart before tokens are refused for no reason that people see.
const SKEW_SECONDS: i64 = 30;

/// What there is to say about the engines that are configured; nothing about those that are not.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let mut found = look_at_bus(config).await;
    found.extend(look_at_signals(config).await);
    found.extend(look_at_mail(config).await);
    let http = match Outbound::new(DEADLINE_MS) {
        Ok(http) => http,
        Err(e) => return vec![Finding::fail(because(&e))],
    };
    if !config.policy.url.is_empty() {
        found.push(look_at_opa(&http, &config.policy.url).await);
    }
    for issuer in &config.identity.service.issuers {
        found.push(look_at_issuer(&http, &issuer.name, &issuer.issuer).await);
    }
    found
}

async fn look_at_bus(config: &Config) -> Vec<Finding> {
    let kafka = match Bus::open(&config.bus, SUBJECTS) {
        Ok(Bus::Embedded) => return Vec::new(),
        Ok(Bus::Kafka(kafka)) => kafka,
        Err(e) => return vec![Finding::fail(because(&e))],
    };
    let brokers = match kafka.look().await {
        Ok((brokers, missing)) if missing.is_empty() => {
            Finding::ok(format!("Kafka answers: {brokers} broker(s), every topic is there"))
        }
        Ok((brokers, missing)) => Finding::todo(format!(
            "Kafka answers: {brokers} broker(s); the first `kontor serve` makes {}",
            missing.join(", ")
        )),
        Err(e) => Finding::fail(format!("Kafka: {}; check bus.url", because(&e))),
    };
    let registry = match kafka.catalogue().check().await {
        Ok(checks) => {
            let refused: Vec<&str> =
                checks.iter().filter(|c| !c.fits).map(|c| c.subject.as_str()).collect();
            if refused.is_empty() {
                Finding::ok(format!("the schema registry takes all {} schemas", checks.len()))
            } else {
                let refused = refused.join(", ");
                Finding::fail(format!("the schema registry would refuse {refused}"))
            }
        }
        Err(e) => Finding::fail(format!("the registry: {}; check bus.registry_url", because(&e))),
    };
    vec![brokers, registry]
}

async fn look_at_signals(config: &Config) -> Option<Finding> {
    let redis = match config.signals.redis(Arc::new(SystemClock)) {
        Ok(redis) => redis?,
        Err(e) => return Some(Finding::fail(because(&e))),
    };
    let shown = without_password(&config.signals.url);
    Some(match redis.ping().await {
        Ok(()) => Finding::ok(format!("Redis ({shown}) answers")),
        Err(e) => Finding::fail(format!(
            "Redis ({shown}): {e}; check signals.url (until it answers, limits are counted by \
             each process alone)"
        )),
    })
}

async fn look_at_mail(config: &Config) -> Option<Finding> {
    let shown = without_password(&config.mail.url);
    let looked = match platform::mail::open(&config.mail) {
        Ok(mail) => mail.look().await?,
        Err(e) => return Some(Finding::fail(because(&e))),
    };
    Some(match looked {
        Ok(()) => Finding::ok(format!("the mail server ({shown}) takes letters")),
        Err(e) => Finding::fail(format!(
            "mail ({shown}): {}; check [mail] (until it answers, letters wait)",
            because(&e)
        )),
    })
}

/// Whether it answers, and has the house's policy.
async fn look_at_opa(http: &Outbound, url: &str) -> Finding {
    let asked = http.get(&format!("{}/v1/data/kontor/authz", url.trim_end_matches('/')));
    let text = match asked.send().await {
        Err(e) => return Finding::fail(format!("OPA ({url}): {e}; check policy.url")),
        Ok(answer) => answer.text().await.unwrap_or_default(),
    };
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if answer["result"].get("decision").is_some() {
        Finding::ok(format!("OPA ({url}) answers and has the house's policy"))
    } else {
        Finding::fail(format!(
            "OPA ({url}) answers, but has no kontor.authz.decision: give it policies/authz"
        ))
    }
}

/// Whether it says of itself what is configured, and what time it has.
async fn look_at_issuer(http: &Outbound, name: &str, issuer: &str) -> Finding {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let answer = match http.get(&url).send().await {
        Err(e) => return Finding::fail(format!("the issuer {name}: {e}; check its issuer URL")),
        Ok(answer) => answer,
    };
    if !answer.status().is_success() {
        let text =
            format!("the issuer {name} answers {} at {url}; check its issuer URL", answer.status());
        return Finding::fail(text);
    }
    let date = answer.headers().get("date").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let said: serde_json::Value =
        serde_json::from_str(&answer.text().await.unwrap_or_default()).unwrap_or_default();
    if said["issuer"] != issuer {
        return Finding::fail(format!(
            "the issuer {name} calls itself {}, not {issuer}: tokens would be refused",
            said["issuer"]
        ));
    }
    let theirs = date.and_then(|d| platform::clock::http_date(&d));
    let apart = theirs.map(|at| (SystemClock.now().micros() - at.micros()).abs() / 1_000_000);
    match apart {
        Some(seconds) if seconds > SKEW_SECONDS => Finding::fail(format!(
            "the clock of the issuer {name} is {seconds} s away from ours: set both by NTP"
        )),
        _ => Finding::ok(format!("the issuer {name} ({issuer}) answers, and has our time")),
    }
}
