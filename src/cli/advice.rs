//! Sentences that the command line adds to failures from below: which flag helps. The layers below serve the screen too
//! and know no flags.

use crate::domain::{Failure, FailureKind};

/// The failure's sentence, with the flag that helps where there is one.
pub fn sentence(failure: &Failure) -> String {
    match failure.kind {
        FailureKind::Exists if !failure.sentence().contains("--on-conflict") => {
            format!("{}: choose with --on-conflict overwrite, skip or keep-both", failure.what)
        }
        _ => failure.sentence(),
    }
}

/// Wrong usage, in a sentence.
pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Usage, what).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_target_names_the_flag() {
        let failure = Failure::new(FailureKind::Exists, "there is a file /tmp/a already").hint("press o");
        let sentence = sentence(&failure);
        assert_eq!(sentence, "there is a file /tmp/a already: choose with --on-conflict overwrite, skip or keep-both");
    }
}
