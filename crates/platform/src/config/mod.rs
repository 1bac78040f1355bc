//! Loading of the program's own configuration: the embedded manual (`config/default.toml`),
//! overlaid by a profile, a file, `KONTOR_*` environment and `--set`, in this order.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where the house reads the environment"
)]

mod check;

use std::collections::BTreeMap;
use std::path::Path;

use kernel::Error;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// Where each value came from, by dotted name.
pub type Provenance = BTreeMap<String, &'static str>;

/// A configuration and where each value came from.
pub struct Loaded<T> {
    /// The typed configuration.
    pub config: T,
    /// The merged table, for `kontor config print`.
    pub table: Table,
    /// Source of each dotted key.
    pub provenance: Provenance,
}

/// What a configuration is made of; each lies over the ones before it.
pub struct Sources<'a> {
    /// The manual: every key with its default.
    pub manual: &'a str,
    /// Name and text of a profile.
    pub profile: Option<(&'a str, &'a str)>,
    /// A file.
    pub file: Option<&'a Path>,
    /// The process's variables; only `KONTOR_SECTION__KEY` are read.
    pub environment: Vec<(String, String)>,
    /// `section.key=value` texts.
    pub sets: &'a [String],
}

/// Loads a configuration without a profile; see [`Sources`].
///
/// # Errors
/// As [`load_from`].
pub fn load<T: DeserializeOwned>(
    manual: &str,
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
    sets: &[String],
) -> Result<Loaded<T>, Error> {
    let environment = environment.collect();
    load_from(Sources { manual, profile: None, file, environment, sets })
}

/// Loads a configuration.
///
/// # Errors
/// Every setting that is wrong, one a line, with where it stands: unknown ones with the nearest
/// known one, wrong types with what is allowed.
pub fn load_from<T: DeserializeOwned>(sources: Sources<'_>) -> Result<Loaded<T>, Error> {
    let mut table: Table = parse("the embedded default", sources.manual)?;
    let known = flatten(&table);
    let mut provenance: Provenance = known.keys().map(|k| (k.clone(), "default")).collect();
    let mut faults = Vec::new();
    let mut overlay = |name: String, value: Value, source: &'static str, from: &str| {
        if let Some(fault) = check::wrong_with(&known, &name, &value, from) {
            faults.push(fault);
            return;
        }
        put(&mut table, &name, value);
        provenance.insert(name, source);
    };
    if let Some((profile, text)) = sources.profile {
        let from = format!("profile {profile}");
        for (name, value) in flatten(&parse(&from, text)?) {
            overlay(name, value, "profile", &from);
        }
    }
    if let Some(path) = sources.file {
        let text = std::fs::read_to_string(path).map_err(|e| {
            wrong(format!("the configuration file {} cannot be read: {e}", path.display()))
        })?;
        let from = path.display().to_string();
        for (name, value) in flatten(&parse(&from, &text)?) {
            overlay(name, value, "file", &from);
        }
    }
    for (variable, text) in sources.environment {
        let Some(rest) = variable.strip_prefix("KONTOR_").filter(|r| r.contains("__")) else {
            continue;
        };
        let name = rest.to_ascii_lowercase().replace("__", ".");
        let value = scalar(known.get(&name), &text);
        overlay(name, value, "environment", &variable);
    }
    for set in sources.sets {
        let (name, text) = set
            .split_once('=')
            .ok_or_else(|| wrong(format!("--set {set}: write it as section.key=value")))?;
        overlay(name.into(), scalar(known.get(name), text), "--set", "--set");
    }
    if !faults.is_empty() {
        return Err(wrong(faults.join("\n")));
    }
    let config = T::deserialize(Value::Table(table.clone()))
        .map_err(|e| wrong(format!("the configuration is not valid: {}", e.to_string().trim())))?;
    Ok(Loaded { config, table, provenance })
}

/// A value as it may be shown: secrets are not.
pub fn masked(name: &str, value: &Value) -> String {
    let key = name.rsplit('.').next().unwrap_or_default();
    let secret = ["password", "secret", "token"].iter().any(|word| key.contains(word))
        || key == "key"
        || key.ends_with("_key");
    // What ends in _file names a place, and a number or a switch hides nothing.
    match value {
        Value::String(text) if text.is_empty() || key.ends_with("_file") => value.to_string(),
        Value::String(_) if secret => Value::String(HIDDEN.into()).to_string(),
        Value::String(text) => Value::String(without_password(text)).to_string(),
        Value::Array(items) => {
            let shown: Vec<String> = items.iter().map(|item| masked(name, item)).collect();
            format!("[{}]", shown.join(", "))
        }
        Value::Table(fields) => {
            let shown = fields.iter().map(|(key, value)| format!("{key} = {}", masked(key, value)));
            format!("{{ {} }}", shown.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

const HIDDEN: &str = "***";

/// A URL with the password in it hidden; any other text as it is.
pub fn without_password(text: &str) -> String {
    let hidden = || {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        // A password may hold an @: the last one before the path ends it.
        let (login, host) = rest[..end].rsplit_once('@')?;
        let (user, _) = login.split_once(':')?;
        Some(format!("{scheme}://{user}:{HIDDEN}@{host}{}", &rest[end..]))
    };
    hidden().unwrap_or_else(|| text.to_owned())
}

fn wrong(message: String) -> Error {
    Error::new(kernel::Kind::Invalid, "invalid_configuration", message)
}

fn parse(from: &str, text: &str) -> Result<Table, Error> {
    text.parse::<Table>().map_err(|e| wrong(format!("{from}: {e}")))
}

/// Dotted names and their values; tables inside are opened.
pub fn flatten(table: &Table) -> BTreeMap<String, Value> {
    fn walk(prefix: &str, table: &Table, out: &mut BTreeMap<String, Value>) {
        for (key, value) in table {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value {
                Value::Table(inner) => walk(&name, inner, out),
                other => {
                    out.insert(name, other.clone());
                }
            }
        }
    }
    let mut out = BTreeMap::new();
    walk("", table, &mut out);
    out
}

fn put(table: &mut Table, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            table.insert(name.into(), value);
        }
        Some((head, rest)) => {
            let inner = table.entry(head).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// A text from the environment or the command line, in the type that the default has.
fn scalar(default: Option<&Value>, text: &str) -> Value {
    let parsed = match default {
        Some(Value::Integer(_)) => text.parse().ok().map(Value::Integer),
        Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
        // A list of tables is written as TOML has it: `[{ name = "x" }]`.
        Some(Value::Array(_)) if text.trim_start().starts_with('[') => {
            format!("v = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("v"))
        }
        Some(Value::Array(_)) => {
            Some(Value::Array(text.split(',').map(|t| Value::String(t.trim().into())).collect()))
        }
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::String(text.into()))
}

/// The process's environment.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct C {
        server: S,
    }

    #[derive(serde::Deserialize)]
    struct S {
        address: String,
        body_limit_bytes: u64,
    }

    const MANUAL: &str = "[server]\naddress = \"127.0.0.1:3000\"\nbody_limit_bytes = 10\n";

    fn with(env: &[(&str, &str)], sets: &[&str]) -> Result<Loaded<C>, Error> {
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
        load(MANUAL, None, env, &sets)
    }

    #[test]
    fn later_sources_win_and_are_named() {
        let l = with(
            &[("KONTOR_SERVER__BODY_LIMIT_BYTES", "20"), ("PATH", "x")],
            &["server.address=0.0.0.0:1"],
        )
        .unwrap();
        assert_eq!(l.config.server.body_limit_bytes, 20);
        assert_eq!(l.config.server.address, "0.0.0.0:1");
        assert_eq!(l.provenance["server.body_limit_bytes"], "environment");
        assert_eq!(l.provenance["server.address"], "--set");
    }

    #[test]
    fn a_wrong_key_names_the_nearest() {
        let e = with(&[], &["server.adress=x"]).err().unwrap();
        assert!(e.message.contains("did you mean 'server.address'"), "{}", e.message);
        assert!(with(&[("KONTOR_SERVER__BODY_LIMIT_BYTES", "many")], &[]).is_err());
    }

    #[test]
    fn a_wrong_setting_is_told_with_its_place_and_what_is_right() {
        let said = |env: &[(&str, &str)], sets: &[&str]| with(env, sets).err().unwrap().message;
        for (sets, says) in [
            (
                ["server.adress=x"],
                "--set: there is no setting 'server.adress'; did you mean \
                                   'server.address'?",
            ),
            (["web.address=x"], "did you mean 'server.address'?"),
            (["server=x"], "it is a section: write [server]"),
            (
                ["server.body_limit_bytes=many"],
                "--set: 'server.body_limit_bytes' must be a whole \
                                                number, not \"many\"",
            ),
        ] {
            assert!(said(&[], &sets).contains(says), "{sets:?}: {}", said(&[], &sets));
        }
        assert!(!said(&[], &["nothing.like.it=x"]).contains("did you mean"));
        let both = said(&[("KONTOR_SERVER__BODY_LIMIT_BYTES", "1.5")], &["server.adress=x"]);
        assert!(both.starts_with("KONTOR_SERVER__BODY_LIMIT_BYTES: "), "{both}");
        assert_eq!(both.lines().count(), 2, "all of them at once: {both}");
    }

    #[test]
    fn a_profile_lies_between_the_defaults_and_everything_else() {
        let load = |profile: &str, sets: &[String]| {
            load_from::<C>(Sources {
                manual: MANUAL,
                profile: Some(("tall", profile)),
                file: None,
                environment: Vec::new(),
                sets,
            })
        };
        let text = "[server]\nbody_limit_bytes = 30\naddress = \"a\"\n";
        let loaded = load(text, &["server.address=b".to_owned()]).unwrap();
        let server = &loaded.config.server;
        assert_eq!((server.body_limit_bytes, server.address.as_str()), (30, "b"));
        assert_eq!(loaded.provenance["server.body_limit_bytes"], "profile");
        let e = load("[server]\naddress = 7\n", &[]).err().unwrap();
        assert_eq!(e.message, "profile tall: 'server.address' must be a text in quotes, not 7");
    }

    #[test]
    fn a_list_of_tables_is_read_and_its_secrets_are_not_shown() {
        #[derive(serde::Deserialize)]
        struct Houses {
            houses: Vec<House>,
        }
        #[derive(serde::Deserialize)]
        struct House {
            name: String,
        }
        let given = |set: &str| load::<Houses>("houses = []", None, [].into_iter(), &[set.into()]);
        let read = given(r#"houses=[{ name = "a", client_secret = "s3cret" }]"#).unwrap();
        assert_eq!(read.config.houses[0].name, "a");
        let shown = masked("houses", &read.table["houses"]);
        assert_eq!(shown, r#"[{ client_secret = "***", name = "a" }]"#);
        assert!(given(r#"houses=["a", { name = "b" }]"#).is_err());
        assert!(given("houses=[1]").is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = |name: &str, text: &str| masked(name, &Value::String(text.into()));
        assert_eq!(shown("mail.password", "x"), "\"***\"");
        assert_eq!(shown("rails.stripe_key", "sk_1"), "\"***\"");
        assert_eq!(shown("mail.password", ""), "\"\"");
        assert_eq!(shown("blobs.secret_key_file", "/run/key"), "\"/run/key\"");
        let url = "postgres://kontor:p@ss:w@db:5432/k?a=b@c";
        assert_eq!(shown("database.url", url), "\"postgres://kontor:***@db:5432/k?a=b@c\"");
        assert_eq!(without_password("postgres://kontor@db/k"), "postgres://kontor@db/k");
        assert_eq!(without_password("sqlite:data/a:b@c.db"), "sqlite:data/a:b@c.db");
    }
}
