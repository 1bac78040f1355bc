//! The amount of a row, while the decimal sign of the column may still be in doubt.

use kernel::{Asset, Exact};

use super::{Intake, shown};
use crate::statements::reader::amounts::{self, AmountError, Family, Mark, Written};
use crate::statements::reader::records::Row;
use crate::statements::reader::sides::{self, Side};
use crate::statements::reader::types::Decimal;
use crate::statements::reader::values;

/// What the amounts of a file have shown of their decimal sign.
#[derive(Debug)]
pub struct Sign {
    /// The sign in force: what a person said, else what the first clear amount showed.
    pub point: Option<u8>,
    /// A person said it.
    pub said: bool,
    /// Clear amounts with a point and with a comma, and the first of each.
    pub clear: [u64; 2],
    pub first: [Option<(u32, String)>; 2],
    /// Amounts that could be both, and the first of them.
    pub unsure: u64,
    pub first_unsure: Option<(u32, String)>,
    /// Rows on the debit side, their sum, and the first of them.
    pub debits: (u64, Exact),
    pub first_debit: Option<(u32, String)>,
    /// Amounts with more digits than are kept.
    pub cut: u64,
    pub first_cut: Option<(u32, String)>,
}

impl Sign {
    pub fn new(said: Option<Decimal>) -> Self {
        Self {
            point: said.map(Decimal::byte),
            said: said.is_some(),
            clear: [0; 2],
            first: [None, None],
            unsure: 0,
            first_unsure: None,
            debits: (0, Exact::ZERO),
            first_debit: None,
            cut: 0,
            first_cut: None,
        }
    }

    fn hear(&mut self, written: &Written, line: u32, raw: &[u8]) {
        let at = match written.mark {
            Mark::Point => 0,
            Mark::Comma => 1,
            Mark::UnsurePoint | Mark::UnsureComma => {
                self.unsure += 1;
                self.first_unsure.get_or_insert_with(|| (line, shown(raw)));
                return;
            }
            Mark::None => return,
        };
        self.clear[at] += 1;
        self.first[at].get_or_insert_with(|| (line, shown(raw)));
        self.point.get_or_insert(if at == 0 { b'.' } else { b',' });
    }
}

/// The money of a row.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    pub value: Exact,
    /// The part of it that the earnings column does not state.
    pub beyond_column: Exact,
    /// The decimal sign is in doubt; true: the amount was written with a comma. `value` is
    /// then the small reading.
    pub unsure: Option<bool>,
    pub currency: Option<Asset>,
    /// The currencies that a sign beside it may mean.
    pub family: Option<Family>,
    /// The side of the account that is written beside it.
    pub side: Option<Side>,
}

impl Taken {
    fn plain(value: Exact) -> Self {
        let (unsure, currency, family, side) = (None, None, None, None);
        Self { value, beyond_column: Exact::ZERO, unsure, currency, family, side }
    }

    /// An amount of which the column states only a part.
    pub fn beyond(value: Exact, stated: Exact) -> Self {
        Self { beyond_column: value - stated, ..Self::plain(value) }
    }
}

impl Intake {
    /// The sign to go by now.
    pub(super) fn point(&self) -> u8 {
        self.sign.point.unwrap_or_else(|| self.plan.decimal_shown.unwrap_or_default().byte())
    }

    /// The money of a row; `None` when the row is left out.
    #[inline]
    pub(super) fn money(&mut self, row: &Row<'_>) -> Option<Taken> {
        let taken = self.stated(row)?;
        Some(match self.plan.unit {
            None => taken,
            Some(unit) => Taken {
                value: unit.whole(taken.value),
                beyond_column: unit.whole(taken.beyond_column),
                ..taken
            },
        })
    }

    /// The money of a row in the units of the file.
    #[inline]
    fn stated(&mut self, row: &Row<'_>) -> Option<Taken> {
        let column = self.plan.amount;
        let raw = row.field(column);
        if self.plan.bandcamp.is_none() {
            if let Some(point) = self.sign.point
                && self.plan.side.is_none()
                && let Some(value) = amounts::plain(raw, point)
                && !row.is_number(column)
            {
                return Some(Taken::plain(value));
            }
            return match self.amount(row, column) {
                Ok(taken) => self.on_its_side(row, taken),
                Err(error) => {
                    self.bad_amount(row, error);
                    None
                }
            };
        }
        self.bandcamp(row).ok()
    }

    /// An amount in any writing.
    #[cold]
    pub fn amount(&mut self, row: &Row<'_>, column: usize) -> Result<Taken, AmountError> {
        let raw = row.field(column);
        if row.is_number(column) {
            return amounts::amount(raw, b'.').map(Taken::plain);
        }
        // Digits alone say nothing of the sign; no byte of an amount is 0.
        if let Some(value) = amounts::plain(raw, 0) {
            return Ok(Taken::plain(value));
        }
        let written = amounts::written(raw)?;
        self.sign.hear(&written, row.line, raw);
        if written.cut {
            self.sign.cut += 1;
            self.sign.first_cut.get_or_insert_with(|| (row.line, shown(raw)));
        }
        let (currency, family, side) = (written.currency, written.family, written.side);
        let taken = |value| Taken { currency, family, side, ..Taken::plain(value) };
        Ok(match (written.mark, self.sign.point) {
            (Mark::UnsurePoint | Mark::UnsureComma, None) => {
                let comma = written.mark == Mark::UnsureComma;
                Taken { unsure: Some(comma), ..taken(written.value) }
            }
            (_, point) => taken(written.under(point.unwrap_or(b'.'))),
        })
    }

    /// The amount with the sign of its side; `None` when the side cannot be read.
    fn on_its_side(&mut self, row: &Row<'_>, taken: Taken) -> Option<Taken> {
        let said = match self.plan.side {
            Some(column) => match self.side_in(row, column) {
                Ok(side) => side,
                Err(text) => {
                    let why = format!(
                        "'{text}' is neither credit nor debit (allowed: CR and DR, H and S, C and \
                         D, + and -): the row is left out"
                    );
                    self.unreadable(row, column, "bad_side", why);
                    return None;
                }
            },
            None => taken.side,
        };
        let Some(side) = said else { return Some(taken) };
        let value = self.turned(taken.value, side);
        if side == Side::Debit {
            self.sign.debits.0 += 1;
            self.sign.debits.1 += value;
            let text = shown(row.field(self.plan.amount));
            self.sign.first_debit.get_or_insert((row.line, text));
        }
        Some(Taken { value, ..taken })
    }

    fn side_in(&self, row: &Row<'_>, column: usize) -> Result<Option<Side>, String> {
        let (text, _) = values::text(row.field(column));
        match sides::of_cell(&text) {
            None if !sides::is_silent(&text) => Err(text),
            side => Ok(side),
        }
    }

    /// A debit is less than zero, unless a person said that debits are the income.
    fn turned(&self, value: Exact, side: Side) -> Exact {
        let size = if value.is_negative() { -value } else { value };
        if self.plan.side_unsure && self.debits_are_income {
            return value;
        }
        match (side, self.debits_are_income) {
            (Side::Credit, false) => value,
            (Side::Debit, false) | (Side::Credit, true) => -size,
            (Side::Debit, true) => size,
        }
    }

    /// The amount of a row as far as it can be read now, on its side.
    pub(super) fn amount_now(&self, row: &Row<'_>) -> Result<Exact, AmountError> {
        let written = amounts::written(row.field(self.plan.amount))?;
        let value = self.plan.whole(written.under(self.point()));
        let said = self.plan.side.and_then(|at| self.side_in(row, at).ok().flatten());
        Ok(said.or(written.side).map_or(value, |side| self.turned(value, side)))
    }

    /// Amounts are read with a comma as decimal sign.
    pub fn decimal_comma(&self) -> bool {
        self.point() == b','
    }

    /// An amount as far as it can be read now, for sums that only inform.
    pub(super) fn peek(&self, raw: &[u8]) -> Option<Exact> {
        Some(self.plan.whole(amounts::written(raw).ok()?.under(self.point())))
    }

    #[cold]
    fn bad_amount(&mut self, row: &Row<'_>, error: AmountError) {
        if self.is_header(row) || self.is_total_row(row) {
            return;
        }
        let column = self.plan.amount;
        let shown = shown(row.field(column));
        let (code, why) = match error {
            AmountError::Empty => ("empty_amount", "the amount is empty".to_owned()),
            AmountError::NotANumber => ("bad_amount", format!("'{shown}' is no amount")),
            AmountError::OutOfRange => (
                "bad_amount",
                format!("'{shown}' is too large (at most 18 digits before the point)"),
            ),
        };
        self.unreadable(row, column, code, format!("{why}: the row is left out"));
    }
}
