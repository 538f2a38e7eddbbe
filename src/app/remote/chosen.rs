//! What is chosen in the pane Remote: the marked rows, else the one under the cursor.

use super::{Remote, View};
use crate::app::bucket::{BucketRow, ObjectRow};
use crate::app::catalog::{CatalogRow, ShelfRow};
use crate::app::effect::WantedObject;
use crate::app::standing::Under;

impl Remote {
    /// The objects chosen beside [`Remote::chosen_prefixes`], without what is beneath these; prefixes are left out and
    /// counted.
    pub(crate) fn chosen_objects(&self) -> (Vec<WantedObject>, usize) {
        match self.view {
            View::Catalog => parted(self.catalog.chosen_apart(), |row| self.recorded(row)),
            View::Bucket => parted(self.bucket.chosen(), |row| self.listed(row)),
        }
    }

    /// The keys of all objects chosen, also beneath a prefix that is.
    pub(crate) fn chosen_keys(&self) -> Vec<String> {
        match self.view {
            View::Catalog => {
                let records = self.catalog.chosen().into_iter().filter_map(ShelfRow::record);
                records.map(|record| record.key.to_string()).collect()
            }
            View::Bucket => {
                let objects = self.bucket.chosen().into_iter().filter(|row| !row.is_prefix());
                objects.map(|row| row.key.to_string()).collect()
            }
        }
    }

    fn recorded(&self, row: &ShelfRow) -> Option<WantedObject> {
        let (key, name) = (row.key().to_owned(), self.catalog.name_of(row).to_owned());
        row.record().map(|record| WantedObject { key, name, size: record.size, modified: record.uploaded_at })
    }

    fn listed(&self, row: &ObjectRow) -> Option<WantedObject> {
        let (key, name) = (row.key.to_string(), self.bucket.name_of(row).to_owned());
        (!row.is_prefix()).then_some(WantedObject { key, name, size: row.size, modified: row.modified })
    }

    /// The prefixes chosen.
    pub(crate) fn chosen_prefixes(&self) -> Vec<String> {
        match self.view {
            View::Catalog => {
                let folders = self.catalog.chosen_apart().into_iter().filter(|row| row.record().is_none());
                folders.map(|row| row.key().to_owned()).collect()
            }
            View::Bucket => {
                let prefixes = self.bucket.chosen().into_iter().filter(|row| row.is_prefix());
                prefixes.map(|row| row.key.to_string()).collect()
            }
        }
    }

    /// The name of the prefix at a position of the list, where one is there.
    pub(crate) fn prefix_at(&self, position: usize) -> Option<&str> {
        match self.view {
            View::Catalog => match self.catalog.row(position)? {
                CatalogRow::Entry(ShelfRow::Folder(_), name) => Some(name),
                _ => None,
            },
            View::Bucket => match self.bucket.row(position)? {
                BucketRow::Entry(row, name) if row.is_prefix() => Some(name),
                _ => None,
            },
        }
    }

    /// Whether the row under the cursor can be entered.
    pub(crate) fn on_prefix(&self) -> bool {
        matches!(self.under(), Some(Under::Parent | Under::Folder(_)))
    }
}

/// The rows that are objects, and how many of them are none.
fn parted<R>(rows: Vec<R>, object: impl Fn(R) -> Option<WantedObject>) -> (Vec<WantedObject>, usize) {
    let count = rows.len();
    let objects: Vec<WantedObject> = rows.into_iter().filter_map(object).collect();
    let prefixes = count - objects.len();
    (objects, prefixes)
}
