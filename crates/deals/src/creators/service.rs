//! Use cases of creators.

use contracts::Grant;
use kernel::Error;
use kernel::page::{Cursor, Page};
use platform::Cx;
use platform::audit::{self, Entry};
use platform::db::{DbError, Tx};
use platform::idempotency::Once;

use super::model::{Creator, CreatorId, NewCreator, NewRecipient, Recipient, RecipientId};
use super::store;

/// Adds a creator.
///
/// # Errors
/// `Invalid` naming the field; `creator_exists` when the platform's identifier is taken.
pub async fn add(cx: &Cx, new: NewCreator) -> Result<Creator, Error> {
    cx.decide_all("creators.write").await?;
    let once = Once::optional(cx, "creators.add", &new)?;
    let new = new.checked()?;
    let (id, now, ctx) = (CreatorId::new(&*cx.ids), cx.clock.now(), cx.clone());
    cx.db
        .write(move |tx| {
            if let Some(before) = once.begin(tx, now)? {
                return load(tx, before);
            }
            let taken = |id: Option<CreatorId>| {
                let e = Error::conflict(
                    "creator_exists",
                    format!("there is already a creator '{}' on {}", new.platform_id, new.platform),
                );
                id.map_or_else(
                    || Error::conflict(e.code, &e.message),
                    |i| Error::conflict(e.code, &e.message).with("creator_id", i.to_string()),
                )
            };
            if let Some(existing) = store::by_platform(tx, &new.platform, &new.platform_id)? {
                return Err(taken(Some(existing)));
            }
            match store::insert(tx, id, &new, now) {
                Err(DbError::Unique(_)) => return Err(taken(None)),
                other => other?,
            }
            let entry = Entry {
                action: "creators.add",
                subject: format!("creator/{id}"),
                details: serde_json::json!({ "platform": new.platform }),
            };
            audit::append(tx, &ctx, now, &entry)?;
            once.done(tx, &id)?;
            load(tx, id)
        })
        .await
}

/// One creator, inside a transaction.
///
/// # Errors
/// `creator_not_found`.
pub fn load(tx: &mut Tx<'_>, id: CreatorId) -> Result<Creator, Error> {
    store::find(tx, id)?.ok_or_else(|| not_found(id))
}

/// One creator, when the grant covers it; else there is none.
fn load_granted(tx: &mut Tx<'_>, id: CreatorId, grant: Grant) -> Result<Creator, Error> {
    if grant.covers(Some(id.0)) { load(tx, id) } else { Err(not_found(id)) }
}

fn not_found(id: CreatorId) -> Error {
    Error::not_found("creator_not_found", format!("there is no creator {id}"))
}

/// Several creators, inside a transaction; missing ones are left out.
///
/// # Errors
/// When the database fails.
pub fn load_some(tx: &mut Tx<'_>, ids: &[CreatorId]) -> Result<Vec<Creator>, DbError> {
    store::some(tx, ids)
}

/// A recipient, inside a transaction; `None` when it was erased.
///
/// # Errors
/// When the database fails.
pub fn recipient(tx: &mut Tx<'_>, id: RecipientId) -> Result<Option<Recipient>, DbError> {
    store::recipient(tx, id)
}

/// One creator.
///
/// # Errors
/// `creator_not_found`.
pub async fn get(cx: &Cx, id: CreatorId) -> Result<Creator, Error> {
    let grant = cx.decide("creators.read").await?;
    cx.db.read(move |tx| load_granted(tx, id, grant)).await
}

/// Creators whose names hold `text`, by name.
///
/// # Errors
/// When the cursor is not one of ours.
pub async fn list(
    cx: &Cx,
    text: String,
    cursor: Option<String>,
    limit: u32,
) -> Result<Page<Creator>, Error> {
    cx.decide_all("creators.read").await?;
    let after = cursor.as_deref().map(Cursor::decode).transpose()?;
    let after = after.unwrap_or(Cursor { value: String::new(), id: String::new() });
    let rows = cx
        .db
        .read(move |tx| store::list(tx, &text, (&after.value, &after.id), limit + 1))
        .await
        .map_err(|e: DbError| Error::from(e))?;
    Ok(Page::cut(rows, limit, |c| Cursor { value: c.display_name.clone(), id: c.id.to_string() }))
}

/// Sends the creator's money to another account from now on.
///
/// # Errors
/// `Invalid` naming the field; `creator_not_found`.
pub async fn set_recipient(
    cx: &Cx,
    creator: CreatorId,
    new: NewRecipient,
) -> Result<Recipient, Error> {
    let grant = cx.decide("creators.recipient").await?;
    let once = Once::optional(cx, "creators.recipient", &(creator, &new))?;
    let new = new.checked()?;
    let (id, now, ctx) = (RecipientId::new(&*cx.ids), cx.clock.now(), cx.clone());
    cx.db
        .write(move |tx| {
            load_granted(tx, creator, grant)?;
            if let Some(before) = once.begin(tx, now)? {
                return store::recipient(tx, before)?.ok_or_else(|| {
                    Error::not_found("recipient_not_found", "that recipient was erased since")
                });
            }
            store::use_recipient(tx, creator, id, &new, now)?;
            let entry = Entry {
                action: "creators.recipient",
                subject: format!("creator/{creator}"),
                // The account itself never enters the chain.
                details: serde_json::json!({ "recipient_id": id }),
            };
            audit::append(tx, &ctx, now, &entry)?;
            once.done(tx, &id)?;
            Ok(Recipient {
                id,
                holder_name: new.holder_name.clone(),
                kind: new.kind.clone(),
                account: new.account.clone(),
            })
        })
        .await
}
