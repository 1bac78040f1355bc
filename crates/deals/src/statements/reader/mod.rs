//! Reads royalty statements: from the bytes as uploaded to exact monthly sums.
//!
//! One pass, bounded memory. The format is found in the header row, never in the file's name.
//! Amounts are exact ([`kernel::Exact`], 10^-12), duplicates are legitimate rows, negative
//! rows count, the newest month is marked incomplete. What cannot be read becomes a warning
//! with line and column; a file without readable rows, or in several currencies, is refused.
//! Columns that name buyers are dropped here and never leave this room.
//!
//! Bandcamp: `column_total` is the plain sum of `net amount`; `total` is the income, which
//! also takes back refunds that carry no net amount.

mod amounts;
mod archive;
mod bandcamp;
mod calendar;
mod cells;
mod countries;
mod dates;
mod detect;
mod digits;
mod formats;
mod income;
mod intake;
mod month_names;
mod notes;
pub mod overlap;
mod plan;
mod privacy;
mod records;
mod sheet;
mod sides;
mod source;
mod suggest;
mod tables;
#[cfg(test)]
mod tests;
mod transcode;
mod types;
mod values;
mod verdict;
mod wide;
mod worth;

use kernel::Exact;
use kernel::exact::div_half_even;

pub use cells::{Aggregates, Cell, Work};
pub use countries::Country;
pub use formats::{FORMATS, Format};
pub use source::Source;
pub use types::{
    Choice, Confirmation, DateOrder, Decimal, Layout, Limits, Mapping, MonthLine, Outcome, Period,
    Question, Reading, Reason, Refused, RowAnswer, RowKind, StoreLine, Unit, Unmapped, Warning,
};

/// Reads a statement. A known format needs no mapping (some need it for the currency); an
/// unknown one answers [`Outcome::NeedsMapping`] until a mapping is given, and so does any file
/// that allows two readings.
///
/// # Errors
/// [`Refused`] when the file is no statement, damaged, too large, in several currencies,
/// without readable rows, or when the mapping does not fit it.
pub fn inspect(
    source: Source<'_>,
    mapping: Option<&Mapping>,
    limits: &Limits,
) -> Result<Outcome, Refused> {
    inspect_with(source, mapping, limits, &mut |_| {})
}

/// As [`inspect`]; `progress` hears how many bytes of the file were read so far.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_with(
    source: Source<'_>,
    mapping: Option<&Mapping>,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<Outcome, Refused> {
    tables::read(source, &tables::Ask { mapping, currency: None, limits }, progress)
}

/// As [`inspect_with`], for a person who only says the currency: a column in it is preferred,
/// and a file that says another one is refused.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_in(
    source: Source<'_>,
    currency: kernel::Asset,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<Outcome, Refused> {
    let ask = tables::Ask { mapping: None, currency: Some(currency), limits };
    tables::read(source, &ask, progress)
}

/// `part` of `whole` in basis points; 0 when the whole is not positive.
pub(crate) fn share_bp(part: Exact, whole: Exact) -> i64 {
    if whole.0 <= 0 {
        return 0;
    }
    i64::try_from(div_half_even(part.0.saturating_mul(10_000), whole.0)).unwrap_or(0)
}
