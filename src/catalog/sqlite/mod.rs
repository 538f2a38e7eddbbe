//! The catalog in a SQLite file: what a profile has that names no database. The same table as in PostgreSQL, made and
//! brought up to date when it is first used; several profiles and processes may share a file.

mod errors;
mod estimate;
mod open;
mod pages;
mod reader;
mod shelf;
mod table;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use async_trait::async_trait;
use sqlx::Error;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteTransaction};
use tokio::sync::OnceCell;

use super::needle::Needle;
use super::order::{stretches, stretches_apart};
use super::shelving::Shelf;
use super::steps::{Makes, SQLITE};
use super::{Catalog, CatalogStatus, CatalogTarget, Pace, RecordQuery, ShelfQuery, rules};
use crate::config::CatalogConfig;
use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind, NewRecord, Record, RecordPage, Result, ShelfPage};
use pages::Pages;
use reader::Reader;
use shelf::Shelves;
use table::Table;

/// A profile's table in a SQLite file.
pub struct SqliteCatalog {
    target: CatalogTarget,
    path: PathBuf,
    table: Table,
    pace: Pace,
    pool: OnceCell<SqlitePool>,
    migrated: OnceCell<()>,
}

impl SqliteCatalog {
    /// Opens nothing yet.
    ///
    /// # Errors
    /// `Usage` for a target whose database is not SQLite.
    pub fn new(target: CatalogTarget) -> Result<Self> {
        let CatalogConfig::Sqlite(path) = &target.config else {
            return Err(Failure::new(FailureKind::Usage, "the profile's catalog is not in SQLite"));
        };
        let (path, table) = (path.clone(), Table::new(&target));
        Ok(Self { path, table, target, pace: Pace::default(), pool: OnceCell::new(), migrated: OnceCell::new() })
    }

    /// The same, whose searches go by another pace; for measuring. There is no server that could go on by itself, so that
    /// the patience counts for nothing.
    pub fn pacing(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// How SQLite reads a folder, in its own words; for measuring.
    ///
    /// # Errors
    /// As for [`Catalog::shelf`].
    pub async fn explain_shelf(&self, query: &ShelfQuery) -> Result<Vec<String>> {
        let mut connection = self.reader().await?;
        let shelves = Shelves { table: &self.table, target: &self.target, query, pace: &self.pace };
        shelves.explain(&mut connection).await.map_err(|error| self.failure(&error))
    }

    /// The open file, its table possibly not there or old.
    async fn pool(&self) -> Result<&SqlitePool> {
        self.pool.get_or_try_init(|| open::open(&self.path)).await
    }

    /// The open file with its table up to date.
    async fn ready(&self) -> Result<&SqlitePool> {
        // Asked before the file is opened, which makes it.
        let untouchable = self.target.read_only && self.path.exists();
        let pool = self.pool().await?;
        let bring_up_to_date = async || {
            if untouchable { self.demand_table(pool).await } else { self.migrate_in(pool).await.map(drop) }
        };
        self.migrated.get_or_try_init(bring_up_to_date).await?;
        Ok(pool)
    }

    async fn migrate_in(&self, pool: &SqlitePool) -> Result<Vec<String>> {
        open::migrate(pool, &self.target, &self.table).await.map_err(|error| self.failure(&error))
    }

    /// A read-only profile does not extend a table that somebody else made, and can do without its indexes.
    async fn demand_table(&self, pool: &SqlitePool) -> Result<()> {
        let found = async { open::inventory(&mut *pool.acquire().await?, &self.table).await }.await;
        let found = found.map_err(|error| self.failure(&error))?;
        let mut missing = SQLITE.iter().filter(|step| !found.holds(step, self.table.name)).peekable();
        if missing.peek().is_some() {
            self.table.do_without_user_keys();
        }
        if missing.all(|step| matches!(step.makes, Makes::Index(_))) {
            return Ok(());
        }
        let what = format!("the table {} in {} lacks columns of Windlass", self.table.name, display_path(&self.path));
        Err(Failure::new(FailureKind::NeedsMigration, what)
            .hint("run windlass catalog migrate without read_only, which only adds columns"))
    }

    async fn status_in(&self, pool: &SqlitePool) -> Result<CatalogStatus> {
        let found = async { open::inventory(&mut *pool.acquire().await?, &self.table).await }.await;
        let found = found.map_err(|error| self.failure(&error))?;
        let (applied, pending) = found.divide(&SQLITE, self.table.name);
        let place = format!("SQLite file {}, table {}", display_path(&self.path), self.table.name);
        Ok(CatalogStatus { place, table_exists: found.table_exists, applied, pending, unindexed: None })
    }

    async fn reader(&self) -> Result<Reader> {
        Reader::new(self.ready().await?).await.map_err(|error| self.failure(&error))
    }

    /// A transaction that waits for its turn to write at the start, where waiting is safe.
    async fn writer(&self) -> Result<SqliteTransaction<'static>> {
        self.ready().await?.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.failure(&error))
    }

    /// How many rows a page of a search looks at, at most.
    async fn step(&self, connection: &mut SqliteConnection, query: &RecordQuery) -> Result<Option<u32>, Error> {
        let rows = match &query.after {
            None => None,
            Some(_) => Some(estimate::range(connection, &self.table).await?.unwrap_or(0)),
        };
        Ok(self.pace.step(query, rows))
    }

    fn failure(&self, error: &Error) -> Failure {
        errors::failure(error, &self.path)
    }

    /// Why a batch could not be written: the first of its keys that another row holds.
    async fn why_not(&self, transaction: &mut SqliteTransaction<'static>, batch: &[&NewRecord]) -> Failure {
        let keys: Vec<&str> = batch.iter().map(|new| new.key.as_str()).collect();
        let holders = match self.table.holders(transaction, &keys).await {
            Err(error) => return self.failure(&error),
            Ok(holders) => holders,
        };
        let refused = |new: &&NewRecord| {
            let holder = holders.get(&new.key)?;
            rules::may_write(&self.target, holder, &new.key, &new.user_id, &new.bucket).err()
        };
        let unexpected = || Failure::new(FailureKind::Internal, "the catalog left out a record and does not say why");
        batch.iter().find_map(refused).unwrap_or_else(unexpected)
    }
}

#[async_trait]
impl Catalog for SqliteCatalog {
    async fn status(&self) -> Result<CatalogStatus> {
        if !self.target.read_only {
            self.ready().await?;
        }
        self.status_in(self.pool().await?).await
    }

    async fn migrate(&self) -> Result<Vec<String>> {
        self.migrate_in(self.pool().await?).await
    }

    async fn page(&self, query: &RecordQuery) -> Result<RecordPage> {
        let (limit, needle) = (query.limit.max(1), Needle::of(query.search.as_deref()));
        if needle.as_ref().is_some_and(|needle| !needle.can_be()) {
            return Ok(RecordPage::default());
        }
        let mut connection = self.reader().await?;
        let step = match &needle {
            None => None,
            Some(_) => self.step(&mut connection, query).await.map_err(|error| self.failure(&error))?,
        };
        let divide = if step.is_some() { stretches_apart } else { stretches };
        let stretches = divide(query.order, query.after.as_ref())?;
        let pages = Pages { table: &self.table, target: &self.target, query, needle };
        let found = pages.read(&mut connection, &stretches, limit as usize + 1, step).await;
        let (records, edge) = found.map_err(|error| self.failure(&error))?;
        Ok(rules::page_of_step(records, limit, query.order, edge.zip(step.map(u64::from))))
    }

    async fn estimate(&self, query: &RecordQuery) -> Result<Option<u64>> {
        let mut connection = self.reader().await?;
        let rows = estimate::estimate(&mut connection, &self.table, &self.target, query).await;
        rows.map_err(|error| self.failure(&error))
    }

    async fn shelf(&self, query: &ShelfQuery) -> Result<ShelfPage> {
        let (limit, shelf) = (query.limit.max(1) as usize, Shelf::of(query));
        let mut connection = self.reader().await?;
        let shelves = Shelves { table: &self.table, target: &self.target, query, pace: &self.pace };
        let keys = shelves.keys(&mut connection, limit + 1).await.map_err(|error| self.failure(&error))?;
        let leaves = shelf.leaves(&keys);
        let records = shelves.records(&mut connection, &leaves).await.map_err(|error| self.failure(&error))?;
        Ok(shelf.page(keys, limit, records))
    }

    async fn find(&self, key: &str, user_id: Option<&str>) -> Result<Option<Record>> {
        let mut connection = self.reader().await?;
        self.table.find(&mut connection, &self.target, key, user_id).await.map_err(|error| self.failure(&error))
    }

    async fn check(&self, key: &str, user_id: &str) -> Result<()> {
        let refused = self.check_many(&[key.to_owned()], user_id).await?.pop();
        refused.map_or(Ok(()), |(_, failure)| Err(failure))
    }

    async fn known(&self, keys: &[String], user_id: Option<&str>) -> Result<HashSet<String>> {
        let keys = rules::only_storable(keys);
        let mut connection = self.reader().await?;
        let known = self.table.known(&mut connection, &self.target, &keys, user_id).await;
        known.map_err(|error| self.failure(&error))
    }

    async fn check_many(&self, keys: &[String], user_id: &str) -> Result<Vec<(String, Failure)>> {
        let storable = rules::only_storable(keys);
        let mut holders = HashMap::new();
        if !storable.is_empty() {
            let mut connection = self.reader().await?;
            let found = self.table.holders(&mut connection, &storable).await;
            holders = found.map_err(|error| self.failure(&error))?;
        }
        Ok(rules::refused(&self.target, keys, user_id, &holders))
    }

    async fn record(&self, records: &[NewRecord]) -> Result<()> {
        let batch = rules::batch(records)?;
        let mut transaction = self.writer().await?;
        let written = self.table.upsert(&mut transaction, &self.target, &batch).await;
        if written.map_err(|error| self.failure(&error))? < batch.len() as u64 {
            // All or nothing: the transaction is dropped, which takes the others back.
            return Err(self.why_not(&mut transaction, &batch).await);
        }
        transaction.commit().await.map_err(|error| self.failure(&error))
    }

    async fn forget(&self, keys: &[String], user_id: Option<&str>) -> Result<u64> {
        let keys = rules::only_storable(keys);
        let mut transaction = self.writer().await?;
        let gone = self.table.delete(&mut transaction, &self.target, &keys, user_id).await;
        let gone = gone.map_err(|error| self.failure(&error))?;
        transaction.commit().await.map_err(|error| self.failure(&error))?;
        Ok(gone)
    }
}
