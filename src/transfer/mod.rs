//! The queue: what was asked for goes to the journal first, then through the states of DESIGN.md section 6 until bucket,
//! catalog and disk agree. The screen and the command line speak to [`Queue`] alone.

mod again;
pub mod beneath;
mod buffers;
mod cancelling;
mod core;
mod desk;
mod dispatch;
mod enqueue;
mod gather;
pub mod hidden;
mod holds;
mod inputs;
mod job;
mod journal;
mod lanes;
mod meter;
mod model;
mod order;
mod orphans;
mod others;
pub mod pages;
mod pausing;
pub mod plan;
mod pruning;
mod publish;
mod queue;
mod recorded;
mod records;
mod requests;
mod runner;
mod shares;
mod source;
pub mod stream;
mod texts;
mod tidying;
mod way;
mod wishes;
mod worker;

pub use desk::THREADS as FILE_THREADS;
pub use inputs::needs_its_reader;
pub use queue::{Queue, Scope, Tidied, Towards, Walking};
pub use requests::{Requested, USUAL_EXPIRY, WantedUpload};

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::catalog::Catalog;
use crate::config::Profile;
use crate::domain::transfer::{AskedUpload, Limits, OnConflict, ProfileIdentity, Versions};
use crate::domain::{Result, TransferKind};
use crate::storage::ObjectStore;

/// An open profile: its store and its catalog. Opening does no network IO; the first request does.
pub struct Connection {
    /// The profile, secrets resolved.
    pub profile: Arc<Profile>,
    /// What must stay the same for queued work to run.
    pub identity: Arc<ProfileIdentity>,
    /// Its bucket.
    pub store: Arc<dyn ObjectStore>,
    /// Its table.
    pub catalog: Arc<dyn Catalog>,
    /// Whose records it writes: `user_id`, else the login name.
    pub writer: String,
}

/// Opens the profile that a queued transfer belongs to; the services do it.
#[async_trait]
pub trait Connector: Send + Sync {
    /// The connection whose profile matches the identity.
    ///
    /// # Errors
    /// `ProfileMissing` where no profile matches, saying whose is missing, `ProfileElsewhere` where it is of another folder's
    /// `.env`, `ProfileBroken` where it is there with a mistake; the profile's own failure where it cannot open.
    async fn connect_as(&self, identity: &ProfileIdentity) -> Result<Arc<Connection>>;

    /// How much of the profile that matches goes on at once: what it says itself, else what is said for all.
    fn limits_of(&self, identity: &ProfileIdentity, for_all: Limits) -> Limits {
        let _says_nothing = identity;
        for_all
    }
}

/// What is asked of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransfer {
    /// What to do.
    pub kind: TransferKind,
    /// Under which profile.
    pub profile: Arc<ProfileIdentity>,
    /// The object's key.
    pub key: String,
    /// The local file: an upload's source, a download's target. Absolute.
    pub path: Option<PathBuf>,
    /// Bytes, where known already; only shown until the work begins.
    pub size: Option<u64>,
    /// An upload's MIME type; `None` is guessed from the name.
    pub content_type: Option<String>,
    /// What to do when the target is there.
    pub on_conflict: OnConflict,
    /// The entity tag of the object that may be replaced, for [`OnConflict::OverwriteIf`].
    pub etag: Option<String>,
    /// Delete from the bucket even where no visible record holds the key.
    pub without_record: bool,
    /// Delete: which versions go.
    pub versions: Versions,
    /// Request: what somebody else is asked for; `None` where the object is up already and only its record is due.
    pub asked: Option<AskedUpload>,
}

impl NewTransfer {
    /// Nothing but what every transfer has; it replaces nothing.
    pub fn new(kind: TransferKind, profile: Arc<ProfileIdentity>, key: impl Into<String>) -> Self {
        Self {
            kind,
            profile,
            key: key.into(),
            path: None,
            size: None,
            content_type: None,
            on_conflict: OnConflict::Refuse,
            etag: None,
            without_record: false,
            versions: Versions::Seen,
            asked: None,
        }
    }
}

/// Now, UTC, to the microsecond: what journal and catalog keep, so that a time is the same before and after a restart.
fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}

#[cfg(test)]
mod tests;
