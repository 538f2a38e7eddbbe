//! Uploads of what can be read only once: whole or not at all, and gone with the program that read it.

use std::io::Cursor;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use windlass::domain::{FailureKind, TransferKind, TransferState};
use windlass::transfer::Scope;

use super::{MIB, arrived, ended, held, let_go, opened, stream};
use crate::support::faulty::Faults;
use crate::support::home::{job, noise, open_uploads, queue, until};
use crate::support::program::Home;

/// Stands still for ever.
struct Endless;

impl AsyncRead for Endless {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Poll::Pending
    }
}

/// Breaks.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Err(std::io::Error::other("the pipe burst")))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_of_any_length_becomes_an_object() {
    for (length, parts, puts) in [(0, 0, 1), (5, 0, 1), (16 * MIB, 1, 0), (50 * MIB + 1, 4, 0)] {
        let home = Home::new();
        let faults = Arc::new(Faults::default());
        let (connection, queue) = opened(&home, &faults).await;
        let bytes = noise(length, 4);
        let id = stream(&connection, &queue, Cursor::new(bytes.clone())).await;
        arrived(&connection, &queue, id, &bytes).await;
        let requests = (faults.parts_sent.load(Ordering::SeqCst), faults.puts_sent.load(Ordering::SeqCst));
        assert_eq!(requests, (parts, puts), "{length}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_survives_a_bucket_that_is_away_for_a_while() {
    for length in [9, 50 * MIB] {
        let home = Home::new();
        let faults =
            Faults { busy_parts: 3.into(), busy_puts: 1.into(), lost_put_answers: 1.into(), ..Faults::default() };
        let (connection, queue) = opened(&home, &Arc::new(faults)).await;
        let bytes = noise(length, 5);
        let id = stream(&connection, &queue, Cursor::new(bytes.clone())).await;
        arrived(&connection, &queue, id, &bytes).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_breaks_off_becomes_no_object() {
    for length in [3, 20 * MIB as u64] {
        let home = Home::new();
        let (connection, queue) = opened(&home, &Arc::default()).await;
        let id = stream(&connection, &queue, tokio::io::repeat(7).take(length).chain(Broken)).await;
        let failed = ended(&queue, id).await.transfer;
        let failure = failed.error.clone().unwrap();
        assert_eq!((failed.state, failure.kind), (TransferState::Failed, FailureKind::Local));
        assert!(failure.what.contains("the input broke off: the pipe burst"), "{failure}");
        assert_eq!(connection.store.head("k").await.unwrap_err().kind, FailureKind::NotFound);
        assert_eq!(open_uploads(&connection).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_ended_with_its_program_fails_and_leaves_nothing() {
    let home = Home::new();
    let (connection, first) = opened(&home, &Arc::default()).await;
    let id = stream(&connection, &first, tokio::io::repeat(7).take(20 * MIB as u64).chain(Endless)).await;
    until(&first, id, |shown| shown.transfer.acknowledged == 16 * MIB as u64).await;
    assert_eq!(open_uploads(&connection).await, 1);
    first.close().await;
    drop(first);
    let (connection, second) = opened(&home, &Arc::default()).await;
    let failed = ended(&second, id).await.transfer;
    let sentence = failed.error.as_ref().unwrap().sentence();
    assert!(sentence.contains("the input of k ended with the program that read it"), "{sentence}");
    assert_eq!(open_uploads(&connection).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_input_leaves_nothing_and_a_held_one_goes_on() {
    let home = Home::new();
    let faults = Arc::new(held(1));
    let (connection, queue) = opened(&home, &faults).await;
    let bytes = noise(50 * MIB, 6);
    let id = stream(&connection, &queue, Cursor::new(bytes.clone())).await;
    until(&queue, id, |shown| shown.transfer.acknowledged == 16 * MIB as u64).await;
    queue.pause(&[id]).await.unwrap();
    until(&queue, id, |shown| shown.transfer.state == TransferState::Paused).await;
    let_go(&faults);
    queue.go_on(&[id]).await.unwrap();
    arrived(&connection, &queue, id, &bytes).await;

    let id =
        queue.enqueue_stream(job(TransferKind::Upload, &connection, "other", None), Box::new(Endless)).await.unwrap();
    until(&queue, id, |shown| shown.transfer.state == TransferState::Sending).await;
    queue.cancel(&[id]).await.unwrap();
    assert_eq!(ended(&queue, id).await.transfer.state, TransferState::Cancelled);
    queue.retry(&[id]).await.unwrap();
    let failed = until(&queue, id, |shown| shown.transfer.state == TransferState::Failed).await.transfer;
    assert_eq!(failed.error.as_ref().unwrap().kind, FailureKind::Local, "what was read is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_cannot_be_queued_for_later() {
    let home = Home::new();
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let queue = queue(&home, services, Scope::Nothing).await;
    let upload = job(TransferKind::Upload, &connection, "k", None);
    let refused = queue.enqueue_stream(upload, Box::new(Endless)).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Usage);
    assert_eq!(queue.view().borrow().transfers.len(), 0);
}
