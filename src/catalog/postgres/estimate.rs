//! How many rows there are, roughly: what the statistics know, or what the planner makes of them. Nothing is counted but
//! small tables.

use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Error, QueryBuilder, Row, query};

use super::pages::{begins_with, narrowed};
use super::table::{Table, in_bucket, of_user};
use crate::catalog::{CatalogTarget, RecordQuery};

/// Tables of up to so many rows are counted: that costs less than a millisecond.
const COUNTED: i64 = 5_000;

/// The query's rows, roughly, whatever it searches for.
pub async fn estimate(
    connection: &mut PgConnection,
    table: &Table,
    target: &CatalogTarget,
    wanted: &RecordQuery,
) -> Result<Option<u64>, Error> {
    let everything = wanted.user_id.is_none() && wanted.prefix.is_none() && wanted.narrow.is_none();
    let rows = match of_the_table(&mut *connection, table).await? {
        Rows::NoTable => return Ok(None),
        rows if everything => return Ok(rows.known()),
        rows => rows,
    };
    if matches!(rows, Rows::Few(_)) {
        let mut count = select("SELECT count(*) ", table, target, wanted);
        let counted: i64 = count.build().persistent(false).fetch_one(connection).await?.try_get(0)?;
        return Ok(u64::try_from(counted).ok());
    }
    let mut plan = select("EXPLAIN (FORMAT JSON) SELECT ", table, target, wanted);
    let row = plan.build().persistent(false).fetch_one(connection).await?;
    Ok(planned(&row.try_get_unchecked::<String, _>(0)?))
}

/// What is known of the table's size.
enum Rows {
    NoTable,
    /// Counted.
    Few(i64),
    /// The statistics' number; `None` where there is none yet.
    Many(Option<i64>),
}

impl Rows {
    fn known(self) -> Option<u64> {
        match self {
            Self::NoTable => None,
            Self::Few(rows) => u64::try_from(rows).ok(),
            Self::Many(rows) => rows.and_then(|rows| u64::try_from(rows).ok()),
        }
    }
}

/// The statistics' number of rows; small tables, of which statistics know little, are counted.
async fn of_the_table(connection: &mut PgConnection, table: &Table) -> Result<Rows, Error> {
    let known = "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass($1)";
    let row = query(known).bind(&table.quoted).persistent(false).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(Rows::NoTable) };
    let known: i64 = row.try_get(0)?;
    if known > COUNTED {
        return Ok(Rows::Many(Some(known)));
    }
    let count = format!("SELECT count(*) FROM (SELECT FROM {} LIMIT $1) r", table.quoted);
    let row = query(AssertSqlSafe(count)).bind(COUNTED + 1).persistent(false).fetch_one(connection).await?;
    let counted: i64 = row.try_get(0)?;
    Ok(if counted > COUNTED { Rows::Many(None) } else { Rows::Few(counted) })
}

fn select(before: &str, table: &Table, target: &CatalogTarget, wanted: &RecordQuery) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(before);
    sql.push("FROM ").push(&table.quoted).push(" r WHERE ");
    in_bucket(&mut sql, target);
    of_user(&mut sql, wanted.user_id.as_deref());
    if let Some(prefix) = &wanted.prefix {
        begins_with(&mut sql, table, prefix);
    }
    narrowed(&mut sql, &wanted.narrow);
    sql
}

/// The rows that a plan expects (PostgreSQL manual, "EXPLAIN": `Plan Rows` of the topmost node).
fn planned(plan: &str) -> Option<u64> {
    let plan: serde_json::Value = serde_json::from_str(plan).ok()?;
    plan.get(0)?.get("Plan")?.get("Plan Rows")?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topmost_node_tells_the_rows() {
        let plan = r#"[{"Plan": {"Node Type": "Gather", "Plan Rows": 1204, "Plans": [{"Plan Rows": 501}]}}]"#;
        assert_eq!((planned(plan), planned("[]"), planned("")), (Some(1204), None, None));
    }
}
