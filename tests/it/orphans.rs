//! Multipart uploads that no queue knows: found whoever began them, ended on request, and never confused with what a
//! queue is at or is only just beginning.

use std::sync::Arc;

use tokio::sync::Semaphore;
use windlass::domain::{FailureKind, TransferKind, TransferState};
use windlass::storage::{OpenUpload, PutOptions};
use windlass::transfer::{Connection, Scope};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, job, noise, queue, until};
use crate::support::program::Home;

const MIB: usize = 1 << 20;

async fn began(connection: &Connection, key: &str) {
    connection.store.begin_upload(key, &PutOptions::default()).await.unwrap();
}

fn keys(uploads: &[OpenUpload]) -> Vec<&str> {
    uploads.iter().map(|upload| upload.key.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_queue_knows_is_found_and_ended_and_what_one_is_at_goes_on() {
    let home = Home::new();
    let faults = Arc::new(Faults { parts_before_standstill: Some(Semaphore::new(1)), ..Faults::default() });
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let wrapped = {
        let faults = faults.clone();
        Wrapped::new(services, move |store| Faulty::around(store, faults.clone()))
    };
    let running = queue(&home, wrapped.clone(), Scope::Own).await;
    let source = home.file("f", noise(20 * MIB, 3));
    let id = running.enqueue(vec![job(TransferKind::Upload, &connection, "mine", Some(&source))]).await.unwrap()[0];
    until(&running, id, |shown| shown.transfer.acknowledged > 0).await;
    for key in ["a", "mine", "z/ü"] {
        began(&connection, key).await;
    }

    // Another process of the same user looks.
    let looking = queue(&home, wrapped, Scope::Nothing).await;
    let found = looking.orphans(&connection).await.unwrap();
    assert_eq!(keys(&found), ["a", "mine", "z/ü"]);
    assert_eq!(looking.abort_orphans(&connection, &found).await.unwrap(), []);
    assert_eq!(looking.orphans(&connection).await.unwrap(), []);
    assert_eq!(looking.abort_orphans(&connection, &found).await.unwrap(), [], "gone already is as good");

    let known = connection.store.list_uploads("").await.unwrap();
    assert_eq!(keys(&known), ["mine"]);
    let refused = looking.abort_orphans(&connection, &known).await.unwrap();
    assert_eq!(refused[0].1.kind, FailureKind::Conflict);
    faults.parts_before_standstill.as_ref().unwrap().add_permits(99);
    let up = until(&running, id, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!((up.state, &up.error), (TransferState::Done, &None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_only_just_beginning_is_no_orphan() {
    let home = Home::new();
    let faults = Arc::new(Faults { held_begin_answers: Some(Semaphore::new(0)), ..Faults::default() });
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let wrapped = {
        let faults = faults.clone();
        Wrapped::new(services, move |store| Faulty::around(store, faults.clone()))
    };
    let running = queue(&home, wrapped.clone(), Scope::Own).await;
    let source = home.file("f", noise(20 * MIB, 3));
    let id = running.enqueue(vec![job(TransferKind::Upload, &connection, "mine", Some(&source))]).await.unwrap()[0];
    let begun = loop {
        let listed = connection.store.list_uploads("").await.unwrap();
        if !listed.is_empty() {
            break listed;
        }
        tokio::task::yield_now().await;
    };
    let looking = queue(&home, wrapped, Scope::Nothing).await;
    assert_eq!(looking.orphans(&connection).await.unwrap(), []);
    assert_eq!(looking.abort_orphans(&connection, &begun).await.unwrap()[0].1.kind, FailureKind::Conflict);
    faults.held_begin_answers.as_ref().unwrap().add_permits(1);
    let up = until(&running, id, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!((up.state, &up.error), (TransferState::Done, &None));
}
