//! Months that are not noise: a single odd month, a hit that fades, a level lost or won.
//!
//! Found one after the other, as C. Chen and L.-M. Liu do (Journal of the American Statistical
//! Association 88, 1993), but weighed by Bayes factors: a break has to explain more than the
//! chance of finding one among so many months.

use super::linear::{Triangle, dot};
use super::noise::triangle;
use super::posterior::{BREAK_SD, Column, Posterior, SlopePrior, Usual, columns, prior_sd};
use super::series::Point;

/// Months for each break. A series with more of them is not a quiet one with breaks but one
/// that jumps all the time, and its jumps are noise.
const MONTHS_EACH: usize = 9;
/// Logarithm of the Bayes factor that a break needs.
const NEEDED: f64 = 5.0;
/// Part of a hit that is left a month later.
const FADING: f64 = 0.75;
/// Months that must lie after a change of level for it to be told from noise.
const SETTLED: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Kind {
    /// One month only.
    Odd,
    /// Fading over months.
    Hit,
    /// For good.
    Level,
}

/// A break, `ago` months before the last complete one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Break {
    pub kind: Kind,
    pub ago: i64,
}

impl Break {
    /// Its part in the logarithm of a month; `ago` is negative for months to come. A change of
    /// level is counted from its end, so that today's level is the one after it.
    pub fn at(&self, ago: i64) -> f64 {
        let since = self.ago - ago;
        match self.kind {
            Kind::Odd => f64::from(u8::from(since == 0)),
            Kind::Hit if since >= 0 => libm::pow(FADING, since as f64),
            Kind::Level if since < 0 => -1.0,
            Kind::Hit | Kind::Level => 0.0,
        }
    }

    pub fn column(&self, points: &[Point]) -> Column {
        points.iter().map(|p| self.at(p.ago as i64)).collect()
    }
}

/// The breaks of a series, most telling first.
pub(super) fn find(points: &[Point], usual: Usual) -> Vec<Break> {
    let most = points.len() / MONTHS_EACH;
    let mut found: Vec<Break> = Vec::new();
    loop {
        let known: Vec<Column> = found.iter().map(|b| b.column(points)).collect();
        match strongest(points, &known, usual, &found) {
            None => return found,
            Some(_) if found.len() >= most => return Vec::new(),
            Some(next) => found.push(next),
        }
    }
}

fn strongest(points: &[Point], known: &[Column], usual: Usual, found: &[Break]) -> Option<Break> {
    let likeliest = Posterior::new(points, known, usual, true).likeliest();
    let all = columns(points, known);
    let lower = triangle(&likeliest.shape, points);
    let white = |mut column: Column| {
        lower.forward(&mut column);
        column
    };
    let rest = white(likeliest.residuals(points, &all));
    let variance = steady(&rest, likeliest.sd);
    let base: Vec<Column> = all.into_iter().map(white).collect();
    let solved = normal_equations(&base, variance, usual.slope);
    let mut best = (NEEDED, None);
    for candidate in candidates(points, found) {
        let z = white(candidate.column(points));
        let mut across: Vec<f64> = base.iter().map(|c| dot(c, &z) / variance).collect();
        solved.forward(&mut across);
        let information = (dot(&z, &z) / variance - dot(&across, &across)).max(0.0);
        let score = dot(&z, &rest) / variance;
        let gain = 1.0 + BREAK_SD * BREAK_SD * information;
        let factor = 0.5 * (score * score * BREAK_SD * BREAK_SD / gain - libm::log(gain));
        if factor > best.0 {
            best = (factor, Some(candidate));
        }
    }
    best.1
}

/// Variance of the noise, little moved by the few months that are searched for.
fn steady(rest: &[f64], sd: f64) -> f64 {
    let mut sizes: Vec<f64> = rest.iter().map(|r| r.abs()).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let middle = sizes.get(sizes.len() / 2).copied().unwrap_or(sd) * 1.4826;
    let sd = middle.clamp(0.6 * sd, sd);
    sd * sd
}

fn normal_equations(base: &[Column], variance: f64, slope: SlopePrior) -> Triangle {
    let size = base.len();
    let mut matrix = vec![0.0; size * size];
    for (i, a) in base.iter().enumerate() {
        for (j, b) in base.iter().enumerate().take(i + 1) {
            matrix[i * size + j] = dot(a, b) / variance;
        }
        let sd = prior_sd(i, slope);
        matrix[i * size + i] += 1.0 / (sd * sd);
    }
    Triangle::of(matrix, size)
}

fn candidates<'a>(points: &'a [Point], found: &'a [Break]) -> impl Iterator<Item = Break> + 'a {
    let oldest = points.first().map_or(0, |p| p.ago);
    points.iter().flat_map(move |point| {
        [Kind::Odd, Kind::Hit, Kind::Level].into_iter().filter_map(move |kind| {
            let inside = match kind {
                Kind::Odd => true,
                Kind::Hit => point.ago >= 1 && point.width == 1,
                Kind::Level => point.ago + 1 >= SETTLED && point.ago + SETTLED <= oldest,
            };
            let next = Break { kind, ago: point.ago as i64 };
            (inside && !found.contains(&next)).then_some(next)
        })
    })
}
