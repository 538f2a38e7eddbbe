//! A story told on both databases: what every catalog does is the same in PostgreSQL and SQLite.

use std::future::Future;
use std::sync::Arc;

use windlass::catalog::{Catalog, CatalogTarget, Pace, postgres::PostgresCatalog, sqlite::SqliteCatalog};
use windlass::config::CatalogConfig;
use windlass::domain::Provider;

use super::{in_postgres, target};
use crate::support::postgres::{Cluster, sql};

/// One database in which catalogs of several profiles can be opened.
pub enum Database {
    Postgres(String),
    Sqlite(tempfile::TempDir),
}

impl Database {
    pub fn config(&self) -> CatalogConfig {
        match self {
            Self::Postgres(url) => in_postgres(url),
            Self::Sqlite(folder) => CatalogConfig::Sqlite(folder.path().join("catalogs/c.sqlite")),
        }
    }

    /// A catalog of a profile.
    pub fn open(&self, target: CatalogTarget) -> Arc<dyn Catalog> {
        match self {
            Self::Postgres(_) => Arc::new(PostgresCatalog::new(target).unwrap()),
            Self::Sqlite(_) => Arc::new(SqliteCatalog::new(target).unwrap()),
        }
    }

    /// The catalog of a profile of R2, its table made.
    pub async fn catalog(&self) -> Arc<dyn Catalog> {
        let catalog = self.open(target(Provider::R2, self.config()));
        catalog.migrate().await.unwrap();
        catalog
    }

    /// The same, whose searches go by another pace.
    pub async fn pacing(&self, pace: Pace) -> Arc<dyn Catalog> {
        let target = target(Provider::R2, self.config());
        let catalog: Arc<dyn Catalog> = match self {
            Self::Postgres(_) => Arc::new(PostgresCatalog::new(target).unwrap().pacing(pace)),
            Self::Sqlite(_) => Arc::new(SqliteCatalog::new(target).unwrap().pacing(pace)),
        };
        catalog.migrate().await.unwrap();
        catalog
    }

    /// SQL of somebody else's app.
    pub async fn foreign(&self, text: &str) {
        match self {
            Self::Postgres(url) => sql(url, text).await,
            Self::Sqlite(folder) => {
                let path = folder.path().join("catalogs/c.sqlite");
                let pool = sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(path));
                sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&pool.await.unwrap()).await.unwrap();
            }
        }
    }
}

/// Tells the story on a fresh database of each kind.
pub async fn on_both<F: Future<Output = ()>>(story: impl Fn(Database) -> F) {
    story(Database::Sqlite(tempfile::tempdir().unwrap())).await;
    story(Database::Postgres(Cluster::shared().await.database("conformance").await)).await;
}
