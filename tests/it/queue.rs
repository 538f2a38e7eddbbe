//! The queue over the real local bucket and a real catalog: every state, what several share, what is refused.

mod interrupted;
mod taken;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use windlass::catalog::RecordQuery;
use windlass::domain::{FailureKind, TransferKind, TransferState};
use windlass::transfer::{Connection, Connector, NewTransfer, Queue, Scope};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, bytes_of, job, noise, open_uploads, queue, until};
use crate::support::program::Home;

const MIB: usize = 1 << 20;

async fn opened(home: &Home) -> (Arc<Connection>, Arc<Queue>) {
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    (connection, queue(home, services, Scope::All).await)
}

async fn with_faults(home: &Home, faults: &Arc<Faults>) -> (Arc<Connection>, Arc<dyn Connector>) {
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let faults = faults.clone();
    (connection, Wrapped::new(services, move |store| Faulty::around(store, faults.clone())))
}

async fn records(connection: &Connection) -> Vec<String> {
    let query = RecordQuery { limit: 100, ..RecordQuery::default() };
    connection.catalog.page(&query).await.unwrap().records.into_iter().map(|record| record.key).collect()
}

async fn run(queue: &Queue, job: NewTransfer) -> windlass::domain::transfer::TransferView {
    let id = queue.enqueue(vec![job]).await.unwrap()[0];
    until(queue, id, |shown| shown.transfer.state.is_final()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_to_end_is_in_the_journal_and_no_longer_in_memory() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let source = home.file("a.txt", b"small");
    let upload = |key| job(TransferKind::Upload, &connection, key, Some(&source));
    let first = run(&queue, upload("first")).await.transfer.id;
    queue.forget(&[first]);
    let second = run(&queue, upload("second")).await.transfer.id;
    let shown = |queue: &Queue| -> Vec<_> {
        queue.view().borrow().transfers.iter().map(|shown| (shown.transfer.id, shown.transfer.state)).collect()
    };
    assert_eq!(shown(&queue), [(second, TransferState::Done)]);
    queue.close().await;
    let again = self::queue(&home, home.services(), Scope::Nothing).await;
    assert_eq!(shown(&again), [(second, TransferState::Done), (first, TransferState::Done)]);
    again.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_gets_its_record_comes_down_and_goes_away() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let source = home.file("hero.png", b"small");
    let up = run(&queue, job(TransferKind::Upload, &connection, "pics/hero.png", Some(&source))).await.transfer;
    assert_eq!((up.state, &up.error), (TransferState::Done, &None));
    let record = connection.catalog.find("pics/hero.png", None).await.unwrap().unwrap();
    assert_eq!((record.size, record.content_type.as_deref()), (Some(5), Some("image/png")));
    assert_eq!(record.uploaded_at, up.stored_at);
    assert_eq!(bytes_of(&connection, "pics/hero.png").await, b"small");

    let target = home.path().join("down/deep/hero.png");
    let down = run(&queue, job(TransferKind::Download, &connection, "pics/hero.png", Some(&target))).await.transfer;
    assert_eq!((down.state, &down.error), (TransferState::Done, &None));
    assert_eq!(std::fs::read(&target).unwrap(), b"small");
    let left: Vec<_> = std::fs::read_dir(target.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "no part file stays");

    let gone = run(&queue, job(TransferKind::Delete, &connection, "pics/hero.png", None)).await.transfer;
    assert_eq!((gone.state, &gone.error), (TransferState::Done, &None));
    assert_eq!(connection.store.head("pics/hero.png").await.unwrap_err().kind, FailureKind::NotFound);
    assert_eq!(records(&connection).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_and_large_files_arrive_as_they_were() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    for (name, length) in [("empty", 0), ("large", 21 * MIB + 7)] {
        let bytes = noise(length, 7);
        let source = home.file(name, &bytes);
        let up = run(&queue, job(TransferKind::Upload, &connection, name, Some(&source))).await.transfer;
        assert_eq!((up.state, &up.error), (TransferState::Done, &None), "{name}");
        assert!(bytes_of(&connection, name).await == bytes, "{name}");
        let target = home.path().join(format!("{name}.down"));
        let down = run(&queue, job(TransferKind::Download, &connection, name, Some(&target))).await.transfer;
        assert_eq!((down.state, &down.error), (TransferState::Done, &None), "{name}");
        assert!(std::fs::read(&target).unwrap() == bytes, "{name}");
    }
    assert_eq!(open_uploads(&connection).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_without_a_visible_record_is_refused_unless_asked_from_the_bucket() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let source = home.file("f", b"x");
    run(&queue, job(TransferKind::Upload, &connection, "k", Some(&source))).await;
    connection.catalog.forget(&["k".into()], None).await.unwrap();
    let refused = run(&queue, job(TransferKind::Delete, &connection, "k", None)).await.transfer;
    let sentence = refused.error.as_ref().unwrap().sentence();
    assert!(sentence.contains("there is no record") && sentence.contains("rm --bucket"), "{sentence}");
    assert!(connection.store.head("k").await.is_ok());
    let delete = NewTransfer { without_record: true, ..job(TransferKind::Delete, &connection, "k", None) };
    assert_eq!(run(&queue, delete).await.transfer.state, TransferState::Done);
    assert!(connection.store.head("k").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_missing_or_vanish_say_so() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let nowhere = home.path().join("nowhere.txt");
    let failed = run(&queue, job(TransferKind::Upload, &connection, "k", Some(&nowhere))).await.transfer;
    let sentence = failed.error.as_ref().unwrap().sentence();
    assert!(sentence.contains("nowhere.txt: no such file"), "{sentence}");
    assert!(sentence.ends_with("; put it back and retry, or upload it from where it is now"), "{sentence}");
    let folder = run(&queue, job(TransferKind::Upload, &connection, "k", Some(home.path()))).await.transfer;
    assert!(folder.error.as_ref().unwrap().sentence().contains("is not a regular file"), "{:?}", folder.error);
    let target = home.path().join("t");
    let missing = run(&queue, job(TransferKind::Download, &connection, "no/such/key", Some(&target))).await.transfer;
    assert!(missing.error.as_ref().unwrap().sentence().contains("no/such/key"), "{:?}", missing.error);
    assert!(!target.exists());
    assert!(!home.path().join("t.windlass-part").exists(), "nothing of it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_queues_share_a_journal_and_each_transfer_runs_once() {
    let home = Home::new();
    let faults = Arc::new(Faults::default());
    let (connection, connector) = with_faults(&home, &faults).await;
    let first = queue(&home, connector.clone(), Scope::All).await;
    let second = queue(&home, connector, Scope::All).await;
    let source = home.file("f", b"x");
    let jobs = (0..40).map(|number| job(TransferKind::Upload, &connection, &format!("k{number}"), Some(&source)));
    let ids = first.enqueue(jobs.collect()).await.unwrap();
    for id in &ids {
        until(&second, *id, |shown| shown.transfer.state == TransferState::Done).await;
    }
    assert_eq!(faults.puts_sent.load(Ordering::SeqCst), 40);
    assert_eq!(records(&connection).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_queued_under_a_profile_that_is_gone_waits_and_says_whose() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let source = home.file("f", b"x");
    let mut identity = (*connection.identity).clone();
    (identity.name, identity.bucket) = ("old-prod".into(), "elsewhere".into());
    let stray =
        NewTransfer { profile: Arc::new(identity), ..job(TransferKind::Upload, &connection, "k", Some(&source)) };
    let id = queue.enqueue(vec![stray]).await.unwrap()[0];
    let waiting = until(&queue, id, |shown| shown.transfer.error.is_some()).await.transfer;
    assert_eq!(waiting.state, TransferState::Queued);
    let sentence = waiting.error.as_ref().unwrap().sentence();
    assert!(sentence.contains("old-prod") && sentence.contains("elsewhere"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_profile_queues_no_writes_and_leaves_those_that_wait() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let source = home.file("f", b"x");
    let waiting = NewTransfer {
        profile: Arc::new(windlass::domain::transfer::ProfileIdentity {
            name: "gone".into(),
            bucket: "elsewhere".into(),
            ..(*connection.identity).clone()
        }),
        ..job(TransferKind::Upload, &connection, "k", Some(&source))
    };
    queue.enqueue(vec![waiting]).await.unwrap();
    queue.close().await;
    drop(queue);
    home.configure("[profiles.local]\nread_only = true\n");
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let queue = crate::support::home::queue(&home, services, Scope::All).await;
    let refused = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::ReadOnly);
    assert_eq!(queue.view().borrow().transfers.len(), 1, "only what waited before");
}
