//! The world: database, outbox and inbox, doorbell, jobs, audit, chains, blobs, HTTP kit,
//! configuration, telemetry, tasks. Everything the house needs from outside is behind a door
//! in this package, and the clock, randomness, environment, threads and HTTP clients are used
//! nowhere else.

pub mod audit;
pub mod backfill;
pub mod blobs;
pub mod bus;
pub mod chain;
pub mod clock;
pub mod config;
pub mod cx;
pub mod db;
pub mod http;
pub mod idempotency;
pub mod inbox;
pub mod jobs;
pub mod leases;
pub mod mail;
pub mod outbound;
pub mod outbox;
pub mod retention;
pub mod signals;
pub mod tasks;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;

pub use cx::{Cx, House};

use db::migrate::Migration;

/// The tables of this package.
pub const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_platform"),
    migration!(5, "0005_bus"),
    migration!(7, "0007_growth"),
    migration!(12, "0012_idempotency"),
];
