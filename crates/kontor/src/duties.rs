//! Roles of one process: which duties of the house it does, and for which modules.

use std::collections::BTreeSet;

use kernel::Error;
use serde::Deserialize;

/// A duty. Every process may have any number of them; without a choice it has all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Serves the modules' routes.
    Api,
    /// Stands before clients, and proxies to what was split off.
    Gateway,
    /// Gives events their positions and carries them to the bus.
    Relay,
    /// Handles events.
    Consumers,
    /// Runs jobs, looks at what is due, seals chains.
    Jobs,
    /// Hands live events to connections.
    Hub,
}

/// The duties of one process.
#[derive(Debug, Clone)]
pub struct Duties {
    all: bool,
    chosen: BTreeSet<Duty>,
    modules: Vec<String>,
}

/// Every module that duties can be narrowed to.
const MODULES: &[&str] = &[
    "access.identity",
    "access.policy",
    "deals.bank",
    "deals.creators",
    "deals.documents",
    "deals.letters",
    "deals.offers",
    "deals.payouts",
    "deals.statements",
    "deals.valuation",
    "ledger",
    "realtime",
];

impl Duties {
    /// From the configuration; nothing chosen means everything.
    ///
    /// # Errors
    /// `Invalid` naming the module that there is not.
    pub fn new(chosen: &[Duty], modules: &[String]) -> Result<Self, Error> {
        for module in modules {
            let known = MODULES.iter().any(|known| is_in(known, module));
            if !known {
                let text =
                    format!("there is no module '{module}'; there are {}", MODULES.join(", "));
                return Err(Error::invalid("server.modules", text));
            }
        }
        let chosen: BTreeSet<Duty> = chosen.iter().copied().collect();
        let all = chosen.is_empty();
        Ok(Self { all, chosen, modules: modules.to_vec() })
    }

    /// All of them.
    pub const fn everything() -> Self {
        Self { all: true, chosen: BTreeSet::new(), modules: Vec::new() }
    }

    /// Whether this process has the duty.
    pub fn has(&self, duty: Duty) -> bool {
        self.all || self.chosen.contains(&duty)
    }

    /// Whether its duties reach to a module, or to something inside it: `deals.payouts`.
    pub fn cover(&self, module: &str) -> bool {
        self.modules.is_empty() || self.modules.iter().any(|m| is_in(module, m))
    }

    /// Whether clients come to it directly: no gateway of the house stands before it.
    pub fn is_door(&self) -> bool {
        self.has(Duty::Gateway)
    }

    /// As a sentence for the log.
    pub fn words(&self) -> String {
        let duties = if self.all {
            "everything".to_owned()
        } else {
            format!("{:?}", self.chosen).to_lowercase()
        };
        if self.modules.is_empty() { duties } else { format!("{duties} of {:?}", self.modules) }
    }
}

/// Whether `inner` is `outer` or a part of it.
fn is_in(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_chosen_is_everything() {
        let all = Duties::new(&[], &[]).unwrap();
        assert!(all.has(Duty::Jobs) && all.cover("deals.payouts") && all.is_door());
    }

    #[test]
    fn a_module_is_narrowed_to_itself_and_its_parts() {
        let narrow =
            Duties::new(&[Duty::Jobs], &["deals.payouts".into(), "ledger".into()]).unwrap();
        assert!(narrow.cover("deals.payouts") && narrow.cover("ledger"));
        assert!(!narrow.cover("deals.offers") && !narrow.has(Duty::Api) && !narrow.is_door());
        let package = Duties::new(&[], &["deals".into()]).unwrap();
        assert!(package.cover("deals.offers") && !package.cover("ledger"));
        let e = Duties::new(&[], &["deal".into()]).unwrap_err();
        assert!(e.message.contains("no module 'deal'"), "{}", e.message);
    }
}
