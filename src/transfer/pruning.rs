//! How finished transfers leave the journal: by their age, by their number, or because the user has seen them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Scope;
use super::core::Core;
use super::job::Saved;
use super::model::Job;
use super::tidying::{Keeps, clean, may_pass, may_pass_under_its_profile, tidy};
use crate::domain::{Result, Transfer, TransferId, TransferState};

/// Most finished transfers that are kept. The oldest go first; failed ones count, but go only after all others, because
/// they are what somebody still has to look at.
const MOST_FINISHED: usize = 10_000;

/// What has ended only now is not removed for being too many: whoever follows it has to see how it ended.
const JUST_ENDED: TimeDelta = TimeDelta::minutes(10);

/// Between two looks at what is too old or too many.
const BETWEEN: Duration = Duration::from_secs(60);

/// Prunes until the queue closes. What is interrupted by that is done the next time.
pub async fn run(core: Arc<Core>, keep_done: u64) {
    let mut between = tokio::time::interval(BETWEEN);
    // A bucket that does not answer is not asked without a pause.
    between.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = core.closing.cancelled() => return,
            pruned = async { between.tick().await; prune(&core, keep_done).await } => {
                if let Err(failure) = pruned {
                    tracing::warn!("finished transfers stay in the queue: {failure}");
                }
            }
        }
    }
}

/// Removes finished transfers that are older than the user keeps them, in seconds, or more than anybody looks at, and what
/// they and cancelled ones left. What needs no request goes first.
async fn prune(core: &Arc<Core>, keep_done: u64) -> Result<()> {
    prune_bare(core, keep_done).await?;
    if core.scope != Scope::Nothing {
        tidy(core).await?;
    }
    let mut due = all_due(core, keep_done);
    // What is left of cancelled ones has just been tried.
    due.retain(|row| row.transfer.state != TransferState::Cancelled || !row.may_have_left());
    remove(core, due, may_pass).await.map(drop)
}

/// Like [`run`] does, but only those that need no request: it takes no time, and works without a network.
///
/// # Errors
/// The journal's; then they stay.
pub async fn prune_bare(core: &Core, keep_done: u64) -> Result<()> {
    let mut bare = all_due(core, keep_done);
    bare.retain(|row| !row.may_have_left());
    remove_bare(core, ids(&bare)).await.map(drop)
}

fn all_due(core: &Core, keep_done: u64) -> Vec<Saved> {
    let finished: Vec<Saved> = {
        let model = core.model();
        model.jobs().filter(|job| job.is_removable()).map(|job| job.saved.clone()).collect()
    };
    let keep = TimeDelta::try_seconds(i64::try_from(keep_done).unwrap_or(i64::MAX)).unwrap_or(TimeDelta::MAX);
    due(finished, keep, MOST_FINISHED, Utc::now())
}

/// Those of the finished transfers that are to go.
fn due(mut finished: Vec<Saved>, keep: TimeDelta, most: usize, now: DateTime<Utc>) -> Vec<Saved> {
    let failed = |transfer: &Transfer| transfer.state == TransferState::Failed;
    finished.sort_by_key(|row| (failed(&row.transfer), row.transfer.finished_at));
    let too_many = finished.len().saturating_sub(most);
    let oldest = now.checked_sub_signed(keep);
    let is_due = |(place, row): &(usize, Saved)| {
        let ended = row.transfer.finished_at;
        ended < oldest || *place < too_many && ended.is_none_or(|ended| ended < now - JUST_ENDED)
    };
    finished.into_iter().enumerate().filter(is_due).map(|(_, row)| row).collect()
}

/// Forgets transfers; answers how many went.
///
/// # Errors
/// The journal's; then they stay.
pub async fn forget(core: &Arc<Core>, which: impl Fn(&Transfer) -> bool) -> Result<usize> {
    let fits = |job: &&Job| job.is_removable() && which(&job.saved.transfer);
    let rows = core.model().jobs().filter(fits).map(|job| job.saved.clone()).collect();
    remove(core, rows, may_pass_under_its_profile).await
}

/// Those that have left nothing go at once; the others once that is gone too, because their rows are what knows of it. A
/// bucket may take minutes not to answer.
async fn remove(core: &Arc<Core>, rows: Vec<Saved>, keeps: Keeps) -> Result<usize> {
    let (others, bare): (Vec<Saved>, Vec<Saved>) = rows.into_iter().partition(Saved::may_have_left);
    let removed = remove_bare(core, ids(&bare)).await?;
    let cleaned = clean(core, &ids(&others), keeps).await?;
    Ok(removed + remove_bare(core, cleaned).await?)
}

async fn remove_bare(core: &Core, ids: Vec<TransferId>) -> Result<usize> {
    let removed = ids.len();
    if removed > 0 {
        core.remove(ids).await?;
    }
    Ok(removed)
}

fn ids(rows: &[Saved]) -> Vec<TransferId> {
    rows.iter().map(|row| row.transfer.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::job::Owner;
    use crate::transfer::tests::saved;

    fn ended(seq: i64, state: TransferState, minutes_ago: i64, now: DateTime<Utc>) -> Saved {
        let mut row = saved(seq, state, Owner::Nobody);
        Arc::make_mut(&mut row.transfer).finished_at = Some(now - TimeDelta::minutes(minutes_ago));
        row
    }

    fn gone(rows: Vec<Saved>, keep: TimeDelta, most: usize, now: DateTime<Utc>) -> Vec<i64> {
        due(rows, keep, most, now).iter().map(|row| row.seq).collect()
    }

    #[test]
    fn the_old_go_by_their_age_failed_ones_too() {
        let now = Utc::now();
        let rows = vec![ended(1, TransferState::Done, 90, now), ended(2, TransferState::Failed, 70, now)];
        let rows = [rows, vec![ended(3, TransferState::Done, 50, now)]].concat();
        assert_eq!(gone(rows, TimeDelta::hours(1), 100, now), [1, 2]);
    }

    #[test]
    fn of_too_many_the_oldest_go_and_failed_ones_last() {
        let now = Utc::now();
        let mut rows: Vec<Saved> = (1..=5).map(|seq| ended(seq, TransferState::Done, 100 - seq, now)).collect();
        rows.push(ended(6, TransferState::Failed, 900, now));
        let week = TimeDelta::days(7);
        assert_eq!(gone(rows.clone(), week, 4, now), [1, 2]);
        assert_eq!(gone(rows.clone(), week, 1, now), [1, 2, 3, 4, 5]);
        assert_eq!(gone(rows, week, 0, now), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_has_ended_only_now_stays_however_many_there_are() {
        let now = Utc::now();
        let rows = vec![ended(1, TransferState::Done, 1, now), ended(2, TransferState::Cancelled, 30, now)];
        assert_eq!(gone(rows, TimeDelta::days(7), 0, now), [2]);
    }
}
