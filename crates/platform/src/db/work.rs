//! A closure on its way to an engine's thread and its answer on the way back, without types.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::error::DbError;
use super::tx::{Connection, Tx};
use crate::signals::Bell;

/// What an engine does with a closure that ran.
pub(super) enum Verdict {
    /// Commit it; afterwards ring these.
    Commit(BTreeSet<Bell>),
    /// Undo it and give the closure's own answer.
    Undo,
    /// Undo it; the database failed.
    Fail(DbError),
}

/// A unit of work, type-erased so that engines can queue it.
pub(super) trait Work: Send {
    /// Runs the closure once; may be called again after an undo.
    fn run(&mut self, connection: &mut dyn Connection) -> Verdict;
    /// Answers the caller: the closure's own answer, or the engine's error.
    fn answer(self: Box<Self>, outcome: Result<(), DbError>);
}

pub(super) struct Typed<T, E, F> {
    f: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Typed<T, E, F> {
    pub(super) fn new(f: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { f, result: None, reply }
    }
}

impl<T, E, F> Work for Typed<T, E, F>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn run(&mut self, connection: &mut dyn Connection) -> Verdict {
        let mut tx = Tx::new(connection);
        let caught = catch_unwind(AssertUnwindSafe(|| (self.f)(&mut tx)));
        let (failed, rung) = tx.close();
        match caught {
            Err(panic) => Verdict::Fail(DbError::Panic(panic_text(panic.as_ref()))),
            Ok(result) => {
                let ok = result.is_ok();
                self.result = Some(result);
                match failed {
                    Some(e) if e.is_retryable() || ok => Verdict::Fail(swallowed(e)),
                    None if ok => Verdict::Commit(rung),
                    Some(_) | None => Verdict::Undo,
                }
            }
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), DbError>) {
        let answer = match (outcome, self.result) {
            (Err(e), _) => Err(e.into()),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(DbError::Closed.into()),
        };
        // The caller may have gone away (client closed the connection): that is no error here.
        let _gone = self.reply.send(answer);
    }
}

/// A closure that answered `Ok` although a statement had failed must not look like success.
fn swallowed(e: DbError) -> DbError {
    if e.is_retryable() {
        e
    } else {
        DbError::Aborted(format!("a failed statement was swallowed: {e}"))
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}
