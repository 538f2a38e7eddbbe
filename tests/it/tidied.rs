//! What cancelled transfers left because the bucket was away is removed later, beside everything else: nothing that is just
//! beginning or was told to go on suffers by it, and what nobody can remove is not kept for ever.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;
use windlass::domain::transfer::TransferView;
use windlass::domain::{Failure, FailureKind, TransferId, TransferKind, TransferState};
use windlass::transfer::{Connection, Connector, Queue, Scope, Tidied};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, job, noise, queue, until};
use crate::support::program::Home;

const MIB: usize = 1 << 20;

fn away() -> Failure {
    Failure::new(FailureKind::Offline, "no route")
}

/// A home and a bucket that misbehaves.
struct Stage {
    home: Home,
    faults: Arc<Faults>,
    connection: Arc<Connection>,
    connector: Arc<dyn Connector>,
}

impl Stage {
    async fn with(faults: Faults) -> Self {
        let (home, faults) = (Home::new(), Arc::new(faults));
        let services = home.services();
        let connection = services.connect("local").await.unwrap();
        let wrapping = faults.clone();
        let connector = Wrapped::new(services, move |store| Faulty::around(store, wrapping.clone()));
        Self { home, faults, connection, connector }
    }

    async fn queue(&self, scope: Scope) -> Arc<Queue> {
        queue(&self.home, self.connector.clone(), scope).await
    }

    async fn upload(&self, queue: &Queue, key: &str, bytes: usize) -> TransferId {
        let source = self.home.file(key, noise(bytes, 3));
        queue.enqueue(vec![job(TransferKind::Upload, &self.connection, key, Some(&source))]).await.unwrap()[0]
    }

    /// Uploads that were cancelled in the middle, while the bucket ended no multipart upload for that reason.
    async fn left<const N: usize>(&self, queue: &Queue, keys: [&str; N], why: Failure) -> [TransferId; N] {
        *self.faults.every_abort.lock().unwrap() = Some(why);
        let mut ids = [TransferId::fresh(); N];
        for (id, key) in ids.iter_mut().zip(keys) {
            self.faults.parts_before_standstill.as_ref().unwrap().add_permits(1);
            *id = self.upload(queue, key, 20 * MIB).await;
            until(queue, *id, |shown| shown.transfer.acknowledged > 0).await;
            queue.cancel(&[*id]).await.unwrap();
            until(queue, *id, |shown| shown.transfer.state == TransferState::Cancelled).await;
        }
        *self.faults.every_abort.lock().unwrap() = None;
        self.faults.aborts_asked.store(0, Ordering::SeqCst);
        ids
    }

    async fn aborts(&self, number: u64) {
        while self.faults.aborts_asked.load(Ordering::SeqCst) < number {
            tokio::task::yield_now().await;
        }
    }

    async fn open_uploads(&self) -> usize {
        self.connection.store.list_uploads("").await.unwrap().len()
    }
}

fn parts_stand_still() -> Faults {
    Faults { parts_before_standstill: Some(Semaphore::new(0)), ..Faults::default() }
}

fn shown(queue: &Queue) -> Vec<TransferId> {
    queue.view().borrow().transfers.iter().map(|shown| shown.transfer.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_removed_is_told_once_and_let_go() {
    let stage = Stage::with(parts_stand_still()).await;
    let queue = stage.queue(Scope::All).await;
    let denied = Failure::new(FailureKind::Denied, "this key may not end uploads");
    let [id] = stage.left(&queue, ["k"], denied.clone()).await;
    let said = until(&queue, id, |shown| shown.transfer.error.is_some()).await.transfer.error.clone().unwrap();
    assert!(said.what.contains("may be left behind: this key may not"), "{said}");
    assert!(said.hint.as_ref().unwrap().contains("windlass transfers --orphans --abort"), "{said}");
    assert_eq!(queue.tidy().await.unwrap(), Tidied::default());
    assert_eq!(queue.clear_done().await.unwrap(), 1);
    assert_eq!(stage.faults.aborts_asked.load(Ordering::SeqCst), 0, "once was enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_turns_out_to_be_forbidden_while_it_is_tidied_is_told_and_let_go() {
    let stage = Stage::with(parts_stand_still()).await;
    let queue = stage.queue(Scope::All).await;
    let [id] = stage.left(&queue, ["k"], away()).await;
    *stage.faults.every_abort.lock().unwrap() = Some(away());
    assert_eq!(queue.tidy().await.unwrap(), Tidied { left: 1, ..Tidied::default() });
    *stage.faults.every_abort.lock().unwrap() = Some(Failure::new(FailureKind::Denied, "not any more"));
    let tidied = queue.tidy().await.unwrap();
    assert_eq!((tidied.left, tidied.let_go[0].transfer.id), (0, id));
    assert_eq!(queue.tidy().await.unwrap(), Tidied::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_some_leaves_the_others_that_are_finished() {
    let stage = Stage::with(Faults::default()).await;
    let queue = stage.queue(Scope::All).await;
    let [one, other] = [stage.upload(&queue, "one", 5).await, stage.upload(&queue, "other", 5).await];
    for id in [one, other] {
        until(&queue, id, |shown| shown.transfer.state == TransferState::Done).await;
    }
    assert_eq!(queue.clear_done_of(&[one]).await.unwrap(), 1);
    let mut view = queue.view();
    view.wait_for(|queue| queue.transfers.iter().all(|shown| shown.transfer.id != one)).await.unwrap();
    assert_eq!(shown(&queue), [other]);
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_takes_what_left_nothing_first_then_one_and_then_the_others_side_by_side() {
    let gate = Some(Semaphore::new(0));
    let stage = Stage::with(Faults { aborts_before_standstill: gate, ..parts_stand_still() }).await;
    let queue = stage.queue(Scope::All).await;
    let small = stage.upload(&queue, "small", 5).await;
    until(&queue, small, |shown| shown.transfer.state == TransferState::Done).await;
    let left = stage.left(&queue, ["a", "b", "c"], away()).await;
    let clearing = tokio::spawn({
        let queue = queue.clone();
        async move { queue.clear_done().await.unwrap() }
    });
    stage.aborts(1).await;
    let mut view = queue.view();
    view.wait_for(|queue| queue.transfers.iter().all(|shown| shown.transfer.id != small)).await.unwrap();
    assert_eq!(shown(&queue).len(), 3, "what is asked of the bucket has no answer yet");
    let gate = stage.faults.aborts_before_standstill.as_ref().unwrap();
    gate.add_permits(1);
    stage.aborts(3).await;
    gate.add_permits(2);
    assert_eq!(clearing.await.unwrap(), 4);
    view.wait_for(|queue| queue.transfers.is_empty()).await.unwrap();
    assert_eq!((stage.open_uploads().await, left.len()), (0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_does_not_answer_is_asked_once_for_all_that_is_left_in_it() {
    let stage = Stage::with(parts_stand_still()).await;
    let queue = stage.queue(Scope::All).await;
    let left = stage.left(&queue, ["a", "b", "c"], away()).await;
    *stage.faults.every_abort.lock().unwrap() = Some(away());
    assert_eq!(queue.tidy().await.unwrap(), Tidied { left: 3, ..Tidied::default() });
    assert_eq!(stage.faults.aborts_asked.load(Ordering::SeqCst), 1);
    for id in left {
        let note = until(&queue, id, |shown| shown.transfer.error.is_some()).await.transfer.error.clone().unwrap();
        assert!(note.what.ends_with("may be left behind: no route"), "{note}");
    }
    *stage.faults.every_abort.lock().unwrap() = None;
    assert_eq!(queue.tidy().await.unwrap(), Tidied::default());
    assert_eq!(stage.open_uploads().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_does_not_answer_is_asked_once_for_all_that_is_cancelled_once_more() {
    let stage = Stage::with(parts_stand_still()).await;
    let queue = stage.queue(Scope::All).await;
    let left = stage.left(&queue, ["a", "b", "c"], away()).await;
    *stage.faults.every_abort.lock().unwrap() = Some(away());
    assert_eq!(queue.cancel(&left).await.unwrap(), 3);
    assert_eq!(stage.faults.aborts_asked.load(Ordering::SeqCst), 1);
    let said = |shown: &TransferView| shown.transfer.error.as_ref().is_some_and(|note| note.what.ends_with("no route"));
    for id in left {
        until(&queue, id, said).await;
    }
    *stage.faults.every_abort.lock().unwrap() = None;
    assert_eq!(queue.cancel(&left).await.unwrap(), 3);
    assert_eq!((stage.faults.aborts_asked.load(Ordering::SeqCst), stage.open_uploads().await), (4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_behind_the_first_goes_on_at_once_when_told_to() {
    let gate = Some(Semaphore::new(0));
    let stage = Stage::with(Faults { aborts_before_standstill: gate, ..parts_stand_still() }).await;
    let queue = stage.queue(Scope::All).await;
    let [_first, second] = stage.left(&queue, ["a", "b"], away()).await;
    let tidying = tokio::spawn({
        let queue = queue.clone();
        async move { queue.tidy().await.unwrap() }
    });
    stage.aborts(1).await;
    stage.faults.parts_before_standstill.as_ref().unwrap().add_permits(99);
    assert_eq!(queue.retry(&[second]).await.unwrap(), 1);
    until(&queue, second, |shown| shown.transfer.state == TransferState::Done).await;
    stage.faults.aborts_before_standstill.as_ref().unwrap().add_permits(9);
    assert_eq!(tidying.await.unwrap(), Tidied::default());
    assert_eq!(stage.faults.aborts_asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_once_more_goes_on_at_once_when_told_to() {
    let gate = Some(Semaphore::new(0));
    let stage = Stage::with(Faults { aborts_before_standstill: gate, ..parts_stand_still() }).await;
    let queue = stage.queue(Scope::All).await;
    // More than would have their remains removed at once.
    let keys = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
    let ids = stage.left(&queue, keys, away()).await;
    let cancelling = tokio::spawn({
        let queue = queue.clone();
        async move { queue.cancel(&ids).await.unwrap() }
    });
    stage.aborts(1).await;
    stage.faults.parts_before_standstill.as_ref().unwrap().add_permits(99);
    for id in [ids[16], ids[0]] {
        assert_eq!(queue.retry(&[id]).await.unwrap(), 1);
        until(&queue, id, |shown| shown.transfer.state == TransferState::Done).await;
    }
    stage.faults.aborts_before_standstill.as_ref().unwrap().add_permits(99);
    assert_eq!(cancelling.await.unwrap(), 17);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_nothing_else_to_do_does_not_wait_long_for_a_silent_bucket() {
    let gate = Some(Semaphore::new(0));
    let stage = Stage::with(Faults { aborts_before_standstill: gate, ..parts_stand_still() }).await;
    let queue = stage.queue(Scope::All).await;
    stage.left(&queue, ["a", "b"], away()).await;
    let (work_is_over, work) = tokio::sync::oneshot::channel::<()>();
    let mut tidying = Box::pin(queue.tidy_beside(async { drop(work.await) }));
    tokio::select! {
        tidied = &mut tidying => panic!("there is other work: {tidied:?}"),
        () = stage.aborts(1) => {}
    }
    work_is_over.send(()).unwrap();
    assert_eq!(tidying.await.unwrap(), Tidied { left: 2, ..Tidied::default() });
    assert_eq!(stage.faults.aborts_asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_to_go_on_while_it_is_tidied_goes_on() {
    let gate = Some(Semaphore::new(0));
    let stage = Stage::with(Faults { aborts_before_standstill: gate, ..parts_stand_still() }).await;
    let queue = stage.queue(Scope::All).await;
    let [id] = stage.left(&queue, ["k"], away()).await;
    let tidying = tokio::spawn({
        let queue = queue.clone();
        async move { queue.tidy().await.unwrap() }
    });
    stage.aborts(1).await;
    stage.faults.parts_before_standstill.as_ref().unwrap().add_permits(99);
    assert_eq!(queue.retry(&[id]).await.unwrap(), 1);
    let done = until(&queue, id, |shown| shown.transfer.state == TransferState::Done).await.transfer;
    assert_eq!(done.error, None);
    tidying.await.unwrap();
}

/// The other process has told it to go on, and this one has not read that yet.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_windlass_has_just_told_to_go_on_is_not_tidied() {
    let stage = Stage::with(parts_stand_still()).await;
    let (tidying, retrying) = (stage.queue(Scope::All).await, stage.queue(Scope::Own).await);
    let [id] = stage.left(&tidying, ["k"], away()).await;
    until(&retrying, id, |shown| shown.transfer.state == TransferState::Cancelled).await;
    assert_eq!(retrying.retry(&[id]).await.unwrap(), 1);
    tidying.tidy().await.unwrap();
    // What this one had asked of the other would be read by it before what is queued only now.
    let later = stage.upload(&tidying, "later", 5).await;
    until(&retrying, later, |_shown| true).await;
    stage.faults.parts_before_standstill.as_ref().unwrap().add_permits(99);
    let done = until(&retrying, id, |shown| shown.transfer.state == TransferState::Done).await.transfer;
    assert_eq!(done.error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_only_just_beginning_is_not_taken_for_what_an_old_one_left() {
    let gate = Some(Semaphore::new(0));
    let stage = Stage::with(Faults { held_begin_answers: gate, ..Faults::default() }).await;
    let (tidying, beginning) = (stage.queue(Scope::All).await, stage.queue(Scope::Own).await);
    let old = stage.upload(&tidying, "k", 20 * MIB).await;
    while stage.open_uploads().await < 1 {
        tokio::task::yield_now().await;
    }
    *stage.faults.every_upload_list.lock().unwrap() = Some(away());
    tidying.cancel(&[old]).await.unwrap();
    until(&tidying, old, |shown| shown.transfer.state == TransferState::Cancelled).await;
    *stage.faults.every_upload_list.lock().unwrap() = None;
    let new = stage.upload(&beginning, "k", 20 * MIB).await;
    while stage.open_uploads().await < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(tidying.tidy().await.unwrap(), Tidied { left: 1, ..Tidied::default() });
    assert_eq!(stage.open_uploads().await, 2);
    stage.faults.held_begin_answers.as_ref().unwrap().add_permits(9);
    let done = until(&beginning, new, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!((done.state, &done.error), (TransferState::Done, &None));
    assert_eq!(tidying.tidy().await.unwrap(), Tidied::default());
    assert_eq!(stage.open_uploads().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_upload_takes_over_nothing_that_a_cancelled_one_still_has_to_remove() {
    let stage = Stage::with(parts_stand_still()).await;
    let queue = stage.queue(Scope::All).await;
    *stage.faults.every_abort.lock().unwrap() = Some(away());
    let cancelled = stage.upload(&queue, "k", 20 * MIB).await;
    while stage.open_uploads().await == 0 {
        tokio::task::yield_now().await;
    }
    queue.cancel(&[cancelled]).await.unwrap();
    until(&queue, cancelled, |shown| shown.transfer.state == TransferState::Cancelled).await;
    *stage.faults.every_abort.lock().unwrap() = None;
    stage.faults.aborts_asked.store(0, Ordering::SeqCst);

    stage.faults.lost_begin_answers.store(1, Ordering::SeqCst);
    stage.faults.parts_before_standstill.as_ref().unwrap().add_permits(100);
    let again = stage.upload(&queue, "k", 20 * MIB).await;
    until(&queue, again, |shown| shown.transfer.state == TransferState::Done).await;
    assert_eq!(stage.faults.aborts_asked.load(Ordering::SeqCst), 0, "it found its own and let the other be");
    assert_eq!(stage.open_uploads().await, 1);
    assert_eq!(queue.tidy().await.unwrap(), Tidied::default());
    assert_eq!(stage.open_uploads().await, 0);
}
