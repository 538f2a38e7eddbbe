//! A transfer together with what only its worker needs to go on after a restart: the multipart upload and the facts by
//! which its source is known.

use std::ops::Deref;
use std::sync::Arc;

use crate::domain::{Transfer, TransferKind, TransferState};
use crate::storage::{Part, UploadId};
use crate::transfer::source::SourceFacts;

/// What a restart needs besides the transfer itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resume {
    /// The multipart upload, once the bucket has named it.
    pub upload_id: Option<UploadId>,
    /// Bytes of each part but the last; present from "beginning" on, before the bucket has named the upload.
    pub part_size: Option<u64>,
    /// An upload's source as it was when the first byte was read; a download's unfinished file.
    pub source: Option<SourceFacts>,
}

/// Which process runs a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This one.
    Me,
    /// Another one that is alive.
    Other,
    /// None.
    Nobody,
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Its number: the order in which transfers were queued.
    pub seq: i64,
    /// Its place in the queue: its number, until it is moved.
    pub rank: i64,
    /// Who runs it.
    pub owner: Owner,
    /// What another process asks of its owner.
    pub wish: Option<Wish>,
    /// The job.
    pub transfer: Arc<Transfer>,
    /// What a restart needs.
    pub resume: Kept,
}

impl Saved {
    /// Whether parts of it may be in the bucket, or its unfinished file on disk.
    pub fn may_have_left(&self) -> bool {
        let has_file = self.transfer.kind == TransferKind::Download && self.resume.source.is_some();
        self.resume.part_size.is_some() || has_file
    }

    /// Whether it is over and nothing is left to be done about it.
    pub fn is_closed(&self) -> bool {
        self.transfer.state.is_final() && self.wish.is_none() && !self.may_have_left()
    }
}

/// What a restart needs, in little memory where that is nothing: so it is for all that wait and all that are over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept(Option<Box<Resume>>);

impl From<Resume> for Kept {
    fn from(resume: Resume) -> Self {
        Self((resume != Resume::default()).then(|| Box::new(resume)))
    }
}

impl Deref for Kept {
    type Target = Resume;

    fn deref(&self) -> &Resume {
        static NOTHING: Resume = Resume { upload_id: None, part_size: None, source: None };
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

/// What one process may ask of the one that runs a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Cancel it.
    Cancel,
    /// Hold it.
    Pause,
    /// Try it again now.
    Retry,
}

impl Wish {
    /// As the journal writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Retry => "retry",
        }
    }

    /// Whether it can be granted to a transfer as it stands. One that failed, or was cancelled while the bucket was away,
    /// may have left parts there: cancelling it removes them.
    pub fn applies(self, saved: &Saved) -> bool {
        let state = saved.transfer.state;
        match self {
            Self::Cancel if state == TransferState::Cancelled => saved.may_have_left(),
            Self::Cancel => !state.is_final() || state == TransferState::Failed,
            Self::Pause => state.is_open(),
            Self::Retry => !matches!(state, TransferState::Done | TransferState::Expired),
        }
    }

    /// The wish of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Cancel, Self::Pause, Self::Retry].into_iter().find(|wish| wish.name() == name)
    }
}

/// One change to the journal; many travel in one commit.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new transfer at the queue's end, run by this process if `mine`.
    Insert {
        /// The job.
        transfer: Arc<Transfer>,
        /// Whether this process runs it.
        mine: bool,
    },
    /// The transfer as it stands now, and who runs it from here on.
    Update {
        /// The job.
        transfer: Arc<Transfer>,
        /// What a restart needs.
        resume: Kept,
        /// Whether this process goes on running it.
        mine: bool,
    },
    /// The bucket acknowledged a part; `acknowledged` is the transfer's new total in bytes.
    Part {
        /// Whose part.
        id: crate::domain::TransferId,
        /// The part.
        part: Part,
        /// The transfer's bytes so far.
        acknowledged: u64,
    },
    /// The multipart upload is gone, and its parts with it.
    ForgetParts(crate::domain::TransferId),
    /// Something is asked of the process that runs it.
    Wish(crate::domain::TransferId, Wish),
    /// Nothing is wished any more.
    ClearWish(crate::domain::TransferId),
    /// This wish was granted; another one stays, unless it was cancelled for good.
    Granted(crate::domain::TransferId, Wish),
    /// Its new place in the queue.
    Rank(crate::domain::TransferId, i64),
    /// The row goes.
    Remove(crate::domain::TransferId),
}

impl Change {
    /// The transfer as it stands now.
    pub fn update(saved: &Saved) -> Self {
        let (transfer, resume) = (saved.transfer.clone(), saved.resume.clone());
        Self::Update { transfer, resume, mine: saved.owner == Owner::Me }
    }

    /// Which transfer it changes.
    pub fn id(&self) -> crate::domain::TransferId {
        match self {
            Self::Insert { transfer, .. } | Self::Update { transfer, .. } => transfer.id,
            Self::Part { id, .. }
            | Self::ForgetParts(id)
            | Self::Wish(id, _)
            | Self::ClearWish(id)
            | Self::Granted(id, _)
            | Self::Rank(id, _)
            | Self::Remove(id) => *id,
        }
    }
}
