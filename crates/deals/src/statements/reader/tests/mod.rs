//! Rows here are written after the formats' headers; no file of anybody else is copied.

mod acceptance;
mod bad_input;
mod cases;
mod dates;
mod doubts;
mod formats;
mod kinds;
mod mapped;
mod numbers;
mod overlap;
mod privacy;
mod resaved;
mod rows;
mod shapes;
mod sides;
mod suggested;
mod sums;
mod tables;
mod values;
mod wide;
mod windows;

use super::{
    DateOrder, Limits, Mapping, Outcome, Question, Reading, Refused, RowAnswer, Source, Unit,
    Unmapped, inspect,
};

fn run(bytes: &[u8], mapping: Option<&Mapping>) -> Result<Outcome, Refused> {
    inspect(Source::Bytes(bytes), mapping, &Limits::default())
}

fn ready(bytes: &[u8]) -> Reading {
    match run(bytes, None) {
        Ok(Outcome::Ready(reading)) => *reading,
        Ok(Outcome::NeedsMapping(unmapped)) => panic!("needs a mapping: {}", unmapped.why),
        Err(refused) => panic!("refused: {refused}"),
    }
}

fn unmapped(bytes: &[u8]) -> Unmapped {
    match run(bytes, None) {
        Ok(Outcome::NeedsMapping(unmapped)) => *unmapped,
        Ok(Outcome::Ready(reading)) => panic!("ready as {}", reading.format),
        Err(refused) => panic!("refused: {refused}"),
    }
}

fn mapped(bytes: &[u8], mapping: &Mapping) -> Reading {
    match run(bytes, Some(mapping)) {
        Ok(Outcome::Ready(reading)) => *reading,
        Ok(Outcome::NeedsMapping(unmapped)) => panic!("needs a mapping: {}", unmapped.why),
        Err(refused) => panic!("refused: {refused}"),
    }
}

fn refused(bytes: &[u8]) -> Refused {
    match run(bytes, None) {
        Err(refused) => refused,
        Ok(Outcome::Ready(reading)) => panic!("ready as {}", reading.format),
        Ok(Outcome::NeedsMapping(unmapped)) => panic!("needs a mapping: {}", unmapped.why),
    }
}

/// The question of a code.
fn question<'a>(needs: &'a Unmapped, code: &str) -> &'a Question {
    let found = needs.questions.iter().find(|q| q.code == code);
    found.unwrap_or_else(|| panic!("{code}: {:?}", needs.questions))
}

const DISTROKID: &str = "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\t\
    Team Percentage\tSong/Album\tCountry of Sale\tSongwriter Royalties Withheld\tEarnings (USD)";

fn distrokid(rows: &[&str], line_end: &str) -> Vec<u8> {
    let mut text = DISTROKID.to_owned();
    for row in rows {
        text.push_str(line_end);
        text.push_str(row);
    }
    text.push_str(line_end);
    text.into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}
