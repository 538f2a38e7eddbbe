//! What of the pane Remote is in sight: what is searched for, and how much there is to scroll over, read or not.

use super::{Remote, View};
use crate::app::bucket::Below;

impl Remote {
    /// The text whose hits are shown in the view: what it is filtered by, or what was searched for below.
    pub fn sought(&self) -> &str {
        let filtered = self.needle();
        let below = self.bucket.below().filter(|_| self.view == View::Bucket && filtered.is_empty());
        below.map_or(filtered, Below::text)
    }

    /// Rows that the scroll bar stands for: those of the whole table where that is what is shown, else those read.
    pub fn scrolls_over(&self) -> u64 {
        let shown = self.list().len() as u64;
        match self.view {
            View::Catalog if !self.catalog.query().is_search() && self.catalog.folder().is_none() => {
                self.catalog.estimate().unwrap_or(0).max(shown)
            }
            _ => shown,
        }
    }
}
