//! The queue over the real local bucket and a real catalog: every state, what survives a restart, what trouble leaves.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::StreamExt;
use tokio::sync::Semaphore;
use windlass::catalog::RecordQuery;
use windlass::domain::transfer::OnConflict;
use windlass::domain::{FailureKind, TransferKind, TransferState};
use windlass::transfer::{Connection, Connector, NewTransfer, Queue, Scope};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, job, noise, queue, until};
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

async fn bytes_of(connection: &Connection, key: &str) -> Vec<u8> {
    let mut body = connection.store.get(key, 0, None, None).await.unwrap().body;
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    bytes
}

async fn records(connection: &Connection) -> Vec<String> {
    let query = RecordQuery { limit: 100, ..RecordQuery::default() };
    connection.catalog.page(&query).await.unwrap().records.into_iter().map(|record| record.key).collect()
}

async fn open_uploads(connection: &Connection) -> usize {
    connection.store.list_uploads("").await.unwrap().len()
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
async fn an_existing_key_is_refused_overwritten_skipped_or_kept_beside() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let (old, new) = (home.file("old.txt", b"old"), home.file("new.txt", b"new"));
    run(&queue, job(TransferKind::Upload, &connection, "a.txt", Some(&old))).await;
    let upload =
        |on_conflict| NewTransfer { on_conflict, ..job(TransferKind::Upload, &connection, "a.txt", Some(&new)) };

    let refused = run(&queue, upload(OnConflict::Refuse)).await.transfer;
    assert_eq!(refused.state, TransferState::Failed);
    assert!(refused.error.as_ref().unwrap().sentence().contains("a.txt exists"), "{:?}", refused.error);
    let skipped = run(&queue, upload(OnConflict::Skip)).await.transfer;
    assert_eq!(skipped.state, TransferState::Done);
    assert_eq!(bytes_of(&connection, "a.txt").await, b"old");
    let beside = run(&queue, upload(OnConflict::KeepBoth)).await.transfer;
    assert_eq!((beside.state, &*beside.key), (TransferState::Done, "a (2).txt"));
    assert_eq!(bytes_of(&connection, "a (2).txt").await, b"new");
    run(&queue, upload(OnConflict::Overwrite)).await;
    assert_eq!(bytes_of(&connection, "a.txt").await, b"new");
    assert_eq!(records(&connection).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_because_something_is_there_says_whether_it_differs_and_is_decided_afterwards() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let (old, new) = (home.file("old.txt", b"old"), home.file("new.txt", b"new"));
    run(&queue, job(TransferKind::Upload, &connection, "a.txt", Some(&old))).await;
    let upload = |path| job(TransferKind::Upload, &connection, "a.txt", Some(path));
    let why = |view: windlass::domain::transfer::TransferView| view.transfer.error.as_ref().unwrap().what.clone();
    let same = run(&queue, upload(&old)).await;
    let (longer, other) = (home.file("longer.txt", b"longer"), run(&queue, upload(&new)).await);
    let id = other.transfer.id;
    assert_eq!(why(same.clone()), "a.txt exists in the bucket: what is there is the same");
    assert_eq!(why(other), "a.txt exists in the bucket: what is there differs");
    assert_eq!(why(run(&queue, upload(&longer)).await), "a.txt exists in the bucket: what is there differs");

    for (on_conflict, ids, bytes) in
        [(OnConflict::Skip, [same.transfer.id], b"old"), (OnConflict::Overwrite, [id], b"new")]
    {
        assert_eq!(queue.retry_as(&ids, on_conflict).await.unwrap(), 1);
        let done = until(&queue, ids[0], |shown| shown.transfer.state == TransferState::Done).await.transfer;
        assert_eq!((done.state, done.on_conflict), (TransferState::Done, on_conflict));
        assert_eq!(bytes_of(&connection, "a.txt").await, bytes);
    }
    assert_eq!(queue.retry_as(&[id], OnConflict::Overwrite).await.unwrap(), 0, "it is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_file_is_refused_overwritten_skipped_or_kept_beside() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let source = home.file("source", b"remote");
    run(&queue, job(TransferKind::Upload, &connection, "k", Some(&source))).await;
    let target = home.file("t.txt", b"mine");
    let download =
        |on_conflict| NewTransfer { on_conflict, ..job(TransferKind::Download, &connection, "k", Some(&target)) };

    let refused = run(&queue, download(OnConflict::Refuse)).await.transfer;
    assert!(refused.error.as_ref().unwrap().sentence().contains("t.txt exists"), "{:?}", refused.error);
    run(&queue, download(OnConflict::Skip)).await;
    assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    let beside = run(&queue, download(OnConflict::KeepBoth)).await.transfer;
    assert_eq!(beside.path.as_deref(), Some(target.with_file_name("t (2).txt").as_path()));
    assert_eq!(std::fs::read(target.with_file_name("t (2).txt")).unwrap(), b"remote");
    run(&queue, download(OnConflict::Overwrite)).await;
    assert_eq!(std::fs::read(&target).unwrap(), b"remote");
}

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
    assert_eq!(faults.parts_sent.load(Ordering::SeqCst), 3, "no part is sent twice");
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
    until(&first, id, |shown| shown.transfer.acknowledged == 14 * MIB as u64).await;
    first.close().await;
    drop(first);

    let faults = Arc::new(Faults::default());
    let (connection, connector) = with_faults(&home, &faults).await;
    let second = queue(&home, connector, Scope::All).await;
    let up = until(&second, id, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!((up.state, &up.error), (TransferState::Done, &None));
    assert_eq!(faults.parts_sent.load(Ordering::SeqCst), 4, "two of six parts were there already");
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
    until(&queue, id, |shown| shown.transfer.acknowledged == 21 * MIB as u64).await;
    queue.pause(&[id]).await.unwrap();
    until(&queue, id, |shown| shown.transfer.state == TransferState::Paused).await;
    assert_eq!(queue.pause(&[id]).await.unwrap(), 0, "what is held is not let go on by who wants to hold it");
    faults.parts_before_standstill.as_ref().unwrap().add_permits(100);
    assert_eq!(queue.go_on(&[id]).await.unwrap(), 1);
    assert_eq!(queue.go_on(&[id]).await.unwrap(), 0, "what goes on is not held by who wants it to go on");
    until(&queue, id, |shown| shown.transfer.state == TransferState::Done).await;
    assert_eq!(faults.parts_sent.load(Ordering::SeqCst), 6);
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
    assert!(failed.error.as_ref().unwrap().sentence().contains("nowhere.txt: no such file"), "{:?}", failed.error);
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
async fn two_downloads_to_one_name_do_not_write_into_each_other() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let (a, b) = (noise(6 * MIB, 1), noise(6 * MIB, 2));
    for (key, bytes) in [("a", &a), ("b", &b)] {
        let source = home.file(key, bytes);
        run(&queue, job(TransferKind::Upload, &connection, key, Some(&source))).await;
    }
    let target = home.path().join("down.bin");
    let download = |key| NewTransfer {
        on_conflict: OnConflict::KeepBoth,
        ..job(TransferKind::Download, &connection, key, Some(&target))
    };
    let ids = queue.enqueue(vec![download("a"), download("b")]).await.unwrap();
    for id in &ids {
        until(&queue, *id, |shown| shown.transfer.state == TransferState::Done).await;
    }
    let mut found = [std::fs::read(&target).unwrap(), std::fs::read(target.with_file_name("down (2).bin")).unwrap()];
    found.sort();
    let mut expected = [a, b];
    expected.sort();
    assert!(found == expected, "each is whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_file_of_somebody_else_is_not_gone_on_with() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let source = home.file("f", b"remote");
    run(&queue, job(TransferKind::Upload, &connection, "k", Some(&source))).await;
    let target = home.path().join("t");
    std::fs::write(home.path().join("t.windlass-part"), b"rem").unwrap();
    run(&queue, job(TransferKind::Download, &connection, "k", Some(&target))).await;
    assert_eq!(std::fs::read(&target).unwrap(), b"remote");
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
