//! A connection through the gateway that becomes something else: WebSocket.

use platform::testing::On;
use tests::server::Place;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Everything up to the empty line.
async fn head(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(text).unwrap().to_lowercase()
}

/// A process that takes the upgrade, says what it was asked, and sends back what it hears.
async fn echo() -> (String, oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, asked) = loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let asked = head(&mut stream).await;
            if !asked.starts_with("get /readyz ") {
                break (stream, asked);
            }
            // The gateway looks whether it is there.
            let here = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(here.as_bytes()).await.unwrap();
        };
        let yes = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\n\
            upgrade: websocket\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        stream.write_all(yes.as_bytes()).await.unwrap();
        tell.send(asked).unwrap();
        let (mut read, mut write) = stream.split();
        tokio::io::copy(&mut read, &mut write).await.unwrap();
    });
    (url, told)
}

#[tokio::test]
async fn a_websocket_passes_the_gateway_in_both_directions() {
    let (upstream, asked) = echo().await;
    let place = Place::new(On::Sqlite).await.unwrap();
    let file = place.folder().join("routes.toml");
    let table = format!("[[route]]\npath = \"/socket\"\nupstream = [\"{upstream}\"]\n");
    std::fs::write(&file, table).unwrap();
    let routes = format!("gateway.routes_file={}", file.display());
    let server = place.start_as(&[routes], "127.0.0.1:0").await;
    let api = server.login("viewer").await;
    let address = server.url.strip_prefix("http://").unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    let ask = format!(
        "GET /socket?room=1 HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         connection: keep-alive, Upgrade\r\nupgrade: websocket\r\nx-kontor-identity: made-up\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        api.token
    );
    client.write_all(ask.as_bytes()).await.unwrap();
    let answer = head(&mut client).await;
    assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    assert!(answer.contains("upgrade: websocket\r\n"), "{answer}");
    assert!(answer.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{answer}");
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("get /socket?room=1 http/1.1\r\n"), "{asked}");
    assert!(asked.contains("sec-websocket-key: dghlihnhbxbszsbub25jzq==\r\n"), "{asked}");
    assert!(asked.contains("\r\nx-kontor-identity: "), "the gateway vouches: {asked}");
    assert!(!asked.contains("made-up"), "what clients send is taken away: {asked}");
    for size in [1, 5_000, 300_000] {
        let sent = platform::clock::random_bytes::<1>().repeat(size);
        let (mut read, mut write) = client.split();
        let mut back = vec![0; size];
        let (written, heard) = tokio::join!(write.write_all(&sent), read.read_exact(&mut back));
        written.unwrap();
        heard.unwrap();
        assert!(back == sent, "{size} bytes came back");
    }
    client.shutdown().await.unwrap();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "the other side's end is the end");
    server.stop().await;
}
