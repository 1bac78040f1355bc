//! A batch of messages to a consumer: all in one transaction when that works, else one by one,
//! with retries, and the dead-letter topic for what never works.

use std::sync::Arc;

use kernel::ids::Uuid;
use kernel::{Envelope, Error};
use rdkafka::message::OwnedMessage;
use tokio_util::sync::CancellationToken;

use super::codec::{self, Unread};
use super::consume::passes;
use super::dead::{DeadLetters, REPLAY_FOR};
use super::deliver::{self, Delivered};
use super::publish::{from_db, pause};
use super::{Kafka, lag, store};
use crate::House;
use crate::db::Tx;
use crate::inbox::{Consumer, Order, once};
use crate::outbox;

/// Tries before an event is a dead letter.
const TRIES: u32 = 6;
const FIRST_PAUSE_MS: u64 = 100;
/// After this long a gap is closed from the outbox.
const GAP_MS: i64 = 5_000;

/// What handling needs.
pub(super) struct Handling<'k> {
    pub(super) kafka: &'k Kafka,
    pub(super) house: &'k Arc<House>,
    pub(super) consumer: &'k Consumer,
    pub(super) stop: &'k CancellationToken,
    pub(super) dead: DeadLetters<'k>,
}

/// An event and how it came.
#[derive(Clone)]
struct Arrived {
    event: Envelope,
    /// It was a dead letter and is sent to this consumer again.
    replayed: bool,
}

impl Handling<'_> {
    /// Handles a batch; false when it was given up because the house stops.
    ///
    /// # Errors
    /// When the dead-letter topic cannot be written.
    pub(super) async fn all(&self, batch: &[OwnedMessage]) -> Result<bool, Error> {
        let mut arrived = Vec::with_capacity(batch.len());
        for message in batch {
            match self.read(message).await? {
                Read::Event(event) => arrived.push((message, *event)),
                Read::Nothing => {}
                Read::Stopped => return Ok(false),
            }
        }
        let events: Vec<Arrived> = arrived.iter().map(|(_, a)| a.clone()).collect();
        if self.together(events).await.is_err() {
            for (message, event) in &arrived {
                if !self.one(event, Some(message)).await? {
                    return Ok(false);
                }
            }
        }
        for (_, arrived) in &arrived {
            lag::arrived(self.consumer.name, arrived.event.occurred_at, self.house.clock.now());
            if !self.close_gap(arrived.event.aggregate).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn read(&self, message: &OwnedMessage) -> Result<Read, Error> {
        use rdkafka::Message as _;
        let replay_for = codec::header(message, REPLAY_FOR);
        if replay_for.as_deref().is_some_and(|name| name != self.consumer.name) {
            return Ok(Read::Nothing);
        }
        let prefix = &self.kafka.config.topic_prefix;
        let event = message.topic().strip_prefix(prefix.as_str()).unwrap_or(message.topic());
        loop {
            match codec::decode(&self.kafka.catalogue, event, message).await {
                Ok(event) => {
                    let replayed = replay_for.is_some();
                    return Ok(Read::Event(Box::new(Arrived { event, replayed })));
                }
                Err(Unread::Never(why)) => {
                    self.dead.send(self.consumer, message, &why).await?;
                    return Ok(Read::Nothing);
                }
                Err(Unread::Later(e)) => {
                    tracing::warn!(consumer = self.consumer.name, error = %e, "waiting");
                    pause(self.stop, 1_000).await;
                }
            }
            if self.stop.is_cancelled() {
                return Ok(Read::Stopped);
            }
        }
    }

    /// All in one transaction.
    async fn together(&self, events: Vec<Arrived>) -> Result<(), Error> {
        let (house, consumer) = (Arc::clone(self.house), self.consumer.clone());
        self.house
            .db
            .write(move |tx| {
                for arrived in &events {
                    hand_over(tx, &house, &consumer, arrived)?;
                }
                Ok(())
            })
            .await
    }

    /// One event until it is done, dead, or the house stops (false).
    async fn one(&self, arrived: &Arrived, message: Option<&OwnedMessage>) -> Result<bool, Error> {
        let (mut tries, mut wait) = (0, FIRST_PAUSE_MS);
        loop {
            let Err(e) = self.together(vec![arrived.clone()]).await else { return Ok(true) };
            tries += u32::from(!passes(&e));
            tracing::warn!(consumer = self.consumer.name, event = %arrived.event.id, tries,
                error = %e, cause = ?e.source, "an event could not be handled");
            if tries >= TRIES {
                return self.give_up(arrived, message, &e).await.map(|()| true);
            }
            pause(self.stop, wait).await;
            wait = (wait * 2).min(5_000);
            if self.stop.is_cancelled() {
                return Ok(false);
            }
        }
    }

    /// To the dead letters; what follows in its aggregate goes on without it.
    async fn give_up(
        &self,
        arrived: &Arrived,
        message: Option<&OwnedMessage>,
        why: &Error,
    ) -> Result<(), Error> {
        match message {
            Some(message) => self.dead.send(self.consumer, message, &why.to_string()).await?,
            None => self.dead.send_event(self.consumer, &arrived.event, &why.to_string()).await?,
        }
        let (consumer, event) = (self.consumer.clone(), arrived.event.clone());
        let passed = self.house.db.write(move |tx| deliver::pass_over(tx, &consumer, &event));
        passed.await.map_err(from_db)
    }

    /// Handles what was parked and has its turn now; false when the house stops.
    async fn close_gap(&self, of: Uuid) -> Result<bool, Error> {
        if self.consumer.order == Order::Any {
            return Ok(true);
        }
        loop {
            let consumer = self.consumer.clone();
            let next = self.house.db.write(move |tx| deliver::next_parked(tx, &consumer, of));
            let Some(event) = next.await.map_err(from_db)? else { return Ok(true) };
            if !self.one(&Arrived { event, replayed: false }, None).await? {
                return Ok(false);
            }
        }
    }

    /// Closes gaps that have been open for long from the outbox; what the outbox has forgotten
    /// is passed over.
    ///
    /// # Errors
    /// When the database fails or dead letters cannot be written.
    pub(super) async fn look_at_parked(&self) -> Result<(), Error> {
        if self.consumer.order == Order::Any {
            return Ok(());
        }
        let (name, now) = (self.consumer.name, self.house.clock.now());
        let waiting = self.house.db.read(move |tx| store::waiting(tx, name)).await;
        for gap in waiting.map_err(from_db)? {
            if gap.since.plus_ms(GAP_MS) > now && gap.first > gap.version + 1 {
                continue;
            }
            let of = gap.aggregate;
            let kept = self.house.db.read(move |tx| outbox::of_aggregate(tx, of)).await;
            let missing = gap.version + 1..gap.first;
            let mut closed = gap.version;
            for placed in kept.map_err(from_db)? {
                if !missing.contains(&placed.event.aggregate_version) {
                    continue;
                }
                closed = placed.event.aggregate_version;
                if !self.one(&Arrived { event: placed.event, replayed: false }, None).await? {
                    return Ok(());
                }
            }
            if closed + 1 < gap.first {
                self.pass_gap(of, gap.first).await?;
            }
            if !self.close_gap(of).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn pass_gap(&self, of: Uuid, first: i64) -> Result<(), Error> {
        tracing::warn!(consumer = self.consumer.name, aggregate = %of, first,
            "events before this one are gone from bus and outbox; the consumer goes on");
        metrics::counter!("kontor_bus_gaps_total", "consumer" => self.consumer.name).increment(1);
        let name = self.consumer.name;
        let write = move |tx: &mut Tx<'_>| {
            store::version(tx, name, of)?;
            store::save_version(tx, name, of, first - 1)
        };
        self.house.db.write(write).await.map_err(from_db)
    }
}

enum Read {
    Event(Box<Arrived>),
    Nothing,
    Stopped,
}

fn hand_over(
    tx: &mut Tx<'_>,
    house: &Arc<House>,
    consumer: &Consumer,
    arrived: &Arrived,
) -> Result<(), Error> {
    let (cx, _span) = consumer.cx(house, &arrived.event);
    if arrived.replayed {
        // Its turn in the order is long over.
        return once(tx, &cx, consumer, &arrived.event);
    }
    match deliver::deliver(tx, &cx, consumer, &arrived.event)? {
        Delivered::Done => {}
        Delivered::Parked => {
            metrics::counter!("kontor_bus_parked_total", "consumer" => consumer.name).increment(1);
        }
    }
    Ok(())
}
