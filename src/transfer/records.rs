//! The last step of uploads and deletes: the catalog is told, many transfers by one statement. While it is away they
//! wait here for as long as it takes; the object is up, and stays up.

use std::sync::Arc;

use chrono::Utc;

use super::Connection;
use super::core::Core;
use super::holds::Met;
use super::job::Resume;
use super::model::Batch;
use super::worker::{enter_with_note, finish, held, wait, waits};
use crate::domain::{Failure, NewRecord, Origin, Result, Transfer, TransferId, TransferKind, TransferState, joined};

/// Writes or removes the records of one batch.
pub async fn run(core: Arc<Core>, batch: Batch) {
    let result = tokio::select! {
        () = core.closing.cancelled() => Ok(()),
        result = perform(&core, &batch) => result,
    };
    if let Err(failure) = result {
        meet_all(&core, &batch, &failure).await;
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
            core.model().batch_through(batch);
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
            Err(failure) => meet(core, std::slice::from_ref(transfer), &failure).await,
        }
    }
    Ok(())
}

async fn tell(connection: &Connection, transfers: &[Arc<Transfer>], state: TransferState) -> Result<()> {
    if state == TransferState::Forgetting {
        let keys: Vec<String> = transfers.iter().flat_map(|transfer| connection.store.forms(&transfer.key)).collect();
        return connection.catalog.forget(&keys, connection.profile.user_id.as_deref()).await.map(drop);
    }
    let records: Vec<NewRecord> = transfers.iter().map(|transfer| record(connection, transfer)).collect();
    connection.catalog.record(&records).await
}

/// What an upload's record says.
fn record(connection: &Connection, transfer: &Transfer) -> NewRecord {
    NewRecord {
        origin: origin(transfer),
        key: transfer.key.to_string(),
        url: transfer.url.as_deref().map(str::to_owned),
        user_id: connection.writer.clone(),
        uploaded_at: transfer.stored_at.unwrap_or(transfer.queued_at),
        bucket: connection.profile.bucket().to_owned(),
        size: transfer.size.unwrap_or(0),
        content_type: transfer.content_type.as_deref().unwrap_or_default().to_owned(),
        etag: transfer.etag.as_deref().map(str::to_owned),
        checksum: transfer.checksum.as_deref().cloned(),
    }
}

/// What nobody was asked for was there already, whoever put it up.
fn origin(transfer: &Transfer) -> Origin {
    match (transfer.kind, &transfer.asked) {
        (TransferKind::Request, None) => Origin::Found { at: Utc::now() },
        _ => Origin::Uploaded,
    }
}

async fn done(core: &Core, transfers: &[Arc<Transfer>]) {
    let done = |transfer: &mut Transfer, _: &mut Resume| {
        enter_with_note(transfer, TransferState::Done);
        finish(transfer, TransferState::Done);
    };
    // Where it cannot be saved the record is written again later, which does no harm.
    save(core, &ids(transfers), done).await;
}

/// What concerns them all holds them all.
async fn meet_all(core: &Core, batch: &Batch, failure: &Failure) {
    let met = core.model().batch_met(batch, failure, Utc::now());
    match met {
        Met::Held => held(core, &ids(&batch.transfers), failure).await,
        Met::Own | Met::OwnLikeAll => meet(core, &batch.transfers, failure).await,
    }
}

/// "Not now" parks transfers for as long as it takes; any other answer fails them, and their objects stay up.
async fn meet(core: &Core, transfers: &[Arc<Transfer>], failure: &Failure) {
    let is_open = |id: &TransferId| core.model().get(*id).is_some_and(|job| !job.saved.transfer.state.is_final());
    let mut open = ids(transfers);
    open.retain(is_open);
    let met = |transfer: &mut Transfer, _: &mut Resume| {
        if waits(failure) {
            transfer.attempts += 1;
            transfer.not_before = Some(Utc::now() + wait(transfer, failure));
            transfer.error = Some(failure.clone().into());
        } else {
            finish(transfer, TransferState::Failed);
            transfer.error = Some(refused(transfer, failure).into());
        }
    };
    save(core, &open, met).await;
}

fn ids(transfers: &[Arc<Transfer>]) -> Vec<TransferId> {
    transfers.iter().map(|transfer| transfer.id).collect()
}

async fn save(core: &Core, ids: &[TransferId], edit: impl FnMut(&mut Transfer, &mut Resume)) {
    if let Err(failure) = core.save_many(ids, edit, Vec::new()).await {
        ids.iter().for_each(|id| core.journal_trouble(*id, failure.clone()));
    }
}

fn refused(transfer: &Transfer, failure: &Failure) -> Failure {
    let became = match transfer.state {
        TransferState::Forgetting => "the object is deleted, its record is not",
        _ => "the object is up, but has no record",
    };
    Failure { what: joined(became, &failure.what), ..failure.clone() }
}
