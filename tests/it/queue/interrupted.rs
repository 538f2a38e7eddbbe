//! Lost answers, restarts, cancels and pauses: nothing is sent twice, and nothing is left in the bucket.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;
use windlass::domain::{TransferKind, TransferState};
use windlass::transfer::Scope;
use windlass::transfer::plan::PART;

use super::{MIB, records, run, with_faults};
use crate::support::faulty::Faults;
use crate::support::home::{bytes_of, job, noise, open_uploads, queue, until};
use crate::support::program::Home;

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_bucket_is_tried_again_and_a_lost_answer_is_looked_up() {
    let home = Home::new();
    let faults = Arc::new(Faults { busy_puts: 2.into(), lost_put_answers: 1.into(), ..Faults::default() });
    let (connection, connector) = with_faults(&home, &faults).await;
    let queue = queue(&home, connector, Scope::All).await;
    let source = home.file("f", b"bytes");
    let up = run(&queue, job(TransferKind::Upload, &connection, "k", Some(&source))).await.transfer;
    assert_eq!((up.state, &up.error), (TransferState::Done, &None));
    assert_eq!(faults.puts_sent.load(Ordering::SeqCst), 1, "what is up already is not sent again");
    assert_eq!(records(&connection).await, ["k"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_of_multipart_uploads_leave_nothing_behind() {
    let home = Home::new();
    let faults = Arc::new(Faults {
        lost_begin_answers: 1.into(),
        busy_parts: 1.into(),
        lost_finish_answers: 1.into(),
        ..Faults::default()
    });
    let (connection, connector) = with_faults(&home, &faults).await;
    let queue = queue(&home, connector, Scope::All).await;
    let bytes = noise(20 * MIB, 3);
    let source = home.file("f", &bytes);
    let up = run(&queue, job(TransferKind::Upload, &connection, "k", Some(&source))).await.transfer;
    assert_eq!((up.state, &up.error), (TransferState::Done, &None));
    assert!(bytes_of(&connection, "k").await == bytes);
    assert_eq!(faults.parts_sent.load(Ordering::SeqCst), 4, "no part is sent twice");
    assert_eq!(open_uploads(&connection).await, 0, "the upload whose answer was lost was found again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_where_the_bucket_had_acknowledged() {
    let home = Home::new();
    let bytes = noise(40 * MIB, 5);
    let source = home.file("f", &bytes);
    let faults = Arc::new(Faults { parts_before_standstill: Some(Semaphore::new(2)), ..Faults::default() });
    let (connection, connector) = with_faults(&home, &faults).await;
    let first = queue(&home, connector, Scope::All).await;
    let id = first.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    until(&first, id, |shown| shown.transfer.acknowledged == 2 * PART).await;
    first.close().await;
    drop(first);

    let faults = Arc::new(Faults::default());
    let (connection, connector) = with_faults(&home, &faults).await;
    let second = queue(&home, connector, Scope::All).await;
    let up = until(&second, id, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!((up.state, &up.error), (TransferState::Done, &None));
    assert_eq!(faults.parts_sent.load(Ordering::SeqCst), 5, "two of seven parts were there already");
    assert!(bytes_of(&connection, "k").await == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_upload_leaves_no_parts_and_can_be_tried_again() {
    let home = Home::new();
    let source = home.file("f", noise(40 * MIB, 6));
    let faults = Arc::new(Faults { parts_before_standstill: Some(Semaphore::new(2)), ..Faults::default() });
    let (connection, connector) = with_faults(&home, &faults).await;
    let queue = queue(&home, connector, Scope::All).await;
    let id = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    until(&queue, id, |shown| shown.transfer.acknowledged > 0).await;
    assert_eq!(open_uploads(&connection).await, 1);
    assert_eq!(queue.cancel(&[id]).await.unwrap(), 1);
    let cancelled = until(&queue, id, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!((cancelled.state, &cancelled.error), (TransferState::Cancelled, &None));
    assert_eq!(open_uploads(&connection).await, 0);

    faults.parts_before_standstill.as_ref().unwrap().add_permits(100);
    assert_eq!(queue.retry(&[id]).await.unwrap(), 1);
    until(&queue, id, |shown| shown.transfer.state == TransferState::Done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_that_comes_too_late_says_that_the_object_is_there() {
    let home = Home::new();
    let source = home.file("f", b"x");
    let faults = Arc::new(Faults { held_put_answers: Some(Semaphore::new(0)), ..Faults::default() });
    let (connection, connector) = with_faults(&home, &faults).await;
    let queue = queue(&home, connector, Scope::All).await;
    let id = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    while faults.puts_sent.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    queue.cancel(&[id]).await.unwrap();
    let cancelled = until(&queue, id, |shown| shown.transfer.state == TransferState::Cancelled).await.transfer;
    let said = cancelled.error.as_ref().unwrap();
    assert!(said.what.contains("it is in the bucket"), "{said}");
    assert!(connection.store.head("k").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_stays_and_goes_on_without_sending_twice() {
    let home = Home::new();
    let source = home.file("f", noise(40 * MIB, 8));
    let faults = Arc::new(Faults { parts_before_standstill: Some(Semaphore::new(3)), ..Faults::default() });
    let (connection, connector) = with_faults(&home, &faults).await;
    let queue = queue(&home, connector, Scope::All).await;
    let id = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    until(&queue, id, |shown| shown.transfer.acknowledged == 3 * PART).await;
    queue.pause(&[id]).await.unwrap();
    until(&queue, id, |shown| shown.transfer.state == TransferState::Paused).await;
    assert_eq!(queue.pause(&[id]).await.unwrap(), 0, "what is held is not let go on by who wants to hold it");
    faults.parts_before_standstill.as_ref().unwrap().add_permits(100);
    assert_eq!(queue.go_on(&[id]).await.unwrap(), 1);
    assert_eq!(queue.go_on(&[id]).await.unwrap(), 0, "what goes on is not held by who wants it to go on");
    until(&queue, id, |shown| shown.transfer.state == TransferState::Done).await;
    assert_eq!(faults.parts_sent.load(Ordering::SeqCst), 7);
}
