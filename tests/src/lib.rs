//! What black-box tests, chaos and benchmarks share: a real server and a client that speaks to
//! it. The journeys themselves are in `tests/journeys`.

pub mod api;
pub mod bank;
pub mod cluster;
pub mod deal;
pub mod live;
pub mod process;
pub mod random;
pub mod server;
pub mod stream;
