//! Finding deals and creators by a piece of a word, without reading all of them.
//!
//! Every end of every word is kept (`afterglow`, `fterglow`, ... `low`), so that a piece from
//! anywhere inside a word is the beginning of one of them. A piece that few have is looked up;
//! one that many have is found quickly by walking the list in its own order, so nothing is.
//!
//! Tables owned: `deals_words`.

mod store;

use std::collections::BTreeSet;

use platform::backfill::Backfill;
use platform::db::{DbError, Tx};

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Offer,
    Creator,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Creator => "creator",
        }
    }

    const fn backfill(self) -> &'static str {
        match self {
            Self::Offer => OFFERS,
            Self::Creator => CREATORS,
        }
    }
}

const OFFERS: &str = "deals.words/offers";
const CREATORS: &str = "deals.words/creators";

/// Rows from before they could be found.
pub(crate) const OF_OFFERS: Backfill = Backfill { name: OFFERS, piece: store::offers_piece };
/// Rows from before they could be found.
pub(crate) const OF_CREATORS: Backfill = Backfill { name: CREATORS, piece: store::creators_piece };

/// Shorter pieces are in nearly everything.
const SHORTEST: usize = 3;
/// Letters of a word that are looked at.
const LONGEST: usize = 40;
/// Ends of words of one row at most.
const MOST: usize = 600;
/// Up to so many rows are looked up; of more, the first page is found sooner by walking.
const FEW: u32 = 1_000;

/// Every end of every word of a folded text.
fn ends(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for word in text.split_whitespace() {
        let word: Vec<char> = word.chars().take(LONGEST).collect();
        for from in 0..word.len().saturating_sub(SHORTEST - 1) {
            if all.len() == MOST {
                return all;
            }
            all.insert(word[from..].iter().collect());
        }
    }
    all
}

/// Makes a row findable by its folded text.
///
/// # Errors
/// When the database fails.
pub(crate) fn keep(tx: &mut Tx<'_>, kind: Kind, id: &str, text: &str) -> Result<(), DbError> {
    store::save(tx, kind.as_str(), id, &ends(text))
}

/// Identifiers of the rows that may have `text`, when they are few: each still has to be
/// compared with the whole text. `None`: walk the list.
///
/// # Errors
/// When the database fails.
pub(crate) fn few(tx: &mut Tx<'_>, kind: Kind, text: &str) -> Result<Option<Vec<String>>, DbError> {
    let text = text.trim().to_lowercase();
    let longest = text.split_whitespace().max_by_key(|word| word.chars().count());
    let Some(piece) = longest.filter(|word| word.chars().count() >= SHORTEST) else {
        return Ok(None);
    };
    if !platform::backfill::is_done(tx, kind.backfill())? {
        return Ok(None);
    }
    let piece: String = piece.chars().take(LONGEST).collect();
    let ids = store::with_word(tx, kind.as_str(), &piece, FEW + 1)?;
    Ok((ids.len() <= usize::try_from(FEW).unwrap_or(usize::MAX)).then_some(ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_of_three_letters_is_the_beginning_of_an_end() {
        let text = "k-57 afterglow maja é-ñandú lo";
        let all = ends(text);
        for word in text.split_whitespace() {
            let letters: Vec<char> = word.chars().collect();
            for from in 0..letters.len() {
                for to in from + SHORTEST..=letters.len() {
                    let piece: String = letters[from..to].iter().collect();
                    assert!(all.iter().any(|end| end.starts_with(&piece)), "{piece} is not found");
                }
            }
        }
        assert!(!all.contains("lo"));
    }

    #[test]
    fn a_text_of_any_length_has_a_bound() {
        let long = "abcdefghij".repeat(50);
        assert!(ends(&long).len() <= LONGEST);
        let many: Vec<String> = (0..2_000).map(|n| format!("word{n}")).collect();
        assert_eq!(ends(&many.join(" ")).len(), MOST);
    }
}
