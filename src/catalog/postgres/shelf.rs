//! Folders, which keys make by their slashes, read from the index of the keys' bytes: one probe an entry, because behind a
//! folder's first key comes what is behind the folder. Where few rows are wanted all are looked at instead.

use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Error, QueryBuilder, Row, query, raw_sql};

use super::errors::took_too_long;
use super::pages::narrowed;
use super::rows::{COLUMNS, record};
use super::search::limit_time;
use super::table::{Table, in_bucket, of_user};
use crate::catalog::shelving::Shelf;
use crate::catalog::{CatalogTarget, Pace, ShelfQuery};
use crate::domain::Record;

/// What folders are read of.
pub struct Shelves<'a> {
    /// The table.
    pub table: &'a Table,
    /// Whose rows are shown.
    pub target: &'a CatalogTarget,
    /// What is asked.
    pub query: &'a ShelfQuery,
    /// How long the server may take.
    pub pace: &'a Pace,
    /// Whether all rows may be looked at where few are wanted: the folder is narrowed, and its table known to be small enough.
    pub may_be_read_whole: bool,
}

/// Of the table `t.oid` and the column `$2`: whether an index that knows all rows has the keys in the order of their bytes,
/// by themselves or, where `$3`, behind the user.
const ORDERED: &str = "EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree' \
         JOIN pg_collation b ON b.collname = 'C' AND b.collnamespace = 'pg_catalog'::regnamespace \
         JOIN pg_attribute k ON k.attrelid = t.oid AND k.attname = $2 \
         JOIN pg_attribute u ON u.attrelid = t.oid AND u.attname = 'user_id' \
     WHERE i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL \
         AND (i.indkey[0] = k.attnum AND i.indcollation[0] = b.oid \
             OR $3 AND i.indkey[0] = u.attnum AND i.indkey[1] = k.attnum AND i.indcollation[1] = b.oid))";

impl Shelves<'_> {
    /// Whether an index has the keys in the order of their bytes, or there is no table at all. One that goes by a language
    /// has not; without any the whole table would be read for every entry.
    pub async fn can_be_read(&self, connection: &mut PgConnection) -> Result<bool, Error> {
        let sql = format!("SELECT t.oid IS NULL OR {ORDERED} FROM (SELECT to_regclass($1)::oid AS oid) t");
        let asked = query(AssertSqlSafe(sql)).bind(&self.table.quoted).bind(self.table.key);
        asked.bind(self.query.user_id.is_some()).persistent(false).fetch_one(connection).await?.try_get(0)
    }

    /// The first key of each of up to `entries` entries, and the records of those that are entries by themselves.
    pub async fn read(
        &self,
        connection: &mut PgConnection,
        shelf: &Shelf,
        entries: usize,
    ) -> Result<(Vec<String>, Vec<Record>), Error> {
        let keys = self.first_column(&mut *connection, "", entries).await?;
        let leaves = shelf.leaves(&keys);
        let records = if leaves.is_empty() { Vec::new() } else { self.records(connection, &leaves).await? };
        Ok((keys, records))
    }

    /// What finds the keys, or how. Of a narrowed folder a probe may pass by most of the table, row by row in the order of
    /// keys; whether it does nobody knows before, and all rows of a table that is not too large are read ten times as fast.
    async fn first_column(
        &self,
        connection: &mut PgConnection,
        before: &str,
        entries: usize,
    ) -> Result<Vec<String>, Error> {
        let probes = self.skip_scan(before, entries);
        if !self.may_be_read_whole {
            limit_time(&mut *connection, self.pace.patience, BY_INDEX_ALONE).await?;
            return texts(connection, probes).await;
        }
        let begin = format!("SAVEPOINT by_entry; {BY_INDEX_ALONE}");
        limit_time(&mut *connection, self.pace.by_entry, &begin).await?;
        let found = texts(&mut *connection, probes).await;
        if !found.as_ref().is_err_and(took_too_long) {
            let found = found?;
            let again = format!("{NO_LONGER_BY_ENTRY}; {BY_INDEX_ALONE}");
            limit_time(connection, self.pace.patience, &again).await?;
            return Ok(found);
        }
        limit_time(&mut *connection, self.pace.patience, NO_LONGER_BY_ENTRY).await?;
        let found = texts(&mut *connection, self.all_at_once(before, entries)).await?;
        raw_sql(BY_INDEX_ALONE).execute(connection).await?;
        Ok(found)
    }

    async fn records(&self, connection: &mut PgConnection, keys: &[String]) -> Result<Vec<Record>, Error> {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS.replace("{key}", self.table.key)).push(" FROM ").push(&self.table.quoted).push(" r WHERE ");
        self.conditions(&mut sql);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        self.table.among_keys(sql.push(" AND "), &keys);
        sql.build().persistent(false).fetch_all(connection).await?.iter().map(record).collect()
    }

    /// How the database finds the keys, in its own words: what tests look at. It does find them, as it shows nothing of a
    /// recursive query's turns otherwise.
    pub async fn explain(&self, connection: &mut PgConnection) -> Result<Vec<String>, Error> {
        self.first_column(connection, "EXPLAIN (ANALYZE, TIMING OFF) ", self.query.limit as usize).await
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

    /// The least key of each entry, of all rows that are wanted.
    fn all_at_once(&self, before: &str, entries: usize) -> QueryBuilder<Postgres> {
        let shelf = Shelf::of(self.query);
        let mut sql = QueryBuilder::new(before);
        sql.push("SELECT min(k) FROM (");
        self.least(&mut sql, &shelf);
        sql.push(" AND ").push(self.key()).push(" >= ").push_bind(shelf.from.clone());
        sql.push(") r GROUP BY split_part(substr(k, ").push_bind(shelf.length + 1).push("), '/', 1), ");
        // A file and a folder may have the same name.
        sql.push("strpos(substr(k, ").push_bind(shelf.length + 1).push("), '/') > 0 ORDER BY 1 LIMIT ");
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

/// Takes back what was set for looking entry by entry.
const NO_LONGER_BY_ENTRY: &str = "ROLLBACK TO SAVEPOINT by_entry";

/// The first column of a statement's rows.
async fn texts(connection: &mut PgConnection, mut sql: QueryBuilder<Postgres>) -> Result<Vec<String>, Error> {
    let rows = sql.build().persistent(false).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Of a table without statistics, or with few rows of this bucket, the planner thinks that it would rather sort a range of
/// keys than walk to the first one that counts, and does so for every entry: 4.5 s for a thousand folders instead of 5 ms.
const BY_INDEX_ALONE: &str =
    "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off";
