//! Policies from elsewhere: a bundle behind an address, or a folder (a git checkout, say), looked
//! at again and again and put in force when it is new, whole, rightly signed and answers.
//! Whatever is wrong with it, the last good one stays in force.

mod folder;
mod pull;
mod signature;
mod unpack;

#[cfg(test)]
mod tests;

pub(super) use pull::Puller;

use std::collections::BTreeMap;

/// The files of a bundle by path, as they are.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Bytes of all files together, at most.
pub(super) const LIMIT: usize = 32 * 1024 * 1024;
/// Files, at most.
pub(super) const COUNT: usize = 2_000;
