//! What the marked rows weigh together, added up when the marks change and not for every frame: with a mark on each of
//! 100,000 rows that would be most of what a frame costs.

use std::ops::Range;

/// Which marks were added up: how often marks have changed, and the range that is being marked.
pub(crate) type Stamp = (u64, Range<usize>);

/// The sum, and of what.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    of: Option<Stamp>,
    weight: Weight,
}

/// What rows weigh together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Bytes, as far as they are known.
    pub bytes: u64,
    /// Some have no size that is known: folders, prefixes.
    pub at_least: bool,
}

impl FromIterator<Option<u64>> for Weight {
    fn from_iter<T: IntoIterator<Item = Option<u64>>>(sizes: T) -> Self {
        sizes.into_iter().fold(Self::default(), |sum, size| Self {
            bytes: sum.bytes.saturating_add(size.unwrap_or(0)),
            at_least: sum.at_least || size.is_none(),
        })
    }
}

impl Tally {
    /// The sum.
    pub(crate) fn weight(&self) -> Weight {
        self.weight
    }

    /// Adds up, unless these marks are the ones that were added up last.
    pub(crate) fn count(&mut self, of: Stamp, weight: impl FnOnce() -> Weight) {
        if self.of.as_ref() != Some(&of) {
            self.weight = weight();
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
        tally.count((1, 0..0), || [Some(7)].into_iter().collect());
        tally.count((1, 0..0), || panic!("they were added up already"));
        assert_eq!(tally.weight(), Weight { bytes: 7, at_least: false });
        tally.count((1, 0..2), || [Some(7), None, Some(2)].into_iter().collect());
        assert_eq!(tally.weight(), Weight { bytes: 9, at_least: true });
    }
}
