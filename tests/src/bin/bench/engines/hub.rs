//! From one process to the hub of another, through Redis.

use std::sync::Arc;
use std::time::{Duration, Instant};

use platform::clock::SystemClock;
use platform::signals::{Channel, Exchange as _, Local, Redis, Signals};
use platform::testing;

use super::Times;
use crate::report::{Row, now};

const MESSAGES: usize = 5_000;

pub(super) async fn rows() -> Result<Vec<Row>, String> {
    let Some(url) = testing::engine("REDIS") else { return Ok(Vec::new()) };
    let prefix = format!("bench{}:", hex::encode(platform::clock::random_bytes::<4>()));
    now("a hub through Redis");
    let open = || Redis::open(&url, &prefix, Arc::new(SystemClock)).map_err(|e| e.to_string());
    let (from, to) = (Arc::new(open()?), Arc::new(open()?));
    for redis in [&from, &to] {
        let redis = Arc::clone(redis);
        tokio::spawn(async move { redis.carry(&Signals::default()).await });
    }
    let mut told = to.subscribe(Channel::Log);
    loop {
        from.publish(Channel::Log, "hello".into());
        let wait = Duration::from_millis(50);
        if tokio::time::timeout(wait, told.recv()).await.is_ok() {
            break;
        }
    }
    let text = "x".repeat(600);
    let mut times = Vec::with_capacity(MESSAGES);
    let mut local = Vec::with_capacity(MESSAGES);
    let here = Local::default();
    let mut told_here = here.subscribe(Channel::Log);
    while told.try_recv().is_ok() {}
    for _ in 0..MESSAGES {
        let at = Instant::now();
        from.publish(Channel::Log, text.clone());
        told.recv().await.map_err(|e| e.to_string())?;
        times.push(at.elapsed().as_secs_f64() * 1e6);
        let at = Instant::now();
        here.publish(Channel::Log, text.clone());
        told_here.recv().await.map_err(|e| e.to_string())?;
        local.push(at.elapsed().as_secs_f64() * 1e6);
    }
    let (times, local) = (Times::new(times), Times::new(local));
    Ok(vec![times.row("an event to another hub through Redis", "-", Some(("in process", &local)))])
}
