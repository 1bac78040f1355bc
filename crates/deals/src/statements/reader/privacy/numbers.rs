//! Numbers by which a person is known or reached: telephones, cards, numbers of persons, bank
//! accounts, addresses of machines.

use super::super::dates;

/// Pieces of a text that are looked at together, at most.
const TOGETHER: usize = 8;

/// What a number is.
fn kind_of(text: &str, before: &str) -> Option<&'static str> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    if digits.len() < 4 {
        return None;
    }
    let whole = text;
    let text = text.trim_matches(['(', ')']);
    if is_masked_card(text) || is_card(text, &digits) {
        return Some("card");
    }
    if is_account(text) {
        return Some("account");
    }
    if is_person(text, &digits) {
        return Some("personal number");
    }
    if is_machine(text) {
        return Some("address");
    }
    // A code of a work, and dates, look alike.
    let work = before.ends_with("T-") || before.ends_with("I-");
    (!work && is_telephone(whole, &digits) && dates::dated(text.as_bytes()).is_none())
        .then_some("phone")
}

/// The text without such numbers.
pub(super) fn without(text: String) -> String {
    if text.bytes().filter(u8::is_ascii_digit).count() < 4 {
        return text;
    }
    let text = text.replace('\u{a0}', " ").replace(['\u{2010}', '\u{2011}', '\u{2013}'], "-");
    let mut pieces = pieces(&text);
    // Longer ones first: a card may look like a telephone in its parts.
    let mut found: Vec<(usize, usize, &'static str)> = Vec::new();
    for length in (1..=TOGETHER.min(pieces.len())).rev() {
        for from in 0..=pieces.len() - length {
            let (start, end) = (pieces[from].0, pieces[from + length - 1].1);
            let taken = |(a, b, _): &(usize, usize, &str)| start < *b && *a < end;
            if found.iter().any(taken) {
                continue;
            }
            if let Some(kind) = kind_of(&text[start..end], &text[..start]) {
                found.push((start, end, kind));
            }
        }
    }
    if found.is_empty() {
        return text;
    }
    found.sort_unstable();
    pieces.clear();
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for (start, end, kind) in found {
        out.push_str(&text[last..start]);
        out.push_str(&format!("({kind} removed)"));
        last = end;
    }
    out.push_str(&text[last..]);
    out
}

/// Words without the signs around them.
fn pieces(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let cut =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '=' | '"' | '\'' | '<' | '>' | '|');
    let mut from = 0;
    for part in text.split(cut) {
        let (start, end) = (from, from + part.len());
        from = end + text[end..].chars().next().map_or(0, char::len_utf8);
        // `tel:0701234567`, `#1234`, `(555)`: what is in front is no part of it.
        let colon =
            part.rfind(':').filter(|_| part.matches(':').count() == 1).map_or(0, |at| at + 1);
        let own = &part[colon..];
        let bare = own.trim_start_matches(['#', '[', '{', '\u{201c}', '\u{2018}']);
        let start = start + colon + (own.len() - bare.len());
        let bare = bare.trim_end_matches(['.', '!', '?', ':', ']', '}', '\u{201d}', '\u{2019}']);
        let bare = if own.contains('(') { bare } else { bare.trim_end_matches(')') };
        if !bare.is_empty() {
            out.push((start, (start + bare.len()).min(end)));
        }
    }
    out
}

/// Groups of digits and what parts them.
fn groups(text: &str) -> Vec<usize> {
    let parts = text.split(|c: char| !c.is_ascii_digit());
    parts.filter(|g| !g.is_empty()).map(str::len).collect()
}

fn made_of(text: &str, others: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || others.contains(c))
}

/// Luhn's sum of digits, as cards and Swedish numbers of persons have it.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| {
            let d = u32::from(*d);
            if at % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_card(text: &str, digits: &[u8]) -> bool {
    let groups = groups(text);
    let parted = groups.len() > 1;
    let size = if parted { 13..=19 } else { 15..=19 };
    made_of(text, " -")
        && size.contains(&digits.len())
        && matches!(digits[0], 2..=6)
        && luhn(digits)
        && (!parted || groups.iter().all(|g| (3..=7).contains(g)))
}

/// `**** **** **** 1234`, `xxxx-1234`, `\u{2022}\u{2022}1234`.
fn is_masked_card(text: &str) -> bool {
    let hidden = |c: char| matches!(c, '*' | 'x' | 'X' | '\u{2022}' | '\u{b7}');
    let count = text.chars().filter(|c| hidden(*c)).count();
    let bare =
        text.trim_start_matches(|c: char| c.is_ascii_digit() || " -".contains(c) || hidden(c));
    let last = text.chars().rev().take_while(char::is_ascii_digit).count();
    bare.is_empty() && count >= 2 && last == 4
}

/// An IBAN: ISO 13616, the remainder of its number by 97 is 1.
fn is_account(text: &str) -> bool {
    let code: Vec<u8> = text.bytes().filter(|b| *b != b' ').collect();
    let shape = (15..=34).contains(&code.len())
        && code[..2].iter().all(u8::is_ascii_uppercase)
        && code[2..4].iter().all(u8::is_ascii_digit)
        && code.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let rest = |sum: u32, b: &u8| match b {
        b'0'..=b'9' => (sum * 10 + u32::from(b - b'0')) % 97,
        _ => (sum * 100 + u32::from(b - b'A') + 10) % 97,
    };
    shape && code[4..].iter().chain(&code[..4]).fold(0, rest) == 1
}

/// Four numbers up to 255, or groups of hexadecimal digits.
fn is_machine(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let byte = |p: &&str| p.len() <= 3 && p.parse::<u16>().is_ok_and(|n| n <= 255);
    let old = parts.len() == 4 && parts.iter().all(byte);
    let groups = text.split(':').count();
    let hex = text.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
    old && dates::dated(text.as_bytes()).is_none() || groups >= 5 && hex
}

fn is_telephone(text: &str, digits: &[u8]) -> bool {
    let n = digits.len();
    let signs = " -()./+";
    if !made_of(text, signs) || text.trim_start_matches('(').chars().skip(1).any(|c| c == '+') {
        return false;
    }
    let groups = groups(text);
    if text.starts_with('+') || text.starts_with("(+") {
        return (8..=15).contains(&n) && (groups.len() > 1 || n >= 9);
    }
    // Of America: three, three and four.
    let america = groups.ends_with(&[3, 3, 4])
        && (groups.len() == 3 || groups.len() == 4 && groups[0] == 1)
        && !text.contains('/');
    if america {
        return true;
    }
    let open = text.starts_with('(') && text.contains(')') && digits.first() == Some(&0);
    let zero = text.starts_with('0') || open;
    if !zero || digits.get(1) == Some(&0) && groups.len() == 1 {
        return false;
    }
    // `0.123456789`
    let fraction = text.matches('.').count() == 1 && groups.len() == 2;
    let dotted = text.contains('.') && groups.len() < 4;
    match groups.len() {
        1 => (10..=11).contains(&n) && digits[1] != 0,
        _ => (8..=14).contains(&n) && !fraction && !dotted,
    }
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |n, d| n * 10 + u32::from(*d))
}

/// A month and a day as `digits` say them; days of Swedish numbers may be 60 more.
fn is_date(month: &[u8], day: &[u8]) -> bool {
    let (month, day) = (number(month), number(day));
    (1..=12).contains(&month) && ((1..=31).contains(&day) || (61..=91).contains(&day))
}

fn is_person(text: &str, digits: &[u8]) -> bool {
    nordic(text, digits) || american(text, digits) || lettered(text) || southern(text, digits)
}

/// Sweden, Denmark, Norway, Finland.
fn nordic(text: &str, digits: &[u8]) -> bool {
    let groups = groups(text);
    let parted = text.contains(['-', '+']) && made_of(text, "-+");
    let sweden = |d: &[u8]| is_date(&d[2..4], &d[4..6]);
    let denmark = |d: &[u8]| is_date(&d[2..4], &d[..2]);
    match (&groups[..], digits.len()) {
        ([6, 4], 10) if parted => sweden(digits) || denmark(digits),
        ([8, 4], 12) if parted => {
            let date = dates::dated(text.as_bytes()).is_some();
            sweden(&digits[2..]) && (!date || luhn(&digits[2..]))
        }
        ([10], 10) => sweden(digits) && luhn(digits) && made_of(text, ""),
        ([12], 12) => {
            let century = matches!(number(&digits[..2]), 19 | 20);
            century && sweden(&digits[2..]) && luhn(&digits[2..])
        }
        ([11] | [6, 5], 11) => made_of(text, " ") && denmark(digits) && norwegian(digits),
        _ => finnish(text),
    }
}

/// The two check digits of Norway's numbers.
fn norwegian(digits: &[u8]) -> bool {
    let check = |weights: &[u32]| -> u32 {
        weights.iter().zip(digits).map(|(w, d)| w * u32::from(*d)).sum::<u32>() % 11
    };
    check(&[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) == 0 && check(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) == 0
}

fn finnish(text: &str) -> bool {
    const CHECKS: &[u8] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let b = text.as_bytes();
    let shape = b.len() == 11
        && b[..6].iter().chain(&b[7..10]).all(u8::is_ascii_digit)
        && (matches!(b[6], b'-' | b'+') || b[6].is_ascii_uppercase());
    if !shape {
        return false;
    }
    let all = b[..6].iter().chain(&b[7..10]).fold(0_usize, |n, d| n * 10 + usize::from(d - b'0'));
    CHECKS.get(all % 31) == Some(&b[10].to_ascii_uppercase())
}

/// The United States, Brazil.
fn american(text: &str, digits: &[u8]) -> bool {
    let states = text.len() == 11 && text.matches('-').count() == 2 && groups(text) == [3, 2, 4];
    let brazil = text.len() == 14
        && digits.len() == 11
        && groups(text) == [3, 3, 3, 2]
        && text.matches('.').count() == 2
        && text.contains('-');
    states && made_of(text, "-") || brazil
}

/// Italy, Spain, Great Britain: letters beside digits.
fn lettered(text: &str) -> bool {
    let bare: Vec<u8> = text.bytes().filter(|b| !matches!(b, b' ' | b'-')).collect();
    let is = |pattern: &str| {
        bare.len() == pattern.len()
            && bare.iter().zip(pattern.bytes()).all(|(b, p)| match p {
                b'9' => b.is_ascii_digit(),
                _ => b.is_ascii_uppercase(),
            })
    };
    let dni = |from: usize, first: u32| {
        let rest = bare[from..8].iter().fold(first, |n, d| n * 10 + u32::from(d - b'0'));
        let at = usize::try_from(rest % 23).unwrap_or(0);
        b"TRWAGMYFPDXBNJZSQVHLCKE"[at] == bare[8]
    };
    is("AAAAAA99A99A999A")
        || is("99999999A") && dni(0, 0)
        || is("A9999999A") && matches!(bare[0], b'X'..=b'Z') && dni(1, u32::from(bare[0] - b'X'))
        || is("AA999999A") && matches!(bare[8], b'A'..=b'D')
}

/// France, Poland.
fn southern(text: &str, digits: &[u8]) -> bool {
    let france = digits.len() == 15 && made_of(text, " ") && {
        let body = digits[..13].iter().fold(0_u64, |n, d| n * 10 + u64::from(*d));
        let key = u64::from(number(&digits[13..]));
        matches!(digits[0], 1 | 2) && 97 - body % 97 == key
    };
    let weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];
    let poland = digits.len() == 11 && made_of(text, "") && {
        let sum: u32 = weights.iter().zip(digits).map(|(w, d)| w * u32::from(*d)).sum();
        let month = number(&digits[2..4]) % 20;
        sum.is_multiple_of(10)
            && (1..=12).contains(&month)
            && (1..=31).contains(&number(&digits[4..6]))
    };
    france || poland
}
