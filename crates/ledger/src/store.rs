//! Every SQL text of the ledger.

use kernel::ids::Uuid;
use kernel::{Asset, Timestamp};
use platform::chain::Chain;
use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use crate::model::{
    Account, AccountId, Action, Hold, HoldState, Known, Transfer, TransferId, TransferKind,
};

const INSERT_ACCOUNT: &str = "insert into ledger_accounts (id, code, name, purpose, owner, \
    asset, rule, debits_pending, debits_posted, credits_pending, credits_posted, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, $8) on conflict (code) do nothing";
const ACCOUNT_BY_CODE: &str = "select id, code, name, purpose, owner, asset, rule, \
    debits_pending, debits_posted, credits_pending, credits_posted, created_at \
    from ledger_accounts where code = $1";
const LOCK_ACCOUNTS: &str = "select id, code, name, purpose, owner, asset, rule, \
    debits_pending, debits_posted, credits_pending, credits_posted, created_at \
    from ledger_accounts where id in ($list) order by id for update";
const ACCOUNTS: &str = "select id, code, name, purpose, owner, asset, rule, \
    debits_pending, debits_posted, credits_pending, credits_posted, created_at \
    from ledger_accounts where (cast($1 as text) is null or asset = $1) \
    and (cast($2 as text) is null or purpose = $2) and code > $3 order by code limit $4";
const KNOWN: &str = "select t.id, 1 as ok, t.action, t.pending_id, t.debit, t.credit, t.amount, \
    t.kind, t.offer_id, t.reference, t.at, h.expires_at, '' as content \
    from ledger_transfers t left join ledger_holds h on h.transfer_id = t.id \
    where t.id in ($list) \
    union all select f.id, 0, f.code, null, '', '', 0, '', null, '', f.at, null, f.digest \
    from ledger_failed f where f.id in ($list)";
const HOLDS: &str = "select transfer_id, state, expires_at, resolved_by from ledger_holds \
    where transfer_id in ($list)";
const INSERT_TRANSFER: &str = "insert into ledger_transfers (id, action, pending_id, debit, \
    credit, amount, asset, kind, offer_id, reference, at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const INSERT_HOLD: &str = "insert into ledger_holds (transfer_id, state, expires_at) \
    values ($1, 'open', $2)";
const RESOLVE_HOLD: &str =
    "update ledger_holds set state = $2, resolved_by = $3 where transfer_id = $1";
const INSERT_FAILED: &str = "insert into ledger_failed (id, code, digest, at) \
    values ($1, $2, $3, $4) on conflict (id) do nothing";
const SAVE_ACCOUNT: &str = "update ledger_accounts set debits_pending = $2, \
    debits_posted = $3, credits_pending = $4, credits_posted = $5 where id = $1";
const DUE_HOLDS: &str = "select t.id, t.debit, t.credit, t.kind, t.offer_id, t.reference \
    from ledger_holds h join ledger_transfers t on t.id = h.transfer_id \
    where h.state = 'open' and h.expires_at <= $1 order by h.expires_at limit 100";
const TRANSFERS: &str = "select t.seq, t.id, t.pos, t.action, t.pending_id, t.debit, t.credit, \
    t.amount, t.asset, t.kind, t.offer_id, t.reference, t.at, h.state, held.amount as held, \
    d.code as debit_code, d.name as debit_name, c.code as credit_code, c.name as credit_name \
    from ledger_transfers t join ledger_accounts d on d.id = t.debit \
    join ledger_accounts c on c.id = t.credit \
    left join ledger_holds h on h.transfer_id = t.id \
    left join ledger_transfers held on held.id = t.pending_id \
    where t.seq < $1 \
    and (cast($2 as text) is null or t.debit = $2 or t.credit = $2) \
    and (cast($3 as text) is null or t.offer_id = $3) \
    and (cast($4 as text) is null or t.reference = $4) \
    and (cast($5 as text) is null or t.id = $5) order by t.seq desc limit $6";
const MOVED: &str = "select cast(coalesce(sum(case when debit = $1 then amount else 0 end), 0) \
    as bigint) as debits, \
    cast(coalesce(sum(case when credit = $1 then amount else 0 end), 0) as bigint) as credits \
    from ledger_transfers where (debit = $1 or credit = $1) and at <= $2 \
    and action in ('single', 'post')";
const ALL_MOVED: &str = "select a.id, \
    cast(coalesce((select sum(amount) from ledger_transfers t where t.debit = a.id \
      and t.at <= $1 and t.action in ('single', 'post')), 0) as bigint) as debits, \
    cast(coalesce((select sum(amount) from ledger_transfers t where t.credit = a.id \
      and t.at <= $1 and t.action in ('single', 'post')), 0) as bigint) as credits \
    from ledger_accounts a order by a.code";
const OPEN_HELD: &str = "select cast(coalesce(sum(t.amount), 0) as bigint) as held, \
    a.id as account, 1 as side from ledger_accounts a \
    join ledger_transfers t on t.debit = a.id join ledger_holds h on h.transfer_id = t.id \
    and h.state = 'open' group by a.id \
    union all select cast(coalesce(sum(t.amount), 0) as bigint), a.id, 2 \
    from ledger_accounts a join ledger_transfers t on t.credit = a.id \
    join ledger_holds h on h.transfer_id = t.id and h.state = 'open' group by a.id";

/// The ledger's sealed chain.
pub const CHAIN: Chain = Chain {
    name: "ledger",
    lock: "select at from seq where name = 'ledger' for update",
    assign: "update ledger_transfers set pos = cast($1 as bigint) + n.rn from \
        (select seq as nid, row_number() over (order by seq) as rn from ledger_transfers \
         where pos is null order by seq limit 5000) as n where ledger_transfers.seq = n.nid",
    save: "update seq set at = $1 where name = 'ledger'",
    rows: "select pos, id || '|' || action || '|' || coalesce(pending_id, '') || '|' || debit \
        || '|' || credit || '|' || cast(amount as text) || '|' || asset || '|' || kind || '|' \
        || coalesce(offer_id, '') || '|' || reference || '|' || cast(at as text) as line \
        from ledger_transfers where pos > $1 and pos <= $2 order by pos",
};

pub(crate) fn open_account(tx: &mut Tx<'_>, a: &Account) -> Result<(), DbError> {
    tx.execute(
        INSERT_ACCOUNT,
        params![
            a.id.0,
            &a.code,
            &a.name,
            a.purpose.as_str(),
            a.owner,
            a.asset,
            a.rule.as_str(),
            a.created_at
        ],
    )?;
    Ok(())
}

pub(crate) fn account_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<Account>, DbError> {
    tx.query_opt(ACCOUNT_BY_CODE, params![code])?.as_ref().map(account).transpose()
}

/// Loads accounts and locks them, in the one order of the house (by identifier).
pub(crate) fn lock_accounts(tx: &mut Tx<'_>, ids: &[AccountId]) -> Result<Vec<Account>, DbError> {
    let ids: Vec<Value> = ids.iter().map(|i| i.0.into()).collect();
    tx.query_in(LOCK_ACCOUNTS, &ids)?.iter().map(account).collect()
}

pub(crate) fn accounts(
    tx: &mut Tx<'_>,
    asset: Option<Asset>,
    purpose: Option<&str>,
    after_code: &str,
    limit: u32,
) -> Result<Vec<Account>, DbError> {
    tx.query(ACCOUNTS, params![asset, purpose, after_code, limit])?.iter().map(account).collect()
}

pub(crate) fn known(
    tx: &mut Tx<'_>,
    ids: &[TransferId],
) -> Result<Vec<(TransferId, Known)>, DbError> {
    let ids: Vec<Value> = ids.iter().map(|i| i.0.into()).collect();
    tx.query_in(KNOWN, &ids)?
        .iter()
        .map(|row| {
            let id: TransferId = row.parse("id")?;
            if row.flag("ok")? {
                return Ok((id, Known::Applied(known_transfer(row)?)));
            }
            let (code, content) = (row.text("action")?, row.text("content")?);
            Ok((id, Known::Failed { code, content }))
        })
        .collect()
}

fn known_transfer(row: &Row) -> Result<Transfer, DbError> {
    Ok(Transfer {
        id: row.parse("id")?,
        action: action(row)?,
        debit: row.parse("debit")?,
        credit: row.parse("credit")?,
        amount: row.int("amount")?,
        kind: row.parse("kind")?,
        offer: row.opt_parse("offer_id")?,
        reference: row.text("reference")?,
        at: row.time("at")?,
    })
}

fn action(row: &Row) -> Result<Action, DbError> {
    let pending = || row.parse::<TransferId>("pending_id");
    Ok(match row.text("action")?.as_str() {
        "single" => Action::Single,
        "pending" => Action::Pending { expires_at: row.opt_time("expires_at")? },
        "post" => Action::Post { pending: pending()? },
        "void" => Action::Void { pending: pending()? },
        "expire" => Action::Expire { pending: pending()? },
        other => return Err(DbError::Type(format!("unknown ledger action '{other}'"))),
    })
}

pub(crate) fn holds(
    tx: &mut Tx<'_>,
    ids: &[TransferId],
) -> Result<Vec<(TransferId, Hold)>, DbError> {
    let ids: Vec<Value> = ids.iter().map(|i| i.0.into()).collect();
    tx.query_in(HOLDS, &ids)?
        .iter()
        .map(|row| {
            let hold = Hold {
                state: hold_state(&row.text("state")?)?,
                expires_at: row.opt_time("expires_at")?,
                resolved_by: row.opt_parse("resolved_by")?,
            };
            Ok((row.parse("transfer_id")?, hold))
        })
        .collect()
}

fn hold_state(text: &str) -> Result<HoldState, DbError> {
    [HoldState::Open, HoldState::Posted, HoldState::Voided, HoldState::Expired]
        .into_iter()
        .find(|s| s.as_str() == text)
        .ok_or_else(|| DbError::Type(format!("unknown hold state '{text}'")))
}

/// Saves new transfers with their holds, and what they resolved.
pub(crate) fn save_transfers(
    tx: &mut Tx<'_>,
    transfers: &[(&Transfer, Asset)],
) -> Result<(), DbError> {
    let mut rows = Vec::with_capacity(transfers.len());
    let (mut opened, mut resolved) = (Vec::new(), Vec::new());
    for (t, asset) in transfers {
        rows.push(vec![
            t.id.0.into(),
            t.action.as_str().into(),
            t.action.resolves().map(|p| p.0).into(),
            t.debit.0.into(),
            t.credit.0.into(),
            t.amount.into(),
            (*asset).into(),
            t.kind.as_str().into(),
            t.offer.into(),
            t.reference.as_str().into(),
            t.at.into(),
        ]);
        match t.action {
            Action::Single => {}
            Action::Pending { expires_at } => opened.push(vec![t.id.0.into(), expires_at.into()]),
            Action::Post { pending } => resolved.push(resolution(pending, "posted", t.id)),
            Action::Void { pending } => resolved.push(resolution(pending, "voided", t.id)),
            Action::Expire { pending } => resolved.push(resolution(pending, "expired", t.id)),
        }
    }
    tx.execute_many(INSERT_TRANSFER, &rows)?;
    tx.execute_many(INSERT_HOLD, &opened)?;
    tx.execute_many(RESOLVE_HOLD, &resolved)?;
    Ok(())
}

fn resolution(pending: TransferId, state: &str, by: TransferId) -> Vec<Value> {
    vec![pending.0.into(), state.into(), by.0.into()]
}

pub(crate) fn save_failed(
    tx: &mut Tx<'_>,
    id: TransferId,
    code: &str,
    content: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(INSERT_FAILED, params![id.0, code, content, at])?;
    Ok(())
}

pub(crate) fn save_accounts<'a>(
    tx: &mut Tx<'_>,
    accounts: impl Iterator<Item = &'a Account>,
) -> Result<(), DbError> {
    let rows: Vec<Vec<Value>> = accounts
        .map(|a| {
            vec![
                a.id.0.into(),
                a.debits_pending.into(),
                a.debits_posted.into(),
                a.credits_pending.into(),
                a.credits_posted.into(),
            ]
        })
        .collect();
    tx.execute_many(SAVE_ACCOUNT, &rows)?;
    Ok(())
}

/// Open holds whose time is over, as the transfers that would expire them (without identifier).
pub(crate) fn due_holds(
    tx: &mut Tx<'_>,
    now: Timestamp,
) -> Result<Vec<(TransferId, Transfer)>, DbError> {
    tx.query(DUE_HOLDS, params![now])?
        .iter()
        .map(|row| {
            let pending: TransferId = row.parse("id")?;
            let t = Transfer {
                id: pending,
                action: Action::Expire { pending },
                debit: row.parse("debit")?,
                credit: row.parse("credit")?,
                amount: 0,
                kind: row.parse("kind")?,
                offer: row.opt_parse("offer_id")?,
                reference: row.text("reference")?,
                at: now,
            };
            Ok((pending, t))
        })
        .collect()
}

/// A transfer as lists show it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) seq: i64,
    pub(crate) pos: Option<i64>,
    pub(crate) transfer: Transfer,
    pub(crate) asset: Asset,
    pub(crate) hold: Option<String>,
    /// Minor units of the hold that it resolves.
    pub(crate) held: Option<i64>,
    pub(crate) debit: (String, String),
    pub(crate) credit: (String, String),
}

/// What a list of transfers is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) account: Option<AccountId>,
    pub(crate) offer: Option<Uuid>,
    pub(crate) reference: Option<String>,
    pub(crate) id: Option<TransferId>,
}

pub(crate) fn transfers(
    tx: &mut Tx<'_>,
    filter: &Filter,
    before_seq: i64,
    limit: u32,
) -> Result<Vec<Listed>, DbError> {
    let rows = tx.query(
        TRANSFERS,
        params![
            before_seq,
            filter.account.map(|a| a.0),
            filter.offer,
            filter.reference.clone(),
            filter.id.map(|t| t.0),
            limit
        ],
    )?;
    rows.iter()
        .map(|row| {
            let mut transfer = Transfer { action: Action::Single, ..listed_transfer(row)? };
            if row.text("action")? == "pending" {
                transfer.action = Action::Pending { expires_at: None };
            } else if row.text("action")? != "single" {
                transfer.action = action(row)?;
            }
            Ok(Listed {
                seq: row.int("seq")?,
                pos: row.opt_int("pos")?,
                transfer,
                asset: row.parse("asset")?,
                hold: row.opt_text("state")?,
                held: row.opt_int("held")?,
                debit: (row.text("debit_code")?, row.text("debit_name")?),
                credit: (row.text("credit_code")?, row.text("credit_name")?),
            })
        })
        .collect()
}

fn listed_transfer(row: &Row) -> Result<Transfer, DbError> {
    Ok(Transfer {
        id: row.parse("id")?,
        action: Action::Single,
        debit: row.parse("debit")?,
        credit: row.parse("credit")?,
        amount: row.int("amount")?,
        kind: row.parse::<TransferKind>("kind")?,
        offer: row.opt_parse("offer_id")?,
        reference: row.text("reference")?,
        at: row.time("at")?,
    })
}

/// Debits and credits posted to an account up to a moment.
pub(crate) fn moved(
    tx: &mut Tx<'_>,
    account: AccountId,
    at: Timestamp,
) -> Result<(i64, i64), DbError> {
    let row = tx.query_one(MOVED, params![account.0, at])?;
    Ok((row.int("debits")?, row.int("credits")?))
}

/// Debits and credits posted to every account up to a moment, replayed from the transfers.
pub(crate) fn all_moved(
    tx: &mut Tx<'_>,
    at: Timestamp,
) -> Result<Vec<(AccountId, i64, i64)>, DbError> {
    tx.query(ALL_MOVED, params![at])?
        .iter()
        .map(|r| Ok((r.parse("id")?, r.int("debits")?, r.int("credits")?)))
        .collect()
}

/// What open holds keep on each account: (account, is debit side, minor units).
pub(crate) fn open_held(tx: &mut Tx<'_>) -> Result<Vec<(AccountId, bool, i64)>, DbError> {
    tx.query(OPEN_HELD, &[])?
        .iter()
        .map(|r| Ok((r.parse("account")?, r.int("side")? == 1, r.int("held")?)))
        .collect()
}

fn account(row: &Row) -> Result<Account, DbError> {
    Ok(Account {
        id: row.parse("id")?,
        code: row.text("code")?,
        name: row.text("name")?,
        purpose: row.parse("purpose")?,
        owner: row.opt_parse("owner")?,
        asset: row.parse("asset")?,
        rule: row.parse("rule")?,
        debits_pending: row.int("debits_pending")?,
        debits_posted: row.int("debits_posted")?,
        credits_pending: row.int("credits_pending")?,
        credits_posted: row.int("credits_posted")?,
        created_at: row.time("created_at")?,
    })
}
