//! Plausible rows: popular works earn most, a few stores and countries carry the rest.

use kernel::Month;

use super::Sample;

/// Stores: name, weight, price of one stream in 10^-12 of the currency.
pub(super) const STORES: [(&str, u32, i128); 9] = [
    ("Spotify", 430, 3_050_000_000),
    ("Apple Music", 190, 6_200_000_000),
    ("YouTube (Ads)", 130, 900_000_000),
    ("Amazon Music", 90, 8_300_000_000),
    ("YouTube Music", 60, 4_800_000_000),
    ("Deezer", 40, 5_600_000_000),
    ("TIDAL", 25, 9_400_000_000),
    ("Pandora", 20, 1_400_000_000),
    ("Facebook / Instagram", 15, 700_000_000),
];

/// Countries: two letters, three letters, name, weight.
pub(super) const COUNTRIES: [(&str, &str, &str, u32); 26] = [
    ("US", "USA", "United States", 300),
    ("GB", "GBR", "United Kingdom", 110),
    ("DE", "DEU", "Germany", 90),
    ("SE", "SWE", "Sweden", 60),
    ("FR", "FRA", "France", 55),
    ("CA", "CAN", "Canada", 50),
    ("BR", "BRA", "Brazil", 45),
    ("AU", "AUS", "Australia", 40),
    ("NL", "NLD", "Netherlands", 35),
    ("MX", "MEX", "Mexico", 35),
    ("ES", "ESP", "Spain", 30),
    ("IT", "ITA", "Italy", 28),
    ("NO", "NOR", "Norway", 22),
    ("DK", "DNK", "Denmark", 20),
    ("FI", "FIN", "Finland", 18),
    ("PL", "POL", "Poland", 16),
    ("JP", "JPN", "Japan", 15),
    ("IN", "IND", "India", 14),
    ("IE", "IRL", "Ireland", 10),
    ("BE", "BEL", "Belgium", 10),
    ("CH", "CHE", "Switzerland", 10),
    ("AT", "AUT", "Austria", 8),
    ("PT", "PRT", "Portugal", 8),
    ("CL", "CHL", "Chile", 7),
    ("NZ", "NZL", "New Zealand", 6),
    ("ZA", "ZAF", "South Africa", 5),
];

/// Seasons in basis points, January first.
const SEASONS: [i128; 12] =
    [9_300, 9_100, 9_800, 9_900, 10_200, 10_100, 9_900, 10_000, 9_900, 10_300, 10_600, 10_900];

/// One row before it is written in some layout.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowFacts {
    pub month: Month,
    pub work: usize,
    pub store: usize,
    pub country: usize,
    pub units: i64,
    /// Earnings in 10^-12.
    pub amount: i128,
}

/// SplitMix64: small, fast, the same everywhere.
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `limit`, which is at least 1.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }
}

/// Picks an index with given weights.
struct Picker {
    sums: Vec<u64>,
}

impl Picker {
    fn new(weights: impl Iterator<Item = u64>) -> Self {
        let sums = weights
            .scan(0, |sum, w| {
                *sum += w;
                Some(*sum)
            })
            .collect();
        Self { sums }
    }

    fn pick(&self, dice: &mut Dice) -> usize {
        let at = dice.below(self.sums.last().copied().unwrap_or(1));
        self.sums.partition_point(|s| *s <= at)
    }
}

/// Rows month by month.
pub(super) struct Months<'a> {
    sample: &'a Sample,
    dice: Dice,
    works: Picker,
    stores: Picker,
    countries: Picker,
    month: u32,
    /// Earnings of the month in 10^-12, without season.
    level: i128,
    rows: Vec<RowFacts>,
}

impl<'a> Months<'a> {
    pub fn new(sample: &'a Sample) -> Self {
        let home = |code: &str| if code == sample.home { 8 } else { 1 };
        Self {
            sample,
            dice: Dice::new(sample.seed),
            works: Picker::new((0..sample.titles.len() as u64).map(|i| 10_000 / (i + 2))),
            stores: Picker::new(STORES.iter().map(|s| u64::from(s.1))),
            countries: Picker::new(COUNTRIES.iter().map(|c| u64::from(c.3) * home(c.0))),
            month: 0,
            level: i128::from(sample.monthly_cents) * 10_000_000_000,
            rows: Vec::new(),
        }
    }

    /// The rows of the next month.
    pub fn next_month(&mut self) -> Option<&[RowFacts]> {
        if self.month >= self.sample.months {
            return None;
        }
        let month = self.sample.first.plus(i32::try_from(self.month).unwrap_or(0));
        self.month += 1;
        let far = u64::from(self.sample.noise_bp.min(9_000));
        let noise = i128::from(10_000 - far + self.dice.below(2 * far));
        let season = SEASONS[month.month().saturating_sub(1) as usize % 12];
        let mut earned = self.level * season / 10_000 * noise / 10_000;
        let mut count = self.sample.rows_per_month;
        if self.month == self.sample.months {
            // The newest month of a real statement is only partly there.
            earned = earned * 38 / 100;
            count = (count * 2 / 5).max(1);
        }
        self.level = self.level * (120_000 - i128::from(self.sample.decay_bp)) / 120_000;
        self.fill(month, earned, count);
        Some(&self.rows)
    }

    fn fill(&mut self, month: Month, earned: i128, count: u32) {
        self.rows.clear();
        let mut weights = 0_i128;
        for _ in 0..count {
            let work = self.works.pick(&mut self.dice);
            let store = self.stores.pick(&mut self.dice);
            let country = self.countries.pick(&mut self.dice);
            // Few rows earn much: a product of two even draws has a long tail.
            let weight = i128::from((1 + self.dice.below(90)) * (1 + self.dice.below(90)));
            weights += weight;
            let row = RowFacts { month, work, store, country, units: 0, amount: weight };
            self.rows.push(row);
        }
        for row in &mut self.rows {
            row.amount = earned * row.amount / weights.max(1);
            let price = STORES[row.store].2;
            row.units = i64::try_from(row.amount / price + 1).unwrap_or(1);
        }
    }
}
