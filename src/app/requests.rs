//! Which questions are open. An answer that nobody waits for any more is dropped here and nowhere else; a newer question
//! of the same sort cancels the older.

use std::mem::discriminant;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::editing::Editing;
use super::effect::{QueueCommand, RequestId, Wanted};
use super::paste::Pasted;
use super::reread::Reread;
use super::upload::UploadDraft;
use crate::domain::transfer::{Limits, ProfileIdentity, TransferView};

/// What a question was asked for, with what its answer needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Purpose {
    /// What the store in force can do.
    Describe,
    /// The Local pane's folder.
    Folder,
    /// A change of that folder.
    Watch,
    /// The folder that a path being typed leads into.
    Complete(PathBuf),
    /// A page of the Catalog.
    Records,
    /// The Catalog's estimate.
    Estimate,
    /// Whether the database keeps users' rows apart.
    RowSecurity,
    /// Where the bucket in force is, for its dialog.
    BucketFacts,
    /// Its CORS rules, for its dialog.
    Cors,
    /// A change of them, on its way.
    SetCors {
        /// Whose bucket.
        profile: String,
    },
    /// An examination, for the dialog that shows it.
    Examine,
    /// A page of the Bucket.
    Objects,
    /// A page of what is below it.
    Below,
    /// The key of a single upload.
    Key(UploadDraft),
    /// What is at a path that was typed.
    Jump,
    /// What is at paths that were pasted.
    Paste(Pasted),
    /// Jobs to be queued under this profile.
    Plan {
        /// The profile, as it was told.
        profile: Arc<ProfileIdentity>,
    },
    /// Folders or prefixes that are gone through.
    Walk {
        /// What they are, for the notice.
        what: String,
    },
    /// What is beneath prefixes, or hidden there, for the dialog that shows it.
    Count,
    /// Jobs on their way into the journal.
    Enqueue {
        /// What each of them is, for the notice: "upload".
        what: &'static str,
    },
    /// A command to the queue.
    Command {
        /// What is to be done.
        command: QueueCommand,
        /// How many it sets going besides those that it names.
        along: usize,
    },
    /// What is in the way of transfers now, for the question about it.
    Met {
        /// Which.
        met: Vec<TransferView>,
        /// How many of them were chosen, the first ones.
        chosen: usize,
        /// When it was asked, UTC.
        since: DateTime<Utc>,
    },
    /// Limits of this profile that are to hold.
    Limits {
        /// The profile's name.
        profile: String,
        /// What is to hold.
        limits: Limits,
    },
    /// Links to show and copy.
    Links {
        /// What sort.
        wanted: Wanted,
    },
    /// An upload for somebody else, on its way into the journal, or its URL once more.
    Request {
        /// The seconds that were asked for; `None` for a URL that is shown once more.
        asked: Option<u64>,
        /// Whose bucket it is for: one that is shown once more may not be that of the profile in force.
        profile: String,
    },
    /// Text on its way to the clipboard: what it is, for the notice.
    Copy {
        /// What it is: "the key", "3 keys"; `None` where the link dialog shows it.
        what: Option<String>,
    },
    /// The record that is inspected.
    InspectRecord,
    /// The object that is inspected.
    InspectObject,
    /// The file that is inspected.
    InspectFile,
    /// What can be seen of what is inspected.
    Preview,
    /// The text of an object that is to be edited.
    OpenEdit {
        /// The object's key.
        key: String,
    },
    /// The user's editor, or what came of it.
    Edit(Editing),
    /// The picture that is inspected.
    Picture,
    /// Whether a profile works that is not saved yet.
    TryProfile,
    /// A new profile on its way into the configuration file.
    SaveProfile {
        /// Its name.
        name: String,
    },
    /// The name of the profile that opens next time, on its way into the configuration file.
    MakeDefault {
        /// Its name.
        name: String,
    },
    /// The profiles as the file has them now.
    ReadProfiles(Reread),
    /// A migration of this profile's catalog.
    Migrate {
        /// The profile.
        profile: String,
    },
}

impl Purpose {
    /// Any text on its way here, to give it up.
    pub(crate) const OPEN_EDIT: Self = Self::OpenEdit { key: String::new() };

    /// Whether a newer one makes an older one pointless. What changes something, or is to, is never
    /// dropped: its answer is told. Each dialog that counts ends its own counting.
    fn is_exclusive(&self) -> bool {
        !self.is_queueing()
            && !matches!(
                self,
                Self::Count
                    | Self::SetCors { .. }
                    | Self::Limits { .. }
                    | Self::Copy { .. }
                    | Self::Migrate { .. }
                    | Self::Edit(_)
                    | Self::ReadProfiles(_)
                    | Self::SaveProfile { .. }
                    | Self::MakeDefault { .. }
            )
    }

    /// Whether a dialog that somebody has called opens with its answer.
    fn is_call(&self) -> bool {
        matches!(self, Self::Key(_) | Self::Met { .. } | Self::ReadProfiles(Reread::Met { .. }))
    }

    /// Whether its answer leads to a change of the queue, or is one.
    fn is_queueing(&self) -> bool {
        matches!(
            self,
            Self::Plan { .. }
                | Self::Walk { .. }
                | Self::Enqueue { .. }
                | Self::Command { .. }
                | Self::Request { asked: Some(_), .. }
        )
    }
}

/// The open questions.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    last: u64,
    open: Vec<(RequestId, Purpose)>,
}

impl Requests {
    /// Opens a question; hands back its id, and the one that it makes pointless.
    pub(crate) fn open(&mut self, purpose: Purpose) -> (RequestId, Option<RequestId>) {
        let replaced = if purpose.is_exclusive() { self.drop_like(&purpose) } else { None };
        self.last += 1;
        let id = RequestId(self.last);
        self.open.push((id, purpose));
        (id, replaced)
    }

    /// The question that was asked last, open or not.
    pub(crate) fn newest(&self) -> RequestId {
        RequestId(self.last)
    }

    /// Whether anything is on its way into the queue.
    pub(crate) fn is_queueing(&self) -> bool {
        self.open.iter().any(|(_, purpose)| purpose.is_queueing())
    }

    /// Whether a dialog that somebody has called waits for what it needs.
    pub(crate) fn is_calling(&self) -> bool {
        self.open.iter().any(|(_, purpose)| purpose.is_call())
    }

    /// Since when a dialog waits for what is far away, which may take long, UTC.
    pub(crate) fn looks_since(&self) -> Option<DateTime<Utc>> {
        self.open.iter().find_map(|(_, purpose)| match purpose {
            Purpose::Met { since, .. } | Purpose::ReadProfiles(Reread::Met { since, .. }) => Some(*since),
            _ => None,
        })
    }

    /// Gives up what a dialog that was called waits for; hands back its id. Profiles are read to the end, for nothing more.
    pub(crate) fn drop_call(&mut self) -> Option<RequestId> {
        let index = self.open.iter().position(|(_, purpose)| purpose.is_call())?;
        if let Some((_, Purpose::ReadProfiles(why))) = self.open.get_mut(index) {
            *why = Reread::Refreshed;
            return None;
        }
        Some(self.open.swap_remove(index).0)
    }

    /// Whether this very question is open.
    pub(crate) fn is_open(&self, purpose: &Purpose) -> bool {
        self.open.iter().any(|(_, open)| open == purpose)
    }

    /// Closes a question that was answered; `None` where nobody waits for it any more.
    pub(crate) fn close(&mut self, id: RequestId) -> Option<Purpose> {
        let index = self.open.iter().position(|(open, _)| *open == id)?;
        Some(self.open.swap_remove(index).1)
    }

    /// Gives up the question of that sort; hands back its id.
    pub(crate) fn drop_like(&mut self, purpose: &Purpose) -> Option<RequestId> {
        let index = self.open.iter().position(|(_, open)| discriminant(open) == discriminant(purpose))?;
        Some(self.open.swap_remove(index).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_question_makes_the_older_pointless() {
        let mut requests = Requests::default();
        let (first, _) = requests.open(Purpose::Folder);
        let (second, replaced) = requests.open(Purpose::Folder);
        assert_eq!(replaced, Some(first));
        assert_eq!(requests.close(first), None);
        assert_eq!(requests.close(second), Some(Purpose::Folder));
        assert_eq!(requests.close(second), None, "an answer comes once");
    }

    #[test]
    fn what_changes_something_is_never_dropped() {
        let mut requests = Requests::default();
        let (first, _) = requests.open(Purpose::Enqueue { what: "upload" });
        let (_, replaced) = requests.open(Purpose::Enqueue { what: "upload" });
        assert_eq!(replaced, None);
        assert_eq!(requests.close(first), Some(Purpose::Enqueue { what: "upload" }));
    }
}
