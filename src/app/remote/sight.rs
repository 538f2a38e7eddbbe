//! What of the pane Remote is in sight: what is searched for, and how much there is to scroll over, read or not.

use super::{Remote, View};
use crate::app::bucket::Below;

impl Remote {
    /// What is searched for in the view that is shown; empty where nothing is.
    pub fn needle(&self) -> &str {
        let typed = self.list().filter();
        let below = self.bucket.below().filter(|_| self.view == View::Bucket && typed.is_empty());
        below.map_or(typed, Below::text)
    }

    /// Rows that the scroll bar stands for: those of the whole table where that is what is shown, else those read.
    pub fn scrolls_over(&self) -> u64 {
        let shown = self.list().len() as u64;
        match self.view {
            View::Catalog if self.list().filter().is_empty() => self.catalog.estimate().unwrap_or(0).max(shown),
            _ => shown,
        }
    }
}
