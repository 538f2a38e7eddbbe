//! The running queue. STUB while it is being written: the signatures stand.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use super::{Connector, NewTransfer};
use crate::config::TransferSettings;
use crate::domain::transfer::QueueView;
use crate::domain::{Failure, FailureKind, Result, TransferId};

/// Which transfers of the journal this process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every open one: the screen and `resume`. Those of a dead process are taken over.
    All,
    /// Only those that this process queues: headless commands.
    Own,
    /// None: `transfers`, `--detach`.
    Nothing,
}

/// The queue of this machine's user, shared by every Windlass through the journal.
pub struct Queue {
    view: watch::Receiver<Arc<QueueView>>,
}

impl Queue {
    /// Opens the journal and starts running what `scope` says. `warnings` of a damaged journal come back in the second value.
    pub async fn open(
        _journal: &Path,
        _connector: Arc<dyn Connector>,
        _settings: &TransferSettings,
        _scope: Scope,
    ) -> Result<(Arc<Self>, Vec<Failure>)> {
        Err(Failure::new(FailureKind::Internal, "the queue is not built yet"))
    }

    /// Puts transfers into the journal; they are on disk when this returns.
    pub async fn enqueue(&self, _jobs: Vec<NewTransfer>) -> Result<Vec<TransferId>> {
        Err(Failure::new(FailureKind::Internal, "the queue is not built yet"))
    }

    /// The queue as it stands, at most ten times a second, only when something changed.
    pub fn view(&self) -> watch::Receiver<Arc<QueueView>> {
        self.view.clone()
    }

    /// Stops these for good and removes what they left in the bucket and on disk; answers how many were still open.
    pub async fn cancel(&self, _ids: &[TransferId]) -> Result<usize> {
        Err(Failure::new(FailureKind::Internal, "the queue is not built yet"))
    }

    /// Tries failed, cancelled or waiting ones again now; answers how many.
    pub async fn retry(&self, _ids: &[TransferId]) -> Result<usize> {
        Err(Failure::new(FailureKind::Internal, "the queue is not built yet"))
    }

    /// Holds running ones, lets held ones go on; answers how many changed.
    pub async fn pause_or_go_on(&self, _ids: &[TransferId]) -> Result<usize> {
        Err(Failure::new(FailureKind::Internal, "the queue is not built yet"))
    }

    /// Forgets finished ones; answers how many.
    pub async fn clear_done(&self) -> Result<usize> {
        Err(Failure::new(FailureKind::Internal, "the queue is not built yet"))
    }

    /// Waits until each of these is final or parked (waiting for a later try), and answers how they stand.
    pub async fn settled(&self, _ids: &[TransferId]) -> Result<Arc<QueueView>> {
        Err(Failure::new(FailureKind::Internal, "the queue is not built yet"))
    }

    /// Stops all work at the next safe point, leaving it resumable, and closes the journal.
    pub async fn close(&self) {}
}
