//! What somebody would write without a ledger: the same statements in a loop.

use std::time::Instant;

use ledger::model::AccountId;
use platform::clock::SystemIds;
use tokio_postgres::NoTls;

use crate::ledger::{ACCOUNTS, LASTS, pair};

const CONNECTIONS: usize = 16;
const SCHEMA: &str = "create table accounts (id text primary key, debits integer not null, \
    credits integer not null) strict; \
    create table transfers (seq integer primary key, id text not null unique, debit text not \
    null, credit text not null, amount integer not null, at integer not null) strict;";

/// Transfers a second with `batch` of them in one durable transaction.
pub(crate) fn sqlite(batch: usize) -> Result<f64, String> {
    loop_on_sqlite(batch).map_err(|e| e.to_string())
}

fn loop_on_sqlite(batch: usize) -> rusqlite::Result<f64> {
    let Ok(folder) = tempfile::tempdir() else { return Ok(f64::NAN) };
    let mut db = rusqlite::Connection::open(folder.path().join("by-hand.db"))?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.execute_batch(SCHEMA)?;
    let ids: Vec<String> = (0..ACCOUNTS).map(|_| new_id()).collect();
    for id in &ids {
        db.execute("insert into accounts values (?1, 0, 0)", [id])?;
    }
    let started = Instant::now();
    let (mut n, mut done) = (0, 0.0);
    while started.elapsed() < LASTS {
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for _ in 0..batch {
            let (debit, credit) = pair(n);
            one_on_sqlite(&tx, &ids[debit], &ids[credit])?;
            n += 1;
            done += 1.0;
        }
        tx.commit()?;
    }
    Ok(done / started.elapsed().as_secs_f64())
}

fn one_on_sqlite(
    tx: &rusqlite::Transaction<'_>,
    debit: &str,
    credit: &str,
) -> rusqlite::Result<()> {
    let read = "select debits - credits from accounts where id in (?1, ?2)";
    let mut accounts = tx.prepare_cached(read)?;
    let _balances: Vec<i64> =
        accounts.query_map([debit, credit], |r| r.get(0))?.collect::<Result<_, _>>()?;
    let id = new_id();
    let mut known = tx.prepare_cached("select 1 from transfers where id = ?1")?;
    known.exists([&id])?;
    let insert =
        "insert into transfers (id, debit, credit, amount, at) values (?1, ?2, ?3, 100, 1)";
    tx.prepare_cached(insert)?.execute([&id, debit, credit])?;
    tx.prepare_cached("update accounts set debits = debits + 100 where id = ?1")?
        .execute([debit])?;
    tx.prepare_cached("update accounts set credits = credits + 100 where id = ?1")?
        .execute([credit])?;
    Ok(())
}

fn new_id() -> String {
    kernel::Ids::next(&SystemIds).to_string()
}

/// The server's own words on durability.
pub(crate) async fn durability(url: &str) -> Result<String, String> {
    let client = connect(url).await?;
    let mut words = Vec::new();
    for setting in ["server_version", "fsync", "synchronous_commit", "full_page_writes"] {
        let row = client.query_one(&format!("show {setting}"), &[]).await;
        let value: String = row.map_err(|e| e.to_string())?.get(0);
        words.push(format!("{setting} {value}"));
    }
    Ok(format!("PostgreSQL: {}", words.join(", ")))
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, String> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.map_err(|e| e.to_string())?;
    tokio::spawn(async move {
        let _ended = connection.await;
    });
    Ok(client)
}

/// Transfers a second, in the ledger's own tables, one transaction each.
pub(crate) async fn postgres(url: &str, accounts: &[AccountId]) -> Result<f64, String> {
    let mut running = tokio::task::JoinSet::new();
    let ids: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let started = Instant::now();
    for connection in 0..CONNECTIONS {
        let client = connect(url).await?;
        let ids = ids.clone();
        running.spawn(async move {
            loop_on_postgres(client, &ids, connection * 7_919, started)
                .await
                .map_err(|e| e.to_string())
        });
    }
    let mut done = 0.0;
    while let Some(one) = running.join_next().await {
        done += one.map_err(|e| e.to_string())??;
    }
    Ok(done / started.elapsed().as_secs_f64())
}

async fn loop_on_postgres(
    mut client: tokio_postgres::Client,
    ids: &[String],
    mut n: usize,
    started: Instant,
) -> Result<f64, tokio_postgres::Error> {
    let lock = client
        .prepare(
            "select key, id, debits_posted from ledger_accounts where id in ($1, $2) \
            order by id for update",
        )
        .await?;
    let known = client
        .prepare(
            "select 1 from ledger_transfers where id = $1 \
            union all select 0 from ledger_failed where id = $1",
        )
        .await?;
    let insert = client
        .prepare(
            "insert into ledger_transfers (id, action, debit, credit, amount, asset, kind, \
            reference, at, bulk) \
            values ($1, 'single', $2, $3, 100, 'EUR', 'adjustment', 'by hand', 1, 0)",
        )
        .await?;
    let debit = client
        .prepare("update ledger_accounts set debits_posted = debits_posted + 100 where key = $1")
        .await?;
    let credit = client
        .prepare("update ledger_accounts set credits_posted = credits_posted + 100 where key = $1")
        .await?;
    let mut done = 0.0;
    while started.elapsed() < LASTS {
        let (from, to) = pair(n);
        let (from, to) = (&ids[from], &ids[to]);
        n += 1;
        let tx = client.transaction().await?;
        let mut keys: [i64; 2] = [0, 0];
        for row in tx.query(&lock, &[from, to]).await? {
            let side = usize::from(row.get::<_, String>("id") == *to);
            keys[side] = row.get("key");
        }
        let [from, to] = keys;
        let id = new_id();
        tx.query(&known, &[&id]).await?;
        tx.execute(&insert, &[&id, &from, &to]).await?;
        tx.execute(&debit, &[&from]).await?;
        tx.execute(&credit, &[&to]).await?;
        tx.commit().await?;
        done += 1.0;
    }
    Ok(done)
}
