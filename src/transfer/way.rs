//! The way to one profile's bucket, for many who remove what transfers left in it. One goes first; once it has its answer the
//! others follow side by side, or know as well that nobody gets through.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;

use super::core::Core;
use super::job::Resume;
use super::worker;
use crate::domain::{Failure, FailureKind, Result, Transfer};

/// So many transfers of a profile have their remains removed at once.
pub const CLEANING: usize = 16;

/// What is known of the way.
pub struct Way {
    turns: Semaphore,
    is_open: AtomicBool,
    shut: OnceLock<Failure>,
}

impl Default for Way {
    /// One that nobody has gone yet.
    fn default() -> Self {
        Self { turns: Semaphore::new(1), is_open: AtomicBool::new(false), shut: OnceLock::new() }
    }
}

impl Way {
    /// Removes what a transfer left.
    ///
    /// # Errors
    /// As [`worker::clean_up`], and what the first met where nobody gets through.
    pub async fn clean_up(&self, core: &Core, transfer: &Transfer, resume: &Resume) -> Result<()> {
        let cleaning = worker::clean_up(core, transfer, resume);
        if worker::may_have_left_parts(transfer, resume) { self.ask(cleaning).await } else { cleaning.await }
    }

    /// Asks the bucket something.
    ///
    /// # Errors
    /// The answer's, and what the first met where nobody gets through.
    pub async fn ask<T>(&self, asking: impl Future<Output = Result<T>>) -> Result<T> {
        // Nobody closes the turns.
        let _turn = self.turns.acquire().await.ok();
        if let Some(failure) = self.shut.get() {
            return Err(failure.clone());
        }
        let answer = asking.await;
        match &answer {
            // Once one has got through, what another meets is its own.
            Err(failure) if concerns_all(failure) && !self.is_open.load(Ordering::Relaxed) => {
                drop(self.shut.set(failure.clone()));
            }
            _ if !self.is_open.swap(true, Ordering::Relaxed) => self.turns.add_permits(CLEANING - 1),
            _ => {}
        }
        answer
    }
}

/// Whether the others of its profile would meet the same.
fn concerns_all(failure: &Failure) -> bool {
    use FailureKind::{Credentials, Offline, ReadOnly};
    failure.lacks_profile() || matches!(failure.kind, Offline | Credentials | ReadOnly)
}
