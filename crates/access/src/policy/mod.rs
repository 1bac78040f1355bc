//! Policy: Rego evaluated in process. Default deny; an evaluation that fails denies.
//!
//! The policies are in `policies/`, with their tests beside them; the same text and tests run
//! on a remote OPA.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use contracts::{Authorizer, Grant};
use kernel::{Error, Kind, Principal};
use regorus::Engine;

/// The embedded policies, by file name.
pub const POLICIES: &[(&str, &str)] =
    &[("authz/decision.rego", include_str!("../../../../policies/authz/decision.rego"))];

const RULE: &str = "data.kontor.authz.decision";

/// Evaluates the embedded policies.
pub struct Embedded {
    engine: Mutex<Engine>,
    /// Decisions depend on roles and action alone, and the text never changes while we run.
    decided: RwLock<HashMap<String, Verdict>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Denied,
    All,
    Own,
}

impl Embedded {
    /// Loads the policies.
    ///
    /// # Errors
    /// `Internal` with the engine's own words when a policy does not parse.
    pub fn load() -> Result<Self, Error> {
        let mut engine = Engine::new();
        for (name, text) in POLICIES {
            engine
                .add_policy((*name).to_owned(), (*text).to_owned())
                .map_err(|e| Error::internal(format!("policy {name}: {e}")))?;
        }
        Ok(Self { engine: Mutex::new(engine), decided: RwLock::default() })
    }

    fn verdict(&self, principal: &Principal, action: &str) -> Result<Verdict, Error> {
        let roles: Vec<&str> = principal.roles.iter().map(|r| r.as_str()).collect();
        let question = format!("{}|{action}", roles.join(","));
        let known = self.decided.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = known.get(&question) {
            return Ok(*verdict);
        }
        drop(known);
        let verdict = self.evaluate(principal, &roles, action)?;
        let mut known = self.decided.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(question, verdict);
        Ok(verdict)
    }

    fn evaluate(
        &self,
        principal: &Principal,
        roles: &[&str],
        action: &str,
    ) -> Result<Verdict, Error> {
        let input = serde_json::json!({
            "principal": { "id": principal.id, "name": principal.name, "roles": roles },
            "action": action,
        });
        let away = |e: &dyn std::fmt::Display| {
            Error::new(Kind::Unavailable, "policy_unavailable", "the policy could not be asked")
                .caused_by(std::io::Error::other(e.to_string()))
        };
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        engine.set_input_json(&input.to_string()).map_err(|e| away(&e))?;
        let answer = engine.eval_rule(RULE.to_owned()).map_err(|e| away(&e))?;
        let text = answer.to_json_str().map_err(|e| away(&e))?;
        let answer: serde_json::Value = serde_json::from_str(&text).map_err(|e| away(&e))?;
        Ok(match (answer["allow"].as_bool(), answer["scope"].as_str()) {
            (Some(true), Some("all")) => Verdict::All,
            (Some(true), Some("own")) => Verdict::Own,
            _ => Verdict::Denied,
        })
    }
}

#[async_trait]
impl Authorizer for Embedded {
    async fn decide(&self, principal: &Principal, action: &str) -> Result<Grant, Error> {
        let verdict = self.verdict(principal, action)?;
        let result = if verdict == Verdict::Denied { "deny" } else { "allow" };
        metrics::counter!("kontor_policy_decisions_total", "result" => result).increment(1);
        // A target of its own: `log.filter = "info,kontor::decisions=off"` silences it.
        tracing::info!(target: "kontor::decisions", actor = principal.name, action, result,
            "decision");
        match (verdict, principal.owner()) {
            (Verdict::All, _) => Ok(Grant::All),
            (Verdict::Own, Some(owner)) => Ok(Grant::Own(owner)),
            _ if principal.roles.is_empty() => Err(Error::new(
                Kind::Unauthenticated,
                "unauthenticated",
                "log in, or send a bearer token",
            )),
            _ => {
                Err(Error::new(Kind::Denied, "denied", format!("your roles do not allow {action}"))
                    .with("action", action))
            }
        }
    }
}
