//! A row of the catalog (DESIGN.md section 5): what an app written from one of the guides stores about a file, and
//! what Windlass adds to it. Columns that are NULL or not known are `None`, shown as unknown.

use chrono::{DateTime, Utc};

use super::Checksum;

/// One file's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The table's serial key.
    pub id: i64,
    /// `object_key`, or Uploadcare's `file_id`.
    pub key: String,
    /// `file_url`; the R2 guide's literal `URL not available` is already `None` here.
    pub url: Option<String>,
    /// `user_id`.
    pub user_id: String,
    /// `upload_timestamp`, UTC.
    pub uploaded_at: Option<DateTime<Utc>>,
    /// `bucket`; `None` means the profile's first.
    pub bucket: Option<String>,
    /// `size_bytes`.
    pub size: Option<u64>,
    /// `content_type`.
    pub content_type: Option<String>,
    /// `etag`, without quotes.
    pub etag: Option<String>,
    /// `checksum`.
    pub checksum: Option<Checksum>,
    /// `verified_at`: when Windlass last saw that the object is what the record says, UTC.
    pub verified_at: Option<DateTime<Utc>>,
}

/// Where a page ended: the order is `upload_timestamp` descending with NULLs last, then `id` descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordCursor {
    /// The last row's `upload_timestamp`.
    pub uploaded_at: Option<DateTime<Utc>>,
    /// The last row's `id`.
    pub id: i64,
}

impl From<&Record> for RecordCursor {
    fn from(record: &Record) -> Self {
        Self { uploaded_at: record.uploaded_at, id: record.id }
    }
}

/// One page of records, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordPage {
    /// The rows.
    pub records: Vec<Record>,
    /// Hand this back to get the next page; `None` at the end.
    pub next: Option<RecordCursor>,
}

/// What a finished upload writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// `object_key`.
    pub key: String,
    /// `file_url` in the guide's form; `None` writes what the guide's table allows (NULL or its literal).
    pub url: Option<String>,
    /// `user_id` for a new row.
    pub user_id: String,
    /// `upload_timestamp`: when the object's bytes were complete, UTC.
    pub uploaded_at: DateTime<Utc>,
    /// `bucket`.
    pub bucket: String,
    /// `size_bytes`.
    pub size: u64,
    /// `content_type`.
    pub content_type: String,
    /// `etag`, without quotes.
    pub etag: Option<String>,
    /// `checksum`.
    pub checksum: Option<Checksum>,
}
