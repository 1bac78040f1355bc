//! Payouts: every bad day of a rail, by name.
