//! The one task that has the journal's connection. Whatever has gathered is committed together, and becomes true in
//! memory in the same order, before anything else is asked of the file.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use super::batch;
use super::file::{is_refused, trouble};
use super::rows::{self, Reader};
use super::statements::Writer;
use super::{After, Claim, Reading, Request};
use crate::domain::{Result, TransferId};
use crate::transfer::job::{Change, Owner};
use crate::transfer::runner::Runner;

/// Most changes in one commit, unless one request has more.
const BATCH: usize = 4096;

/// As many rows removed at once leave a log that is worth emptying.
const LARGE_REMOVAL: u64 = 1000;

/// Changes that are made together or not at all.
pub struct Unit {
    /// The changes.
    pub changes: Vec<Change>,
    /// What is to be true in memory once they are on disk; given the number of the first transfer that they added.
    pub after: Option<After>,
    /// Told when both are done.
    pub answer: oneshot::Sender<Result<()>>,
}

/// Owns the connection. Nothing else touches it, so that a commit never waits for a reader of this process.
pub struct Actor {
    connection: SqliteConnection,
    path: PathBuf,
    me: Arc<Runner>,
    reader: Reader,
    writer: Writer,
    /// The number of the last commit that memory knows, its own among them; `None` before the first reading.
    seen: Option<i64>,
    /// Rows that were removed since the log was emptied.
    removed: u64,
    /// Processes that run transfers, and were alive when last looked at.
    others: HashSet<String>,
}

/// What a commit of many units came to.
struct Commit {
    now: i64,
    last: Option<i64>,
    removed: u64,
}

impl Actor {
    /// Around an open connection.
    pub fn new(connection: SqliteConnection, path: PathBuf, me: Arc<Runner>) -> Self {
        let writer = Writer::new(me.name());
        Self { connection, path, me, reader: Reader::default(), writer, seen: None, removed: 0, others: HashSet::new() }
    }

    /// Serves requests until the last handle is gone, or one asks to close.
    pub async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut next = requests.recv().await;
        while let Some(request) = next.take() {
            next = match request {
                Request::Commit(unit) => self.commit_gathered(unit, &mut requests).await,
                other if self.perform(other).await.is_break() => break,
                _performed => None,
            };
            if next.is_none() {
                next = requests.recv().await;
            }
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!("closing the journal: {error}");
        }
    }

    /// Commits this and all that waits behind it, up to the first request of another kind, which is handed back.
    async fn commit_gathered(&mut self, first: Unit, requests: &mut mpsc::Receiver<Request>) -> Option<Request> {
        let mut size = first.changes.len();
        let (mut units, mut after) = (vec![first], None);
        while size < BATCH {
            match requests.try_recv() {
                Ok(Request::Commit(unit)) => {
                    size += unit.changes.len();
                    units.push(unit);
                }
                Ok(other) => {
                    after = Some(other);
                    break;
                }
                Err(_empty_or_closed) => break,
            }
        }
        self.commit(units).await;
        after
    }

    /// All in one transaction; where one of them cannot be made, each in its own, so that only that one fails.
    async fn commit(&mut self, units: Vec<Unit>) {
        match self.write(&units).await {
            Err(error) if units.len() > 1 && is_refused(&error) => {
                for unit in units {
                    let written = self.write(std::slice::from_ref(&unit)).await;
                    self.finish(vec![unit], written);
                }
            }
            written => self.finish(units, written),
        }
        self.empty_log().await;
    }

    /// Makes it true in memory, then says so.
    fn finish(&mut self, units: Vec<Unit>, written: sqlx::Result<Commit>) {
        let written = written.map_err(|error| trouble(&self.path, &error));
        if let Ok(commit) = &written {
            self.learn(commit);
        }
        let added = |unit: &Unit| unit.changes.iter().filter(|change| matches!(change, Change::Insert { .. })).count();
        let total: usize = units.iter().map(added).sum();
        let last = written.as_ref().ok().and_then(|commit| commit.last);
        let mut first = last.map(|last| last + 1 - i64::try_from(total).unwrap_or(0));
        for unit in units {
            let mine = i64::try_from(added(&unit)).unwrap_or(0);
            if let (Ok(_), Some(after)) = (&written, unit.after) {
                after(first.unwrap_or_default());
            }
            first = first.map(|first| first + mine);
            // Whoever asked may have been cancelled meanwhile.
            let _gone = unit.answer.send(written.as_ref().map(drop).map_err(Clone::clone));
        }
    }

    /// What this process has written need not be read again, unless another one has written in between.
    fn learn(&mut self, commit: &Commit) {
        if self.seen == Some(commit.now - 1) {
            self.seen = Some(commit.now);
        }
        self.removed += commit.removed;
    }

    async fn write(&mut self, units: &[Unit]) -> sqlx::Result<Commit> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let now = rows::tick(&mut transaction).await?;
        let mut commit = Commit { now, last: None, removed: 0 };
        for step in batch::steps(units.iter().flat_map(|unit| &unit.changes)) {
            let written = self.writer.write(&mut transaction, &step).await?;
            commit.last = written.last.or(commit.last);
            commit.removed += written.removed;
        }
        if commit.removed > 0 {
            rows::note_removal(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(commit)
    }

    async fn perform(&mut self, request: Request) -> ControlFlow<()> {
        // A receiver that is gone was cancelled; its answer is nobody's.
        match request {
            Request::Commit(unit) => self.commit(vec![unit]).await,
            Request::Read(whole, answer) => {
                let _gone = answer.send(self.read(whole).await.map_err(|error| trouble(&self.path, &error)));
            }
            Request::Claim(which, answer) => {
                let _gone = answer.send(self.claim(&which).await.map_err(|error| trouble(&self.path, &error)));
            }
            Request::Parts(id, answer) => {
                let parts = rows::parts(&mut self.connection, id).await;
                let _gone = answer.send(parts.map_err(|error| trouble(&self.path, &error)));
            }
            Request::Version(answer) => {
                let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut self.connection).await;
                let _gone = answer.send(version.map_err(|error| trouble(&self.path, &error)));
            }
            Request::AnyoneDied(answer) => {
                let _gone = answer.send(self.others.iter().any(|other| self.me.is_dead(other)));
            }
            Request::Close(answer) => {
                let _gone = answer.send(());
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// What memory does not know yet: rows that changed since the last reading, or all of them where some were removed.
    async fn read(&mut self, whole: bool) -> sqlx::Result<Reading> {
        let mut transaction = self.connection.begin().await?;
        let (now, removed) = rows::clock(&mut transaction).await?;
        let after = self.seen.filter(|seen| !whole && removed <= *seen);
        let (me, others) = (&self.me, &mut self.others);
        let whose = |owner: &str| whose(me, others, owner);
        let rows = self.reader.load(&mut transaction, after, whose).await?;
        transaction.commit().await?;
        self.seen = Some(now);
        Ok(Reading { rows, whole: after.is_none() })
    }

    async fn claim(&mut self, which: &Claim) -> sqlx::Result<Vec<TransferId>> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        rows::tick(&mut transaction).await?;
        let mut dead = rows::owners(&mut transaction).await?;
        dead.retain(|owner| self.me.is_dead(owner));
        for owner in &dead {
            rows::release(&mut transaction, owner).await?;
        }
        let claimed = match which {
            Claim::Open => rows::claim_open(&mut transaction, self.me.name()).await?,
            Claim::These(ids) => rows::claim_these(&mut transaction, self.me.name(), ids).await?,
        };
        transaction.commit().await?;
        for owner in &dead {
            // Only after the commit: until then the file is what proves that it is dead.
            self.me.bury(owner);
            self.others.remove(owner);
        }
        Ok(claimed)
    }

    /// After a large removal the log is as large as what was removed: its content goes to the file, and it is cut short.
    async fn empty_log(&mut self) {
        if self.removed < LARGE_REMOVAL {
            return;
        }
        self.removed = 0;
        // Another process that reads just now keeps it from being emptied; then the next removal does it.
        if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.connection).await {
            tracing::warn!("the journal's log stays as large as it is: {error}");
        }
    }
}

fn whose(me: &Runner, others: &mut HashSet<String>, owner: &str) -> Owner {
    if owner == me.name() {
        Owner::Me
    } else if me.is_dead(owner) {
        Owner::Nobody
    } else {
        others.insert(owner.to_owned());
        Owner::Other
    }
}
