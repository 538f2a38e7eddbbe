//! The catalog in PostgreSQL: Neon in the first place, any other server too. Connects when first asked, and speaks in
//! short transactions without named statements, so that direct and pooled addresses work alike.

mod errors;
mod estimate;
mod migrate;
mod options;
mod pages;
mod pool;
mod rls;
mod rows;
mod search;
mod shelf;
mod table;
mod trigrams;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Error, Row, query};

use super::needle::Needle;
use super::order::stretches;
use super::shelving::Shelf;
use super::{Catalog, CatalogStatus, CatalogTarget, Pace, Pooled, RecordQuery, ShelfQuery, rules};
use crate::config::CatalogConfig;
use crate::domain::capability::Reason;
use crate::domain::{Failure, FailureKind, NewRecord, Record, RecordPage, Result, RowSecurity, ShelfPage};
use migrate::Stopped;
use options::{Address, Place};
use pages::Pages;
use pool::{Access, Pool, Session, within};
use search::{Known, Way};
use shelf::Shelves;
use table::Table;
use trigrams::Means;

/// A profile's table in PostgreSQL.
pub struct PostgresCatalog {
    target: CatalogTarget,
    rls_setting: Option<String>,
    pool: Pool,
    place: Place,
    table: Table,
    known: Known,
    pace: Pace,
}

impl PostgresCatalog {
    /// Reads the connection URL; connects later.
    ///
    /// # Errors
    /// `Usage` for a URL that cannot be read, or a target whose database is not PostgreSQL.
    pub fn new(target: CatalogTarget) -> Result<Self> {
        let CatalogConfig::Postgres { url, tls, schema, rls_setting } = &target.config else {
            return Err(Failure::new(FailureKind::Usage, "the profile's catalog is not in PostgreSQL"));
        };
        let Address { options, direct, place } = options::connect_options(&target, url.expose(), *tls)?;
        let table = Table::new(&target, schema);
        let (rls_setting, pool) = (rls_setting.clone(), Pool::new(options, direct));
        Ok(Self { rls_setting, pool, place, table, target, known: Known::default(), pace: Pace::default() })
    }

    /// The same, whose connections are closed after that long without use; for measuring.
    pub fn resting_for(self, rest: Duration) -> Self {
        Self { pool: self.pool.resting_for(rest), ..self }
    }

    /// The same, whose searches and folders go by another pace; for measuring.
    pub fn pacing(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// How the database would read a page, in its own words (`EXPLAIN`); for measuring.
    ///
    /// # Errors
    /// As for [`Catalog::page`].
    pub async fn explain(&self, query: &RecordQuery) -> Result<Vec<String>> {
        let mut session = self.begin(query.user_id.as_deref()).await?;
        let way = match Needle::of(query.search.as_deref()) {
            None => None,
            Some(needle) => Some(self.way(&mut session, query, needle).await?),
        };
        let (stretches, step) = match &way {
            None => (stretches(query.order, query.after.as_ref())?, None),
            Some(way) => (way.stretches.clone(), way.step),
        };
        let plan = self.pages(query, way.as_ref()).explain(session.connection(), &stretches, step).await;
        self.end(session, plan).await
    }

    /// How the database reads a folder, in its own words; for measuring.
    ///
    /// # Errors
    /// As for [`Catalog::shelf`].
    pub async fn explain_shelf(&self, query: &ShelfQuery) -> Result<Vec<String>> {
        let mut session = self.begin(query.user_id.as_deref()).await?;
        let shelves = self.shelves(&mut session, query).await?;
        let plan = shelves.explain(session.connection()).await;
        self.end(session, plan).await
    }

    fn pages<'a>(&'a self, query: &'a RecordQuery, way: Option<&Way>) -> Pages<'a> {
        Pages { table: &self.table, target: &self.target, query, search: way.map(|way| way.search.clone()) }
    }

    async fn shelves<'a>(&'a self, session: &mut Session, query: &'a ShelfQuery) -> Result<Shelves<'a>> {
        let rows = match query.narrow.is_none() {
            true => None,
            false => self.means(session).await?.0.rows,
        };
        let may_be_read_whole = rows.is_some_and(|rows| rows <= self.pace.at_once);
        Ok(Shelves { table: &self.table, target: &self.target, query, pace: &self.pace, may_be_read_whole })
    }

    async fn means(&self, session: &mut Session) -> Result<(Means, Option<Reason>)> {
        let known = within(self.known.get(session.connection(), &self.table)).await;
        known.map_err(|error| self.failure(&error))
    }

    /// A page of everything.
    async fn list(&self, query: &RecordQuery) -> Result<RecordPage> {
        let (limit, stretches) = (query.limit.max(1), stretches(query.order, query.after.as_ref())?);
        let mut session = self.begin(query.user_id.as_deref()).await?;
        let pages = self.pages(query, None);
        let found = within(pages.read(session.connection(), &stretches, limit as usize + 1, None)).await;
        let (records, _) = self.end(session, found).await?;
        Ok(rules::page(records, limit, query.order))
    }

    /// How a search is read.
    async fn way(&self, session: &mut Session, query: &RecordQuery, needle: Needle) -> Result<Way> {
        let (means, reason) = self.means(session).await?;
        Way::new(&self.pace, query, needle, means, reason)
    }

    /// A page of what is searched for.
    async fn search(&self, query: &RecordQuery, needle: Needle) -> Result<RecordPage> {
        let limit = query.limit.max(1);
        let mut session = self.begin(query.user_id.as_deref()).await?;
        let way = self.way(&mut session, query, needle).await?;
        let pages = self.pages(query, Some(&way));
        let read = async {
            if way.unindexed.is_some() {
                search::limit_time(session.connection(), self.pace.patience, "").await?;
            }
            pages.read(session.connection(), &way.stretches, limit as usize + 1, way.step).await
        };
        let found = within(read).await;
        if let (Err(error), Some(why)) = (&found, way.unindexed)
            && errors::took_too_long(error)
        {
            return Err(errors::too_large(&self.table.shown, why));
        }
        let (records, edge) = self.end(session, found).await?;
        let edge = edge.zip(way.step.map(u64::from));
        Ok(RecordPage { unindexed: way.unindexed, ..rules::page_of_step(records, limit, query.order, edge) })
    }

    /// A transaction in which the database knows who asks: the user of the call, else the profile's.
    async fn begin(&self, user_id: Option<&str>) -> Result<Session> {
        self.begin_with(user_id, Access::Any).await
    }

    /// The same for statements that have lists of keys.
    async fn begin_by_keys(&self, user_id: Option<&str>) -> Result<Session> {
        self.begin_with(user_id, Access::ByKeys).await
    }

    async fn begin_with(&self, user_id: Option<&str>, access: Access) -> Result<Session> {
        let user = user_id.or(self.target.user_id.as_deref());
        let identity = self.rls_setting.as_deref().zip(user);
        self.pool.begin(identity, access).await.map_err(|error| self.failure(&error))
    }

    /// Commits what went well; anything else is taken back by closing the connection.
    async fn end<T>(&self, session: Session, outcome: Result<T, Error>) -> Result<T> {
        let answer = outcome.map_err(|error| self.failure(&error))?;
        session.commit().await.map_err(|error| self.failure(&error))?;
        Ok(answer)
    }

    fn failure(&self, error: &Error) -> Failure {
        errors::failure(error, &self.place, &self.table.shown)
    }

    /// Why a key could not be written.
    async fn why_not(&self, session: &mut Session, new: &NewRecord) -> Failure {
        match within(self.table.holders(session.connection(), &[&new.key])).await {
            Err(error) => self.failure(&error),
            Ok(holders) => holders
                .get(&new.key)
                .and_then(|row| rules::may_write(&self.target, row, &new.key, &new.user_id, &new.bucket).err())
                .unwrap_or_else(|| rules::hidden(new)),
        }
    }
}

#[async_trait]
impl Catalog for PostgresCatalog {
    async fn status(&self) -> Result<CatalogStatus> {
        let mut session = self.begin(None).await?;
        let read = async {
            let version = query("SELECT current_setting('server_version')").persistent(false);
            let version: String = version.fetch_one(session.connection()).await?.try_get(0)?;
            Ok((version, migrate::inventory(session.connection(), &self.table).await?))
        };
        let read = within(read).await;
        let (version, found) = self.end(session, read).await?;
        let version = version.split(' ').next().unwrap_or_default();
        let (applied, pending) = found.divide(&super::steps::POSTGRES, self.table.name);
        let place = format!("PostgreSQL {version} at {}, table {}", self.place, self.table.shown);
        Ok(CatalogStatus { place, table_exists: found.table_exists, applied, pending, unindexed: found.unindexed() })
    }

    async fn migrate(&self) -> Result<Vec<String>> {
        let table = &self.table.shown;
        let direct = self.pool.past_the_pooler().await;
        let pool = direct.as_ref().unwrap_or(&self.pool);
        let applied = migrate::migrate(pool, &self.target, &self.table).await;
        self.known.forget();
        applied.map_err(|stopped| match stopped {
            Stopped::Error(error) => self.failure(&error),
            Stopped::Unlike(columns) => {
                errors::refused(format!("the table {table} is not a guide's: it has no {}", columns.join(", ")))
                    .hint("add what is missing, or use another schema")
            }
            Stopped::Locked => {
                Failure::new(FailureKind::CatalogAway, format!("another migration of {table} still runs"))
                    .hint("try again when it is done")
            }
        })
    }

    async fn row_security(&self) -> Result<RowSecurity> {
        let mut session = self.begin(None).await?;
        let seen = within(rls::row_security(session.connection(), &self.table)).await;
        self.end(session, seen).await
    }

    async fn pooled(&self) -> Pooled {
        let Some(direct) = self.pool.direct_host().map(str::to_owned) else { return Pooled::No };
        let answers = self.pool.reach_past_the_pooler().await.map_err(|error| self.failure(&error));
        Pooled::Through { direct, answers }
    }

    fn policy(&self) -> Result<String> {
        Ok(rls::policy(&self.table, self.rls_setting.as_deref()))
    }

    async fn page(&self, query: &RecordQuery) -> Result<RecordPage> {
        match Needle::of(query.search.as_deref()) {
            None => self.list(query).await,
            Some(needle) if needle.can_be() => self.search(query, needle).await,
            Some(_) => Ok(RecordPage::default()),
        }
    }

    async fn estimate(&self, query: &RecordQuery) -> Result<Option<u64>> {
        let mut session = self.begin(query.user_id.as_deref()).await?;
        let rows = within(estimate::estimate(session.connection(), &self.table, &self.target, query)).await;
        self.end(session, rows).await
    }

    async fn shelf(&self, query: &ShelfQuery) -> Result<ShelfPage> {
        let (limit, shelf) = (query.limit.max(1) as usize, Shelf::of(query));
        let mut session = self.begin(query.user_id.as_deref()).await?;
        let shelves = self.shelves(&mut session, query).await?;
        let can_be_read = within(shelves.can_be_read(session.connection())).await;
        if !can_be_read.map_err(|error| self.failure(&error))? {
            self.end(session, Ok(())).await?;
            return Err(errors::without_an_order(&self.table.shown));
        }
        let read = within(shelves.read(session.connection(), &shelf, limit + 1)).await;
        if read.as_ref().is_err_and(errors::took_too_long) {
            return Err(errors::too_long_for_a_folder(&self.table.shown, &query.prefix));
        }
        let (keys, records) = self.end(session, read).await?;
        Ok(shelf.page(keys, limit, records))
    }

    async fn find(&self, key: &str, user_id: Option<&str>) -> Result<Option<Record>> {
        if rules::storable(key).is_err() {
            return Ok(None);
        }
        let mut session = self.begin(user_id).await?;
        let record = within(self.table.find(session.connection(), &self.target, key, user_id)).await;
        self.end(session, record).await
    }

    async fn check(&self, key: &str, user_id: &str) -> Result<()> {
        let refused = self.check_many(&[key.to_owned()], user_id).await?.pop();
        refused.map_or(Ok(()), |(_, failure)| Err(failure))
    }

    async fn known(&self, keys: &[String], user_id: Option<&str>) -> Result<HashSet<String>> {
        let keys = rules::only_storable(keys);
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        let mut session = self.begin_by_keys(user_id).await?;
        let known = within(self.table.known(session.connection(), &self.target, &keys, user_id)).await;
        self.end(session, known).await
    }

    async fn check_many(&self, keys: &[String], user_id: &str) -> Result<Vec<(String, Failure)>> {
        let storable = rules::only_storable(keys);
        let mut holders = HashMap::new();
        if !storable.is_empty() {
            let mut session = self.begin_by_keys(Some(user_id)).await?;
            let found = within(self.table.holders(session.connection(), &storable)).await;
            holders = self.end(session, found).await?;
        }
        Ok(rules::refused(&self.target, keys, user_id, &holders))
    }

    async fn record(&self, records: &[NewRecord]) -> Result<()> {
        let batch = rules::batch(records)?;
        let Some(first) = batch.first() else { return Ok(()) };
        let mut session = self.begin_by_keys(Some(&first.user_id)).await?;
        let written = within(self.table.upsert(session.connection(), &self.target, &batch)).await;
        let written = written.map_err(|error| match batch.as_slice() {
            // Newer servers say so themselves; which key it was they do not say, so that only a batch of one can name it.
            [new] if errors::meets_a_hidden_row(&error) => rules::hidden(new),
            _ => self.failure(&error),
        })?;
        let written: HashSet<String> = written.into_iter().collect();
        match batch.iter().find(|new| !written.contains(&new.key)) {
            // All or nothing: the session is dropped, which takes the others back.
            Some(refused) => Err(self.why_not(&mut session, refused).await),
            None => self.end(session, Ok(())).await,
        }
    }

    async fn forget(&self, keys: &[String], user_id: Option<&str>) -> Result<u64> {
        let keys = rules::only_storable(keys);
        if keys.is_empty() {
            return Ok(0);
        }
        let mut session = self.begin_by_keys(user_id).await?;
        let gone = within(self.table.delete(session.connection(), &self.target, &keys, user_id)).await;
        self.end(session, gone).await
    }
}
