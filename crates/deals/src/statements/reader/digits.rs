//! Digits and signs of other scripts, as the plain ones that stand for them.

use std::borrow::Cow;

/// The decimal sign of Arabic numbers, which is never one for thousands.
pub(super) const ARABIC_POINT: char = '\u{66b}';

/// Zeros of the scripts whose ten digits follow each other.
const ZEROS: [u32; 12] =
    [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xe50, 0xed0];

/// A text with plain digits and signs.
pub(super) fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|c| of(c) != Some(c)) {
        return text;
    }
    Cow::Owned(text.chars().filter_map(of).collect())
}

/// The plain sign of a character; none for marks of direction.
fn of(c: char) -> Option<char> {
    let code = u32::from(c);
    if c.is_ascii() {
        return Some(c);
    }
    if (0xff01..=0xff5e).contains(&code) {
        return char::from_u32(code - 0xfee0);
    }
    if let Some(digit) = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|d| *d < 10)) {
        return char::from_digit(digit, 10);
    }
    match c {
        // Marks of direction, which stand around numbers in Arabic and Hebrew.
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            None
        }
        '\u{66c}' => Some('\''),
        '\u{60c}' | '\u{3001}' => Some(','),
        '\u{3002}' | '\u{ff61}' => Some('.'),
        '\u{66a}' => Some('%'),
        '\u{ffe5}' => Some('\u{a5}'),
        '\u{ffe1}' => Some('\u{a3}'),
        '\u{ffe0}' => Some('\u{a2}'),
        '\u{ffe6}' => Some('\u{20a9}'),
        '\u{3000}' => Some(' '),
        c => Some(c),
    }
}
