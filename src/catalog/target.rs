//! What a catalog must know of a profile: which table in which database, and which rows of it are the profile's.
//! A value of its own, so that a catalog can be opened without the store's half of a profile.

use std::path::PathBuf;

use crate::config::{CatalogConfig, Profile};
use crate::domain::Provider;

/// A profile's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogTarget {
    /// Decides the table and its key column.
    pub provider: Provider,
    /// The profile's buckets; rows without a bucket are of the first.
    pub buckets: Vec<String>,
    /// The bucket in use: only its rows are shown.
    pub bucket: String,
    /// An own certificate authority that the database's certificate may come from.
    pub ca_file: Option<PathBuf>,
    /// The profile's `user_id`: who the database is told is asking, where row level security wants to know.
    pub user_id: Option<String>,
    /// `read_only`: a SQLite catalog that is there already is then not extended on first use.
    pub read_only: bool,
    /// Database, schema, TLS.
    pub config: CatalogConfig,
}

impl From<&Profile> for CatalogTarget {
    fn from(profile: &Profile) -> Self {
        Self {
            provider: profile.provider,
            buckets: profile.buckets.clone(),
            bucket: profile.bucket().to_owned(),
            ca_file: profile.ca_file.clone(),
            user_id: profile.user_id.clone(),
            read_only: profile.read_only,
            config: profile.catalog.clone(),
        }
    }
}

impl CatalogTarget {
    /// Whether rows without a bucket belong to this one.
    pub fn owns_null_rows(&self, bucket: &str) -> bool {
        self.buckets.first().is_none_or(|first| first == bucket)
    }

    /// The columns of the guide's table.
    pub(super) fn guide_columns(&self) -> [&'static str; 5] {
        ["id", self.provider.key_column(), "file_url", "user_id", "upload_timestamp"]
    }

    /// The type that the guide gives `file_url`: B2's may be NULL, as a private bucket has no URL.
    pub(super) fn url_type(&self) -> &'static str {
        match self.provider {
            Provider::S3 | Provider::R2 | Provider::Uploadcare => "TEXT NOT NULL",
            Provider::B2 | Provider::Local => "TEXT",
        }
    }
}
