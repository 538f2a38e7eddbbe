//! What one transfer's trouble does to the others: who is held, who is tried, and what frees all.

use chrono::TimeDelta;

use super::*;
use crate::domain::TransferKind;
use crate::transfer::journal::Reading;
use crate::transfer::lanes::{Lanes, Weight};
use crate::transfer::tests::{model, profile, saved, sized, taken};

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "why")
}

fn later(seconds: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::seconds(seconds)
}

/// A worker's whole run: it is taken, its bucket answers or not, and it is let go.
fn run(model: &mut Model, now: DateTime<Utc>, outcome: Option<FailureKind>) -> (TransferId, Met) {
    let id = model.take_ready(now).unwrap().transfer.id;
    (id, end(model, id, outcome))
}

fn end(model: &mut Model, id: TransferId, outcome: Option<FailureKind>) -> Met {
    let met = outcome.map(|kind| model.met(id, &failure(kind), Utc::now()));
    if met.is_none() {
        let mut done = model.get(id).unwrap().saved.clone();
        Arc::make_mut(&mut done.transfer).state = TransferState::Done;
        model.put(done);
    }
    model.release(id);
    met.unwrap_or(Met::Own)
}

fn held(model: &Model) -> usize {
    model.jobs().filter(|job| model.is_held(job)).count()
}

#[test]
fn a_bucket_that_is_away_holds_all_and_one_that_gets_through_frees_all() {
    let mut model = model(2);
    (1..=1000).for_each(|seq| model.put(sized(seq, Some(1))));
    assert_eq!(run(&mut model, Utc::now(), Some(FailureKind::Offline)).1, Met::Held);
    assert_eq!(held(&model), 1000);
    assert!(model.take_ready(Utc::now()).is_none());
    assert!(model.next_timer().is_some(), "somebody looks again");
    let (_, met) = run(&mut model, later(2), Some(FailureKind::Offline));
    assert_eq!((met, held(&model)), (Met::Held, 1000));
    let probe = model.take_ready(later(5)).unwrap();
    assert!(model.take_ready(later(5)).is_none(), "one at a time");
    assert_eq!(held(&model), 999);
    end(&mut model, probe.transfer.id, None);
    assert_eq!(held(&model), 0);
    assert_eq!(taken(&mut model, Utc::now()).len(), 32);
}

#[test]
fn acknowledged_bytes_show_that_a_bucket_is_back() {
    let mut model = model(2);
    (1..=3).for_each(|seq| model.put(sized(seq, None)));
    run(&mut model, Utc::now(), Some(FailureKind::Offline));
    let probe = model.take_ready(later(2)).unwrap();
    model.acknowledge(probe.transfer.id, 5);
    assert_eq!(taken(&mut model, Utc::now()).len(), 1, "beside the one that is under way");
}

#[test]
fn one_that_never_gets_through_does_not_hold_up_those_that_do() {
    let mut model = model(1);
    (1..=3).for_each(|seq| model.put(sized(seq, None)));
    let (poisoned, met) = run(&mut model, Utc::now(), Some(FailureKind::Offline));
    assert_eq!(met, Met::Held);
    let (other, _) = run(&mut model, later(2), None);
    assert_ne!(other, poisoned, "another one is tried");
    let (again, met) = run(&mut model, later(2), Some(FailureKind::Offline));
    assert_eq!((again, met), (poisoned, Met::Own), "others get through: it is its own trouble");
    assert_eq!(held(&model), 0);
}

#[test]
fn a_missing_file_says_nothing_about_the_bucket() {
    let mut model = model(1);
    (1..=3).for_each(|seq| model.put(sized(seq, None)));
    run(&mut model, Utc::now(), Some(FailureKind::Offline));
    let (_, met) = run(&mut model, later(2), Some(FailureKind::Local));
    assert_eq!(met, Met::Own);
    assert!(model.take_ready(Utc::now()).is_some(), "the next one is tried at once");
    assert!(model.take_ready(Utc::now()).is_none(), "and no other");
}

#[test]
fn a_retry_tries_that_one_although_the_credentials_were_wrong() {
    let mut model = model(1);
    (1..=9).for_each(|seq| model.put(sized(seq, None)));
    assert_eq!(run(&mut model, Utc::now(), Some(FailureKind::Credentials)).1, Met::Held);
    assert!(model.take_ready(later(1_000_000)).is_none());
    assert_eq!(held(&model), 9);
    let wanted = model.jobs().last().unwrap().saved.transfer.id;
    model.try_now(wanted);
    assert_eq!(run(&mut model, Utc::now(), Some(FailureKind::Credentials)), (wanted, Met::Held));
    model.try_now(wanted);
    assert_eq!(run(&mut model, Utc::now(), None).0, wanted);
    assert!(model.take_ready(Utc::now()).is_some());
}

#[test]
fn what_is_asked_for_once_nobody_waits_any_more_is_tried_although_the_credentials_were_wrong() {
    let mut model = model(1);
    (1..=2).for_each(|seq| model.admit(sized(seq, None)));
    run(&mut model, Utc::now(), Some(FailureKind::Credentials));
    model.admit(sized(3, None));
    assert!(model.take_ready(Utc::now()).is_none(), "others wait for somebody who says so");
    let waiting: Vec<Saved> = model.jobs().map(|job| job.saved.clone()).collect();
    for mut saved in waiting {
        let transfer = Arc::make_mut(&mut saved.transfer);
        transfer.state = TransferState::Cancelled;
        model.put(saved);
    }
    model.admit(sized(4, None));
    assert_eq!(run(&mut model, Utc::now(), None).1, Met::Own);
    model.admit(sized(5, None));
    assert!(model.take_ready(Utc::now()).is_some());
}

#[test]
fn what_another_process_queued_for_this_one_is_tried_although_the_credentials_were_wrong() {
    let mut model = model(1);
    model.admit(sized(1, None));
    run(&mut model, Utc::now(), Some(FailureKind::Credentials));
    let mut cancelled = model.jobs().next().unwrap().saved.clone();
    Arc::make_mut(&mut cancelled.transfer).state = TransferState::Cancelled;
    model.put(cancelled);
    let mut detached = sized(2, None);
    for owner in [Owner::Nobody, Owner::Me] {
        detached.owner = owner;
        let as_of = model.reading_begins();
        model.merge(Reading { rows: vec![detached.clone()], whole: false }, as_of);
        model.reading_ended();
    }
    assert_eq!(model.take_ready(Utc::now()).map(|work| work.transfer.id), Some(detached.transfer.id));
}

#[test]
fn bytes_go_on_while_the_catalog_is_away_and_one_record_shows_that_it_is_back() {
    let mut model = model(1);
    (1..=5).for_each(|seq| model.put(saved(seq, TransferState::Recording, Owner::Me)));
    model.put(sized(6, Some(1)));
    let mut delete = sized(7, None);
    Arc::make_mut(&mut delete.transfer).kind = TransferKind::Delete;
    model.put(delete);
    let batch = model.take_batch(Utc::now()).unwrap();
    assert_eq!(model.batch_met(&batch, &failure(FailureKind::CatalogAway), Utc::now()), Met::Held);
    model.batch_ended(&batch);
    assert!(model.take_batch(Utc::now()).is_none());
    assert_eq!(taken(&mut model, Utc::now()), ["key-6"], "the delete has to find its record first");
    assert_eq!(held(&model), 6);
    let probe = model.take_batch(later(2)).unwrap();
    assert_eq!(probe.transfers.len(), 1);
    model.batch_through(&probe);
    model.batch_ended(&probe);
    assert_eq!(model.take_batch(Utc::now()).unwrap().transfers.len(), 5);
    assert_eq!(taken(&mut model, Utc::now()), ["key-7"]);
}

#[tokio::test]
async fn who_is_turned_away_at_home_has_not_tried_and_does_not_prolong_the_hold() {
    let lanes = Arc::new(Lanes::default());
    let mut model = Model::new(lanes.clone());
    (1..=3).for_each(|seq| model.put(sized(seq, Some(1))));
    let ids: Vec<TransferId> = (0..3).map(|_| model.take_ready(Utc::now()).unwrap().transfer.id).collect();
    let asked = failure(FailureKind::Busy).retry_after(Some(std::time::Duration::from_secs(60)));
    assert_eq!(model.met(ids[0], &asked, Utc::now()), Met::Own);
    let refusal = lanes.lane(&profile("p")).request(Weight::Small).await.unwrap_err();
    assert_eq!(model.met(ids[1], &refusal, later(30)), Met::Held, "it was not tried");
    model.release(ids[1]);
    assert_eq!(held(&model), 1);
    assert!(model.next_timer().unwrap() < later(61), "no longer than was asked for");
    assert_eq!(model.met(ids[2], &asked, later(30)), Met::Own, "its request was under way");
    assert_eq!(taken(&mut model, later(61)).len(), 0, "the bucket has asked again");
    assert_eq!(taken(&mut model, later(91)).len(), 1);
}

#[test]
fn two_that_are_away_are_found_back_by_a_delete_that_needs_both() {
    let mut model = model(1);
    let mut delete = sized(1, None);
    Arc::make_mut(&mut delete.transfer).kind = TransferKind::Delete;
    let id = delete.transfer.id;
    model.put(delete);
    let work = model.take_ready(Utc::now()).unwrap();
    model.met(id, &failure(FailureKind::CatalogAway), Utc::now());
    model.met(id, &failure(FailureKind::Offline), Utc::now());
    model.release(work.transfer.id);
    assert!(model.take_ready(Utc::now()).is_none());
    assert_eq!(model.take_ready(later(2)).map(|work| work.transfer.id), Some(id));
    let mut found = model.get(id).unwrap().saved.clone();
    Arc::make_mut(&mut found.transfer).state = TransferState::Deleting;
    model.put(found);
    assert!(!model.is_catalog_held(&profile("p")), "it has found its record");
    end(&mut model, id, None);
    model.put(sized(2, None));
    assert_eq!(taken(&mut model, Utc::now()), ["key-2"]);
}

#[test]
fn nobody_looks_again_and_again_at_what_cannot_be_tried_yet() {
    let mut model = model(1);
    let mut delete = sized(1, None);
    Arc::make_mut(&mut delete.transfer).kind = TransferKind::Delete;
    model.put(delete);
    let id = model.take_ready(Utc::now()).unwrap().transfer.id;
    model.met(id, &failure(FailureKind::CatalogAway), Utc::now());
    let asked = failure(FailureKind::Busy).retry_after(Some(std::time::Duration::from_secs(60)));
    model.met(id, &asked, Utc::now());
    model.release(id);
    assert!(model.take_ready(later(30)).is_none());
    assert!(model.next_timer().unwrap() > later(50), "the catalog cannot be asked before the bucket");
    assert_eq!(model.take_ready(later(61)).map(|work| work.transfer.id), Some(id));
}

#[test]
fn a_bucket_that_turns_everybody_away_is_nobodys_own_trouble() {
    let mut model = model(2);
    (1..=2).for_each(|seq| model.put(sized(seq, Some(1))));
    let ids: Vec<TransferId> = (0..2).map(|_| model.take_ready(Utc::now()).unwrap().transfer.id).collect();
    let busy = failure(FailureKind::Busy);
    assert_eq!(model.met(ids[0], &busy, Utc::now()), Met::Own, "whether others get through is not known yet");
    assert_eq!(model.met(ids[1], &busy, Utc::now()), Met::Own);
    assert_eq!(model.met(ids[0], &busy, Utc::now()), Met::OwnLikeAll);
    model.acknowledge(ids[1], 1);
    assert_eq!(model.met(ids[0], &busy, Utc::now()), Met::Own, "the other one got through");
    assert_eq!(model.met(ids[0], &busy, Utc::now()), Met::OwnLikeAll);
}

#[test]
fn a_file_that_is_missing_here_says_nothing_about_the_bucket() {
    let mut model = model(1);
    (1..=2).for_each(|seq| model.put(sized(seq, Some(1))));
    run(&mut model, Utc::now(), Some(FailureKind::Offline));
    run(&mut model, later(5), Some(FailureKind::NotFound));
    assert_eq!(held(&model), 2, "it is still away");
    run(&mut model, later(5), Some(FailureKind::Denied));
    assert_eq!(held(&model), 0, "it has answered");
}

#[test]
fn what_holds_one_profile_is_nothing_to_another() {
    let mut model = model(1);
    model.put(sized(1, None));
    run(&mut model, Utc::now(), Some(FailureKind::Offline));
    let mut other = sized(2, None);
    Arc::make_mut(&mut other.transfer).profile = profile("other");
    model.put(other);
    assert_eq!(taken(&mut model, Utc::now()), ["key-2"]);
}
