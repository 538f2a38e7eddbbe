//! Records as rows, kept compact, in the order that they were read in.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::app::pages::PagedRows;
use crate::app::rows::{Rows, Sort, SortBy};
use crate::domain::Record;
use crate::domain::file::caseless;

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

/// The records as rows.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(super) all: Vec<RecordRow>,
    /// The order that they were read in.
    pub(super) order: Sort,
    /// Types and users, each kept once.
    words: HashSet<Arc<str>>,
}

impl Records {
    /// A record as a row.
    pub(super) fn row(&mut self, record: Record) -> RecordRow {
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
}

impl Rows for Records {
    fn count(&self) -> usize {
        self.all.len()
    }

    fn name(&self, row: usize) -> &[u8] {
        self.all.get(row).map_or(&[], |row| row.key.as_bytes())
    }

    fn number(&self, by: SortBy, row: usize) -> Option<i64> {
        let row = self.all.get(row)?;
        match by {
            SortBy::Size => row.size.and_then(|size| i64::try_from(size).ok()),
            SortBy::Date => row.uploaded_at.map(|then| then.timestamp()),
            SortBy::Name | SortBy::Type => None,
        }
    }

    fn compare(&self, by: SortBy, one: usize, other: usize) -> Ordering {
        let (Some(one), Some(other)) = (self.all.get(one), self.all.get(other)) else { return Ordering::Equal };
        match by {
            SortBy::Type => one.content_type.cmp(&other.content_type),
            _ => caseless(one.key.as_bytes(), other.key.as_bytes()),
        }
    }

    fn media_type(&self, row: usize) -> Option<&str> {
        self.all.get(row)?.content_type.as_deref()
    }

    fn stored(&self) -> Sort {
        self.order
    }
}

impl PagedRows for Records {
    type Row = RecordRow;

    fn all(&self) -> &Vec<RecordRow> {
        &self.all
    }

    fn all_mut(&mut self) -> &mut Vec<RecordRow> {
        &mut self.all
    }

    fn position(&self, one: &RecordRow, other: &RecordRow) -> Ordering {
        let reversed = self.order.reversed;
        let by_value = match self.order.by {
            SortBy::Name => turned(one.key.as_bytes().cmp(other.key.as_bytes()), reversed),
            SortBy::Size => valued(one.size, other.size, reversed),
            SortBy::Date => valued(one.uploaded_at, other.uploaded_at, reversed),
            SortBy::Type => valued(one.content_type.as_deref(), other.content_type.as_deref(), reversed),
        };
        by_value.then_with(|| turned(one.id.cmp(&other.id), reversed))
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

    fn row(id: i64, size: Option<u64>) -> RecordRow {
        RecordRow { id, key: "k".into(), size, uploaded_at: None, content_type: None, user_id: "me".into() }
    }

    #[test]
    fn rows_stand_where_the_database_puts_them() {
        let by_size = |reversed| Records { order: Sort { by: SortBy::Size, reversed }, ..Records::default() };
        let rows = [row(1, Some(5)), row(2, Some(9)), row(3, Some(9)), row(4, None), row(5, None)];
        let sorted = |reversed| {
            let (records, mut rows) = (by_size(reversed), rows.to_vec());
            rows.sort_by(|one, other| records.position(one, other));
            rows.iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!((sorted(false), sorted(true)), (vec![1, 2, 3, 4, 5], vec![3, 2, 1, 5, 4]));
    }
}
