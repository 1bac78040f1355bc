//! What the head of a column says: a month, a sum of months, or something else.

use super::super::dates::{self, Span};
use super::super::formats;
use super::super::income::{self, Sums};

/// Years that a column may be of.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;
/// Words that may stand beside a month.
const BESIDE: usize = 4;

/// A head, and what it says.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub text: String,
    pub what: What,
    /// What stands beside the month.
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A month (or several) with its year.
    Month(String),
    /// One without: `Jan`, `Q1`.
    Part(String),
    /// The sum of others.
    Total,
    Other,
}

impl Head {
    fn of(cell: &str) -> Self {
        let text = formats::shared_name(cell).split_whitespace().collect::<Vec<_>>().join(" ");
        let said = |what, label: &str| Self { text: text.clone(), what, label: label.to_owned() };
        let bare = tidy(&text);
        if let Some(what) = month(&bare) {
            return said(what, "");
        }
        if is_total(&text) {
            return said(What::Total, "");
        }
        let words: Vec<&str> = bare.split(' ').collect();
        for beside in 1..=BESIDE.min(words.len().saturating_sub(1)) {
            let length = words.len() - beside;
            for from in 0..=beside {
                let (before, rest) = words.split_at(from);
                let (date, behind) = rest.split_at(length);
                let label = before.iter().chain(behind).copied().collect::<Vec<_>>().join(" ");
                let label = label.trim_matches([' ', '-', ':', '|', '/', '\u{2013}']);
                let sign = |c: char| c.is_alphabetic() || "$\u{20ac}\u{a3}".contains(c);
                if let Some(what) = month(&date.join(" ")).filter(|_| label.contains(sign)) {
                    return said(what, label);
                }
            }
        }
        said(What::Other, "")
    }

    pub fn span(&self) -> Option<Span> {
        match &self.what {
            What::Month(text) => dates::dated(text.as_bytes())?.readings.certain(),
            _ => None,
        }
    }

    fn is_month(&self) -> bool {
        matches!(self.what, What::Month(_) | What::Part(_))
    }
}

/// Blanks for the strokes below, which parts of a date keep.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let digit =
            |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        let inside = digit(at.checked_sub(1)) && digit(Some(at + 1));
        out.push(match c {
            '_' if inside => '-',
            '_' => ' ',
            c => *c,
        });
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a text says of a month, when it says nothing else.
fn month(text: &str) -> Option<What> {
    let text = text.trim_end_matches('.');
    if let Some(dated) = dates::dated(text.as_bytes()) {
        let known = [dated.readings.only(), dated.readings.certain()].into_iter().flatten().next();
        let sound =
            known.is_none_or(|s| YEARS.contains(&s.from.year()) && YEARS.contains(&s.to.year()));
        return sound.then(|| What::Month(text.to_owned()));
    }
    let short = text.len() <= 20 && text.chars().any(char::is_alphabetic);
    // `Period 2024` is the year alone.
    let part = with_year(text, 2024).is_some_and(|s| s.months() < 12);
    (short && part).then(|| What::Part(text.to_owned()))
}

/// A month without a year, in a year.
pub(super) fn with_year(part: &str, year: i32) -> Option<Span> {
    dates::dated(format!("{part} {year}").as_bytes())?.readings.certain()
}

fn is_total(text: &str) -> bool {
    let lower = formats::normalise(text);
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
    const WORDS: [&str; 9] = [
        "ytd",
        "ltd",
        "lifetime",
        "all time",
        "to date",
        "year to date",
        "total to date",
        "fy",
        "full year",
    ];
    income::sums(text) != Sums::No || WORDS.contains(&bare)
}

/// The heads of a row; cells without anything at the end are none.
pub(super) fn of_row(cells: &[String]) -> Vec<Head> {
    let used = cells.iter().rposition(|c| !c.trim().is_empty()).map_or(0, |at| at + 1);
    cells[..used].iter().map(|c| Head::of(c)).collect()
}

/// How many of them are months.
pub(super) fn months(heads: &[Head]) -> usize {
    heads.iter().filter(|h| h.is_month()).count()
}

/// Months that stand in the row above, each over the columns up to the next one. Answers how
/// many there are.
pub(super) fn carry_months(heads: &mut [Head], above: &[String]) -> usize {
    let upper = of_row(above);
    let others = upper.iter().filter(|h| !h.text.is_empty() && !h.is_month());
    let count = months(&upper);
    if count < 2 || others.filter(|h| h.what == What::Other).count() > count {
        return 0;
    }
    let mut now: Option<&Head> = None;
    for (at, head) in heads.iter_mut().enumerate() {
        if let Some(upper) = upper.get(at).filter(|h| !h.text.is_empty()) {
            now = Some(upper);
        }
        let Some(upper) = now else { continue };
        match upper.what {
            What::Month(_) | What::Part(_) => {
                let label = head.text.clone();
                *head = Head { text: format!("{} {label}", upper.text), label, ..upper.clone() };
            }
            What::Total => {
                *head = Head { text: format!("{} {}", upper.text, head.text), ..upper.clone() };
            }
            What::Other => {}
        }
    }
    count
}

/// Months that stand there twice have what stands above them as their label, unless that is
/// a year.
pub(super) fn tell_apart(heads: &mut [Head], above: &[String]) {
    let twice = heads.iter().enumerate().any(|(at, h)| {
        h.is_month() && heads[..at].iter().any(|o| (&o.what, &o.label) == (&h.what, &h.label))
    });
    if !twice {
        return;
    }
    let mut label = "";
    for (at, head) in heads.iter_mut().enumerate() {
        let cell = above.get(at).map_or("", |c| c.trim());
        if !cell.is_empty() {
            label = cell;
        }
        let words =
            label.chars().any(char::is_alphabetic) && dates::dated(label.as_bytes()).is_none();
        if head.is_month() && words && head.label.is_empty() {
            label.clone_into(&mut head.label);
        }
    }
}

/// For each head the columns that it adds up: those of the same label and of shorter spans
/// within its own.
pub(super) fn sums_of_others(heads: &[Head]) -> Vec<Vec<usize>> {
    let spans: Vec<Option<Span>> = heads.iter().map(Head::span).collect();
    let within = |at: usize| {
        let Some(whole) = spans[at].filter(|s| s.months() > 1) else { return Vec::new() };
        let part = |(other, span): (usize, &Option<Span>)| {
            let span = (*span)?;
            let inside = span.months() < whole.months()
                && span.from.index() >= whole.from.index()
                && span.to.index() <= whole.to.index();
            (inside && heads[other].label == heads[at].label).then_some((other, span))
        };
        let parts: Vec<(usize, Span)> = spans.iter().enumerate().filter_map(part).collect();
        // Of quarters and months both, the months.
        let finest = parts.iter().map(|(_, s)| s.months()).min();
        let own = parts.iter().filter(|(_, s)| Some(s.months()) == finest);
        own.map(|(other, _)| *other).collect()
    };
    (0..heads.len()).map(within).collect()
}
