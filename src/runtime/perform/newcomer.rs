//! A new profile: tried, then written into the configuration file.

use super::Hands;
use crate::app::Answer;
use crate::config::Draft;

/// What does not work of it.
pub(super) async fn tried(hands: Hands, draft: Draft) -> Answer {
    Answer::ProfileTried(hands.services.try_profile(&draft).await.problems)
}

/// Every profile there is, once the file has it.
pub(super) async fn saved(hands: Hands, draft: Draft) -> Answer {
    Answer::ProfileSaved(hands.services.add_profile(&draft).await)
}
