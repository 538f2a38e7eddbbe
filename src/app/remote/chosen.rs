//! What is chosen in the pane Remote: the marked rows, else the one under the cursor.

use super::{Remote, View};
use crate::app::bucket::BucketRow;
use crate::app::catalog::RecordRow;
use crate::app::effect::WantedObject;

impl Remote {
    /// The objects chosen for a download; prefixes are left out and counted.
    pub(crate) fn chosen_objects(&self) -> (Vec<WantedObject>, usize) {
        match self.view {
            View::Catalog => (self.catalog.chosen().into_iter().map(whole_key).collect(), 0),
            View::Bucket => {
                let chosen = self.bucket.chosen();
                let prefixes = chosen.iter().filter(|row| row.is_prefix()).count();
                let objects = chosen.into_iter().filter(|row| !row.is_prefix()).map(|row| WantedObject {
                    key: row.key.to_string(),
                    name: self.bucket.name_of(row).to_owned(),
                    size: row.size,
                });
                (objects.collect(), prefixes)
            }
        }
    }

    /// The prefixes chosen; there are none in the Catalog.
    pub(crate) fn chosen_prefixes(&self) -> Vec<String> {
        let chosen = if self.view == View::Bucket { self.bucket.chosen() } else { Vec::new() };
        chosen.into_iter().filter(|row| row.is_prefix()).map(|row| row.key.to_string()).collect()
    }

    /// Whether the row under the cursor can be entered.
    pub(crate) fn on_prefix(&self) -> bool {
        let row = self.bucket.row(self.bucket.list().cursor());
        self.view == View::Bucket
            && match row {
                Some(BucketRow::Parent) => true,
                Some(BucketRow::Entry(row, _)) => row.is_prefix(),
                None => false,
            }
    }
}

fn whole_key(row: &RecordRow) -> WantedObject {
    WantedObject { key: row.key.to_string(), name: row.key.to_string(), size: row.size }
}
