//! A new profile: tried, then written into the configuration file, like the name of the one that opens next time; and one
//! that was mended there, read again.

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

/// The file that names it now.
pub(super) async fn made_default(hands: Hands, profile: String) -> Answer {
    Answer::DefaultMade(hands.services.make_default(profile).await)
}

/// Every profile there is, as the file has them now.
pub(super) async fn read_again(hands: Hands, profiles: Vec<String>) -> Answer {
    Answer::ProfilesRead(hands.services.read_again(&profiles).await)
}
