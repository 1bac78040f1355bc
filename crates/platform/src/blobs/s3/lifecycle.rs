//! Rules by which the service itself treats files as time passes: parts of uploads that were
//! broken off are removed, older files move to a cheaper class. No rule ever removes a file.
//!
//! The service takes all rules of a bucket at once (`PutBucketLifecycleConfiguration`), so those
//! of others are read first and sent back as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use kernel::{Error, Kind};
use md5::{Digest as _, Md5};
use serde::Serialize;

use super::{S3, inside};
use crate::blobs::Config;
use crate::outbound::Outbound;

const UPLOADS: &str = "kontor-broken-uploads";
const OLDER: &str = "kontor-older-files";
/// Classes whose files can be read at once; from the others they must be asked back for hours.
const CLASSES: [&str; 4] = ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"];
const DEADLINE_MS: u64 = 10_000;

/// One rule of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name in the bucket.
    pub name: String,
    /// What it covers.
    pub prefix: String,
    /// Whether the service follows it.
    pub enabled: bool,
    /// Days after which it acts.
    pub days: u32,
    /// Where older files move to; none for the rule of uploads.
    pub class: Option<String>,
}

/// Rules of the house: those of the bucket, and those of the configuration.
#[derive(Debug, Serialize)]
pub struct Lifecycle {
    /// What the service follows now.
    pub there: Vec<Rule>,
    /// What is configured.
    pub wanted: Vec<Rule>,
    /// Rules of others in the same bucket.
    pub others: usize,
}

impl Lifecycle {
    /// Whether the service does what is configured.
    pub fn is_as_wanted(&self) -> bool {
        self.there == self.wanted
    }
}

/// The rules of the configured bucket; with `apply` they are made what is configured.
///
/// # Errors
/// `Invalid` when the store is no bucket or a setting is wrong, `Unavailable` when the service
/// does not answer, refuses, or has no such rules.
pub async fn lifecycle(config: &Config, apply: bool) -> Result<Lifecycle, Error> {
    if config.url.is_empty() {
        let text = "blobs.url is empty: a folder has no rules of its own";
        return Err(Error::new(Kind::Invalid, "invalid_configuration", text));
    }
    let store = S3::open(config)?;
    let wanted = wanted(config, &store.prefix)?;
    let mut all = read(&store).await?;
    if apply {
        all.retain(|text| !is_ours(text));
        all.extend(wanted.iter().map(Rule::xml));
        write(&store, &all).await?;
        all = read(&store).await?;
    }
    let mut there: Vec<Rule> = all.iter().filter(|t| is_ours(t)).map(|t| Rule::read(t)).collect();
    there.sort_by(|a, b| a.name.cmp(&b.name));
    let others = all.len() - there.len();
    Ok(Lifecycle { there, wanted, others })
}

/// What is configured, by name.
fn wanted(config: &Config, prefix: &str) -> Result<Vec<Rule>, Error> {
    let rule = |name: &str, days, class| Rule {
        name: name.into(),
        prefix: prefix.into(),
        enabled: true,
        days,
        class,
    };
    let mut rules = Vec::new();
    if config.abort_uploads_days > 0 {
        rules.push(rule(UPLOADS, config.abort_uploads_days, None));
    }
    if config.move_days > 0 {
        if !CLASSES.contains(&config.move_class.as_str()) {
            let text = format!(
                "blobs.move_class: '{}' is not one of {}: files must be there at once",
                config.move_class,
                CLASSES.join(", ")
            );
            return Err(Error::new(Kind::Invalid, "invalid_configuration", text));
        }
        rules.push(rule(OLDER, config.move_days, Some(config.move_class.clone())));
    }
    Ok(rules)
}

async fn read(store: &S3) -> Result<Vec<String>, Error> {
    let url = store.signed(Method::GET, "", &[("lifecycle", "")], 60).await?;
    let answer = Outbound::new(DEADLINE_MS)?.get(&url).send().await;
    let answer = answer.map_err(|e| failed("does not answer", e.without_url()))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|e| failed("does not answer", e.without_url()))?;
    match (status, inside(&text, "Code")) {
        (StatusCode::OK, _) => Ok(rules(&text)),
        (_, Some("NoSuchLifecycleConfiguration")) => Ok(Vec::new()),
        _ => Err(refused(status, &text)),
    }
}

async fn write(store: &S3, rules: &[String]) -> Result<(), Error> {
    let outbound = Outbound::new(DEADLINE_MS)?;
    let request = if rules.is_empty() {
        let url = store.signed(Method::DELETE, "", &[("lifecycle", "")], 60).await?;
        outbound.delete(&url)
    } else {
        let url = store.signed(Method::PUT, "", &[("lifecycle", "")], 60).await?;
        let body = format!(
            "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}\
             </LifecycleConfiguration>",
            rules.concat()
        );
        // The service asks for this one digest here, and for no other.
        let digest = STANDARD.encode(Md5::digest(&body));
        outbound.put(&url).header("content-md5", digest).body(body)
    };
    let answer = request.send().await.map_err(|e| failed("does not answer", e.without_url()))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let text = answer.text().await.unwrap_or_default();
    Err(refused(status, &text))
}

fn refused(status: StatusCode, text: &str) -> Error {
    let code = inside(text, "Code").unwrap_or_default();
    let what = if status == StatusCode::NOT_IMPLEMENTED || code == "NotImplemented" {
        "has no lifecycle rules: leave abort_uploads_days and move_days at 0"
    } else {
        "refuses lifecycle rules"
    };
    let said = inside(text, "Message").unwrap_or_default();
    failed(what, std::io::Error::other(format!("{status} {code}: {said}")))
}

fn failed(what: &str, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    let text = format!("the file store {what}");
    Error::new(Kind::Unavailable, "blob_store_unavailable", text).caused_by(cause)
}

/// Every `<Rule>` of a configuration, as it is written. Rules hold no rules.
fn rules(text: &str) -> Vec<String> {
    let parts = text.split("<Rule>").skip(1).filter_map(|part| part.split_once("</Rule>"));
    parts.map(|(rule, _)| format!("<Rule>{rule}</Rule>")).collect()
}

fn is_ours(rule: &str) -> bool {
    inside(rule, "ID").is_some_and(|name| [UPLOADS, OLDER].contains(&name))
}

impl Rule {
    fn xml(&self) -> String {
        let action = match &self.class {
            None => format!(
                "<AbortIncompleteMultipartUpload><DaysAfterInitiation>{}</DaysAfterInitiation>\
                 </AbortIncompleteMultipartUpload>",
                self.days
            ),
            Some(class) => format!(
                "<Transition><Days>{}</Days><StorageClass>{class}</StorageClass></Transition>",
                self.days
            ),
        };
        format!(
            "<Rule><ID>{}</ID><Filter><Prefix>{}</Prefix></Filter><Status>Enabled</Status>\
             {action}</Rule>",
            self.name,
            escaped(&self.prefix)
        )
    }

    fn read(text: &str) -> Self {
        let part = |name: &str| inside(text, name).unwrap_or_default().trim().to_owned();
        let days = inside(text, "DaysAfterInitiation").or_else(|| inside(text, "Days"));
        Self {
            name: part("ID"),
            prefix: unescaped(&part("Prefix")),
            enabled: part("Status") == "Enabled",
            days: days.and_then(|d| d.trim().parse().ok()).unwrap_or(0),
            class: inside(text, "StorageClass").map(str::to_owned),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
