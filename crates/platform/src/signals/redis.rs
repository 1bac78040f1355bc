//! Signals on Redis: what [`super::exchange`] promises, between processes.
//!
//! When Redis is away: counters count in this process alone (callers are not shut out, limits
//! are looser), bells and messages do not arrive and everybody looks on a slow timer, presence
//! knows this process only. Calls have a short deadline, and after a failure Redis is left alone
//! for a second: a slow Redis must not make the house slow. Connections come back with growing,
//! random pauses, so that many processes do not come back at once. Nothing is kept in Redis that
//! would be missed after a flush.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use kernel::{Clock, Error, Timestamp};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Pipeline, RedisError};
use tokio::sync::{Mutex, broadcast, mpsc};

use super::exchange::{Channel, Exchange, Local, PRESENT_SECONDS, window};
use super::{Bell, Signals};

/// Milliseconds that a call may take.
const DEADLINE: Duration = Duration::from_millis(150);
/// How long Redis is left alone after a failure.
const REST_MS: i64 = 1_000;
/// Messages that wait to be published; more are dropped and counted.
const WAITING: usize = 4_096;
const FIRST_PAUSE_MS: u64 = 100;
const LONGEST_PAUSE_MS: u64 = 5_000;

/// A Redis, shared by every process of the house.
pub struct Redis {
    client: Client,
    manager: ConnectionManager,
    prefix: String,
    /// Tells own messages from those of others.
    own: String,
    clock: Arc<dyn Clock>,
    rests_until: AtomicI64,
    local: Local,
    outbox: mpsc::Sender<(Channel, String)>,
    waiting: Mutex<mpsc::Receiver<(Channel, String)>>,
}

impl Redis {
    /// A client; nothing is contacted yet.
    ///
    /// # Errors
    /// `Invalid` when `url` is no Redis URL.
    pub fn open(url: &str, prefix: &str, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let shown = crate::config::without_password(url);
        let wrong = |e: RedisError| Error::invalid("signals.url", format!("{shown}: {e}"));
        let client = Client::open(url).map_err(wrong)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(DEADLINE))
            .set_connection_timeout(Some(DEADLINE))
            .set_number_of_retries(1);
        let manager = client.get_connection_manager_lazy(config).map_err(wrong)?;
        let (outbox, waiting) = mpsc::channel(WAITING);
        Ok(Self {
            client,
            manager,
            prefix: prefix.to_owned(),
            own: hex::encode(crate::clock::random_bytes::<8>()),
            clock,
            rests_until: AtomicI64::new(0),
            local: Local::default(),
            outbox,
            waiting: Mutex::new(waiting),
        })
    }

    /// Asks Redis for a sign of life; for `kontor doctor`.
    ///
    /// # Errors
    /// What the client says.
    pub async fn ping(&self) -> Result<(), RedisError> {
        let mut ping = redis::pipe();
        ping.cmd("PING").ignore();
        ping.query_async::<()>(&mut self.manager.clone()).await
    }

    /// Carries bells and messages between this process and the others, for ever.
    pub async fn carry(&self, signals: &Signals) {
        tokio::join!(self.listen(signals), self.send(signals));
    }

    async fn listen(&self, signals: &Signals) {
        let mut pause = FIRST_PAUSE_MS;
        loop {
            let begun = crate::clock::instant();
            if let Err(e) = self.hear(signals).await {
                tracing::debug!(error = %e, "Redis cannot be listened to");
            }
            metrics::counter!("kontor_signals_reconnects_total").increment(1);
            if begun.elapsed() > Duration::from_secs(10) {
                pause = FIRST_PAUSE_MS;
            }
            let random = u64::from(crate::clock::random_bytes::<1>()[0]);
            crate::tasks::sleep_ms(pause + pause * random / 256).await;
            pause = (pause * 2).min(LONGEST_PAUSE_MS);
        }
    }

    /// One subscription, until it breaks.
    async fn hear(&self, signals: &Signals) -> Result<(), RedisError> {
        let connect = self.client.get_async_pubsub();
        let connected = tokio::time::timeout(Duration::from_secs(5), connect).await;
        let mut told = connected.map_err(|_| timed_out())??;
        for channel in Channel::ALL {
            told.subscribe(self.channel(channel)).await?;
        }
        // What was rung while nobody listened is looked up now.
        for bell in Bell::ALL {
            signals.heard(bell);
        }
        let mut messages = told.on_message();
        while let Some(message) = messages.next().await {
            let name = message.get_channel_name();
            let channel = name.strip_prefix(&self.prefix).and_then(Channel::from_name);
            let text: String = message.get_payload()?;
            if let (Some(channel), Some((from, text))) = (channel, text.split_once(' '))
                && from != self.own
            {
                match channel {
                    Channel::Bells => {
                        Bell::from_name(text).into_iter().for_each(|b| signals.heard(b));
                    }
                    _ => self.local.tell(channel, text.into()),
                }
            }
        }
        Ok(())
    }

    async fn send(&self, signals: &Signals) {
        let mut bells = signals.outgoing();
        let mut waiting = self.waiting.lock().await;
        loop {
            let mut pipe = redis::pipe();
            tokio::select! {
                rung = bells.next() => {
                    for bell in rung {
                        self.add(&mut pipe, Channel::Bells, bell.name());
                    }
                }
                Some((channel, text)) = waiting.recv() => {
                    self.add(&mut pipe, channel, &text);
                    while let Ok((channel, text)) = waiting.try_recv() {
                        self.add(&mut pipe, channel, &text);
                    }
                }
            }
            let _away = self.run::<()>(&pipe).await;
        }
    }

    fn add(&self, pipe: &mut Pipeline, channel: Channel, text: &str) {
        let text = format!("{} {text}", self.own);
        pipe.cmd("PUBLISH").arg(self.channel(channel)).arg(text).ignore();
    }

    fn channel(&self, channel: Channel) -> String {
        format!("{}{}", self.prefix, channel.name())
    }

    /// Runs commands; `None` when Redis is away, or was a moment ago.
    async fn run<T: redis::FromRedisValue>(&self, pipe: &Pipeline) -> Option<T> {
        let now = self.clock.now();
        if self.rests_until.load(Ordering::Relaxed) > now.micros() {
            return None;
        }
        let mut manager = self.manager.clone();
        let asked = tokio::time::timeout(DEADLINE, pipe.query_async(&mut manager)).await;
        match asked.unwrap_or_else(|_| Err(timed_out())) {
            Ok(answer) => Some(answer),
            Err(e) => {
                metrics::counter!("kontor_signals_failures_total").increment(1);
                let until = now.plus_ms(REST_MS).micros();
                if self.rests_until.swap(until, Ordering::Relaxed) + 60_000_000 < now.micros() {
                    tracing::warn!(error = %e, "Redis is away; this process goes on alone");
                }
                None
            }
        }
    }
}

fn timed_out() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "Redis did not answer in time").into()
}

#[async_trait]
impl Exchange for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn count(&self, key: &str, seconds: i64, now: Timestamp) -> u64 {
        let name = format!("{}count:{}:{key}", self.prefix, window(seconds, now));
        let mut pipe = redis::pipe();
        pipe.cmd("INCR").arg(&name);
        pipe.cmd("EXPIRE").arg(&name).arg(seconds * 2).ignore();
        // This process keeps its own count beside it, so that an outage does not begin at zero.
        let here = self.local.count_here(key, seconds, now);
        match self.run::<(u64,)>(&pipe).await {
            Some((count,)) => count.max(here),
            None => here,
        }
    }

    fn publish(&self, channel: Channel, text: String) {
        self.local.tell(channel, text.as_str().into());
        if self.outbox.try_send((channel, text)).is_err() {
            metrics::counter!("kontor_signals_dropped_total").increment(1);
        }
    }

    fn subscribe(&self, channel: Channel) -> broadcast::Receiver<Arc<str>> {
        self.local.subscribe(channel)
    }

    async fn arrive(&self, room: &str, who: &str, now: Timestamp) {
        self.local.arrive_here(room, who, now);
        let name = format!("{}room:{room}", self.prefix);
        let mut pipe = redis::pipe();
        pipe.cmd("ZADD").arg(&name).arg(now.micros()).arg(who).ignore();
        pipe.cmd("EXPIRE").arg(&name).arg(PRESENT_SECONDS * 2).ignore();
        let _away = self.run::<()>(&pipe).await;
    }

    async fn present(&self, room: &str, now: Timestamp) -> Vec<String> {
        let name = format!("{}room:{room}", self.prefix);
        let since = now.plus_ms(-PRESENT_SECONDS * 1_000).micros();
        let mut pipe = redis::pipe();
        pipe.cmd("ZREMRANGEBYSCORE").arg(&name).arg("-inf").arg(since).ignore();
        pipe.cmd("ZRANGE").arg(&name).arg(0).arg(-1);
        match self.run::<(Vec<String>,)>(&pipe).await {
            Some((mut names,)) => {
                names.sort();
                names
            }
            None => self.local.present_here(room, now),
        }
    }
}
