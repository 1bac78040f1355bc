//! What the months leave possible: level, decay, season and noise together.
//!
//! y(t) = level + slope * t + season(t) + breaks(t) + following(t) + even(t) + wandering(t),
//! with y the logarithm of a month, t years after the last complete month. The noise has a
//! standard deviation s; a part of it follows the month before (AR(1)), the rest is even, and
//! the level wanders from month to month by a part of s. These are tried on a grid; given
//! them, level, slope, season and breaks are a Bayesian linear regression, exactly solved
//! (A. Zellner, An Introduction to Bayesian Inference in Econometrics, 1971, chapter 4).

use super::breaks::Break;
use super::linear::{Triangle, dot};
use super::noise::{self, Shape, UsualNoise, power, triangle};
use super::series::Point;

/// Coefficients before the breaks: level, slope, eleven of the season.
pub(super) const FIXED: usize = 13;
const LEVEL_SD: f64 = 10.0;
/// Standard deviation of the season's harmonics, slowest first.
const SEASON_SD: [f64; 6] = [0.10, 0.06, 0.04, 0.03, 0.03, 0.02];
pub(super) const BREAK_SD: f64 = 1.0;

/// Logarithm of odds beyond which nothing is looked at.
const UNLIKELY: f64 = 14.0;

/// Prior of the yearly slope of the logarithm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct SlopePrior {
    pub mean: f64,
    pub sd: f64,
}

/// What is usual, before the months were seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Usual {
    pub slope: SlopePrior,
    pub noise: UsualNoise,
}

/// How much wider the prior of odd catalogues is, and how many they are.
const ODD_WIDTH: f64 = 2.5;
const ODD_PART: f64 = 0.3;

/// A column of the regression beyond the fixed ones.
pub(in super::super) type Column = Vec<f64>;

/// One shape of noise with everything that the regression needs, whatever its size.
struct Whitened {
    shape: Shape,
    prior: f64,
    log_det: f64,
    /// X'V⁻¹X, X'V⁻¹y, y'V⁻¹y.
    xx: Vec<f64>,
    xy: Vec<f64>,
    yy: f64,
    /// What follows at the end, given the residuals: its mean is `ky - kx b`.
    kx: Vec<f64>,
    ky: f64,
    /// Its variance, in parts of s².
    kv: f64,
}

/// The fitted months.
pub(in super::super) struct Posterior {
    shapes: Vec<Whitened>,
    /// Logarithm of the weight of each (shape, noise), then its cumulated weight.
    cells: Vec<Cell>,
    width: usize,
    /// Usual catalogues, then odd ones.
    priors: [Prior; 2],
    noise: UsualNoise,
    centre: f64,
    count: usize,
    /// Periods of a year.
    per_year: f64,
}

/// Prior standard deviation of a coefficient.
pub(super) fn prior_sd(at: usize, slope: SlopePrior) -> f64 {
    match at {
        0 => LEVEL_SD,
        1 => slope.sd,
        2..FIXED => SEASON_SD[(at - 2) / 2],
        _ => BREAK_SD,
    }
}

/// Normal prior of all coefficients, with its logarithm of weight.
struct Prior {
    precision: Vec<f64>,
    pull: Vec<f64>,
    weight: f64,
}

impl Prior {
    fn new(width: usize, slope: SlopePrior, part: f64) -> Self {
        let mut precision = vec![0.0; width];
        let mut pull = vec![0.0; width];
        for (at, value) in precision.iter_mut().enumerate() {
            let sd = prior_sd(at, slope);
            *value = 1.0 / (sd * sd);
        }
        pull[1] = slope.mean * precision[1];
        let constant = pull[1] * slope.mean - precision.iter().map(|p| libm::log(*p)).sum::<f64>();
        Self { precision, pull, weight: libm::log(part) - 0.5 * constant }
    }
}

struct Cell {
    shape: usize,
    prior: usize,
    sd: f64,
    upto: f64,
}

/// One possible truth of the noise, with the coefficients that go with it.
pub(in super::super) struct Possible {
    pub shape: Shape,
    /// Standard deviation of a month.
    pub sd: f64,
    mean: Vec<f64>,
    lower: Triangle,
    kx: Vec<f64>,
    ky: f64,
    kv: f64,
    centre: f64,
    /// Precision that the prior gives to the slope.
    slope_precision: f64,
}

/// Level, slope and season as drawn, with what follows the last month.
pub(in super::super) struct Drawn {
    pub level: f64,
    pub slope: f64,
    pub following: f64,
    /// Sizes of the season's harmonics and of the breaks.
    rest: Vec<f64>,
}

impl Drawn {
    /// What season and breaks add to a month; see [`ahead`].
    pub fn adds(&self, month: &[f64]) -> f64 {
        dot(month, &self.rest)
    }
}

/// The part that every harmonic and break has in each of the twelve months after `last`, the
/// month of the year of the last complete one.
pub(in super::super) fn ahead(last: usize, breaks: &[Break]) -> Vec<Vec<f64>> {
    let waves = Waves::new();
    (1..=12)
        .map(|month| {
            let mut row = waves.0[(last + month) % 12].to_vec();
            row.extend(breaks.iter().map(|b| b.at(-(month as i64))));
            row
        })
        .collect()
}

/// The season's harmonics by month of the year.
struct Waves([[f64; 11]; 12]);

impl Waves {
    /// A harmonic over the months of a period.
    fn over(&self, point: &Point, at: usize) -> f64 {
        let months = (0..point.width).map(|m| self.0[(point.season + m) % 12][at]);
        months.sum::<f64>() / point.width as f64
    }

    fn new() -> Self {
        let mut all = [[0.0; 11]; 12];
        for (month, row) in all.iter_mut().enumerate() {
            for (at, value) in row.iter_mut().enumerate() {
                let turns = ((at / 2 + 1) * month) as f64 / 12.0;
                let angle = 2.0 * std::f64::consts::PI * turns;
                *value = if at % 2 == 0 { libm::cos(angle) } else { libm::sin(angle) };
            }
        }
        Self(all)
    }
}

/// Columns of the regression: level, slope, season, then the breaks.
pub(super) fn columns(points: &[Point], breaks: &[Column]) -> Vec<Column> {
    let waves = Waves::new();
    let mut all = vec![vec![1.0; points.len()]];
    all.push(points.iter().map(|p| -p.years()).collect());
    for at in 0..11 {
        all.push(points.iter().map(|p| waves.over(p, at)).collect());
    }
    all.extend(breaks.iter().cloned());
    all
}

impl Posterior {
    /// Fits the series. The grid is coarser when `quick`, for a first look.
    pub fn new(points: &[Point], breaks: &[Column], usual: Usual, quick: bool) -> Self {
        let columns = columns(points, breaks);
        let width = columns.len();
        let per_year = 12.0 / points.first().map_or(1, |p| p.width) as f64;
        let centre = points.iter().map(|p| p.log).sum::<f64>() / points.len().max(1) as f64;
        let y: Vec<f64> = points.iter().map(|p| p.log - centre).collect();
        let slope = usual.slope;
        let odd = SlopePrior { sd: ODD_WIDTH * slope.sd, ..slope };
        let priors = [Prior::new(width, slope, 1.0 - ODD_PART), Prior::new(width, odd, ODD_PART)];
        let shapes: Vec<Whitened> = noise::shapes(usual.noise, quick)
            .map(|(shape, prior)| Whitened::new(shape, prior, points, &columns, &y))
            .collect();
        let (noise, count, cells) = (usual.noise, y.len(), Vec::new());
        let mut all = Self { shapes, cells, width, priors, noise, centre, count, per_year };
        all.weigh();
        all
    }

    fn weigh(&mut self) {
        for shape in 0..self.shapes.len() {
            for prior in 0..self.priors.len() {
                let mut sd = noise::LEAST_NOISE;
                let mut most = f64::NEG_INFINITY;
                for _ in 0..noise::NOISES {
                    let upto = self.evidence(shape, prior, sd);
                    // It rises and falls once: what comes after is less likely still.
                    if upto < most - UNLIKELY {
                        break;
                    }
                    most = most.max(upto);
                    self.cells.push(Cell { shape, prior, sd, upto });
                    sd *= noise::NOISE_STEP;
                }
            }
        }
        let best = self.cells.iter().map(|c| c.upto).fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for cell in &mut self.cells {
            sum += libm::exp(cell.upto - best);
            cell.upto = sum;
        }
        for cell in &mut self.cells {
            cell.upto /= sum;
        }
    }

    /// Logarithm of the weight of one shape and size of noise.
    fn evidence(&self, shape: usize, prior: usize, sd: f64) -> f64 {
        let (lower, _, energy) = self.solve(shape, prior, sd);
        let shape = &self.shapes[shape];
        let misfit = 2.0 * self.count as f64 * libm::log(sd)
            + shape.log_det
            + lower.log_det()
            + shape.yy / (sd * sd)
            - energy;
        let noise = noise::prior_of(&self.noise, &shape.shape, sd, self.per_year);
        self.priors[prior].weight + shape.prior + noise - 0.5 * misfit
    }

    /// Coefficients for one shape and size of noise: precision's triangle, mean, and m'Pm.
    fn solve(&self, shape: usize, prior: usize, sd: f64) -> (Triangle, Vec<f64>, f64) {
        let (shape, prior) = (&self.shapes[shape], &self.priors[prior]);
        let weight = 1.0 / (sd * sd);
        let mut matrix: Vec<f64> = shape.xx.iter().map(|v| v * weight).collect();
        for (at, p) in prior.precision.iter().enumerate() {
            matrix[at * self.width + at] += p;
        }
        let lower = Triangle::of(matrix, self.width);
        let mut mean: Vec<f64> =
            shape.xy.iter().zip(&prior.pull).map(|(xy, pull)| xy * weight + pull).collect();
        lower.forward(&mut mean);
        let energy = dot(&mean, &mean);
        lower.backward(&mut mean);
        (lower, mean, energy)
    }

    fn possible(&self, cell: &Cell) -> Possible {
        let shape = &self.shapes[cell.shape];
        let (lower, mean, _) = self.solve(cell.shape, cell.prior, cell.sd);
        Possible {
            shape: shape.shape,
            sd: cell.sd,
            mean,
            lower,
            kx: shape.kx.clone(),
            ky: shape.ky,
            kv: shape.kv,
            centre: self.centre,
            slope_precision: self.priors[cell.prior].precision[1],
        }
    }

    /// The likeliest truth of the noise.
    pub fn likeliest(&self) -> Possible {
        let mut before = 0.0;
        let mut best = (0, 0.0);
        for (at, cell) in self.cells.iter().enumerate() {
            if cell.upto - before > best.1 {
                best = (at, cell.upto - before);
            }
            before = cell.upto;
        }
        self.possible(&self.cells[best.0])
    }

    /// Possible truths for `count` futures: each as often as it is likely.
    pub fn spread(&self, count: usize) -> Vec<(Possible, usize)> {
        let mut all = Vec::new();
        let mut done = 0;
        for cell in &self.cells {
            // Future i belongs to the cell that holds (i + 0.5) / count.
            let upto = libm::floor(cell.upto * count as f64 + 0.5) as usize;
            let upto = upto.min(count);
            if upto > done {
                all.push((self.possible(cell), upto - done));
                done = upto;
            }
        }
        all
    }

    /// The yearly slope over all possible truths.
    pub fn slope(&self) -> Slope {
        let at = 1;
        let (mut mean, mut square, mut own) = (0.0, 0.0, 0.0);
        for (possible, count) in self.spread(400) {
            let mut unit = vec![0.0; self.width];
            unit[at] = 1.0;
            possible.lower.forward(&mut unit);
            let (variance, weight) = (dot(&unit, &unit), count as f64 / 400.0);
            mean += weight * possible.mean[at];
            square += weight * (possible.mean[at] * possible.mean[at] + variance);
            own += weight * (1.0 - variance * possible.slope_precision);
        }
        let sd = libm::sqrt((square - mean * mean).max(0.0));
        Slope { mean, sd, own: own.clamp(0.0, 1.0) }
    }
}

/// The yearly slope of the logarithm: mean, standard deviation, and how much of it the months
/// know beyond the prior, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Slope {
    pub mean: f64,
    pub sd: f64,
    pub own: f64,
}

impl Possible {
    /// The sizes of the breaks in the middle.
    pub fn breaks(&self) -> &[f64] {
        self.mean.get(FIXED..).unwrap_or_default()
    }

    /// Draws coefficients and the end of what follows.
    pub fn draw(&self, mut normal: impl FnMut() -> f64) -> Drawn {
        let mut b: Vec<f64> = self.mean.iter().map(|_| normal()).collect();
        self.lower.backward(&mut b);
        for (value, mean) in b.iter_mut().zip(&self.mean) {
            *value += mean;
        }
        let spread = libm::sqrt(self.kv.max(0.0)) * self.sd;
        let following = self.ky - dot(&self.kx, &b) + spread * normal();
        let rest = b.split_off(2);
        Drawn { level: b[0] + self.centre, slope: b[1], following, rest }
    }

    /// Residuals of the series in the middle.
    pub fn residuals(&self, points: &[Point], columns: &[Column]) -> Vec<f64> {
        let fitted =
            |at: usize| columns.iter().zip(&self.mean).map(|(c, b)| c[at] * b).sum::<f64>();
        points.iter().enumerate().map(|(at, p)| p.log - self.centre - fitted(at)).collect()
    }
}

impl Whitened {
    fn new(shape: Shape, prior: f64, points: &[Point], columns: &[Column], y: &[f64]) -> Self {
        let lower = triangle(&shape, points);
        let mut y = y.to_vec();
        lower.forward(&mut y);
        let white: Vec<Column> = columns
            .iter()
            .map(|column| {
                let mut c = column.clone();
                lower.forward(&mut c);
                c
            })
            .collect();
        let mut end: Vec<f64> =
            points.iter().map(|p| shape.part * power(shape.follow, p.ago)).collect();
        lower.forward(&mut end);
        let mut xx = vec![0.0; white.len() * white.len()];
        for (i, a) in white.iter().enumerate() {
            for (j, b) in white.iter().enumerate().take(i + 1) {
                xx[i * white.len() + j] = dot(a, b);
            }
        }
        Self {
            shape,
            prior,
            log_det: lower.log_det(),
            xx,
            xy: white.iter().map(|c| dot(c, &y)).collect(),
            yy: dot(&y, &y),
            kx: white.iter().map(|c| dot(c, &end)).collect(),
            ky: dot(&y, &end),
            kv: shape.part - dot(&end, &end),
        }
    }
}
