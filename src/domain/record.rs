//! A row of the catalog (DESIGN.md section 5): what an app written from one of the guides stores about a file, and
//! what Windlass adds to it. Columns that are NULL or not known are `None`, shown as unknown.

use chrono::{DateTime, Utc};

use super::capability::Reason;
use super::{Checksum, Sort, SortBy};

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

/// What a row is ordered by; `None` is NULL, which comes last both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CursorValue {
    /// `upload_timestamp`, UTC.
    Date(Option<DateTime<Utc>>),
    /// `size_bytes`.
    Size(Option<u64>),
    /// `content_type`.
    Type(Option<String>),
    /// The key, of which there is always one.
    Key(String),
}

/// Where a page ended in the order that it was read in; rows of one value are in the order of their `id`, turned round
/// with the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordCursor {
    /// What the last row is ordered by.
    pub value: CursorValue,
    /// The last row's `id`.
    pub id: i64,
}

impl RecordCursor {
    /// Behind a record, in an order.
    pub fn behind(record: &Record, order: Sort) -> Self {
        let value = match order.by {
            SortBy::Date => CursorValue::Date(record.uploaded_at),
            SortBy::Size => CursorValue::Size(record.size),
            SortBy::Type => CursorValue::Type(record.content_type.clone()),
            SortBy::Name => CursorValue::Key(record.key.clone()),
        };
        Self { value, id: record.id }
    }
}

/// One page of records, in the order that was asked for. The page of a search may have fewer than were asked for, or none,
/// and still not be the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordPage {
    /// The rows.
    pub records: Vec<Record>,
    /// Hand this back to get the next page; `None` at the end.
    pub next: Option<RecordCursor>,
    /// How many rows of the table a search has looked at for this page and need not look at again, where it stopped
    /// looking before the table's end; `None` for any other page, and where an index found the rows.
    pub looked_at: Option<u64>,
    /// Why a search had no index to go by, where there could be one.
    pub unindexed: Option<Reason>,
}

/// What stands in a folder of the catalog, which keys make by their slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shelved {
    /// A folder: the whole prefix, with its slash.
    Folder(String),
    /// A record whose key has no slash behind the prefix.
    Record(Box<Record>),
}

/// One page of a folder of the catalog, by the bytes of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShelfPage {
    /// Folders and records.
    pub entries: Vec<Shelved>,
    /// Hand this back to get the next page; `None` at the end.
    pub next: Option<String>,
}

/// How a record's object came to be known, which decides what of a row that is there already changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was uploaded: the row takes its time.
    Uploaded,
    /// It was found in the bucket, where it may have been for long: the row keeps its time, unless it has none or tells of
    /// another size or entity tag.
    Found {
        /// When it was looked at, UTC.
        at: DateTime<Utc>,
    },
}

/// What is written of an object that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// Who put the object there, as far as that is known.
    pub origin: Origin,
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

impl NewRecord {
    /// `verified_at`: when Windlass saw that the object is what the record says.
    pub fn verified_at(&self) -> DateTime<Utc> {
        match self.origin {
            Origin::Uploaded => self.uploaded_at,
            Origin::Found { at } => at,
        }
    }

    /// Whether the object was found in the bucket rather than uploaded.
    pub fn is_found(&self) -> bool {
        matches!(self.origin, Origin::Found { .. })
    }
}
