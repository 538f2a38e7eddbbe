//! One job of the queue and the states of its life (DESIGN.md section 6). The journal stores these values, the worker
//! moves them from state to state, the screen and the command line show them.

mod view;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::display::display_path;
pub use super::object::Versions;
use super::{Checksum, Failure, FailureKind};
pub use view::{Hold, Lane, Limits, QueueView, TransferView, seconds_left};

/// Names a transfer across restarts and processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransferId(pub Uuid);

impl TransferId {
    /// A new name; later ones sort after earlier ones (UUID version 7).
    pub fn fresh() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for TransferId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// What a transfer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// Local file to object, then its record.
    Upload,
    /// Object to local file.
    Download,
    /// Object away, then its record.
    Delete,
    /// Somebody else uploads by a presigned PUT.
    Request,
}

impl TransferKind {
    /// As JSON and the journal write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Delete => "delete",
            Self::Request => "request",
        }
    }
}

/// Where a transfer stands. Every arrow between two is a journal commit; every one can be entered twice without harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferState {
    /// On disk, waiting for its turn.
    Queued,
    /// Upload: bytes on their way up.
    Sending,
    /// Download: bytes on their way down.
    Receiving,
    /// Comparing size and checksum.
    Verifying,
    /// Upload: the object is up, its record is being written or waits for the catalog.
    Recording,
    /// Download: moving the finished part file to its name.
    Placing,
    /// Delete: removing the object.
    Deleting,
    /// Delete: removing the record.
    Forgetting,
    /// Request: nobody has uploaded yet.
    Waiting,
    /// Request: the object is there.
    Arrived,
    /// Finished; the catalog says so too.
    Done,
    /// Request: nobody came in time.
    Expired,
    /// Held by the user.
    Paused,
    /// Given up; `error` says why.
    Failed,
    /// Stopped by the user; nothing of it is left in the bucket.
    Cancelled,
}

impl TransferState {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 15] = [
        Self::Queued,
        Self::Sending,
        Self::Receiving,
        Self::Verifying,
        Self::Recording,
        Self::Placing,
        Self::Deleting,
        Self::Forgetting,
        Self::Waiting,
        Self::Arrived,
        Self::Done,
        Self::Expired,
        Self::Paused,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As JSON and the journal write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Receiving => "receiving",
            Self::Verifying => "verifying",
            Self::Recording => "recording",
            Self::Placing => "placing",
            Self::Deleting => "deleting",
            Self::Forgetting => "forgetting",
            Self::Waiting => "waiting",
            Self::Arrived => "arrived",
            Self::Done => "done",
            Self::Expired => "expired",
            Self::Paused => "paused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Nothing more will happen by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Expired | Self::Failed | Self::Cancelled)
    }

    /// A worker is at it, or would be if one were free.
    pub const fn is_open(self) -> bool {
        !self.is_final() && !matches!(self, Self::Paused)
    }
}

/// What to do when the target is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnConflict {
    /// Stop with a failure that names the target.
    Refuse,
    /// Replace it.
    Overwrite,
    /// Leave it; the transfer is done at once.
    Skip,
    /// Use another name: `name (2).ext`.
    KeepBoth,
    /// Replace it if it still is the object with the transfer's entity tag: what was edited goes over nothing else.
    OverwriteIf,
}

/// What a profile was when something was queued under it, without its secrets: a transfer runs only under a profile
/// that matches all of it (DESIGN.md section 6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProfileIdentity {
    /// The profile's name when it was queued; shown, and not part of the match.
    pub name: String,
    /// `provider`.
    pub provider: String,
    /// Endpoint URL, or the provider's own.
    pub endpoint: String,
    /// Bucket or project.
    pub bucket: String,
    /// Access key id or public key.
    pub key_id: String,
    /// Database host, name, schema and table, or the SQLite path; never a password.
    pub catalog: String,
    /// The `.env` it came from, if any, by its canonical path: another one may mean another user, or another project.
    pub env_file: Option<PathBuf>,
}

impl ProfileIdentity {
    /// Whether work queued under `self` may run under `other`: the same bucket by the same key, the same table, and from the
    /// same place.
    pub fn matches(&self, other: &Self) -> bool {
        self.parts() == other.parts() && self.env_file == other.env_file
    }

    /// Where `other` is another than `self`, with what `self` has there, or the `.env` of `other`; empty where they match.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let names = ["provider", "endpoint", "bucket", "access key", "catalog"];
        let pairs = names.into_iter().zip(self.parts()).zip(other.parts());
        let differing = pairs.filter(|((_, mine), theirs)| mine != theirs);
        let differing = differing.map(|((name, mine), _)| format!("another {name}, not {mine}"));
        self.another_source(other).into_iter().chain(differing).collect()
    }

    fn another_source(&self, other: &Self) -> Option<String> {
        let theirs = || other.env_file.as_deref().map_or_else(|| "no .env".into(), display_path);
        (self.env_file != other.env_file).then(|| format!("another source, {}", theirs()))
    }

    fn parts(&self) -> [&str; 5] {
        [&self.provider, &self.endpoint, &self.bucket, &self.key_id, &self.catalog]
    }
}

/// What somebody else was asked to upload, kept apart from what came: whoever looks again compares with this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedUpload {
    /// Bytes exactly; `None` takes any.
    pub size: Option<u64>,
    /// The MIME type.
    pub content_type: Arc<str>,
    /// When the presigned PUT ends, UTC, by this machine's clock.
    pub expires_at: DateTime<Utc>,
}

/// One job as the journal holds it and everybody shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its name.
    pub id: TransferId,
    /// What it does.
    pub kind: TransferKind,
    /// Where it stands.
    pub state: TransferState,
    /// Whose it is; shared among the many transfers of one profile.
    pub profile: Arc<ProfileIdentity>,
    /// The object's key. Texts are shared with the versions before and after, because every step makes a new one.
    pub key: Arc<str>,
    /// The local file: the source of an upload, the target of a download.
    pub path: Option<Arc<Path>>,
    /// Bytes; `None` while unknown.
    pub size: Option<u64>,
    /// Bytes that the other side has acknowledged.
    pub acknowledged: u64,
    /// The object's MIME type; shared among the many of one type.
    pub content_type: Option<Arc<str>>,
    /// What to do when the target is there.
    pub on_conflict: OnConflict,
    /// Delete from the bucket even where no visible record holds the key.
    pub without_record: bool,
    /// Delete: which versions go.
    pub versions: Versions,
    /// Request: what was asked for. `None`: the object is up already, and only its record is due.
    pub asked: Option<Box<AskedUpload>>,
    /// The catalog's `file_url` once known; never presigned.
    pub url: Option<Arc<str>>,
    /// The source's or object's checksum once known.
    pub checksum: Option<Arc<Checksum>>,
    /// The object's entity tag once known. With [`OnConflict::OverwriteIf`] that of the object which may be replaced, until
    /// the bytes are up.
    pub etag: Option<Arc<str>>,
    /// Why it failed or what it waits for.
    pub error: Option<Box<Failure>>,
    /// Tries so far in the state it is in.
    pub attempts: u32,
    /// Not before then, UTC.
    pub not_before: Option<DateTime<Utc>>,
    /// When it was queued, UTC.
    pub queued_at: DateTime<Utc>,
    /// When its bytes were complete, UTC: the record's `upload_timestamp`.
    pub stored_at: Option<DateTime<Utc>>,
    /// When it reached a final state, UTC.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Transfer {
    /// One that is queued now; nothing more is known of it, and it replaces nothing.
    pub fn new(
        kind: TransferKind,
        profile: Arc<ProfileIdentity>,
        key: impl Into<Arc<str>>,
        queued_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id: TransferId::fresh(),
            kind,
            state: TransferState::Queued,
            profile,
            key: key.into(),
            path: None,
            size: None,
            acknowledged: 0,
            content_type: None,
            on_conflict: OnConflict::Refuse,
            without_record: false,
            versions: Versions::Seen,
            asked: None,
            url: None,
            checksum: None,
            etag: None,
            error: None,
            attempts: 0,
            not_before: None,
            queued_at,
            stored_at: None,
            finished_at: None,
        }
    }

    /// When the presigned PUT ends that somebody else may upload by, UTC.
    pub fn url_ends(&self) -> Option<DateTime<Utc>> {
        self.asked.as_deref().map(|asked| asked.expires_at)
    }

    /// Whether it failed because what it was for is not there, before anything was moved: the same try fails again, and
    /// there is nothing to go on with. Not so an upload, whose file may come back, nor what somebody else was asked for, nor
    /// what failed because the whole bucket is missing.
    pub fn failed_in_vain(&self) -> bool {
        let is_gone = self.error.as_ref().is_some_and(|error| error.kind == FailureKind::NotFound);
        let moved = self.acknowledged > 0 || self.stored_at.is_some();
        let is_ours = self.kind != TransferKind::Upload && self.asked.is_none();
        self.state == TransferState::Failed && is_gone && !moved && is_ours
    }

    /// What was noticed and is no trouble any more, while its bytes move: that it starts over, and why.
    pub fn note(&self) -> Option<&Failure> {
        let moves = matches!(self.state, TransferState::Sending | TransferState::Receiving);
        self.error.as_deref().filter(|noticed| moves && self.not_before.is_none() && !noticed.leaves_open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Failure;

    fn failed(kind: TransferKind, why: FailureKind) -> Transfer {
        let identity = ProfileIdentity {
            name: "prod".into(),
            provider: "s3".into(),
            endpoint: String::new(),
            bucket: "pics".into(),
            key_id: String::new(),
            catalog: String::new(),
            env_file: None,
        };
        Transfer {
            state: TransferState::Failed,
            error: Some(Failure::new(why, "no").into()),
            ..Transfer::new(kind, Arc::new(identity), "k", DateTime::UNIX_EPOCH)
        }
    }

    #[test]
    fn only_what_is_gone_from_its_bucket_fails_in_vain() {
        for kind in [TransferKind::Download, TransferKind::Delete] {
            assert!(failed(kind, FailureKind::NotFound).failed_in_vain());
            assert!(!failed(kind, FailureKind::NoBucket).failed_in_vain(), "the bucket may be made");
            assert!(!failed(kind, FailureKind::Local).failed_in_vain(), "the disk may come back");
        }
        assert!(!failed(TransferKind::Upload, FailureKind::NotFound).failed_in_vain(), "the file may come back");
        let moved = Transfer { acknowledged: 1, ..failed(TransferKind::Download, FailureKind::NotFound) };
        assert!(!moved.failed_in_vain(), "there is something to go on with");
    }
}
