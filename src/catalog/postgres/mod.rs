//! The catalog in PostgreSQL: Neon in the first place, any other server too. Connects when first asked, and speaks in
//! short transactions without named statements, so that direct and pooled addresses work alike.

mod errors;
mod migrate;
mod options;
mod pool;
mod rls;
mod rows;
mod table;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Error, Row, query};

use super::{Catalog, CatalogStatus, CatalogTarget, Pooled, RecordQuery, rules};
use crate::config::CatalogConfig;
use crate::domain::{Failure, FailureKind, NewRecord, Record, RecordPage, Result, RowSecurity};
use migrate::Stopped;
use options::{Address, Place};
use pool::{Pool, Session, within};
use table::Table;

/// A profile's table in PostgreSQL.
pub struct PostgresCatalog {
    target: CatalogTarget,
    rls_setting: Option<String>,
    pool: Pool,
    place: Place,
    table: Table,
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
        Ok(Self { rls_setting: rls_setting.clone(), pool: Pool::new(options, direct), place, table, target })
    }

    /// The same, whose connections are closed after that long without use; for measuring.
    pub fn resting_for(self, rest: Duration) -> Self {
        Self { pool: self.pool.resting_for(rest), ..self }
    }

    /// How the database would read a page, in its own words (`EXPLAIN`); for measuring.
    ///
    /// # Errors
    /// As for [`Catalog::page`].
    pub async fn explain(&self, query: &RecordQuery) -> Result<Vec<String>> {
        let mut session = self.begin(query.user_id.as_deref()).await?;
        let plan = self.table.explain(session.connection(), &self.target, query).await;
        self.end(session, plan).await
    }

    /// A transaction in which the database knows who asks: the user of the call, else the profile's.
    async fn begin(&self, user_id: Option<&str>) -> Result<Session> {
        let user = user_id.or(self.target.user_id.as_deref());
        let identity = self.rls_setting.as_deref().zip(user);
        self.pool.begin(identity).await.map_err(|error| self.failure(&error))
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
        Ok(CatalogStatus { place, table_exists: found.table_exists, applied, pending })
    }

    async fn migrate(&self) -> Result<Vec<String>> {
        let table = &self.table.shown;
        let direct = self.pool.past_the_pooler().await;
        let pool = direct.as_ref().unwrap_or(&self.pool);
        migrate::migrate(pool, &self.target, &self.table).await.map_err(|stopped| match stopped {
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
        let limit = query.limit.max(1);
        let mut session = self.begin(query.user_id.as_deref()).await?;
        let records = within(self.table.read(session.connection(), &self.target, query, limit as usize + 1)).await;
        Ok(rules::page(self.end(session, records).await?, limit))
    }

    async fn estimate(&self) -> Result<Option<u64>> {
        let mut session = self.begin(None).await?;
        let rows = within(self.table.estimate(session.connection())).await;
        self.end(session, rows).await
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
        let mut session = self.begin(user_id).await?;
        let known = within(self.table.known(session.connection(), &self.target, &keys, user_id)).await;
        self.end(session, known).await
    }

    async fn check_many(&self, keys: &[String], user_id: &str) -> Result<Vec<(String, Failure)>> {
        let storable = rules::only_storable(keys);
        let mut holders = HashMap::new();
        if !storable.is_empty() {
            let mut session = self.begin(Some(user_id)).await?;
            let found = within(self.table.holders(session.connection(), &storable)).await;
            holders = self.end(session, found).await?;
        }
        Ok(rules::refused(&self.target, keys, user_id, &holders))
    }

    async fn record(&self, records: &[NewRecord]) -> Result<()> {
        let batch = rules::batch(records)?;
        let Some(first) = batch.first() else { return Ok(()) };
        let mut session = self.begin(Some(&first.user_id)).await?;
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
        let mut session = self.begin(user_id).await?;
        let gone = within(self.table.delete(session.connection(), &self.target, &keys, user_id)).await;
        self.end(session, gone).await
    }
}
