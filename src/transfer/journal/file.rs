//! The journal's file: opening it, bringing its schema up to date, and what is said when it cannot be used. A file that is
//! damaged is set aside rather than repaired: what could be read of it is kept, and the queue begins anew.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _};

use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind, Result};

/// The schema's versions, in order; `PRAGMA user_version` counts those in force.
pub const MIGRATIONS: [&str; 5] = [
    include_str!("../../../migrations/journal/0001_transfers.sql"),
    include_str!("../../../migrations/journal/0002_order_and_changes.sql"),
    include_str!("../../../migrations/journal/0003_requests.sql"),
    include_str!("../../../migrations/journal/0004_asked.sql"),
    include_str!("../../../migrations/journal/0005_edits.sql"),
];

/// Bytes of the write-ahead log that are kept when all of it is in the file; what is more was one large change.
const LOG_KEPT: &str = "8388608";

/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two tries to open it.
const PAUSE: Duration = Duration::from_millis(20);

/// Opens the file, making or migrating it. One that is damaged is moved away and another begun; the warning says where
/// it lies.
///
/// # Errors
/// `Local` or `DiskFull` where it cannot be made.
pub async fn open(path: &Path) -> Result<(SqliteConnection, Option<Failure>)> {
    match connect(path).await {
        Ok(connection) => Ok((connection, None)),
        Err(error) if is_damaged(&error) => {
            let aside = set_aside(path)?;
            let connection = connect(path).await.map_err(|error| trouble(path, &error))?;
            Ok((connection, Some(begun_anew(path, &aside))))
        }
        Err(error) => Err(trouble(path, &error)),
    }
}

/// While another process makes the file or leaves it, SQLite answers "locked" at once and heeds no timeout (SQLite docs,
/// "Write-Ahead Logging", "Sometimes Queries Return SQLITE_BUSY In WAL Mode").
async fn connect(path: &Path) -> sqlx::Result<SqliteConnection> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        match connect_once(path).await {
            Err(error) if is_busy(&error) && Instant::now() < give_up => tokio::time::sleep(PAUSE).await,
            connection => return connection,
        }
    }
}

async fn connect_once(path: &Path) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A transfer must be on disk before the screen says "queued", also if the power goes.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        // KiB of cache, as a negative number: room for the pages of all that is under way, which each step writes again.
        .pragma("cache_size", "-1024")
        .pragma("journal_size_limit", LOG_KEPT)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    migrate(&mut connection).await?;
    check(&mut connection).await?;
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
    if in_force > MIGRATIONS.len() {
        return Err(sqlx::Error::Decode(Newer.into()));
    }
    for step in MIGRATIONS.iter().skip(in_force) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    if in_force < MIGRATIONS.len() {
        let version = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {}", MIGRATIONS.len()));
        sqlx::raw_sql(version).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// Looks at every page once, so that damage shows now, when a new journal can be begun, and not in the middle of work.
async fn check(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *connection).await?;
    if found != "ok" {
        return Err(sqlx::Error::Decode(Damage(found).into()));
    }
    sqlx::query("SELECT count(*) FROM transfers, clock").fetch_one(connection).await.map(drop)
}

/// The journal has what this program does not know, and would do something else than was asked.
#[derive(Debug, thiserror::Error)]
#[error("it is of a newer Windlass")]
struct Newer;

/// What SQLite's own check has found.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Damage(String);

/// SQLITE_BUSY.
fn is_busy(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if code(error.as_ref()) == 5)
}

/// SQLITE_CORRUPT and SQLITE_NOTADB, what its check finds, or a file that is a database but not a journal.
fn is_damaged(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            matches!(code(error.as_ref()), 11 | 26)
                || error.message().contains("no such table")
                || error.message().contains("already exists")
        }
        sqlx::Error::Decode(error) => error.is::<Damage>(),
        _ => false,
    }
}

/// Moves a damaged journal, and what SQLite keeps beside it, out of the way.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let stamp = chrono::Utc::now().format("%Y%m%dT%H%M%S%3f");
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

fn begun_anew(path: &Path, aside: &Path) -> Failure {
    let what = format!("the queue's journal {} was damaged and a new one was begun", display_path(path));
    Failure::new(FailureKind::Local, what).hint(format!("the old one is kept as {}", display_path(aside)))
}

/// The driver's error as a sentence.
pub fn trouble(path: &Path, error: &sqlx::Error) -> Failure {
    let journal = display_path(path);
    match error {
        error if is_damaged(error) => {
            let what = format!("the queue's journal {journal} is damaged: {}", reason(error));
            Failure::new(FailureKind::Local, what).hint("end every Windlass and start one: it begins a new journal")
        }
        sqlx::Error::Decode(error) if error.is::<Newer>() => {
            let what = format!("the queue's journal {journal} is of a newer Windlass than this one");
            Failure::new(FailureKind::Local, what).hint("use the newer one")
        }
        // SQLITE_FULL, and SQLITE_IOERR where the disk fills up under SQLite's own files.
        sqlx::Error::Database(error) if matches!(code(error.as_ref()), 10 | 13) => {
            let what = format!("the queue's journal {journal} cannot be written: {}", error.message());
            Failure::new(FailureKind::DiskFull, what).hint("free some space, then retry")
        }
        // A value that no Windlass writes, or one of a later version.
        sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => {
            let what = format!("the queue's journal {journal} cannot be read: {}", reason(error));
            Failure::new(FailureKind::Local, what).hint("move that file away to begin a new queue")
        }
        error => {
            let what = format!("the queue's journal {journal} cannot be used: {}", reason(error));
            Failure::new(FailureKind::Local, what).hint("look at that folder's owner and rights")
        }
    }
}

fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Decode(error) => crate::domain::display::display(&error.to_string()).into_owned(),
        error => error.to_string(),
    }
}

/// Whether it is the change that cannot be made (SQLITE_CONSTRAINT), and not the journal that cannot be written.
pub fn is_refused(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if code(error.as_ref()) == 19)
}

/// SQLite's primary result code.
fn code(error: &dyn sqlx::error::DatabaseError) -> i32 {
    error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0) & 0xff
}
