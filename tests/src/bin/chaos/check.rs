//! What must be true after everything died often enough.

use std::sync::Arc;

use platform::db::Db;
use tests::deal::{Deal, must};
use tests::process::Installation;

/// The engines themselves, when no server runs any more.
pub(crate) async fn house(place: &Installation, deals: &[Deal]) -> Result<String, String> {
    let ledger = place.run(&["ledger", "verify"])?;
    let audit = place.run(&["audit", "verify"])?;
    let config = place.config().map_err(|e| e.to_string())?;
    let db = Db::open(&config.database.url, Arc::default()).map_err(|e| e.to_string())?;
    let (open, dead) = platform::jobs::counts(&db).await.map_err(|e| e.to_string())?;
    must((open, dead) == (0, 0), || format!("{open} jobs are open, {dead} dead"))?;
    let unplaced: Result<i64, platform::db::DbError> = db.read(platform::outbox::unplaced).await;
    let unplaced = unplaced.map_err(|e| e.to_string())?;
    must(unplaced == 0, || format!("{unplaced} events were never placed"))?;
    let payments = tests::bank::paid_each_once(&config.bank_url(), "", deals).await?;
    tests::bank::agrees_with_the_ledger(&db, &payments).await?;
    let of = |state: &str| payments.iter().filter(|p| p.state == state).count();
    Ok(format!(
        "{ledger}\n{audit}\nbank: {} payments stand, {} came back; the ledger says the same, to \
         the cent",
        of("paid"),
        of("returned")
    ))
}
