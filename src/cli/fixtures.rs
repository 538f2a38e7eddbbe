//! Transfers for the tests of this folder.

use std::path::Path;
use std::sync::Arc;

use chrono::DateTime;

use crate::domain::transfer::{ProfileIdentity, TransferView};
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
        state,
        path: Some(Path::new("/f").into()),
        size: Some(10),
        error: next_try_in.map(|_| Failure::new(FailureKind::Offline, "no route").into()),
        ..Transfer::new(TransferKind::Upload, profile(), "k", DateTime::UNIX_EPOCH)
    };
    let transfer = Arc::new(transfer);
    TransferView { transfer, sent, rate: 0.0, next_try_in, elsewhere: false, held: false }
}
