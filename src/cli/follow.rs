//! Follows queued transfers until they are done, or until waiting longer makes no sense for a command that somebody
//! watches: a line for each that ends, a sentence for each that failed or stays behind.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::context::Context;
use super::exit::Exit;
use super::output::{Format, Output};
use super::rows::Job;
use crate::domain::transfer::{QueueView, TransferView};
use crate::domain::{Result, TransferId, TransferKind, TransferState, format};
use crate::transfer::Queue;

/// How long a command waits for what does not move (DESIGN.md section 7).
const PARKED_FOR: Duration = Duration::from_secs(10);

/// How long to wait for transfers that wait for something themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Ten seconds without any progress.
    Brief,
    /// For ever: `--wait`.
    Endless,
    /// Until each was tried once more: `resume`.
    OneTry,
}

/// How to follow.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// When to give up.
    pub patience: Patience,
    /// A JSON line whenever a transfer moved.
    pub every_step: bool,
}

/// Follows these until the end; `Failed` where one failed or stays behind.
///
/// # Errors
/// Where standard output cannot be written.
pub async fn follow(context: &mut Context, queue: &Queue, ids: &[TransferId], manner: Manner) -> Result<Exit> {
    let mut view = queue.view();
    let mut watch = Watch::new(ids, manner.every_step);
    let mut tried: BoxFuture<'_, _> = match manner.patience {
        Patience::OneTry => Box::pin(queue.settled(ids)),
        _ => Box::pin(std::future::pending()),
    };
    loop {
        let seen: Arc<QueueView> = view.borrow_and_update().clone();
        watch.see(&seen, &mut context.output)?;
        let stuck = manner.patience == Patience::Brief && watch.is_stuck(Instant::now());
        if watch.open.is_empty() || stuck {
            break;
        }
        tokio::select! {
            changed = view.changed() => if changed.is_err() { break },
            settled = &mut tried => {
                watch.see(&*settled?, &mut context.output)?;
                break;
            }
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
    }
    watch.finish(&mut context.output)
}

/// What is known about the followed transfers.
struct Watch {
    open: HashMap<TransferId, Followed>,
    total: usize,
    done: usize,
    every_step: bool,
    verb: Option<TransferKind>,
    moved_at: Instant,
}

/// One that has not ended yet.
#[derive(Default)]
struct Followed {
    /// The furthest it ever was; a retry does not count as progress until it gets further.
    furthest: (u8, u64),
    view: Option<TransferView>,
}

impl Watch {
    fn new(ids: &[TransferId], every_step: bool) -> Self {
        Self {
            open: ids.iter().map(|id| (*id, Followed::default())).collect(),
            total: ids.len(),
            done: 0,
            every_step,
            verb: None,
            moved_at: Instant::now(),
        }
    }

    fn see(&mut self, view: &QueueView, output: &mut Output) -> Result<()> {
        for seen in &view.transfers {
            let Some(followed) = self.open.get_mut(&seen.transfer.id) else { continue };
            if followed.view.as_ref() == Some(seen) {
                continue;
            }
            let reached = (rank(seen.transfer.state), seen.sent);
            if reached > followed.furthest {
                followed.furthest = reached;
                self.moved_at = Instant::now();
            }
            if seen.transfer.state.is_final() {
                self.open.remove(&seen.transfer.id);
                self.end(seen, output)?;
            } else {
                if self.every_step {
                    tell_step(seen, output)?;
                }
                followed.view = Some(seen.clone());
            }
        }
        output.progress(&self.progress(view));
        output.flush()
    }

    fn end(&mut self, seen: &TransferView, output: &mut Output) -> Result<()> {
        let job = Job::from(seen);
        self.verb = Some(seen.transfer.kind);
        output.print(&job)?;
        if seen.transfer.state == TransferState::Done {
            self.done += 1;
        } else {
            output.note(&job.complaint());
        }
        Ok(())
    }

    /// Something waits, nothing is under way, and nothing has moved for a while.
    fn is_stuck(&self, now: Instant) -> bool {
        let mut views = self.open.values().filter_map(|followed| followed.view.as_ref());
        let all_still = views.clone().all(|view| is_parked(view) || view.transfer.state == TransferState::Queued);
        all_still && views.any(is_parked) && now.duration_since(self.moved_at) >= PARKED_FOR
    }

    fn progress(&self, view: &QueueView) -> String {
        let ended = self.total - self.open.len();
        let mut text = format!("{ended} of {} done, {}", self.total, format::rate(view.rate));
        if let Some(seconds) = view.seconds_left {
            text.push_str(&format!(", {} left", format::clock(seconds)));
        }
        text
    }

    fn finish(self, output: &mut Output) -> Result<Exit> {
        for followed in self.open.values() {
            if let Some(view) = &followed.view {
                let job = Job::from(view);
                if output.format() == Format::Json {
                    output.print(&job)?;
                }
                output.note(&left_behind(view, &job));
            }
        }
        if self.total > 1 {
            output.say(&format!("{} {} of {}", past(self.verb), self.done, self.total))?;
        }
        output.flush()?;
        Ok(Exit::failed_if(self.done < self.total))
    }
}

fn tell_step(seen: &TransferView, output: &mut Output) -> Result<()> {
    if output.format() == Format::Json { output.print(&Job::from(seen)) } else { Ok(()) }
}

/// It waits for something that is not this program's to give.
fn is_parked(view: &TransferView) -> bool {
    let transfer = &view.transfer;
    let waits = matches!(transfer.state, TransferState::Recording | TransferState::Forgetting | TransferState::Paused);
    let queued_in_vain = transfer.state == TransferState::Queued && transfer.error.is_some();
    waits || queued_in_vain || view.next_try_in.is_some()
}

/// How far along its life a state is.
const fn rank(state: TransferState) -> u8 {
    match state {
        TransferState::Queued | TransferState::Paused => 0,
        TransferState::Sending | TransferState::Receiving | TransferState::Deleting | TransferState::Waiting => 1,
        TransferState::Verifying | TransferState::Arrived => 2,
        TransferState::Recording | TransferState::Placing | TransferState::Forgetting => 3,
        TransferState::Done | TransferState::Expired | TransferState::Failed | TransferState::Cancelled => 4,
    }
}

/// What to say about one that this command no longer waits for.
fn left_behind(view: &TransferView, job: &Job) -> String {
    let reason = view.transfer.error.as_ref().map(|failure| format!(" ({})", failure.what)).unwrap_or_default();
    match (view.transfer.kind, view.transfer.state) {
        (TransferKind::Upload, TransferState::Recording) => {
            format!("{}: stored, not recorded yet: windlass resume{reason}", job.subject())
        }
        (_, TransferState::Paused) => format!("{}: paused; go on with it on the screen", job.subject()),
        _ => format!("{}: not done yet: windlass resume{reason}", job.subject()),
    }
}

const fn past(kind: Option<TransferKind>) -> &'static str {
    match kind {
        Some(TransferKind::Upload) => "uploaded",
        Some(TransferKind::Download) => "downloaded",
        Some(TransferKind::Delete) => "deleted",
        Some(TransferKind::Request) | None => "done:",
    }
}
