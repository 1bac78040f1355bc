//! Email addresses in texts, with the names beside them.

/// Where in a text an email address stands.
pub(super) fn mail_in(text: &str) -> Option<std::ops::Range<usize>> {
    let at = text.find('@')?;
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    let from = text[..at]
        .rfind(|c| !part(c))
        .map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
    let to = text[at + 1..].find(|c| !part(c)).map_or(text.len(), |i| at + 1 + i);
    let domain = &text[at + 1..to];
    let ending = domain.rsplit_once('.').map_or("", |(_, e)| e);
    (from < at && ending.len() >= 2 && ending.chars().all(char::is_alphabetic)).then_some(from..to)
}

/// Where the name begins that stands before an address in brackets: `Jane Doe <jane@x.org>`,
/// `"Doe, Jane" (jane@x.org)`.
pub(super) fn named_before(text: &str, mail: usize) -> Option<usize> {
    let before = text[..mail].trim_end_matches("mailto:").trim_end();
    let Some(name) = before.strip_suffix(['<', '(', '[']) else { return capitals_before(before) };
    let name = name.trim_end();
    if let Some(quoted) = name.strip_suffix('"') {
        return quoted.rfind('"');
    }
    let from = name.rfind(['|', ';', '/', ':']).map_or(0, |at| at + 1);
    // A comma parts people, or the names of one.
    let from = match name[from..].rfind(", ") {
        Some(at) if name[from..from + at].contains(' ') => from + at + 2,
        _ => from,
    };
    Some(from + (name[from..].len() - name[from..].trim_start().len()))
}

/// Where up to three words with capital letters begin at the end of a text: `Jane Doe`.
fn capitals_before(text: &str) -> Option<usize> {
    let mut from = None;
    let mut end = text.len();
    for _ in 0..3 {
        let before = text[..end].trim_end();
        let at = before
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        if !before[at..].starts_with(char::is_uppercase) {
            break;
        }
        (from, end) = (Some(at), at);
    }
    from
}

/// Where the name ends that stands in brackets behind an address: `jane@x.org (Jane Doe)`.
pub(super) fn named_behind(text: &str, mail: usize) -> usize {
    let behind = text[mail..].trim_start_matches(['>', ' ']);
    let name = behind.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    match name {
        Some((name, rest)) if name.starts_with(char::is_uppercase) => text.len() - rest.len(),
        _ => mail,
    }
}
