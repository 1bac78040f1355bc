//! Seeded random figures that are the same on every machine: a pinned generator, and normal
//! figures by inverting the distribution, so that one draw gives one figure.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random figures.
#[derive(Debug, Clone)]
pub(super) struct Draws {
    rng: ChaCha8Rng,
    stream: u64,
    drawn: Vec<f64>,
    /// Where the mirror stands in `drawn`; `None` while drawing.
    mirror: Option<usize>,
}

/// Streams of mirrors, far from those of what they mirror.
const MIRRORS: u64 = 1 << 40;

impl Draws {
    /// Stream `stream` of `seed`; different streams are independent.
    pub fn new(seed: u32, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed));
        rng.set_stream(stream);
        Self { rng, stream, drawn: Vec::new(), mirror: None }
    }

    /// Begins another stream of the same seed, as [`Draws::new`] would, in the same memory.
    pub fn turn_to(&mut self, stream: u64) {
        self.stream = stream;
        self.mirror = None;
        self.drawn.clear();
        self.rng.set_stream(stream);
        self.rng.set_word_pos(0);
    }

    /// From here on gives the opposite of the normal figures that were drawn, in their order.
    /// Uniform figures are new ones, from a stream of their own: how many were drawn before
    /// does not matter.
    pub fn mirror(&mut self) {
        self.mirror = Some(0);
        self.rng.set_stream(MIRRORS + self.stream);
        self.rng.set_word_pos(0);
    }

    /// Uniform in (0, 1), never at its ends, so that logarithms and quantiles exist.
    pub fn unit(&mut self) -> f64 {
        ((self.rng.next_u64() >> 12) as f64 + 0.5) / 4_503_599_627_370_496.0
    }

    /// Uniform between two figures.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        if let Some(at) = self.mirror
            && let Some(known) = self.drawn.get(at)
        {
            self.mirror = Some(at + 1);
            return -known;
        }
        let drawn = quantile(self.unit());
        self.drawn.push(drawn);
        drawn
    }
}

/// Quantile of the standard normal distribution, to 16 digits.
/// Source: M. J. Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
pub(super) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(r, &CENTRE);
    }
    let r = libm::sqrt(-libm::log(if q < 0.0 { p } else { 1.0 - p }));
    let far = if r <= 5.0 { ratio(r - 1.6, &TAIL) } else { ratio(r - 5.0, &FAR_TAIL) };
    if q < 0.0 { -far } else { far }
}

fn ratio(x: f64, (above, below): &([f64; 8], [f64; 8])) -> f64 {
    let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
    horner(above) / horner(below)
}

const CENTRE: ([f64; 8], [f64; 8]) = (
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
);

const TAIL: ([f64; 8], [f64; 8]) = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        0.000_774_545_014_278_341_4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        0.000_547_593_808_499_534_5,
        0.000_000_001_050_750_071_644_416_9,
    ],
);

const FAR_TAIL: ([f64; 8], [f64; 8]) = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        0.000_027_115_555_687_434_876,
        0.000_000_201_033_439_929_228_81,
    ],
    [
        1.0,
        0.599_832_206_555_887_9,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        0.000_786_869_131_145_613_2,
        0.000_018_463_183_175_100_548,
        0.000_000_142_151_175_831_644_6,
        0.000_000_000_000_002_044_263_103_389_939_8,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, z) in [
            (0.5, 0.0),
            (0.9, 1.281_551_565_544_600_4),
            (0.975, 1.959_963_984_540_054),
            (0.01, -2.326_347_874_040_841),
            (1e-12, -7.034_483_825_301_132),
        ] {
            assert!((quantile(p) - z).abs() < 1e-9, "{p}: {}", quantile(p));
        }
    }

    #[test]
    fn a_stream_that_was_turned_to_is_a_new_one() {
        let (mut new, mut turned) = (Draws::new(7, 4), Draws::new(7, 3));
        turned.normal();
        turned.mirror();
        turned.unit();
        turned.turn_to(4);
        let of = |draws: &mut Draws| -> Vec<f64> {
            let mut all: Vec<f64> = (0..50).map(|_| draws.normal()).collect();
            draws.mirror();
            all.extend((0..50).map(|_| draws.normal() + draws.unit()));
            all
        };
        assert_eq!(of(&mut new), of(&mut turned));
    }

    #[test]
    fn a_mirror_gives_the_opposite_and_streams_differ() {
        let (mut one, mut other) = (Draws::new(7, 3), Draws::new(7, 4));
        let first: Vec<f64> = (0..100).map(|_| one.normal()).collect();
        one.mirror();
        for z in first {
            assert!((one.normal() + z).abs() < 1e-12);
            assert!((other.normal() - z).abs() > 1e-12);
        }
    }
}
