//! One trouble: what happens to whom, and how it is mended.

use std::fmt;
use std::time::{Duration, Instant};

use tests::cluster::Cluster;
use tests::cluster::links::{Fault, Link};
use tests::cluster::member::Member;
use tests::random::Random;

/// A link stays broken so long, milliseconds.
const BROKEN_MS: (u64, u64) = (1_000, 20_000);
/// A process is paused so long: longer and shorter than leases are.
const PAUSED_MS: (u64, u64) = (500, 18_000);
/// One that finds an engine away ends, and is started again until it finds it.
const COMES_BACK_WITHIN: Duration = Duration::from_secs(120);

/// What happens.
pub(super) enum Trouble<'c> {
    /// A process is gone at once and started again after a while.
    Kill(&'c Member, u64),
    /// A process is stopped as an operator does, and started again.
    Roll(&'c Member),
    /// A process stands still and goes on as if nothing had been.
    Pause(&'c Member, u64),
    /// A link is broken for a while; perhaps a process is killed meanwhile and comes back when
    /// it can.
    Link(&'c Link, Fault, u64, Option<&'c Member>),
}

impl<'c> Trouble<'c> {
    /// The next one.
    pub(super) fn choose(random: &mut Random, cluster: &'c Cluster) -> Self {
        let kind = random.below(10);
        let member = one(random, &cluster.members);
        let between = |random: &mut Random, (from, to): (u64, u64)| from + random.below(to - from);
        match kind {
            0..=2 => Self::Kill(member, random.below(2_000)),
            3..=4 => Self::Roll(member),
            5 => Self::Pause(member, between(random, PAUSED_MS)),
            _ => {
                let link = one(random, &cluster.links);
                let fault = match random.below(3) {
                    0 => Fault::Cut,
                    1 => Fault::Slow(50 + random.below(750)),
                    _ => Fault::Hole,
                };
                let killed = (random.below(4) == 0).then_some(member);
                Self::Link(link, fault, between(random, BROKEN_MS), killed)
            }
        }
    }

    /// Makes it and mends it; when it answers, everything is ready again.
    pub(super) async fn make(&self) -> Result<(), String> {
        match self {
            Self::Kill(member, away) => {
                member.kill().await?;
                sleep(*away).await;
                comes_back(member).await
            }
            Self::Roll(member) => {
                member.stop().await?;
                comes_back(member).await
            }
            Self::Pause(member, ms) => {
                member.signal("STOP")?;
                sleep(*ms).await;
                member.signal("CONT")?;
                member.ready().await
            }
            Self::Link(link, fault, ms, killed) => {
                link.fault(*fault).await?;
                if let Some(member) = killed {
                    sleep(ms / 2).await;
                    member.kill().await?;
                    member.start()?;
                    sleep(ms / 2).await;
                } else {
                    sleep(*ms).await;
                }
                link.mend().await?;
                match killed {
                    Some(member) => comes_back(member).await,
                    None => Ok(()),
                }
            }
        }
    }

    /// After a failure in the middle: leaves nothing broken behind.
    pub(super) async fn mend(&self) -> Result<(), String> {
        match self {
            Self::Pause(member, _) => member.signal("CONT"),
            Self::Link(link, ..) => link.mend().await,
            Self::Kill(..) | Self::Roll(_) => Ok(()),
        }
    }
}

/// As a supervisor does it: started, and started again when it ended, until it is ready.
async fn comes_back(member: &Member) -> Result<(), String> {
    let until = Instant::now() + COMES_BACK_WITHIN;
    loop {
        if member.pid().is_none() {
            member.start()?;
        }
        match member.ready().await {
            Err(why) if Instant::now() > until => return Err(why),
            Err(_) => sleep(200).await,
            Ok(()) => return Ok(()),
        }
    }
}

fn one<'a, T>(random: &mut Random, of: &'a [T]) -> &'a T {
    let at = usize::try_from(random.below(of.len() as u64)).unwrap_or(0);
    &of[at]
}

async fn sleep(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

impl fmt::Display for Trouble<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(member, away) => write!(f, "kill -9 {}, away for {away} ms", member.name),
            Self::Roll(member) => write!(f, "SIGTERM to {}, started again", member.name),
            Self::Pause(member, ms) => write!(f, "{} stands still for {ms} ms", member.name),
            Self::Link(link, fault, ms, killed) => {
                let how = match fault {
                    Fault::Cut => "cut".into(),
                    Fault::Slow(late) => format!("slow by {late} ms"),
                    Fault::Hole => "swallowing everything".into(),
                };
                write!(f, "link to {} {how} for {ms} ms", link.name)?;
                match killed {
                    Some(member) => write!(f, ", meanwhile kill -9 {}", member.name),
                    None => Ok(()),
                }
            }
        }
    }
}
