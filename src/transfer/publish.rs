//! The queue as others see it: one snapshot, at most ten times a second while bytes move, once a second while something
//! waits for its next try, and none at all while nothing changes.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::core::Core;
use super::holds::seconds_until;
use super::job::Owner;
use super::model::{Job, Model};
use crate::domain::transfer::{Lane, QueueView, TransferView, seconds_left};
use crate::domain::{TransferId, TransferState};

/// Between two snapshots while bytes move.
const TENTH: Duration = Duration::from_millis(100);

/// What belongs together is shown together: a change waits so long for the next.
const GATHERING: Duration = Duration::from_millis(15);

/// Snapshots of a long queue take longer, and are made less often: this part of the time goes into them at most.
const SHARE: u32 = 20;

/// Publishes until the queue closes.
pub async fn run(core: Arc<Core>, view: watch::Sender<Arc<QueueView>>) {
    let mut shown = None;
    loop {
        let began = Instant::now();
        let waits = publish(&core, &view, &mut shown);
        let soonest = began + began.elapsed() * SHARE;
        let next = soonest.max(began + TENTH);
        tokio::select! {
            () = core.closing.cancelled() => break,
            () = core.dirty() => gather(&core, soonest, next).await,
            () = tokio::time::sleep_until(next.into()), if waits.moves => {}
            () = tokio::time::sleep(Duration::from_secs(1)), if waits.timers => {}
        }
    }
    publish(&core, &view, &mut shown);
}

/// Waits for what belongs to a change. Once all is through nothing more does: whoever waits for that hears of it at once.
async fn gather(core: &Core, soonest: Instant, next: Instant) {
    let all_is_through = async {
        core.rested().await;
        tokio::time::sleep_until(soonest.into()).await;
    };
    tokio::select! {
        () = core.closing.cancelled() => {}
        () = tokio::time::sleep_until(next.max(Instant::now() + GATHERING).into()) => {}
        () = all_is_through => {}
    }
}

/// What the next snapshot waits for besides a change.
struct Waits {
    moves: bool,
    timers: bool,
}

/// What tells two snapshots apart, without looking at any transfer.
#[derive(Debug, PartialEq)]
struct Stamp {
    revision: u64,
    moved: u64,
    rate: f64,
    lanes: Vec<Lane>,
    walks: usize,
    /// Countdowns change with the seconds, where there are any.
    second: i64,
}

/// The queue as it stands.
pub fn now(core: &Core) -> QueueView {
    snapshot(core, &mut core.model())
}

/// The queue as it stands in a model that the caller has locked.
pub fn snapshot(core: &Core, model: &mut Model) -> QueueView {
    let stamp = stamp(core, model, Instant::now(), Utc::now());
    view(model, stamp, Utc::now())
}

fn publish(core: &Core, view: &watch::Sender<Arc<QueueView>>, shown: &mut Option<Stamp>) -> Waits {
    let (instant, now) = (Instant::now(), Utc::now());
    let mut model = core.model();
    let stamp = stamp(core, &mut model, instant, now);
    let waits = Waits { moves: model.is_busy() || stamp.rate > 0.0, timers: model.has_timers() };
    if shown.as_ref() == Some(&stamp) {
        return waits;
    }
    let lanes = stamp.lanes.clone();
    *shown = Some(Stamp { lanes, ..stamp });
    let snapshot = self::view(&model, stamp, now);
    drop(model);
    view.send_replace(Arc::new(snapshot));
    waits
}

fn stamp(core: &Core, model: &mut Model, instant: Instant, now: DateTime<Utc>) -> Stamp {
    Stamp {
        revision: model.revision(),
        moved: model.moved(),
        rate: model.rate(instant),
        lanes: model.show_holds(core.lanes.view(), now),
        walks: core.walks(),
        second: if model.has_timers() { now.timestamp() } else { 0 },
    }
}

/// What runs, then what failed, then what waits in queue order, then what is over, newest first.
fn view(model: &Model, stamp: Stamp, now: DateTime<Utc>) -> QueueView {
    let waiting = waiting(model, &stamp.lanes, now);
    // Exactly as large as needed: two of these lie in memory at a time.
    let mut transfers = Vec::with_capacity(model.len());
    let mut left = 0;
    each_in_order(model, |job| {
        let shown = view_of(job, waiting.get(&job.id()), now);
        left += if shown.transfer.state.is_open() { shown.bytes_left() } else { 0 };
        transfers.push(shown);
    });
    let Stamp { rate, lanes, walks, .. } = stamp;
    QueueView { transfers, rate, seconds_left: seconds_left(left, rate), lanes, walks }
}

/// Jobs and what they are ordered by.
type By<'a, T> = Vec<(T, &'a Job)>;

/// Whether something is over for good, and when it ended: what failed comes first, and the last of each.
type LastEnded = (bool, Reverse<Option<DateTime<Utc>>>);

/// Where an open one stands: what runs is in sight however much waits, large ones before small ones, which come and go.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Large,
    Small,
    Waits,
}

impl Standing {
    fn of(job: &Job) -> Self {
        match (job.runs(), job.is_large()) {
            (true, true) => Self::Large,
            (true, false) => Self::Small,
            (false, _) => Self::Waits,
        }
    }
}

/// Hands over what runs, what failed, which only a person helps, what waits in queue order, held or not, and what is over.
fn each_in_order<'a>(model: &'a Model, mut show: impl FnMut(&'a Job)) {
    let (open, ended) = in_order(model);
    let (run, wait) = open.split_at(open.partition_point(|((standing, _), _)| *standing < Standing::Waits));
    let (failed, over) = ended.split_at(ended.partition_point(|((is_over, _), _)| !is_over));
    run.iter().for_each(|(_, job)| show(job));
    failed.iter().for_each(|(_, job)| show(job));
    wait.iter().for_each(|(_, job)| show(job));
    over.iter().for_each(|(_, job)| show(job));
}

/// Those that may go on, in queue order behind those that run; what failed, then those that are over, the newest first.
fn in_order(model: &Model) -> (By<'_, (Standing, i64)>, By<'_, LastEnded>) {
    let (mut open, mut ended) = (Vec::with_capacity(model.len()), Vec::new());
    for job in model.jobs() {
        if job.saved.transfer.state.is_final() {
            let transfer = &job.saved.transfer;
            ended.push(((transfer.state != TransferState::Failed, Reverse(transfer.finished_at)), job));
        } else {
            open.push(((Standing::of(job), job.saved.rank), job));
        }
    }
    sort(&mut open);
    sort(&mut ended);
    (open, ended)
}

/// Without memory of its own; what is in order already costs nothing.
fn sort<T: Ord>(jobs: &mut By<'_, T>) {
    jobs.sort_unstable_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.id().cmp(&other.id())));
}

/// Why a transfer waits besides its own trouble.
#[derive(Debug, Default, Clone, Copy)]
struct Wait {
    held: bool,
    next_try_in: Option<u64>,
}

/// Transfers that wait for their profile's hold, and those behind an earlier one of the same key that waits itself.
fn waiting(model: &Model, lanes: &[Lane], now: DateTime<Utc>) -> HashMap<TransferId, Wait> {
    let mut waiting = HashMap::new();
    if lanes.iter().any(|lane| lane.hold.is_some() || lane.records.is_some()) {
        for job in model.jobs().filter(|job| model.is_held(job)) {
            let lane = lanes.iter().find(|lane| lane.profile == job.saved.transfer.profile);
            let hold = lane.and_then(|lane| lane.hold_for(&job.saved.transfer));
            waiting.insert(
                job.saved.transfer.id,
                Wait { held: true, next_try_in: hold.and_then(|hold| hold.next_try_in) },
            );
        }
    }
    for (first, behind) in model.blocked() {
        let until = first.saved.transfer.not_before.filter(|_| first.running.is_none());
        let stands = || Wait { held: first.stands(), next_try_in: None };
        let first = waiting.get(&first.saved.transfer.id).copied().unwrap_or_else(stands);
        let next_try_in = until.map(|until| seconds_until(until, now)).max(first.next_try_in);
        waiting.extend(behind.into_iter().map(|id| (id, Wait { next_try_in, ..first })));
    }
    waiting
}

fn view_of(job: &Job, wait: Option<&Wait>, now: DateTime<Utc>) -> TransferView {
    let transfer = job.saved.transfer.clone();
    let timer = match transfer.state {
        // Nobody cares when it is looked for next, but how long it may still come.
        TransferState::Waiting => transfer.url_ends(),
        state => transfer.not_before.filter(|_| job.running.is_none() && state.is_open()),
    };
    let Wait { held, next_try_in } = wait.copied().unwrap_or_default();
    TransferView {
        sent: if transfer.state == TransferState::Done { transfer.size.unwrap_or(0) } else { job.sent() },
        rate: job.rate(),
        next_try_in: timer.map(|when| seconds_until(when, now)).max(next_try_in),
        elsewhere: job.saved.owner == Owner::Other,
        held: held || job.is_stopped_elsewhere(),
        transfer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TransferKind;
    use crate::transfer::tests::{model, saved, sized};

    /// The keys in the order of their rows.
    fn shown(model: &Model) -> Vec<&str> {
        let mut keys = Vec::new();
        each_in_order(model, |job| keys.push(&*job.saved.transfer.key));
        keys
    }

    #[test]
    fn what_failed_stands_before_what_is_over_for_good() {
        let mut model = model(1);
        let states = [TransferState::Done, TransferState::Failed, TransferState::Cancelled, TransferState::Failed];
        for (seq, state) in (1..).zip(states) {
            let mut over = saved(seq, state, Owner::Me);
            Arc::make_mut(&mut over.transfer).finished_at = DateTime::from_timestamp(seq, 0);
            model.put(over);
        }
        assert_eq!(shown(&model), ["key-4", "key-2", "key-3", "key-1"]);
    }

    #[test]
    fn what_failed_stands_behind_what_runs_and_before_what_waits_or_is_held() {
        let mut model = model(1);
        (1..=20).for_each(|seq| model.put(sized(seq, Some(10))));
        model.put(saved(21, TransferState::Paused, Owner::Me));
        model.put(saved(22, TransferState::Failed, Owner::Me));
        while model.take_ready(Utc::now()).is_some() {}
        let runs = model.jobs().filter(|job| job.runs()).count();
        assert!((1..20).contains(&runs), "some run and some wait");
        let shown = shown(&model);
        assert_eq!((shown[runs], shown[runs + 1], shown[21]), ("key-22", &*format!("key-{}", runs + 1), "key-21"));
    }

    #[test]
    fn the_order_is_the_same_where_another_process_runs_it() {
        for owner in [Owner::Me, Owner::Other] {
            let mut model = model(1);
            let states = [TransferState::Waiting, TransferState::Paused, TransferState::Done, TransferState::Failed];
            for (seq, state) in (1..).zip(states) {
                let mut row = saved(seq, state, owner);
                Arc::make_mut(&mut row.transfer).kind = TransferKind::Request;
                model.put(row);
            }
            assert_eq!(shown(&model), ["key-4", "key-1", "key-2", "key-3"], "{owner:?}");
        }
    }

    #[test]
    fn what_runs_stands_first_and_large_ones_before_small_ones() {
        let mut model = model(1);
        for seq in 1..=40 {
            model.put(sized(seq, Some(if seq < 39 { 10 } else { 1 << 30 })));
        }
        while model.take_ready(Utc::now()).is_some() {}
        let shown = shown(&model);
        assert_eq!((shown[0], shown[1], shown[16]), ("key-39", "key-1", "key-16"));
        assert_eq!((shown[17], shown[39]), ("key-17", "key-40"), "what waits is in queue order");
    }
}
