//! The last step of uploads and deletes: the catalog is told, many transfers by one statement. While it is away they
//! wait here for as long as it takes; the object is up, and stays up.

use std::sync::Arc;

use chrono::Utc;

use super::Connection;
use super::core::Core;
use super::model::Batch;
use super::worker::{enter, finish, wait, waits};
use crate::domain::{Failure, NewRecord, Result, Transfer, TransferState};

/// Writes or removes the records of one batch.
pub async fn run(core: Arc<Core>, batch: Batch) {
    let result = tokio::select! {
        () = core.closing.cancelled() => Ok(()),
        result = perform(&core, &batch) => result,
    };
    if let Err(failure) = result {
        // All at once, so that the journal takes them in one commit.
        futures::future::join_all(batch.transfers.iter().map(|transfer| meet(&core, transfer, &failure))).await;
    }
    let stopped = core.model().batch_ended(&batch);
    for (id, why) in stopped {
        core.stopped(id, why).await;
    }
    core.wake();
}

async fn perform(core: &Core, batch: &Batch) -> Result<()> {
    let connection = core.connect(&batch.profile).await?;
    match tell(&connection, &batch.transfers, batch.state).await {
        Ok(()) => {
            done(core, &batch.transfers).await;
            Ok(())
        }
        Err(failure) if failure.is_transient() || batch.transfers.len() == 1 => Err(failure),
        // One row that is refused must not hold up the others.
        Err(_refused) => one_by_one(core, &connection, batch).await,
    }
}

async fn one_by_one(core: &Core, connection: &Connection, batch: &Batch) -> Result<()> {
    for transfer in &batch.transfers {
        match tell(connection, std::slice::from_ref(transfer), batch.state).await {
            Ok(()) => done(core, std::slice::from_ref(transfer)).await,
            Err(failure) if failure.is_transient() => return Err(failure),
            Err(failure) => meet(core, transfer, &failure).await,
        }
    }
    Ok(())
}

async fn tell(connection: &Connection, transfers: &[Arc<Transfer>], state: TransferState) -> Result<()> {
    if state == TransferState::Forgetting {
        let keys: Vec<String> = transfers.iter().map(|transfer| transfer.key.clone()).collect();
        return connection.catalog.forget(&keys, connection.profile.user_id.as_deref()).await.map(drop);
    }
    let records: Vec<NewRecord> = transfers.iter().map(|transfer| record(connection, transfer)).collect();
    connection.catalog.record(&records).await
}

/// What an upload's record says.
fn record(connection: &Connection, transfer: &Transfer) -> NewRecord {
    NewRecord {
        key: transfer.key.clone(),
        url: transfer.url.clone(),
        user_id: connection.writer.clone(),
        uploaded_at: transfer.stored_at.unwrap_or(transfer.queued_at),
        bucket: connection.profile.bucket().to_owned(),
        size: transfer.size.unwrap_or(0),
        content_type: transfer.content_type.clone().unwrap_or_default(),
        etag: transfer.etag.clone(),
        checksum: transfer.checksum.clone(),
    }
}

async fn done(core: &Core, transfers: &[Arc<Transfer>]) {
    let saves = transfers.iter().map(async |transfer| {
        let saved = core.save(transfer.id, |transfer, _| {
            enter(transfer, TransferState::Done);
            finish(transfer, TransferState::Done);
        });
        if let Err(failure) = saved.await {
            // The record is written; writing it again later does no harm.
            core.journal_trouble(transfer.id, failure);
        }
    });
    // All at once, so that the journal takes them in one commit.
    futures::future::join_all(saves).await;
}

/// "Not now" parks the transfer for as long as it takes; any other answer fails it, and its object stays up.
async fn meet(core: &Core, transfer: &Transfer, failure: &Failure) {
    if core.model().get(transfer.id).is_none_or(|job| job.saved.transfer.state.is_final()) {
        return;
    }
    let edited = core
        .save(transfer.id, |transfer, _| {
            if waits(failure) {
                transfer.attempts += 1;
                transfer.not_before = Some(Utc::now() + wait(transfer, failure));
                transfer.error = Some(failure.clone());
            } else {
                finish(transfer, TransferState::Failed);
                transfer.error = Some(refused(transfer, failure));
            }
        })
        .await;
    if let Err(failure) = edited {
        core.journal_trouble(transfer.id, failure);
    }
}

fn refused(transfer: &Transfer, failure: &Failure) -> Failure {
    let what = match transfer.state {
        TransferState::Forgetting => format!("the object is deleted, its record is not: {}", failure.what),
        _ => format!("the object is up, but has no record: {}", failure.what),
    };
    Failure { what, ..failure.clone() }
}
