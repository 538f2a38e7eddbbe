//! A catalog that refuses every write, whoever asks: what `read_only` means is decided here and nowhere else.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Catalog, CatalogStatus, Pooled, RecordQuery, ShelfQuery};
use crate::config::ReadOnly;
use crate::domain::{Failure, NewRecord, Record, RecordPage, Result, RowSecurity, ShelfPage};

/// Reads go through; `migrate`, `record` and `forget` answer `ReadOnly`.
pub struct ReadOnlyCatalog(pub Arc<dyn Catalog>, pub ReadOnly);

impl ReadOnlyCatalog {
    fn refuse<T>(&self, what: &str) -> Result<T> {
        Err(self.1.refuses(what))
    }
}

#[async_trait]
impl Catalog for ReadOnlyCatalog {
    async fn status(&self) -> Result<CatalogStatus> {
        self.0.status().await
    }

    async fn migrate(&self) -> Result<Vec<String>> {
        self.refuse("the catalog is not migrated")
    }

    async fn row_security(&self) -> Result<RowSecurity> {
        self.0.row_security().await
    }

    async fn pooled(&self) -> Pooled {
        self.0.pooled().await
    }

    fn policy(&self) -> Result<String> {
        self.0.policy()
    }

    async fn page(&self, query: &RecordQuery) -> Result<RecordPage> {
        self.0.page(query).await
    }

    async fn estimate(&self, query: &RecordQuery) -> Result<Option<u64>> {
        self.0.estimate(query).await
    }

    async fn shelf(&self, query: &ShelfQuery) -> Result<ShelfPage> {
        self.0.shelf(query).await
    }

    async fn find(&self, key: &str, user_id: Option<&str>) -> Result<Option<Record>> {
        self.0.find(key, user_id).await
    }

    async fn check(&self, key: &str, user_id: &str) -> Result<()> {
        self.0.check(key, user_id).await
    }

    async fn known(&self, keys: &[String], user_id: Option<&str>) -> Result<HashSet<String>> {
        self.0.known(keys, user_id).await
    }

    async fn check_many(&self, keys: &[String], user_id: &str) -> Result<Vec<(String, Failure)>> {
        self.0.check_many(keys, user_id).await
    }

    async fn record(&self, _records: &[NewRecord]) -> Result<()> {
        self.refuse("no record is written")
    }

    async fn forget(&self, _keys: &[String], _user_id: Option<&str>) -> Result<u64> {
        self.refuse("no record is removed")
    }
}
