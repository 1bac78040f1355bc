//! Who is in the demo, with what: a deterministic plan, so that every demo is the same house.

use deals::offers::OfferKind;
use deals::statements::samples::{Sample, SampleLayout};
use kernel::Month;

/// Deals in the history of the demo.
pub(super) const DEALS: usize = 120;

const FIRST: [&str; 40] = [
    "Maja", "Elias", "Noor", "Théo", "Ingrid", "Marcus", "Aoife", "Luca", "Freja", "Samir",
    "Clara", "Jonas", "Amara", "Hugo", "Saga", "Rafael", "Nadia", "Viktor", "Leila", "Oskar",
    "Camille", "Tomás", "Ebba", "Idris", "Hanna", "Pavel", "Zoe", "Anton", "Mina", "Caleb", "Alva",
    "Bruno", "Esther", "Nils", "Priya", "Félix", "Signe", "Omar", "Greta", "Dario",
];
const LAST: [&str; 37] = [
    "Lindqvist",
    "Okafor",
    "Moreau",
    "Hartmann",
    "Brennan",
    "Rossi",
    "Dahl",
    "Haddad",
    "Whitfield",
    "Sörensen",
    "Castellanos",
    "Novak",
    "Achterberg",
    "Fontaine",
    "Wikström",
    "Mbeki",
    "Keller",
    "Almeida",
    "Thorsen",
    "Vega",
    "Laurent",
    "Iyer",
    "Holloway",
    "Bergström",
    "Petrov",
    "Sinclair",
    "Marchetti",
    "Ekholm",
    "Abara",
    "Lambert",
    "Voss",
    "Cordeiro",
    "Nyberg",
    "Farrell",
    "Schreiber",
    "Dubois",
    "Halvorsen",
];
const ACTS: [&str; 12] = [
    "Harbour Lights Ensemble",
    "The Slow Ferry",
    "Kastanj",
    "Nightbus to Malmö",
    "Copper Choir",
    "Studio Drottninggatan",
    "Two Rivers",
    "The Winter Parade",
    "Salt & Cedar",
    "Kiosk Royal",
    "Low Orbit Club",
    "Paper Lantern Radio",
];
const SONGS: [&str; 36] = [
    "Afterglow",
    "Low Water",
    "Paper Moon",
    "Ghost Lights",
    "Stay a While",
    "Rooftops",
    "Undertow",
    "Halfway Home",
    "Signals",
    "Slow Burn",
    "Northbound",
    "The Quiet Part",
    "Blue Hour",
    "Kerosene",
    "Sister Cities",
    "Half a Summer",
    "Tremolo",
    "Glass Garden",
    "Night Swim",
    "Monument",
    "Any Other Name",
    "Ember",
    "Driftwood",
    "Satellite Heart",
    "Long Division",
    "Cold Front",
    "Cinnamon",
    "Postcards",
    "Weightless",
    "Last Tram",
    "Marigold",
    "Static",
    "Fever Dream",
    "Harvest Moon Road",
    "Hemlock",
    "Sleepwalkers",
];
const WHAT: [&str; 6] = [
    "master recordings",
    "first two albums",
    "streaming catalogue",
    "singles 2019 to 2023",
    "the whole catalogue",
    "debut and b-sides",
];
/// Earnings of the first month in hundredths of the currency: from a bedroom to a hit.
const MONTHLY: [i64; 12] = [
    14_000, 22_000, 34_000, 50_000, 75_000, 115_000, 170_000, 250_000, 400_000, 650_000, 1_200_000,
    2_400_000,
];
const HOMES: [&str; 8] = ["SE", "GB", "US", "DE", "FR", "NO", "NL", "IE"];
const MONTHS: [u32; 7] = [36, 24, 48, 18, 60, 30, 9];
/// Yearly decay; what grows is below nothing.
const DECAYS: [i64; 9] = [1_200, 700, 2_200, 1_500, -900, 3_400, 1_000, 1_800, -300];
/// From a quiet catalogue to one that nobody can foresee.
const NOISES: [u32; 7] = [1_200, 3_500, 6_000, 800, 4_500, 8_000, 2_400];
/// Whose files come in: three in five in dollars, the rest in other currencies.
const LAYOUTS: [SampleLayout; 10] = [
    SampleLayout::DistrokidTsv,
    SampleLayout::OrchardEu,
    SampleLayout::TuneCore,
    SampleLayout::TuneCoreIn("GBP"),
    SampleLayout::CdBaby,
    SampleLayout::TuneCoreIn("SEK"),
    SampleLayout::Symphonic,
    SampleLayout::OrchardEu,
    SampleLayout::DistrokidCsv,
    SampleLayout::TuneCoreIn("GBP"),
];

/// Where a deal of the history ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Paid, with its receipt.
    Paid,
    /// The creator said no, with this reason.
    Declined(&'static str),
    /// Nobody answered in time.
    Expired,
    /// The house took it back, with this reason.
    Withdrawn(&'static str),
    /// The bank refused the payment: such an account.
    Refused(&'static str),
    /// Paid, and the money came back.
    Returned,
    /// Accepted, not paid yet.
    Accepted,
    /// Waits for an answer.
    Ready,
}

/// One deal of the plan.
pub(super) struct Plan {
    /// Its number, from 0, oldest first.
    pub n: usize,
    /// Who.
    pub name: String,
    /// The account, an IBAN that the sandbox bank knows.
    pub account: String,
    pub platform: &'static str,
    pub country: &'static str,
    pub layout: SampleLayout,
    pub title: String,
    pub kind: OfferKind,
    pub term_years: Option<i64>,
    pub share_bp: i64,
    pub fate: Fate,
}

impl Plan {
    /// Deal number `n`; numbers past [`DEALS`] are those that the simulator makes.
    pub fn new(n: usize) -> Self {
        let name = match n % 10 {
            7 if n < 10 * ACTS.len() => ACTS[n / 10].to_owned(),
            _ => format!("{} {}", FIRST[n % 40], LAST[(n * 7 + n / 40) % 37]),
        };
        let fate = fate(n);
        let account = match fate {
            Fate::Refused("account_closed") => iban("370400440532013002"),
            Fate::Refused(_) => iban("370400440532013001"),
            // Its end tells the sandbox bank that nothing is wrong.
            _ => iban(&format!("{}{:010}", BANKS[n % 5], 7_101_000 + n * 739)),
        };
        let share_bp = [10_000, 7_500, 5_000, 10_000, 6_000][n % 5];
        Self {
            n,
            title: format!("{name}, {}", WHAT[(n * 5 + n / 6) % 6]),
            name,
            account,
            platform: ["spotify", "apple_music", "youtube", "bandcamp"][n % 4],
            country: HOMES[(n * 3) % 8],
            layout: LAYOUTS[n % 10],
            kind: if n % 5 == 4 { OfferKind::Advance } else { OfferKind::Purchase },
            term_years: [Some(5), Some(10), None, Some(15), Some(3), Some(7)][n % 6],
            share_bp,
            fate,
        }
    }

    /// A handle as platforms have it.
    pub fn handle(&self) -> String {
        let plain = |c: char| match c {
            'å' | 'ä' | 'á' => 'a',
            'é' => 'e',
            'ö' | 'ó' => 'o',
            other => other,
        };
        let lower = self.name.to_lowercase().chars().map(plain).collect::<String>();
        let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
        words.collect::<Vec<_>>().join(".")
    }

    /// The statement that the creator has, as of `now`.
    pub fn sample(&self, now: Month) -> Sample {
        let n = self.n;
        let months = MONTHS[(n * 3 + n / 7) % 7];
        let titles = 3 + (n * 5) % 11;
        let back = i32::try_from(months).unwrap_or(0);
        Sample {
            layout: self.layout,
            seed: n as u64,
            artist: self.name.clone(),
            titles: (0..titles).map(|k| SONGS[(n * 5 + k * 7) % 36].to_owned()).collect(),
            first: now.plus(-back),
            months,
            monthly_cents: MONTHLY[(n * 7 + n / 12) % 12] + 37 * i64::try_from(n).unwrap_or(0),
            decay_bp: DECAYS[(n * 2 + n / 9) % 9],
            home: self.country,
            rows_per_month: 40 + u32::try_from(n * 13 % 90).unwrap_or(0),
            noise_bp: NOISES[(n * 4 + n / 11) % 7],
        }
    }
}

const BANKS: [&str; 5] = ["37040044", "10010010", "50010517", "70020270", "20041133"];

/// A German account with its check digits (ISO 13616: the rest of a division by 97).
fn iban(account: &str) -> String {
    // D is 13 and E is 14; the digits that are looked for count as 00.
    let rest = format!("{account}131400")
        .bytes()
        .fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    format!("DE{:02}{account}", 98 - rest)
}

fn fate(n: usize) -> Fate {
    match n {
        n if n >= DEALS => Fate::Paid,
        n if n + 7 >= DEALS => Fate::Ready,
        n if n + 11 >= DEALS => Fate::Accepted,
        14 | 71 | 103 => Fate::Refused("account_closed"),
        38 => Fate::Refused("no_account"),
        26 | 88 => Fate::Returned,
        9 | 47 => Fate::Withdrawn("Two people claim the same recordings"),
        63 => Fate::Withdrawn("The distributor could not confirm the account"),
        95 => Fate::Withdrawn("A sample in the largest work is not cleared"),
        n if n % 13 == 5 => Fate::Declined(DECLINED[n / 13 % DECLINED.len()]),
        n if n % 17 == 11 => Fate::Expired,
        _ => Fate::Paid,
    }
}

const DECLINED: [&str; 5] = [
    "Prefers to wait for the next album",
    "Has a better offer",
    "Wants a shorter term",
    "Keeps the masters in the family",
    "The share is too high",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn everybody_is_somebody_else_and_nothing_is_sold_twice() {
        let all: Vec<Plan> = (0..DEALS + 500).map(Plan::new).collect();
        let names: HashSet<&str> = all[..DEALS].iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names.len(), DEALS);
        let handles: HashSet<String> = all[..DEALS].iter().map(Plan::handle).collect();
        assert_eq!(handles.len(), DEALS);
        let accounts: HashSet<&str> = all[..DEALS].iter().map(|p| p.account.as_str()).collect();
        assert!(accounts.len() > DEALS - 4, "everybody has an account of his own");
        assert_eq!(iban("370400440532013000"), "DE89370400440532013000");
        for p in &all {
            let sample = p.sample(Month::new(2026, 11));
            let titles: HashSet<&String> = sample.titles.iter().collect();
            assert_eq!(titles.len(), sample.titles.len(), "{}", p.name);
            assert!(p.account.len() == 22 && !p.handle().is_empty());
        }
    }

    #[test]
    fn a_house_has_some_of_everything() {
        let all: Vec<Plan> = (0..DEALS).map(Plan::new).collect();
        let count = |is: &dyn Fn(Fate) -> bool| all.iter().filter(|p| is(p.fate)).count();
        let paid = count(&|f| f == Fate::Paid);
        assert!(paid * 10 > DEALS * 6, "most deals are paid: {paid}");
        assert!(count(&|f| matches!(f, Fate::Refused(_))) >= 3);
        assert!(count(&|f| matches!(f, Fate::Withdrawn(_))) >= 3);
        assert!(count(&|f| matches!(f, Fate::Declined(_))) >= 5);
        assert!(count(&|f| f == Fate::Expired) >= 3 && count(&|f| f == Fate::Returned) == 2);
        assert_eq!((count(&|f| f == Fate::Ready), count(&|f| f == Fate::Accepted)), (7, 4));
        let currencies: HashSet<&str> = all.iter().map(|p| p.layout.currency()).collect();
        assert_eq!(currencies, HashSet::from(["USD", "EUR", "GBP", "SEK"]));
    }
}
