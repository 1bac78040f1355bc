//! Rules by which the service itself treats files as time passes: parts of uploads that were
//! broken off are removed, older files move to a cheaper class. No rule ever removes a file.
//!
//! The service takes all rules of a bucket at once (`PutBucketLifecycleConfiguration`), so those
//! of others are read first and sent back as they are. What is not understood is not touched.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use kernel::{Error, Kind};
use md5::{Digest as _, Md5};
use object_store::path::Path as Key;
use object_store::signer::{SignedUrlOptions, Signer as _};

use super::rule::{self, Rule};
use super::{S3, inside, unavailable};
use crate::blobs::Config;
use crate::outbound::Outbound;

/// A setting of the whole bucket that is read and written with its rules.
const LEAST_SIZE: HeaderName =
    HeaderName::from_static("x-amz-transition-default-minimum-object-size");
/// Classes whose files can be read at once, and the fewest days before a file may move there;
/// from the others files must be asked back for hours.
const CLASSES: [(&str, u32); 4] =
    [("STANDARD_IA", 30), ("ONEZONE_IA", 30), ("INTELLIGENT_TIERING", 1), ("GLACIER_IR", 1)];
const DEADLINE_MS: u64 = 10_000;
const SIGNED_FOR: std::time::Duration = std::time::Duration::from_secs(60);

/// Rules of the house: those of the bucket, and those of the configuration.
#[derive(Debug, serde::Serialize)]
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

/// What a bucket says of its rules.
#[derive(Default)]
struct Found {
    /// Each as it is written.
    rules: Vec<String>,
    least_size: Option<HeaderValue>,
}

/// The rules of the configured bucket; with `apply` they are made what is configured.
///
/// # Errors
/// `Invalid` when the store is no bucket or a setting is wrong, `Unavailable` when the service
/// does not answer, refuses, has no such rules, or has some that are not understood.
pub async fn lifecycle(config: &Config, apply: bool) -> Result<Lifecycle, Error> {
    if config.url.is_empty() {
        return Err(wrong("url is empty: a folder has no rules of its own"));
    }
    let store = S3::open(config)?;
    // As the keys begin: what an address may not hold is written otherwise there.
    let prefix = Key::from(store.prefix.as_str());
    let prefix =
        if prefix.as_ref().is_empty() { String::new() } else { format!("{}/", prefix.as_ref()) };
    let wanted = wanted(config, &prefix)?;
    let found = read(&store).await?;
    let before = compare(&found, &prefix, &wanted);
    if !apply || before.is_as_wanted() {
        return Ok(before);
    }
    let mut all: Vec<String> =
        found.rules.iter().filter(|text| !rule::is_of(text, &prefix)).cloned().collect();
    // A service refuses a mixture of rules of both versions of this interface.
    let old_form = all.iter().any(|text| !text.contains("<Filter"));
    all.extend(wanted.iter().map(|rule| rule.xml(old_form)));
    write(&store, &all, found.least_size).await?;
    Ok(compare(&read(&store).await?, &prefix, &wanted))
}

fn compare(found: &Found, prefix: &str, wanted: &[Rule]) -> Lifecycle {
    let ours = found.rules.iter().filter(|text| rule::is_of(text, prefix));
    let mut there: Vec<Rule> = ours.map(|text| Rule::read(text)).collect();
    there.sort_by(|a, b| a.name.cmp(&b.name));
    let others = found.rules.len() - there.len();
    Lifecycle { there, wanted: wanted.to_vec(), others }
}

/// What is configured, by name.
fn wanted(config: &Config, prefix: &str) -> Result<Vec<Rule>, Error> {
    let mut rules = Vec::new();
    if config.abort_uploads_days > 0 {
        rules.push(Rule::for_uploads(prefix, config.abort_uploads_days));
    }
    if config.move_days > 0 {
        let class = config.move_class.as_str();
        let known: Vec<&str> = CLASSES.iter().map(|c| c.0).collect();
        let Some((_, least)) = CLASSES.iter().find(|c| c.0 == class) else {
            return Err(wrong(&format!(
                "move_class: '{class}' is not one of {}: files must be there at once",
                known.join(", ")
            )));
        };
        if config.move_days < *least {
            let days = config.move_days;
            return Err(wrong(&format!("move_days: {days}: {class} takes files of {least} days")));
        }
        rules.push(Rule::for_older(prefix, config.move_days, class));
    }
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rules)
}

fn wrong(what: &str) -> Error {
    Error::new(Kind::Invalid, "invalid_configuration", format!("blobs.{what}"))
}

async fn read(store: &S3) -> Result<Found, Error> {
    let url = signed(store, Method::GET, None).await?;
    let answer = Outbound::new(DEADLINE_MS)?.get(&url).send().await;
    let answer = answer.map_err(|e| failed("does not answer", e.without_url()))?;
    let (status, least_size) = (answer.status(), answer.headers().get(LEAST_SIZE).cloned());
    let text = answer.text().await;
    let text = text.map_err(|e| failed("does not answer", e.without_url()))?;
    match (status, inside(&text, "Code")) {
        (StatusCode::OK, _) => {
            let rules = rule::all(&text).ok_or_else(|| {
                let cause = std::io::Error::other(text.chars().take(300).collect::<String>());
                failed("has lifecycle rules in a form that is not known here", cause)
            })?;
            Ok(Found { rules, least_size })
        }
        (_, Some("NoSuchLifecycleConfiguration")) => Ok(Found::default()),
        _ => Err(refused(status, &text)),
    }
}

async fn write(store: &S3, rules: &[String], least_size: Option<HeaderValue>) -> Result<(), Error> {
    let outbound = Outbound::new(DEADLINE_MS)?;
    let request = if rules.is_empty() {
        outbound.delete(&signed(store, Method::DELETE, None).await?)
    } else {
        let url = signed(store, Method::PUT, least_size.clone()).await?;
        let body = format!(
            "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}\
             </LifecycleConfiguration>",
            rules.concat()
        );
        // The service asks for this one digest here, and for no other.
        let digest = STANDARD.encode(Md5::digest(&body));
        let request = outbound.put(&url).header("content-md5", digest).body(body);
        match least_size {
            Some(size) => request.header(LEAST_SIZE, size),
            None => request,
        }
    };
    let answer = request.send().await.map_err(|e| failed("does not answer", e.without_url()))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let text = answer.text().await.unwrap_or_default();
    Err(refused(status, &text))
}

async fn signed(
    store: &S3,
    method: Method,
    least_size: Option<HeaderValue>,
) -> Result<String, Error> {
    let mut options = SignedUrlOptions::default().with_query([("lifecycle", "")]);
    if let Some(size) = least_size {
        options = options.with_signed_header(LEAST_SIZE, size);
    }
    let bucket = Key::default();
    let url = store.store.signed_url_opts(method, &bucket, SIGNED_FOR, &options).await;
    url.map(String::from).map_err(unavailable)
}

fn refused(status: StatusCode, text: &str) -> Error {
    let code = inside(text, "Code").unwrap_or_default();
    let what = match code {
        "NoSuchBucket" => "has no such bucket",
        "AccessDenied" => "does not let these keys read or change lifecycle rules",
        _ if status == StatusCode::NOT_IMPLEMENTED => {
            "has no lifecycle rules: leave abort_uploads_days and move_days at 0"
        }
        _ => "refuses lifecycle rules",
    };
    let said = inside(text, "Message").unwrap_or_default();
    failed(what, std::io::Error::other(format!("{status} {code}: {said}")))
}

fn failed(what: &str, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    let text = format!("the file store {what}");
    Error::new(Kind::Unavailable, "blob_store_unavailable", text).caused_by(cause)
}
