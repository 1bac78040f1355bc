//! What is wrong with a setting: a name that is none, or a value of another type.

use std::collections::BTreeMap;

use toml::Value;

/// Every setting with its default, by dotted name.
pub(super) type Known = BTreeMap<String, Value>;

/// As many wrong letters are still a slip.
const SLIP: usize = 4;

/// What is wrong with `name = value`, if anything; `from` says where it stands.
pub(super) fn wrong_with(known: &Known, name: &str, value: &Value, from: &str) -> Option<String> {
    let Some(default) = known.get(name) else {
        return Some(format!("{from}: there is no setting '{name}'{}", hint(known, name)));
    };
    let wanted = kind(default);
    let right = match (default, value) {
        // A list is of texts or of tables; which of them, the type it is read into knows.
        (Value::Array(_), Value::Array(items)) => {
            items.iter().all(Value::is_str) || items.iter().all(Value::is_table)
        }
        _ => default.same_type(value),
    };
    (!right).then(|| format!("{from}: '{name}' must be {wanted}, not {}", shown(name, value)))
}

fn shown(name: &str, value: &Value) -> String {
    let text = super::masked(name, value);
    if text.chars().count() > 60 {
        return format!("{}...", text.chars().take(60).collect::<String>());
    }
    text
}

fn kind(default: &Value) -> &'static str {
    match default {
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list of texts, [\"a\", \"b\"]",
        _ => "a text in quotes",
    }
}

/// "Did you mean", when something is near: the same key of another section, or a slip.
fn hint(known: &Known, name: &str) -> String {
    let section = format!("{name}.");
    if known.keys().any(|k| k.starts_with(&section)) {
        return format!("; it is a section: write [{name}]");
    }
    let key = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let same: Vec<&String> = known.keys().filter(|k| key(k) == key(name)).collect();
    if let [only] = same.as_slice() {
        return format!("; did you mean '{only}'?");
    }
    let nearest = known
        .keys()
        .map(|k| (strsim::damerau_levenshtein(k, name), k))
        .min()
        .filter(|(distance, _)| *distance <= SLIP);
    nearest.map(|(_, k)| format!("; did you mean '{k}'?")).unwrap_or_default()
}
