//! Transfers of one key: who of them may go on.

use super::*;
use crate::domain::{Failure, FailureKind};
use crate::transfer::model::Unsettled;

fn is_settled(model: &Model, id: TransferId) -> bool {
    Unsettled::default().none_of(&[id], model)
}

#[test]
fn many_that_wait_for_the_same_key_are_not_looked_at() {
    let mut model = model(1);
    let first = sized(1, Some(1));
    let same_key = |seq| {
        let mut row = sized(seq, Some(1));
        Arc::make_mut(&mut row.transfer).key.clone_from(&first.transfer.key);
        row
    };
    let rows: Vec<Saved> = (2..=5000).map(same_key).collect();
    rows.iter().rev().for_each(|row| model.put(row.clone()));
    model.put(first.clone());
    let now = Utc::now();
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(first.transfer.id));
    assert!(model.take_ready(now).is_none());
    let mut done = first.clone();
    Arc::make_mut(&mut done.transfer).state = TransferState::Done;
    model.put(done);
    model.release(first.transfer.id);
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(rows[0].transfer.id), "one after the other");
    assert!(model.take_ready(now).is_none());
}

#[test]
fn an_earlier_one_that_comes_back_waits_for_a_later_one_that_has_begun() {
    let mut model = model(1);
    let delete = saved(1, TransferState::Failed, Owner::Nobody);
    let mut upload = saved(2, TransferState::Queued, Owner::Me);
    Arc::make_mut(&mut upload.transfer).key.clone_from(&delete.transfer.key);
    let (first, id) = (delete.transfer.id, upload.transfer.id);
    let in_state = |row: &Saved, state| {
        let mut row = row.clone();
        Arc::make_mut(&mut row.transfer).state = state;
        row.owner = Owner::Me;
        row
    };
    [delete.clone(), upload.clone()].into_iter().for_each(|row| model.put(row));
    let now = Utc::now();
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(id));
    model.put(in_state(&delete, TransferState::Queued));
    assert!(model.take_ready(now).is_none(), "the upload is under way");
    for state in [TransferState::Sending, TransferState::Recording] {
        model.put(in_state(&upload, state));
        assert!(model.take_ready(now).is_none());
    }
    let as_of = model.reading_begins();
    let rows = vec![in_state(&delete, TransferState::Queued), in_state(&upload, TransferState::Sending)];
    model.merge(Reading { rows, whole: true }, as_of);
    model.release(id);
    assert!(model.take_ready(now).is_none(), "its record is still to be written");
    let batch = model.take_batch(now).unwrap();
    model.put(in_state(&upload, TransferState::Done));
    model.batch_ended(&batch);
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(first));
}

#[test]
fn one_that_is_held_keeps_its_place_before_a_later_one_of_its_key() {
    let mut model = model(1);
    let delete = saved(1, TransferState::Paused, Owner::Nobody);
    let mut upload = saved(2, TransferState::Queued, Owner::Me);
    Arc::make_mut(&mut upload.transfer).key.clone_from(&delete.transfer.key);
    [upload.clone(), delete.clone()].into_iter().for_each(|row| model.put(row));
    let now = Utc::now();
    assert!(model.take_ready(now).is_none(), "the delete would take the upload's object when it goes on");
    assert!(is_settled(&model, upload.transfer.id), "only somebody who lets the delete go on helps");
    assert_eq!(model.unclaimed(&delete.transfer.profile, &delete.transfer.key), [], "held is not left behind");
    let as_of = model.reading_begins();
    model.merge(Reading { rows: vec![upload.clone(), delete.clone()], whole: true }, as_of);
    assert!(model.take_ready(now).is_none());
    let mut cancelled = delete;
    Arc::make_mut(&mut cancelled.transfer).state = TransferState::Cancelled;
    model.put(cancelled);
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(upload.transfer.id));
}

#[test]
fn what_nobody_runs_and_stands_before_mine_is_found() {
    let mut model = model(1);
    let left = saved(1, TransferState::Sending, Owner::Nobody);
    let mut mine = saved(2, TransferState::Queued, Owner::Me);
    Arc::make_mut(&mut mine.transfer).key.clone_from(&left.transfer.key);
    let id = left.transfer.id;
    model.put(left);
    model.put(saved(3, TransferState::Queued, Owner::Nobody));
    assert!(model.nobodys_before_mine().is_empty());
    model.put(mine);
    let mut later = saved(4, TransferState::Queued, Owner::Nobody);
    Arc::make_mut(&mut later.transfer).key.clone_from(&model.get(id).unwrap().saved.transfer.key);
    model.put(later);
    assert_eq!(model.nobodys_before_mine(), [id], "and what comes later is not taken");
}

#[test]
fn two_transfers_of_one_key_never_overtake_each_other() {
    let mut model = Model::default();
    let delete = saved(1, TransferState::Forgetting, Owner::Me);
    let (first, key) = (delete.transfer.id, delete.transfer.key.clone());
    let same_key = |seq, state| {
        let mut row = saved(seq, state, Owner::Me);
        Arc::make_mut(&mut row.transfer).key.clone_from(&key);
        row
    };
    let (upload, record) = (same_key(2, TransferState::Queued), same_key(3, TransferState::Recording));
    let upload_id = upload.transfer.id;
    [delete.clone(), upload, record].into_iter().for_each(|row| model.put(row));
    let now = Utc::now();
    assert!(model.take_ready(now).is_none(), "the upload waits for the delete before it");
    let batch = model.take_batch(now).unwrap();
    assert_eq!(batch.transfers.iter().map(|transfer| transfer.id).collect::<Vec<_>>(), [first]);

    let mut done = delete;
    Arc::make_mut(&mut done.transfer).state = TransferState::Done;
    model.put(done);
    model.batch_ended(&batch);
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(upload_id));
    assert!(model.take_batch(now).is_none(), "the record waits for the upload before it");
}

#[test]
fn what_another_process_has_noted_is_no_trouble_and_what_it_waits_for_is() {
    let mut model = model(1);
    let mut theirs = saved(1, TransferState::Sending, Owner::Other);
    let mut mine = saved(2, TransferState::Queued, Owner::Me);
    Arc::make_mut(&mut mine.transfer).key.clone_from(&theirs.transfer.key);
    model.put(mine.clone());
    for (kind, settled) in [(FailureKind::Changed, false), (FailureKind::CatalogAway, true)] {
        Arc::make_mut(&mut theirs.transfer).error = Some(Failure::new(kind, "why").into());
        model.put(theirs.clone());
        assert_eq!(is_settled(&model, mine.transfer.id), settled, "{kind:?}");
    }
}

#[test]
fn who_is_behind_one_whose_credentials_are_wrong_in_another_process_is_held() {
    let mut model = model(1);
    let mut theirs = saved(1, TransferState::Sending, Owner::Other);
    Arc::make_mut(&mut theirs.transfer).error = Some(Failure::new(FailureKind::Credentials, "why").into());
    let mut mine = saved(2, TransferState::Queued, Owner::Me);
    Arc::make_mut(&mut mine.transfer).key.clone_from(&theirs.transfer.key);
    let (first, behind) = (theirs.transfer.id, mine.transfer.id);
    [theirs, mine].into_iter().for_each(|row| model.put(row));
    assert!(is_settled(&model, behind) && is_settled(&model, first));
    assert!(!model.get(first).unwrap().runs(), "nobody is at it");
}

#[test]
fn what_another_process_does_not_try_for_wrong_credentials_is_settled() {
    let mut model = model(1);
    let mut met = saved(1, TransferState::Queued, Owner::Other);
    Arc::make_mut(&mut met.transfer).error = Some(Failure::new(FailureKind::Credentials, "why").into());
    let untried = saved(2, TransferState::Queued, Owner::Other);
    let under_way = saved(3, TransferState::Sending, Owner::Other);
    let mut elsewhere = saved(4, TransferState::Queued, Owner::Other);
    Arc::make_mut(&mut elsewhere.transfer).profile = profile("another");
    let ids = [&met, &untried, &under_way, &elsewhere].map(|row| row.transfer.id);
    [met, untried, under_way, elsewhere].into_iter().for_each(|row| model.put(row));
    assert_eq!(ids.map(|id| is_settled(&model, id)), [true, true, false, false]);
}

fn request(seq: i64, state: TransferState, key: &Arc<str>) -> Saved {
    let mut row = saved(seq, state, Owner::Me);
    let transfer = Arc::make_mut(&mut row.transfer);
    (transfer.kind, transfer.key) = (TransferKind::Request, key.clone());
    row
}

#[test]
fn a_request_that_waits_neither_holds_up_its_key_nor_waits_for_it() {
    let mut model = model(1);
    let upload = saved(2, TransferState::Queued, Owner::Me);
    let request = request(1, TransferState::Waiting, &upload.transfer.key);
    [upload.clone(), request.clone()].into_iter().for_each(|row| model.put(row));
    let now = Utc::now();
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(request.transfer.id), "looking comes first");
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(upload.transfer.id), "at the same time");
}

#[test]
fn a_request_whose_object_is_there_waits_for_its_turn_among_those_of_its_key() {
    let mut model = model(1);
    let upload = saved(2, TransferState::Queued, Owner::Me);
    let request = request(1, TransferState::Waiting, &upload.transfer.key);
    [upload.clone(), request.clone()].into_iter().for_each(|row| model.put(row));
    let now = Utc::now();
    let (look, sending) = (model.take_ready(now).unwrap(), model.take_ready(now).unwrap());
    let mut arrived = request.clone();
    Arc::make_mut(&mut arrived.transfer).state = TransferState::Arrived;
    model.put(arrived);
    model.release(look.transfer.id);
    assert!(model.take_ready(now).is_none(), "the upload replaces what it has seen");
    let mut done = upload.clone();
    Arc::make_mut(&mut done.transfer).state = TransferState::Done;
    model.put(done);
    model.release(sending.transfer.id);
    assert_eq!(model.take_ready(now).map(|work| work.transfer.id), Some(request.transfer.id));
}

#[test]
fn a_look_does_not_stand_behind_uploads_and_takes_no_turn_of_a_large_one() {
    let mut model = model(1);
    (1..=3).for_each(|seq| model.put(sized(seq, None)));
    let waiting = request(9, TransferState::Waiting, &"other".into());
    model.put(waiting.clone());
    let now = Utc::now();
    let taken: Vec<TransferId> = std::iter::from_fn(|| model.take_ready(now)).map(|work| work.transfer.id).collect();
    assert_eq!(taken.len(), 2, "one large job, and the look beside it");
    assert!(taken.contains(&waiting.transfer.id));
}
