//! What the marked rows weigh together, added up when the marks change and not for every frame: with a mark on each of
//! 100,000 rows that would be most of what a frame costs.

use std::ops::Range;

/// Which marks were added up: how often marks have changed, and the range that is being marked.
pub(crate) type Stamp = (u64, Range<usize>);

/// The sum, and of what.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    of: Option<Stamp>,
    bytes: u64,
}

impl Tally {
    /// The sum, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds up, unless these marks are the ones that were added up last.
    pub(crate) fn count(&mut self, of: Stamp, bytes: impl FnOnce() -> u64) {
        if self.of.as_ref() != Some(&of) {
            self.bytes = bytes();
            self.of = Some(of);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_marks_are_added_up_once() {
        let mut tally = Tally::default();
        tally.count((1, 0..0), || 7);
        tally.count((1, 0..0), || panic!("they were added up already"));
        assert_eq!(tally.bytes(), 7);
        tally.count((1, 0..2), || 9);
        assert_eq!(tally.bytes(), 9);
    }
}
