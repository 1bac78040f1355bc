//! Lists of transfers, newest first: places first, by the index that fits the filter, then rows.

use kernel::Asset;
use kernel::ids::Uuid;
use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use super::accounts::{self, AccountKey};
use super::known::known_transfer;
use super::postings;
use crate::model::{AccountId, Transfer, TransferId};

const OF_ID: &str = "select seq from ledger_transfers where id = $1";
const OF_OFFER: &str = "select seq from ledger_transfers where offer_id = $1 and seq < $2 \
    order by seq desc limit $3";
const OF_ACCOUNT: &str = "select seq from (select seq from ledger_transfers \
      where debit = $1 and bulk = 0 and seq < $2 order by seq desc limit $3) as d \
    union all select seq from (select seq from ledger_transfers \
      where credit = $1 and bulk = 0 and seq < $2 order by seq desc limit $3) as c";
// No index: a walk back from the newest that ends with the page, or with the table.
const OF_REFERENCE: &str = "select seq from ledger_transfers where reference = $1 and seq < $2 \
    order by seq desc limit $3";
const NEWEST: &str = "select seq from ledger_transfers where seq < $1 order by seq desc limit $2";
const ROWS: &str = "select t.seq, t.id, t.pos, t.action, t.pending_id, d.id as debit, \
    c.id as credit, t.amount, t.asset, t.kind, t.offer_id, t.reference, t.at, h.state, \
    h.expires_at, held.amount as held, d.code as debit_code, d.name as debit_name, \
    c.code as credit_code, c.name as credit_name \
    from ledger_transfers t join ledger_accounts d on d.key = t.debit \
    join ledger_accounts c on c.key = t.credit \
    left join ledger_holds h on h.transfer_id = t.id \
    left join ledger_transfers held on held.id = t.pending_id where t.seq in ($list)";

/// Rows that are looked at in one piece where a filter may refuse some of them.
const PIECE: u32 = 250;

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

impl Filter {
    fn covers(&self, t: &Transfer) -> bool {
        self.account.is_none_or(|a| t.debit == a || t.credit == a)
            && self.offer.is_none_or(|o| t.offer == Some(o))
            && self.reference.as_ref().is_none_or(|r| t.reference == *r)
            && self.id.is_none_or(|i| t.id == i)
    }

    /// True when the places are all that is asked for, so that a page needs no more of them.
    fn is_one(&self) -> bool {
        let asked = [
            self.account.is_some(),
            self.offer.is_some(),
            self.reference.is_some(),
            self.id.is_some(),
        ];
        asked.into_iter().filter(|a| *a).count() <= 1
    }
}

/// Transfers before a place, newest first, at most `limit`.
pub(crate) fn transfers(
    tx: &mut Tx<'_>,
    filter: &Filter,
    before_seq: i64,
    limit: u32,
) -> Result<Vec<Listed>, DbError> {
    let account = match filter.account {
        Some(id) => match accounts::key(tx, id)? {
            Some(key) => Some(key),
            None => return Ok(Vec::new()),
        },
        None => None,
    };
    let piece = if filter.is_one() { limit } else { limit.max(PIECE) };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut listed, mut before) = (Vec::new(), before_seq);
    while listed.len() < most {
        let places = places(tx, filter, account, before, piece)?;
        let Some(last) = places.last() else { break };
        before = *last;
        listed.extend(rows(tx, &places)?.into_iter().filter(|l| filter.covers(&l.transfer)));
    }
    listed.truncate(most);
    Ok(listed)
}

/// The next places before `before`, newest first; none when there are no more.
fn places(
    tx: &mut Tx<'_>,
    filter: &Filter,
    account: Option<AccountKey>,
    before: i64,
    limit: u32,
) -> Result<Vec<i64>, DbError> {
    let mut more = Vec::new();
    let rows = if let Some(id) = filter.id {
        tx.query(OF_ID, params![id.0])?
    } else if let Some(offer) = filter.offer {
        tx.query(OF_OFFER, params![offer, before, limit])?
    } else if let Some(key) = account {
        more = postings::before(tx, key, before, limit)?;
        tx.query(OF_ACCOUNT, params![key.0, before, limit])?
    } else if let Some(reference) = &filter.reference {
        tx.query(OF_REFERENCE, params![reference, before, limit])?
    } else {
        tx.query(NEWEST, params![before, limit])?
    };
    for row in &rows {
        more.push(row.int("seq")?);
    }
    more.retain(|place| *place < before);
    more.sort_unstable_by(|a, b| b.cmp(a));
    more.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(more)
}

fn rows(tx: &mut Tx<'_>, places: &[i64]) -> Result<Vec<Listed>, DbError> {
    let values: Vec<Value> = places.iter().map(|p| (*p).into()).collect();
    let rows = tx.query_in(ROWS, &values)?;
    let mut listed = rows.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    listed.sort_unstable_by_key(|l| std::cmp::Reverse(l.seq));
    Ok(listed)
}

fn one(row: &Row) -> Result<Listed, DbError> {
    Ok(Listed {
        seq: row.int("seq")?,
        pos: row.opt_int("pos")?,
        transfer: known_transfer(row)?,
        asset: row.parse("asset")?,
        hold: row.opt_text("state")?,
        held: row.opt_int("held")?,
        debit: (row.text("debit_code")?, row.text("debit_name")?),
        credit: (row.text("credit_code")?, row.text("credit_name")?),
    })
}
