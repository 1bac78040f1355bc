//! The simulation of version 1: decay and discount rate are drawn, nothing else.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::super::Futures;
use super::super::measure::{Decay, bp};
use super::super::path::{Band, Path};
use super::super::settings::Settings;

/// Simulates decay and discount rate. Draws come in mirrored pairs, so that the median stays
/// close to the central case with few of them.
pub(super) fn futures(decay: &Decay, years: usize, seed: u32, settings: &Settings) -> Futures {
    let count = usize::try_from(settings.simulations).unwrap_or(0).clamp(100, 100_000);
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed));
    let base = bp(settings.discount_bp);
    let rate_sd = bp(settings.discount_sd_bp);
    let (least, most) = (bp(settings.min_decay_bp), bp(settings.max_decay_bp));
    let mut values = Vec::with_capacity(count + 1);
    let mut flows = vec![Vec::with_capacity(count + 1); years];
    while values.len() < count {
        let (a, b) = normal_pair(&mut rng);
        for sign in [1.0, -1.0] {
            let drawn = (decay.rate + sign * a * decay.sd).clamp(least, most);
            let rate = (base + sign * b * rate_sd).clamp(base / 2.0, base * 2.0);
            let path = Path::new(drawn, rate, settings);
            values.push(path.run(years, |year, earned| flows[year].push(earned)));
        }
    }
    Futures {
        value: Band::of(&mut values),
        years: flows.iter_mut().map(|year| Band::of(year)).collect(),
        whole: None,
    }
}

/// Two independent standard normal figures (Box-Muller).
fn normal_pair(rng: &mut ChaCha8Rng) -> (f64, f64) {
    let radius = libm::sqrt(-2.0 * libm::log(unit(rng)));
    let angle = 2.0 * std::f64::consts::PI * unit(rng);
    (radius * libm::cos(angle), radius * libm::sin(angle))
}

/// Uniform in (0, 1]: 53 bits, never zero, so that its logarithm exists.
fn unit(rng: &mut ChaCha8Rng) -> f64 {
    ((rng.next_u64() >> 11) + 1) as f64 / 9_007_199_254_740_992.0
}
