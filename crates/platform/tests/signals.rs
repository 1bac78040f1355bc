//! Signals in one process and on Redis: the same suite, and what happens when Redis is away.
#![expect(clippy::disallowed_methods, reason = "a test starts what it tests")]

use std::sync::Arc;
use std::time::Duration;

use kernel::Timestamp;
use platform::clock::{SystemClock, random_bytes};
use platform::signals::{Bell, Channel, Exchange, Local, Redis, Signals};
use platform::testing::{self, faults::Proxy};

/// One process of a house: bells and exchange.
struct Process {
    signals: Arc<Signals>,
    exchange: Arc<dyn Exchange>,
}

fn on_redis(url: &str, prefix: &str) -> Process {
    let redis = Arc::new(Redis::open(url, prefix, Arc::new(SystemClock)).unwrap());
    let signals = Arc::new(Signals::default());
    let (carrier, bells) = (Arc::clone(&redis), Arc::clone(&signals));
    tokio::spawn(async move { carrier.carry(&bells).await });
    Process { signals, exchange: redis }
}

fn prefix() -> String {
    format!("t{}:", hex::encode(random_bytes::<6>()))
}

/// Two processes that share a Redis; `None` when there is none.
async fn two() -> Option<(Process, Process)> {
    let Some(url) = testing::engine("REDIS") else {
        testing::say("skipped: KONTOR_TEST_REDIS is not set");
        return None;
    };
    let prefix = prefix();
    let (one, two) = (on_redis(&url, &prefix), on_redis(&url, &prefix));
    // Both listen when each hears the other.
    for (from, to) in [(&one, &two), (&two, &one)] {
        let mut told = to.exchange.subscribe(Channel::Sessions);
        loop {
            from.exchange.publish(Channel::Sessions, "hello".into());
            let heard = tokio::time::timeout(Duration::from_millis(50), told.recv()).await;
            if heard.is_ok() {
                break;
            }
        }
    }
    Some((one, two))
}

const NOW: Timestamp = Timestamp(1_768_478_400_000_000);

async fn counts_within_a_window(e: &dyn Exchange) {
    for expected in 1..=3 {
        assert_eq!(e.count("a", 60, NOW).await, expected);
    }
    assert_eq!(e.count("b", 60, NOW).await, 1, "keys are apart");
    assert_eq!(e.count("a", 60, NOW.plus_ms(60_000)).await, 1, "the next window is new");
}

async fn who_says_nothing_is_gone(e: &dyn Exchange) {
    e.arrive("hall", "ada", NOW).await;
    e.arrive("hall", "bo", NOW.plus_ms(30_000)).await;
    assert_eq!(e.present("hall", NOW.plus_ms(31_000)).await, ["ada", "bo"]);
    assert_eq!(e.present("hall", NOW.plus_ms(50_000)).await, ["bo"]);
    assert!(e.present("yard", NOW).await.is_empty());
}

mod embedded {
    use super::*;

    #[tokio::test]
    async fn counts() {
        counts_within_a_window(&Local::default()).await;
    }

    #[tokio::test]
    async fn presence() {
        who_says_nothing_is_gone(&Local::default()).await;
    }

    #[tokio::test]
    async fn messages() {
        let local = Local::default();
        let mut told = local.subscribe(Channel::Log);
        local.publish(Channel::Log, "x".into());
        assert_eq!(&*told.recv().await.unwrap(), "x");
    }
}

mod redis {
    use super::*;

    #[tokio::test]
    async fn counts() {
        let Some((one, two)) = two().await else { return };
        counts_within_a_window(&*one.exchange).await;
        assert_eq!(two.exchange.count("a", 60, NOW).await, 4, "both count together");
    }

    #[tokio::test]
    async fn presence() {
        let Some((one, two)) = two().await else { return };
        who_says_nothing_is_gone(&*one.exchange).await;
        let now = NOW.plus_ms(50_000);
        assert_eq!(two.exchange.present("hall", now).await, ["bo"], "seen from elsewhere");
    }

    #[tokio::test]
    async fn messages_and_bells_reach_other_processes() {
        let Some((one, two)) = two().await else { return };
        let mut told = two.exchange.subscribe(Channel::Log);
        let mut bell = two.signals.listen(Bell::Jobs);
        one.exchange.publish(Channel::Log, "a text with spaces".into());
        one.signals.ring(Bell::Jobs);
        let wait = Duration::from_secs(20);
        let text = tokio::time::timeout(wait, told.recv()).await.unwrap().unwrap();
        assert_eq!(&*text, "a text with spaces");
        tokio::time::timeout(wait, bell.changed()).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_redis_that_is_away_shuts_nobody_out_and_stops_nothing() {
        // Nobody listens on this port.
        let p = on_redis("redis://127.0.0.1:9/", &prefix());
        counts_within_a_window(&*p.exchange).await;
        who_says_nothing_is_gone(&*p.exchange).await;
        let mut told = p.exchange.subscribe(Channel::Log);
        p.exchange.publish(Channel::Log, "x".into());
        assert_eq!(&*told.recv().await.unwrap(), "x", "one's own process is always reached");
    }

    /// One that is full answers as one that refuses: an error to every command that writes.
    #[tokio::test]
    async fn a_redis_that_refuses_shuts_nobody_out_and_stops_nothing() {
        let Some(url) = testing::engine("REDIS") else { return };
        let name = prefix().replace(':', "");
        let client = ::redis::Client::open(&*url).unwrap();
        let mut admin = client.get_multiplexed_async_connection().await.unwrap();
        let mut user = ::redis::cmd("ACL");
        user.arg(&["SETUSER", &name, "on", ">secret", "~none", "&*", "+@all"]);
        user.query_async::<()>(&mut admin).await.unwrap();
        let mine = url.replace("redis://", &format!("redis://{name}:secret@"));
        let p = on_redis(&mine, &prefix());
        counts_within_a_window(&*p.exchange).await;
        who_says_nothing_is_gone(&*p.exchange).await;
        let mut told = p.exchange.subscribe(Channel::Log);
        p.exchange.publish(Channel::Log, "x".into());
        assert_eq!(&*told.recv().await.unwrap(), "x");
        let mut gone = ::redis::cmd("ACL");
        gone.arg(&["DELUSER", &name]).query_async::<()>(&mut admin).await.unwrap();
    }

    #[tokio::test]
    async fn after_a_cut_the_link_comes_back_by_itself() {
        let Some(url) = testing::engine("REDIS") else { return };
        let Some(link) = Proxy::before(url.trim_start_matches("redis://")).await else {
            testing::say("skipped: KONTOR_TEST_TOXIPROXY is not set");
            return;
        };
        let prefix = prefix();
        let behind = on_redis(&format!("redis://{}", link.address), &prefix);
        let direct = on_redis(&url, &prefix);
        assert_eq!(behind.exchange.count("k", 60, NOW).await, 1);
        link.cut().await;
        assert_eq!(behind.exchange.count("k", 60, NOW).await, 2, "it goes on alone");
        assert_eq!(direct.exchange.count("k", 60, NOW).await, 2, "the others go on together");
        let mut bell = behind.signals.listen(Bell::Outbox);
        bell.mark_unchanged();
        link.heal().await;
        // Listening again rings every bell, because something may have been missed.
        let again = tokio::time::timeout(Duration::from_secs(30), bell.changed()).await;
        again.expect("the link came back").unwrap();
        let mut told = behind.exchange.subscribe(Channel::Sessions);
        let heard = async {
            loop {
                direct.exchange.publish(Channel::Sessions, "again".into());
                let wait = Duration::from_millis(100);
                if tokio::time::timeout(wait, told.recv()).await.is_ok() {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), heard).await.expect("messages flow again");
    }

    #[tokio::test]
    async fn a_flush_loses_counts_of_a_minute_and_nothing_else() {
        let Some((one, two)) = two().await else { return };
        for _ in 0..5 {
            one.exchange.count("f", 60, NOW).await;
        }
        // A flush of this test's keys only: the Redis is shared.
        let url = testing::engine("REDIS").unwrap();
        let client = ::redis::Client::open(url).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut all = ::redis::cmd("EVAL");
        all.arg("for _,k in ipairs(redis.call('keys',ARGV[1])) do redis.call('del',k) end").arg(0);
        all.arg("t*:count:*:f").query_async::<()>(&mut connection).await.unwrap();
        assert_eq!(one.exchange.count("f", 60, NOW).await, 6, "a process knows its own");
        assert_eq!(two.exchange.count("f", 60, NOW).await, 2);
    }
}
