//! How well forecasts hold what came in: coverage, error of the median, pinball loss.

/// P10, P50 and P90 of a sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// P10.
    pub low: f64,
    /// P50.
    pub median: f64,
    /// P90.
    pub high: f64,
}

impl Spread {
    /// One figure that claims to be certain.
    pub const fn certain(value: f64) -> Self {
        Self { low: value, median: value, high: value }
    }

    /// The mean pinball loss of the three quantiles (Koenker and Bassett 1978), a proper score:
    /// only the honest quantiles minimise it. For a single figure it is half the absolute error.
    pub fn pinball(&self, actual: f64) -> f64 {
        let loss = |quantile: f64, forecast: f64| {
            let miss = actual - forecast;
            if miss >= 0.0 { quantile * miss } else { (quantile - 1.0) * miss }
        };
        (loss(0.1, self.low) + loss(0.5, self.median) + loss(0.9, self.high)) / 3.0
    }
}

/// Forecasts of one kind of sum beside what came in.
#[derive(Debug, Clone, Default)]
pub struct Score {
    inside: usize,
    below: usize,
    ratios: Vec<f64>,
    pinball: f64,
}

impl Score {
    /// Adds one forecast; `scale` makes catalogues of different size count alike.
    pub fn add(&mut self, forecast: &Spread, actual: f64, scale: f64) {
        self.inside += usize::from(forecast.low <= actual && actual <= forecast.high);
        self.below += usize::from(actual < forecast.low);
        self.ratios.push(forecast.median / actual.max(f64::MIN_POSITIVE));
        self.pinball += forecast.pinball(actual) / scale.max(f64::MIN_POSITIVE);
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        self.inside += other.inside;
        self.below += other.below;
        self.ratios.extend_from_slice(&other.ratios);
        self.pinball += other.pinball;
    }

    /// Forecasts counted.
    pub fn count(&self) -> usize {
        self.ratios.len()
    }

    /// Part of the outcomes that lay between low and high.
    pub fn coverage(&self) -> f64 {
        self.inside as f64 / self.count().max(1) as f64
    }

    /// Part of the outcomes that lay below low.
    pub fn below(&self) -> f64 {
        self.below as f64 / self.count().max(1) as f64
    }

    /// By how much the median is too high in the middle case; negative: too low.
    pub fn bias(&self) -> f64 {
        let mut sorted = self.ratios.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).map_or(0.0, |middle| middle - 1.0)
    }

    /// Mean pinball loss, in parts of the scale.
    pub fn pinball(&self) -> f64 {
        self.pinball / self.count().max(1) as f64
    }
}
