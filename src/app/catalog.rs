//! Remote's view Catalog: the profile's records, newest first, a page at a time. Rows are kept compact, so that a person
//! who scrolls far costs little memory.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::list::List;
use super::pages::{Ordered, PagedRows, Pages, Phase, Tail};
use super::rows::{Rows, Sort, SortBy};
use crate::domain::file::caseless;
use crate::domain::{Failure, Record, RecordCursor, RecordPage};

/// Rows a page.
pub(crate) const PAGE: u32 = 200;

/// The most records that are kept at once: about 10 MiB. Older ones are found by searching.
const MOST: usize = 50_000;

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

impl Ordered for RecordRow {
    fn position(&self, other: &Self) -> Ordering {
        // Newest first; `None` is the least, hence last.
        other.uploaded_at.cmp(&self.uploaded_at).then_with(|| other.id.cmp(&self.id))
    }
}

/// The records as rows.
#[derive(Debug, Default)]
pub(crate) struct Records {
    all: Vec<RecordRow>,
    /// Types and users, each kept once.
    words: HashSet<Arc<str>>,
}

impl Records {
    fn row(&mut self, record: Record) -> RecordRow {
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

    fn stored(&self) -> Sort {
        Sort::NEWEST
    }

    fn media_type(&self, row: usize) -> Option<&str> {
        self.all.get(row)?.content_type.as_deref()
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
}

/// The view's state.
#[derive(Debug)]
pub struct Catalog {
    pub(crate) pages: Pages<Records, RecordCursor>,
    /// Everyone's records although the profile has a user.
    all_users: bool,
    estimate: Option<u64>,
}

impl Catalog {
    /// Nothing read yet.
    pub(crate) fn new() -> Self {
        Self { pages: Pages::new(Records::default(), Sort::NEWEST, MOST), all_users: false, estimate: None }
    }

    /// Cursor, marks and filter.
    pub fn list(&self) -> &List {
        &self.pages.list
    }

    /// The row at a position of [`Catalog::list`].
    pub fn row(&self, position: usize) -> Option<&RecordRow> {
        self.pages.list.row(position).and_then(|row| self.pages.rows.all.get(row))
    }

    /// What is known of the whole list.
    pub fn phase(&self) -> Phase<'_> {
        self.pages.phase()
    }

    /// What comes behind the last row.
    pub fn tail(&self) -> &Tail {
        self.pages.tail()
    }

    /// Whether a page is on its way.
    pub fn is_loading(&self) -> bool {
        self.pages.is_loading()
    }

    /// Whether everyone's records are shown although the profile has a user.
    pub fn all_users(&self) -> bool {
        self.all_users
    }

    /// How many records the table has, roughly: shown with `~`, and only where everyone's are shown.
    pub fn estimate(&self) -> Option<u64> {
        self.estimate
    }

    /// How many records there are, where all are loaded.
    pub fn exact(&self) -> Option<u64> {
        let all = *self.pages.tail() == Tail::End && self.phase() == Phase::Ready;
        all.then_some(self.pages.rows.all.len() as u64)
    }

    /// The records chosen: those marked, else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<&RecordRow> {
        self.pages.list.chosen().into_iter().filter_map(|row| self.pages.rows.all.get(row)).collect()
    }

    /// Shows mine or everyone's.
    pub(crate) fn toggle_users(&mut self) {
        self.all_users = !self.all_users;
        self.pages.clear(false);
    }

    /// Forgets everything: another profile is in force.
    pub(crate) fn clear(&mut self) {
        self.all_users = false;
        self.estimate = None;
        self.pages.clear(false);
        self.pages.rows.words.clear();
    }

    /// Takes over a page; where to read on, if at once.
    pub(crate) fn arrived(&mut self, page: RecordPage) -> Option<RecordCursor> {
        let rows = page.records.into_iter().map(|record| self.pages.rows.row(record)).collect();
        self.pages.arrived(rows, page.next)
    }

    /// Takes over an estimate.
    pub(crate) fn estimated(&mut self, estimate: Option<u64>) {
        self.estimate = estimate;
    }

    /// A page could not be read; the failure comes back where the list does not show it.
    pub(crate) fn failed(&mut self, failure: Failure) -> Option<Failure> {
        self.pages.failed(failure)
    }
}
