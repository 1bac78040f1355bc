//! The monthly sums of one statement as one value in the database.
//!
//! A statement of a million rows can have nearly as many sums; one compact value keeps saving
//! and loading them out of the way of everybody else's transactions (see ADR 0003).
//!
//! Layout: `KCELLS1\n`, then gzip of: a line of JSON with works and stores, then fixed-size
//! records in little-endian order.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use kernel::{Error, Exact, Month};

use super::reader::{Aggregates, Cell, Country, Work};

const MAGIC: &[u8] = b"KCELLS1\n";
const RECORD: usize = 16 + 8 + 4 + 4 + 4 + 2 + 2 + 4;

/// Packs sums for the database.
///
/// # Errors
/// Never in practice: it writes to memory.
pub fn pack(a: &Aggregates) -> Result<Vec<u8>, Error> {
    let failed = |e: std::io::Error| Error::internal("sums could not be packed").caused_by(e);
    let works: Vec<(&str, &str)> =
        a.works.iter().map(|w| (w.title.as_str(), w.isrc.as_str())).collect();
    let names = serde_json::to_vec(&(works, &a.stores))
        .map_err(|e| Error::internal("names could not be packed").caused_by(e))?;
    let mut out = GzEncoder::new(MAGIC.to_vec(), Compression::fast());
    out.write_all(&names).and_then(|()| out.write_all(b"\n")).map_err(failed)?;
    for c in &a.cells {
        out.write_all(&record(c)).map_err(failed)?;
    }
    out.finish().map_err(failed)
}

fn record(c: &Cell) -> [u8; RECORD] {
    let mut record = [0_u8; RECORD];
    record[..16].copy_from_slice(&c.amount.0.to_le_bytes());
    record[16..24].copy_from_slice(&c.units.to_le_bytes());
    record[24..28].copy_from_slice(&c.work.to_le_bytes());
    record[28..32].copy_from_slice(&c.first_line.to_le_bytes());
    record[32..36].copy_from_slice(&c.rows.to_le_bytes());
    record[36..38].copy_from_slice(&c.store.to_le_bytes());
    // An unknown country has no letters: two blanks stand for it.
    let country = <[u8; 2]>::try_from(c.country.as_str().as_bytes()).unwrap_or(*b"  ");
    record[38..40].copy_from_slice(&country);
    record[40..].copy_from_slice(&c.month().index().to_le_bytes());
    record
}

/// Unpacks what [`pack`] wrote.
///
/// # Errors
/// `Internal` when the value is damaged.
pub fn unpack(packed: &[u8]) -> Result<Aggregates, Error> {
    let damaged = || Error::internal("the stored sums of a statement are damaged");
    let body = packed.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let mut plain = Vec::new();
    GzDecoder::new(body).read_to_end(&mut plain).map_err(|_| damaged())?;
    let end = memchr::memchr(b'\n', &plain).ok_or_else(damaged)?;
    let (works, stores): (Vec<(String, String)>, Vec<String>) =
        serde_json::from_slice(&plain[..end]).map_err(|_| damaged())?;
    let (records, rest) = plain[end + 1..].as_chunks::<RECORD>();
    if !rest.is_empty() {
        return Err(damaged());
    }
    let works = works.into_iter().map(|(title, isrc)| Work { title, isrc }).collect();
    Ok(Aggregates { works, stores, cells: records.iter().map(cell).collect() })
}

fn cell(r: &[u8; RECORD]) -> Cell {
    fn part<const N: usize>(r: &[u8], at: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&r[at..at + N]);
        bytes
    }
    let code = part::<2>(r, 38);
    let country =
        std::str::from_utf8(&code).ok().and_then(Country::parse).unwrap_or(Country::UNKNOWN);
    let work = u32::from_le_bytes(part(r, 24));
    let store = u16::from_le_bytes(part(r, 36));
    let month = Month::from_index(i32::from_le_bytes(part(r, 40)));
    let mut cell = Cell::of(work, store, country).at(month);
    cell.amount = Exact(i128::from_le_bytes(part(r, 0)));
    cell.units = i64::from_le_bytes(part(r, 16));
    cell.first_line = u32::from_le_bytes(part(r, 28));
    cell.rows = u32::from_le_bytes(part(r, 32));
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_survive_the_database() {
        let mut cell = Cell::of(0, 0, Country::parse("SE").unwrap()).at(Month::new(2024, 3));
        cell.amount = Exact(-123_456_789_012_345);
        (cell.units, cell.first_line, cell.rows) = (-3, 7, 2);
        let unknown = Cell::of(0, 0, Country::UNKNOWN).at(Month::new(1999, 12));
        let all = Aggregates {
            works: vec![Work { title: "Línea \n \"x\"".into(), isrc: "SE1".into() }],
            stores: vec!["Spotify".into()],
            cells: vec![cell, unknown],
        };
        let packed = pack(&all).unwrap();
        let back = unpack(&packed).unwrap();
        assert_eq!((back.works, back.stores, back.cells), (all.works, all.stores, all.cells));
        assert!(unpack(&packed[..packed.len() - 9]).is_err());
    }
}
