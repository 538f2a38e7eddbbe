//! `windlass resume`: runs every open transfer of every profile that can be opened, at once, whatever pause it was in;
//! takes over from the dead and waits for the living.

use clap::Args;
use futures::stream::{self, StreamExt};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Manner, Patience, follow};
use crate::cli::queueing::Queued;
use crate::domain::{Result, TransferId, TransferKind, TransferState};
use crate::transfer::Scope;

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
    let view = queue.view().borrow().clone();
    let open = view.transfers.iter().filter(|view| view.transfer.state.is_open());
    let open: Vec<_> = open.filter(|view| view.transfer.kind != TransferKind::Request).collect();
    let ids: Vec<TransferId> = open.iter().map(|view| view.transfer.id).collect();
    let held = view.transfers.iter().filter(|view| view.transfer.state == TransferState::Paused).count();
    if held > 0 {
        context.output.note(&format!("{held} paused: go on with them on the screen (p in Transfers)"));
    }
    if ids.is_empty() {
        context.output.say("nothing is open")?;
        return Ok(Exit::failed_if(held + untidy > 0));
    }
    let waiting = open.iter().filter(|view| view.transfer.not_before.is_some() && !view.elsewhere);
    let waiting: Vec<TransferId> = waiting.map(|view| view.transfer.id).collect();
    let bytes = open.iter().filter_map(|view| view.transfer.size).sum();
    queue.retry(&waiting).await?;
    let feed = stream::iter([Ok(Queued { ids, bytes, problems: Vec::new() })]).boxed();
    let exit = follow(context, &queue, feed, Manner { patience: Patience::OneTry, every_step: false }).await?;
    Ok(exit.max(Exit::failed_if(held + untidy > 0)))
}

fn left_behind(transfers: usize) -> String {
    let subject =
        if transfers == 1 { "a cancelled transfer".into() } else { format!("{transfers} cancelled transfers") };
    format!("what {subject} left behind cannot be removed yet: windlass transfers says why")
}
