//! Statements that look like real ones, written anew from a seed: for the demo, for tests, for
//! benchmarks. The same plan always gives the same bytes.

mod layouts;
mod rows;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use kernel::{Exact, Month};

pub use layouts::SampleLayout;

use rows::Months;

/// What a made-up statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Whose layout.
    pub layout: SampleLayout,
    /// The same seed gives the same file.
    pub seed: u64,
    /// Artist.
    pub artist: String,
    /// Titles, best earning first. At least one.
    pub titles: Vec<String>,
    /// First month.
    pub first: Month,
    /// Number of months; the last one is incomplete, as in real files.
    pub months: u32,
    /// Earnings of the first month in hundredths of the currency.
    pub monthly_cents: i64,
    /// Yearly decay in basis points; negative for growth.
    pub decay_bp: i64,
    /// Where most listeners are, two letters.
    pub home: &'static str,
    /// Rows of a complete month.
    pub rows_per_month: u32,
    /// How far a month may be from what level and season say, in basis points, up or down.
    pub noise_bp: u32,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Data rows.
    pub rows: u64,
    /// Exact sum of the earnings column.
    pub total: Exact,
}

/// Writes a statement.
///
/// # Errors
/// Only those of `out`.
pub fn write(sample: &Sample, out: &mut impl Write) -> io::Result<Written> {
    let mut line = String::with_capacity(256);
    sample.layout.header(&mut line);
    out.write_all(line.as_bytes())?;
    let mut written = Written { rows: 0, total: Exact::ZERO };
    let mut months = Months::new(sample);
    while let Some(rows) = months.next_month() {
        for row in rows {
            line.clear();
            written.total += sample.layout.row(sample, row, &mut line);
            written.rows += 1;
            out.write_all(line.as_bytes())?;
        }
    }
    Ok(written)
}

/// A statement in memory.
pub fn bytes(sample: &Sample) -> (Vec<u8>, Written) {
    let mut out = Vec::new();
    // A vector takes everything.
    let written = write(sample, &mut out).unwrap_or(Written { rows: 0, total: Exact::ZERO });
    (out, written)
}

/// The statement of the benchmark: at least `rows` DistroKid rows over 36 months, and hardly
/// more; 107 bytes a row, as in real files.
pub fn benchmark(rows: u32) -> Sample {
    let titles = (1..=150).map(|n| format!("Track {n}")).collect();
    Sample {
        layout: SampleLayout::DistrokidTsv,
        seed: 20_240_601,
        artist: "Berit L".into(),
        titles,
        first: Month::new(2021, 6),
        months: 36,
        monthly_cents: 4_000_000,
        decay_bp: 1_400,
        home: "SE",
        // 35 whole months and one of two fifths.
        rows_per_month: (rows * 10).div_ceil(354),
        noise_bp: 600,
    }
}
