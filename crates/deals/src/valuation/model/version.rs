//! Which model answers: today's, or the one that an offer was made with.

use super::report::{Failed, Valuation};
use super::v1;

/// Version of the model that values offers now, stored with every valuation.
pub const VERSION: &str = "kontor-2";

/// The model that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// Only for offers that were made with it.
    One {
        /// How many pairs of months its prior is worth; no later version asks for it.
        prior_pairs: i64,
    },
    /// Today's.
    #[default]
    Two,
}

impl Version {
    /// The version that made a report: its offer is re-priced by it, with the assumptions that
    /// the report was made with.
    ///
    /// # Errors
    /// `unknown_model` for a report of a version that this program does not have.
    pub fn of(report: &Valuation) -> Result<Self, Failed> {
        match report.version.as_str() {
            VERSION => Ok(Self::Two),
            "kontor-1" => {
                let used = report.settings.get(v1::PRIOR_PAIRS);
                Ok(Self::One { prior_pairs: used.map_or(v1::USUAL_PAIRS, |s| s.value) })
            }
            other => Err(Failed {
                code: "unknown_model",
                message: format!(
                    "the offer was valued by '{other}', and only kontor-1 and {VERSION} can \
                     re-price it: value it again"
                ),
            }),
        }
    }

    /// The name that is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One { .. } => "kontor-1",
            Self::Two => VERSION,
        }
    }
}
