//! What is known of something that stands in a transfer's way. It travels in the failure's own sentence, which the journal
//! keeps; these words are written and read here alone.

use super::Failure;

/// How what is there compares with what would come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// It has the same bytes.
    Same,
    /// It has others.
    Differs,
}

impl Met {
    const fn words(self) -> &'static str {
        match self {
            Self::Same => ", with the same bytes",
            Self::Differs => ", with other bytes",
        }
    }

    /// What journals of earlier versions say.
    const fn earlier_words(self) -> &'static str {
        match self {
            Self::Same => ": what is there is the same",
            Self::Differs => ": what is there differs",
        }
    }

    /// The failure with that said.
    pub fn said(self, failure: Failure) -> Failure {
        Failure { what: format!("{}{}", failure.what, self.words()), ..failure }
    }

    /// What a failure says of it; `None` where nobody has compared.
    pub fn told(what: &str) -> Option<Self> {
        [Self::Same, Self::Differs]
            .into_iter()
            .find(|met| what.ends_with(met.words()) || what.ends_with(met.earlier_words()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FailureKind;

    #[test]
    fn what_was_said_is_told() {
        let exists = Failure::new(FailureKind::Exists, "a exists in the bucket");
        assert_eq!(Met::told(&exists.what), None);
        for met in [Met::Same, Met::Differs] {
            assert_eq!(Met::told(&met.said(exists.clone()).what), Some(met));
        }
        assert_eq!(Met::told("a exists in the bucket: what is there differs"), Some(Met::Differs));
    }
}
