//! A key or a file that is there already: refused, overwritten, skipped or kept beside, as it was said; and never mixed.

use windlass::domain::transfer::OnConflict;
use windlass::domain::{TransferKind, TransferState};
use windlass::transfer::NewTransfer;

use super::{MIB, opened, records, run};
use crate::support::home::{bytes_of, job, noise, until};
use crate::support::program::Home;

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
    assert_eq!(why(same.clone()), "a.txt exists in the bucket, with the same bytes");
    assert_eq!(why(other), "a.txt exists in the bucket, with other bytes");
    assert_eq!(why(run(&queue, upload(&longer)).await), "a.txt exists in the bucket, with other bytes");

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
    assert!(
        refused.error.as_ref().unwrap().sentence().contains("t.txt exists (4 B, written 20"),
        "{:?}",
        refused.error
    );
    run(&queue, download(OnConflict::Skip)).await;
    assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    let beside = run(&queue, download(OnConflict::KeepBoth)).await.transfer;
    assert_eq!(beside.path.as_deref(), Some(target.with_file_name("t (2).txt").as_path()));
    assert_eq!(std::fs::read(target.with_file_name("t (2).txt")).unwrap(), b"remote");
    run(&queue, download(OnConflict::Overwrite)).await;
    assert_eq!(std::fs::read(&target).unwrap(), b"remote");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_the_way_is_looked_at_again_as_it_is_now() {
    let home = Home::new();
    let (connection, queue) = opened(&home).await;
    let (old, new) = (home.file("old.txt", b"old"), home.file("new.txt", b"new"));
    run(&queue, job(TransferKind::Upload, &connection, "a.txt", Some(&old))).await;
    let met = run(&queue, job(TransferKind::Upload, &connection, "a.txt", Some(&new))).await.transfer;
    let now = || async { queue.look_again(met.clone()).await.unwrap().map(|failure| failure.what) };
    assert_eq!(now().await.as_deref(), Some("a.txt exists in the bucket, with other bytes"));
    home.file("new.txt", b"old");
    assert_eq!(now().await.as_deref(), Some("a.txt exists in the bucket, with the same bytes"));
    std::fs::remove_file(&new).unwrap();
    assert_eq!(now().await.as_deref(), Some("a.txt exists in the bucket"), "nothing to compare it with");
    run(&queue, job(TransferKind::Delete, &connection, "a.txt", None)).await;
    assert_eq!(now().await, None);

    run(&queue, job(TransferKind::Upload, &connection, "k", Some(&old))).await;
    let target = home.file("t.txt", b"mine");
    let met = run(&queue, job(TransferKind::Download, &connection, "k", Some(&target))).await.transfer;
    let now = || async { queue.look_again(met.clone()).await.unwrap().map(|failure| failure.what) };
    std::fs::write(&target, b"mine, longer").unwrap();
    assert!(now().await.unwrap().contains("t.txt exists (12 B, written 20"), "{:?}", now().await);
    std::fs::remove_file(&target).unwrap();
    assert_eq!(now().await, None);
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
