//! The durable record of the queue: a SQLite file that every Windlass of the user shares. One task owns the connection
//! and commits whatever has gathered in one transaction, so that a thousand small steps do not cost a thousand flushes.

mod actor;
mod batch;
mod file;
mod rows;
mod statements;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use self::actor::{Actor, Unit};
use super::Scope;
use super::job::{Change, Owner, Saved};
use super::runner::Runner;
use crate::config::places::private_folder;
use crate::domain::{Failure, FailureKind, Result, TransferId};
use crate::storage::Part;

/// The handle; cheap to clone. The file closes when the last one goes.
#[derive(Clone)]
pub struct Journal {
    requests: mpsc::Sender<Request>,
}

/// What is to be true in memory once changes are on disk.
pub type After = Box<dyn FnOnce(Added) + Send>;

/// What changes have added to the journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    /// The number of the first transfer that they added.
    pub first: i64,
    /// Whether this process knows all that stands before them: no other one has written since it last read.
    pub all_known: bool,
}

enum Request {
    Commit(Unit),
    Read(Which, oneshot::Sender<Result<Reading>>),
    Claim(Claim, oneshot::Sender<Result<u64>>),
    Parts(TransferId, oneshot::Sender<Result<Vec<Part>>>),
    Version(oneshot::Sender<Result<i64>>),
    AnyoneDied(oneshot::Sender<bool>),
    Close(oneshot::Sender<()>),
}

/// Which transfers a process takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Every open one that nobody alive runs.
    Open,
    /// These, whatever their state, unless somebody alive runs them.
    These(Vec<TransferId>),
    /// Those of these that are over and may have left something, unless somebody alive is at them.
    Over(Vec<TransferId>),
}

/// What to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Every transfer, for somebody who only looks: what is new to this process's memory stays new.
    Look,
    /// Every transfer.
    All,
    /// What this process does not know yet: those that others have changed since it last read, and what it has claimed.
    /// Everything the first time, and where transfers were removed meanwhile.
    New,
}

/// What the journal says.
#[derive(Debug, PartialEq)]
pub struct Reading {
    /// Transfers, in queue order.
    pub rows: Vec<Saved>,
    /// Whether these are all there are; else those that are not among them stand as they stood.
    pub whole: bool,
}

impl Reading {
    /// What somebody has to see to: transfers of which something is wished, and open ones that nobody runs, where this
    /// process runs such.
    pub fn to_see_to(&self, scope: Scope) -> Vec<Saved> {
        let is_left = |row: &Saved| row.owner == Owner::Nobody && row.transfer.state.is_open();
        let is_mine = |row: &Saved| scope == Scope::All && is_left(row);
        self.rows.iter().filter(|row| row.wish.is_some() || is_mine(row)).cloned().collect()
    }
}

impl Journal {
    /// Opens the journal, making or migrating it. A damaged file is set aside and a new one begun; the warning says where
    /// the old one lies.
    ///
    /// # Errors
    /// `Local` or `DiskFull` where the folder or file cannot be made.
    pub async fn open(path: &Path, me: Arc<Runner>) -> Result<(Self, Option<Failure>)> {
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let (connection, warning) = file::open(path).await?;
        let (requests, waiting) = mpsc::channel(1024);
        tokio::spawn(Actor::new(connection, path.to_path_buf(), me).run(waiting));
        Ok((Self { requests }, warning))
    }

    /// Commits changes; they are on disk when this returns.
    ///
    /// # Errors
    /// `DiskFull` or `Local`; then none of them is.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<()> {
        self.ask(|answer| Request::Commit(Unit { changes, after: None, answer })).await?
    }

    /// Commits changes and then does `after`, before anything else is committed. Once the journal has the request both
    /// happen or neither, even if whoever asked is stopped while it waits.
    ///
    /// # Errors
    /// As for [`commit`](Self::commit); then `after` is not done.
    pub async fn commit_then(&self, changes: Vec<Change>, after: impl FnOnce(Added) + Send + 'static) -> Result<()> {
        let after: After = Box::new(after);
        self.ask(|answer| Request::Commit(Unit { changes, after: Some(after), answer })).await?
    }

    /// Reads transfers.
    ///
    /// # Errors
    /// `Local` where the file cannot be read.
    pub async fn read(&self, which: Which) -> Result<Reading> {
        self.ask(|answer| Request::Read(which, answer)).await?
    }

    /// Makes this process the owner, and answers of how many transfers.
    ///
    /// # Errors
    /// `Local` where the file cannot be written.
    pub async fn claim(&self, which: Claim) -> Result<u64> {
        self.ask(|answer| Request::Claim(which, answer)).await?
    }

    /// The acknowledged parts of a transfer, in order.
    ///
    /// # Errors
    /// `Local` where the file cannot be read.
    pub async fn parts(&self, id: TransferId) -> Result<Vec<Part>> {
        self.ask(|answer| Request::Parts(id, answer)).await?
    }

    /// A number that changes whenever another process has committed.
    ///
    /// # Errors
    /// `Local` where the file cannot be read.
    pub async fn version(&self) -> Result<i64> {
        self.ask(Request::Version).await?
    }

    /// Whether a process that ran transfers when they were last read is dead. Costs next to nothing.
    ///
    /// # Errors
    /// `Internal` where the journal is closed.
    pub async fn anyone_died(&self) -> Result<bool> {
        self.ask(Request::AnyoneDied).await
    }

    /// Closes the file once everything before is committed.
    pub async fn close(&self) {
        // An actor that is gone already has closed it.
        let _closed = self.ask(Request::Close).await;
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T> {
        let (answer, waiting) = oneshot::channel();
        let gone = || Failure::new(FailureKind::Internal, "the journal is closed");
        self.requests.send(request(answer)).await.map_err(|_closed| gone())?;
        waiting.await.map_err(|_closed| gone())
    }
}

#[cfg(test)]
mod tests;
