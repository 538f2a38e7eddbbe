//! The entries of the local folder as rows of a list: what they are called, sorted and narrowed by.

use std::cmp::Ordering;
use std::os::unix::ffi::OsStrExt;

use crate::app::rows::{Rows, Sort, SortBy};
use crate::domain::file::caseless;
use crate::domain::{FileEntry, media_type};

/// The folder's entries as rows.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) all: Vec<FileEntry>,
    pub(super) show_hidden: bool,
}

impl Rows for Entries {
    fn count(&self) -> usize {
        self.all.len()
    }

    fn name(&self, row: usize) -> &[u8] {
        self.all.get(row).map_or(&[], |entry| entry.name.as_bytes())
    }

    fn is_hidden(&self, row: usize) -> bool {
        !self.show_hidden && self.all.get(row).is_some_and(FileEntry::is_hidden)
    }

    fn is_folder(&self, row: usize) -> bool {
        self.all.get(row).is_some_and(FileEntry::is_folder)
    }

    fn number(&self, by: SortBy, row: usize) -> Option<i64> {
        let entry = self.all.get(row)?;
        match by {
            SortBy::Size => entry.size.and_then(|size| i64::try_from(size).ok()),
            SortBy::Date => entry.modified.map(|then| then.timestamp()),
            SortBy::Name | SortBy::Type => None,
        }
    }

    fn compare(&self, by: SortBy, one: usize, other: usize) -> Ordering {
        let (Some(one), Some(other)) = (self.all.get(one), self.all.get(other)) else { return Ordering::Equal };
        let (a, b) = (one.name.as_bytes(), other.name.as_bytes());
        match by {
            SortBy::Type => caseless(extension(a), extension(b)).then_with(|| caseless(a, b)),
            _ => caseless(a, b),
        }
    }

    fn stored(&self) -> Sort {
        Sort::NAME
    }

    fn media_type(&self, row: usize) -> Option<&str> {
        media_type::of_extension(extension(self.name(row)))
    }
}

/// What is behind the last dot that is not the first character.
pub(crate) fn extension(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) if dot > 0 => name.get(dot + 1..).unwrap_or_default(),
        _ => &[],
    }
}
