//! The catalog: the table of files that an app written from one of the guides shares with Windlass (DESIGN.md section
//! 5). One trait, two databases; SQL and the drivers' errors stay inside this module.

mod needle;
mod order;
mod pace;
pub mod postgres;
mod ranges;
pub mod read_only;
pub mod rules;
mod shelving;
pub mod sqlite;
mod steps;
mod target;

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;

use crate::config::{CatalogConfig, Profile, ReadOnly};
use crate::domain::capability::Reason;
use crate::domain::{
    Failure, FailureKind, Narrow, NewRecord, Record, RecordCursor, RecordPage, Result, RowSecurity, ShelfPage, Sort,
};

pub use pace::Pace;
pub use steps::in_words;
pub use target::CatalogTarget;

/// The catalog of a profile, read-only where the profile is. No IO happens here: the first call connects.
///
/// # Errors
/// `Usage` for a `database_url` that cannot be read.
pub fn open(profile: &Profile) -> Result<Arc<dyn Catalog>> {
    let target = CatalogTarget::from(profile);
    let catalog: Arc<dyn Catalog> = match &target.config {
        CatalogConfig::Postgres { .. } => Arc::new(postgres::PostgresCatalog::new(target)?),
        CatalogConfig::Sqlite(_) => Arc::new(sqlite::SqliteCatalog::new(target)?),
    };
    Ok(if profile.read_only { Arc::new(read_only::ReadOnlyCatalog(catalog, ReadOnly::of(profile))) } else { catalog })
}

/// What to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// Only this user's records; `None` reads everyone's.
    pub user_id: Option<String>,
    /// Only keys that begin with it.
    pub prefix: Option<String>,
    /// Where the last page ended.
    pub after: Option<RecordCursor>,
    /// Rows a page.
    pub limit: u32,
    /// The order; what it goes by may be NULL, and comes last then.
    pub order: Sort,
    /// Only keys that have this in them, whatever the case of their letters; empty is nothing asked. SQLite knows the case
    /// of ASCII letters only.
    pub search: Option<String>,
    /// Only records of this type, size and age.
    pub narrow: Narrow,
}

/// What to read of a folder, which keys make by their slashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShelfQuery {
    /// Only what this user's records make; `None` looks at everyone's.
    pub user_id: Option<String>,
    /// The folder, with its slash; empty is the top.
    pub prefix: String,
    /// What the last page's `next` said.
    pub after: Option<String>,
    /// Folders and records a page.
    pub limit: u32,
    /// Only records of this type, size and age, and folders that have some.
    pub narrow: Narrow,
}

/// How the table stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogStatus {
    /// What it is, for people: `PostgreSQL 15.18 at host/db, table public.r2_files`. No password, no user.
    pub place: String,
    /// Whether the table is there at all.
    pub table_exists: bool,
    /// Names of the migrations that are in force.
    pub applied: Vec<String>,
    /// Names of those that are not, and can be.
    pub pending: Vec<String>,
    /// Why a search has no index to go by; `None` where it has one, or where the database knows none of the kind.
    pub unindexed: Option<Reason>,
}

impl CatalogStatus {
    /// What those would make, for people: `columns and indexes`.
    pub fn lacks(&self) -> String {
        steps::in_words(&self.pending)
    }
}

/// Whether a pooler stands before the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pooled {
    /// None that the address tells of.
    No,
    /// One whose server is known.
    Through {
        /// The server's host, where migrations go.
        direct: String,
        /// Whether it answers.
        answers: Result<()>,
    },
}

/// A profile's table. Every call is one short transaction, safe to repeat, and answers `CatalogAway` for "not now"
/// (connection lost, 57P0x, 53xxx, 40xxx), `NeedsMigration` for a missing table or column, else `CatalogRefused`.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Table and pending migrations.
    async fn status(&self) -> Result<CatalogStatus>;

    /// Makes or extends the table; answers the names of the steps that were applied now, none the second time.
    async fn migrate(&self) -> Result<Vec<String>>;

    /// Whether the database itself keeps users' rows apart, for whoever this profile connects as.
    async fn row_security(&self) -> Result<RowSecurity> {
        Ok(RowSecurity::Unknown)
    }

    /// Whether a pooler stands before the database, and what is behind it answers.
    async fn pooled(&self) -> Pooled {
        Pooled::No
    }

    /// The SQL that makes the database keep users' rows apart, to be run by the table's owner.
    ///
    /// # Errors
    /// `Unsupported` where the database has no row-level security.
    fn policy(&self) -> Result<String> {
        let what = "this profile's catalog is in SQLite, which has no row-level security";
        Err(Failure::new(FailureKind::Unsupported, what).hint("use a PostgreSQL database_url"))
    }

    /// One page in the query's order, NULLs last, then by `id` the same way, of one type from the least on: read from where
    /// the last one ended, never by OFFSET. Rows of other buckets are left out; a NULL bucket is the profile's first. A search
    /// whose hits no index finds looks at a bounded number of rows a page, so that its first hits come soon; such a page may
    /// have fewer rows than were asked for. `Busy` where the server has looked long enough.
    async fn page(&self, query: &RecordQuery) -> Result<RecordPage>;

    /// How many rows the query's user, prefix and narrowing leave, roughly and at no cost; of the search nothing can be
    /// known. `None` where the database has no idea.
    async fn estimate(&self, query: &RecordQuery) -> Result<Option<u64>>;

    /// One page of a folder, by the bytes of its keys: a folder costs as much whatever is in it. `NeedsMigration` where no
    /// index has the keys in that order, `Busy` where the server has looked long enough.
    async fn shelf(&self, query: &ShelfQuery) -> Result<ShelfPage>;

    /// The record of a key, where `user_id` (all users: `None`) can see it.
    async fn find(&self, key: &str, user_id: Option<&str>) -> Result<Option<Record>>;

    /// Whether a record of that key could be written for the user: `Conflict` where a row of another user or bucket
    /// holds it. Asked before the first byte is sent.
    async fn check(&self, key: &str, user_id: &str) -> Result<()>;

    /// Of these keys those whose record `user_id` (all users: `None`) can see.
    async fn known(&self, keys: &[String], user_id: Option<&str>) -> Result<HashSet<String>> {
        let mut known = HashSet::new();
        for key in keys {
            if self.find(key, user_id).await?.is_some() {
                known.insert(key.clone());
            }
        }
        Ok(known)
    }

    /// [`check`](Self::check) for many keys at once; answers those whose record could not be written, with why: also those
    /// that no database can hold. An error concerns them all.
    async fn check_many(&self, keys: &[String], user_id: &str) -> Result<Vec<(String, Failure)>> {
        let mut refused = Vec::new();
        for key in keys {
            match self.check(key, user_id).await {
                Err(failure) if failure.kind == FailureKind::Conflict => refused.push((key.clone(), failure)),
                answer => answer?,
            }
        }
        Ok(refused)
    }

    /// Writes records in one statement, an idempotent upsert. On a row that somebody else's app wrote only Windlass's
    /// own columns change, and `upload_timestamp` where the object is another one since (DESIGN.md section 5,
    /// [`Origin`](crate::domain::Origin)). `Conflict` names the key it could not write.
    async fn record(&self, records: &[NewRecord]) -> Result<()>;

    /// Removes the records of these keys that the user (all users: `None`) can see; answers how many went.
    async fn forget(&self, keys: &[String], user_id: Option<&str>) -> Result<u64>;
}
