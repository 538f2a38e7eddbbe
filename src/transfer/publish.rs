//! The queue as others see it: one snapshot, at most ten times a second while bytes move, once a second while something
//! waits for its next try, and none at all while nothing changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::core::Core;
use super::job::Owner;
use super::meter::seconds_left;
use super::model::{Job, Model};
use crate::domain::transfer::{QueueView, TransferView};
use crate::domain::{TransferId, TransferKind, TransferState};

/// Between two snapshots while bytes move.
const TENTH: Duration = Duration::from_millis(100);

/// Publishes until the queue closes.
pub async fn run(core: Arc<Core>, view: watch::Sender<Arc<QueueView>>) {
    loop {
        let (busy, timers) = publish(&core, &view);
        tokio::select! {
            () = core.closing.cancelled() => break,
            () = core.dirty() => tokio::time::sleep(TENTH / 4).await,
            () = tokio::time::sleep(TENTH), if busy => {}
            () = tokio::time::sleep(Duration::from_secs(1)), if timers => {}
        }
    }
    publish(&core, &view);
}

/// The queue as it stands.
pub fn now(core: &Core) -> QueueView {
    snapshot(&mut core.model(), Instant::now(), Utc::now())
}

fn publish(core: &Core, view: &watch::Sender<Arc<QueueView>>) -> (bool, bool) {
    let mut model = core.model();
    let mut snapshot = snapshot(&mut model, Instant::now(), Utc::now());
    snapshot.lanes = core.lanes.view();
    let next = (model.is_busy(), model.has_timers());
    drop(model);
    view.send_if_modified(|shown| {
        let changed = **shown != snapshot;
        if changed {
            *shown = Arc::new(snapshot);
        }
        changed
    });
    next
}

/// Open transfers in queue order, then finished ones, newest first.
pub fn snapshot(model: &mut Model, instant: Instant, now: DateTime<Utc>) -> QueueView {
    let mut open = Vec::new();
    let mut finished = Vec::new();
    let (mut rate, mut left) = (0.0, 0);
    let blocked = blocked(model);
    for job in model.jobs_mut() {
        let mut shown = view_of(job, instant, now);
        if let Some(until) = blocked.get(&shown.transfer.id) {
            shown.next_try_in = Some(seconds_until(*until, now));
        }
        rate += shown.rate;
        if !shown.transfer.state.is_final() {
            left += bytes_left(&shown);
            open.push((job.saved.seq, shown));
        } else {
            finished.push((job.saved.transfer.finished_at, shown));
        }
    }
    open.sort_by_key(|(seq, _)| *seq);
    finished.sort_by(|(a, _), (b, _)| b.cmp(a));
    let transfers = open.into_iter().map(|(_, shown)| shown).chain(finished.into_iter().map(|(_, shown)| shown));
    QueueView { transfers: transfers.collect(), rate, seconds_left: seconds_left(left, rate), ..QueueView::default() }
}

/// Transfers that wait for an earlier one of the same key, which itself waits for a moment.
fn blocked(model: &Model) -> HashMap<TransferId, DateTime<Utc>> {
    if !model.has_timers() {
        return HashMap::new();
    }
    let until = |job: &Job| model.blocker(job).and_then(|first| first.saved.transfer.not_before);
    model.jobs().filter_map(|job| until(job).map(|until| (job.saved.transfer.id, until))).collect()
}

fn seconds_until(when: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
    u64::try_from((when - now).num_milliseconds()).unwrap_or(0).div_ceil(1000)
}

fn view_of(job: &mut Job, instant: Instant, now: DateTime<Utc>) -> TransferView {
    let transfer = job.saved.transfer.clone();
    let sent = if transfer.state == TransferState::Done { transfer.size.unwrap_or(0) } else { job.sent.get() };
    let rate = if job.running.is_some() { job.meter.sample(instant, sent) } else { 0.0 };
    let next_try_in = transfer.not_before.filter(|_| job.running.is_none() && transfer.state.is_open());
    let mut shown = TransferView {
        sent,
        rate,
        seconds_left: None,
        next_try_in: next_try_in.map(|when| seconds_until(when, now)),
        elsewhere: job.saved.owner == Owner::Other,
        held: false,
        transfer,
    };
    shown.seconds_left = seconds_left(bytes_left(&shown), rate);
    shown
}

fn bytes_left(shown: &TransferView) -> u64 {
    match shown.transfer.kind {
        TransferKind::Delete => 0,
        _ => shown.transfer.size.unwrap_or(0).saturating_sub(shown.sent),
    }
}
