//! Connections of clients: how many there may be, how long one may be silent, and how they end.
//!
//! A client that says nothing, says it a byte at a time, or does not read its answer, costs a
//! place among many and is left after `server.silence_seconds`; a request itself has the deadline
//! of the front door.

mod activity;
mod places;
mod socket;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use access::gateway::Network;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tower::{Service, ServiceExt as _};

use activity::Activity;
use places::Addresses;
use socket::Socket;

/// How often a connection for many requests (HTTP/2) must say that it lives.
const ALIVE: Duration = Duration::from_secs(20);
/// Requests of one HTTP/2 connection at a time. A page of the console asks for a dozen.
const STREAMS: u32 = 64;
/// Bytes of one answer that wait inside HTTP/2.
const SEND_BUFFER: usize = 128 * 1024;
/// Before accepting is tried again, when the system has no more files or memory.
const AGAIN_MS: u64 = 200;
/// Files that the house needs beside its clients: databases, stored files, other engines.
const OWN_FILES: u64 = 512;

/// What clients may take.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Connections at a time; those beyond wait in the listener's queue.
    pub(crate) connections: usize,
    /// Connections of one address at a time; those beyond are closed.
    pub(crate) of_one_address: usize,
    /// Addresses that many clients stand behind: proxies.
    pub(crate) shared_addresses: Vec<Network>,
    /// How long a connection may have nothing under way, headers may take to arrive, and an
    /// answer may wait to be read.
    pub(crate) silence: Duration,
}

impl Limits {
    /// As many as are wanted, or as the system has files for.
    pub(crate) fn within_the_system(mut self) -> Self {
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // An ordinary process may have as many as the administrator allows, if it asks.
        if let Err(e) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
            tracing::warn!(error = %e, "the limit of open files stays as it is");
        }
        let Some(files) = getrlimit(Resource::Nofile).current else { return self };
        let room = usize::try_from(files.saturating_sub(OWN_FILES).max(files / 2));
        let room = room.unwrap_or(usize::MAX);
        if self.connections > room {
            tracing::warn!(
                files,
                wanted = self.connections,
                room,
                "the system allows fewer open files than server.connections wants"
            );
            self.connections = room;
        }
        self
    }
}

/// Serves until `stop` is done; then takes no more connections, and returns when those that are
/// open have answered what they were asked.
pub(crate) async fn serve<S>(
    listener: TcpListener,
    app: S,
    limits: Limits,
    stop: impl Future<Output = ()>,
) where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let places = Arc::new(Semaphore::new(limits.connections));
    let addresses = Addresses::new(limits.of_one_address, limits.shared_addresses.clone());
    let (builder, open) = (builder(&limits), GracefulShutdown::new());
    let mut stop = pin!(stop);
    let mut full = false;
    loop {
        let (stream, peer, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places, &mut full) => accepted,
        };
        let Some(of_its_address) = addresses.enter(peer.ip()) else {
            metrics::counter!("kontor_server_address_full_total").increment(1);
            tracing::debug!(%peer, "one address has too many connections");
            continue;
        };
        // Live events are small and must not wait for each other.
        if let Err(e) = stream.set_nodelay(true) {
            tracing::debug!(error = %e, "a connection keeps its delay");
        }
        let socket = Socket::new(stream, limits.silence, (place, of_its_address));
        begin(socket, peer, app.clone(), &builder, &open, limits.silence);
    }
    drop(listener);
    open.shutdown().await;
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.silence);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(ALIVE)
        .keep_alive_timeout(ALIVE)
        .max_concurrent_streams(STREAMS)
        .max_send_buf_size(SEND_BUFFER);
    builder
}

/// The next connection, when there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    full: &mut bool,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = match Arc::clone(places).try_acquire_owned() {
        Err(TryAcquireError::NoPermits) => {
            if !*full {
                metrics::counter!("kontor_server_full_total").increment(1);
                tracing::warn!("every place for a connection is taken; new ones wait");
            }
            *full = true;
            Arc::clone(places).acquire_owned().await.ok()
        }
        tried => {
            *full = false;
            tried.ok()
        }
    };
    // Nobody closes the semaphore.
    let Some(place) = place else { return std::future::pending().await };
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            // One that was gone before it was taken is no trouble of ours; files that have run out
            // come back.
            Err(e) => {
                tracing::warn!(error = %e, "a connection could not be accepted");
                platform::tasks::sleep_ms(AGAIN_MS).await;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "it ends with its connection")]
fn begin<S>(
    socket: Socket,
    peer: SocketAddr,
    app: S,
    builder: &Builder<TokioExecutor>,
    open: &GracefulShutdown,
    silence: Duration,
) where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let activity = Activity::begin();
    let requests = activity.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let under_way = requests.request();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = app.clone().oneshot(request);
        async move { answer.await.map(|response| under_way.until_sent(response)) }
    });
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(socket), service);
    let connection = open.watch(connection.into_owned());
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => if let Err(e) = ended {
                tracing::debug!(error = %e, %peer, "a connection broke");
            },
            () = activity.silent_for(silence) => tracing::debug!(%peer, "a client said nothing"),
        }
    });
}
