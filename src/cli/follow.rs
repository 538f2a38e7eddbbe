//! Follows queued transfers until they are done, or until waiting longer makes no sense for a command that somebody
//! watches. What is still being found is followed from the moment it is queued.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::time::Instant;

use super::context::Context;
use super::exit::Exit;
use super::queueing::{Feed, Queued, broke_off};
use super::standing::Advice;
use super::watch::Watch;
use crate::domain::transfer::QueueView;
use crate::domain::{Failure, Result};
use crate::transfer::Queue;

/// How often the clock is looked at while nothing happens.
const TICK: Duration = Duration::from_millis(500);

/// How long to wait for transfers that wait for something themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Ten seconds without any progress.
    Brief,
    /// As long as it takes, unless no waiting helps: `--wait`.
    Endless,
    /// Until each was tried once more: `resume`.
    OneTry,
}

/// How to follow.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// When to give up.
    pub patience: Patience,
    /// What is printed of each.
    pub lines: Lines,
}

/// What is printed of each transfer that is followed. What failed or stays behind is told all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Nothing: the command has a line of its own.
    None,
    /// How it ended.
    Last,
    /// That, and in JSON a line whenever it moved: `--progress`.
    All,
}

/// Follows what the feed queues until the end; `Failed` where one failed or stays behind.
///
/// # Errors
/// Where standard output cannot be written, or where the feed fails before anything is queued.
pub async fn follow(context: &mut Context, queue: &Queue, feed: Feed<'_>, manner: Manner) -> Result<Exit> {
    let mut view = queue.view();
    let mut watch = Watch::new(manner.lines);
    let mut feed = feed.fuse();
    context.searching(true);
    while !is_over(&watch, manner.patience) {
        let all_wait = manner.patience == Patience::OneTry && watch.stands_still();
        let waiting = if all_wait { watch.open() } else { Vec::new() };
        tokio::select! {
            queued = feed.next(), if watch.is_searching() => {
                take(queued, &mut watch, context)?;
                continue;
            }
            changed = view.changed() => if changed.is_err() { break },
            settled = queue.settled(&waiting), if all_wait => {
                see(&settled?, &mut watch, context)?;
                break;
            }
            () = tokio::time::sleep(TICK) => {}
        }
        let seen = view.borrow_and_update().clone();
        see(&seen, &mut watch, context)?;
    }
    clear_in_vain(queue, &watch, manner, context).await;
    let advice = if manner.patience == Patience::OneTry { Advice::Change } else { Advice::Resume };
    watch.finish(advice, &mut context.output)
}

/// What is seen to have ended leaves memory: of a million files only those under way are in it.
fn see(view: &Arc<QueueView>, watch: &mut Watch, context: &mut Context) -> Result<()> {
    let seen = watch.see(view, Instant::now(), &mut context.output);
    context.have_ended(&watch.take_ended(), watch.in_vain());
    seen
}

/// Whoever asked for what is not there has just been told. What `resume` runs, somebody else may have asked for.
async fn clear_in_vain(queue: &Queue, watch: &Watch, manner: Manner, context: &mut Context) {
    if manner.patience == Patience::OneTry || watch.in_vain().is_empty() {
        return;
    }
    if let Err(failure) = queue.clear_in_vain(watch.in_vain()).await {
        context.output.problem(&failure);
    }
}

fn is_over(watch: &Watch, patience: Patience) -> bool {
    let given_up = match patience {
        Patience::Brief => watch.waits_in_vain() || watch.is_stuck(Instant::now()),
        Patience::Endless => watch.waits_in_vain(),
        Patience::OneTry => false,
    };
    !watch.is_searching() && (watch.is_done() || given_up)
}

/// What was queued since the last time, the search's failure, or its end.
fn take(queued: Option<Result<Queued>>, watch: &mut Watch, context: &mut Context) -> Result<()> {
    match queued {
        Some(Ok(queued)) => {
            context.follows(&queued.ids);
            watch.ask(&queued.ids, queued.bytes);
            watch.measure(&queued.unmeasured);
            queued.problems.iter().for_each(|failure| complain(failure, watch, context));
        }
        Some(Err(failure)) if watch.asked() == 0 => return Err(failure),
        Some(Err(failure)) => {
            complain(&broke_off(&failure, watch.asked()), watch, context);
            end_search(watch, context);
        }
        None => end_search(watch, context),
    }
    Ok(())
}

fn complain(failure: &Failure, watch: &mut Watch, context: &mut Context) {
    context.output.problem(failure);
    watch.has_a_problem();
}

fn end_search(watch: &mut Watch, context: &mut Context) {
    context.searching(false);
    watch.search_ended();
}
