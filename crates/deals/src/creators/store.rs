//! Every SQL text of creators.

use kernel::Timestamp;
use platform::db::{DbError, Row, Tx, Value};
use platform::params;

use super::model::{Creator, CreatorId, NewCreator, NewRecipient, Recipient, RecipientId};
use crate::search;

const INSERT: &str = "insert into creators (id, platform, platform_id, username, display_name, \
    email, country, search, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const BY_PLATFORM: &str = "select id from creators where platform = $1 and platform_id = $2";
const ONE: &str = "select c.id, c.platform, c.platform_id, c.username, c.display_name, c.email, \
    c.country, c.created_at, r.id as rid, r.holder_name, r.kind, r.account \
    from creators c left join creators_recipients r on r.id = c.recipient_id where c.id = $1";
const SOME: &str = "select c.id, c.platform, c.platform_id, c.username, c.display_name, c.email, \
    c.country, c.created_at, r.id as rid, r.holder_name, r.kind, r.account \
    from creators c left join creators_recipients r on r.id = c.recipient_id \
    where c.id in ($list)";
const LIST: &str = "select c.id, c.platform, c.platform_id, c.username, c.display_name, \
    c.email, c.country, c.created_at, r.id as rid, r.holder_name, r.kind, r.account \
    from creators c left join creators_recipients r on r.id = c.recipient_id \
    where c.search like $1 escape '!' and (c.display_name, c.id) > ($2, $3) \
    order by c.display_name, c.id limit $4";
const FEW: &str = "select c.id, c.platform, c.platform_id, c.username, c.display_name, \
    c.email, c.country, c.created_at, r.id as rid, r.holder_name, r.kind, r.account \
    from creators c left join creators_recipients r on r.id = c.recipient_id \
    where c.search like $1 escape '!' and c.id in ($list)";
const INSERT_RECIPIENT: &str = "insert into creators_recipients (id, creator_id, holder_name, \
    kind, account, created_at) values ($1, $2, $3, $4, $5, $6)";
const USE_RECIPIENT: &str = "update creators set recipient_id = $2 where id = $1";
const RECIPIENT: &str =
    "select id as rid, holder_name, kind, account from creators_recipients where id = $1";

/// Text folded for searching: the engines fold only ASCII, so it is done here.
pub(crate) fn folded(texts: &[&str]) -> String {
    texts.join(" ").to_lowercase()
}

/// A pattern that finds `text` anywhere; `!` escapes the wildcards.
pub(crate) fn pattern(text: &str) -> String {
    let mut out = String::from("%");
    for c in text.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(c);
    }
    out.push('%');
    out
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    id: CreatorId,
    new: &NewCreator,
    now: Timestamp,
) -> Result<(), DbError> {
    let text = folded(&[&new.display_name, &new.username, &new.platform_id, &new.platform]);
    tx.execute(
        INSERT,
        params![
            id.0,
            &new.platform,
            &new.platform_id,
            &new.username,
            &new.display_name,
            new.email.clone(),
            new.country.clone(),
            &text,
            now
        ],
    )?;
    search::keep(tx, search::Kind::Creator, &id.to_string(), &text)
}

pub(crate) fn by_platform(
    tx: &mut Tx<'_>,
    platform: &str,
    platform_id: &str,
) -> Result<Option<CreatorId>, DbError> {
    tx.query_opt(BY_PLATFORM, params![platform, platform_id])?.map(|r| r.parse("id")).transpose()
}

pub(crate) fn find(tx: &mut Tx<'_>, id: CreatorId) -> Result<Option<Creator>, DbError> {
    tx.query_opt(ONE, params![id.0])?.as_ref().map(creator).transpose()
}

pub(crate) fn some(tx: &mut Tx<'_>, ids: &[CreatorId]) -> Result<Vec<Creator>, DbError> {
    let ids: Vec<Value> = ids.iter().map(|i| i.0.into()).collect();
    tx.query_in(SOME, &ids)?.iter().map(creator).collect()
}

pub(crate) fn list(
    tx: &mut Tx<'_>,
    text: &str,
    after: (&str, &str),
    limit: u32,
) -> Result<Vec<Creator>, DbError> {
    let few =
        if text.trim().is_empty() { None } else { search::few(tx, search::Kind::Creator, text)? };
    let Some(ids) = few else {
        let asked = params![pattern(text), after.0, after.1, limit];
        return tx.query(LIST, asked)?.iter().map(creator).collect();
    };
    let ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
    let rows = tx.query_in_after(FEW, params![pattern(text)], &ids)?;
    let mut found = rows.iter().map(creator).collect::<Result<Vec<_>, _>>()?;
    let place = |c: &Creator| (c.display_name.clone(), c.id.to_string());
    found.retain(|c| place(c) > (after.0.to_owned(), after.1.to_owned()));
    found.sort_by_key(place);
    // A list goes in pieces, and the last one of each is said more than once.
    found.dedup_by_key(|c| c.id);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

pub(crate) fn use_recipient(
    tx: &mut Tx<'_>,
    creator: CreatorId,
    id: RecipientId,
    new: &NewRecipient,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        INSERT_RECIPIENT,
        params![id.0, creator.0, &new.holder_name, &new.kind, &new.account, now],
    )?;
    tx.execute(USE_RECIPIENT, params![creator.0, id.0])?;
    Ok(())
}

pub(crate) fn recipient(tx: &mut Tx<'_>, id: RecipientId) -> Result<Option<Recipient>, DbError> {
    Ok(tx.query_opt(RECIPIENT, params![id.0])?.as_ref().map(recipient_of).transpose()?.flatten())
}

fn recipient_of(row: &Row) -> Result<Option<Recipient>, DbError> {
    let Some(id) = row.opt_parse("rid")? else { return Ok(None) };
    Ok(Some(Recipient {
        id,
        holder_name: row.text("holder_name")?,
        kind: row.text("kind")?,
        account: row.text("account")?,
    }))
}

fn creator(row: &Row) -> Result<Creator, DbError> {
    Ok(Creator {
        id: row.parse("id")?,
        platform: row.text("platform")?,
        platform_id: row.text("platform_id")?,
        username: row.text("username")?,
        display_name: row.text("display_name")?,
        email: row.opt_text("email")?,
        country: row.opt_text("country")?,
        recipient: recipient_of(row)?,
        created_at: row.time("created_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn wildcards_in_a_search_are_letters() {
        assert_eq!(pattern(" 100%_É! "), "%100!%!_é!!%");
    }
}
