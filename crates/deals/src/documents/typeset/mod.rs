//! Term sheets and receipts, typeset with Typst as a library.
//!
//! Pure: the same input gives the same bytes, the date included; no clock, no network, no
//! files. Fonts are embedded. What people typed reaches a template only as data (JSON), never
//! as markup. The PDF is PDF/A-2a; only a text with letters that no embedded font has makes it
//! an ordinary PDF.
//!
//! Templates and words are embedded and can be replaced by a user's own ([`Templates`]).

mod charts;
mod locale;
mod model;
mod sections;
#[cfg(test)]
mod tests;
mod view;
mod words;
mod world;

pub use locale::Language;
pub use model::{Acceptance, House, Paid, Party, Receipt, StatementLine, Templates, TermSheet};

use kernel::Timestamp;
use serde_json::Value;

/// Why a document could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Template, line and what Typst says, one problem a line.
    pub message: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Broken {}

impl From<Broken> for kernel::Error {
    fn from(broken: Broken) -> Self {
        Self::internal(format!("a document could not be typeset: {broken}"))
    }
}

/// Typesets a term sheet with the embedded templates.
///
/// # Errors
/// [`Broken`] when Typst refuses, which with the embedded templates is a defect.
pub fn term_sheet(sheet: &TermSheet, language: Language) -> Result<Vec<u8>, Broken> {
    term_sheet_with(&Templates::default(), sheet, language)
}

/// Typesets a term sheet with the user's templates.
///
/// # Errors
/// [`Broken`] naming template and line.
pub fn term_sheet_with(
    templates: &Templates,
    sheet: &TermSheet,
    language: Language,
) -> Result<Vec<u8>, Broken> {
    let data = view::term_sheet(sheet, templates, language)?;
    let ident = format!("term-sheet {} {}", sheet.number, sheet.date);
    render(templates, "term-sheet.typ", &data, sheet.date, &ident)
}

/// Typesets a receipt with the embedded templates.
///
/// # Errors
/// As [`term_sheet`].
pub fn receipt(receipt: &Receipt, language: Language) -> Result<Vec<u8>, Broken> {
    receipt_with(&Templates::default(), receipt, language)
}

/// Typesets a receipt with the user's templates.
///
/// # Errors
/// As [`term_sheet_with`].
pub fn receipt_with(
    templates: &Templates,
    receipt: &Receipt,
    language: Language,
) -> Result<Vec<u8>, Broken> {
    let data = view::receipt(receipt, templates, language)?;
    let ident = format!("receipt {} {}", receipt.number, receipt.date);
    render(templates, "receipt.typ", &data, receipt.date, &ident)
}

/// Loads fonts and templates, so that the first document is as fast as the next.
pub fn warm_up() {
    world::warm_up();
}

fn render(
    templates: &Templates,
    main: &'static str,
    data: &Value,
    date: Timestamp,
    ident: &str,
) -> Result<Vec<u8>, Broken> {
    let bytes = serde_json::to_vec(data)
        .map_err(|e| Broken { message: format!("the data cannot be written: {e}") })?;
    world::Document::new(templates, main, bytes, date)?.pdf(ident)
}
