//! The durable record of the queue: a SQLite file that every Windlass of the user shares. One task owns the connection
//! and commits whatever has gathered in one transaction, so that a thousand small steps do not cost a thousand flushes.

mod rows;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _};
use tokio::sync::{mpsc, oneshot};

use super::job::{Change, Saved};
use super::runner::Runner;
use crate::config::places::private_folder;
use crate::domain::display::display_path;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind, Result, TransferId};
use crate::storage::Part;

/// The schema's versions, in order; `PRAGMA user_version` counts those in force.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../../migrations/journal/0001_transfers.sql"),
    include_str!("../../../migrations/journal/0002_order_and_changes.sql"),
];

/// Most changes in one commit.
const BATCH: usize = 512;

/// The handle; cheap to clone. The file closes when the last one goes.
#[derive(Clone)]
pub struct Journal {
    requests: mpsc::Sender<Request>,
}

enum Request {
    Commit(Vec<Change>, oneshot::Sender<Result<()>>),
    Load(oneshot::Sender<Result<Vec<Saved>>>),
    Claim(Claim, oneshot::Sender<Result<Vec<TransferId>>>),
    Parts(TransferId, oneshot::Sender<Result<Vec<Part>>>),
    Version(oneshot::Sender<Result<i64>>),
    Close(oneshot::Sender<()>),
}

/// Which open transfers a process takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Every open one that nobody alive runs.
    Open,
    /// These, whatever their state, unless somebody alive runs them.
    These(Vec<TransferId>),
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
        let (connection, warning) = match connect(path).await {
            Ok(connection) => (connection, None),
            Err(error) if is_damaged(&error) => {
                let aside = set_aside(path)?;
                (connect(path).await.map_err(|error| trouble(path, &error))?, Some(damaged(path, &aside)))
            }
            Err(error) => return Err(trouble(path, &error)),
        };
        let (requests, waiting) = mpsc::channel(1024);
        let actor = Actor { connection, path: path.to_path_buf(), me, profiles: HashSet::new() };
        tokio::spawn(actor.run(waiting));
        Ok((Self { requests }, warning))
    }

    /// Commits changes; they are on disk when this returns.
    ///
    /// # Errors
    /// `DiskFull` or `Internal`; then none of them is.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<()> {
        self.ask(|answer| Request::Commit(changes, answer)).await?
    }

    /// Every transfer, in queue order.
    ///
    /// # Errors
    /// `Internal` where the file cannot be read.
    pub async fn load(&self) -> Result<Vec<Saved>> {
        self.ask(Request::Load).await?
    }

    /// Makes this process the owner, and answers of which transfers.
    ///
    /// # Errors
    /// `Internal` where the file cannot be written.
    pub async fn claim(&self, which: Claim) -> Result<Vec<TransferId>> {
        self.ask(|answer| Request::Claim(which, answer)).await?
    }

    /// The acknowledged parts of a transfer, in order.
    ///
    /// # Errors
    /// `Internal` where the file cannot be read.
    pub async fn parts(&self, id: TransferId) -> Result<Vec<Part>> {
        self.ask(|answer| Request::Parts(id, answer)).await?
    }

    /// A number that changes whenever another process has committed.
    ///
    /// # Errors
    /// `Internal` where the file cannot be read.
    pub async fn version(&self) -> Result<i64> {
        self.ask(Request::Version).await?
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

async fn connect(path: &Path) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A transfer must be on disk before the screen says "queued", also if the power goes.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(20))
        // KiB of cache, as a negative number: the journal is written far more than it is read.
        .pragma("cache_size", "-256")
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    migrate(&mut connection).await?;
    make_private(path);
    Ok(connection)
}

fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)) {
        tracing::warn!("cannot make the journal private: {error}");
    }
}

async fn migrate(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let in_force = usize::try_from(version).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(in_force) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    if in_force < MIGRATIONS.len() {
        let version = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {}", MIGRATIONS.len()));
        sqlx::raw_sql(version).execute(&mut *transaction).await?;
    }
    // Reading the whole schema once finds most damage; SQLite reports the rest when it meets it.
    sqlx::query("SELECT count(*) FROM transfers").fetch_one(&mut *transaction).await?;
    transaction.commit().await
}

/// SQLITE_CORRUPT and SQLITE_NOTADB, or a file that is a database but not a journal.
fn is_damaged(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            matches!(code(error.as_ref()), 11 | 26)
                || error.message().contains("no such table")
                || error.message().contains("already exists")
        }
        _ => false,
    }
}

/// Moves a damaged journal, and what SQLite keeps beside it, out of the way.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let stamp = chrono::Utc::now().format("%Y%m%dT%H%M%S");
    let aside = path.with_extension(format!("damaged-{stamp}.sqlite"));
    std::fs::rename(path, &aside).map_err(|error| Failure::io("set aside", path, &error))?;
    for suffix in ["-wal", "-shm"] {
        let beside = |base: &Path| PathBuf::from(format!("{}{suffix}", base.display()));
        if beside(path).exists() {
            std::fs::rename(beside(path), beside(&aside)).map_err(|error| Failure::io("set aside", path, &error))?;
        }
    }
    Ok(aside)
}

fn damaged(path: &Path, aside: &Path) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!("the queue's journal {} was damaged and a new one was begun", path.display()),
    )
    .hint(format!("the old one is kept as {}", aside.display()))
}

/// The driver's error as a sentence.
fn trouble(path: &Path, error: &sqlx::Error) -> Failure {
    let journal = display_path(path);
    match error {
        // SQLITE_FULL, and SQLITE_IOERR where the disk fills up under SQLite's own files.
        sqlx::Error::Database(error) if matches!(code(error.as_ref()), 10 | 13) => {
            let what = format!("the queue's journal {journal} cannot be written: {}", error.message());
            Failure::new(FailureKind::DiskFull, what).hint("free some space, then retry")
        }
        sqlx::Error::Database(error) => Failure::new(
            FailureKind::Local,
            format!("the queue's journal {journal} cannot be used: {}", error.message()),
        )
        .hint("look at that folder's owner and rights"),
        error => Failure::new(FailureKind::Local, format!("the queue's journal {journal} cannot be used: {error}")),
    }
}

/// SQLite's primary result code.
fn code(error: &dyn sqlx::error::DatabaseError) -> i32 {
    error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0) & 0xff
}

/// Owns the connection. Nothing else touches it, so that a commit never waits for a reader of this process.
struct Actor {
    connection: SqliteConnection,
    path: PathBuf,
    me: Arc<Runner>,
    profiles: HashSet<Arc<ProfileIdentity>>,
}

impl Actor {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        while let Some(request) = requests.recv().await {
            match request {
                Request::Commit(changes, answer) => {
                    let after = self.commit_gathered(changes, answer, &mut requests).await;
                    if let Some(other) = after
                        && self.perform(other).await.is_break()
                    {
                        break;
                    }
                }
                other => {
                    if self.perform(other).await.is_break() {
                        break;
                    }
                }
            }
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!("closing the journal: {error}");
        }
    }

    /// Commits these changes and all that wait behind them, up to the first request of another kind, which is handed back.
    async fn commit_gathered(
        &mut self,
        changes: Vec<Change>,
        answer: oneshot::Sender<Result<()>>,
        requests: &mut mpsc::Receiver<Request>,
    ) -> Option<Request> {
        let (mut gathered, mut answers, mut after) = (changes, vec![answer], None);
        while gathered.len() < BATCH {
            match requests.try_recv() {
                Ok(Request::Commit(more, answer)) => {
                    gathered.extend(more);
                    answers.push(answer);
                }
                Ok(other) => {
                    after = Some(other);
                    break;
                }
                Err(_empty_or_closed) => break,
            }
        }
        let result = self.write(&gathered).await.map_err(|error| trouble(&self.path, &error));
        for answer in answers {
            // Whoever asked may have been cancelled meanwhile.
            let _gone = answer.send(result.clone());
        }
        after
    }

    async fn perform(&mut self, request: Request) -> std::ops::ControlFlow<()> {
        // A receiver that is gone was cancelled; its answer is nobody's.
        match request {
            Request::Commit(changes, answer) => {
                let _gone = answer.send(self.write(&changes).await.map_err(|error| trouble(&self.path, &error)));
            }
            Request::Load(answer) => {
                let _gone = answer.send(self.load().await.map_err(|error| trouble(&self.path, &error)));
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
            Request::Close(answer) => {
                let _gone = answer.send(());
                return std::ops::ControlFlow::Break(());
            }
        }
        std::ops::ControlFlow::Continue(())
    }

    async fn write(&mut self, changes: &[Change]) -> sqlx::Result<()> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        for change in changes {
            rows::apply(&mut transaction, change, self.me.name()).await?;
        }
        transaction.commit().await
    }

    async fn load(&mut self) -> sqlx::Result<Vec<Saved>> {
        let me = self.me.clone();
        rows::load(&mut self.connection, &mut self.profiles, &|owner| {
            if owner == me.name() {
                super::job::Owner::Me
            } else if me.is_dead(owner) {
                super::job::Owner::Nobody
            } else {
                super::job::Owner::Other
            }
        })
        .await
    }

    async fn claim(&mut self, which: &Claim) -> sqlx::Result<Vec<TransferId>> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let dead: Vec<String> =
            rows::owners(&mut transaction).await?.into_iter().filter(|owner| self.me.is_dead(owner)).collect();
        for owner in &dead {
            rows::release(&mut transaction, owner).await?;
        }
        let claimed = match which {
            Claim::Open => rows::claim_open(&mut transaction, self.me.name()).await?,
            Claim::These(ids) => rows::claim_these(&mut transaction, self.me.name(), ids).await?,
        };
        transaction.commit().await?;
        // Only after the commit: until then the file is what proves that it is dead.
        dead.iter().for_each(|owner| self.me.bury(owner));
        Ok(claimed)
    }
}

#[cfg(test)]
mod tests;
