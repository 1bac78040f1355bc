//! What a document says.

use std::borrow::Cow;

use kernel::{Exact, Money, Month, Timestamp};

use crate::valuation::model::{Deal, Valuation};

/// The house that makes the offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// Name, as letter head and party.
    pub name: String,
    /// Address lines, registration: printed small under the name, may be empty.
    pub lines: Vec<String>,
}

/// The creator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Name the creator is known by.
    pub display_name: String,
    /// `@name` or the like on the platform.
    pub username: String,
    /// Platform in plain words: `Spotify`.
    pub platform: String,
    /// ISO 3166 two letters, may be empty.
    pub country: String,
}

/// A statement the valuation rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// File name as uploaded.
    pub file_name: String,
    /// `DistroKid (13 columns)`.
    pub format_name: String,
    /// First and last month; `None` for a file without months.
    pub period: Option<(Month, Month)>,
    /// Data rows.
    pub rows: u64,
    /// Exact sum in the currency of the offer.
    pub total: Exact,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// Everything a term sheet says.
#[derive(Debug, Clone, PartialEq)]
pub struct TermSheet {
    /// Letter head.
    pub house: House,
    /// `K-1042`.
    pub number: String,
    /// Date of the document.
    pub date: Timestamp,
    /// Last day of the offer.
    pub expires: Option<Timestamp>,
    /// Version of the terms.
    pub terms_version: String,
    /// The other party.
    pub creator: Party,
    /// Title of the deal.
    pub title: String,
    /// What it is about, in the underwriter's words; may be empty.
    pub description: String,
    /// What the creator asked for.
    pub requested: Option<Money>,
    /// What the house offers.
    pub offered: Money,
    /// Titles in scope; `None` for all works in the statements.
    pub works: Option<Vec<String>>,
    /// The valuation it rests on.
    pub valuation: Valuation,
    /// Its statements.
    pub statements: Vec<StatementLine>,
}

/// How the creator accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Name as typed.
    pub typed_name: String,
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the accepted term sheet, hexadecimal.
    pub term_sheet_sha256: String,
    /// Version of the terms.
    pub terms_version: String,
}

/// How the money went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// Rail in plain words: `Bank transfer`.
    pub rail: String,
    /// The rail's own reference.
    pub reference: String,
    /// Holder of the account.
    pub holder_name: String,
    /// Account, masked: `SE•• •••• 4242`.
    pub account_masked: String,
    /// When the rail confirmed it.
    pub at: Timestamp,
    /// Id of the ledger transfer.
    pub ledger_transfer: String,
}

/// Everything a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Letter head.
    pub house: House,
    /// Number of the receipt: `K-1042-R`.
    pub number: String,
    /// Number of the offer.
    pub offer_number: String,
    /// Date of the document.
    pub date: Timestamp,
    /// The other party.
    pub creator: Party,
    /// Title of the deal.
    pub title: String,
    /// Purchase or advance.
    pub kind: Deal,
    /// Assigned share in basis points.
    pub share_bp: u32,
    /// Years; `None` for the life of the rights.
    pub term_years: Option<u32>,
    /// What was paid.
    pub amount: Money,
    /// The acceptance it follows from.
    pub acceptance: Acceptance,
    /// The payment.
    pub paid: Paid,
}

/// Typst sources and words. `Default` are the embedded ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates {
    /// `house.typ`: page, type, parts that both documents share.
    pub house: Cow<'static, str>,
    /// `term-sheet.typ`.
    pub term_sheet: Cow<'static, str>,
    /// `receipt.typ`.
    pub receipt: Cow<'static, str>,
    /// `words.en.json`: English words by key.
    pub words_en: Cow<'static, str>,
    /// `words.sv.json`: Swedish words by key.
    pub words_sv: Cow<'static, str>,
}

impl Default for Templates {
    fn default() -> Self {
        Self {
            house: Cow::Borrowed(include_str!("templates/house.typ")),
            term_sheet: Cow::Borrowed(include_str!("templates/term-sheet.typ")),
            receipt: Cow::Borrowed(include_str!("templates/receipt.typ")),
            words_en: Cow::Borrowed(include_str!("templates/words.en.json")),
            words_sv: Cow::Borrowed(include_str!("templates/words.sv.json")),
        }
    }
}
