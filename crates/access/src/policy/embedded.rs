//! Rego evaluated in process, on a set of policies that can be exchanged while we run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arc_swap::ArcSwapOption;
use kernel::{Error, Principal, Role, Timestamp};
use regorus::Engine;
use sha2::{Digest as _, Sha256};

use super::model::{Answer, Question, Verdict, away};

/// The embedded policies, by file name.
pub const POLICIES: &[(&str, &str)] =
    &[("authz/decision.rego", include_str!("../../../../policies/authz/decision.rego"))];

const RULE: &str = "data.kontor.authz.decision";
/// Answers that are remembered before the memory of them starts anew.
const MANY: usize = 10_000;

/// One set of policies, parsed.
pub(super) struct Loaded {
    engine: Mutex<Engine>,
    /// A text never changes its mind: the same input has the same answer.
    decided: RwLock<HashMap<String, Verdict>>,
    /// The house's own policy looks at roles and action alone; others may look at everything.
    own: bool,
    /// Names the text.
    pub(super) revision: Arc<str>,
    /// When it was loaded.
    pub(super) loaded_at: Timestamp,
}

/// A policy file: path and text.
pub(super) type File = (String, String);

impl Loaded {
    /// Parses `files` and has them answer once.
    ///
    /// # Errors
    /// `Internal` with the engine's own words.
    pub(super) fn parse(
        files: &[File],
        data: Option<serde_json::Value>,
        revision: Option<String>,
        own: bool,
        loaded_at: Timestamp,
    ) -> Result<Self, Error> {
        let mut engine = Engine::new();
        let mut digest = Sha256::new();
        let wrong =
            |name: &str, e: &dyn std::fmt::Display| Error::internal(format!("policy {name}: {e}"));
        for (name, text) in files {
            engine.add_policy(name.clone(), text.clone()).map_err(|e| wrong(name, &e))?;
            digest.update(text);
        }
        if let Some(data) = data {
            engine.add_data_json(&data.to_string()).map_err(|e| wrong("data.json", &e))?;
            digest.update(data.to_string());
        }
        let made = hex::encode(digest.finalize());
        let revision = revision.unwrap_or_else(|| made[..16].to_owned());
        let loaded = Self {
            engine: Mutex::new(engine),
            decided: RwLock::default(),
            own,
            revision: revision.into(),
            loaded_at,
        };
        loaded.try_out()?;
        Ok(loaded)
    }

    /// A set that cannot say no to a stranger, or says nothing at all, is not a policy.
    fn try_out(&self) -> Result<(), Error> {
        let stranger = Question::new(&Principal::anonymous(), "policy.try_out")?;
        let admin = Question::new(&Principal::of_house("try", Role::Admin), "policy.read")?;
        let said = self.evaluate(&stranger).and_then(|v| self.evaluate(&admin).map(|_| v));
        match said {
            Ok(Verdict::Denied) => Ok(()),
            Ok(_) => Err(Error::internal("the policy lets strangers do what nobody ever heard of")),
            Err(e) => {
                let why = e.source.map_or_else(String::new, |s| s.to_string());
                Err(Error::internal(format!("the policy does not answer {RULE}: {why}")))
            }
        }
    }

    fn verdict(&self, question: &Question) -> Result<Verdict, Error> {
        let key = if self.own { &question.short } else { &question.input };
        let known = self.decided.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = known.get(key) {
            return Ok(*verdict);
        }
        drop(known);
        let verdict = self.evaluate(question)?;
        let mut known = self.decided.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MANY {
            known.clear();
        }
        known.insert(key.clone(), verdict);
        Ok(verdict)
    }

    fn evaluate(&self, question: &Question) -> Result<Verdict, Error> {
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        engine.set_input_json(&question.input).map_err(away)?;
        let answer = engine.eval_rule(RULE.to_owned()).map_err(away)?;
        if answer == regorus::Value::Undefined {
            return Err(away(format!("{RULE} is undefined")));
        }
        let text = answer.to_json_str().map_err(away)?;
        let answer: serde_json::Value = serde_json::from_str(&text).map_err(away)?;
        Ok(Verdict::of(&answer))
    }
}

/// Evaluates policies in process.
///
/// Without any it answers nothing: policies that come from elsewhere are not there yet.
#[derive(Default)]
pub struct Embedded(ArcSwapOption<Loaded>);

impl Embedded {
    /// Loads the policies that are part of the program.
    ///
    /// # Errors
    /// `Internal` with the engine's own words when a policy does not parse.
    pub fn load(now: Timestamp) -> Result<Self, Error> {
        let own: Vec<File> =
            POLICIES.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        Ok(Self(ArcSwapOption::from_pointee(Loaded::parse(&own, None, None, true, now)?)))
    }

    pub(super) fn ask(&self, question: &Question) -> Result<Answer, Error> {
        let loaded = self.0.load();
        let loaded = loaded.as_ref().ok_or_else(|| away("no policy was loaded yet"))?;
        let verdict = loaded.verdict(question)?;
        Ok(Answer { verdict, revision: Arc::clone(&loaded.revision) })
    }

    /// What is in force.
    pub(super) fn current(&self) -> Option<Arc<Loaded>> {
        self.0.load_full()
    }

    /// Names what is in force.
    pub(super) fn revision(&self) -> Arc<str> {
        self.current().map_or_else(|| "none".into(), |l| Arc::clone(&l.revision))
    }

    /// Puts another set in force; questions that are being answered end with the one before.
    pub(super) fn swap(&self, next: Loaded) {
        self.0.store(Some(Arc::new(next)));
    }
}
