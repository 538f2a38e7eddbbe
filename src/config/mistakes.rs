//! All that is wrong with what somebody wrote: whoever reads it goes on behind a mistake, so that all are told at once.

use crate::domain::{Failure, Result};

/// The mistakes so far, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Failure>);

impl Mistakes {
    /// Notes one; the same is told once.
    pub fn note(&mut self, mistake: Failure) {
        if !self.0.contains(&mistake) {
            self.0.push(mistake);
        }
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
    /// The first mistake, with all others beside it.
    pub fn or<T>(self, value: T) -> Result<T> {
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
        mistakes.note(wrong("two"));
        let failure = mistakes.or(()).unwrap_err();
        assert_eq!(failure.each().map(Failure::sentence).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(Mistakes::default().or(7), Ok(7));
    }
}
