//! Lists of transfers, newest first: places first, by the index that fits the filter, then rows.

use kernel::ids::Uuid;
use kernel::{Asset, Timestamp};
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
const OF_REFERENCE: &str = "select seq from ledger_transfers \
    where reference = $1 and reference <> '' and seq < $2 order by seq desc limit $3";
// By time, and by place where the time is the same.
const OF_PERIOD: &str = "select seq, at from ledger_transfers where at >= $1 and at < $2 \
    and (at < $3 or (at = $3 and seq < $4)) order by at desc, seq desc limit $5";
const NEWEST: &str = "select seq from ledger_transfers where seq < $1 order by seq desc limit $2";
const ROWS: &str = "select t.seq, t.id, t.pos, t.action, t.pending_id, d.id as debit, \
    c.id as credit, t.amount, t.asset, t.kind, t.offer_id, t.reference, t.at, t.actor, h.state, \
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
    /// From this moment, before that one.
    pub(crate) period: Option<(Timestamp, Timestamp)>,
}

/// Where a page begins: behind this transfer. Lists of a period go by time, others by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Before {
    pub(crate) at: Timestamp,
    pub(crate) seq: i64,
}

impl Before {
    /// The newest.
    pub(crate) const FIRST: Self = Self { at: Timestamp(i64::MAX), seq: i64::MAX };

    pub(crate) const fn of(l: &Listed) -> Self {
        Self { at: l.transfer.at, seq: l.seq }
    }
}

impl Filter {
    fn covers(&self, t: &Transfer) -> bool {
        self.period.is_none_or(|(from, to)| from <= t.at && t.at < to)
            && self.account.is_none_or(|a| t.debit == a || t.credit == a)
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
            self.period.is_some(),
        ];
        asked.into_iter().filter(|a| *a).count() <= 1
    }

    /// True when only a period narrows the list.
    const fn goes_by_time(&self) -> bool {
        self.period.is_some()
            && self.account.is_none()
            && self.offer.is_none()
            && self.reference.is_none()
            && self.id.is_none()
    }
}

/// A page of transfers.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) listed: Vec<Listed>,
    /// Where the next page begins; none when this was the last one. A page may have fewer rows
    /// than were asked for and still not be the last: what one request looks at has a limit.
    pub(crate) next: Option<Before>,
}

/// Places that one page looks at before it answers with what it has.
const MOST_PLACES: u32 = 5_000;

/// Transfers behind a place, newest first, at most `limit`.
pub(crate) fn transfers(
    tx: &mut Tx<'_>,
    filter: &Filter,
    before: Before,
    limit: u32,
) -> Result<Found, DbError> {
    let account = match filter.account {
        Some(id) => match accounts::key(tx, id)? {
            Some(key) => Some(key),
            None => return Ok(Found::default()),
        },
        None => None,
    };
    let piece = if filter.is_one() { limit } else { limit.max(PIECE) };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut listed, mut before, mut looked) = (Vec::new(), before, 0);
    while listed.len() < most && looked < MOST_PLACES {
        let places = places(tx, filter, account, before, piece)?;
        let Some(last) = places.last().copied() else {
            return Ok(Found { listed, next: None });
        };
        looked += piece;
        let seqs: Vec<i64> = places.iter().map(|p| p.seq).collect();
        let mut found = rows(tx, &seqs)?;
        if filter.goes_by_time() {
            found.sort_unstable_by_key(|l| std::cmp::Reverse((l.transfer.at, l.seq)));
        }
        before = last;
        for row in found.into_iter().filter(|l| filter.covers(&l.transfer)) {
            if listed.len() == most {
                break;
            }
            before = if listed.len() + 1 == most { Before::of(&row) } else { last };
            listed.push(row);
        }
    }
    Ok(Found { listed, next: Some(before) })
}

/// The next places behind `before`, newest first; none when there are no more.
fn places(
    tx: &mut Tx<'_>,
    filter: &Filter,
    account: Option<AccountKey>,
    before: Before,
    limit: u32,
) -> Result<Vec<Before>, DbError> {
    if let (true, Some((from, to))) = (filter.goes_by_time(), filter.period) {
        let asked = params![from, to, before.at, before.seq, limit];
        let rows = tx.query(OF_PERIOD, asked)?;
        return rows
            .iter()
            .map(|row| Ok(Before { at: row.time("at")?, seq: row.int("seq")? }))
            .collect();
    }
    let seq = before.seq;
    let mut more = Vec::new();
    let rows = if let Some(id) = filter.id {
        tx.query(OF_ID, params![id.0])?
    } else if let Some(offer) = filter.offer {
        tx.query(OF_OFFER, params![offer, seq, limit])?
    } else if let Some(reference) = filter.reference.as_ref().filter(|r| !r.is_empty()) {
        tx.query(OF_REFERENCE, params![reference, seq, limit])?
    } else if let Some(key) = account {
        more = postings::before(tx, key, seq, limit)?;
        tx.query(OF_ACCOUNT, params![key.0, seq, limit])?
    } else {
        tx.query(NEWEST, params![seq, limit])?
    };
    for row in &rows {
        more.push(row.int("seq")?);
    }
    more.retain(|place| *place < seq);
    more.sort_unstable_by(|a, b| b.cmp(a));
    more.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(more.into_iter().map(|seq| Before { at: before.at, seq }).collect())
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
