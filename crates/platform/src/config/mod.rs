//! Loading of the program's own configuration: the embedded manual (`config/default.toml`),
//! overlaid by a file, `KONTOR_*` environment and `--set`, in this order.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where the house reads the environment"
)]

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

/// Loads a configuration.
///
/// `environment` holds the process's variables; only `KONTOR_SECTION__KEY` are read.
/// `sets` holds `section.key=value` texts.
///
/// # Errors
/// A sentence naming the source and the key; unknown keys come with the nearest known one.
pub fn load<T: DeserializeOwned>(
    manual: &str,
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
    sets: &[String],
) -> Result<Loaded<T>, Error> {
    let mut table: Table = parse("the embedded default", manual)?;
    let known = flatten(&table);
    let mut provenance: Provenance = known.keys().map(|k| (k.clone(), "default")).collect();
    let mut overlay = |name: String, value: Value, source: &'static str, from: &str| {
        check_known(&known, &name, from)?;
        put(&mut table, &name, value);
        provenance.insert(name, source);
        Ok::<(), Error>(())
    };
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|e| {
            wrong(format!("the configuration file {} cannot be read: {e}", path.display()))
        })?;
        let from = path.display().to_string();
        for (name, value) in flatten(&parse(&from, &text)?) {
            overlay(name, value, "file", &from)?;
        }
    }
    for (variable, text) in environment {
        let Some(rest) = variable.strip_prefix("KONTOR_").filter(|r| r.contains("__")) else {
            continue;
        };
        let name = rest.to_ascii_lowercase().replace("__", ".");
        let value = scalar(known.get(&name), &text);
        overlay(name, value, "environment", &variable)?;
    }
    for set in sets {
        let (name, text) = set
            .split_once('=')
            .ok_or_else(|| wrong(format!("--set {set}: write it as section.key=value")))?;
        overlay(name.into(), scalar(known.get(name), text), "--set", "--set")?;
    }
    let config = T::deserialize(Value::Table(table.clone()))
        .map_err(|e| wrong(format!("the configuration is not valid: {}", e.to_string().trim())))?;
    Ok(Loaded { config, table, provenance })
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
        Some(Value::Array(_)) => {
            Some(Value::Array(text.split(',').map(|t| Value::String(t.trim().into())).collect()))
        }
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::String(text.into()))
}

fn check_known(known: &BTreeMap<String, Value>, name: &str, from: &str) -> Result<(), Error> {
    if known.contains_key(name) {
        return Ok(());
    }
    let nearest = known.keys().min_by_key(|k| distance(k, name));
    let hint = nearest
        .filter(|k| distance(k, name) <= 4)
        .map(|k| format!("; did you mean '{k}'?"))
        .unwrap_or_default();
    Err(wrong(format!("{from}: there is no setting '{name}'{hint}")))
}

/// Levenshtein distance, for "did you mean".
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = (row[j + 1] + 1).min(row[j] + 1).min(diagonal + usize::from(ca != *cb));
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
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
}
