//! A built house at work: its tasks, its listener, and how it stops.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Error, Kind};
use platform::backfill::Backfill;
use platform::chain::Chain;
use platform::retention::Rule;

use crate::connections::{self, Limits};
use crate::duties::Duty;
use crate::wiring::App;

/// How long an idempotency key is known: whoever sends a command again does so sooner.
const KEYS_DAYS: i64 = 90;
/// Between two looks at what expires, and at what a rail should be asked about.
const EXPIRY_MS: u64 = 2_000;
const RECONCILE_MS: u64 = 2_000;
/// Between two pieces of the sums of days: a past moment then has a minute to add up.
const CLOSE_MS: u64 = 60_000;

/// Every long change of rows that are there already.
const BACKFILLS: &[&[Backfill]] = &[deals::BACKFILLS];

/// Every sealed chain.
const CHAINS: &[Chain] = &[platform::audit::CHAIN, ledger::CHAIN];

impl App {
    /// Starts everything that this process does beside answering requests.
    pub fn start_tasks(&self) {
        self.carry_bells();
        if self.duties.has(Duty::Relay) {
            self.relay();
        }
        if self.duties.has(Duty::Consumers) {
            self.consume();
        }
        if self.duties.has(Duty::Jobs) {
            self.work();
        }
        if self.duties.is_door() {
            let gateway = Arc::clone(&self.gateway);
            self.tasks.supervise("upstreams", move || {
                let gateway = Arc::clone(&gateway);
                async move { gateway.watch_upstreams().await }
            });
        }
        if self.duties.has(Duty::Hub) {
            let (hub, house) = (Arc::clone(&self.hub), Arc::clone(&self.house));
            self.tasks.supervise("hub", move || Arc::clone(&hub).run(Arc::clone(&house)));
        }
        self.watch_access();
        let house = Arc::clone(&self.house);
        self.tasks.supervise("staging", move || platform::blobs::sweep_daily(Arc::clone(&house)));
        if let Some(demo) = &self.demo {
            let demo = Arc::clone(demo);
            self.tasks.supervise("demo", move || Arc::clone(&demo).run());
        }
    }

    /// By Redis when there is one, else by the database.
    fn carry_bells(&self) {
        let (db, redis) = (self.house.db.clone(), self.redis.clone());
        self.tasks.supervise("bells", move || {
            let (db, redis) = (db.clone(), redis.clone());
            async move {
                match redis {
                    Some(redis) => redis.carry(db.signals()).await,
                    None => db.carry_bells().await,
                }
                std::future::pending::<()>().await;
            }
        });
    }

    /// Positions, the bus, and what is kept for how long.
    fn relay(&self) {
        let db = self.house.db.clone();
        self.tasks.supervise("relay", move || platform::outbox::relay(db.clone()));
        let (bus, house, stop) = (self.bus.clone(), Arc::clone(&self.house), self.tasks.stopping());
        self.tasks
            .supervise_to_end("bus", move || bus.clone().publish(Arc::clone(&house), stop.clone()));
        if self.house.exchange.is_shared() {
            let house = Arc::clone(&self.house);
            self.tasks.supervise("fan-out", move || realtime::fan_out(Arc::clone(&house)));
        }
        let (house, days) = (Arc::clone(&self.house), self.config.bus.keep_days);
        // That an event was handled is known a day longer than the event.
        let rules = vec![
            Rule { what: "events", days, forget: platform::outbox::forget },
            Rule { what: "handled events", days: days + 1, forget: platform::inbox::forget },
            Rule {
                what: "idempotency keys",
                days: KEYS_DAYS,
                forget: platform::idempotency::forget,
            },
            Rule { what: "sessions", days: 1, forget: access::identity::forget_sessions },
            Rule { what: "failed logins", days: 1, forget: access::identity::forget_failures },
        ];
        self.tasks.supervise("retention", move || {
            platform::retention::daily(Arc::clone(&house), rules.clone())
        });
    }

    fn consume(&self) {
        for consumer in self.consumers() {
            let (bus, house, stop) =
                (self.bus.clone(), Arc::clone(&self.house), self.tasks.stopping());
            self.tasks.supervise_to_end(consumer.name, move || {
                bus.clone().consume(Arc::clone(&house), consumer.clone(), stop.clone())
            });
        }
    }

    /// Jobs, what is due by the clock, and seals.
    fn work(&self) {
        let (house, handlers) = (Arc::clone(&self.house), self.handlers());
        let (width, stop) = (self.config.jobs.width, self.tasks.stopping());
        self.tasks.supervise_to_end("jobs", move || {
            platform::jobs::run(Arc::clone(&house), handlers.clone(), width, stop.clone())
        });
        if self.duties.cover("ledger") {
            let house = Arc::clone(&self.house);
            let run = move || platform::chain::run(Arc::clone(&house), CHAINS);
            self.tasks.supervise("chains", run);
        }
        for changes in BACKFILLS {
            let house = Arc::clone(&self.house);
            self.tasks.supervise("backfills", move || {
                platform::backfill::run(Arc::clone(&house), changes)
            });
        }
        self.look_regularly();
    }

    /// Offers that expire, payments that come back, holds that end: each by itself, so that what
    /// goes wrong with one stops no other.
    fn look_regularly(&self) {
        if self.duties.cover("deals.offers") {
            let deals = self.deals.clone();
            self.every("offers-expire", EXPIRY_MS, move || {
                let deals = deals.clone();
                async move { deals.expire_offers().await.map(drop) }
            });
        }
        if self.duties.cover("deals.payouts") {
            let deals = self.deals.clone();
            self.every("payouts-reconcile", RECONCILE_MS, move || {
                let deals = deals.clone();
                async move { deals.reconcile().await.map(drop) }
            });
        }
        if self.duties.cover("ledger") {
            let house = Arc::clone(&self.house);
            self.every("holds-expire", EXPIRY_MS, move || {
                let cx = house.system_cx();
                async move { ledger::service::expire_due(&cx).await.map(drop) }
            });
            let house = Arc::clone(&self.house);
            self.every("days-close", CLOSE_MS, move || {
                let db = house.db.clone();
                async move { Ok(ledger::service::close_days(&db).await.map(drop)?) }
            });
        }
    }

    /// Looks again and again, with a pause between.
    fn every<F, Fut>(&self, name: &'static str, pause_ms: u64, look: F)
    where
        F: Fn() -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.tasks.supervise(name, move || {
            let look = look.clone();
            async move {
                loop {
                    if let Err(e) = look().await {
                        tracing::warn!(task = name, error = %e, "a regular look failed");
                    }
                    platform::tasks::sleep_ms(pause_ms).await;
                }
            }
        });
    }

    /// Issuers' keys, policy bundles, and the log of decisions.
    fn watch_access(&self) {
        let identity = Arc::clone(&self.identity);
        self.tasks.supervise("issuers", move || {
            let identity = Arc::clone(&identity);
            async move { identity.watch_issuers().await }
        });
        let identity = Arc::clone(&self.identity);
        self.tasks.supervise("signing-keys", move || {
            let identity = Arc::clone(&identity);
            async move { identity.watch_keys().await }
        });
        let (identity, house) = (Arc::clone(&self.identity), Arc::clone(&self.house));
        self.tasks.supervise("sessions", move || {
            let (identity, house) = (Arc::clone(&identity), Arc::clone(&house));
            async move { identity.watch_sessions(&house).await }
        });
        let policy = Arc::clone(&self.policy);
        self.tasks.supervise("policy-bundle", move || {
            let policy = Arc::clone(&policy);
            async move { policy.watch_bundle().await }
        });
        let (policy, house) = (Arc::clone(&self.policy), Arc::clone(&self.house));
        let stop = self.tasks.stopping();
        self.tasks.supervise_to_end("decisions", move || {
            let (policy, house, stop) = (Arc::clone(&policy), Arc::clone(&house), stop.clone());
            async move { policy.keep_log(&house, &stop).await }
        });
    }

    /// Serves until a signal asks to stop, then drains.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn serve(self) -> Result<(), Error> {
        let address = self.config.server.address.clone();
        let listener = tokio::net::TcpListener::bind(&address).await.map_err(|e| {
            Error::new(Kind::Unavailable, "address_in_use", format!("{address}: {e}"))
        })?;
        let (house, bank) = (self.house.db.clone(), Arc::clone(&self.deals.bank));
        let served = self.serve_on(listener, stop_signal()).await;
        // The files are whole then: a copy of each is a copy of the house.
        bank.close().await;
        house.close().await;
        served
    }

    /// Serves on a listener until `stop` is done, then drains. Tests hand in their own.
    ///
    /// # Errors
    /// When the database fails, or what waits at the end cannot be written.
    pub async fn serve_on(
        self,
        listener: tokio::net::TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Error> {
        if self.demo.is_none() && access::identity::service::is_demo(&self.house.db).await? {
            tracing::warn!("this database was made by a demo: everybody knows its logins");
        }
        self.start_tasks();
        tracing::info!(
            database = self.house.db.dialect().name(),
            bus = self.bus.name(),
            roles = self.duties.words(),
            "ready"
        );
        let grace = Duration::from_secs(self.config.server.drain_seconds);
        let farewell = self.config.server.farewell_ms;
        let (hub, stopping) = (Arc::clone(&self.hub), self.tasks.stopping());
        let (gateway, asked) = (Arc::clone(&self.gateway), stopping.clone());
        let limits = Limits {
            connections: self.config.server.connections,
            of_one_address: self.config.server.connections_of_one_address,
            shared_addresses: self.config.gateway.trusted_proxies.clone(),
            silence: Duration::from_secs(self.config.server.silence_seconds),
        }
        .within_the_system();
        let served = connections::serve(listener, self.router(), limits, async move {
            stop.await;
            // First everybody is told to go elsewhere, while everything still works.
            gateway.drain();
            platform::tasks::sleep_ms(farewell).await;
            hub.stop();
            asked.cancel();
        });
        // Streams end with a goodbye; whoever does not let go in time is cut off.
        let cut_off = async {
            stopping.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            () = served => {}
            () = cut_off => {}
        }
        self.tasks.drain(grace).await;
        // Whoever was refused to the very end is in the log too.
        self.policy.flush(&self.house).await?;
        while platform::outbox::relay_once(&self.house.db).await? > 0 {}
        Ok(())
    }
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
