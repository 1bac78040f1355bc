//! One lifecycle rule as the S3 API writes it (API reference, `LifecycleRule`).

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::inside;

const UPLOADS: &str = "kontor-broken-uploads";
const OLDER: &str = "kontor-older-files";

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
    /// What somebody else has added to it: the names of elements that the house does not write.
    pub added: Vec<String>,
}

/// Two houses may share a bucket: a name tells which one's rule it is.
fn name(kind: &str, prefix: &str) -> String {
    format!("{kind}-{}", &hex::encode(Sha256::digest(prefix))[..8])
}

/// Whether a rule is one of the house with that prefix.
pub(super) fn is_of(text: &str, prefix: &str) -> bool {
    let id = inside(text, "ID").unwrap_or_default().trim();
    [UPLOADS, OLDER].iter().any(|kind| name(kind, prefix) == id)
}

/// Every `<Rule>` of a configuration, as it is written; `None` when there is anything else.
pub(super) fn all(text: &str) -> Option<Vec<String>> {
    let (_, rest) = text.split_once("<LifecycleConfiguration")?;
    let (_, rest) = rest.split_once('>')?;
    let (mut rest, _) = rest.split_once("</LifecycleConfiguration>")?;
    let mut rules = Vec::new();
    while let Some(next) = rest.trim_start().strip_prefix("<Rule>") {
        let (rule, after) = next.split_once("</Rule>")?;
        rules.push(format!("<Rule>{rule}</Rule>"));
        rest = after;
    }
    rest.trim().is_empty().then_some(rules)
}

impl Rule {
    pub(super) fn for_uploads(prefix: &str, days: u32) -> Self {
        let name = name(UPLOADS, prefix);
        let (prefix, added) = (prefix.to_owned(), Vec::new());
        Self { name, prefix, enabled: true, days, class: None, added }
    }

    pub(super) fn for_older(prefix: &str, days: u32, class: &str) -> Self {
        let name = name(OLDER, prefix);
        let (prefix, added) = (prefix.to_owned(), Vec::new());
        Self { name, prefix, enabled: true, days, class: Some(class.to_owned()), added }
    }

    /// As it is sent; in the old form the prefix stands without a filter.
    pub(super) fn xml(&self, old_form: bool) -> String {
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
        let mut covers = format!("<Prefix>{}</Prefix>", escaped(&self.prefix));
        if !old_form {
            covers = format!("<Filter>{covers}</Filter>");
        }
        format!("<Rule><ID>{}</ID>{covers}<Status>Enabled</Status>{action}</Rule>", self.name)
    }

    pub(super) fn read(text: &str) -> Self {
        let part = |name: &str| inside(text, name).unwrap_or_default().trim().to_owned();
        let days = inside(text, "DaysAfterInitiation").or_else(|| inside(text, "Days"));
        let mut rule = Self {
            name: part("ID"),
            prefix: unescaped(&part("Prefix")),
            enabled: part("Status") == "Enabled",
            days: days.and_then(|d| d.trim().parse().ok()).unwrap_or(0),
            class: inside(text, "StorageClass").map(str::to_owned),
            added: Vec::new(),
        };
        let own = rule.xml(false);
        let mut own: Vec<&str> = elements(&own).collect();
        rule.added = elements(text)
            .filter(|name| match own.iter().position(|own| own == name) {
                Some(place) => {
                    own.swap_remove(place);
                    false
                }
                None => true,
            })
            .map(str::to_owned)
            .collect();
        rule
    }
}

/// The names of all elements, in their order.
fn elements(text: &str) -> impl Iterator<Item = &str> {
    let tags = text.split('<').skip(1).filter(|tag| !tag.starts_with('/'));
    tags.filter_map(|tag| tag.split(['>', ' ', '/']).next())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
