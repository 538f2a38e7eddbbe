//! Uploads of texts that were edited: over the object that was opened and over nothing else, whatever is lost on the way.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt;
use windlass::domain::transfer::OnConflict;
use windlass::domain::{FailureKind, Transfer, TransferKind, TransferState};
use windlass::transfer::{Connection, NewTransfer, Queue, Scope};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, job, put, queue, until};
use crate::support::program::Home;

/// A bucket with an object `k`, "x", a queue over it with these faults, and the edited text.
async fn opened(home: &Home, faults: &Arc<Faults>) -> (Arc<Connection>, Arc<Queue>, PathBuf) {
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    put(&connection, "k").await;
    let faults = faults.clone();
    let connector = Wrapped::new(services, move |store| Faulty::around(store, faults.clone()));
    (connection, queue(home, connector, Scope::All).await, home.file("text", "edited"))
}

/// Queues the text to go over the object with that entity tag.
async fn over(connection: &Connection, etag: &str, text: &std::path::Path) -> NewTransfer {
    let edit = job(TransferKind::Upload, connection, "k", Some(text));
    NewTransfer { on_conflict: OnConflict::OverwriteIf, etag: Some(etag.into()), ..edit }
}

async fn ended(queue: &Queue, new: NewTransfer) -> Arc<Transfer> {
    let id = queue.enqueue(vec![new]).await.unwrap()[0];
    until(queue, id, |shown| shown.transfer.state.is_final()).await.transfer
}

async fn etag(connection: &Connection) -> String {
    connection.store.head("k").await.unwrap().0.etag.unwrap()
}

async fn text(connection: &Connection) -> Vec<u8> {
    let body = connection.store.get("k", 0, None, None).await.unwrap().body;
    body.map(|piece| piece.unwrap().to_vec()).collect::<Vec<_>>().await.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_goes_over_what_was_opened_and_is_recorded() {
    let home = Home::new();
    let (connection, queue, file) = opened(&home, &Arc::default()).await;
    let edit = over(&connection, &etag(&connection).await, &file).await;
    let done = ended(&queue, edit).await;
    assert_eq!((done.state, &done.error), (TransferState::Done, &None));
    assert_eq!(text(&connection).await, b"edited");
    let record = connection.catalog.find("k", None).await.unwrap().unwrap();
    assert_eq!((record.size, record.etag), (Some(6), Some(etag(&connection).await)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_goes_over_nothing_else_and_is_not_made_to_by_a_retry() {
    let home = Home::new();
    let (connection, queue, file) = opened(&home, &Arc::default()).await;
    let edit = over(&connection, "0123456789abcdef0123456789abcdef", &file).await;
    let id = queue.enqueue(vec![edit]).await.unwrap()[0];
    for _ in 0..2 {
        let failed = until(&queue, id, |shown| shown.transfer.state.is_final()).await.transfer;
        let failure = failed.error.clone().unwrap();
        assert_eq!((failed.state, failure.kind), (TransferState::Failed, FailureKind::Changed));
        assert_eq!(failure.what, "k was replaced or deleted meanwhile");
        assert!(failure.hint.unwrap().contains("/here/text"), "the text is named");
        assert_eq!(text(&connection).await, b"x");
        queue.retry(&[id]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_does_not_bring_back_what_was_deleted() {
    let home = Home::new();
    let (connection, queue, file) = opened(&home, &Arc::default()).await;
    let edit = over(&connection, &etag(&connection).await, &file).await;
    connection.store.delete("k").await.unwrap();
    let failed = ended(&queue, edit).await;
    assert_eq!(failed.error.clone().map(|failure| failure.kind), Some(FailureKind::Changed));
    assert_eq!(connection.store.head("k").await.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_whose_answer_was_lost_is_known_again_and_not_sent_twice() {
    let home = Home::new();
    let faults = Arc::new(Faults { lost_put_answers: AtomicU64::new(1), ..Faults::default() });
    let (connection, queue, file) = opened(&home, &faults).await;
    let edit = over(&connection, &etag(&connection).await, &file).await;
    let done = ended(&queue, edit).await;
    assert_eq!((done.state, &done.error), (TransferState::Done, &None));
    assert_eq!((text(&connection).await, faults.puts_asked.load(Ordering::SeqCst)), (b"edited".to_vec(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_was_turned_away_once_still_goes_over_what_was_opened() {
    let home = Home::new();
    let faults = Arc::new(Faults { busy_puts: AtomicU64::new(1), ..Faults::default() });
    let (connection, queue, file) = opened(&home, &faults).await;
    let edit = over(&connection, &etag(&connection).await, &file).await;
    assert_eq!(ended(&queue, edit).await.state, TransferState::Done);
    assert_eq!(text(&connection).await, b"edited");
}
