//! The words of a document, by key, with places for figures.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Broken;
use super::locale::Language;
use super::model::{Party, Templates};

/// The words of one language.
pub(super) struct Words {
    pub(super) known: HashMap<String, String>,
    pub(super) language: Language,
}

impl Words {
    pub(super) fn of(templates: &Templates, language: Language) -> Result<Self, Broken> {
        let text = match language {
            Language::En => &templates.words_en,
            Language::Sv => &templates.words_sv,
        };
        let known = serde_json::from_str(text)
            .map_err(|e| Broken { message: format!("words.{}.json: {e}", language.code()) })?;
        Ok(Self { known, language })
    }

    /// The word, or its key, so that a forgotten word is seen and nothing fails.
    pub(super) fn get(&self, key: &str) -> String {
        self.known.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    pub(super) fn with(&self, key: &str, parts: &[(&str, &str)]) -> String {
        parts
            .iter()
            .fold(self.get(key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    pub(super) fn term(&self, years: Option<u32>) -> String {
        match years {
            None => self.get("life"),
            Some(1) => self.get("year"),
            Some(n) => self.with("years", &[("n", &n.to_string())]),
        }
    }

    pub(super) fn party(&self, party: &Party) -> Value {
        let parts = [&party.username, &party.platform, &party.country];
        let detail: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
        json!({ "name": party.display_name, "detail": detail.join(" · ") })
    }

    pub(super) fn decimal(&self, text: &str) -> String {
        self.language.decimal(text)
    }
}
