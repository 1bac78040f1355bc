//! A house that has been at work for long is brought up to date: its rows stay, what they lack is
//! made beside the running house, and everything that is proved of a new one is proved of it.

use kontor::MIGRATIONS;
use platform::db::migrate::{self, Migration};
use platform::db::{Db, DbError, Tx, Value};
use platform::testing::{self, On};
use platform::{on_both, params};
use sha2::{Digest as _, Sha256};
use tests::server::Place;

/// As the program was before tables had to grow.
const OLD: &[Migration] =
    &[MIGRATIONS[0], MIGRATIONS[1], MIGRATIONS[2], MIGRATIONS[3], MIGRATIONS[4], MIGRATIONS[5]];
const OFFERS: i64 = 1_200;
const TRANSFERS: i64 = 3_000;

const ACCOUNT: &str = "insert into ledger_accounts (id, code, name, purpose, asset, rule, \
    debits_pending, debits_posted, credits_pending, credits_posted, created_at) \
    values ($1, $2, $2, $3, 'USD', 'none', 0, $4, 0, $5, 0)";
const TRANSFER: &str = "insert into ledger_transfers (id, pos, action, debit, credit, amount, \
    asset, kind, reference, at, bulk) \
    values ($1, $2, 'single', 1, 2, 7, 'USD', 'adjustment', $3, $4, 0)";
const LINES: &str = "select t.pos, t.id || '|' || t.action || '|' || coalesce(t.pending_id, '') \
    || '|' || d.id || '|' || c.id || '|' || cast(t.amount as text) || '|' || t.asset || '|' \
    || t.kind || '|' || coalesce(t.offer_id, '') || '|' || t.reference || '|' \
    || cast(t.at as text) as line from ledger_transfers t \
    join ledger_accounts d on d.key = t.debit join ledger_accounts c on c.key = t.credit \
    order by t.pos";
const SEAL: &str = "insert into seals (chain, upto, since, digest, previous, sealed_at) \
    values ('ledger', $1, 0, $2, $3, 0)";
const CREATOR: &str = "insert into creators (id, platform, platform_id, username, display_name, \
    search, created_at) values ($1, 'spotify', $1, 'maja', 'Maja Lind', 'maja lind spotify', 0)";
const OFFER: &str = "insert into offers (id, creator_id, kind, title, description, currency, \
    share_bp, statement_ids, language, status, round, offered, payout_id, guard_rails, search, \
    version, created_at, updated_at) values ($1, $2, 'purchase', $3, '', 'USD', 8000, '[]', 'en', \
    'CLOSED', 1, 500, $1, '[]', $4, 0, $5, $5)";
const PAYOUT: &str = "insert into payouts (id, offer_id, creator_id, recipient_id, amount, \
    currency, status, rail, hold_id, created_at, updated_at) \
    values ($1, $1, $2, 'r', 500, 'USD', 'PAID', 'sandbox_bank', $1, $3, $3)";
const ATTEMPT: &str = "insert into payouts_attempts (payout_id, number, rail, idempotency_key, \
    status, read_backs, started_at, updated_at) \
    values ($1, 1, 'sandbox_bank', $2, 'PAID', 0, $3, $3)";

fn id(kind: u128, n: i64) -> String {
    kernel::ids::Uuid::from_u128((kind << 96) | u128::from(n.unsigned_abs())).to_string()
}

fn books(tx: &mut Tx<'_>, now: i64) -> Result<(), DbError> {
    let total = 7 * TRANSFERS;
    tx.execute(ACCOUNT, params![id(1, 1), "one", "suspense", total, 0_i64])?;
    tx.execute(ACCOUNT, params![id(1, 2), "two", "suspense", 0_i64, total])?;
    let rows: Vec<Vec<Value>> = (1..=TRANSFERS)
        .map(|n| params![id(2, n), n, format!("ref|{n}"), now - n * 60_000_000].to_vec())
        .collect();
    tx.execute_many(TRANSFER, &rows)?;
    let genesis = "0".repeat(64);
    let mut text = genesis.clone();
    for row in tx.query(LINES, &[])? {
        text += &format!("\n{}|{}", row.int("pos")?, row.text("line")?);
    }
    let digest = hex::encode(Sha256::digest(text));
    tx.execute(SEAL, params![TRANSFERS, digest, genesis])?;
    tx.execute("update seq set at = $1 where name = 'ledger'", params![TRANSFERS]).map(drop)
}

fn deals(tx: &mut Tx<'_>, now: i64) -> Result<(), DbError> {
    tx.execute(CREATOR, params![id(3, 1)])?;
    for n in 1..=OFFERS {
        let (offer, at) = (id(4, n), now - n * 3_600_000_000);
        let title = format!("Afterglow {n:05}");
        let search = format!("{} maja lind maja", title.to_lowercase());
        tx.execute(OFFER, params![&offer, id(3, 1), title, search, at])?;
        tx.execute(PAYOUT, params![&offer, id(3, 1), at])?;
        tx.execute(ATTEMPT, params![&offer, format!("{offer}.sandbox_bank.1"), at])?;
    }
    Ok(())
}

async fn number(db: &Db, sql: &'static str) -> i64 {
    let read: Result<i64, DbError> = db.read(move |tx| tx.query_one(sql, &[])?.int("n")).await;
    read.unwrap()
}

async fn a_house_from_before_is_brought_up_to_date(on: On) {
    let place = Place::new(on).await.unwrap();
    {
        let config = place.config();
        let db = Db::open(&config.database.url, std::sync::Arc::default()).unwrap();
        migrate::up(&db, OLD, testing::START).await.unwrap();
        let now = kernel::Clock::now(&platform::clock::SystemClock).micros();
        let filled: Result<(), DbError> = db
            .write(move |tx| {
                books(tx, now)?;
                deals(tx, now)
            })
            .await;
        filled.unwrap();
    }
    let server = place.start().await;
    let api = server.login("admin").await;
    let db = &server.house.db;
    // At once: what is counted and listed is right while the rest is still being made.
    let stats = api.get("/offers/stats").await;
    assert_eq!(stats["total"], OFFERS);
    let found = |page: &serde_json::Value| page["data"].as_array().unwrap().len();
    assert_eq!(found(&api.get("/offers?text=low%2000777").await), 1);
    assert_eq!(found(&api.get("/offers?text=00777").await), 1);
    testing::until("every long change is done", || async {
        let open = number(db, "select count(*) as n from backfills where done = 1").await;
        (open == 3).then_some(())
    })
    .await;
    for (text, deals) in
        [("00777", 1), ("terglow 00777", 1), ("K-777", 1), ("nothing", 0), ("lind", 50)]
    {
        assert_eq!(found(&api.get(&format!("/offers?text={text}")).await), deals, "{text}");
    }
    assert_eq!(found(&api.get("/offers/creators?text=lin").await), 1);
    // Every payout of the past is asked about. The bank never heard of them, which proves nothing.
    testing::until("each was looked at", || async {
        let sql = "select count(*) as n from payouts_attempts where look_at > ended_at + 2000000";
        (number(db, sql).await == OFFERS).then_some(())
    })
    .await;
    assert_eq!(number(db, "select count(*) as n from payouts where status = 'PAID'").await, OFFERS);
    let of = api.get("/ledger/transfers?reference=ref%7C77").await;
    assert_eq!((found(&of), of["data"][0]["actor"].as_str()), (1, Some("")));
    let verified = ledger::service::verify(db).await.unwrap();
    assert_eq!(verified.transfers, TRANSFERS);
    assert!(
        ledger::service::close_days(db).await.unwrap() > 0
            || number(db, "select at as n from seq where name = 'ledger_days'").await == TRANSFERS
    );
    ledger::service::verify(db).await.unwrap();
    server.stop().await;
}

on_both!(a_house_from_before_is_brought_up_to_date);
