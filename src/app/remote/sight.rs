//! What of the pane Remote is in sight: whether anything is there, what is searched for, and how much there is to scroll over,
//! read or not.

use super::{Remote, View};
use crate::app::bucket::Below;
use crate::app::pages::Phase;
use crate::app::standing::Standing;

impl Remote {
    fn phase(&self) -> Phase<'_> {
        match self.view {
            View::Catalog => self.catalog.phase(),
            View::Bucket => self.bucket.phase(),
        }
    }

    /// Whether what is shown could not be read.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.phase(), Phase::Failed(_))
    }

    /// Whether the bucket itself could not be read when it was asked last.
    pub(crate) fn bucket_has_failed(&self) -> bool {
        matches!(self.bucket.phase(), Phase::Failed(_))
    }

    /// Whether the cursor is not where somebody went: that could not be read, or has no such row.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.has_failed() || self.standing().is_some_and(Standing::is_missed)
    }

    /// Whether nothing is there yet of what is shown, or not yet the row that the cursor is to be put on.
    pub(crate) fn is_coming(&self) -> bool {
        self.phase() == Phase::Loading || self.standing().is_some_and(Standing::looks_on)
    }

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
