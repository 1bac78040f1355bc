//! Who comes in (`gateway`), who they are (`identity`), what they may do (`policy`).

mod fetch;
pub mod gateway;
pub mod identity;
pub mod policy;

use platform::db::migrate::Migration;

/// The tables of this package.
pub const MIGRATIONS: &[Migration] = &[
    platform::migration!(3, "0003_access"),
    platform::migration!(6, "0006_access"),
    platform::migration!(11, "0011_sessions"),
];
