//! `windlass resume`: runs every open transfer of every profile that can be opened, at once, whatever pause it was in;
//! takes over from the dead and waits for the living.

use clap::Args;
use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::follow::{Lines, Manner, Patience, follow};
use crate::cli::queueing::Queued;
use crate::cli::rows::Job;
use crate::domain::display::display_path;
use crate::domain::transfer::QueueView;
use crate::domain::{Result, TransferId, TransferState};
use crate::transfer::{Queue, Scope, Tidied};

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
    let mut found = Found::default();
    // Before anything is run: whatever ends from then on is to be told.
    let look = |queue: &QueueView| found = Found::in_queue(queue);
    let queue = context.open_queue_and_look(&settings, Scope::All, look).await?;
    let held = found.held;
    if held > 0 {
        context.output.note(&format!("{held} paused: go on with them on the screen (p in Transfers)"));
    }
    say_of_requests(found.requests, context);
    let over = CancellationToken::new();
    let going = async {
        let exit = go_on(found, &queue, context).await;
        over.cancel();
        exit
    };
    let (tidied, exit) = tokio::join!(queue.tidy_beside(over.cancelled()), going);
    let tidied = tell(&tidied?, context);
    Ok(exit?.max(tidied).max(Exit::failed_if(held > 0)))
}

/// They are no work of this command's, and should not be forgotten either.
fn say_of_requests(requests: usize, context: &mut Context) {
    let what = match requests {
        0 => return,
        1 => "1 request waits for its upload".into(),
        count => format!("{count} requests wait for their uploads"),
    };
    context.output.note(&format!("{what}: an open screen writes the records, or windlass record KEY"));
}

async fn go_on(found: Found, queue: &Queue, context: &mut Context) -> Result<Exit> {
    if found.ids.is_empty() {
        context.output.say(if found.requests == 0 { "nothing is open" } else { "nothing else is open" })?;
        return Ok(Exit::Done);
    }
    queue.try_now(&found.waiting).await?;
    let queued = Queued { ids: found.ids, bytes: found.bytes, ..Queued::default() };
    let feed = stream::iter([Ok(queued)]).boxed();
    follow(context, queue, feed, Manner { patience: Patience::OneTry, lines: Lines::Last }).await
}

/// Says what is left of cancelled transfers. That no profile is there to remove it with, or not here, is known, and no
/// failure.
fn tell(tidied: &Tidied, context: &mut Context) -> Exit {
    for shown in &tidied.let_go {
        context.output.note(&Job::from(shown).complaint());
    }
    let beyond = &tidied.out_of_reach;
    let away = tidied.left.saturating_sub(beyond.not_from_here());
    if away > 0 {
        context.output.note(&format!("{} cannot be removed yet: windlass transfers says why", left_behind(away)));
    }
    beyond.wrong.iter().for_each(|wrong| context.output.problem(wrong));
    for (file, transfers) in &beyond.elsewhere {
        let (what, file) = (left_behind(*transfers), display_path(file));
        context
            .output
            .note(&format!("{what} stays, as its profile is of {file}: windlass resume in that folder removes it"));
    }
    if beyond.gone > 0 {
        let what = left_behind(beyond.gone);
        context.output.note(&format!("{what} stays, as its profile is not configured: windlass cancel lets it go"));
    }
    Exit::failed_if(away > 0 || !tidied.let_go.is_empty())
}

fn left_behind(transfers: usize) -> String {
    match transfers {
        1 => "what a cancelled transfer left behind".into(),
        _ => format!("what {transfers} cancelled transfers left behind"),
    }
}

/// What there is to go on with. The view of the queue that it is from is not kept: it would keep every
/// transfer in memory.
#[derive(Default)]
struct Found {
    ids: Vec<TransferId>,
    /// Those of them that wait for a later try.
    waiting: Vec<TransferId>,
    /// Bytes of all whose size is known.
    bytes: u64,
    /// How many are paused.
    held: usize,
    /// How many requests nobody has answered yet.
    requests: usize,
}

impl Found {
    fn in_queue(view: &QueueView) -> Self {
        let open = view.transfers.iter().filter(|view| view.transfer.state.is_open());
        // What somebody else is still to upload is waited for by others; once it is there, its record is due like any.
        let (requests, open): (Vec<_>, Vec<_>) = open.partition(|view| view.transfer.state == TransferState::Waiting);
        let waiting = open.iter().filter(|view| view.transfer.not_before.is_some() && !view.elsewhere);
        Self {
            ids: open.iter().map(|view| view.transfer.id).collect(),
            waiting: waiting.map(|view| view.transfer.id).collect(),
            bytes: open.iter().filter_map(|view| view.transfer.size).sum(),
            requests: requests.len(),
            held: view.transfers.iter().filter(|view| view.transfer.state == TransferState::Paused).count(),
        }
    }
}
