//! Folders, which keys make by their slashes, read from the index of the keys: one probe an entry, as in PostgreSQL. Where few
//! rows are wanted all are looked at instead.

use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{Error, QueryBuilder, Row};

use super::errors::was_interrupted;
use super::pages::narrowed;
use super::reader::Reader;
use super::table::{COLUMNS, Table, record, visible};
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
    /// How long it is looked for entry by entry.
    pub pace: &'a Pace,
}

/// As many keys in a folder make it a large one: to count them by their index takes a few milliseconds.
const LARGE: i64 = 50_000;

impl Shelves<'_> {
    /// The first key of each of up to `entries` entries.
    pub async fn keys(&self, reader: &mut Reader, entries: usize) -> Result<Vec<String>, Error> {
        if self.query.narrow.is_none() {
            return texts(reader, self.skip_scan("", entries)).await;
        }
        // A probe may pass by most of the table, row by row in the order of keys.
        reader.limit(self.pace.by_entry);
        let found = texts(reader, self.skip_scan("", entries)).await;
        reader.without_limit();
        match found {
            Err(error) if was_interrupted(&error) => {
                let is_large = self.is_large(reader).await?;
                texts(reader, self.all_at_once(entries, is_large)).await
            }
            found => found,
        }
    }

    /// How SQLite finds the keys, in its own words: what tests look at.
    pub async fn explain(&self, connection: &mut SqliteConnection) -> Result<Vec<String>, Error> {
        let rows = self.skip_scan("EXPLAIN QUERY PLAN ", 1).build().fetch_all(connection).await?;
        rows.iter().map(|row| row.try_get("detail")).collect()
    }

    /// Every turn finds the least key behind the entry that the last one found.
    fn skip_scan(&self, before: &str, entries: usize) -> QueryBuilder<Sqlite> {
        let shelf = Shelf::of(self.query);
        let mut sql = QueryBuilder::new(before);
        sql.push("WITH RECURSIVE s(k) AS (SELECT * FROM (");
        self.least(&mut sql, &shelf, "");
        sql.push(" >= ").push_bind(shelf.from.clone()).push(" ORDER BY 1 LIMIT 1) UNION ALL SELECT (");
        self.least(&mut sql, &shelf, "");
        sql.push(" >= CASE instr(substr(s.k, ").push_bind(shelf.length + 1).push("), '/') WHEN 0 THEN s.k || char(1) ");
        sql.push("ELSE substr(s.k, 1, ").push_bind(shelf.length).push(" + instr(substr(s.k, ");
        sql.push_bind(shelf.length + 1).push("), '/') - 1) || '0' END ORDER BY 1 LIMIT 1) ");
        sql.push("FROM s WHERE s.k IS NOT NULL LIMIT ");
        sql.push_bind(i64::try_from(entries).unwrap_or(i64::MAX)).push(") SELECT k FROM s WHERE k IS NOT NULL");
        sql
    }

    /// Whether so many keys are in the folder that the whole table is read sooner than its rows one by one.
    async fn is_large(&self, connection: &mut SqliteConnection) -> Result<bool, Error> {
        let shelf = Shelf::of(self.query);
        let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM ");
        sql.push(&self.table.quoted).push(" r WHERE ");
        self.within(&mut sql, &shelf, "");
        sql.push(" >= ").push_bind(shelf.from.clone()).push(" LIMIT ").push_bind(LARGE).push(")");
        let count: i64 = sql.build().fetch_one(connection).await?.try_get(0)?;
        Ok(count >= LARGE)
    }

    /// The least key of each entry, of all rows that are wanted.
    fn all_at_once(&self, entries: usize, is_large: bool) -> QueryBuilder<Sqlite> {
        let shelf = Shelf::of(self.query);
        let mut sql = QueryBuilder::new("SELECT min(k) FROM (");
        // The plus keeps the key's index out of it, by which rows are read one by one.
        self.least(&mut sql, &shelf, if is_large { "+" } else { "" });
        sql.push(" >= ").push_bind(shelf.from.clone()).push(") GROUP BY CASE instr(substr(k, ");
        sql.push_bind(shelf.length + 1).push("), '/') WHEN 0 THEN k ELSE substr(k, 1, ").push_bind(shelf.length);
        sql.push(" + instr(substr(k, ").push_bind(shelf.length + 1).push("), '/')) END ORDER BY 1 LIMIT ");
        sql.push_bind(i64::try_from(entries).unwrap_or(i64::MAX));
        sql
    }

    /// The records of keys.
    pub async fn records(&self, connection: &mut SqliteConnection, keys: &[String]) -> Result<Vec<Record>, Error> {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS.replace("{key}", self.table.key)).push(" FROM ").push(&self.table.quoted).push(" r WHERE ");
        self.conditions(&mut sql);
        self.table.among_keys(&mut sql, &keys)?;
        sql.build().fetch_all(connection).await?.iter().map(record).collect()
    }

    /// `SELECT` of a key of the folder, up to the comparison with its lower end; `with` stands before keys that are compared.
    fn least(&self, sql: &mut QueryBuilder<Sqlite>, shelf: &Shelf, with: &str) {
        sql.push("SELECT r.").push(self.table.key).push(" AS k FROM ").push(&self.table.quoted).push(" r WHERE ");
        self.conditions(sql);
        sql.push(" AND ");
        self.within(sql, shelf, with);
    }

    /// The folder's keys, up to the comparison with its lower end.
    fn within(&self, sql: &mut QueryBuilder<Sqlite>, shelf: &Shelf, with: &str) {
        let key = self.table.key;
        if let Some(behind) = &shelf.behind {
            sql.push(format!("{with}r.{key} < ")).push_bind(behind.clone()).push(" AND ");
        }
        sql.push(format!("{with}r.{key}"));
    }

    fn conditions(&self, sql: &mut QueryBuilder<Sqlite>) {
        visible(sql, self.target, self.query.user_id.as_deref(), self.table.lacks_user_keys());
        narrowed(sql, &self.query.narrow);
    }
}

/// The first column of a statement's rows.
async fn texts(connection: &mut SqliteConnection, mut sql: QueryBuilder<Sqlite>) -> Result<Vec<String>, Error> {
    sql.build().fetch_all(connection).await?.iter().map(|row| row.try_get(0)).collect()
}
