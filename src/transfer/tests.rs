//! The model's rules, without IO.

mod keys;
mod speed;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::job::{Kept, Owner, Resume, Saved};
use super::journal::Reading;
use super::lanes::Lanes;
use super::model::{Model, Stop};
use crate::domain::transfer::{Limits, ProfileIdentity};
use crate::domain::{Failure, FailureKind, Transfer, TransferId, TransferKind, TransferState};

pub(super) fn profile(name: &str) -> Arc<ProfileIdentity> {
    let text = || name.to_owned();
    Arc::new(ProfileIdentity {
        name: text(),
        provider: text(),
        endpoint: text(),
        bucket: text(),
        key_id: text(),
        catalog: text(),
        env_file: None,
    })
}

/// A row of the journal.
pub fn saved(seq: i64, state: TransferState, owner: Owner) -> Saved {
    let transfer = Transfer {
        state,
        size: Some(100),
        ..Transfer::new(TransferKind::Upload, profile("p"), format!("key-{seq}"), Utc::now())
    };
    Saved { seq, rank: seq, owner, wish: None, transfer: Arc::new(transfer), resume: Kept::default() }
}

/// A model in which each profile has so many jobs.
pub(super) fn model(jobs: usize) -> Model {
    Model::new(Arc::new(Lanes::new(0, Box::new(move |_| Limits { jobs, rate: 0 }))))
}

const HUGE: u64 = 1 << 40;

pub(super) fn sized(seq: i64, size: Option<u64>) -> Saved {
    let mut row = saved(seq, TransferState::Queued, Owner::Me);
    Arc::make_mut(&mut row.transfer).size = size;
    row
}

/// Takes what may be taken; answers with the numbers in their keys.
pub(super) fn taken(model: &mut Model, now: DateTime<Utc>) -> Vec<String> {
    std::iter::from_fn(|| model.take_ready(now)).map(|work| work.transfer.key.to_string()).collect()
}

#[test]
fn transfers_run_in_queue_order_and_no_more_than_there_are_jobs() {
    let mut model = model(2);
    let rows: Vec<Saved> = (1..=3).map(|seq| sized(seq, None)).collect();
    let ids: Vec<TransferId> = rows.iter().map(|row| row.transfer.id).collect();
    rows.into_iter().rev().for_each(|row| model.put(row));
    let now = Utc::now();
    assert_eq!(taken(&mut model, now), ["key-1", "key-2"]);
    model.release(ids[0]);
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(ids[0]), "it was still queued");
}

#[test]
fn a_huge_file_does_not_hold_up_small_ones_nor_they_it() {
    for huge_at in [1, 10_001] {
        let mut model = model(2);
        (2..=10_000).for_each(|seq| model.put(sized(seq, Some(4096))));
        model.put(sized(huge_at, Some(HUGE)));
        let taken = taken(&mut model, Utc::now());
        assert!(taken.contains(&format!("key-{huge_at}")), "the huge one");
        assert_eq!(taken.len(), 1 + 2 * 16, "and as many small ones as there may be");
        assert!(taken.contains(&"key-2".into()) && !taken.contains(&"key-34".into()), "in their order");
    }
}

#[test]
fn small_ones_are_let_in_by_the_hundred_and_no_more() {
    let mut model = model(200);
    (1..=1000).for_each(|seq| model.put(sized(seq, Some(0))));
    assert_eq!(taken(&mut model, Utc::now()).len(), 256);
}

#[test]
fn a_changed_limit_counts_at_once() {
    let lanes = Arc::new(Lanes::new(0, Box::new(|_| Limits { jobs: 1, rate: 0 })));
    let mut model = Model::new(lanes.clone());
    (1..=9).for_each(|seq| model.put(sized(seq, None)));
    let now = Utc::now();
    let first = model.take_ready(now).unwrap();
    assert!(model.take_ready(now).is_none());
    lanes.lane(&profile("p")).set(Limits { jobs: 3, rate: 0 });
    assert_eq!(taken(&mut model, now).len(), 2);
    lanes.lane(&profile("p")).set(Limits { jobs: 2, rate: 0 });
    model.release(first.transfer.id);
    assert!(model.take_ready(now).is_none(), "two are under way still");
}

#[test]
fn every_profile_has_jobs_of_its_own() {
    let mut model = model(1);
    for (seq, name) in [(1, "a"), (2, "a"), (3, "b")] {
        let mut row = sized(seq, None);
        Arc::make_mut(&mut row.transfer).profile = profile(name);
        model.put(row);
    }
    let mut taken = taken(&mut model, Utc::now());
    taken.sort();
    assert_eq!(taken, ["key-1", "key-3"]);
}

#[test]
fn a_place_that_was_changed_counts() {
    let mut model = model(1);
    (1..=3).for_each(|seq| model.put(sized(seq, None)));
    model.put(Saved { rank: 0, ..sized(4, None) });
    assert_eq!(taken(&mut model, Utc::now()), ["key-4"]);
}

#[test]
fn what_another_process_runs_is_left_alone() {
    let mut model = Model::default();
    model.put(saved(1, TransferState::Sending, Owner::Other));
    model.put(saved(2, TransferState::Queued, Owner::Nobody));
    model.put(saved(3, TransferState::Paused, Owner::Me));
    assert!(model.take_ready(Utc::now()).is_none());
}

#[test]
fn what_waits_for_a_moment_runs_then_and_not_before() {
    let mut model = Model::default();
    let now = Utc::now();
    let mut row = saved(1, TransferState::Queued, Owner::Me);
    Arc::make_mut(&mut row.transfer).not_before = Some(now + TimeDelta::seconds(5));
    model.put(row);
    assert!(model.take_ready(now).is_none());
    assert_eq!(model.next_timer(), Some(now + TimeDelta::seconds(5)));
    assert!(model.take_ready(now + TimeDelta::seconds(5)).is_some());
}

#[test]
fn records_are_written_in_batches_of_one_profile_at_a_time() {
    let mut model = Model::default();
    for seq in 1..=3 {
        model.put(saved(seq, TransferState::Recording, Owner::Me));
    }
    let mut other = saved(4, TransferState::Recording, Owner::Me);
    Arc::make_mut(&mut other.transfer).profile = profile("other");
    model.put(other);
    let now = Utc::now();
    assert!(model.take_ready(now).is_none(), "records need no worker");
    // Which profile comes first is nobody's business.
    let mut batches = [model.take_batch(now).unwrap(), model.take_batch(now).unwrap()];
    batches.sort_by_key(|batch| batch.transfers.len());
    let [second, first] = batches;
    assert_eq!((first.transfers.len(), second.transfers.len()), (3, 1));
    assert!(model.take_batch(now).is_none());
    model.batch_ended(&first);
    assert_eq!(model.take_batch(now).map(|batch| batch.transfers.len()), Some(3), "they were still recording");
}

#[test]
fn stopping_reaches_what_runs_and_takes_what_does_not() {
    let mut model = Model::default();
    let row = saved(1, TransferState::Queued, Owner::Me);
    let id = row.transfer.id;
    model.put(row);
    let work = model.take_ready(Utc::now()).unwrap();
    assert!(model.stop_or_take(id, Stop::Cancel).is_none());
    assert!(work.stop.is_cancelled());
    model.release(id);
    assert!(model.stop_or_take(id, Stop::Pause).is_some());
}

#[test]
fn an_old_reading_of_the_journal_cannot_undo_a_newer_change() {
    let mut model = Model::default();
    let row = saved(1, TransferState::Sending, Owner::Me);
    let as_of = model.reading_begins();
    let mut done = row.clone();
    Arc::make_mut(&mut done.transfer).state = TransferState::Done;
    done.owner = Owner::Nobody;
    model.put(done);
    model.merge(Reading { rows: vec![row], whole: true }, as_of);
    assert!(model.take_ready(Utc::now()).is_none(), "a finished transfer must not run again");
}

#[test]
fn a_reading_of_what_is_new_leaves_the_others_as_they_are() {
    let mut model = model(8);
    let (first, second) = (saved(1, TransferState::Queued, Owner::Me), saved(2, TransferState::Queued, Owner::Other));
    let (first_id, second_id) = (first.transfer.id, second.transfer.id);
    model.put(first);
    model.put(second.clone());
    let as_of = model.reading_begins();
    let claimed = Saved { owner: Owner::Me, ..second };
    let queued = saved(3, TransferState::Queued, Owner::Nobody);
    assert!(model.merge(Reading { rows: vec![claimed, queued], whole: false }, as_of));
    assert_eq!(model.jobs().count(), 3);
    let now = Utc::now();
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(first_id));
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(second_id), "what was claimed may run");
    assert!(model.take_ready(now).is_none());
    model.remove(&[TransferId::fresh()]);
    let new = saved(4, TransferState::Queued, Owner::Other);
    assert!(!model.merge(Reading { rows: vec![new], whole: false }, as_of), "it may be one that was just removed");
}

#[test]
fn removed_transfers_do_not_come_back_from_an_old_reading() {
    let mut model = Model::default();
    let row = saved(1, TransferState::Done, Owner::Nobody);
    model.put(row.clone());
    let as_of = model.reading_begins();
    model.remove(&[row.transfer.id]);
    model.merge(Reading { rows: vec![row], whole: true }, as_of);
    assert_eq!(model.jobs().count(), 0);
}

#[test]
fn a_wait_that_was_begun_before_the_clock_was_set_back_is_over() {
    let mut model = model(2);
    let mut waits = saved(1, TransferState::Queued, Owner::Me);
    let now = Utc::now();
    Arc::make_mut(&mut waits.transfer).not_before = Some(now + chrono::TimeDelta::seconds(5));
    model.put(waits.clone());
    assert!(model.take_ready(now).is_none());
    let three_hours_ago = now - chrono::TimeDelta::hours(3);
    assert_eq!(model.take_ready(three_hours_ago).map(|work| work.transfer.id), Some(waits.transfer.id));
}

#[test]
fn what_is_cancelled_is_not_held_instead() {
    let mut model = Model::default();
    let row = saved(1, TransferState::Queued, Owner::Me);
    let id = row.transfer.id;
    model.put(row);
    model.take_ready(Utc::now()).unwrap();
    for why in [Stop::Pause, Stop::Cancel, Stop::Pause] {
        assert!(model.stop_or_take(id, why).is_none());
    }
    assert_eq!(model.get(id).unwrap().stop, Some(Stop::Cancel));
}

#[test]
fn what_was_taken_up_again_is_not_removed() {
    let mut model = Model::default();
    let left = |row| Saved { resume: Resume { part_size: Some(5), ..Resume::default() }.into(), ..row };
    let rows: Vec<Saved> = (1..=4).map(|seq| left(saved(seq, TransferState::Failed, Owner::Me))).collect();
    let ids: Vec<TransferId> = rows.iter().map(|row| row.transfer.id).collect();
    rows.iter().for_each(|row| model.put(row.clone()));
    let _retried = model.take(ids[0]).unwrap();
    assert!(model.take_ended(ids[0]).is_none(), "somebody is at it");
    let cleaned = model.take_ended(ids[1]).unwrap();
    assert!(!model.get(ids[1]).unwrap().is_removable(), "it is being cleaned");
    assert!(model.stop_cleaning(ids[1]) && cleaned.stop.is_cancelled() && !model.stop_cleaning(ids[2]));
    let mut open = rows[2].clone();
    Arc::make_mut(&mut open.transfer).state = TransferState::Queued;
    model.put(open);
    assert!(model.take_ended(ids[2]).is_none(), "somebody has told it to go on");
    model.put(Saved { owner: Owner::Nobody, ..rows[3].clone() });
    model.remove(&ids);
    assert_eq!(model.jobs().map(|job| job.saved.transfer.id).collect::<Vec<_>>(), ids[..3]);
}

#[test]
fn what_is_being_recorded_is_stopped_only_once_the_answer_is_there() {
    let mut model = Model::default();
    let row = saved(1, TransferState::Recording, Owner::Me);
    let id = row.transfer.id;
    model.put(row);
    let batch = model.take_batch(Utc::now()).unwrap();
    assert!(model.stop_or_take(id, Stop::Cancel).is_none());
    assert_eq!(model.batch_ended(&batch), [(id, Stop::Cancel)]);
}
