//! How many rows there are, roughly. SQLite keeps no statistics: small tables are counted, and of big ones the range of ids
//! is known at no cost.

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Error, QueryBuilder, Row, query};

use super::pages::{begins_with, narrowed};
use super::table::{Table, visible};
use crate::catalog::{CatalogTarget, RecordQuery};

/// Tables of up to so many rows are counted.
const COUNTED: i64 = 5_000;

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
        (false, true) => return range(connection, table).await,
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
