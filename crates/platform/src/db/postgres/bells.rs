//! Bells between the processes that share one database.
#![expect(clippy::disallowed_methods, reason = "the reader lives as long as its connection")]

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::NoTls;

use super::errors::{classify, not_connected};
use super::{CONFIRM_WITHIN, settings, silent};
use crate::db::error::DbError;
use crate::signals::{Bell, Signals};

/// Carries bells between the processes that share one database: listens, and sends what this
/// process rang, at most once in a few milliseconds (a notification in every transaction would
/// serialise their commits).
pub(in crate::db) async fn carry_bells(url: String, signals: Arc<Signals>) {
    loop {
        if let Err(e) = carry_once(&url, &signals).await {
            tracing::warn!(error = %e, "the doorbell's connection broke; trying again");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn carry_once(url: &str, signals: &Arc<Signals>) -> Result<(), DbError> {
    let opened = settings(url)?.connect(NoTls).await;
    let (client, mut connection) = opened.map_err(|e| not_connected(&e))?;
    let heard = Arc::clone(signals);
    let reader = tokio::spawn(async move {
        loop {
            let next = std::future::poll_fn(|cx| connection.poll_message(cx)).await;
            match next {
                Some(Ok(tokio_postgres::AsyncMessage::Notification(n))) => {
                    if let Some(bell) = Bell::from_name(n.payload()) {
                        heard.heard(bell);
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            }
        }
    });
    client.batch_execute("listen kontor_bell").await.map_err(|e| classify(&e))?;
    let mut rung = signals.outgoing();
    while !reader.is_finished() {
        let bells = rung.next().await;
        for bell in bells {
            let ring = async {
                client.execute("select pg_notify('kontor_bell', $1)", &[&bell.name()]).await
            };
            let answer = tokio::time::timeout(CONFIRM_WITHIN, ring).await;
            answer.map_err(|_| silent(CONFIRM_WITHIN))?.map_err(|e| classify(&e))?;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
