//! Catalogues made up month by month, future included, by rules that the model does not know.

use kernel::{Exact, Month};

use super::super::draws::Draws;
use crate::statements::reader::{Aggregates, Cell, Country, Work};

/// Months of future that are made with every catalogue.
pub const FUTURE: usize = 120;

/// How the noise of months comes about; each has the given standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Noise {
    /// Each month by itself, in logarithms.
    Even,
    /// Each month by itself, a plain factor `1 + noise`, never below a twentieth.
    Plain,
    /// Following the month before with this coefficient (AR(1) in logarithms).
    Following(f64),
    /// Following the month before, a plain factor `1 + noise`, never below a twentieth.
    PlainFollowing(f64),
    /// Each month by itself with heavy tails (Student, three degrees of freedom).
    Heavy,
}

/// The season of a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Season {
    /// A sine of this amplitude, with a phase of its own.
    Sine(f64),
    /// One month of the year that earns this much more.
    Peak(f64),
}

/// What counts as the outcome of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// What came in, with its noise.
    Came,
    /// What was to be expected: the mean of all noise that might have come.
    Expected,
    /// The months without any noise. Where noise is normal in logarithms they lie below the
    /// mean by exp(-s^2 / 2), which is a tenth at s = 0.45.
    Bare,
}

/// What a kind of catalogues has in common. Rates are yearly, as fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// Name for the table.
    pub name: &'static str,
    /// Complete months of history.
    pub months: usize,
    /// How noise comes about.
    pub noise: Noise,
    /// Least and greatest yearly decay; negative: growth.
    pub decay: (f64, f64),
    /// Least and greatest number of works.
    pub works: (u32, u32),
    /// Part of the noise's variance that every work has for itself; the rest is shared.
    pub own: f64,
    /// Standard deviation of the works' own decays around the catalogue's.
    pub spread: f64,
    /// The season.
    pub season: Season,
    /// Hits a year: a work earns two to five times as much and falls back over months.
    pub hits: f64,
    /// Lost playlists a year: a work loses 30 to 80 % for good.
    pub losses: f64,
    /// Part of the decay that is lost with every year: catalogues that calm down.
    pub calming: f64,
    /// Standard deviation of a year's wandering of the level.
    pub wander: f64,
    /// Part of the works that appear within the history.
    pub releases: f64,
    /// What counts as the outcome.
    pub truth: Truth,
}

/// A catalogue with its statement and what it earns afterwards.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The statement: complete months and a last one that is not.
    pub statement: Aggregates,
    /// The outcome of every month after the complete ones.
    pub future: Vec<f64>,
}

struct Line {
    level: f64,
    decay: f64,
    from: usize,
    own: Walk,
    /// Factor of what was lost, and the part of a hit that is left.
    lost: f64,
    hit: f64,
}

/// Noise with the given standard deviation.
struct Walk {
    noise: Noise,
    sd: f64,
    last: f64,
}

impl Walk {
    fn new(noise: Noise, sd: f64, draws: &mut Draws) -> Self {
        Self { noise, sd, last: sd * draws.normal() }
    }

    fn next(&mut self, draws: &mut Draws) -> f64 {
        let z = draws.normal();
        match self.noise {
            Noise::Even => libm::exp(self.sd * z),
            Noise::Plain => (1.0 + self.sd * z).max(0.05),
            Noise::Following(phi) => {
                self.last = phi * self.last + libm::sqrt(1.0 - phi * phi) * self.sd * z;
                libm::exp(self.last)
            }
            Noise::PlainFollowing(phi) => {
                self.last = phi * self.last + libm::sqrt(1.0 - phi * phi) * self.sd * z;
                (1.0 + self.last).max(0.05)
            }
            Noise::Heavy => {
                let square: f64 = (0..3).map(|_| draws.normal()).map(|n| n * n).sum();
                // A Student figure of three degrees has a variance of three.
                libm::exp((self.sd * z / libm::sqrt(square)).clamp(-3.0, 3.0))
            }
        }
    }

    /// What a month of the future counts with: its noise, the mean of it, or none.
    fn counted(&self, came: f64, truth: Truth) -> f64 {
        match (truth, self.noise) {
            (Truth::Came, _) => came,
            (Truth::Expected, Noise::Even | Noise::Following(_)) => {
                libm::exp(0.5 * self.sd * self.sd)
            }
            (Truth::Expected | Truth::Bare, _) => 1.0,
        }
    }
}

/// Makes catalogue number `number` of a kind, with noise of standard deviation `sd`.
pub fn catalogue(recipe: &Recipe, sd: f64, number: u64) -> Catalogue {
    let mut draws = Draws::new(seed_of(recipe.name, sd), number);
    let all = recipe.months + FUTURE;
    let shared_sd = sd * libm::sqrt(1.0 - recipe.own);
    let mut lines = lines(recipe, sd * libm::sqrt(recipe.own), &mut draws);
    let mut shared = Walk::new(recipe.noise, shared_sd, &mut draws);
    let season = seasons(recipe.season, &mut draws);
    let mut wandered = 0.0;
    let mut months = Vec::with_capacity(recipe.months + 1);
    let mut future = Vec::with_capacity(FUTURE);
    for at in 0..all {
        wandered += recipe.wander / libm::sqrt(12.0) * draws.normal();
        shock(recipe, &mut lines, &mut draws);
        let common = shared.next(&mut draws);
        let usual = season[at % 12] * libm::exp(wandered);
        let calm = libm::pow(1.0 - recipe.calming, at as f64 / 12.0);
        let row: Vec<(f64, f64)> =
            lines.iter_mut().map(|l| l.month(at, calm, recipe.truth, &mut draws)).collect();
        if at >= recipe.months {
            let counted = row.iter().map(|(_, counted)| counted).sum::<f64>();
            future.push(counted * usual * shared.counted(common, recipe.truth));
        }
        if at <= recipe.months {
            months.push(row.iter().map(|(came, _)| came * common * usual).collect());
        }
    }
    Catalogue { statement: statement(recipe, &months), future }
}

/// Kinds and levels have nothing in common (FNV-1a).
fn seed_of(name: &str, sd: f64) -> u32 {
    let level = libm::rint(sd * 1_000.0) as u32;
    let bytes = name.bytes().chain(level.to_le_bytes());
    bytes.fold(2_166_136_261_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(16_777_619))
}

fn lines(recipe: &Recipe, own_sd: f64, draws: &mut Draws) -> Vec<Line> {
    let (least, most) = recipe.works;
    let count = least + (draws.unit() * f64::from(most - least + 1)) as u32;
    let decay = draws.between(recipe.decay.0, recipe.decay.1);
    let house = libm::exp(draws.normal());
    (0..count)
        .map(|at| {
            let late = at > 0 && draws.unit() < recipe.releases;
            let from = draws.between(2.0, (recipe.months as f64 - 3.0).max(3.0));
            Line {
                level: 200.0 * house * libm::exp(draws.normal()),
                decay: (decay + recipe.spread * draws.normal()).clamp(-0.5, 0.7),
                from: if late { from as usize } else { 0 },
                own: Walk::new(recipe.noise, own_sd, draws),
                lost: 1.0,
                hit: 0.0,
            }
        })
        .collect()
}

impl Line {
    /// What comes in in a month, and what counts of it.
    fn month(&mut self, at: usize, calm: f64, truth: Truth, draws: &mut Draws) -> (f64, f64) {
        if at < self.from {
            return (0.0, 0.0);
        }
        let noise = self.own.next(draws);
        let bare = self.level * self.lost * (1.0 + self.hit);
        self.level *= libm::pow(1.0 - self.decay * calm, 1.0 / 12.0);
        self.hit *= 0.75;
        (bare * noise, bare * self.own.counted(noise, truth))
    }
}

fn shock(recipe: &Recipe, lines: &mut [Line], draws: &mut Draws) {
    let (hit, lost) = (draws.unit(), draws.unit());
    let (which, size) = (draws.unit(), draws.unit());
    let which = ((which * lines.len() as f64) as usize).min(lines.len() - 1);
    let Some(line) = lines.get_mut(which) else { return };
    if hit < recipe.hits / 12.0 {
        line.hit += 1.0 + 3.0 * size;
    }
    if lost < recipe.losses / 12.0 {
        line.lost *= 0.7 - 0.5 * size;
    }
}

fn seasons(season: Season, draws: &mut Draws) -> Vec<f64> {
    let phase = draws.between(0.0, 12.0);
    (0..12)
        .map(|at| match season {
            Season::Sine(size) => {
                let turn = 2.0 * std::f64::consts::PI * (f64::from(at) + phase) / 12.0;
                1.0 + size * libm::sin(turn)
            }
            Season::Peak(size) if at == phase as i32 => 1.0 + size,
            Season::Peak(_) => 1.0,
        })
        .collect()
}

fn statement(recipe: &Recipe, months: &[Vec<f64>]) -> Aggregates {
    let start = Month::new(2020, 1);
    let mut all = Aggregates { stores: vec!["Spotify".into()], ..Aggregates::default() };
    let width = months.first().map_or(0, Vec::len);
    for work in 0..width {
        all.works.push(Work { title: format!("Work {}", work + 1), isrc: String::new() });
    }
    for (at, row) in months.iter().enumerate() {
        for (work, earned) in row.iter().enumerate() {
            // The last month has not been paid out in full.
            let paid = if at == recipe.months { earned * 0.4 } else { *earned };
            if paid <= 0.0 {
                continue;
            }
            let country = if (at + work) % 2 == 0 { "SE" } else { "DE" };
            let country = Country::parse(country).unwrap_or(Country::UNKNOWN);
            let month = start.plus(i32::try_from(at).unwrap_or(0));
            let mut cell = Cell::of(u32::try_from(work).unwrap_or(0), 0, country).at(month);
            cell.amount = Exact(libm::rint(paid * 1e6) as i128 * 1_000_000);
            (cell.rows, cell.first_line) = (1, 2);
            all.cells.push(cell);
        }
    }
    all
}
