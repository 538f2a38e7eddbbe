//! `windlass transfers`: the queue as the journal holds it, whoever runs it.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::rows::{Job, QueueRow};
use crate::domain::Result;
use crate::transfer::Scope;

/// Flags of `transfers`: none yet.
#[derive(Debug, Args)]
pub struct Flags {}

/// Shows the queue.
pub async fn run(Flags {}: Flags, context: &mut Context) -> Result<Exit> {
    let settings = context.settings(None);
    let queue = context.open_queue(&settings, Scope::Nothing).await?;
    let view = queue.view().borrow().clone();
    if view.transfers.is_empty() {
        context.output.say("nothing is queued")?;
    } else if context.output.format() == Format::Text {
        context.output.say(QueueRow::HEADING)?;
    }
    for transfer in &view.transfers {
        context.output.print(&QueueRow(Job::from(transfer)))?;
    }
    Ok(Exit::Done)
}
