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

/// So many that failed in vain are kept until they are cleared together: a view that is full of them hides newer ends.
const MOST_IN_VAIN: usize = 200;

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
    /// What the guides' save-metadata answers, of each that is recorded.
    Records,
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
        if watch.in_vain().len() >= MOST_IN_VAIN {
            clear_in_vain(queue, &mut watch, manner, context).await;
        }
    }
    clear_in_vain(queue, &mut watch, manner, context).await;
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
async fn clear_in_vain(queue: &Queue, watch: &mut Watch, manner: Manner, context: &mut Context) {
    let in_vain = watch.take_in_vain();
    if manner.patience != Patience::OneTry
        && !in_vain.is_empty()
        && let Err(failure) = queue.clear_in_vain(&in_vain).await
    {
        context.output.problem(&failure);
    }
    queue.forget(&in_vain.into_iter().collect::<Vec<_>>());
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
            queued.in_vain.iter().try_for_each(|job| watch.is_in_vain(job, &mut context.output))?;
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

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;
    use crate::cli::output::{Format, Output};
    use crate::config::Places;
    use crate::config::load::{Flags, load};
    use crate::domain::{TransferId, TransferKind};
    use crate::services::Services;
    use crate::transfer::{NewTransfer, Scope};

    fn context(home: &tempfile::TempDir) -> Context {
        let place = |name: &str| home.path().join(name);
        let places = Places { config: place("config"), state: place("state"), data: place("data") };
        let services = Services::passing(load(&Flags::default(), &|_| None, places).unwrap());
        Context::new(services, Output::standard(Format::Text)).unwrap()
    }

    /// Deletes of what no record knows.
    async fn in_vain(context: &Context, count: usize) -> Vec<NewTransfer> {
        let identity = context.services.connect("local").await.unwrap().identity.clone();
        let delete = |number| NewTransfer::new(TransferKind::Delete, identity.clone(), format!("gone-{number}"));
        (0..count).map(delete).collect()
    }

    /// Waits until none of these is in the queue any more.
    async fn leave(queue: &Queue, ids: &[TransferId]) {
        let mut view = queue.view();
        let gone = async {
            while queue.settled(ids).await.unwrap().transfers.iter().any(|shown| ids.contains(&shown.transfer.id)) {
                view.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(60), gone).await.expect("they stay in the queue");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_failed_in_vain_leaves_the_queue_while_more_is_looked_for() {
        let home = tempfile::tempdir().unwrap();
        let mut context = context(&home);
        let settings = context.settings(None, None);
        let queue = context.open_queue(&settings, Scope::Own).await.unwrap();
        let jobs = in_vain(&context, MOST_IN_VAIN).await;
        let search = stream::once(async {
            let ids = queue.enqueue(jobs).await?;
            Ok(Queued { ids, ..Queued::default() })
        });
        let feed = search.flat_map(|queued| {
            let ids = queued.as_ref().map(|queued| queued.ids.clone()).unwrap_or_default();
            let queue = &queue;
            let more = stream::once(async move {
                leave(queue, &ids).await;
                Ok(Queued::default())
            });
            stream::iter([queued]).chain(more)
        });
        let manner = Manner { patience: Patience::Brief, lines: Lines::Records };
        let exit = follow(&mut context, &queue, feed.boxed(), manner).await.unwrap();
        assert_eq!(exit, Exit::Failed);
        context.finish(Some(Ok(exit))).await;
    }
}
