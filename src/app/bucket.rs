//! Remote's view Bucket: what the bucket itself lists below one prefix, a page at a time, in the order of the keys; where
//! the store makes the keys, by the files' own names, and as it lists them, the newest first.

mod below;

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

pub use below::{Below, MOST_BELOW};

use super::browser::extension;
use super::list::List;
use super::pages::{PagedRows, Pages, Phase, Tail};
use super::rows::{Rows, Sort, SortBy};
use super::standing::{Route, Seen, Standing, Under};
use crate::domain::file::caseless;
use crate::domain::{Failure, ListPage, Listed, media_type};

/// The most objects that are kept at once below one prefix: about 25 MiB.
const MOST: usize = 250_000;

/// An object or a prefix as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRow {
    /// The whole key or prefix, raw.
    pub key: Box<str>,
    /// What the file is called, where the key does not say it.
    pub name: Option<Box<str>>,
    /// Bytes; `None` is a prefix.
    pub size: Option<u64>,
    /// When it was written, UTC.
    pub modified: Option<DateTime<Utc>>,
}

impl ObjectRow {
    /// Whether it is a prefix, which can be entered.
    pub fn is_prefix(&self) -> bool {
        self.size.is_none()
    }
}

impl From<Listed> for ObjectRow {
    fn from(listed: Listed) -> Self {
        match listed {
            Listed::Prefix(prefix) => Self { key: prefix.into_boxed_str(), name: None, size: None, modified: None },
            Listed::Object(object) => Self {
                key: object.key.into_boxed_str(),
                name: object.name.map(String::into_boxed_str),
                size: Some(object.size),
                modified: object.modified,
            },
        }
    }
}

impl ObjectRow {
    /// The bucket's order.
    fn position(&self, other: &Self) -> Ordering {
        let by_key = || self.key.as_bytes().cmp(other.key.as_bytes());
        match (&self.name, &other.name) {
            (Some(_), Some(_)) => other.modified.cmp(&self.modified).then_with(by_key),
            _ => by_key(),
        }
    }
}

/// The objects as rows.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    all: Vec<ObjectRow>,
    /// How much of every key is the prefix.
    skip: usize,
}

impl Objects {
    /// A row's key below the prefix that is shown.
    fn key(&self, row: usize) -> &[u8] {
        self.all.get(row).and_then(|row| row.key.as_bytes().get(self.skip..)).unwrap_or_default()
    }
}

impl Rows for Objects {
    fn count(&self) -> usize {
        self.all.len()
    }

    fn name(&self, row: usize) -> &[u8] {
        let named = self.all.get(row).and_then(|row| row.name.as_deref());
        named.map_or_else(|| self.key(row), str::as_bytes)
    }

    /// Several files may have one name.
    fn identity(&self, row: usize) -> &[u8] {
        self.key(row)
    }

    fn is_folder(&self, row: usize) -> bool {
        self.all.get(row).is_some_and(ObjectRow::is_prefix)
    }

    fn number(&self, by: SortBy, row: usize) -> Option<i64> {
        let row = self.all.get(row)?;
        match by {
            SortBy::Size => row.size.and_then(|size| i64::try_from(size).ok()),
            SortBy::Date => row.modified.map(|then| then.timestamp()),
            SortBy::Name | SortBy::Type => None,
        }
    }

    fn compare(&self, by: SortBy, one: usize, other: usize) -> Ordering {
        let (a, b) = (self.name(one), self.name(other));
        let (Some(one), Some(other)) = (self.all.get(one), self.all.get(other)) else { return Ordering::Equal };
        match by {
            SortBy::Type => caseless(extension(a), extension(b)).then_with(|| a.cmp(b)),
            _ if one.name.is_some() => a.cmp(b).then_with(|| one.position(other)),
            _ => one.position(other),
        }
    }

    fn stored(&self) -> Sort {
        let named = self.all.first().is_some_and(|row| row.name.is_some());
        if named { Sort::NEWEST } else { Sort::NAME }
    }

    /// The list tells no types; the name does.
    fn media_type(&self, row: usize) -> Option<&str> {
        media_type::of_extension(extension(self.name(row)))
    }
}

impl PagedRows for Objects {
    type Row = ObjectRow;

    fn all(&self) -> &Vec<ObjectRow> {
        &self.all
    }

    fn all_mut(&mut self) -> &mut Vec<ObjectRow> {
        &mut self.all
    }

    fn position(&self, one: &ObjectRow, other: &ObjectRow) -> Ordering {
        one.position(other)
    }
}

/// A row of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketRow<'a> {
    /// The row `..`.
    Parent,
    /// A prefix or an object, and its name below the prefix that is shown.
    Entry(&'a ObjectRow, &'a str),
}

/// The view's state.
#[derive(Debug)]
pub struct Bucket {
    pub(crate) pages: Pages<Objects, String>,
    /// Where somebody stands and has been.
    pub(crate) standing: Standing,
    /// A search that stands in the level's place.
    below: Option<Below>,
}

impl Bucket {
    /// Stands at the top, nothing read yet.
    pub(crate) fn new() -> Self {
        Self { pages: Pages::new(Objects::default(), Sort::NAME, MOST), standing: Standing::default(), below: None }
    }

    /// The prefix that is shown, `/` at its end unless it is empty.
    pub fn prefix(&self) -> &str {
        self.standing.prefix()
    }

    /// Cursor, marks, filter and order.
    pub fn list(&self) -> &List {
        &self.pages.list
    }

    /// The row at a position of [`Bucket::list`].
    pub fn row(&self, position: usize) -> Option<BucketRow<'_>> {
        if position == 0 && self.pages.list.has_lead() {
            return Some(BucketRow::Parent);
        }
        let row = self.pages.list.row(position).and_then(|row| self.pages.rows.all.get(row))?;
        Some(BucketRow::Entry(row, self.name_of(row)))
    }

    /// What is under the cursor.
    pub(crate) fn under(&self) -> Option<Under<'_>> {
        Some(match self.row(self.pages.list.cursor())? {
            BucketRow::Parent => Under::Parent,
            BucketRow::Entry(row, _) if row.is_prefix() => Under::Folder(&row.key),
            BucketRow::Entry(row, _) => Under::File(&row.key),
        })
    }

    /// A row's own name, or its key below the prefix that is shown.
    pub(crate) fn name_of<'a>(&self, row: &'a ObjectRow) -> &'a str {
        row.name.as_deref().unwrap_or_else(|| self.standing.name_of(&row.key))
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

    /// The rows chosen: those marked, else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<&ObjectRow> {
        self.pages.list.chosen().into_iter().filter_map(|row| self.pages.rows.all.get(row)).collect()
    }

    /// Forgets everything: another profile is in force.
    pub(crate) fn clear(&mut self) {
        self.standing = Standing::default();
        self.empty();
    }

    /// Stands in a prefix, with no page of it read.
    pub(crate) fn stand(&mut self, prefix: String) {
        self.standing.stand(prefix);
        self.empty();
    }

    /// Goes to another level, with no page of it read; whether there is a way. The caller asks for its first page.
    pub(crate) fn go(&mut self, way: Route) -> bool {
        let current = self.pages.list.current().and_then(|row| self.pages.rows.all.get(row));
        let moved = self.standing.go(way, current.map(|row| &*row.key));
        if moved {
            self.empty();
        }
        moved
    }

    fn empty(&mut self) {
        let _read_anew_anyway = self.leave_below();
        self.pages.rows.skip = self.prefix().len();
        self.pages.clear(!self.standing.prefix().is_empty());
    }

    /// Takes over a page; where to read on, if at once.
    pub(crate) fn arrived(&mut self, page: ListPage) -> Option<String> {
        let rows = page.entries.into_iter().map(ObjectRow::from).collect();
        let on = self.pages.arrived(rows, page.next);
        let Self { pages, standing, .. } = self;
        let by_name = pages.rows.stored() == Sort::NAME;
        let last = pages.whole().checked_sub(1).filter(|_| by_name).map(|row| pages.rows.name(row).to_vec());
        let seen = Seen { any: pages.rows.count() > 0, tail: &pages.tail().clone(), last: last.as_deref() };
        if let Some(gone) = standing.find(seen, |name| pages.list.go_to(&pages.rows, name)) {
            pages.list.go_near(&pages.rows, &gone);
        }
        on
    }

    /// Where the next page begins, if it should be asked for now.
    pub(crate) fn next_wanted(&mut self) -> Option<Option<String>> {
        // A search reads on by itself.
        if self.below.is_some() { None } else { self.pages.next_wanted(self.standing.looks_on()) }
    }

    /// Takes rows out that are gone.
    pub(crate) fn remove(&mut self, gone: impl Fn(&ObjectRow) -> bool) {
        self.pages.remove(&gone);
        if let Some(below) = &mut self.below {
            below.remove(&gone);
        }
    }

    /// A page could not be read; the failure comes back where the list does not show it.
    pub(crate) fn failed(&mut self, failure: Failure) -> Option<Failure> {
        // The list itself shows why nothing is known of it.
        self.standing.give_up_seeking();
        self.pages.failed(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(key: &str, name: &str, second: i64) -> ObjectRow {
        let modified = DateTime::from_timestamp(second, 0);
        ObjectRow { key: key.into(), name: Some(name.into()), size: Some(1), modified }
    }

    #[test]
    fn files_that_the_store_named_show_their_own_names_and_are_known_by_their_keys() {
        let all = vec![file("9", "b.png", 30), file("1", "a.png", 20), file("5", "a.png", 10)];
        let objects = Objects { all, skip: 0 };
        assert_eq!((objects.name(1), objects.identity(1)), (&b"a.png"[..], &b"1"[..]));
        assert_eq!(objects.stored(), Sort::NEWEST);
        assert_eq!(objects.all[0].position(&objects.all[1]), Ordering::Less, "as the store lists them");
        assert_eq!(objects.compare(SortBy::Name, 0, 1), Ordering::Greater);
        assert_eq!(objects.compare(SortBy::Name, 1, 2), Ordering::Less, "the newer of two that have one name");
    }
}
