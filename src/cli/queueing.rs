//! What upload, download and rm have in common: their jobs go to the journal in batches before any of them is followed.

use std::sync::Arc;

use super::context::Context;
use super::rows::Job;
use crate::config::TransferSettings;
use crate::domain::{Failure, FailureKind, Result, TransferId};
use crate::transfer::{NewTransfer, Queue, Scope};

/// Jobs a journal commit.
const BATCH: usize = 1000;

/// Jobs that are on disk, and the queue that holds them.
pub struct Queued {
    /// The open queue.
    pub queue: Arc<Queue>,
    /// Their names, in the order they were asked for.
    pub ids: Vec<TransferId>,
}

/// Opens the queue and puts jobs into it.
///
/// # Errors
/// Why the journal could not take them.
pub async fn enqueue(
    context: &mut Context,
    settings: &TransferSettings,
    scope: Scope,
    jobs: Vec<NewTransfer>,
) -> Result<Queued> {
    let queue = context.open_queue(settings, scope).await?;
    let mut ids = Vec::with_capacity(jobs.len());
    let mut jobs = jobs.into_iter().peekable();
    while jobs.peek().is_some() {
        let batch = queue.enqueue(jobs.by_ref().take(BATCH).collect()).await?;
        context.follows(&batch);
        ids.extend(batch);
    }
    Ok(Queued { queue, ids })
}

/// Prints what was queued without being run.
///
/// # Errors
/// Where standard output cannot be written.
pub async fn tell_detached(context: &mut Context, queue: &Queue, ids: &[TransferId]) -> Result<()> {
    let mut view = queue.view();
    let asked: std::collections::HashSet<&TransferId> = ids.iter().collect();
    // The view is sampled; what was just queued may be in the next sample only.
    let all_there = view
        .wait_for(|seen| seen.transfers.iter().filter(|view| asked.contains(&view.transfer.id)).count() == asked.len());
    let seen = all_there.await.map(|seen| seen.clone()).map_err(|_| closed())?;
    for view in seen.transfers.iter().filter(|view| asked.contains(&view.transfer.id)) {
        context.output.print(&Job::from(view))?;
    }
    context.output.say(&format!("queued {}; send with: windlass resume", ids.len()))
}

fn closed() -> Failure {
    Failure::new(FailureKind::Internal, "the queue closed unexpectedly").hint("windlass transfers shows what it holds")
}

/// A capability's reason as a failure.
pub fn unsupported(reason: &'static str) -> Failure {
    Failure::new(FailureKind::Unsupported, reason)
}
