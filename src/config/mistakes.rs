//! All that is wrong with what somebody wrote: whoever reads it goes on behind a mistake, so that all are told at once, in
//! the order of their lines.

use crate::domain::{Failure, Result};

/// The mistakes so far.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Failure>);

impl Mistakes {
    /// Notes one, with what else is wrong; the same is told once.
    pub fn note(&mut self, mut mistake: Failure) {
        let further = std::mem::take(&mut mistake.further);
        if !self.0.contains(&mistake) {
            self.0.push(mistake);
        }
        further.into_iter().for_each(|mistake| self.note(mistake));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets those on lines that could not be read, because they are of what was understood instead.
    pub fn only_of_lines(&mut self, could_be_read: impl Fn(usize) -> bool) {
        self.0.retain(|mistake| mistake.line.is_none_or(&could_be_read));
    }

    /// What was understood; of what was not, the mistake is noted, and what nobody will use stands in its place.
    pub fn or_default<T: Default>(&mut self, understood: Result<T>) -> T {
        understood.unwrap_or_else(|mistake| {
            self.note(mistake);
            T::default()
        })
    }

    /// What came of it, where nothing is wrong.
    ///
    /// # Errors
    /// The first mistake, with all others beside it, in the order of their lines.
    pub fn or<T>(mut self, value: T) -> Result<T> {
        self.0.sort_by_key(|mistake| mistake.line.unwrap_or(usize::MAX));
        let mut mistakes = self.0.into_iter();
        mistakes.next().map_or(Ok(value), |first| Err(first.beside(mistakes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FailureKind;

    #[test]
    fn every_mistake_is_told_once_and_in_its_order() {
        let wrong = |what: &str| Failure::new(FailureKind::Usage, what);
        let mut mistakes = Mistakes::default();
        assert_eq!((mistakes.or_default(Ok(3)), mistakes.or_default::<u8>(Err(wrong("one")))), (3, 0));
        mistakes.note(wrong("one"));
        mistakes.note(wrong("two").beside([wrong("line 3").on_line(3), wrong("line 2").on_line(2)]));
        let failure = mistakes.or(()).unwrap_err();
        assert_eq!(failure.each().map(Failure::sentence).collect::<Vec<_>>(), ["line 2", "line 3", "one", "two"]);
        assert_eq!(Mistakes::default().or(7), Ok(7));
    }
}
