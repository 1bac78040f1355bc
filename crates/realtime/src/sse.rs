//! `/api/v1/offers/events/deals`: every event of every deal, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use contracts::Grant;
use contracts::deals::TOPICS;
use futures::Stream;
use kernel::Error;
use platform::db::DbError;
use platform::http::{Answer, ErrorBody, Query};
use platform::outbox::{self, Placed};
use platform::{Cx, House};
use serde::Deserialize;
use tokio::sync::{broadcast, mpsc};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::hub::Hub;

/// Events waiting for one connection; a reader that is further behind is closed.
const QUEUE: usize = 512;
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream that lived so long ends, and whoever opens it again is asked again who he is and what
/// he may see.
const LIFE: Duration = Duration::from_secs(300);
/// How soon a client comes back.
const AGAIN: Duration = Duration::from_millis(500);
const PAGE: u32 = 200;

#[derive(Clone, FromRef)]
struct Parts {
    house: Arc<House>,
    hub: Arc<Hub>,
}

/// The routes of the hub.
pub fn routes(house: Arc<House>, hub: Arc<Hub>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(deals)).with_state(Parts { house, hub })
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    /// As the header, for clients that cannot send it.
    last_event_id: Option<i64>,
}

/// Live events of all deals. `id` is the position in the log; `Last-Event-ID` resumes after it.
#[utoipa::path(get, path = "/offers/events/deals", tag = "events", params(StreamQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "Resume after this position")),
    responses((status = 200, content_type = "text/event-stream", body = String),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
#[expect(clippy::disallowed_methods, reason = "it ends with its connection or the hub")]
async fn deals(
    State(hub): State<Arc<Hub>>,
    cx: Cx,
    headers: HeaderMap,
    Query(q): Query<StreamQuery>,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let grant = cx.decide("events.read").await?;
    let header = match headers.get("last-event-id").map(|v| v.to_str().unwrap_or("?")) {
        None | Some("") => None,
        Some(text) => Some(text.parse::<i64>().map_err(|_| {
            Error::invalid("Last-Event-ID", "Last-Event-ID is the position of an event: a number")
        })?),
    };
    let (sender, receiver) = mpsc::channel(QUEUE);
    // Subscribed before the past is read, so that nothing falls between the two.
    let live = hub.subscribe().await;
    // "From now on" is now: before the client hears that the stream is open.
    let head = || cx.db.read(outbox::head);
    let after = match header.or(q.last_event_id) {
        Some(after) => after,
        None => head().await.map_err(|e: DbError| e)?,
    };
    let stopping = hub.stopping();
    tokio::spawn(feed(cx, grant, after, live, stopping, sender, LIFE));
    let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let stream = futures::StreamExt::map(stream, Ok);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat")))
}

/// Feeds one connection: the past after `after`, then what happens.
pub(crate) async fn feed(
    cx: Cx,
    grant: Grant,
    after: i64,
    mut live: broadcast::Receiver<Arc<Placed>>,
    mut stopping: tokio::sync::watch::Receiver<bool>,
    to: mpsc::Sender<Event>,
    life: Duration,
) {
    let over = tokio::time::sleep(life);
    tokio::pin!(over);
    // The last place of the queue is kept for the reason why it ends: whoever does not keep up
    // would never have room for it.
    let Ok(farewell) = to.clone().reserve_owned().await else { return };
    let Some(mut at) = replay(&cx, grant, after, &to).await else { return };
    loop {
        let next = tokio::select! {
            next = live.recv() => next,
            _ = stopping.changed() => return goodbye(farewell, "shutdown"),
            () = &mut over => return goodbye(farewell, "renew"),
            () = to.closed() => return,
        };
        match next {
            Ok(placed) if placed.position <= at => {}
            Ok(placed) => {
                at = placed.position;
                let Some(event) = frame(&placed, grant) else { continue };
                if to.try_send(event).is_err() {
                    return goodbye(farewell, "slow_reader");
                }
            }
            Err(broadcast::error::RecvError::Lagged(_)) => {
                return goodbye(farewell, "slow_reader");
            }
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

/// Sends the past; answers the position where the live part begins, or `None` when the
/// connection is over.
async fn replay(cx: &Cx, grant: Grant, after: i64, to: &mpsc::Sender<Event>) -> Option<i64> {
    let head: Result<(i64, Option<i64>), DbError> =
        cx.db.read(|tx| Ok((outbox::head(tx)?, outbox::oldest(tx)?))).await;
    let (head, oldest) = head.ok()?;
    let mut at = after;
    let forgotten = at > head || oldest.is_some_and(|o| at + 1 < o);
    if forgotten {
        let reset = Event::default()
            .event("reset")
            .id(head.to_string())
            .data(r#"{"reason":"snapshot_needed"}"#);
        to.send(reset).await.ok()?;
        return Some(head);
    }
    loop {
        let from = at;
        let page: Result<Vec<Placed>, DbError> =
            cx.db.read(move |tx| outbox::after(tx, from, PAGE)).await;
        let page = page.ok()?;
        if page.is_empty() {
            return Some(at);
        }
        for placed in &page {
            at = placed.position;
            if let Some(event) = frame(placed, grant) {
                to.send(event).await.ok()?;
            }
        }
    }
}

fn goodbye(farewell: mpsc::OwnedPermit<Event>, reason: &str) {
    let text = format!(r#"{{"reason":"{reason}"}}"#);
    farewell.send(Event::default().event("closing").retry(AGAIN).data(text));
}

/// The event as the stream carries it; `None` for topics that are not deals' and for deals that
/// the grant does not cover.
fn frame(placed: &Placed, grant: Grant) -> Option<Event> {
    let e = &placed.event;
    let creator = e.payload["creator_id"].as_str().and_then(|id| id.parse().ok());
    if !TOPICS.contains(&e.topic.as_str()) || !grant.covers(creator) {
        return None;
    }
    let name = e.topic.replace('.', "_").to_uppercase();
    let data = serde_json::json!({
        "type": name,
        "offer_id": e.aggregate,
        "creator_id": e.payload["creator_id"],
        "status": e.payload.get("to_status"),
        "at": e.occurred_at,
        // Who of the house did it stays inside the house.
        "actor": (grant == Grant::All).then_some(&e.actor),
        "request_id": e.request,
        "trace_id": e.trace.map(kernel::Trace::name),
        "data": e.payload,
    });
    Some(Event::default().id(placed.position.to_string()).event(name).data(data.to_string()))
}
