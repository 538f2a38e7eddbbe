//! What the application wants done: plain data that the runtime performs. Effects compare with `==`, so that a test of a
//! key press is a test of the effects it leads to; none of them prints a link or a secret.

mod editing;
mod inspecting;
mod paths;
mod queue;
mod records;
mod walk;
mod wanted;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::Draft;
use crate::config::memory::Memory;
use crate::config::theme::ThemeFile;
use crate::domain::transfer::{Limits, OnConflict, ProfileIdentity};
use crate::domain::{RecordCursor, SecretUrl, Transfer, TransferId};

pub use editing::{EditEnd, EditStep, EditWish, OwnNews};
pub use inspecting::{PreviewSource, Question};
pub use paths::{FoundPath, PathKind};
pub use queue::{Countable, Job, PlannedJob, QueueCommand, SaveTo, Taken};
pub use records::WantedRecords;
pub use walk::Walk;
pub use wanted::{CorsChange, Wanted, WantedObject, WantedRequest};

/// Names one question, so that an answer can be told from one that nobody waits for any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// One thing to do. Whatever carries a `request` is answered by one [`super::Message::Answer`] with that id, unless it
/// was cancelled; the runtime never waits for it on the loop. Profiles are named; the runtime opens them. What leads into the
/// queue carries the whole identity that a person was told, and is refused where the profile is another by then.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask what a profile's store can do: [`super::Answer::Described`]. Nothing is asked over the network.
    Describe {
        /// The question.
        request: RequestId,
        /// Whose store.
        profile: String,
    },
    /// Read a local folder: [`super::Answer::Folder`], sorted by `FileEntry::by_name`.
    ListFolder {
        /// The question.
        request: RequestId,
        /// An absolute folder.
        path: PathBuf,
    },
    /// Wait until a local folder is another one than it was when it was read: [`super::Answer::FolderChanged`].
    WatchFolder {
        /// The question.
        request: RequestId,
        /// The folder.
        path: PathBuf,
        /// When it was read, UTC.
        since: DateTime<Utc>,
        /// Between two looks at it.
        every: Duration,
        /// Whether what is in it is looked at, too: a file that grows leaves its folder as it was.
        each: bool,
    },
    /// Read one page of records: [`super::Answer::Records`].
    LoadRecords {
        /// The question.
        request: RequestId,
        /// Whose catalog.
        profile: String,
        /// Which.
        wanted: WantedRecords,
        /// Where the last page ended.
        after: Option<RecordCursor>,
        /// Rows a page.
        limit: u32,
    },
    /// Read one page of a folder of the catalog, which is the prefix of what is wanted: [`super::Answer::Shelf`].
    LoadShelf {
        /// The question.
        request: RequestId,
        /// Whose catalog.
        profile: String,
        /// Which.
        wanted: WantedRecords,
        /// The key that the page begins at.
        after: Option<String>,
        /// Rows a page.
        limit: u32,
    },
    /// Ask how many records there are, roughly, whatever is searched for: [`super::Answer::Estimate`].
    Estimate {
        /// The question.
        request: RequestId,
        /// Whose catalog.
        profile: String,
        /// Which.
        wanted: WantedRecords,
    },
    /// Ask whether the database keeps users' rows apart: [`super::Answer::RowSecurity`].
    RowSecurity {
        /// The question.
        request: RequestId,
        /// Whose catalog.
        profile: String,
    },
    /// Ask where a profile's bucket is and what it can do: [`super::Answer::BucketFacts`]. Nothing is asked over the network.
    BucketFacts {
        /// The question.
        request: RequestId,
        /// Whose bucket.
        profile: String,
    },
    /// Read a bucket's CORS rules: [`super::Answer::Cors`].
    Cors {
        /// The question.
        request: RequestId,
        /// Whose bucket.
        profile: String,
    },
    /// Change a bucket's CORS rules: [`super::Answer::Cors`] has them as they are then.
    SetCors {
        /// The question.
        request: RequestId,
        /// Whose bucket.
        profile: String,
        /// How.
        change: CorsChange,
    },
    /// Count what a bucket keeps and does not show beneath a prefix: [`super::Message::Counting`] on the way,
    /// [`super::Answer::Counted`] at the end.
    CountHidden {
        /// The question.
        request: RequestId,
        /// In whose bucket.
        profile: String,
        /// Beneath what.
        prefix: String,
    },
    /// Examine a profile: [`super::Message::Examined`] for each check, [`super::Answer::Examined`] at the end.
    Examine {
        /// The question.
        request: RequestId,
        /// Which profile.
        profile: String,
    },
    /// Read one page of the bucket, delimited by `/`: [`super::Answer::Objects`].
    ListBucket {
        /// The question.
        request: RequestId,
        /// Whose bucket.
        profile: String,
        /// Which prefix.
        prefix: String,
        /// Where the last page ended.
        token: Option<String>,
    },
    /// Read one page of everything below a prefix: [`super::Answer::Objects`], without prefixes.
    ListBelow {
        /// The question.
        request: RequestId,
        /// Whose bucket.
        profile: String,
        /// Below what.
        prefix: String,
        /// Where the last page ended.
        token: Option<String>,
    },
    /// Find out about one file or object, for the inspector: [`super::Answer::Inspected`].
    Inspect {
        /// The question.
        request: RequestId,
        /// What.
        question: Question,
    },
    /// Nobody waits for this any more: stop it if it still runs, and send no answer.
    Cancel(RequestId),
    /// Make a key from a template with a fresh `{uuid}` and the time: [`super::Answer::Key`].
    MakeKey {
        /// The question.
        request: RequestId,
        /// The template.
        template: String,
        /// `{prefix}`.
        prefix: String,
        /// `{name}`.
        name: String,
    },
    /// Make keys for files and look which are taken: [`super::Answer::Planned`].
    PlanUpload {
        /// The question.
        request: RequestId,
        /// Into whose bucket.
        profile: Arc<ProfileIdentity>,
        /// What is sent.
        files: Vec<SourceFile>,
        /// How the keys are made.
        naming: Naming,
    },
    /// Find the local paths of objects (`domain::key::local_path`) and look which are taken: [`super::Answer::Planned`].
    PlanDownload {
        /// The question.
        request: RequestId,
        /// From whose bucket.
        profile: Arc<ProfileIdentity>,
        /// What is fetched.
        objects: Vec<WantedObject>,
        /// To where.
        to: SaveTo,
    },
    /// Find everything in folders or beneath prefixes and queue it while it is found: [`super::Message::Walking`] on the
    /// way, [`super::Answer::Walked`] at the end.
    Walk {
        /// The question.
        request: RequestId,
        /// Under which profile.
        profile: Arc<ProfileIdentity>,
        /// Through what.
        walk: Walk,
        /// What to do where something is there already.
        on_conflict: OnConflict,
    },
    /// Count what a question is about: [`super::Message::Counting`] on the way, [`super::Answer::Counted`] at the end.
    Count {
        /// The question.
        request: RequestId,
        /// In whose bucket.
        profile: String,
        /// What.
        what: Countable,
    },
    /// Put jobs into the journal: [`super::Answer::Enqueued`] once they are on disk.
    Enqueue {
        /// The question.
        request: RequestId,
        /// Under which profile.
        profile: Arc<ProfileIdentity>,
        /// The jobs.
        jobs: Vec<Job>,
    },
    /// Do something to queued transfers: [`super::Answer::Commanded`].
    Command {
        /// The question.
        request: RequestId,
        /// What.
        command: QueueCommand,
        /// To which.
        transfers: Vec<TransferId>,
    },
    /// Look what is now in the way of transfers that have failed because something was there: [`super::Answer::Met`].
    LookAtMet {
        /// The question.
        request: RequestId,
        /// Which.
        transfers: Vec<Arc<Transfer>>,
    },
    /// Change how much of a profile goes on at once: [`super::Answer::Limited`].
    SetLimits {
        /// The question.
        request: RequestId,
        /// Whose lane.
        profile: Arc<ProfileIdentity>,
        /// What is to hold.
        limits: Limits,
    },
    /// Make texts that name objects: [`super::Answer::Links`], in the order of the keys.
    Link {
        /// The question.
        request: RequestId,
        /// Of whose bucket.
        profile: String,
        /// Which objects.
        keys: Vec<String>,
        /// What sort of text.
        wanted: Wanted,
    },
    /// Sign an upload for somebody else and put the request that watches for it into the journal:
    /// [`super::Answer::Requested`].
    Request {
        /// The question.
        request: RequestId,
        /// Into whose bucket.
        profile: Arc<ProfileIdentity>,
        /// What.
        wanted: WantedRequest,
    },
    /// Sign a request that waits once more, for the time that is left: [`super::Answer::Requested`].
    ShowRequest {
        /// The question.
        request: RequestId,
        /// The request.
        transfer: Arc<Transfer>,
    },
    /// Bring text to the clipboard: [`super::Answer::Copied`] says what really happened.
    Copy {
        /// The question.
        request: RequestId,
        /// The text, which may be a presigned URL.
        text: SecretUrl,
    },
    /// Make or extend the profile's table: [`super::Answer::Migrated`].
    Migrate {
        /// The question.
        request: RequestId,
        /// Whose catalog.
        profile: String,
    },
    /// Ask bucket and database of a profile that is not saved yet: [`super::Answer::ProfileTried`].
    TryProfile {
        /// The question.
        request: RequestId,
        /// The profile.
        draft: Draft,
    },
    /// Write a new profile into the configuration file: [`super::Answer::ProfileSaved`].
    SaveProfile {
        /// The question.
        request: RequestId,
        /// The profile.
        draft: Draft,
    },
    /// Write into the configuration file that this profile opens next time: [`super::Answer::DefaultMade`].
    MakeDefault {
        /// The question.
        request: RequestId,
        /// Which.
        profile: String,
    },
    /// Read the profiles again from the configuration file, and open these anew: [`super::Answer::ProfilesRead`].
    ReadProfiles {
        /// The question.
        request: RequestId,
        /// Which.
        profiles: Vec<String>,
    },
    /// Look what is at local paths: [`super::Answer::Paths`], in their order.
    LookAtPaths {
        /// The question.
        request: RequestId,
        /// Absolute paths.
        paths: Vec<PathBuf>,
    },
    /// One step on the way of a text to the user's editor and back: [`super::Answer::Edit`].
    Edit {
        /// The question.
        request: RequestId,
        /// The step.
        step: EditStep,
    },
    /// The text in this private file is saved: the file goes.
    ForgetEdit(PathBuf),
    /// Write down what is to be remembered, beside what is known already.
    Remember(Box<Memory>),
    /// Send [`super::Message::Tick`] at this moment; replaces the moment asked for before.
    WakeAt(DateTime<Utc>),
    /// Long work has ended: tell whoever looks elsewhere, in the way that is set (`transfers.notify`).
    Notify(String),
    /// Clear the terminal and draw everything again.
    Redraw,
    /// Show these colours of the user's own.
    Wear(Box<ThemeFile>),
    /// Take the mouse from the terminal, or leave it to the terminal's own selection.
    Mouse(bool),
    /// Give the terminal back and stop as a job of the shell; [`super::Message::Resumed`] afterwards.
    Suspend,
    /// End the program; transfers stay in the journal.
    Quit,
}

/// A local file to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Absolute path.
    pub path: PathBuf,
    /// `{name}`: its name as text.
    pub name: String,
    /// Bytes, as far as the listing knew.
    pub size: Option<u64>,
}

/// How the keys of an upload are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Naming {
    /// Exactly this key, for a single file.
    Key(String),
    /// From a template; the runtime fills `{uuid}`, `{date}` and `{millis}`.
    Template {
        /// The template.
        template: String,
        /// `{prefix}`.
        prefix: String,
    },
}
