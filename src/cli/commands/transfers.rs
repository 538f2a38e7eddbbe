//! `windlass transfers`: the queue as the journal holds it, whoever runs it; and multipart uploads in the bucket that no
//! queue knows.

use clap::Args;
use serde::Serialize;

use crate::cli::ask::{ask, somebody_is_there};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, Line};
use crate::cli::rows::{QueueRow, is_interrupted, rfc3339, state};
use crate::domain::display::display;
use crate::domain::transfer::QueueView;
use crate::domain::{Result, TransferState, format};
use crate::storage::OpenUpload;
use crate::transfer::{Connection, Queue, Scope};

/// Flags of `transfers`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass transfers                    the queue, open transfers first
  windlass transfers --orphans          what a program left unfinished in the
                                        bucket, which the provider charges for
  windlass transfers --orphans --abort  end these; asks on a terminal

An orphan may be another program's that is still at it: look at when it began.")]
pub struct Flags {
    /// Multipart uploads in the profile's bucket that no queue knows
    #[arg(long)]
    orphans: bool,
    /// End them
    #[arg(long, requires = "orphans")]
    abort: bool,
}

/// Shows the queue, or the orphans.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let settings = context.settings(None, None);
    if !flags.orphans {
        let queue = context.open_queue(&settings, Scope::Nothing).await?;
        return show(&queue.view().borrow().clone(), context);
    }
    let connection = context.connect().await?;
    if flags.abort {
        connection.store.check(&|can| can.write)?;
    }
    let queue = context.open_queue(&settings, Scope::Nothing).await?;
    let orphans = queue.orphans(&connection).await?;
    for orphan in &orphans {
        context.output.print(&Orphan::of(orphan, &connection))?;
    }
    if orphans.is_empty() {
        context.output.say("no multipart upload is unfinished without a transfer")?;
    }
    if !flags.abort || orphans.is_empty() {
        return Ok(Exit::Done);
    }
    abort(&queue, &connection, &orphans, context).await
}

fn show(view: &QueueView, context: &mut Context) -> Result<Exit> {
    if view.transfers.is_empty() {
        context.output.say("nothing is queued")?;
        return Ok(Exit::Done);
    }
    if context.output.format() == Format::Text {
        context.output.say(QueueRow::HEADING)?;
    }
    for transfer in &view.transfers {
        let row = QueueRow::of(transfer, view.hold_of(transfer));
        let is_known = context.services.knows(&transfer.transfer.profile);
        context.output.print(&if is_known { row.with_its_profile(transfer) } else { row })?;
    }
    context.output.say(&counts(view))?;
    Ok(Exit::Done)
}

/// "3 sending (1 interrupted), 2 failed, 1 stopped", in the order of a life.
fn counts(view: &QueueView) -> String {
    let words = TransferState::ALL.into_iter().map(TransferState::name);
    let count = |word: &'static str| {
        let those = || view.transfers.iter().filter(|shown| state(shown) == word);
        let (all, interrupted) = (those().count(), those().filter(|shown| is_interrupted(shown)).count());
        let counted = format!("{} {word}", format::count(all as u64));
        (all > 0).then(|| match interrupted {
            0 => counted,
            _ => format!("{counted} ({} interrupted)", format::count(interrupted as u64)),
        })
    };
    words.chain(["stopped"]).filter_map(count).collect::<Vec<_>>().join(", ")
}

/// One line of `--orphans`.
#[derive(Serialize)]
struct Orphan<'a> {
    id: &'a str,
    key: &'a str,
    begun_at: Option<String>,
    profile: &'a str,
    #[serde(skip)]
    begun: String,
}

impl<'a> Orphan<'a> {
    fn of(upload: &'a OpenUpload, connection: &'a Connection) -> Self {
        Self {
            id: &upload.id.0,
            key: &upload.key,
            begun_at: upload.begun.map(rfc3339),
            profile: &connection.profile.name,
            begun: upload.begun.map_or_else(|| "?".into(), format::moment),
        }
    }
}

impl Line for Orphan<'_> {
    fn text(&self) -> Option<String> {
        Some(format!("{}  {}\n    {}", self.begun, display(self.key), display(self.id)))
    }
}

/// Without a terminal to ask on, the flag is the consent.
async fn abort(queue: &Queue, connection: &Connection, orphans: &[OpenUpload], context: &mut Context) -> Result<Exit> {
    context.output.flush()?;
    let can_ask = somebody_is_there();
    if can_ask && !ask(question(orphans.len(), connection)).await? {
        context.output.note("nothing was aborted");
        return Ok(Exit::Done);
    }
    let failed = queue.abort_orphans(connection, orphans).await?;
    for (_, failure) in &failed {
        context.output.problem(failure);
    }
    context.output.say(&format!("aborted {} of {}", orphans.len() - failed.len(), orphans.len()))?;
    Ok(Exit::failed_if(!failed.is_empty()))
}

fn question(orphans: usize, connection: &Connection) -> String {
    let profile = &connection.profile;
    let noun = if orphans == 1 { "upload" } else { "uploads" };
    format!(
        "Abort {orphans} unfinished {noun} in {} (profile {}, {})? [y/N] ",
        display(profile.bucket()),
        display(&profile.name),
        profile.source.label()
    )
}
