//! `windlass resume`: runs every open transfer of every profile that can be opened, at once, whatever pause it was in;
//! takes over from the dead and waits for the living.

use clap::Args;
use futures::stream::{self, StreamExt};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Manner, Patience, follow};
use crate::cli::queueing::Queued;
use crate::domain::{Result, TransferId, TransferKind, TransferState};
use crate::transfer::{Queue, Scope};

/// Flags of `resume`: none.
#[derive(Debug, Args)]
#[command(after_help = "\
Uploads, downloads and deletes that were interrupted, queued with --detach, or
wait for a bucket or a catalog; also removes what cancelled ones could not
remove while the bucket was away. Ends with 0 when nothing is left open, with 1
when something failed, still waits, or is paused.")]
pub struct Flags {}

/// Goes on.
pub async fn run(Flags {}: Flags, context: &mut Context) -> Result<Exit> {
    let settings = context.settings(None, None);
    let queue = context.open_queue(&settings, Scope::All).await?;
    let untidy = queue.tidy().await?;
    if untidy > 0 {
        context.output.note(&left_behind(untidy));
    }
    let found = Found::in_queue(&queue);
    let held = found.held;
    if held > 0 {
        context.output.note(&format!("{held} paused: go on with them on the screen (p in Transfers)"));
    }
    if found.ids.is_empty() {
        context.output.say("nothing is open")?;
        return Ok(Exit::failed_if(held + untidy > 0));
    }
    queue.retry(&found.waiting).await?;
    let queued = Queued { ids: found.ids, bytes: found.bytes, ..Queued::default() };
    let feed = stream::iter([Ok(queued)]).boxed();
    let exit = follow(context, &queue, feed, Manner { patience: Patience::OneTry, every_step: false }).await?;
    Ok(exit.max(Exit::failed_if(held + untidy > 0)))
}

fn left_behind(transfers: usize) -> String {
    let subject =
        if transfers == 1 { "a cancelled transfer".into() } else { format!("{transfers} cancelled transfers") };
    format!("what {subject} left behind cannot be removed yet: windlass transfers says why")
}

/// What there is to go on with. The view of the queue that it is from is not kept: it would keep every transfer in memory.
struct Found {
    ids: Vec<TransferId>,
    /// Those of them that wait for a later try.
    waiting: Vec<TransferId>,
    /// Bytes of all whose size is known.
    bytes: u64,
    /// How many are paused.
    held: usize,
}

impl Found {
    fn in_queue(queue: &Queue) -> Self {
        let view = queue.view().borrow().clone();
        let open = view.transfers.iter().filter(|view| view.transfer.state.is_open());
        let open: Vec<_> = open.filter(|view| view.transfer.kind != TransferKind::Request).collect();
        let waiting = open.iter().filter(|view| view.transfer.not_before.is_some() && !view.elsewhere);
        Self {
            ids: open.iter().map(|view| view.transfer.id).collect(),
            waiting: waiting.map(|view| view.transfer.id).collect(),
            bytes: open.iter().filter_map(|view| view.transfer.size).sum(),
            held: view.transfers.iter().filter(|view| view.transfer.state == TransferState::Paused).count(),
        }
    }
}
