//! Under construction.

/// Statements.
pub mod statements {
    pub mod reader;
    pub mod samples;
}
/// Valuation.
pub mod valuation {
    pub mod model;
}
/// Documents.
pub mod documents {
    pub mod typeset;
}
