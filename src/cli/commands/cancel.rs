//! `windlass cancel`: stops transfers for good and removes what they left in the bucket and on disk.

use clap::Args;
use uuid::Uuid;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::rows::Job;
use crate::domain::transfer::TransferView;
use crate::domain::{Failure, FailureKind, Result, TransferId, TransferState};
use crate::transfer::{Queue, Scope};

/// Flags of `cancel`.
#[derive(Debug, Args)]
pub struct Flags {
    /// Transfers, as windlass transfers names them
    #[arg(required = true, value_name = "ID")]
    ids: Vec<Uuid>,
}

/// Cancels.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let settings = context.settings(None, None);
    let queue = context.open_queue(&settings, Scope::Nothing).await?;
    let mut open = Vec::new();
    let mut failed = false;
    for id in flags.ids.into_iter().map(TransferId) {
        match state_of(&queue, id) {
            Some(state) if !state.is_final() || state == TransferState::Failed => open.push(id),
            Some(state) => context.output.note(&format!("{id} is {} already", state.name())),
            None => {
                failed = true;
                context.output.problem(&unknown(id));
            }
        }
    }
    let cancelled = queue.cancel(&open).await?;
    for view in queue.settled(&open).await?.transfers.iter().filter(|view| open.contains(&view.transfer.id)) {
        context.output.print(&Job::from(view as &TransferView))?;
    }
    if open.len() > 1 {
        context.output.say(&format!("cancelled {cancelled} of {}", open.len()))?;
    }
    Ok(Exit::failed_if(failed || cancelled < open.len()))
}

fn state_of(queue: &Queue, id: TransferId) -> Option<TransferState> {
    let view = queue.view().borrow().clone();
    view.transfers.iter().find(|view| view.transfer.id == id).map(|view| view.transfer.state)
}

fn unknown(id: TransferId) -> Failure {
    Failure::new(FailureKind::NotFound, format!("there is no transfer {id}")).hint("windlass transfers lists them")
}
