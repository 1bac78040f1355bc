//! Does the band hold what it says? Made-up catalogues whose future is known, and scores.
//!
//! The truth is always what came in, with its noise: the sum of the months, not their
//! expectation. A year is twelve months from the one after the last complete month.

mod generate;
mod score;
mod trial;

use super::v1::USUAL_PAIRS;
use super::{Settings, Version};

pub use generate::{Catalogue, FUTURE, Noise, Recipe, Season, Truth, catalogue};
pub use score::{Score, Spread};
pub use trial::{Rival, Trial, YEARS, trial};

/// Version 1 with the assumptions of its time, to compare with.
pub fn version_one() -> (Version, Settings) {
    let settings = Settings {
        discount_sd_bp: 200,
        prior_decay_3y_bp: 1_200,
        prior_decay_sd_bp: 600,
        decay_half_life_years: 4,
        max_decay_bp: 6_000,
        simulations: 4_000,
        ..Settings::default()
    };
    (Version::One { prior_pairs: USUAL_PAIRS }, settings)
}

/// The generator of the house: 36 months, 3 to 20 works, decays of 3 to 35 % a year, a season
/// of 12 %, noise that all works share.
pub const PLAIN: Recipe = Recipe {
    name: "shared noise",
    months: 36,
    noise: Noise::Even,
    decay: (0.03, 0.35),
    works: (3, 20),
    own: 0.0,
    spread: 0.0,
    season: Season::Sine(0.12),
    hits: 0.0,
    losses: 0.0,
    calming: 0.0,
    wander: 0.0,
    releases: 0.0,
    truth: Truth::Came,
};

/// Every kind of catalogue that is tried.
pub const RECIPES: &[Recipe] = &[
    PLAIN,
    Recipe { name: "plain factors", noise: Noise::Plain, ..PLAIN },
    Recipe { name: "own noise", own: 0.6, ..PLAIN },
    Recipe { name: "following, 0.3", noise: Noise::Following(0.3), ..PLAIN },
    Recipe { name: "following, 0.6", noise: Noise::Following(0.6), own: 0.2, ..PLAIN },
    Recipe { name: "following, 0.8", noise: Noise::Following(0.8), ..PLAIN },
    Recipe { name: "heavy tails", noise: Noise::Heavy, ..PLAIN },
    Recipe { name: "december", season: Season::Peak(0.5), own: 0.3, ..PLAIN },
    Recipe { name: "decays differ", spread: 0.1, own: 0.4, ..PLAIN },
    Recipe { name: "calming", calming: 0.12, spread: 0.05, own: 0.4, ..PLAIN },
    Recipe { name: "growth", decay: (-0.25, 0.0), own: 0.4, ..PLAIN },
    Recipe { name: "hits", hits: 0.4, own: 0.4, ..PLAIN },
    Recipe { name: "lost playlists", losses: 0.3, own: 0.4, ..PLAIN },
    Recipe { name: "wandering", wander: 0.1, own: 0.4, ..PLAIN },
    Recipe { name: "few works", works: (1, 3), spread: 0.08, own: 0.6, ..PLAIN },
    Recipe { name: "releases", releases: 0.4, spread: 0.05, own: 0.4, ..PLAIN },
    Recipe { name: "12 months", months: 12, ..PLAIN },
    Recipe { name: "18 months", months: 18, own: 0.4, ..PLAIN },
    Recipe { name: "24 months", months: 24, ..PLAIN },
    Recipe { name: "60 months", months: 60, own: 0.4, ..PLAIN },
    Recipe {
        name: "everything",
        noise: Noise::Following(0.4),
        own: 0.5,
        spread: 0.06,
        hits: 0.15,
        losses: 0.1,
        wander: 0.04,
        releases: 0.1,
        ..PLAIN
    },
];

/// The generator that the promise was first tried with: months whose noise is correlated, which
/// can be read as following the month before, as shared by the works, or as both.
pub const CORRELATED: &[Recipe] = &[
    Recipe { name: "correlated, follows 0.3", noise: Noise::Following(0.3), ..PLAIN },
    Recipe { name: "correlated, follows 0.5", noise: Noise::Following(0.5), ..PLAIN },
    Recipe { name: "correlated, follows 0.7", noise: Noise::Following(0.7), ..PLAIN },
    Recipe { name: "correlated, plain 0.5", noise: Noise::PlainFollowing(0.5), ..PLAIN },
    Recipe { name: "correlated, shared and own", own: 0.5, ..PLAIN },
    Recipe { name: "correlated, both", noise: Noise::Following(0.5), own: 0.5, ..PLAIN },
];

/// Noise levels that are tried: standard deviation of a month.
pub const LEVELS: [f64; 4] = [0.10, 0.20, 0.30, 0.45];
