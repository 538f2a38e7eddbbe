//! The index: which keys there are, and which files hold their bytes. It is one SQLite database in WAL mode, so that
//! several processes may have it open; reads go through a small pool, writes through one task that commits many of them
//! at once, because a commit costs a wait for the disk whatever is in it.

/// Reads a row's columns into fields of the same names.
macro_rules! from_row {
    ($row:ident { $($column:ident),* }) => {
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $row {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                Ok(Self { $($column: sqlx::Row::try_get(row, stringify!($column))?),* })
            }
        }
    };
}

pub mod buckets;
pub mod listing;
pub mod objects;
pub mod uploads;
mod writer;

use std::path::Path;
use std::time::Duration;

use s3s::S3Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection};

pub use self::writer::WriteError;
use self::writer::Writer;
use super::{fault, private_file};
use crate::domain::{Failure, FailureKind, Result};

/// The schema, one step a version; `PRAGMA user_version` says how many have been taken.
const STEPS: [&str; 1] = [include_str!("../../../../migrations/local/0001_index.sql")];

/// Reading connections: as many as a listing, some downloads and a HEAD need at once.
const READERS: u32 = 4;

/// How long a write waits for another process's write. Commits take milliseconds; only a stopped process holds longer.
const BUSY: Duration = Duration::from_secs(30);

/// An open index.
#[derive(Debug, Clone)]
pub struct Index {
    readers: SqlitePool,
    writer: Writer,
}

impl Index {
    /// Opens the index in a file, makes it and brings its schema up to date. Only one process may be here at a time.
    ///
    /// # Errors
    /// `Local` or `DiskFull`, naming the file.
    pub async fn open(file: &Path) -> Result<Self> {
        make_private(file)?;
        let options = options(file);
        let mut connection = options.connect().await.map_err(|error| cannot_open(file, &error))?;
        migrate(&mut connection, file).await?;
        // The system caches the file already; what each connection caches besides is memory that the screen needs.
        let options = options.pragma("cache_size", "-1024");
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options);
        Ok(Self { readers, writer: Writer::start(connection) })
    }

    /// The connections to read with.
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Does a write: `work` runs inside a transaction, and the answer comes when that is safely on the disk.
    ///
    /// # Errors
    /// What `work` refuses with, or the index's own trouble; either way nothing was written.
    pub async fn write<T, F>(&self, work: F) -> S3Result<T>
    where
        T: Send + 'static,
        F: Work<T>,
    {
        self.writer.write(work).await
    }

    /// Says that a blob's file is gone, so that the next write may forget its id.
    pub fn forget(&self, blobs: impl IntoIterator<Item = i64>) {
        self.writer.forget(blobs);
    }

    /// A setting, made with `first` if it is not there yet; every process gets the same.
    pub async fn setting(&self, name: &'static str, first: String) -> S3Result<String> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                sqlx::query("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING")
                    .bind(name)
                    .bind(first)
                    .execute(&mut *connection)
                    .await?;
                let value = sqlx::query_scalar("SELECT value FROM settings WHERE name = ?").bind(name);
                Ok(value.fetch_one(connection).await?)
            })
        })
        .await
    }

    /// A setting, where there is one.
    pub async fn find_setting(&self, name: &str) -> S3Result<Option<String>> {
        let value = sqlx::query_scalar("SELECT value FROM settings WHERE name = ?").bind(name);
        value.fetch_optional(&self.readers).await.map_err(fault::of_index)
    }

    /// Changes a setting.
    pub async fn change_setting(&self, name: &'static str, value: String) -> S3Result<()> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let query = "INSERT INTO settings (name, value) VALUES (?, ?)
                             ON CONFLICT (name) DO UPDATE SET value = excluded.value";
                sqlx::query(query).bind(name).bind(value).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }
}

/// Work for [`Index::write`].
pub trait Work<T>:
    for<'c> FnOnce(&'c mut SqliteConnection) -> futures::future::BoxFuture<'c, Result<T, WriteError>> + Send + 'static
{
}

impl<T, F> Work<T> for F where
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> futures::future::BoxFuture<'c, Result<T, WriteError>>
        + Send
        + 'static
{
}

/// Whole seconds since 1970, UTC.
pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(false)
        .busy_timeout(BUSY)
        .disable_statement_logging()
}

/// SQLite gives its side files the mode of the database, so it is enough to make that one private.
fn make_private(file: &Path) -> Result<()> {
    private_file().create(true).append(true).open(file).map(drop).map_err(|error| Failure::io("open", file, &error))
}

async fn migrate(connection: &mut SqliteConnection, file: &Path) -> Result<()> {
    let fail = |error: sqlx::Error| cannot_open(file, &error);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(fail)?;
    let taken: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await.map_err(fail)?;
    let taken = usize::try_from(taken).unwrap_or(usize::MAX);
    if taken > STEPS.len() {
        return Err(Failure::new(FailureKind::Local, format!("{} was made by a newer Windlass", file.display()))
            .hint("update this one"));
    }
    for step in &STEPS[taken..] {
        sqlx::raw_sql(*step).execute(&mut *transaction).await.map_err(fail)?;
    }
    // A pragma takes no bound value; this one is the number of steps that this program was built with.
    let mark = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {}", STEPS.len()));
    sqlx::raw_sql(mark).execute(&mut *transaction).await.map_err(fail)?;
    transaction.commit().await.map_err(fail)
}

fn cannot_open(file: &Path, error: &sqlx::Error) -> Failure {
    Failure::new(FailureKind::Local, format!("cannot open the local bucket's index {}: {error}", file.display()))
}
