//! Connections of clients: how many there may be, how long one may be silent, and how they end.
//!
//! A client that says nothing, or says it a byte at a time, costs a place among many and is left
//! after `server.silence_seconds`; a request itself has the deadline of the front door.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Service, ServiceExt as _};

/// How often a connection for many requests (HTTP/2) must say that it lives.
const ALIVE: Duration = Duration::from_secs(20);
/// Before accepting is tried again, when the system has no more files or memory.
const AGAIN_MS: u64 = 200;

/// What clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections at a time; those beyond wait in the listener's queue.
    pub(crate) connections: usize,
    /// Until the first request, for the headers of each, and between two of HTTP/1.1.
    pub(crate) silence: Duration,
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
    let (builder, open) = (builder(limits), GracefulShutdown::new());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        begin(stream, peer, place, app.clone(), &builder, &open, limits.silence);
    }
    drop(listener);
    open.shutdown().await;
}

fn builder(limits: Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.silence);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(ALIVE).keep_alive_timeout(ALIVE);
    // For WebSocket over HTTP/2.
    builder.http2().enable_connect_protocol();
    builder
}

/// The next connection, when there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    if places.available_permits() == 0 {
        metrics::counter!("kontor_server_full_total").increment(1);
        tracing::warn!("every place for a connection is taken; new ones wait");
    }
    let place = match Arc::clone(places).acquire_owned().await {
        Ok(place) => place,
        // Nobody closes it.
        Err(_closed) => return std::future::pending().await,
    };
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
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
    app: S,
    builder: &Builder<TokioExecutor>,
    open: &GracefulShutdown,
    silence: Duration,
) where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    // Live events are small and must not wait for each other.
    if let Err(e) = stream.set_nodelay(true) {
        tracing::debug!(error = %e, "a connection keeps its delay");
    }
    let asked = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&asked);
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        heard.store(true, Ordering::Relaxed);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request)
    });
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    let connection = open.watch(connection.into_owned());
    tokio::spawn(async move {
        let silent = async {
            tokio::time::sleep(silence).await;
            if asked.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            ended = connection => if let Err(e) = ended {
                tracing::debug!(error = %e, %peer, "a connection broke");
            },
            () = silent => tracing::debug!(%peer, "a client said nothing"),
        }
        drop(place);
    });
}
