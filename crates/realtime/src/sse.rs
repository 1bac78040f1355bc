//! `/api/v1/offers/events/deals`: every event of every deal, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use contracts::Grant;
use contracts::deals::TOPICS;
use kernel::Error;
use platform::db::DbError;
use platform::http::{Answer, ErrorBody, Query};
use platform::outbox::{self, Placed};
use platform::signals::Channel;
use platform::{Cx, House};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::hub::Hub;

/// Events waiting for one connection; a reader that is further behind is closed.
const QUEUE: usize = 512;
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream that lived so long ends, and whoever opens it again is asked again who he is and what
/// he may see.
const LIFE: Duration = Duration::from_secs(300);
/// Parts of a payload that are told to the creator whose deal it is.
const OWN: &[&str] = &[
    "event_id",
    "offer_id",
    "creator_id",
    "occurred_at",
    "kind",
    "title",
    "currency",
    "amount",
    "from_status",
    "to_status",
    "term_sheet_sha256",
    "receipt_sha256",
];
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
) -> Answer<impl IntoResponse> {
    let grant = cx.decide("events.read").await?;
    let header = match headers.get("last-event-id").map(|v| v.to_str().unwrap_or("?")) {
        None | Some("") => None,
        Some(text) => Some(text.parse::<i64>().map_err(|_| {
            Error::invalid("Last-Event-ID", "Last-Event-ID is the position of an event: a number")
        })?),
    };
    let (sender, receiver) = mpsc::channel(QUEUE);
    let (cut, is_cut) = oneshot::channel();
    // Heard from here on, so that a session that ends while the past is read ends this, too.
    let session = Session::of(&cx);
    // Subscribed before the past is read, so that nothing falls between the two.
    let live = hub.subscribe().await;
    // "From now on" is now: before the client hears that the stream is open.
    let head = || cx.db.read(outbox::head);
    let after = match header.or(q.last_event_id) {
        Some(after) => after,
        None => head().await.map_err(|e: DbError| e)?,
    };
    let stopping = hub.stopping();
    let life = Life { session, stopping, lasts: LIFE };
    tokio::spawn(feed(cx, grant, after, live, life, sender, cut));
    let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
    // What waits to be read is not read any more by somebody who has logged out; a stream that
    // ends for another reason is read to its last word.
    let logged_out = async move {
        if is_cut.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let stream = futures::StreamExt::take_until(stream, Box::pin(logged_out));
    // A proxy that waits for the first bytes has them, and one that keeps answers back is asked
    // not to (nginx).
    let begun = futures::stream::iter([Event::default().comment("open")]);
    let stream = futures::StreamExt::chain(begun, stream);
    let stream = futures::StreamExt::map(stream, Ok::<_, Infallible>);
    let alive = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Ok(([("x-accel-buffering", "no")], Sse::new(stream).keep_alive(alive)))
}

/// What ends a stream that its reader does not end.
pub(crate) struct Life {
    pub(crate) session: Session,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) lasts: Duration,
}

/// The session that a stream belongs to.
pub(crate) struct Session {
    id: Option<String>,
    ended: broadcast::Receiver<Arc<str>>,
}

impl Session {
    pub(crate) fn of(cx: &Cx) -> Self {
        let id = cx.principal.session.map(|id| id.to_string());
        Self { id, ended: cx.exchange.subscribe(Channel::Sessions) }
    }

    /// Waits until it has ended, or until that may have been missed.
    async fn over(&mut self) -> Over {
        loop {
            match self.ended.recv().await {
                Ok(ended) if self.id.as_deref() == Some(&*ended) => return Over::Session,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => return Over::Because("renew"),
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// How a stream ends.
enum Over {
    /// Nothing more is sent, not even what waits.
    Session,
    /// With a last word.
    Because(&'static str),
    /// The reader is gone, or the log cannot be read.
    Gone,
}

/// Feeds one connection: the past after `after`, then what happens; until it ends for a reason.
pub(crate) async fn feed(
    cx: Cx,
    grant: Grant,
    after: i64,
    live: broadcast::Receiver<Arc<Placed>>,
    mut life: Life,
    to: mpsc::Sender<Event>,
    cut: oneshot::Sender<()>,
) {
    // The last place of the queue is kept for the reason why it ends: whoever does not keep up
    // would never have room for it.
    let Ok(farewell) = to.clone().reserve_owned().await else { return };
    let over = tokio::select! {
        biased;
        over = life.session.over() => over,
        _ = life.stopping.changed() => Over::Because("shutdown"),
        () = tokio::time::sleep(life.lasts) => Over::Because("renew"),
        () = to.closed() => Over::Gone,
        over = tell(&cx, grant, after, live, &to) => over,
    };
    match over {
        Over::Session => drop(cut.send(())),
        Over::Because(reason) => goodbye(farewell, reason),
        Over::Gone => {}
    }
}

async fn tell(
    cx: &Cx,
    grant: Grant,
    after: i64,
    mut live: broadcast::Receiver<Arc<Placed>>,
    to: &mpsc::Sender<Event>,
) -> Over {
    let Some(mut at) = replay(cx, grant, after, to).await else { return Over::Gone };
    loop {
        match live.recv().await {
            Ok(placed) if placed.position <= at => {}
            Ok(placed) => {
                at = placed.position;
                let Some(event) = frame(&placed, grant) else { continue };
                if to.try_send(event).is_err() {
                    return Over::Because("slow_reader");
                }
            }
            Err(broadcast::error::RecvError::Lagged(_)) => return Over::Because("slow_reader"),
            Err(broadcast::error::RecvError::Closed) => return Over::Gone,
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
    // A log that holds nothing any more has forgotten everything up to its head.
    let forgotten = at > head || (at < head && oldest.is_none_or(|o| at + 1 < o));
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
pub(crate) fn frame(placed: &Placed, grant: Grant) -> Option<Event> {
    let e = &placed.event;
    let creator = e.payload["creator_id"].as_str().and_then(|id| id.parse().ok());
    if !TOPICS.contains(&e.topic.as_str()) || !grant.covers(creator) {
        return None;
    }
    let name = e.topic.replace('.', "_").to_uppercase();
    let house = grant == Grant::All;
    let data = serde_json::json!({
        "type": name,
        "offer_id": e.aggregate,
        "creator_id": e.payload["creator_id"],
        "status": e.payload.get("to_status"),
        "at": e.occurred_at,
        // Who of the house did it, why, over which rail: that stays inside the house.
        "actor": house.then_some(&e.actor),
        "request_id": house.then_some(&e.request),
        "trace_id": e.trace.filter(|_| house).map(kernel::Trace::name),
        "data": if house { e.payload.clone() } else { own_form(&e.payload) },
    });
    Some(Event::default().id(placed.position.to_string()).event(name).data(data.to_string()))
}

/// What a creator is told of an event of an own deal: what the deal's own page shows, by name, so
/// that what is added to an event is not told by accident.
fn own_form(payload: &Value) -> Value {
    let shown = OWN.iter().filter_map(|key| Some(((*key).to_owned(), payload.get(*key)?.clone())));
    Value::Object(shown.collect())
}
