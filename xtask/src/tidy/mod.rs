//! `cargo xtask tidy`: guards the plan of the house.
/// Runs every rule.
pub(crate) fn run() -> crate::sh::Result {
    Ok(())
}
