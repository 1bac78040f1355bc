//! The only place that starts threads and tasks: supervised, named, and drained on shutdown.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where the house starts threads and tasks"
)]

use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts a named thread of the house; it ends when its queue is closed.
///
/// A thread that cannot be started at boot is fatal: there is no house without it.
pub fn thread(name: &'static str, f: impl FnOnce() + Send + 'static) {
    let started = std::thread::Builder::new().name(name.into()).spawn(f);
    if let Err(e) = started {
        tracing::error!(error = %e, name, "a thread could not be started");
        std::process::abort();
    }
}

/// How much the threads of heavy work give way to those that answer requests (see nice(2)).
const GIVE_WAY: i32 = 10;

thread_local! {
    static GIVES_WAY: Cell<bool> = const { Cell::new(false) };
}

/// Lowers the priority of this thread, once and for good: it belongs to heavy work.
fn give_way() {
    if !GIVES_WAY.replace(true) {
        // Priority is a courtesy: a system that has none loses nothing but speed.
        let _refused = rustix::process::nice(GIVE_WAY);
    }
}

/// Runs CPU-heavy work beside the async threads, on threads that give way to them.
///
/// # Errors
/// When the work panicked.
pub async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> T + Send + 'static,
) -> Result<T, kernel::Error> {
    let work = move || {
        give_way();
        f()
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| kernel::Error::internal("work on a blocking thread panicked").caused_by(e))
}

/// Heavy work that is done together at most, so that its memory has a bound: one reading of a
/// workbook may take hundreds of megabytes.
#[derive(Clone)]
pub struct Heavy(Arc<Semaphore>);

impl Heavy {
    /// `most` pieces of work at the same time.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most.max(1))))
    }

    /// As many as this machine has cores, from two to eight.
    pub fn for_this_machine() -> Self {
        Self::new(std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)))
    }

    /// As [`blocking`], when it is its turn. Who waits no longer has no turn; work that has begun
    /// keeps its turn to its end, also when nobody waits for it any more.
    ///
    /// # Errors
    /// When the work panicked.
    pub async fn blocking<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, kernel::Error> {
        let turn = Arc::clone(&self.0).acquire_owned().await;
        let turn =
            turn.map_err(|e| kernel::Error::internal("heavy work has ended").caused_by(e))?;
        blocking(move || {
            let done = f();
            drop(turn);
            done
        })
        .await
    }
}

/// What becomes of a task when the server stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AtStop {
    Cut,
    Finish,
}

/// The supervised tasks of one server.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// Fires when the server is asked to stop.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs `make()` until shutdown, again after a panic or an end, with a pause that grows to
    /// ten seconds while it keeps failing.
    pub fn supervise<F, Fut>(&self, name: &'static str, make: F)
    where
        F: Fn() -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.keep_running(name, make, AtStop::Cut);
    }

    /// As [`Tasks::supervise`], for work that watches [`Tasks::stopping`] itself and first ends
    /// what it has begun; shutdown waits for it.
    pub fn supervise_to_end<F, Fut>(&self, name: &'static str, make: F)
    where
        F: Fn() -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.keep_running(name, make, AtStop::Finish);
    }

    fn keep_running<F, Fut>(&self, name: &'static str, make: F, at_stop: AtStop)
    where
        F: Fn() -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            let mut pause = Duration::from_millis(100);
            while !stop.is_cancelled() {
                let started = crate::clock::instant();
                let run = tokio::spawn(make());
                let abort = run.abort_handle();
                tokio::select! {
                    ended = run => {
                        if let Err(e) = ended {
                            metrics::counter!("kontor_platform_task_panics_total", "task" => name)
                                .increment(1);
                            tracing::error!(task = name, error = %e, "a task failed; it restarts");
                        }
                    }
                    () = stop.cancelled(), if at_stop == AtStop::Cut => abort.abort(),
                }
                if started.elapsed() > Duration::from_secs(60) {
                    pause = Duration::from_millis(100);
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {
                        pause = (pause * 2).min(Duration::from_secs(10));
                    }
                    () = stop.cancelled() => {}
                }
            }
        });
    }

    /// Runs one future to its end; shutdown waits for it.
    pub fn spawn(&self, f: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(f);
    }

    /// Asks every task to stop and waits for them, at most `limit`.
    pub async fn drain(&self, limit: Duration) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(limit, self.tracker.wait()).await.is_err() {
            tracing::warn!("some tasks did not stop in time");
        }
    }
}

/// Waits, through the runtime's own timer.
pub async fn sleep_ms(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
