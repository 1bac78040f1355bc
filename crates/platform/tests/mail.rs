//! What a mail server refuses: the house's own login, or a letter.
#![expect(clippy::disallowed_methods, reason = "a test starts what it tests")]

use kernel::Kind;
use platform::mail::{self, Config, Letter, Mail};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

/// A server that answers each command by its first word; a real one cannot be made to.
async fn server(answer: fn(&str) -> &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let mut said = String::from("220 mail.test\r\n");
            let mut line = String::new();
            while stream.write_all(said.as_bytes()).await.is_ok() {
                line.clear();
                if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                    break;
                }
                let word = line.split([' ', '\r']).next().unwrap_or_default();
                said = format!("{}\r\n", answer(word));
            }
        }
    });
    url
}

fn open(url: String, folder: &std::path::Path) -> Arc<dyn Mail> {
    let file = folder.join("password");
    std::fs::write(&file, "secret\n").unwrap();
    let (user, from) = ("kontor".into(), "Kontor <deals@house.example>".into());
    mail::open(&Config { url, user, password_file: file.display().to_string(), from }).unwrap()
}

fn letter() -> Letter {
    Letter {
        id: "1".into(),
        to: "maja@kontor.test".into(),
        subject: "Hello".into(),
        text: "Hello".into(),
        html: "<p>Hello</p>".into(),
    }
}

#[tokio::test]
async fn a_login_that_is_refused_keeps_the_letter() {
    let folder = tempfile::tempdir().unwrap();
    let url = server(|word| match word {
        "EHLO" => "250-mail.test\r\n250 AUTH PLAIN",
        "AUTH" => "535 5.7.8 authentication credentials invalid",
        _ => "250 ok",
    });
    let mail = open(url.await, folder.path());
    let e = mail.send(&letter()).await.unwrap_err();
    assert_eq!((e.kind, e.code), (Kind::Unavailable, "mail_unavailable"));
    let cause = format!("{:?}", e.source);
    assert!(cause.contains("credentials invalid"), "an operator must read it: {cause}");
    let looked = mail.look().await.unwrap().unwrap_err();
    assert_eq!(looked.code, "mail_unavailable", "doctor says it before a letter waits");
}

#[tokio::test]
async fn a_letter_that_is_refused_for_good_is_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let url = server(|word| match word {
        "EHLO" => "250-mail.test\r\n250 AUTH PLAIN",
        "AUTH" => "235 welcome",
        "RCPT" => "550 5.1.1 nobody of this name",
        _ => "250 ok",
    });
    let mail = open(url.await, folder.path());
    let e = mail.send(&letter()).await.unwrap_err();
    assert_eq!((e.kind, e.code), (Kind::Conflict, "mail_refused"));
}

#[tokio::test]
async fn a_server_that_is_busy_gets_the_letter_later() {
    let folder = tempfile::tempdir().unwrap();
    let url = server(|word| match word {
        "EHLO" => "250-mail.test\r\n250 AUTH PLAIN",
        "AUTH" => "235 welcome",
        "MAIL" => "451 4.3.2 try again later",
        _ => "250 ok",
    });
    let mail = open(url.await, folder.path());
    let e = mail.send(&letter()).await.unwrap_err();
    assert_eq!((e.kind, e.code), (Kind::Unavailable, "mail_unavailable"));
}
