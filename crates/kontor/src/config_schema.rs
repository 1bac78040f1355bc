//! The JSON Schema of the configuration, made from the manual: names, types, defaults, sentences.

use kernel::Error;
use serde_json::{Map, Value, json};

use crate::config::{Config, MANUAL};

/// The one list that is not of texts.
const TABLES: &str = "identity.issuers";

/// The JSON Schema of a configuration file, as pretty text with a line end.
///
/// # Errors
/// When the embedded manual is not valid, which a test excludes.
pub fn config_schema() -> Result<String, Error> {
    let loaded = platform::config::load::<Config>(MANUAL, None, std::iter::empty(), &[])?;
    let sentences = sentences(MANUAL);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of Kontor",
        "type": "object",
        "additionalProperties": false,
    });
    for (name, default) in platform::config::flatten(&loaded.table) {
        let default = serde_json::to_value(default)
            .map_err(|e| Error::internal("a default is no JSON").caused_by(e))?;
        let about = sentences.iter().find(|(n, _)| *n == name).map_or("", |(_, s)| s);
        let mut known = type_of(&default);
        if name == TABLES {
            known.insert("items".into(), json!({ "type": "object" }));
        }
        known.insert("description".into(), about.into());
        known.insert("default".into(), default);
        put(&mut schema, &name, Value::Object(known));
    }
    Ok(format!("{schema:#}\n"))
}

/// Puts a key at its place: `a.b.c` under the sections `a` and `b`.
fn put(schema: &mut Value, name: &str, known: Value) {
    let Some((section, rest)) = name.split_once('.') else {
        schema["properties"][name] = known;
        return;
    };
    let inner = &mut schema["properties"][section];
    if inner.is_null() {
        *inner = json!({ "type": "object", "additionalProperties": false });
    }
    put(inner, rest, known);
}

/// The comment above each key, by dotted name.
fn sentences(manual: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut section, mut about) = (String::new(), Vec::new());
    for line in manual.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            about.push(comment.trim());
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name.to_owned();
        } else if let Some((key, _)) = line.split_once(" = ") {
            found.push((format!("{section}.{key}"), about.join(" ")));
        }
        about.clear();
    }
    found
}

fn type_of(default: &Value) -> Map<String, Value> {
    let known = match default {
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Number(_) => json!({ "type": "integer" }),
        Value::Array(_) => json!({ "type": "array", "items": { "type": "string" } }),
        _ => json!({ "type": "string" }),
    };
    known.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(section: &Value) {
        for (key, known) in section["properties"].as_object().unwrap() {
            if known["type"] == "object" {
                check(known);
            } else {
                assert_ne!(known["description"], "", "{key} has no comment in config/default.toml");
            }
        }
    }

    #[test]
    fn every_key_has_a_type_and_a_sentence() {
        let schema: Value = serde_json::from_str(&config_schema().unwrap()).unwrap();
        let limit = &schema["properties"]["server"]["properties"]["body_limit_bytes"];
        assert_eq!((&limit["type"], &limit["default"]), (&json!("integer"), &json!(1_048_576)));
        let fee = "/properties/settings/properties/deals/properties/valuation/properties/fee_bp";
        assert_eq!(schema.pointer(fee).unwrap()["default"], 1_000);
        check(&schema);
    }
}
