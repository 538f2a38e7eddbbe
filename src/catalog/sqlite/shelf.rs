//! Folders, which keys make by their slashes, read from the index of the keys: one probe an entry, as in PostgreSQL.

use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{Error, QueryBuilder, Row};

use super::pages::narrowed;
use super::table::{COLUMNS, Table, record, visible};
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
    pub async fn keys(&self, connection: &mut SqliteConnection, entries: usize) -> Result<Vec<String>, Error> {
        let rows = self.skip_scan("", entries).build().fetch_all(connection).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
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
        self.least(&mut sql, &shelf);
        sql.push(" >= ").push_bind(shelf.from.clone()).push(" ORDER BY 1 LIMIT 1) UNION ALL SELECT (");
        self.least(&mut sql, &shelf);
        sql.push(" >= CASE instr(substr(s.k, ").push_bind(shelf.length + 1).push("), '/') WHEN 0 THEN s.k || char(1) ");
        sql.push("ELSE substr(s.k, 1, ").push_bind(shelf.length).push(" + instr(substr(s.k, ");
        sql.push_bind(shelf.length + 1).push("), '/') - 1) || '0' END ORDER BY 1 LIMIT 1) ");
        sql.push("FROM s WHERE s.k IS NOT NULL LIMIT ");
        sql.push_bind(i64::try_from(entries).unwrap_or(i64::MAX)).push(") SELECT k FROM s WHERE k IS NOT NULL");
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

    /// `SELECT` of a key of the folder, up to the comparison with its lower end.
    fn least(&self, sql: &mut QueryBuilder<Sqlite>, shelf: &Shelf) {
        let key = self.table.key;
        sql.push("SELECT r.").push(key).push(" AS k FROM ").push(&self.table.quoted).push(" r WHERE ");
        self.conditions(sql);
        if let Some(behind) = &shelf.behind {
            sql.push(" AND r.").push(key).push(" < ").push_bind(behind.clone());
        }
        sql.push(" AND r.").push(key);
    }

    fn conditions(&self, sql: &mut QueryBuilder<Sqlite>) {
        visible(sql, self.target, self.query.user_id.as_deref(), self.table.lacks_user_keys());
        narrowed(sql, &self.query.narrow);
    }
}
