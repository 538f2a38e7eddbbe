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
use crate::domain::transfer::{Lane, QueueView, TransferView};
use crate::domain::{Failure, Result, TransferId, TransferKind, TransferState, format};
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
    /// The profiles as they were last seen: what holds them.
    lanes: Vec<Lane>,
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
            lanes: Vec::new(),
        }
    }

    fn see(&mut self, view: &QueueView, output: &mut Output) -> Result<()> {
        self.lanes.clone_from(&view.lanes);
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
        output.flush()?;
        output.progress(&self.progress(view));
        Ok(())
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

    /// Why one waits: what holds its whole profile, else its own trouble.
    fn reason<'a>(&'a self, view: &'a TransferView) -> Option<&'a Failure> {
        let hold = self.lanes.iter().find(|lane| lane.profile == view.transfer.profile);
        let hold = hold.and_then(|lane| lane.hold_of(view)).map(|hold| &hold.failure);
        // The next view may tell already that it is tried again, and what it last met is said all the same.
        hold.or(view.transfer.error.as_ref())
    }

    fn finish(self, output: &mut Output) -> Result<Exit> {
        for followed in self.open.values() {
            if let Some(view) = &followed.view {
                let job = Job::from(view).waiting_for(self.reason(view));
                if output.format() == Format::Json {
                    output.print(&job)?;
                }
                output.note(&left_behind(view, &job, self.reason(view)));
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
    waits || queued_in_vain || view.held || view.next_try_in.is_some()
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
fn left_behind(view: &TransferView, job: &Job, reason: Option<&Failure>) -> String {
    let is_blocked = reason.is_none();
    let reason = reason.map(|failure| format!(" ({})", failure.what)).unwrap_or_default();
    match (view.transfer.kind, view.transfer.state) {
        (TransferKind::Upload, TransferState::Recording) => {
            format!("{}: stored, not recorded yet: windlass resume{reason}", job.subject())
        }
        (_, TransferState::Queued) if is_blocked => {
            format!("{}: waits for an earlier transfer of the same key: windlass resume", job.subject())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FailureKind;
    use crate::domain::transfer::{OnConflict, ProfileIdentity, Transfer};
    use chrono::DateTime;

    fn view(id: TransferId, state: TransferState, sent: u64, next_try_in: Option<u64>) -> TransferView {
        let profile = ProfileIdentity {
            name: String::new(),
            provider: String::new(),
            endpoint: String::new(),
            bucket: String::new(),
            key_id: String::new(),
            catalog: String::new(),
            env_file: None,
        };
        let transfer = Transfer {
            id,
            kind: TransferKind::Upload,
            state,
            profile: Arc::new(profile),
            key: "k".into(),
            path: Some("/f".into()),
            size: Some(10),
            acknowledged: 0,
            content_type: None,
            on_conflict: OnConflict::Refuse,
            without_record: false,
            url: None,
            checksum: None,
            etag: None,
            error: next_try_in.map(|_| Failure::new(FailureKind::Offline, "no route")),
            attempts: 0,
            not_before: None,
            queued_at: DateTime::UNIX_EPOCH,
            stored_at: None,
            finished_at: None,
        };
        let transfer = Arc::new(transfer);
        TransferView { transfer, sent, rate: 0.0, seconds_left: None, next_try_in, elsewhere: false, held: false }
    }

    /// Shows the queue to a watch of two transfers, and answers whether it would give up so many seconds later.
    fn stuck_after(watch: &mut Watch, views: &[TransferView], seconds: u64) -> bool {
        let queue = QueueView { transfers: views.to_vec(), ..QueueView::default() };
        watch.see(&queue, &mut Output::standard(Format::Json)).unwrap();
        watch.is_stuck(Instant::now() + Duration::from_secs(seconds))
    }

    #[test]
    fn it_gives_up_when_something_waits_and_nothing_moves() {
        let ids = [TransferId::fresh(), TransferId::fresh()];
        let mut watch = Watch::new(&ids, false);
        let waits = view(ids[0], TransferState::Sending, 3, Some(4));
        let queued = view(ids[1], TransferState::Queued, 0, None);
        assert!(!stuck_after(&mut watch, &[waits.clone(), queued.clone()], 9));
        assert!(stuck_after(&mut watch, &[waits, queued.clone()], 10));
        let waits_for_its_turn = view(ids[0], TransferState::Queued, 0, None);
        assert!(!stuck_after(&mut watch, &[waits_for_its_turn, queued], 60), "a busy queue is no reason");
    }

    #[test]
    fn it_waits_while_another_is_under_way() {
        let ids = [TransferId::fresh(), TransferId::fresh()];
        let mut watch = Watch::new(&ids, false);
        let recording = view(ids[0], TransferState::Recording, 10, None);
        let sending = view(ids[1], TransferState::Sending, 1, None);
        assert!(!stuck_after(&mut watch, &[recording.clone(), sending], 60));
        let recording_too = view(ids[1], TransferState::Recording, 10, None);
        assert!(stuck_after(&mut watch, &[recording, recording_too], 10));
    }

    #[test]
    fn sending_the_same_bytes_again_is_no_progress() {
        let ids = [TransferId::fresh()];
        let mut watch = Watch::new(&ids, false);
        stuck_after(&mut watch, &[view(ids[0], TransferState::Sending, 7, None)], 0);
        let moved_at = watch.moved_at;
        stuck_after(&mut watch, &[view(ids[0], TransferState::Queued, 0, Some(1))], 0);
        stuck_after(&mut watch, &[view(ids[0], TransferState::Sending, 6, None)], 0);
        assert_eq!(watch.moved_at, moved_at);
        stuck_after(&mut watch, &[view(ids[0], TransferState::Sending, 8, None)], 0);
        assert!(watch.moved_at > moved_at);
    }
}
