//! Names of months and periods in the languages that statements come in.

/// Full names: English, Swedish, German, French, Spanish, Portuguese, Italian, Dutch (also
/// Danish and Norwegian, where they differ), without accents. A name matches from its first
/// three letters on, as long as what is written begins it.
const FULL: [&[&str]; 12] = [
    &["january", "januari", "januar", "janner", "janvier", "enero", "janeiro", "gennaio"],
    &["february", "februari", "februar", "feber", "fevrier", "febrero", "fevereiro", "febbraio"],
    &["march", "mars", "marz", "marzo", "marco", "maart", "marts", "maerz"],
    &["april", "avril", "abril", "aprile"],
    &["may", "maj", "mai", "mayo", "maio", "maggio", "mei"],
    &["june", "juni", "juin", "junio", "junho", "giugno"],
    &["july", "juli", "juillet", "julio", "julho", "luglio"],
    &["august", "augusti", "aout", "agosto", "augustus"],
    &["september", "septembre", "septiembre", "setiembre", "setembro", "settembre"],
    &["october", "oktober", "octobre", "octubre", "outubro", "ottobre"],
    &["november", "novembre", "noviembre", "novembro"],
    &["december", "dezember", "decembre", "diciembre", "dezembro", "dicembre", "desember"],
];

/// Short forms that are no beginning of a full name.
const SHORT: [(&str, u32); 5] = [("sept", 9), ("mrt", 3), ("juil", 7), ("sett", 9), ("mrz", 3)];

/// Beginnings in Finnish, Polish, Czech, Turkish, Hungarian, Romanian and Russian, none of
/// which begins a name above.
#[rustfmt::skip]
const STEMS: [&[&str]; 12] = [
    &["tammi", "stycz", "sty", "leden", "ledna", "ocak", "ianuarie", "\u{44f}\u{43d}\u{432}"],
    &["helmi", "luty", "lut", "lutego", "unor", "subat", "\u{444}\u{435}\u{432}\u{440}"],
    &["maalis", "marzec", "marca", "brez", "mart", "marcius", "martie",
      "\u{43c}\u{430}\u{440}\u{442}"],
    &["huhti", "kwiec", "kwi", "duben", "dubna", "nisan", "aprilis", "\u{430}\u{43f}\u{440}"],
    &["touko", "maja", "kveten", "kvetna", "mayis", "majus", "\u{43c}\u{430}\u{439}",
      "\u{43c}\u{430}\u{44f}"],
    &["kesa", "czerw", "cze", "cerven", "cervna", "hazir", "iunie", "\u{438}\u{44e}\u{43d}"],
    &["heina", "lipiec", "lipca", "lip", "cervenec", "cervence", "temmuz", "iulie",
      "\u{438}\u{44e}\u{43b}"],
    &["elokuu", "sierp", "sie", "srpen", "srpna", "agustos", "augusztus", "\u{430}\u{432}\u{433}"],
    &["syys", "wrzes", "wrz", "zari", "eylul", "szept", "septembrie",
      "\u{441}\u{435}\u{43d}\u{442}"],
    &["loka", "pazdz", "paz", "rijen", "rijna", "ekim", "octombrie", "\u{43e}\u{43a}\u{442}"],
    &["marras", "listopad", "lis", "kasim", "noiembrie", "\u{43d}\u{43e}\u{44f}"],
    &["joulu", "grud", "gru", "prosin", "aralik", "decembrie", "\u{434}\u{435}\u{43a}"],
];

/// The month that the beginning of a word names; of several beginnings the longest.
fn by_stem(word: &str) -> Option<u32> {
    let stems =
        STEMS.iter().zip(1..).flat_map(|(stems, month)| stems.iter().map(move |s| (*s, month)));
    let short = |stem: &str| stem.len() <= 3 && stem.is_ascii();
    let fits = stems.filter(|(s, _)| word == *s || !short(s) && word.starts_with(*s));
    fits.max_by_key(|(s, _)| s.len()).map(|(_, month)| month)
}

/// The month that a word names, 1 to 12. The word is lower case, without accents. `jui` may be
/// June or July in French: no month.
pub(super) fn month_named(word: &str) -> Option<u32> {
    if word.len() < 3 {
        return None;
    }
    if let Some((_, month)) = SHORT.iter().find(|(short, _)| *short == word) {
        return Some(*month);
    }
    let mut found = None;
    for (at, names) in FULL.iter().enumerate() {
        if names.iter().any(|n| n.starts_with(word)) {
            if found.is_some() {
                return None;
            }
            found = u32::try_from(at + 1).ok();
        }
    }
    found.or_else(|| by_stem(word))
}

/// Words that say nothing in a date.
pub(super) fn is_filler(word: &str) -> bool {
    const DAYS: [&str; 14] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ];
    const SMALL: [&str; 18] = [
        "de", "del", "of", "the", "den", "le", "du", "di", "st", "nd", "rd", "th", "er", "period",
        "from", "von", "fran", "month",
    ];
    DAYS.contains(&word) || SMALL.contains(&word)
}

/// Words between the two ends of a range.
pub(super) fn is_until(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "to", "until", "till", "through", "thru", "bis", "al", "au", "a", "tot", "til", "ate",
        "and", "tom",
    ];
    WORDS.contains(&word)
}

/// Number of months of a named part of a year: quarters and halves.
pub(super) fn part_of_year(word: &str) -> Option<u32> {
    const QUARTERS: [&str; 13] = [
        "q",
        "qtr",
        "quarter",
        "quartal",
        "quartals",
        "kv",
        "kvartal",
        "k",
        "t",
        "trim",
        "trimestre",
        "kwartaal",
        "trimester",
    ];
    const HALVES: [&str; 7] = ["h", "hy", "half", "halbjahr", "halvar", "semestre", "semester"];
    match word {
        w if QUARTERS.contains(&w) => Some(3),
        w if HALVES.contains(&w) => Some(6),
        _ => None,
    }
}

/// Lower case without accents, so that one spelling stands for all.
pub(super) fn folded(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    let plain = super::digits::plain(std::borrow::Cow::Borrowed(text));
    for c in plain.chars().flat_map(char::to_lowercase) {
        out.push(match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | '\u{105}' | '\u{103}' => 'a',
            'ç' | '\u{107}' | '\u{10d}' => 'c',
            'è' | 'é' | 'ê' | 'ë' | '\u{119}' | '\u{11b}' => 'e',
            'ì' | 'í' | 'î' | 'ï' | '\u{131}' => 'i',
            'ñ' | '\u{144}' | '\u{148}' => 'n',
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | '\u{151}' => 'o',
            'ù' | 'ú' | 'û' | 'ü' | '\u{171}' | '\u{16f}' => 'u',
            'ý' => 'y',
            '\u{142}' => 'l',
            '\u{15b}' | '\u{161}' | '\u{15f}' | '\u{219}' => 's',
            '\u{17a}' | '\u{17c}' | '\u{17e}' => 'z',
            '\u{159}' => 'r',
            '\u{11f}' => 'g',
            // A letter followed by a combining accent is the letter.
            '\u{300}'..='\u{36f}' => continue,
            c if super::amounts::is_minus(c) => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        });
    }
    out
}
