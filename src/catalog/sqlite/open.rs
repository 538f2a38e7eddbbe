//! Opening a catalog file, which nobody else may read, and bringing its table up to date. Several processes may do both
//! at once.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Error, Row, query, raw_sql};

use super::table::Table;
use super::{errors, reader};
use crate::catalog::CatalogTarget;
use crate::catalog::steps::{BOOKKEEPING, Inventory, Makes, Names, OWN_COLUMNS, SQLITE, Step};
use crate::config::places::private_folder;
use crate::domain::{Failure, Result};

/// How long a writer waits for another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections at once; readers do not wait for the writer.
const MOST: u32 = 4;

/// Memory for the file's pages, a connection, negative for KiB. SQLite's own 2 MiB would be used up by whoever scrolls far,
/// and buy nothing: a page of records is read once, and the system keeps the file in memory anyway.
const CACHE: &str = "-256";

/// Two processes that turn on the write-ahead log at once may find the file locked in spite of the timeout.
const TRIES: u32 = 20;

/// Opens the file, making it where there is none.
///
/// # Errors
/// `Local` for a folder or file that cannot be made, else what [`errors::failure`] says.
pub async fn open(path: &Path) -> Result<SqlitePool> {
    make_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // A record that was reported as written is there after a power cut, too.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", CACHE)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(MOST).acquire_timeout(BUSY_TIMEOUT * 2);
    let pool = pool.after_release(|connection, _| Box::pin(reader::release(connection)));
    let mut tries = 1;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if errors::is_busy(&error) && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            opened => return opened.map_err(|error| errors::failure(&error, path)),
        }
    }
}

fn make_private(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_folder(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Failure::io("make the catalog", path, &error)),
    }
}

/// What the table has now.
pub async fn inventory(connection: &mut SqliteConnection, table: &Table) -> Result<Inventory, Error> {
    let columns = names(connection, "SELECT name FROM pragma_table_info(?)", table.name).await?;
    let sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ?";
    let indexes = names(connection, sql, table.name).await?;
    Ok(Inventory { table_exists: !columns.is_empty(), columns, indexes, ..Inventory::default() })
}

async fn names(connection: &mut SqliteConnection, sql: &'static str, table: &str) -> Result<Vec<String>, Error> {
    let rows = query(sql).bind(table).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Applies what is pending and answers the steps' names. Where nothing is, nothing is locked or written.
pub async fn migrate(pool: &SqlitePool, target: &CatalogTarget, table: &Table) -> Result<Vec<String>, Error> {
    let found = inventory(&mut *pool.acquire().await?, table).await?;
    if SQLITE.iter().all(|step| found.holds(step, table.name)) {
        return Ok(Vec::new());
    }
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    // Again, as another process may have been quicker.
    let found = inventory(&mut transaction, table).await?;
    let mut applied = Vec::new();
    for step in SQLITE.iter().filter(|step| !found.holds(step, table.name)) {
        apply(&mut transaction, target, table, &found, step).await?;
        applied.push(step.name.to_owned());
    }
    transaction.commit().await?;
    Ok(applied)
}

async fn apply(
    connection: &mut SqliteConnection,
    target: &CatalogTarget,
    table: &Table,
    found: &Inventory,
    step: &Step,
) -> Result<(), Error> {
    let index = format!("\"{}\"", step.index_name(table.name));
    let names = Names { table: &table.quoted, key: table.key, index: &index, url_type: target.url_type(), trgm: "" };
    let sql = step.sql(&names);
    for statement in sql.split_inclusive(';').filter(|statement| !adds_what_is_there(statement, step, found)) {
        raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    let book = format!(
        "CREATE TABLE IF NOT EXISTS \"{BOOKKEEPING}\" (table_name TEXT NOT NULL, step TEXT NOT NULL, \
         applied_at INTEGER NOT NULL, PRIMARY KEY (table_name, step))"
    );
    raw_sql(AssertSqlSafe(book)).execute(&mut *connection).await?;
    let write = format!("INSERT OR REPLACE INTO \"{BOOKKEEPING}\" (table_name, step, applied_at) VALUES (?, ?, ?)");
    let now = chrono::Utc::now().timestamp_micros();
    query(AssertSqlSafe(write)).bind(table.name).bind(step.name).bind(now).execute(connection).await?;
    Ok(())
}

/// SQLite knows no `ADD COLUMN IF NOT EXISTS`, so such statements are left out here.
fn adds_what_is_there(statement: &str, step: &Step, found: &Inventory) -> bool {
    let adds = |column: &&str| statement.contains(&format!(" COLUMN {column} "));
    step.makes == Makes::Columns && OWN_COLUMNS.iter().find(|column| adds(column)).is_some_and(|c| found.has_column(c))
}
