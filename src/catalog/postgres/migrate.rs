//! Making or extending the table while the user's app goes on working: columns that may be NULL, indexes that are built
//! beside running writes, one migration at a time.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Error, Row, query, raw_sql};
use tokio::time::{Instant, sleep};

use super::pool::{Access, Pool, Session};
use super::table::Table;
use super::trigrams::{self, Means};
use crate::catalog::CatalogTarget;
use crate::catalog::steps::{BOOKKEEPING, Inventory, Makes, Names, POSTGRES, Step};
use crate::domain::display::display;

/// How long another migration is waited for.
const WAIT: Duration = Duration::from_secs(60);

/// The first half of the advisory lock's key, "wind" in ASCII; the other is the schema's hash.
const LOCK: i32 = 0x7769_6e64;

/// What stopped a migration.
pub enum Stopped {
    /// The database's error.
    Error(Error),
    /// The table is there but is none of the guide's: it lacks these columns.
    Unlike(Vec<&'static str>),
    /// Another migration went on for too long.
    Locked,
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// What the table has now.
pub async fn inventory(connection: &mut PgConnection, table: &Table) -> Result<Inventory, Error> {
    let sql = "SELECT array(SELECT attname::text FROM pg_attribute \
                     WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped), \
                 array(SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
                     WHERE i.indrelid = t.oid AND i.indisvalid), \
                 array(SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
                     WHERE i.indrelid = t.oid AND NOT i.indisvalid) \
             FROM (SELECT to_regclass($1)::oid AS oid) t WHERE t.oid IS NOT NULL";
    let Some(row) = query(sql).bind(&table.quoted).persistent(false).fetch_optional(&mut *connection).await? else {
        return Ok(Inventory::default());
    };
    let (columns, indexes, broken_indexes) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let Means { indexed: searchable, secured, .. } = trigrams::means(&mut *connection, table).await?;
    let refused = if searchable { None } else { trigrams::refused(connection).await? };
    Ok(Inventory { table_exists: true, columns, indexes, broken_indexes, searchable, refused, secured })
}

/// Applies what is pending and answers the steps' names.
pub async fn migrate(pool: &Pool, target: &CatalogTarget, table: &Table) -> Result<Vec<String>, Stopped> {
    let lock = lock(pool, table).await?;
    let mut connection = pool.connect().await?;
    let applied = apply_all(&mut connection, target, table).await?;
    connection.close().await?;
    lock.roll_back().await?;
    Ok(applied)
}

/// The lock lives in a transaction on a connection of its own: that works behind a transaction pooler, where a session's
/// lock would be left behind, ends when the process dies, and holds no snapshot that building an index would wait for.
/// For the same reason it is tried, never waited for inside the database.
async fn lock(pool: &Pool, table: &Table) -> Result<Session, Stopped> {
    let mut session = pool.begin(None, Access::Any).await?;
    raw_sql("SET LOCAL idle_in_transaction_session_timeout = 0").execute(session.connection()).await?;
    let deadline = Instant::now() + WAIT;
    loop {
        let attempt = query("SELECT pg_try_advisory_xact_lock($1, hashtext($2))").bind(LOCK).bind(&table.schema);
        let row = attempt.persistent(false).fetch_one(session.connection()).await?;
        if row.try_get(0)? {
            return Ok(session);
        }
        if Instant::now() > deadline {
            return Err(Stopped::Locked);
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn apply_all(
    connection: &mut PgConnection,
    target: &CatalogTarget,
    table: &Table,
) -> Result<Vec<String>, Stopped> {
    let found = inventory(connection, table).await?;
    let missing = found.missing_guide_columns(target);
    if found.table_exists && !missing.is_empty() {
        return Err(Stopped::Unlike(missing));
    }
    let mut applied = Vec::new();
    for step in POSTGRES.iter().filter(|step| !found.holds(step, table.name)) {
        if apply_or_go_without(connection, target, table, &found, step).await? {
            note(connection, table, step, applied.is_empty()).await?;
            applied.push(step.name.to_owned());
        }
    }
    Ok(applied)
}

/// Applies a step; answers whether it was. What the server refuses of an optional one keeps none of the others back.
async fn apply_or_go_without(
    connection: &mut PgConnection,
    target: &CatalogTarget,
    table: &Table,
    found: &Inventory,
    step: &Step,
) -> Result<bool, Error> {
    match apply(connection, target, table, found, step).await {
        Err(Error::Database(error)) if matches!(step.makes, Makes::Optional(_)) => {
            let why = display(error.message());
            tracing::warn!("{} is not built: {why}", step.name);
            Ok(false)
        }
        applied => applied,
    }
}

/// Applies a step; answers whether it was, which an optional one is not where the server has no pg_trgm.
async fn apply(
    connection: &mut PgConnection,
    target: &CatalogTarget,
    table: &Table,
    found: &Inventory,
    step: &Step,
) -> Result<bool, Error> {
    let trgm = match step.makes {
        Makes::Optional(_) => trigrams::install(connection).await?,
        _ => Some(String::new()),
    };
    let Some(trgm) = trgm else { return Ok(false) };
    let index = step.index_name(table.name);
    let quoted = format!("\"{index}\"");
    let url_type = target.url_type();
    let names = Names { table: &table.quoted, key: table.key, index: &quoted, url_type, trgm: &trgm };
    if found.broken_indexes.contains(&index) {
        let sql = format!("DROP INDEX CONCURRENTLY {}.{quoted}", table.schema);
        raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    let sql = match step.makes {
        // Whoever waits for this lock makes everybody behind it wait, so it is not waited for long.
        Makes::Columns => format!("BEGIN; SET LOCAL lock_timeout = '5s'; {} COMMIT", step.sql(&names)),
        Makes::Table | Makes::Index(_) | Makes::Optional(_) => step.sql(&names),
    };
    raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(true)
}

/// Writes down what was done, for people who wonder where a column came from.
async fn note(connection: &mut PgConnection, table: &Table, step: &Step, first: bool) -> Result<(), Error> {
    let book = format!("{}.\"{BOOKKEEPING}\"", table.schema);
    if first {
        let make = format!(
            "CREATE TABLE IF NOT EXISTS {book} (table_name TEXT NOT NULL, step TEXT NOT NULL, \
             applied_at TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (table_name, step))"
        );
        raw_sql(AssertSqlSafe(make)).execute(&mut *connection).await?;
    }
    let write = format!(
        "INSERT INTO {book} (table_name, step) VALUES ('{}', '{}') \
         ON CONFLICT (table_name, step) DO UPDATE SET applied_at = now()",
        table.name, step.name
    );
    raw_sql(AssertSqlSafe(write)).execute(connection).await?;
    Ok(())
}
