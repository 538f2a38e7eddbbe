//! The one task that has the journal's connection. Whatever has gathered is committed together, and becomes true in
//! memory in the same order, before anything else is asked of the file.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::batch;
use super::file::{is_refused, trouble};
use super::rows::{self, Reader};
use super::statements::Writer;
use super::{Added, After, Claim, Reading, Request, Which};
use crate::domain::Result;
use crate::transfer::job::{Change, Owner};
use crate::transfer::runner::Runner;

/// Most changes in one commit, unless one request has more.
const BATCH: usize = 4096;

/// From the start of a commit that several asked for to the start of the next. Each is a flush of the disk and some switches
/// of thread, and this gathers what would else go in small lots; whoever is alone is not kept waiting.
const APART: Duration = Duration::from_millis(4);

/// As many rows removed at once leave a log that is worth emptying.
const LARGE_REMOVAL: u64 = 1000;

/// Changes that are made together or not at all.
pub struct Unit {
    /// The changes.
    pub changes: Vec<Change>,
    /// What is to be true in memory once they are on disk.
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
    /// Processes that run transfers, and lived when those were last read.
    others: HashSet<String>,
    /// Rows that were removed since the log was emptied.
    removed: u64,
    /// When the next commit may begin.
    next_commit: Instant,
}

/// What a commit of many units came to.
struct Commit {
    number: i64,
    last: Option<i64>,
    removed: u64,
}

impl Actor {
    /// Around an open connection.
    pub fn new(connection: SqliteConnection, path: PathBuf, me: Arc<Runner>) -> Self {
        let writer = Writer::new(me.name());
        Self {
            connection,
            path,
            me,
            reader: Reader::default(),
            writer,
            seen: None,
            others: HashSet::new(),
            removed: 0,
            next_commit: Instant::now(),
        }
    }

    /// Serves requests until the last handle is gone, or one asks to close.
    pub async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut next = None;
        while let Some(request) = match next.take() {
            Some(request) => Some(request),
            None => requests.recv().await,
        } {
            match request {
                Request::Commit(unit) => next = self.commit_gathered(unit, &mut requests).await,
                Request::Close(answer) => {
                    self.close().await;
                    let _gone = answer.send(());
                    return;
                }
                other => self.perform(other).await,
            }
        }
        self.close().await;
    }

    async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!("closing the journal: {error}");
        }
    }

    /// Commits this and all that waits behind it, up to the first request of another kind, which is handed back.
    async fn commit_gathered(&mut self, first: Unit, requests: &mut mpsc::Receiver<Request>) -> Option<Request> {
        sleep_until(self.next_commit).await;
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
        let begun = Instant::now();
        self.next_commit = if units.len() > 1 { begun + APART } else { begun };
        self.commit(units).await;
        after
    }

    /// All in one transaction; where one of them cannot be made, each in its own, so that only that one fails.
    async fn commit(&mut self, units: Vec<Unit>) {
        let all: Vec<&[Change]> = units.iter().map(|unit| unit.changes.as_slice()).collect();
        match self.write(&all).await {
            Err(error) if units.len() > 1 && is_refused(&error) => {
                for unit in units {
                    let written = self.write(&[&unit.changes]).await;
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
        let all_known = written.as_ref().is_ok_and(|commit| self.learn(commit));
        let added = |unit: &Unit| unit.changes.iter().filter(|change| matches!(change, Change::Insert { .. })).count();
        let total: usize = units.iter().map(added).sum();
        let last = written.as_ref().ok().and_then(|commit| commit.last);
        let mut first = last.map(|last| last + 1 - i64::try_from(total).unwrap_or(0));
        for unit in units {
            let mine = i64::try_from(added(&unit)).unwrap_or(0);
            if let (Ok(_), Some(after)) = (&written, unit.after) {
                after(Added { first: first.unwrap_or_default(), all_known });
            }
            first = first.map(|first| first + mine);
            // Whoever asked may have been cancelled meanwhile.
            let _gone = unit.answer.send(written.as_ref().map(drop).map_err(Clone::clone));
        }
    }

    /// What this process has written need not be read again, unless another one has written in between; answers whether
    /// none has.
    fn learn(&mut self, commit: &Commit) -> bool {
        self.removed += commit.removed;
        let all_known = self.seen == Some(commit.number - 1);
        if all_known {
            self.seen = Some(commit.number);
        }
        all_known
    }

    async fn write(&mut self, changes: &[&[Change]]) -> sqlx::Result<Commit> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let number = rows::tick(&mut transaction).await?;
        let mut commit = Commit { number, last: None, removed: 0 };
        for step in batch::steps(changes.iter().copied().flatten()) {
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

    async fn perform(&mut self, request: Request) {
        // A receiver that is gone was cancelled; its answer is nobody's.
        match request {
            Request::Commit(unit) => self.commit(vec![unit]).await,
            Request::Read(which, answer) => {
                let _gone = answer.send(self.read(which).await.map_err(|error| trouble(&self.path, &error)));
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
            // It ends the task, which looks for it first.
            Request::Close(_) => {}
        }
    }

    async fn read(&mut self, which: Which) -> sqlx::Result<Reading> {
        // One transaction, so that the clock is that of the rows.
        let mut transaction = self.connection.begin().await?;
        let (now, removed) = rows::clock(&mut transaction).await?;
        let after = self.seen.filter(|seen| which == Which::New && removed <= *seen);
        if which == Which::All {
            self.others.clear();
        }
        let (me, others) = (self.me.clone(), &mut self.others);
        let rows = self.reader.load(&mut transaction, after, |owner| whose(&me, others, owner)).await?;
        transaction.commit().await?;
        if which != Which::Look {
            self.seen = Some(now);
        }
        Ok(Reading { rows, whole: after.is_none() })
    }

    async fn claim(&mut self, which: &Claim) -> sqlx::Result<u64> {
        // Before the owners are read: what one of them wrote until it died is among what is released then.
        let mut gone: Vec<String> = self.others.iter().filter(|other| self.me.is_dead(other)).cloned().collect();
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        rows::tick(&mut transaction).await?;
        let mut dead = rows::owners(&mut transaction).await?;
        dead.retain(|owner| self.me.is_dead(owner));
        for owner in &dead {
            rows::release(&mut transaction, owner).await?;
        }
        let claimed = match which {
            Claim::Open => rows::claim_open(&mut transaction, self.me.name()).await?,
            Claim::These(ids) => rows::claim_these(&mut transaction, self.me.name(), ids, rows::ANY).await?,
            Claim::Over(ids) => rows::claim_these(&mut transaction, self.me.name(), ids, rows::OVER).await?,
        };
        transaction.commit().await?;
        // Only after the commit: until then the file is what proves that it is dead.
        dead.iter().for_each(|owner| self.me.bury(owner));
        // Some had nothing left: they must not be looked for again and again.
        gone.append(&mut dead);
        self.others.retain(|other| !gone.contains(other));
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
