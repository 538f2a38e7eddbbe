//! What happened: everything that can change the application's state arrives as one of these values, and time arrives
//! with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use crossterm::event::Event;

use super::effect::{EditEnd, FoundPath, PlannedJob, RequestId};
use super::kept::KeptText;
use crate::config::ProfileSlot;
use crate::domain::finding::Finding;
use crate::domain::picture::Picture;
use crate::domain::preview::Preview;
use crate::domain::transfer::QueueView;
use crate::domain::{
    Address, Capabilities, Checksum, CorsRule, Failure, FileEntry, FileFacts, ListPage, ObjectInfo, Record, RecordPage,
    Result, RowSecurity, SecretUrl, ShelfPage, TransferId,
};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// The terminal said something: a key, the mouse, a paste, a new size.
    Input {
        /// What.
        event: Event,
        /// When, UTC.
        now: DateTime<Utc>,
    },
    /// The moment that [`super::Effect::WakeAt`] asked for has come.
    Tick {
        /// The time, UTC.
        now: DateTime<Utc>,
    },
    /// The queue as it stands, at most ten times a second and only when it changed.
    Queue {
        /// The snapshot.
        view: Arc<QueueView>,
        /// When, UTC.
        now: DateTime<Utc>,
    },
    /// An effect's answer; dropped where its id is no longer current.
    Answer {
        /// Which question it answers.
        request: RequestId,
        /// The answer.
        answer: Answer,
        /// When, UTC.
        now: DateTime<Utc>,
    },
    /// An effect that goes on has found more; dropped where nobody waits for its answer any more.
    Walking {
        /// Which question it belongs to.
        request: RequestId,
        /// What was found so far.
        found: Found,
        /// What of it is new in the queue.
        queued: Vec<TransferId>,
        /// When, UTC.
        now: DateTime<Utc>,
    },
    /// The doctor has looked at something; dropped where nobody waits for more any more.
    Examined {
        /// Which question it belongs to.
        request: RequestId,
        /// What was found.
        finding: Finding,
        /// When, UTC.
        now: DateTime<Utc>,
    },
    /// More was counted; dropped where nobody waits for its answer any more.
    Counting {
        /// Which question it belongs to.
        request: RequestId,
        /// What was counted so far.
        counted: Counted,
        /// When, UTC.
        now: DateTime<Utc>,
    },
    /// An earlier run has left an edited text that was not saved.
    Kept {
        /// The text.
        kept: KeptText,
        /// When, UTC.
        now: DateTime<Utc>,
    },
    /// Something a person should know that no key press asked for: a warning of the start, a damaged journal.
    Warning {
        /// What.
        failure: Failure,
        /// When, UTC.
        now: DateTime<Utc>,
    },
    /// The program goes on after [`super::Effect::Suspend`].
    Resumed {
        /// The time, UTC.
        now: DateTime<Utc>,
    },
}

impl Message {
    /// When it happened, UTC.
    pub(super) fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Input { now, .. }
            | Self::Tick { now }
            | Self::Queue { now, .. }
            | Self::Answer { now, .. }
            | Self::Walking { now, .. }
            | Self::Examined { now, .. }
            | Self::Counting { now, .. }
            | Self::Warning { now, .. }
            | Self::Kept { now, .. }
            | Self::Resumed { now } => *now,
        }
    }
}

/// What an effect led to.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What a store can do.
    Described(Result<Capabilities>),
    /// The folder's entries, sorted by `FileEntry::by_name`, without `.` and `..`.
    Folder(Result<Vec<FileEntry>>),
    /// Something came into the folder or went from it since it was read.
    FolderChanged,
    /// A page of records.
    Records {
        /// The page.
        page: Result<RecordPage>,
        /// How long the database took.
        took: Duration,
    },
    /// A page of a folder of the catalog.
    Shelf {
        /// The page.
        page: Result<ShelfPage>,
        /// How long the database took.
        took: Duration,
    },
    /// Roughly how many records there are; `None` where the database has no idea yet.
    Estimate(Result<Option<u64>>),
    /// Whether the database keeps users' rows apart.
    RowSecurity(Result<RowSecurity>),
    /// Everything that a profile needs was looked at.
    Examined,
    /// Where the bucket is and what it can do.
    BucketFacts(Result<Box<BucketFacts>>),
    /// The bucket's CORS rules.
    Cors(Result<Vec<CorsRule>>),
    /// A page of the bucket.
    Objects(Result<ListPage>),
    /// The key that a template made.
    Key(Result<String>),
    /// What is at local paths, in the order of the question.
    Paths(Vec<FoundPath>),
    /// Jobs that were looked at.
    Planned(Result<Plan>),
    /// What was found in folders or beneath prefixes, all of it queued.
    Walked(Result<Found>),
    /// What is beneath prefixes, all of it counted.
    Counted(Result<Counted>),
    /// How many jobs are in the journal now.
    Enqueued(Result<usize>),
    /// How many transfers a command changed.
    Commanded(Result<usize>),
    /// What is now in the way of transfers, each as the failure that it would meet, in their order; `None` where nothing is,
    /// and why where it could not be looked at.
    Met(Vec<Result<Option<Failure>>>),
    /// Whether limits are in force now.
    Limited(Result<()>),
    /// Texts that name objects.
    Links(Result<Vec<LinkText>>),
    /// What the uploader of a request needs.
    Requested(Result<RequestText>),
    /// What really happened to a text that was to be copied, as half a sentence: "sent to your terminal".
    Copied(Result<String>),
    /// Names of the migrations that were applied now.
    Migrated(Result<Vec<String>>),
    /// What does not work of a profile that is not saved yet; nothing where all does.
    ProfileTried(Vec<Failure>),
    /// What a step of an edit came to.
    Edit(Result<EditEnd>),
    /// What the inspector asked about.
    Inspected(Box<Inspected>),
    /// Every profile that there is, now that one more was written.
    ProfileSaved(Result<Vec<ProfileSlot>>),
    /// The configuration file, which names the profile that opens next time.
    DefaultMade(Result<PathBuf>),
    /// Every profile that there is, as the file and the environment have them now.
    ProfilesRead(Result<Vec<ProfileSlot>>),
}

/// What was found out about one file, object or record.
#[derive(Debug, Clone, PartialEq)]
pub enum Inspected {
    /// The record; `None` where the user sees none.
    Record(Result<Option<Record>>),
    /// What the bucket says, and its checksum where it keeps one; `None` where there is no object.
    Object(Result<Option<(ObjectInfo, Option<Checksum>)>>),
    /// What the disk says.
    File(Result<FileFacts>),
    /// What can be seen of the bytes.
    Preview(Result<Preview>),
    /// The picture that they are.
    Picture(Result<Picture>),
}

/// Jobs ready to be queued, and what cannot be one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The jobs.
    pub jobs: Vec<PlannedJob>,
    /// Files and objects that no job could be made for, each with its reason.
    pub refused: Vec<Failure>,
}

/// What was found in folders or beneath prefixes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Jobs that are in the journal.
    pub queued: usize,
    /// Their bytes.
    pub bytes: u64,
    /// How many files or objects no job could be made for.
    pub refused: usize,
    /// Why, for the first few of them.
    pub why: Vec<Failure>,
}

/// Where a bucket is and what it can do.
#[derive(Debug, Clone, PartialEq)]
pub struct BucketFacts {
    /// What it can do, and why not.
    pub capabilities: Capabilities,
    /// Where it is.
    pub address: Address,
}

/// So many objects, or versions of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them are hidden files, or in hidden folders.
    pub hidden: u64,
    /// How many of them have a record already.
    pub recorded: u64,
}

impl std::ops::Add for Counted {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            objects: self.objects + other.objects,
            bytes: self.bytes + other.bytes,
            hidden: self.hidden + other.hidden,
            recorded: self.recorded + other.recorded,
        }
    }
}

/// What the uploader of a request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestText {
    /// The object's key.
    pub key: String,
    /// The URL to PUT to, kept out of `Debug`.
    pub url: SecretUrl,
    /// Headers that must be sent exactly.
    pub headers: Vec<(String, String)>,
    /// A line for a shell that uploads the file, kept out of `Debug`.
    pub curl: SecretUrl,
    /// When the URL ends, UTC.
    pub expires_at: DateTime<Utc>,
}

/// A text that names an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkText {
    /// The object's key.
    pub key: String,
    /// The text, kept out of `Debug`.
    pub text: SecretUrl,
    /// When it ends, UTC; `None` never ends.
    pub expires_at: Option<DateTime<Utc>>,
}
