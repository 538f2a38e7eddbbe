//! The catalog against real databases: one suite for both, then what is particular to each. The guides' tables in here
//! are made with the guides' own SQL.

mod adoption;
mod bad_input;
pub mod both;
mod conformance;
mod folders;
mod migration;
mod order;
mod plans;
mod pooled;
mod search;
mod sqlite;

use std::path::Path;

use chrono::{DateTime, Utc};
use windlass::catalog::postgres::PostgresCatalog;
use windlass::catalog::sqlite::SqliteCatalog;
use windlass::catalog::{Catalog, CatalogTarget, RecordQuery};
use windlass::config::{CatalogConfig, DatabaseTls};
use windlass::domain::link::Secret;
use windlass::domain::{Checksum, NewRecord, Origin, Provider, Record, RecordPage};

/// A profile with the buckets `first` and `second`, the first in use.
pub fn target(provider: Provider, config: CatalogConfig) -> CatalogTarget {
    CatalogTarget {
        provider,
        buckets: vec!["first".into(), "second".into()],
        bucket: "first".into(),
        ca_file: None,
        user_id: None,
        read_only: false,
        config,
    }
}

pub fn in_postgres(url: &str) -> CatalogConfig {
    CatalogConfig::Postgres { url: Secret::new(url), tls: DatabaseTls::Off, schema: "public".into(), rls_setting: None }
}

pub fn postgres(provider: Provider, url: &str) -> PostgresCatalog {
    PostgresCatalog::new(target(provider, in_postgres(url))).unwrap()
}

pub fn sqlite(provider: Provider, path: &Path) -> SqliteCatalog {
    SqliteCatalog::new(target(provider, CatalogConfig::Sqlite(path.into()))).unwrap()
}

/// A time of so many seconds after some day, and a few microseconds.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 123_456_000).unwrap()
}

/// A record of the user `me` in the bucket `first`.
pub fn new(key: &str, seconds: i64) -> NewRecord {
    NewRecord {
        origin: Origin::Uploaded,
        key: key.into(),
        url: Some(format!("https://files.example/{key}")),
        user_id: "me".into(),
        uploaded_at: at(seconds),
        bucket: "first".into(),
        size: 5_000_000_000,
        content_type: "image/png".into(),
        etag: Some("abc-2".into()),
        checksum: Some(Checksum::crc64nvme("AAAAAAAAAAA=")),
    }
}

/// A query for pages of so many rows.
pub fn pages_of(limit: u32) -> RecordQuery {
    RecordQuery { limit, ..RecordQuery::default() }
}

/// All pages of a query, each of which must be full but the last.
pub async fn all(catalog: &dyn Catalog, mut query: RecordQuery) -> Vec<Record> {
    let mut records = Vec::new();
    loop {
        let page = catalog.page(&query).await.unwrap();
        assert!(page.next.is_none() || page.records.len() == query.limit as usize);
        records.extend(page.records);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return records,
        }
    }
}

/// All pages of a query, however few rows each has, and the pages.
pub async fn searched(catalog: &dyn Catalog, mut query: RecordQuery) -> (Vec<Record>, Vec<RecordPage>) {
    let (mut records, mut pages) = (Vec::new(), Vec::new());
    loop {
        let page = catalog.page(&query).await.unwrap();
        assert!(page.records.len() <= query.limit as usize);
        records.extend(page.records.clone());
        query.after = page.next.clone();
        pages.push(page);
        if query.after.is_none() {
            return (records, pages);
        }
    }
}

pub fn keys(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.key.as_str()).collect()
}
