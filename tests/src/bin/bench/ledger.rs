//! Durable transfers a second: one by one from many callers, and in bulk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kernel::Asset;
use ledger::model::{AccountId, Action, Purpose, Rule, Transfer, TransferId, TransferKind};
use ledger::service::{self, OpenAccount};
use platform::House;
use tests::process::Installation;

use crate::ledger_by_hand as by_hand;
use crate::measured::machine;
use crate::report::{Row, Section, grouped};

pub(crate) const ACCOUNTS: usize = 1_000;
const CALLERS: usize = 256;
const BULK: usize = 8_190;
pub(crate) const LASTS: Duration = Duration::from_secs(8);

const REMARK: &str = "Bulk on SQLite is the time of the one writer. Of 100 parts of it, as perf \
    counts them, 42 save the transfers (a row, two indexes, two references that are checked, and \
    a posting for each account), 26 seal them, 10 read what is known of their identifiers and \
    lock their accounts, 8 are the rules, and 14 are the accounts' totals, the commit and the \
    checkpoint. Sealing keeps up, about a second behind. The loop by hand has neither rules nor \
    seals nor a way to read an account by itself.";

pub(crate) async fn run(postgres: Option<&str>) -> Result<Section, String> {
    let mut section = Section {
        name: "ledger",
        settings: vec![
            machine(),
            format!("{} s each, {} accounts, chains sealed meanwhile", LASTS.as_secs(), ACCOUNTS),
            "SQLite: WAL, `synchronous=FULL`: an answer means that the disk has it".into(),
        ],
        rows: Vec::new(),
        remarks: Vec::new(),
    };
    section.remarks.push(REMARK.into());
    on_sqlite(&mut section).await?;
    if let Some(server) = postgres {
        section.settings.push(by_hand::durability(server).await?);
        on_postgres(&mut section, server).await?;
    }
    Ok(section)
}

async fn on_sqlite(section: &mut Section) -> Result<(), String> {
    let place = Place::new(None).await?;
    let many = place.singles(CALLERS).await?;
    let one = place.singles(1).await?;
    let bulk = place.bulk().await?;
    let looped = by_hand::sqlite(1)?;
    let looped_bulk = by_hand::sqlite(BULK)?;
    let hand = "a loop by hand, rusqlite";
    section.rows.push(row("SQLite, single transfers, 256 callers", many, "12,000", hand, looped));
    section.rows.push(row("SQLite, single transfers, one caller", one, "-", hand, looped));
    let hand = "8,190 transfers a commit by hand, rusqlite";
    section.rows.push(row("SQLite, 8,190 transfers a call", bulk, "100,000", hand, looped_bulk));
    Ok(())
}

async fn on_postgres(section: &mut Section, server: &str) -> Result<(), String> {
    let place = Place::new(Some(server.to_owned())).await?;
    let many = place.singles(CALLERS).await?;
    let bulk = place.bulk().await?;
    let looped = by_hand::postgres(&place.url, &place.accounts).await?;
    let hand = "16 connections by hand, tokio-postgres, the same statements";
    section.rows.push(row(
        "PostgreSQL, single transfers, 256 callers",
        many,
        hand_bar(),
        hand,
        looped,
    ));
    section.rows.push(row("PostgreSQL, 8,190 transfers a call", bulk, "-", hand, looped));
    Ok(())
}

const fn hand_bar() -> &'static str {
    "the loop by hand"
}

fn row(workload: &str, ours: f64, bar: &str, baseline: &str, theirs: f64) -> Row {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "to be read")]
    let whole = |rate: f64| grouped(rate as u64);
    Row {
        workload: workload.into(),
        measured: format!("{} a second", whole(ours)),
        bar: bar.into(),
        baseline: format!("{baseline}: {} a second", whole(theirs)),
        ratio: format!("{:.2}", ours / theirs),
    }
}

/// A house with accounts.
struct Place {
    house: Arc<House>,
    accounts: Arc<Vec<AccountId>>,
    url: String,
    _sealing: Sealing,
    // Last: the files go when nobody uses them any more.
    _installation: Installation,
}

/// The task that seals chains; it ends with the place.
struct Sealing(tokio::task::JoinHandle<()>);

impl Drop for Sealing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Place {
    async fn new(postgres: Option<String>) -> Result<Self, String> {
        let installation = Installation::new(postgres).await?;
        let url = installation.config().map_err(|e| e.to_string())?.database.url;
        let app = installation.open().await?;
        let house = Arc::clone(&app.house);
        let cx = house.system_cx();
        let euro: Asset = "EUR".parse().map_err(|e: kernel::Error| e.message)?;
        let opened = house.db.write(move |tx| {
            (0..ACCOUNTS)
                .map(|n| service::ensure_account(tx, &cx, &account(n, euro)))
                .collect::<Result<Vec<_>, _>>()
        });
        let accounts = opened.await.map_err(|e| e.to_string())?;
        let for_chain = Arc::clone(&house);
        const CHAINS: &[platform::chain::Chain] = &[ledger::CHAIN];
        let sealing = Sealing(tokio::spawn(platform::chain::run(for_chain, CHAINS)));
        let accounts = Arc::new(accounts);
        Ok(Self { house, accounts, url, _sealing: sealing, _installation: installation })
    }

    /// Transfers a second, each in a `Db::write` of its own.
    async fn singles(&self, callers: usize) -> Result<f64, String> {
        self.measure(callers, 1).await
    }

    async fn bulk(&self) -> Result<f64, String> {
        self.measure(2, BULK).await
    }

    async fn measure(&self, callers: usize, batch: usize) -> Result<f64, String> {
        let done = Arc::new(AtomicU64::new(0));
        let started = Instant::now();
        let mut running = tokio::task::JoinSet::new();
        for caller in 0..callers {
            let (house, accounts) = (Arc::clone(&self.house), Arc::clone(&self.accounts));
            let done = Arc::clone(&done);
            running.spawn(async move {
                let mut n = caller * 7_919;
                while started.elapsed() < LASTS {
                    let sent: Vec<Transfer> =
                        (0..batch).map(|k| transfer(&house, &accounts, n + k)).collect();
                    n += batch;
                    house
                        .db
                        .write(move |tx| service::post_linked(tx, &sent).map(drop))
                        .await
                        .map_err(|e| e.to_string())?;
                    done.fetch_add(batch as u64, Ordering::Relaxed);
                }
                Ok::<_, String>(())
            });
        }
        while let Some(one) = running.join_next().await {
            one.map_err(|e| e.to_string())??;
        }
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let done = done.load(Ordering::Relaxed) as f64;
        Ok(done / started.elapsed().as_secs_f64())
    }
}

fn account(n: usize, asset: Asset) -> OpenAccount {
    OpenAccount {
        code: format!("bench-{n}"),
        name: format!("Benchmark {n}"),
        purpose: Purpose::HouseCash,
        owner: None,
        asset,
        rule: Rule::None,
    }
}

/// The nth pair of accounts: spread like customers, not all at one account.
pub(crate) const fn pair(n: usize) -> (usize, usize) {
    let (a, b) = (n.wrapping_mul(2_654_435_761) % ACCOUNTS, n.wrapping_mul(40_503) % ACCOUNTS);
    (a, if a == b { (b + 1) % ACCOUNTS } else { b })
}

fn transfer(house: &House, accounts: &[AccountId], n: usize) -> Transfer {
    let (debit, credit) = pair(n);
    Transfer {
        id: TransferId(house.ids.next()),
        action: Action::Single,
        debit: accounts[debit],
        credit: accounts[credit],
        amount: 100,
        kind: TransferKind::Adjustment,
        offer: None,
        reference: "benchmark".into(),
        actor: "benchmark".into(),
        at: house.clock.now(),
    }
}
