//! What verification must find, each by its own name, and what it must not call broken.

use std::time::Duration;

use platform::chain;

use super::*;

/// A sealed history with large and small calls, an open hold and a posted one.
async fn furnished(on: On) -> testing::TestHouse {
    let t = testing::house(on, ALL).await.unwrap();
    let db = &t.house.db;
    let accounts = open_five(db).await;
    history(db, &accounts).await;
    let held = |n: u128| Transfer {
        id: TransferId(Uuid::from_u128(n)),
        action: Action::Pending { expires_at: None },
        ..nth(&accounts, 0)
    };
    let (open, taken) = (held(21), held(22));
    let post = Transfer {
        id: TransferId(Uuid::from_u128(23)),
        action: Action::Post { pending: taken.id },
        ..taken.clone()
    };
    db.write(move |tx| service::post_linked(tx, &[open.clone(), taken.clone(), post.clone()]))
        .await
        .unwrap();
    seal_all(db).await;
    assert_eq!(service::verify(db).await.unwrap().open_holds, 1);
    t
}

async fn each_damage_has_its_own_name(on: On) {
    for (damage, code) in [
        (
            "update ledger_accounts set debits_posted = debits_posted + 1 where code = 'five-2'",
            "ledger_balance_differs",
        ),
        ("update ledger_accounts set credits_pending = 0", "ledger_pending_differs"),
        ("update ledger_holds set state = 'voided' where state = 'open'", "ledger_hold_differs"),
        ("update ledger_holds set state = 'open'", "ledger_hold_differs"),
        ("update ledger_accounts set rule = 'debits_not_exceed_credits'", "ledger_rule_broken"),
        (
            "update ledger_postings set credits = credits + 1 where account = 2",
            "ledger_postings_differ",
        ),
        ("delete from ledger_postings where account = 4", "ledger_postings_differ"),
        (
            "insert into ledger_days (account, day, debits, credits) values (1, 0, 5, 5)",
            "ledger_days_differ",
        ),
        ("update ledger_transfers set amount = amount + 1 where pos = 7", "chain_broken"),
        ("update ledger_transfers set actor = 'somebody else' where pos = 7", "chain_broken"),
        ("delete from ledger_transfers where pos = 300", "chain_broken"),
    ] {
        let t = furnished(on).await;
        let done = t.house.db.write(move |tx| tx.batch(damage));
        done.await.map_err(|e: DbError| e).unwrap();
        let e = service::verify(&t.house.db).await.unwrap_err();
        assert_eq!(e.code, code, "{damage}: {}", e.message);
    }
}

/// Rows that were written since the last seal are compared too, and called healthy.
async fn what_is_not_sealed_yet_counts(on: On) {
    let t = furnished(on).await;
    let db = &t.house.db;
    let accounts: Vec<AccountId> =
        (1..=5_u128).map(|n| AccountId(Uuid::from_u128(n << 64))).collect();
    let void = Transfer {
        id: TransferId(Uuid::from_u128(31)),
        action: Action::Void { pending: TransferId(Uuid::from_u128(21)) },
        amount: 0,
        ..nth(&accounts, 0)
    };
    let call: Vec<Transfer> = (3_000..3_100).map(|n| nth(&accounts, n)).collect();
    db.write(move |tx| {
        service::post_linked(tx, std::slice::from_ref(&void))?;
        service::post_linked(tx, &call)
    })
    .await
    .unwrap();
    assert_eq!(service::verify(db).await.unwrap().transfers, 485);
    let changed = db.write(|tx| {
        tx.execute("update ledger_transfers set amount = amount + 1 where pos is null", &[])
    });
    assert!(changed.await.map_err(|e: DbError| e).unwrap() > 0);
    assert_eq!(service::verify(db).await.unwrap_err().code, "ledger_balance_differs");
}

/// Beside writers and the sealer, a healthy ledger is healthy at every moment.
async fn a_ledger_at_work_is_healthy(on: On) {
    let t = furnished(on).await;
    let db = t.house.db.clone();
    let accounts: Vec<AccountId> =
        (1..=5_u128).map(|n| AccountId(Uuid::from_u128(n << 64))).collect();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let (tell, told) = tokio::sync::watch::channel(0_usize);
    let mut working = tokio::task::JoinSet::new();
    working.spawn(async move {
        let (mut n, mut rounds) = (10_000, 0);
        while !*stopped.borrow() {
            let size = [1, 40, 3, 200][rounds % 4];
            let call: Vec<Transfer> = (n..n + size).map(|n| nth(&accounts, n)).collect();
            (n, rounds) = (n + size, rounds + 1);
            db.write(move |tx| service::post_linked(tx, &call)).await.unwrap();
            if rounds.is_multiple_of(5) {
                seal_all(&db).await;
                service::close_days(&db).await.unwrap();
            }
            tell.send(rounds).unwrap();
        }
    });
    // As often as it takes until the writer has sealed twice, and often enough to meet it at
    // different moments; the channel's end is the writer's failure.
    let mut looks = 0;
    let met = async {
        while looks < 20 || *told.borrow() < 11 {
            service::verify(&t.house.db).await.unwrap();
            looks += 1;
            assert!(told.has_changed().is_ok(), "the writer gave up");
        }
    };
    tokio::time::timeout(Duration::from_secs(120), met).await.expect("the writer stands still");
    stop.send(true).unwrap();
    working.join_next().await.unwrap().unwrap();
    service::verify(&t.house.db).await.unwrap();
}

const AS_LINES: &str = "update seals set format = 1 where chain = 'ledger'";

/// A seal of the old format is verified by the old line; a text with a bar can be moved unseen
/// from one cell to the next there, and no longer in a new one.
async fn old_seals_stay_good_and_new_ones_frame_every_cell(on: On) {
    let t = testing::house(on, ALL).await.unwrap();
    let db = &t.house.db;
    let accounts = open_five(db).await;
    history(db, &accounts).await;
    let digest = db.write(|tx| {
        tx.execute("update seq set at = 482 where name = 'ledger'", &[])?;
        tx.execute("update ledger_transfers set pos = seq", &[])?;
        let genesis = "0".repeat(64);
        let rows = tx.query(store::CHAIN.lines, params![0_i64, 482_i64])?;
        let mut text = genesis.clone();
        for row in &rows {
            text += &format!("\n{}|{}", row.int("pos")?, row.text("line")?);
        }
        let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(text));
        tx.execute(
            "insert into seals (chain, upto, since, digest, previous, sealed_at, format) \
             values ('ledger', 482, 0, $1, $2, 0, 1)",
            params![digest, genesis],
        )
    });
    assert_eq!(digest.await.map_err(|e: DbError| e).unwrap(), 1);
    service::verify(db).await.unwrap();
    // New rows behind it get a new seal, which hangs on the old one.
    let odd: Vec<Transfer> = (9_000..9_003)
        .map(|n| Transfer { reference: "a|b".into(), actor: "c".into(), ..nth(&accounts, n) })
        .collect();
    db.write(move |tx| service::post_linked(tx, &odd)).await.unwrap();
    seal_all(db).await;
    service::verify(db).await.unwrap();
    let head = |tx: &mut platform::db::Tx<'_>| {
        let sql = "select format from seals where chain = 'ledger' order by upto desc limit 1";
        tx.query_one(sql, &[])?.int("format")
    };
    assert_eq!(db.read(head).await.map_err(|e: DbError| e).unwrap(), 2);
    let moved = db.write(|tx| {
        tx.execute(
            "update ledger_transfers set kind = kind || '||a', reference = 'b' \
             where reference = 'a|b' and offer_id is null",
            &[],
        )
    });
    assert!(moved.await.map_err(|e: DbError| e).unwrap() > 0);
    let e = chain::verify(db, store::CHAIN, |_| {}).await.unwrap_err();
    assert_eq!(e.code, "chain_broken", "the same line, other cells");
    let as_lines = db.write(|tx| tx.execute(AS_LINES, &[]));
    assert!(as_lines.await.map_err(|e: DbError| e).unwrap() > 0);
    chain::verify(db, store::CHAIN, |_| {}).await.unwrap_err();
}

on_both!(
    each_damage_has_its_own_name,
    what_is_not_sealed_yet_counts,
    a_ledger_at_work_is_healthy,
    old_seals_stay_good_and_new_ones_frame_every_cell,
);
