//! What an upload leaves in the bucket: its multipart upload, and how that is known again and ended. One whose name never
//! reached the journal looks like any other that has only just begun, and what another transfer has begun is let alone.

use std::collections::HashSet;

use chrono::TimeDelta;

use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result, Transfer};
use crate::storage::UploadId;
use crate::transfer::Connection;
use crate::transfer::core::Core;
use crate::transfer::job::{Resume, Saved};
use crate::transfer::journal::Which;

/// How far a bucket's clock may be from this machine's.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(15);

/// Whether a multipart upload of it may be open in the bucket.
pub fn may_have_left(transfer: &Transfer, resume: &Resume) -> bool {
    resume.part_size.is_some() && transfer.stored_at.is_none()
}

/// Ends the multipart upload that a cancelled transfer left in the bucket.
///
/// # Errors
/// The store's, where parts may be left; `Busy` while that cannot be told from what another transfer has just begun.
pub async fn clean_up(core: &Core, connection: &Connection, transfer: &Transfer, resume: &Resume) -> Result<()> {
    if !may_have_left(transfer, resume) {
        return Ok(());
    }
    let ids = match &resume.upload_id {
        Some(id) => vec![id.clone()],
        None => nobody_elses(core, transfer, nameless(connection, transfer).await?).await?,
    };
    for id in ids {
        connection.store.abort_upload(&transfer.key, &id).await?;
    }
    Ok(())
}

/// Multipart uploads of exactly this key that can only be this transfer's: begun since it was queued, and still without
/// any part, because an upload whose id never reached the journal has none.
pub async fn nameless(connection: &Connection, transfer: &Transfer) -> Result<Vec<UploadId>> {
    let since = transfer.queued_at - CLOCKS_DIFFER;
    let mut found = Vec::new();
    for upload in connection.store.list_uploads(&transfer.key).await? {
        let may_be = *upload.key == *transfer.key && upload.begun.is_none_or(|begun| begun >= since);
        if may_be && connection.store.list_parts(&upload.key, &upload.id).await.is_ok_and(|parts| parts.is_empty()) {
            found.push(upload.id);
        }
    }
    Ok(found)
}

/// Those of the uploads found that no other transfer of the journal has as its own, cancelled ones included.
///
/// # Errors
/// `Busy` where the journal cannot be read: nothing may be taken then.
pub async fn not_named(core: &Core, transfer: &Transfer, found: Vec<UploadId>) -> Result<Vec<UploadId>> {
    if found.is_empty() {
        return Ok(found);
    }
    let others = others_of_its_key(core, transfer).await?;
    Ok(without_named(&others, found))
}

async fn others_of_its_key(core: &Core, transfer: &Transfer) -> Result<Vec<Saved>> {
    let unread = |failure: Failure| Failure { kind: FailureKind::Busy, ..failure };
    let mut rows = core.journal.read(Which::Look).await.map_err(unread)?.rows;
    rows.retain(|row| is_another_of_its_key(row, transfer));
    Ok(rows)
}

fn without_named(others: &[Saved], found: Vec<UploadId>) -> Vec<UploadId> {
    let named: HashSet<&UploadId> = others.iter().filter_map(|row| row.resume.upload_id.as_ref()).collect();
    found.into_iter().filter(|id| !named.contains(id)).collect()
}

/// Those that no other transfer has begun. The journal's rows count as they are after the bucket was asked: each says
/// "beginning" before its upload begins.
async fn nobody_elses(core: &Core, transfer: &Transfer, found: Vec<UploadId>) -> Result<Vec<UploadId>> {
    if found.is_empty() {
        return Ok(found);
    }
    let others = others_of_its_key(core, transfer).await?;
    let found = without_named(&others, found);
    let begins = |row: &Saved| row.transfer.state.is_open() && row.resume.upload_id.is_none();
    if !found.is_empty() && others.iter().any(begins) {
        let what = format!("another upload of {} is just beginning", display(&transfer.key));
        return Err(Failure::new(FailureKind::Busy, what));
    }
    Ok(found)
}

/// Profiles may differ and still name the same bucket, so that only its name counts.
fn is_another_of_its_key(row: &Saved, transfer: &Transfer) -> bool {
    let other = &row.transfer;
    let same_place = other.key == transfer.key && other.profile.bucket == transfer.profile.bucket;
    other.id != transfer.id && same_place && row.resume.part_size.is_some()
}
