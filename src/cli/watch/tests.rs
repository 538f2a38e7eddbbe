//! Watches that are shown one view after the other: when they give up, and which ends they see.

use super::*;
use crate::cli::fixtures::{profile, view};
use crate::domain::transfer::{Hold, Lane, Limits};
use crate::domain::{Failure, FailureKind, TransferKind};

fn watch(ids: &[TransferId]) -> Watch {
    let mut watch = Watch::new(Lines::Last);
    watch.ask(ids, 0);
    watch.search_ended();
    watch
}

fn see(watch: &mut Watch, views: &[TransferView], now: Instant) {
    let queue = Arc::new(QueueView { transfers: views.to_vec(), ..QueueView::default() });
    watch.see(&queue, now, &mut Output::standard(Format::Json)).unwrap();
}

/// Shows the queue to a watch, and answers whether it would give up so many seconds later.
fn stuck_after(watch: &mut Watch, views: &[TransferView], seconds: u64) -> bool {
    see(watch, views, Instant::now());
    watch.is_stuck(Instant::now() + Duration::from_secs(seconds))
}

#[test]
fn it_gives_up_when_something_waits_and_nothing_moves() {
    let ids = [TransferId::fresh(), TransferId::fresh()];
    let mut watch = watch(&ids);
    let waits = view(ids[0], TransferState::Sending, 3, Some(4));
    let queued = view(ids[1], TransferState::Queued, 0, None);
    assert!(!stuck_after(&mut watch, &[waits.clone(), queued.clone()], 9));
    assert!(stuck_after(&mut watch, &[waits, queued.clone()], 10));
    let waits_for_its_turn = view(ids[0], TransferState::Queued, 0, None);
    assert!(!stuck_after(&mut watch, &[waits_for_its_turn, queued], 60), "a busy queue is no reason");
}

#[test]
fn what_failed_above_what_waits_is_an_end_and_what_waits_behind_it_is_waited_for() {
    let ids = [TransferId::fresh(), TransferId::fresh(), TransferId::fresh()];
    let mut watch = watch(&ids);
    let failed = view(ids[0], TransferState::Failed, 1, None);
    let waits = view(ids[1], TransferState::Sending, 3, Some(4));
    let done = view(ids[2], TransferState::Done, 10, None);
    assert!(!stuck_after(&mut watch, &[failed.clone(), waits.clone(), done.clone()], 9));
    assert!(stuck_after(&mut watch, &[failed, waits, done], 10));
    let ended: HashSet<TransferId> = watch.take_ended().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ended, HashSet::from([ids[0], ids[2]]));
}

#[test]
fn each_end_is_handed_on_once() {
    let ids = [TransferId::fresh(), TransferId::fresh()];
    let mut watch = watch(&ids);
    let done = view(ids[0], TransferState::Done, 10, None);
    let others = view(TransferId::fresh(), TransferState::Done, 10, None);
    see(&mut watch, &[view(ids[1], TransferState::Sending, 1, None), done.clone(), others], Instant::now());
    assert_eq!(watch.take_ended(), [(ids[0], TransferState::Done)]);
    see(&mut watch, &[view(ids[1], TransferState::Failed, 1, None), done], Instant::now());
    assert_eq!(watch.take_ended(), [(ids[1], TransferState::Failed)]);
    assert!(watch.is_done());
}

#[test]
fn it_waits_while_another_is_under_way_or_more_is_looked_for() {
    let ids = [TransferId::fresh(), TransferId::fresh()];
    let mut watch = watch(&ids);
    let recording = view(ids[0], TransferState::Recording, 10, None);
    let sending = view(ids[1], TransferState::Sending, 1, None);
    assert!(!stuck_after(&mut watch, &[recording.clone(), sending], 60));
    let both = [recording, view(ids[1], TransferState::Recording, 10, None)];
    assert!(stuck_after(&mut watch, &both, 10));
    watch.searching = true;
    assert!(!stuck_after(&mut watch, &both, 60));
}

#[test]
fn it_does_not_wait_for_what_no_waiting_helps() {
    let ids = [TransferId::fresh()];
    let mut watch = watch(&ids);
    let held = TransferView { held: true, ..view(ids[0], TransferState::Queued, 0, None) };
    let lane = |next_try_in| Lane {
        profile: profile(),
        limits: Limits { jobs: 8, rate: 0 },
        hold: Some(Hold { failure: Failure::new(FailureKind::Credentials, "no"), next_try_in, waiting: 1 }),
        records: None,
    };
    for (next_try_in, gives_up) in [(None, true), (Some(5), false)] {
        let queue = QueueView { transfers: vec![held.clone()], lanes: vec![lane(next_try_in)], ..QueueView::default() };
        watch.see(&Arc::new(queue), Instant::now(), &mut Output::standard(Format::Json)).unwrap();
        assert_eq!(watch.waits_in_vain(), gives_up, "{next_try_in:?}");
    }
}

#[test]
fn it_does_not_wait_for_somebody_to_let_an_earlier_one_of_its_key_go_on() {
    let [first, second] = [TransferId::fresh(), TransferId::fresh()];
    let behind = |id| TransferView { held: true, ..view(id, TransferState::Queued, 0, None) };
    let offline = Failure::new(FailureKind::Offline, "no route");
    for (ours, paused, gives_up) in [(second, first, true), (first, second, false)] {
        let mut watch = watch(&[ours]);
        let transfers = vec![view(paused, TransferState::Paused, 0, None), behind(ours)];
        let lanes = vec![Lane {
            profile: profile(),
            limits: Limits { jobs: 8, rate: 0 },
            hold: Some(Hold { failure: offline.clone(), next_try_in: Some(3), waiting: 1 }),
            records: None,
        }];
        let queue = Arc::new(QueueView { transfers, lanes, ..QueueView::default() });
        watch.see(&queue, Instant::now(), &mut Output::standard(Format::Json)).unwrap();
        assert_eq!(watch.waits_in_vain(), gives_up, "whatever its profile waits for");
    }
}

#[test]
fn sending_the_same_bytes_again_is_no_progress() {
    let ids = [TransferId::fresh()];
    let mut watch = watch(&ids);
    let begun = Instant::now();
    let at = |seconds| begun + Duration::from_secs(seconds);
    see(&mut watch, &[view(ids[0], TransferState::Sending, 7, None)], at(1));
    see(&mut watch, &[view(ids[0], TransferState::Queued, 0, Some(1))], at(2));
    see(&mut watch, &[view(ids[0], TransferState::Sending, 6, None)], at(3));
    assert_eq!(watch.moved_at, at(1));
    see(&mut watch, &[view(ids[0], TransferState::Sending, 8, None)], at(4));
    assert_eq!(watch.moved_at, at(4));
}

#[test]
fn every_end_is_seen_however_long_the_list_of_ends_is() {
    let known: Vec<TransferId> = (0..KNOWN_IN_A_ROW + 1).map(|_| TransferId::fresh()).collect();
    let late = TransferId::fresh();
    let mut watch = watch(&[known.clone(), vec![late]].concat());
    let done = |id: &TransferId| view(*id, TransferState::Done, 10, None);
    let mut ended: Vec<TransferView> = known.iter().map(done).collect();
    let begun = Instant::now();
    see(&mut watch, &ended, begun);
    assert_eq!(watch.done, known.len());
    ended.push(done(&late));
    see(&mut watch, &ended, begun + LOOK_AT_ALL / 2);
    assert!(!watch.is_done(), "it is far behind the newest");
    see(&mut watch, &ended, begun + LOOK_AT_ALL);
    assert!(watch.is_done());
}

#[test]
fn what_another_process_cleared_is_waited_for_no_longer() {
    let ids = [TransferId::fresh(), TransferId::fresh(), TransferId::fresh()];
    let mut watch = watch(&ids);
    let begun = Instant::now();
    let [ours, theirs, _] = ids.map(|id| view(id, TransferState::Sending, 1, None));
    see(&mut watch, &[ours.clone(), theirs], begun);
    see(&mut watch, &[ours], begun + LOOK_AT_ALL);
    assert_eq!((watch.open.len(), watch.cleared), (2, 1), "the third is in no view yet");
    let ended = [ids[0], ids[2]].map(|id| view(id, TransferState::Done, 10, None));
    see(&mut watch, &ended, begun + LOOK_AT_ALL * 2);
    assert!(watch.is_done());
    assert_eq!(watch.finish(Advice::Resume, &mut Output::standard(Format::Json)).unwrap(), Exit::Done);
}

#[test]
fn sizes_that_were_not_known_are_counted_as_they_are_learned() {
    let ids = [TransferId::fresh(), TransferId::fresh(), TransferId::fresh()];
    let mut watch = watch(&ids);
    watch.measure(&ids);
    let begun = view(ids[0], TransferState::Receiving, 4, None);
    see(&mut watch, std::slice::from_ref(&begun), Instant::now());
    see(&mut watch, &[begun.clone(), view(ids[1], TransferState::Done, 10, None)], Instant::now());
    let picture = watch.picture();
    assert_eq!((picture.sent, picture.bytes, picture.unmeasured), (14, 20, true), "the third may be large");
    see(&mut watch, &[begun, view(ids[2], TransferState::Done, 10, None)], Instant::now());
    let picture = watch.picture();
    assert_eq!((picture.sent, picture.bytes, picture.unmeasured), (24, 30, false));
}

#[test]
fn work_of_several_kinds_is_summed_up_as_done_and_not_by_the_last_of_them() {
    let said = |kinds: &[TransferKind]| {
        let ids: Vec<TransferId> = kinds.iter().map(|_| TransferId::fresh()).collect();
        let mut watch = watch(&ids);
        for (id, kind) in ids.iter().zip(kinds) {
            let mut ended = view(*id, TransferState::Done, 10, None);
            Arc::make_mut(&mut ended.transfer).kind = *kind;
            see(&mut watch, &[ended], Instant::now());
        }
        watch.summary()
    };
    use TransferKind::{Delete, Download, Upload};
    assert_eq!(said(&[Upload, Delete]).as_deref(), Some("done 2 of 2"));
    assert_eq!(said(&[Delete, Upload, Delete]).as_deref(), Some("done 3 of 3"));
    assert_eq!(said(&[Download, Download]).as_deref(), Some("downloaded 2 of 2"));
    assert_eq!(said(&[Delete]), None, "one has said so itself");
}
