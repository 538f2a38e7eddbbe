//! What is cancelled is not done, and what it left is remembered until it is gone.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;
use windlass::domain::transfer::Limits;
use windlass::domain::{Failure, FailureKind, TransferKind, TransferState};
use windlass::storage::{PutOptions, Sent};
use windlass::transfer::{NewTransfer, Scope};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, job, queue, until};
use crate::support::program::Home;

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_is_cancelled_while_it_waits_for_its_turn_deletes_nothing() {
    let home = Home::new();
    let faults = Arc::new(Faults { held_put_answers: Some(Semaphore::new(0)), ..Faults::default() });
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    for key in ["k", "other"] {
        let bytes = bytes::Bytes::from_static(b"x").into();
        connection.store.put(key, bytes, &PutOptions::default(), &Sent::default()).await.unwrap();
    }
    let wrapping = faults.clone();
    let connector = Wrapped::new(services, move |store| Faulty::around(store, wrapping.clone()));
    let queue = queue(&home, connector, Scope::All).await;
    queue.set_limits(&connection.identity, Limits { jobs: 1, rate: 0 });
    let source = home.file("f", b"bytes");
    let upload = |number: i32| NewTransfer {
        size: Some(5),
        ..job(TransferKind::Upload, &connection, &format!("up{number}"), Some(&source))
    };
    queue.enqueue((0..4).map(upload).collect()).await.unwrap();
    while faults.puts_sent.load(Ordering::SeqCst) < 4 {
        tokio::task::yield_now().await;
    }

    let delete = |key| NewTransfer { without_record: true, ..job(TransferKind::Delete, &connection, key, None) };
    let ids = queue.enqueue(vec![delete("k"), delete("other")]).await.unwrap();
    for id in &ids {
        until(&queue, *id, |shown| shown.transfer.state == TransferState::Deleting).await;
    }
    queue.cancel(&ids[..1]).await.unwrap();
    let cancelled = until(&queue, ids[0], |shown| shown.transfer.state == TransferState::Cancelled).await.transfer;
    assert!(cancelled.error.as_ref().unwrap().what.contains("may have been deleted"), "{:?}", cancelled.error);
    faults.held_put_answers.as_ref().unwrap().add_permits(100);
    until(&queue, ids[1], |shown| shown.transfer.state == TransferState::Done).await;
    assert!(connection.store.head("other").await.is_err());
    assert!(connection.store.head("k").await.is_ok(), "it was cancelled before it was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_waits_until_another_windlass_has_cancelled_what_it_runs() {
    let home = Home::new();
    let busy = Failure::new(FailureKind::Busy, "slow down");
    let faults = Arc::new(Faults { every_put: Some(busy).into(), ..Faults::default() });
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let connector = Wrapped::new(services, move |store| Faulty::around(store, faults.clone()));
    let other = queue(&home, connector, Scope::All).await;
    let source = home.file("f", b"bytes");
    let id = other.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    until(&other, id, |shown| shown.transfer.attempts > 2 && shown.next_try_in.is_some()).await;
    let cancelled = home.run(["cancel", &id.to_string(), "--json"]).with(0);
    assert_eq!(cancelled.json()[0]["state"], "cancelled");
}

#[test]
fn the_command_does_not_wait_for_ever_for_another_windlass_that_is_stopped() {
    let home = Home::new();
    let (reader, mut writer) = std::io::pipe().unwrap();
    let running = home.start_fed(reader, ["upload", "-", "--key", "k"]);
    std::io::Write::write_all(&mut writer, b"the beginning").unwrap();
    let id = loop {
        let lines = home.run(["transfers", "--json"]).with(0).json();
        if let Some(line) = lines.first().filter(|line| line["state"] == "sending") {
            break line["id"].as_str().unwrap().to_owned();
        }
    };
    running.signal("STOP");
    let asked = home.run(["cancel", &id]).with(1);
    assert!(asked.err.contains("another Windlass runs it, and was asked to cancel it"), "{}", asked.err);
    running.signal("CONT");
    running.wait().with(1);
    let line = &home.run(["transfers", "--json"]).with(0).json()[0];
    assert_eq!(line["state"], "cancelled");
}
