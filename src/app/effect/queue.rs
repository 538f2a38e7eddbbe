//! What goes into the queue, and what is done to what is in it.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::{Walk, WantedObject};
use crate::domain::TransferKind;
use crate::domain::transfer::OnConflict;

/// A transfer to queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What to do.
    pub kind: TransferKind,
    /// The object's key.
    pub key: String,
    /// The local file: source or target; `None` for a delete.
    pub path: Option<PathBuf>,
    /// Bytes, where known.
    pub size: Option<u64>,
    /// What to do when the target is there.
    pub on_conflict: OnConflict,
    /// Delete from the bucket even where no visible record holds the key.
    pub without_record: bool,
}

/// A job that was looked at before it is queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedJob {
    /// The job, with [`OnConflict::Refuse`].
    pub job: Job,
    /// What is at its target already; `None` where nothing is.
    pub taken: Option<Taken>,
    /// When what would go there was last written, UTC, where known: of a local file only looked up where something is there.
    pub modified: Option<DateTime<Utc>>,
}

/// What is at a job's target already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Bytes.
    pub size: Option<u64>,
    /// When it was last written, UTC.
    pub modified: Option<DateTime<Utc>>,
}

/// What is done to transfers that are queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueCommand {
    /// Stop for good and remove what they left behind.
    Cancel,
    /// Try again now.
    Retry,
    /// Try again now what failed because something was there, and do this where it still is.
    RetryAs(OnConflict),
    /// Hold what is open.
    Pause,
    /// Bring cancelled ones back, held as they were.
    PauseAgain,
    /// Let go on what is held.
    GoOn,
    /// One place earlier in the queue.
    Raise,
    /// One place later in the queue.
    Lower,
    /// Forget those among them that are finished.
    ClearDone,
    /// Forget all that are finished; none is named.
    ClearAllDone,
    /// Forget tries to save an edited text that is gone or tried anew, also those that failed.
    ForgetTries,
}

/// What is counted while a question about it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Countable {
    /// Objects beneath prefixes, of which all go.
    Objects(Vec<String>),
    /// Objects beneath prefixes, without those that only stand for folders.
    Files(Vec<String>),
    /// Objects beneath prefixes, and these beside them, with how many of them have a record.
    Recorded {
        /// The prefixes.
        prefixes: Vec<String>,
        /// The objects.
        objects: Vec<WantedObject>,
    },
    /// What the bucket keeps of exactly these keys, and of all beneath these prefixes, and does not show.
    Hidden {
        /// The keys.
        keys: Vec<String>,
        /// The prefixes.
        prefixes: Vec<String>,
    },
    /// Files in local folders, and local files.
    Local(Vec<PathBuf>),
    /// What is there already where these uploads or downloads would put theirs.
    Taken(Walk),
}

/// Where downloads go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveTo {
    /// Below this folder, by the objects' names.
    Folder(PathBuf),
    /// A single object, to exactly this path.
    File(PathBuf),
}
