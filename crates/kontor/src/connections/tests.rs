//! Clients that are slow, silent, many, or here when the server stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::{Limits, serve};

/// Long enough that a busy machine is not taken for a silent client.
const SILENCE: Duration = Duration::from_secs(1);

struct Served {
    address: SocketAddr,
    /// `/slow` was asked.
    begun: Arc<Notify>,
    /// Lets `/slow` answer.
    go: Arc<Notify>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

#[expect(clippy::disallowed_methods, reason = "it ends with its test")]
async fn served(connections: usize) -> Served {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = |State((begun, go)): State<(Arc<Notify>, Arc<Notify>)>| async move {
        begun.notify_one();
        go.notified().await;
        "slow"
    };
    let large = |State((begun, _)): State<(Arc<Notify>, Arc<Notify>)>| async move {
        begun.notify_one();
        "x".repeat(64 << 20)
    };
    let later = |State((begun, go)): State<(Arc<Notify>, Arc<Notify>)>| async move {
        let rest = async move {
            begun.notify_one();
            go.notified().await;
            Ok::<_, std::convert::Infallible>("last")
        };
        let first = futures::stream::once(async { Ok("first ") });
        Body::from_stream(futures::StreamExt::chain(first, futures::stream::once(rest)))
    };
    let app = Router::new()
        .route("/large", get(large))
        .route("/later", get(later))
        .route(
            "/",
            get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }),
        )
        .route("/slow", get(slow))
        .with_state((Arc::clone(&begun), Arc::clone(&go)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let limits = Limits {
        connections,
        of_one_address: connections,
        shared_addresses: Vec::new(),
        silence: SILENCE,
    };
    let stopped = async move { drop(stopped.await) };
    let running = tokio::spawn(serve(listener, app, limits, stopped));
    Served { address, begun, go, stop, running }
}

impl Served {
    async fn says(&self, text: &str) -> TcpStream {
        let mut client = TcpStream::connect(self.address).await.unwrap();
        client.write_all(text.as_bytes()).await.unwrap();
        client
    }
}

fn ask(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: kontor\r\n\r\n")
}

/// What comes until the server ends the connection.
async fn rest(client: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is cut is ended, too.
    let _ended = client.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn part(client: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4_096];
    let count = client.read(&mut bytes).await.unwrap();
    bytes.truncate(count);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_client_that_says_nothing_or_half_is_left() {
    let served = served(10).await;
    // Nothing; the first letter of both protocols; half a request; HTTP/2 without its settings.
    for said in ["", "P", "GET / HTTP/1.1\r\nhost:", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut client = served.says(said).await;
        let answer = rest(&mut client).await;
        assert!(!answer.contains("200 OK"), "{said:?}: {answer}");
    }
    let mut client = served.says(&ask("/")).await;
    let peer = client.local_addr().unwrap().to_string();
    assert!(part(&mut client).await.ends_with(&peer), "who asks is known");
    // The second request of a connection has its time, too.
    client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert!(!rest(&mut client).await.contains("200 OK"));
}

/// HTTP/2 has no timers of its own for a client that asked once and then only says it lives.
#[tokio::test]
async fn an_http2_client_that_asks_nothing_more_is_left() {
    let served = served(1).await;
    let stream = TcpStream::connect(served.address).await.unwrap();
    let made = hyper::client::conn::http2::handshake::<_, _, axum::body::Body>(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    );
    let (mut client, connection) = made.await.unwrap();
    let request = hyper::Request::get("http://kontor/").body(axum::body::Body::empty()).unwrap();
    let ask_once = async {
        assert_eq!(client.send_request(request).await.unwrap().status(), 200);
        // The answer was dropped; nothing is under way, and the client stays.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = ask_once => {}
        _ended = connection => {}
    }
    // Its place is free.
    let mut next = served.says(&ask("/")).await;
    assert!(part(&mut next).await.contains("200 OK"));
}

/// What an HTTP/2 client writes that takes nothing of its answers: its window is 0.
fn takes_nothing(path: &str, streams: u32) -> Vec<u8> {
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    let literal = |name: &str, value: &str| {
        let (n, v) = (u8::try_from(name.len()).unwrap(), u8::try_from(value.len()).unwrap());
        [&[0, n], name.as_bytes(), &[v], value.as_bytes()].concat()
    };
    // GET and http from the static table (RFC 7541, appendix A), then two literals.
    let headers =
        [&[0x82, 0x86][..], &literal(":path", path), &literal(":authority", "kontor")].concat();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]));
    for n in 0..streams {
        bytes.extend(frame(1, 5, 1 + 2 * n, &headers));
    }
    bytes
}

/// It answers every ping and asks for more all the time: it says that it lives, and reads nothing.
#[tokio::test]
async fn an_http2_client_that_takes_nothing_is_left_however_busy_it_is() {
    let served = served(1).await;
    let mut client = TcpStream::connect(served.address).await.unwrap();
    client.write_all(&takes_nothing("/large", 1)).await.unwrap();
    served.begun.notified().await;
    let (mut read, mut write) = client.split();
    let pings = async {
        loop {
            let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
            if write.write_all(&ping).await.is_err() {
                return;
            }
            tokio::time::sleep(SILENCE / 10).await;
        }
    };
    let mut all = Vec::new();
    let ended = async { drop(read.read_to_end(&mut all).await) };
    tokio::time::timeout(SILENCE * 30, async { tokio::join!(pings, ended) })
        .await
        .expect("it is left");
    let mut next = served.says(&ask("/")).await;
    assert!(part(&mut next).await.contains("200 OK"), "its place is free");
}

#[tokio::test]
async fn one_http2_connection_asks_only_so_much_at_once() {
    let served = served(1).await;
    let mut client = TcpStream::connect(served.address).await.unwrap();
    client.write_all(&takes_nothing("/slow", 200)).await.unwrap();
    let mut all = Vec::new();
    drop(client.read_to_end(&mut all).await);
    // RST_STREAM frames: those beyond the limit are refused.
    let (mut at, mut refused) = (0, 0);
    while at + 9 <= all.len() {
        let length =
            usize::from(all[at]) << 16 | usize::from(all[at + 1]) << 8 | usize::from(all[at + 2]);
        refused += usize::from(all[at + 3] == 3);
        at += 9 + length;
    }
    assert!(refused >= 200 - super::STREAMS as usize - 1, "{refused}");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_left() {
    let served = served(1).await;
    let unread = served.says(&ask("/large")).await;
    served.begun.notified().await;
    let mut next = served.says(&ask("/")).await;
    assert!(part(&mut next).await.contains("200 OK"), "there is a place for others");
    drop(unread);
}

#[tokio::test]
async fn an_answer_may_take_longer_than_a_client_may_be_silent() {
    let served = served(10).await;
    let mut client = served.says(&ask("/slow")).await;
    tokio::time::sleep(SILENCE * 3).await;
    served.go.notify_one();
    assert!(part(&mut client).await.ends_with("slow"));
}

/// A stream in which nothing happens for long is ours to fill: its reader is not the silent one.
#[tokio::test]
async fn the_next_piece_of_an_answer_may_take_longer_than_a_client_may_be_silent() {
    let served = served(10).await;
    let mut client = served.says(&ask("/later")).await;
    served.begun.notified().await;
    tokio::time::sleep(SILENCE * 3).await;
    served.go.notify_one();
    let mut all = String::new();
    while !all.contains("last") {
        let more = part(&mut client).await;
        assert!(!more.is_empty(), "it was left: {all}");
        all += &more;
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let served = served(1).await;
    let mut first = served.says(&ask("/slow")).await;
    let mut second = served.says(&ask("/")).await;
    let early = tokio::time::timeout(SILENCE, part(&mut second)).await;
    assert!(early.is_err(), "there is no place for it: {early:?}");
    served.go.notify_one();
    assert!(part(&mut first).await.ends_with("slow"));
    drop(first);
    assert!(part(&mut second).await.contains("200 OK"));
}

#[tokio::test]
async fn a_server_that_stops_answers_what_it_was_asked() {
    let served = served(10).await;
    let mut idle = served.says(&ask("/")).await;
    assert!(part(&mut idle).await.contains("200 OK"));
    let mut asked = served.says(&ask("/slow")).await;
    served.begun.notified().await;
    served.stop.send(()).unwrap();
    assert_eq!(rest(&mut idle).await, "", "nothing is open there");
    assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
    assert!(!served.running.is_finished());
    served.go.notify_one();
    assert!(rest(&mut asked).await.ends_with("slow"));
    served.running.await.unwrap();
}
