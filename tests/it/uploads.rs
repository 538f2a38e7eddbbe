//! Uploads whose ground moves: a source that changes, a bucket that loses the parts, an input that nobody can read twice.

mod inputs;
mod limits;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::AsyncRead;
use tokio::sync::Semaphore;
use windlass::config::TransferSettings;
use windlass::domain::transfer::TransferView;
use windlass::domain::{FailureKind, TransferId, TransferKind, TransferState};
use windlass::storage::PutOptions;
use windlass::transfer::plan::PART;
use windlass::transfer::{Connection, Queue, Scope};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, bytes_of, job, noise, open_uploads, queue, until};
use crate::support::program::Home;

const MIB: usize = 1 << 20;

/// Only so many parts are let through at first.
fn held(parts: usize) -> Faults {
    Faults { parts_before_standstill: Some(Semaphore::new(parts)), ..Faults::default() }
}

fn let_go(faults: &Faults) {
    faults.parts_before_standstill.as_ref().unwrap().add_permits(1000);
}

async fn opened(home: &Home, faults: &Arc<Faults>) -> (Arc<Connection>, Arc<Queue>) {
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let faults = faults.clone();
    let connector = Wrapped::new(services, move |store| Faulty::around(store, faults.clone()));
    (connection, queue(home, connector, Scope::All).await)
}

async fn ended(queue: &Queue, id: TransferId) -> TransferView {
    until(queue, id, |shown| shown.transfer.state.is_final()).await
}

/// Everything of it is in the bucket, and nothing else.
async fn arrived(connection: &Connection, queue: &Queue, id: TransferId, bytes: &[u8]) {
    let up = ended(queue, id).await.transfer;
    assert_eq!((up.state, &up.error, up.size), (TransferState::Done, &None, Some(bytes.len() as u64)));
    assert!(bytes_of(connection, "k").await == bytes);
    assert_eq!(open_uploads(connection).await, 0);
    assert_eq!(connection.catalog.find("k", None).await.unwrap().unwrap().size, up.size);
}

/// An upload of 40 MiB that has sent two of its seven parts when its source becomes another file.
async fn changed(home: &Home, faults: &Arc<Faults>) -> (Arc<Connection>, Arc<Queue>, TransferId, Vec<u8>) {
    let (connection, queue) = opened(home, faults).await;
    let source = home.file("f", noise(40 * MIB, 1));
    let id = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    until(&queue, id, |shown| shown.transfer.acknowledged == 2 * PART).await;
    let bytes = noise(30 * MIB, 2);
    std::fs::rename(home.file("g", &bytes), &source).unwrap();
    let_go(faults);
    let failed = ended(&queue, id).await.transfer;
    let failure = failed.error.clone().unwrap();
    assert_eq!((failed.state, failure.kind), (TransferState::Failed, FailureKind::Changed));
    assert!(failure.what.ends_with("f changed while it was sent"), "{failure}");
    assert_eq!(connection.store.head("k").await.unwrap_err().kind, FailureKind::NotFound);
    (connection, queue, id, bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changes_fails_and_a_retry_starts_over_and_says_so() {
    let home = Home::new();
    let faults = Arc::new(held(2));
    let (connection, queue, id, bytes) = changed(&home, &faults).await;
    let gate = faults.parts_before_standstill.as_ref().unwrap();
    gate.forget_permits(1000);
    queue.retry(&[id]).await.unwrap();
    let again =
        until(&queue, id, |shown| shown.transfer.state == TransferState::Sending && shown.transfer.error.is_some());
    let note = again.await.transfer.error.clone().unwrap();
    assert!(note.what.starts_with("sent again from the beginning: "), "{note}");
    let_go(&faults);
    arrived(&connection, &queue, id, &bytes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_of_a_failed_upload_outlives_a_program_that_ends_before_the_bucket_answers() {
    let home = Home::new();
    let faults = Arc::new(Faults { aborts_before_standstill: Some(Semaphore::new(0)), ..held(2) });
    let (_, first, id, _) = changed(&home, &faults).await;
    let cancelling = tokio::spawn({
        let queue = first.clone();
        async move { queue.cancel(&[id]).await }
    });
    while faults.aborts_asked.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    first.close().await;
    let _ended_with_it = cancelling.await.unwrap();
    drop(first);
    let (connection, second) = opened(&home, &Arc::new(Faults::default())).await;
    until(&second, id, |shown| shown.transfer.state == TransferState::Cancelled).await;
    assert_eq!(open_uploads(&connection).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_upload_left_goes_with_it_when_it_is_cancelled_or_pruned() {
    for prune in [false, true] {
        let home = Home::new();
        let (connection, queue, id, _) = changed(&home, &Arc::new(held(2))).await;
        assert_eq!(open_uploads(&connection).await, 1);
        let after = if prune {
            queue.close().await;
            drop(queue);
            let (journal, services) = (home.places().journal(), home.services());
            let settings = TransferSettings { keep_done: 0, ..TransferSettings::default() };
            let opening = Queue::open(&journal, services.clone(), &settings, Scope::Nothing);
            let queue = opening.await.unwrap().0;
            let mut view = queue.view();
            let gone = view.wait_for(|seen| seen.transfers.is_empty());
            tokio::time::timeout(std::time::Duration::from_secs(60), gone).await.unwrap().unwrap();
            services.connect("local").await.unwrap()
        } else {
            assert_eq!(queue.cancel(&[id]).await.unwrap(), 1);
            until(&queue, id, |shown| shown.transfer.state == TransferState::Cancelled).await;
            connection
        };
        assert_eq!(open_uploads(&after).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_bucket_has_lost_starts_over_by_itself() {
    let home = Home::new();
    let faults = Arc::new(held(2));
    let (connection, queue) = opened(&home, &faults).await;
    let bytes = noise(40 * MIB, 3);
    let source = home.file("f", &bytes);
    let id = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    until(&queue, id, |shown| shown.transfer.acknowledged == 2 * PART).await;
    let upload = connection.store.list_uploads("k").await.unwrap().remove(0);
    connection.store.abort_upload("k", &upload.id).await.unwrap();
    let gate = faults.parts_before_standstill.as_ref().unwrap();
    // Those that wait find their upload gone; of the new one not all are let through.
    gate.add_permits(4);
    says_that_parts_are_gone(&queue, id).await;
    let_go(&faults);
    arrived(&connection, &queue, id, &bytes).await;
    assert_eq!(faults.parts_sent.load(Ordering::SeqCst), 9, "two before, then all seven");
}

async fn says_that_parts_are_gone(queue: &Queue, id: TransferId) {
    let noted = until(queue, id, |shown| shown.transfer.note().is_some()).await.transfer;
    let what = &noted.note().unwrap().what;
    assert_eq!(what, "sent again from the beginning: its parts are no longer in the bucket");
}

/// An upload that was left off after two parts and is gone from the bucket since; answers with what it sends.
async fn left_off_and_gone(home: &Home) -> (TransferId, Vec<u8>) {
    let bytes = noise(40 * MIB, 9);
    let source = home.file("f", &bytes);
    let (connection, queue) = opened(home, &Arc::new(held(2))).await;
    let id = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    until(&queue, id, |shown| shown.transfer.acknowledged == 2 * PART).await;
    queue.close().await;
    let upload = connection.store.list_uploads("k").await.unwrap().remove(0);
    connection.store.abort_upload("k", &upload.id).await.unwrap();
    (id, bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_gone_after_a_restart_starts_over_and_says_so() {
    let home = Home::new();
    let (id, bytes) = left_off_and_gone(&home).await;
    let alone = home.run(["transfers"]).with(0).out;
    assert!(alone.contains("interrupted, no Windlass runs it") && alone.contains("1 sending (1 inter"), "{alone}");
    let faults = Arc::new(held(2));
    let (connection, second) = opened(&home, &faults).await;
    says_that_parts_are_gone(&second, id).await;
    let listed = home.run(["transfers"]).with(0).out;
    assert!(!listed.contains("interrupted"), "somebody runs it: {listed}");
    assert!(listed.contains("sent again from the beginning: its parts are no longer in the bucket"), "{listed}");
    let_go(&faults);
    arrived(&connection, &second, id, &bytes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_gone_after_a_restart_is_begun_once_though_the_answer_is_lost() {
    let home = Home::new();
    let (id, bytes) = left_off_and_gone(&home).await;
    let faults = Arc::new(Faults { lost_begin_answers: 1.into(), ..Faults::default() });
    let (connection, second) = opened(&home, &faults).await;
    arrived(&connection, &second, id, &bytes).await;
}

/// As after answers that were lost more than once.
#[tokio::test(flavor = "multi_thread")]
async fn of_several_uploads_whose_names_were_lost_one_is_gone_on_with_and_the_others_end() {
    for read_once in [false, true] {
        let home = Home::new();
        let bytes = noise(20 * MIB, 8);
        let source = home.file("f", &bytes);
        let faults = Arc::new(Faults { lost_begin_answers: 1.into(), ..Faults::default() });
        let (connection, queue) = opened(&home, &faults).await;
        for _ in 0..2 {
            connection.store.begin_upload("k", &PutOptions::default()).await.unwrap();
        }
        let id = match read_once {
            true => stream(&connection, &queue, std::io::Cursor::new(bytes.clone())).await,
            false => queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0],
        };
        arrived(&connection, &queue, id, &bytes).await;
    }
}

/// Queues an upload of what a reader has.
async fn stream(connection: &Connection, queue: &Queue, reader: impl AsyncRead + Send + Unpin + 'static) -> TransferId {
    queue.enqueue_stream(job(TransferKind::Upload, connection, "k", None), Box::new(reader)).await.unwrap()
}
