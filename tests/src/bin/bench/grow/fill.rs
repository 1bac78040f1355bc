//! A house with so many deals, transfers and waiting jobs, filled past the use cases: what is
//! measured is looking at it, not making it.

use std::sync::Arc;

use deals::BACKFILLS;
use kernel::ids::Uuid;
use kernel::{Asset, Timestamp};
use kontor::App;
use ledger::model::{AccountId, Action, Purpose, Rule, Transfer, TransferId, TransferKind};
use ledger::service::{self, OpenAccount};
use platform::House;
use platform::db::{DbError, Value};
use platform::params;

/// How large a house is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) offers: usize,
    pub(super) transfers: usize,
    pub(super) jobs: usize,
}

const CREATOR: &str = "insert into creators (id, platform, platform_id, username, display_name, \
    search, created_at) values ($1, 'spotify', $2, $3, $4, $5, $6)";
const OFFER: &str = "insert into offers (id, creator_id, kind, title, description, currency, \
    term_years, share_bp, statement_ids, language, status, round, offered, guard_rails, search, \
    version, created_at, updated_at) values ($1, $2, 'purchase', $3, '', 'USD', 10, 8000, '[]', \
    'en', $4, 1, $5, '[]', $6, 3, $7, $7)";
const STEP: &str = "insert into offers_timeline (offer_id, version, at, topic, actor, payload) \
    values ($1, $2, $3, 'offer.status.changed', 'system', \
    '{\"from\":\"VALUATING\",\"to\":\"OFFER_READY\"}')";
const COUNTS: &str = "insert into offers_counts (status, currency, bucket, offers, \
    offered_high, offered_low) select status, currency, number % 16, count(*), \
    cast(sum(coalesce(offered, 0) / 1000000000) as bigint), \
    cast(sum(coalesce(offered, 0) % 1000000000) as bigint) \
    from offers group by status, currency, number % 16";
const JOB: &str = "insert into jobs (id, kind, unique_key, payload, status, run_at, attempts, \
    max_attempts, progress_done, progress_total, created_at) \
    values ($1, $2, $1, '{}', 'queued', $3, 0, 20, 0, 0, $3)";

/// Offers of one creator.
const OF_ONE: usize = 10;
const PIECE: usize = 2_000;
const ACCOUNTS: usize = 200;
const BULK: usize = 5_000;
const STATUSES: [&str; 6] = ["CLOSED", "OFFER_READY", "DECLINED", "CLOSED", "EXPIRED", "CLOSED"];
const FIRST: [&str; 8] = ["Maja", "Noah", "Ines", "Tariq", "Lena", "Olof", "Sara", "Juan"];
const NOUNS: [&str; 8] =
    ["Afterglow", "Harbour", "Low Water", "Paper Moon", "Signal", "Northbound", "Ember", "Atlas"];

/// Fills an empty house.
pub(super) async fn house(app: &App, size: Size) -> Result<(), String> {
    let house = &app.house;
    let wrong = |e: DbError| e.to_string();
    creators(house, size.offers / OF_ONE + 1).await.map_err(wrong)?;
    offers(house, size.offers).await.map_err(wrong)?;
    let counted = house.db.write(|tx| {
        tx.execute("delete from offers_counts", &[])?;
        tx.execute(COUNTS, &[])
    });
    counted.await.map_err(wrong)?;
    for change in BACKFILLS {
        platform::backfill::finish(house, *change).await.map_err(wrong)?;
    }
    jobs(house, size.jobs).await.map_err(wrong)?;
    books(house, size.transfers).await
}

/// Fills an empty ledger, seals it, and closes its days.
pub(super) async fn books(house: &Arc<House>, count: usize) -> Result<(), String> {
    let wrong = |e: DbError| e.to_string();
    transfers(house, count).await.map_err(|e| e.to_string())?;
    while platform::chain::seal_once(&house.db, ledger::CHAIN, now(house)).await.map_err(wrong)? > 0
    {
    }
    service::close_days(&house.db).await.map_err(wrong)?;
    Ok(())
}

fn now(house: &House) -> Timestamp {
    house.clock.now()
}

fn id(kind: u128, n: usize) -> Uuid {
    Uuid::from_u128((kind << 96) | n as u128)
}

async fn many(
    house: &Arc<House>,
    sql: &'static str,
    count: usize,
    row: impl Fn(usize) -> Vec<Value>,
) -> Result<(), DbError> {
    let mut from = 0;
    while from < count {
        let to = (from + PIECE).min(count);
        let rows: Vec<Vec<Value>> = (from..to).map(&row).collect();
        house.db.write(move |tx| tx.execute_many(sql, &rows)).await?;
        from = to;
    }
    Ok(())
}

fn name(n: usize) -> String {
    format!("{} Artist{n:06}", FIRST[n % FIRST.len()])
}

async fn creators(house: &Arc<House>, count: usize) -> Result<(), DbError> {
    let at = now(house);
    many(house, CREATOR, count, |n| {
        let name = name(n);
        let search = format!("{} artist{n} artist-{n} spotify", name.to_lowercase());
        let (platform, user) = (format!("artist-{n}"), format!("artist{n}"));
        params![id(1, n), platform, user, name, search, at].to_vec()
    })
    .await
}

async fn offers(house: &Arc<House>, count: usize) -> Result<(), DbError> {
    let at = now(house).plus_days(-400);
    let when = |n: usize| at.plus_ms(i64::try_from(n).unwrap_or(0) * 100_000);
    many(house, OFFER, count, |n| {
        let title = format!("{} {n:06}", NOUNS[n % NOUNS.len()]);
        let search = format!("{title} {} artist{}", name(n / OF_ONE), n / OF_ONE).to_lowercase();
        let offered = i64::try_from(n % 9_000).unwrap_or(0) * 100 + 5_000;
        let status = STATUSES[n % STATUSES.len()];
        params![id(2, n), id(1, n / OF_ONE), title, status, offered, search, when(n)].to_vec()
    })
    .await?;
    many(house, STEP, count * 3, |n| {
        params![id(2, n / 3), i64::try_from(n % 3 + 1).unwrap_or(1), when(n / 3)].to_vec()
    })
    .await
}

async fn jobs(house: &Arc<House>, count: usize) -> Result<(), DbError> {
    let at = now(house).plus_days(-1);
    // Half of them belong to a module that this process does not do.
    many(house, JOB, count, |n| {
        let kind = if n % 2 == 0 { "bench.job" } else { "elsewhere.job" };
        let due = at.plus_ms(i64::try_from(n).unwrap_or(0));
        params![id(3, n), kind, due].to_vec()
    })
    .await
}

async fn transfers(house: &Arc<House>, count: usize) -> Result<(), kernel::Error> {
    let accounts = open(house).await?;
    let mut n = 0;
    while n < count {
        // Mostly large calls, as an import makes them, and some one by one.
        let size = if (n / BULK).is_multiple_of(4) { 25 } else { BULK };
        let at = now(house);
        let call: Vec<Transfer> = (n..(n + size).min(count))
            .map(|n| Transfer {
                id: TransferId(id(4, n)),
                action: Action::Single,
                debit: accounts[n % ACCOUNTS],
                credit: accounts[(n + 1 + n / ACCOUNTS % 7) % ACCOUNTS],
                amount: 100,
                kind: TransferKind::Adjustment,
                offer: None,
                reference: format!("ref-{n}"),
                actor: "benchmark".into(),
                at,
            })
            .collect();
        n += call.len();
        house.db.write(move |tx| service::post_linked(tx, &call)).await?;
    }
    Ok(())
}

async fn open(house: &Arc<House>) -> Result<Vec<AccountId>, kernel::Error> {
    let cx = house.system_cx();
    let usd: Asset = "USD".parse()?;
    house
        .db
        .write(move |tx| {
            (0..ACCOUNTS)
                .map(|n| {
                    let open = OpenAccount {
                        code: format!("bench:{n:03}"),
                        name: format!("Account {n}"),
                        purpose: Purpose::Suspense,
                        owner: None,
                        asset: usd,
                        rule: Rule::None,
                    };
                    service::ensure_account(tx, &cx, &open).map_err(kernel::Error::from)
                })
                .collect()
        })
        .await
}

/// The offer in the middle.
pub(super) fn offer(size: Size) -> Uuid {
    id(2, size.offers / 2)
}

/// A word that one deal has.
pub(super) fn rare(size: Size) -> String {
    format!("{:06}", size.offers / 2)
}
