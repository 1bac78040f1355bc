//! Accounts and the small integer key by which transfers refer to them.

use kernel::Asset;
use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use crate::model::{Account, AccountId};

const INSERT_ACCOUNT: &str = "insert into ledger_accounts (id, code, name, purpose, owner, \
    asset, rule, debits_pending, debits_posted, credits_pending, credits_posted, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, $8) on conflict (code) do nothing";
const ACCOUNT_BY_CODE: &str = "select id, code, name, purpose, owner, asset, rule, \
    debits_pending, debits_posted, credits_pending, credits_posted, created_at \
    from ledger_accounts where code = $1";
const LOCK_ACCOUNTS: &str = "select key, id, code, name, purpose, owner, asset, rule, \
    debits_pending, debits_posted, credits_pending, credits_posted, created_at \
    from ledger_accounts where id in ($list) order by id for update";
const KEY: &str = "select key from ledger_accounts where id = $1";
const ACCOUNTS: &str = "select id, code, name, purpose, owner, asset, rule, \
    debits_pending, debits_posted, credits_pending, credits_posted, created_at \
    from ledger_accounts where (cast($1 as text) is null or asset = $1) \
    and (cast($2 as text) is null or purpose = $2) and code > $3 order by code limit $4";
const SAVE_ACCOUNT: &str = "update ledger_accounts set debits_pending = $2, \
    debits_posted = $3, credits_pending = $4, credits_posted = $5 where key = $1";

/// How tables name an account: given by the database when it is opened, never changed, never
/// used again for another one. It stays in tables; everybody else knows the [`AccountId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AccountKey(pub(crate) i64);

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

/// Loads accounts with their keys and locks them, in the one order of the house (by identifier).
pub(crate) fn lock_accounts(
    tx: &mut Tx<'_>,
    ids: &[AccountId],
) -> Result<Vec<(AccountKey, Account)>, DbError> {
    let ids: Vec<Value> = ids.iter().map(|i| i.0.into()).collect();
    let rows = tx.query_in(LOCK_ACCOUNTS, &ids)?;
    rows.iter().map(|row| Ok((AccountKey(row.int("key")?), account(row)?))).collect()
}

pub(crate) fn key(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<AccountKey>, DbError> {
    let row = tx.query_opt(KEY, params![id.0])?;
    row.map(|r| r.int("key").map(AccountKey)).transpose()
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

pub(crate) fn save_accounts<'a>(
    tx: &mut Tx<'_>,
    accounts: impl Iterator<Item = (AccountKey, &'a Account)>,
) -> Result<(), DbError> {
    let rows: Vec<Vec<Value>> = accounts
        .map(|(key, a)| {
            vec![
                key.0.into(),
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
