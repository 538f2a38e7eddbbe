//! Object to local file: into `NAME.windlass-part` beside the target, checked, flushed, and only then given its name. An
//! interrupted download goes on where it stopped, as long as the object is still the same one.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;

use super::part_file::{self, PartFile};
use super::placing::{exists, place, placed_already};
use super::{enter, finish};
use crate::domain::display::{display, display_path};
use crate::domain::transfer::OnConflict;
use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result, Transfer, TransferState};
use crate::storage::{Download, Sent};
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::job::Resume;
use crate::transfer::model::Work;
use crate::transfer::source::{SourceFacts, blocking};

/// Takes a download from wherever it stands to `done`.
pub async fn run(core: &Core, connection: &Connection, work: Work) -> Result<()> {
    let (transfer, resume) = (work.transfer, work.resume);
    let target =
        transfer.path.clone().ok_or_else(|| Failure::new(FailureKind::Internal, "a download without a file"))?;
    if transfer.state == TransferState::Placing
        && let Some(placed) = placed_already(&target, resume.source.as_ref()).await?
    {
        return done(core, &transfer, placed, transfer.acknowledged, None).await;
    }
    if !may_begin(core, &transfer, &target).await? {
        return Ok(());
    }
    let part = part_file::path_of(&target);
    let received = receive(core, connection, &transfer, &resume, &part, &work.sent).await?;
    core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Verifying)).await?;
    let modified = received.info.modified;
    check(&transfer, &received, &part)?;
    core.save(transfer.id, |transfer, _| enter(transfer, TransferState::Placing)).await?;
    let placed = place(part, target, transfer.on_conflict, modified).await?;
    done(core, &transfer, placed, received.info.size, received.expected.clone()).await
}

async fn done(core: &Core, transfer: &Transfer, placed: PathBuf, bytes: u64, checksum: Option<Checksum>) -> Result<()> {
    core.save(transfer.id, |transfer, resume| {
        enter(transfer, TransferState::Done);
        finish(transfer, TransferState::Done);
        transfer.path = Some(placed);
        transfer.acknowledged = bytes;
        transfer.checksum = checksum;
        *resume = Resume::default();
    })
    .await
    .map(drop)
}

/// Removes the unfinished file of a cancelled download.
///
/// # Errors
/// `Local` where it cannot be removed.
pub async fn clean_up(transfer: &Transfer, resume: &Resume) -> Result<()> {
    let (Some(target), Some(ours)) = (&transfer.path, resume.source.clone()) else { return Ok(()) };
    let part = part_file::path_of(target);
    blocking(move || match std::fs::metadata(&part) {
        // Only the file that this transfer has written; another one's may bear the same name.
        Ok(found) if SourceFacts::identity_of(&found) == ours => {
            std::fs::remove_file(&part).map_err(|error| Failure::io("remove", &part, &error))
        }
        _ => Ok(()),
    })
    .await
}

/// Looks at the target before the first byte; false where there is nothing to do.
async fn may_begin(core: &Core, transfer: &Transfer, target: &Path) -> Result<bool> {
    let there = tokio::fs::symlink_metadata(target).await.is_ok();
    match transfer.on_conflict {
        OnConflict::Refuse if there => Err(exists(target)),
        OnConflict::Skip if there => {
            let note = Failure::new(FailureKind::Exists, format!("skipped: {} exists", display_path(target)));
            core.save(transfer.id, |transfer, _| {
                finish(transfer, TransferState::Done);
                transfer.error = Some(note);
            })
            .await?;
            Ok(false)
        }
        _ => Ok(true),
    }
}

/// What has arrived whole.
struct Received {
    info: ObjectInfo,
    /// Of the bytes that arrived.
    computed: Checksum,
    /// Of the object, where the store keeps one.
    expected: Option<Checksum>,
    bytes: u64,
    /// Locked until the file has its name: until then another download of that name must not take its place.
    _locked: File,
}

impl Received {
    /// All of it has arrived.
    async fn whole(file: PartFile, info: ObjectInfo, expected: Option<Checksum>) -> Result<Self> {
        let file = file.flush().await?;
        Ok(Self { info, computed: file.checksum(), expected, bytes: file.bytes, _locked: file.into_lock() })
    }
}

async fn receive(
    core: &Core,
    connection: &Connection,
    transfer: &Arc<Transfer>,
    resume: &Resume,
    part: &Path,
    sent: &Sent,
) -> Result<Received> {
    let known = resume.source.as_ref().filter(|_| transfer.etag.is_some());
    let mut file = PartFile::open(part, known).await?;
    if file.bytes > 0 && transfer.size == Some(file.bytes) {
        let (info, expected) = connection.store.head(&transfer.key).await?;
        // The last run ended after the last byte: as long as the object is still that one, nothing has to be sent again.
        if info.etag == transfer.etag && info.size == file.bytes {
            return Received::whole(file, info, expected).await;
        }
        file = file.begin_anew().await?;
    }
    let (file, download) = ask(connection, transfer, file).await?;
    sent.set(file.bytes);
    let Download { info, checksum, body } = download;
    begun(core, transfer, &file, &info).await?;
    let file = take_all(file, body, sent).await?;
    Received::whole(file, info, checksum).await
}

/// Asks for what is missing; from the beginning where the object is no longer the one that was begun with.
async fn ask(connection: &Connection, transfer: &Transfer, file: PartFile) -> Result<(PartFile, Download)> {
    let if_match = transfer.etag.as_deref().filter(|_| file.bytes > 0);
    match connection.store.get(&transfer.key, file.bytes, None, if_match).await {
        Ok(download) => Ok((file, download)),
        Err(failure) if file.bytes > 0 && restarts(&failure) => {
            tracing::info!(transfer = %transfer.id, "the object has changed since the download began: it starts over");
            let file = file.begin_anew().await?;
            Ok((file, connection.store.get(&transfer.key, 0, None, None).await?))
        }
        Err(failure) if file.bytes == 0 => {
            // Nothing of it has arrived: nothing of it stays.
            file.discard().await?;
            Err(failure)
        }
        Err(failure) => Err(failure),
    }
}

async fn begun(core: &Core, transfer: &Transfer, file: &PartFile, info: &ObjectInfo) -> Result<()> {
    let (facts, bytes) = (file.facts.clone(), file.bytes);
    core.save(transfer.id, |transfer, resume| {
        enter(transfer, TransferState::Receiving);
        resume.source = Some(facts);
        transfer.size = Some(info.size);
        transfer.acknowledged = bytes;
        transfer.etag.clone_from(&info.etag);
    })
    .await
    .map(drop)
}

async fn take_all(mut file: PartFile, mut body: BoxStream<'static, Result<Bytes>>, sent: &Sent) -> Result<PartFile> {
    while let Some(bytes) = body.next().await {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(failure) => {
                // What has arrived counts, or a link that breaks often would never get on.
                file.flush().await?;
                return Err(failure);
            }
        };
        sent.add(bytes.len() as u64);
        file = file.take(bytes).await?;
    }
    Ok(file)
}

/// The object is another one now, or the file on disk is longer than it.
fn restarts(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Changed | FailureKind::Usage)
}

fn check(transfer: &Transfer, received: &Received, part: &Path) -> Result<()> {
    let key = display(&transfer.key);
    let differs = |what: String| {
        // What does not verify must not be gone on with.
        let removed = std::fs::remove_file(part).map_err(|error| Failure::io("remove", part, &error));
        removed.and(Err(Failure::new(
            FailureKind::Integrity,
            format!("what arrived of {key} is not the object: {what}"),
        )
        .hint("retry; it starts over")))
    };
    if received.bytes != received.info.size {
        return differs(format!("{} bytes arrived, it has {}", received.bytes, received.info.size));
    }
    match &received.expected {
        Some(expected) if expected.algorithm == received.computed.algorithm && *expected != received.computed => {
            differs(format!("its checksum is {expected}, {} arrived", received.computed))
        }
        _ => Ok(()),
    }
}
