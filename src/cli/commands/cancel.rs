//! `windlass cancel`: stops transfers for good and removes what they left in the bucket and on disk.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use uuid::Uuid;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::rows::Job;
use crate::domain::transfer::QueueView;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferId, TransferState};
use crate::transfer::{Queue, Scope};

/// How long another Windlass has to answer: it looks at the journal once a second.
const OTHERS_ANSWER: Duration = Duration::from_secs(10);

/// Flags of `cancel`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass transfers    the queue, with each transfer's ID
  windlass cancel ID    stops that one and removes what it left in the bucket")]
pub struct Flags {
    /// Transfers, as windlass transfers names them
    #[arg(required = true, value_name = "ID", value_parser = id)]
    ids: Vec<Uuid>,
}

fn id(text: &str) -> std::result::Result<Uuid, &'static str> {
    Uuid::parse_str(text).map_err(|_| "this is no transfer's id: windlass transfers lists them")
}

/// Cancels.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let settings = context.settings(None, None);
    let queue = context.open_queue(&settings, Scope::Nothing).await?;
    let mut open = HashSet::new();
    let mut failed = false;
    for id in flags.ids.into_iter().map(TransferId) {
        match find(&queue, id) {
            Some(transfer) if may_be_cancelled(&transfer) => drop(open.insert(id)),
            Some(transfer) => context.output.note(&format!("{id} is {} already", transfer.state.name())),
            None => {
                failed = true;
                context.output.problem(&unknown(id));
            }
        }
    }
    let ids: Vec<TransferId> = open.iter().copied().collect();
    queue.cancel(&ids).await?;
    let carried_out = async {
        over(&queue, &open).await;
        queue.settled(&ids).await
    };
    // Late or not, what is told is how it stands then: another Windlass may be stopped, and never answer.
    let stands = match tokio::time::timeout(OTHERS_ANSWER, carried_out).await {
        Ok(settled) => settled?,
        Err(_late) => queue.view().borrow().clone(),
    };
    let cancelled = tell(&stands, &open, context)?;
    if open.len() > 1 {
        context.output.say(&format!("cancelled {cancelled} of {}", open.len()))?;
    }
    Ok(Exit::failed_if(failed || cancelled < open.len()))
}

/// Prints what became of them; answers how many are cancelled and have left nothing.
fn tell(queue: &QueueView, asked: &HashSet<TransferId>, context: &mut Context) -> Result<usize> {
    let mut cancelled = 0;
    for shown in queue.transfers.iter().filter(|shown| asked.contains(&shown.transfer.id)) {
        let (transfer, job) = (&shown.transfer, Job::from(shown));
        cancelled += usize::from(transfer.state == TransferState::Cancelled && transfer.error.is_none());
        if !transfer.state.is_final() {
            context.output.problem(&not_yet(&job));
        }
        if transfer.state.is_final() || context.output.format() == Format::Json {
            context.output.print(&job)?;
        }
    }
    Ok(cancelled)
}

/// Waits until they are: another Windlass cancels what it runs, once it looks at the journal.
async fn over(queue: &Queue, asked: &HashSet<TransferId>) {
    let mut view = queue.view();
    let over = |queue: &Arc<QueueView>| {
        let mut asked = queue.transfers.iter().filter(|shown| asked.contains(&shown.transfer.id));
        asked.all(|shown| shown.transfer.state.is_final())
    };
    // A queue that is closed has nothing new to say.
    let _closed = view.wait_for(over).await;
}

fn find(queue: &Queue, id: TransferId) -> Option<Arc<Transfer>> {
    let view = queue.view().borrow().clone();
    view.transfers.iter().find(|view| view.transfer.id == id).map(|view| view.transfer.clone())
}

/// What was cancelled and has something to say may have left something.
fn may_be_cancelled(transfer: &Transfer) -> bool {
    match transfer.state {
        TransferState::Failed => true,
        TransferState::Cancelled => transfer.error.is_some(),
        state => !state.is_final(),
    }
}

fn not_yet(job: &Job) -> Failure {
    let what = format!("{}: another Windlass runs it, and was asked to cancel it", job.subject());
    Failure::new(FailureKind::Busy, what).hint("windlass transfers tells whether it has")
}

fn unknown(id: TransferId) -> Failure {
    Failure::new(FailureKind::NotFound, format!("there is no transfer {id}")).hint("windlass transfers lists them")
}
