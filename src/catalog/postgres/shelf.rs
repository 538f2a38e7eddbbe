//! Folders, which keys make by their slashes, read from the index of the keys' bytes: one probe an entry, because behind a
//! folder's first key comes what is behind the folder.

use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{Error, QueryBuilder, Row, raw_sql};

use super::pages::narrowed;
use super::rows::{COLUMNS, record};
use super::table::{Table, in_bucket, of_user};
use crate::catalog::shelving::Shelf;
use crate::catalog::{CatalogTarget, ShelfQuery};
use crate::domain::Record;

/// What folders are read of.
pub struct Shelves<'a> {
    /// The table.
    pub table: &'a Table,
    /// Whose rows are shown.
    pub target: &'a CatalogTarget,
    /// What is asked.
    pub query: &'a ShelfQuery,
}

impl Shelves<'_> {
    /// The first key of each of up to `entries` entries.
    pub async fn keys(&self, connection: &mut PgConnection, entries: usize) -> Result<Vec<String>, Error> {
        by_index_alone(&mut *connection).await?;
        let mut sql = self.skip_scan("", entries);
        let rows = sql.build().persistent(false).fetch_all(connection).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// The records of keys.
    pub async fn records(&self, connection: &mut PgConnection, keys: Vec<String>) -> Result<Vec<Record>, Error> {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS.replace("{key}", self.table.key)).push(" FROM ").push(&self.table.quoted).push(" r WHERE ");
        self.conditions(&mut sql);
        sql.push(" AND r.").push(self.table.key).push(" = ANY(").push_bind(keys).push(")");
        sql.build().persistent(false).fetch_all(connection).await?.iter().map(record).collect()
    }

    /// How the database finds the keys, in its own words: what tests look at. It does find them, as it shows nothing of a
    /// recursive query's turns otherwise.
    pub async fn explain(&self, connection: &mut PgConnection) -> Result<Vec<String>, Error> {
        by_index_alone(&mut *connection).await?;
        let mut sql = self.skip_scan("EXPLAIN (ANALYZE, TIMING OFF) ", self.query.limit as usize);
        let rows = sql.build().persistent(false).fetch_all(connection).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// Every turn finds the least key behind the entry that the last one found.
    fn skip_scan(&self, before: &str, entries: usize) -> QueryBuilder<Postgres> {
        let shelf = Shelf::of(self.query);
        let mut sql = QueryBuilder::new(before);
        sql.push("WITH RECURSIVE s AS ((");
        self.least(&mut sql, &shelf);
        sql.push(" AND ").push(self.key()).push(" >= ").push_bind(shelf.from.clone());
        sql.push(" ORDER BY 1 LIMIT 1) UNION ALL SELECT (");
        self.least(&mut sql, &shelf);
        sql.push(" AND ").push(self.key()).push(" >= CASE WHEN strpos(substr(s.k, ").push_bind(shelf.length + 1);
        sql.push("), '/') > 0 THEN ").push_bind(shelf.prefix.clone()).push(" || split_part(substr(s.k, ");
        sql.push_bind(shelf.length + 1).push("), '/', 1) || '0' ELSE s.k || chr(1) END ORDER BY 1 LIMIT 1) ");
        sql.push("FROM s WHERE s.k IS NOT NULL) SELECT k FROM s WHERE k IS NOT NULL LIMIT ");
        sql.push_bind(i64::try_from(entries).unwrap_or(i64::MAX));
        sql
    }

    /// `SELECT` of a key of the folder, without its lower end and its order.
    fn least(&self, sql: &mut QueryBuilder<Postgres>, shelf: &Shelf) {
        sql.push("SELECT ").push(self.key()).push(" AS k FROM ").push(&self.table.quoted).push(" r WHERE ");
        self.conditions(sql);
        if let Some(behind) = &shelf.behind {
            sql.push(" AND ").push(self.key()).push(" < ").push_bind(behind.clone());
        }
    }

    fn conditions(&self, sql: &mut QueryBuilder<Postgres>) {
        in_bucket(sql, self.target);
        of_user(sql, self.query.user_id.as_deref());
        narrowed(sql, &self.query.narrow);
    }

    fn key(&self) -> String {
        format!("r.{} COLLATE \"C\"", self.table.key)
    }
}

/// Of a table without statistics, or with few rows of this bucket, the planner thinks that it would rather sort a range of
/// keys than walk to the first one that counts, and does so for every entry: 4.5 s for a thousand folders instead of 5 ms.
async fn by_index_alone(connection: &mut PgConnection) -> Result<(), Error> {
    let sql = "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off";
    raw_sql(sql).execute(connection).await.map(drop)
}
