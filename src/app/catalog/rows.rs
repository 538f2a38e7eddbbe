//! Records as rows, and the folders that their keys make, kept compact, in the order that they were read in.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::app::pages::PagedRows;
use crate::app::rows::{Rows, Sort, SortBy};
use crate::domain::file::caseless;
use crate::domain::{Record, Shelved};

/// A record as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// The table's serial key.
    pub id: i64,
    /// The object's key, raw.
    pub key: Box<str>,
    /// Bytes; `None` where the record does not say.
    pub size: Option<u64>,
    /// When it was uploaded, UTC.
    pub uploaded_at: Option<DateTime<Utc>>,
    /// MIME type.
    pub content_type: Option<Arc<str>>,
    /// Whose it is.
    pub user_id: Arc<str>,
}

/// A folder or a record as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfRow {
    /// A folder: the whole prefix, with its slash.
    Folder(Box<str>),
    /// A record.
    Record(RecordRow),
}

impl ShelfRow {
    /// The record's key, or the folder's prefix.
    pub fn key(&self) -> &str {
        match self {
            Self::Folder(prefix) => prefix,
            Self::Record(record) => &record.key,
        }
    }

    /// The record, where it is one.
    pub fn record(&self) -> Option<&RecordRow> {
        match self {
            Self::Folder(_) => None,
            Self::Record(record) => Some(record),
        }
    }

    /// Whether it is in one of these folders, at whatever depth.
    pub(super) fn is_within(&self, folders: &HashSet<&str>) -> bool {
        let key = self.key();
        let mut above = key.match_indices('/').filter_map(|(slash, _)| key.get(..=slash));
        above.any(|above| folders.contains(above) && (above != key || self.record().is_some()))
    }
}

/// The rows.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(super) all: Vec<ShelfRow>,
    /// The order that they were read in.
    pub(super) order: Sort,
    /// What was marked while a list had it that is not shown now, by key: what is asked and done about it needs its facts.
    aside: HashMap<Box<str>, ShelfRow>,
    /// Types and users, each kept once.
    words: HashSet<Arc<str>>,
}

impl Records {
    /// Keeps what is known of rows that these may not have.
    pub(super) fn put_aside(&mut self, marked: Vec<ShelfRow>) {
        self.aside = marked.into_iter().map(|row| (row.key().into(), row)).collect();
    }

    /// Keeps no longer what is gone.
    pub(super) fn forget_aside(&mut self, gone: impl Fn(&ShelfRow) -> bool) {
        self.aside.retain(|_, row| !gone(row));
    }

    /// What is known of a row that is not among these.
    pub(super) fn aside(&self, key: &[u8]) -> Option<&ShelfRow> {
        self.aside.get(str::from_utf8(key).ok()?)
    }

    /// A folder or a record as a row.
    pub(super) fn row(&mut self, shelved: Shelved) -> ShelfRow {
        match shelved {
            Shelved::Folder(prefix) => ShelfRow::Folder(prefix.into_boxed_str()),
            Shelved::Record(record) => ShelfRow::Record(self.record_row(*record)),
        }
    }

    fn record_row(&mut self, record: Record) -> RecordRow {
        let content_type = record.content_type.as_deref().map(|word| self.word(word));
        let user_id = self.word(&record.user_id);
        RecordRow {
            id: record.id,
            key: record.key.into_boxed_str(),
            size: record.size,
            uploaded_at: record.uploaded_at,
            content_type,
            user_id,
        }
    }

    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return known.clone();
        }
        let new: Arc<str> = word.into();
        self.words.insert(new.clone());
        new
    }

    fn record(&self, row: usize) -> Option<&RecordRow> {
        self.all.get(row).and_then(ShelfRow::record)
    }
}

impl Rows for Records {
    fn count(&self) -> usize {
        self.all.len()
    }

    fn name(&self, row: usize) -> &[u8] {
        self.all.get(row).map_or(&[], |row| row.key().as_bytes())
    }

    fn elsewhere(&self, identity: &[u8]) -> Option<Option<u64>> {
        self.aside(identity).map(|row| row.record().and_then(|record| record.size))
    }

    fn is_folder(&self, row: usize) -> bool {
        matches!(self.all.get(row), Some(ShelfRow::Folder(_)))
    }

    fn number(&self, by: SortBy, row: usize) -> Option<i64> {
        let row = self.record(row)?;
        match by {
            SortBy::Size => row.size.and_then(|size| i64::try_from(size).ok()),
            SortBy::Date => row.uploaded_at.map(|then| then.timestamp()),
            SortBy::Name | SortBy::Type => None,
        }
    }

    fn compare(&self, by: SortBy, one: usize, other: usize) -> Ordering {
        let (Some(one), Some(other)) = (self.all.get(one), self.all.get(other)) else { return Ordering::Equal };
        let media_type = |row: &ShelfRow| row.record().and_then(|record| record.content_type.clone());
        match by {
            SortBy::Type => media_type(one).cmp(&media_type(other)),
            _ => caseless(one.key().as_bytes(), other.key().as_bytes()),
        }
    }

    fn media_type(&self, row: usize) -> Option<&str> {
        self.record(row)?.content_type.as_deref()
    }

    fn stored(&self) -> Sort {
        self.order
    }
}

impl PagedRows for Records {
    type Row = ShelfRow;

    fn all(&self) -> &Vec<ShelfRow> {
        &self.all
    }

    fn all_mut(&mut self) -> &mut Vec<ShelfRow> {
        &mut self.all
    }

    /// Folders stand where their keys do.
    fn position(&self, one: &ShelfRow, other: &ShelfRow) -> Ordering {
        match (one.record(), other.record()) {
            (Some(one), Some(other)) => self.position_of(one, other),
            _ => one.key().as_bytes().cmp(other.key().as_bytes()),
        }
    }
}

impl Records {
    fn position_of(&self, one: &RecordRow, other: &RecordRow) -> Ordering {
        let reversed = self.order.reversed;
        let by_value = match self.order.by {
            SortBy::Name => turned(one.key.as_bytes().cmp(other.key.as_bytes()), reversed),
            SortBy::Size => valued(one.size, other.size, reversed),
            SortBy::Date => valued(one.uploaded_at, other.uploaded_at, reversed),
            SortBy::Type => valued(one.content_type.as_deref(), other.content_type.as_deref(), reversed),
        };
        by_value.then_with(|| turned(one.id.cmp(&other.id), self.order.ids_are_reversed()))
    }
}

/// What is not known comes last both ways, as the database has it.
fn valued<T: Ord>(one: Option<T>, other: Option<T>, reversed: bool) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => turned(one.cmp(&other), reversed),
        (one, other) => other.is_some().cmp(&one.is_some()),
    }
}

fn turned(order: Ordering, reversed: bool) -> Ordering {
    if reversed { order.reverse() } else { order }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, size: Option<u64>) -> ShelfRow {
        let (key, user_id) = ("k".into(), "me".into());
        ShelfRow::Record(RecordRow { id, key, size, uploaded_at: None, content_type: None, user_id })
    }

    #[test]
    fn rows_stand_where_the_database_puts_them() {
        let rows = [row(1, Some(5)), row(2, Some(9)), row(3, Some(9)), row(4, None), row(5, None)];
        let sorted = |by, reversed| {
            let (records, mut rows) = (Records { order: Sort { by, reversed }, ..Records::default() }, rows.to_vec());
            rows.sort_by(|one, other| records.position(one, other));
            rows.iter().filter_map(|row| Some(row.record()?.id)).collect::<Vec<_>>()
        };
        let by_size = (sorted(SortBy::Size, false), sorted(SortBy::Size, true));
        assert_eq!(by_size, (vec![1, 2, 3, 4, 5], vec![3, 2, 1, 5, 4]));
        assert_eq!(sorted(SortBy::Type, true), [1, 2, 3, 4, 5], "rows of one type stand by their ids both ways");
    }
}
