//! How many rows there are, roughly. SQLite keeps no statistics: small tables are counted, and of big ones a sample of the
//! ids tells how many of them are in use.

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Error, QueryBuilder, Row, query};

use super::pages::{begins_with, narrowed};
use super::table::{Table, visible};
use crate::catalog::{CatalogTarget, RecordQuery};

/// Tables of up to so many rows are counted.
const COUNTED: i64 = 5_000;

/// A sample is so many runs of ids, evenly spread from the first to the last.
const RUNS: i64 = 64;

/// Where fewer runs than these have rows, they lie in heaps between which nobody looked.
const TELLING: i64 = 8;

/// So many ids are one run of a sample: some pages of the table, read in a tenth of a millisecond.
const RUN: i64 = 256;

/// The query's rows, roughly, whatever it searches for; of a part of a big table nothing is known.
pub async fn estimate(
    connection: &mut SqliteConnection,
    table: &Table,
    target: &CatalogTarget,
    wanted: &RecordQuery,
) -> Result<Option<u64>, Error> {
    let name = &table.quoted;
    let few = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {COUNTED} + 1)");
    let few: i64 = query(AssertSqlSafe(few)).fetch_one(&mut *connection).await?.try_get(0)?;
    let everything = wanted.user_id.is_none() && wanted.prefix.is_none() && wanted.narrow.is_none();
    let rows: i64 = match (few <= COUNTED, everything) {
        (true, true) => few,
        (true, false) => count(connection, table, target, wanted).await?,
        (false, true) => return sampled(connection, table).await,
        (false, false) => return Ok(None),
    };
    Ok(u64::try_from(rows).ok())
}

/// The range of ids, which gaps make larger than the number of rows; none of an empty table.
pub async fn range(connection: &mut SqliteConnection, table: &Table) -> Result<Option<u64>, Error> {
    let name = &table.quoted;
    let range = format!("SELECT (SELECT max(id) FROM {name}) - (SELECT min(id) FROM {name}) + 1");
    let rows: Option<i64> = query(AssertSqlSafe(range)).fetch_one(connection).await?.try_get(0)?;
    Ok(rows.and_then(|rows| u64::try_from(rows).ok()))
}

/// The range of ids, as far as a sample of them is in use: deletes leave gaps in it, at its beginning or anywhere. Nothing is
/// known where the sample is too empty to tell.
async fn sampled(connection: &mut SqliteConnection, table: &Table) -> Result<Option<u64>, Error> {
    let name = &table.quoted;
    let sample = format!(
        "WITH RECURSIVE ends(low, high) AS (SELECT min(id), max(id) + 1 FROM {name}),
             run(nth) AS (SELECT 0 UNION ALL SELECT nth + 1 FROM run WHERE nth + 1 < {RUNS}),
             part(low, high) AS (SELECT low + (high - low) * nth / {RUNS}, low + (high - low) * (nth + 1) / {RUNS}
                                 FROM run, ends),
             look(low, high, ids) AS (SELECT low, min(high, low + {RUN}), high - low FROM part WHERE high > low),
             seen(rows, share) AS (SELECT (SELECT count(*) FROM {name} r WHERE r.id >= look.low AND r.id < look.high),
                                          1.0 * ids / (high - low) FROM look)
         SELECT round(sum(rows * share)) FROM seen HAVING sum(rows > 0) >= {TELLING}"
    );
    let Some(row) = query(AssertSqlSafe(sample)).fetch_optional(connection).await? else { return Ok(None) };
    let rows: Option<f64> = row.try_get(0)?;
    // More than are counted there are in any case.
    Ok(rows.map(|rows| (rows as u64).max(COUNTED.unsigned_abs() + 1)))
}

async fn count(
    connection: &mut SqliteConnection,
    table: &Table,
    target: &CatalogTarget,
    wanted: &RecordQuery,
) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM ");
    sql.push(&table.quoted).push(" r WHERE ");
    visible(&mut sql, target, wanted.user_id.as_deref(), false);
    if let Some(prefix) = &wanted.prefix {
        begins_with(sql.push(" AND "), &format!("r.{}", table.key), prefix);
    }
    narrowed(&mut sql, &wanted.narrow);
    sql.build().fetch_one(connection).await?.try_get(0)
}
