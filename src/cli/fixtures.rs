//! Transfers for the tests of this folder.

use std::path::Path;
use std::sync::Arc;

use chrono::DateTime;

use crate::domain::transfer::{OnConflict, ProfileIdentity, TransferView, Versions};
use crate::domain::{Failure, FailureKind, Transfer, TransferId, TransferKind, TransferState};
use crate::transfer::NewTransfer;

/// A profile of nobody's.
pub fn profile() -> Arc<ProfileIdentity> {
    Arc::new(ProfileIdentity {
        name: String::new(),
        provider: String::new(),
        endpoint: String::new(),
        bucket: String::new(),
        key_id: String::new(),
        catalog: String::new(),
        env_file: None,
    })
}

/// An upload to be queued.
pub fn job(key: &str) -> NewTransfer {
    NewTransfer { path: Some("/f".into()), size: Some(10), ..NewTransfer::new(TransferKind::Upload, profile(), key) }
}

/// An upload in the queue.
pub fn view(id: TransferId, state: TransferState, sent: u64, next_try_in: Option<u64>) -> TransferView {
    let transfer = Transfer {
        id,
        kind: TransferKind::Upload,
        state,
        profile: profile(),
        key: "k".into(),
        path: Some(Path::new("/f").into()),
        size: Some(10),
        acknowledged: 0,
        content_type: None,
        on_conflict: OnConflict::Refuse,
        without_record: false,
        versions: Versions::Seen,
        asked: None,
        url: None,
        checksum: None,
        etag: None,
        error: next_try_in.map(|_| Failure::new(FailureKind::Offline, "no route").into()),
        attempts: 0,
        not_before: None,
        queued_at: DateTime::UNIX_EPOCH,
        stored_at: None,
        finished_at: None,
    };
    let transfer = Arc::new(transfer);
    TransferView { transfer, sent, rate: 0.0, next_try_in, elsewhere: false, held: false }
}
