//! Unfinished files that nobody would go on with do not stay, whatever became of their downloads; what is not theirs does.

use std::path::Path;
use std::time::SystemTime;

use windlass::domain::transfer::OnConflict;
use windlass::domain::{TransferId, TransferState};
use windlass::transfer::NewTransfer;

use super::{FIVE, MIB, Stage, standing_still_after};
use crate::support::faulty::Faults;
use crate::support::home::{noise, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_an_unfinished_download_is_not_for_a_whole_one() {
    let stage = Stage::with(Faults::default()).await;
    stage.put("k", b"x").await;
    let target = stage.part();
    let download = NewTransfer { path: Some(target.clone()), ..stage.download("k") };
    let id = stage.queue.enqueue(vec![download]).await.unwrap()[0];
    let failed = until(&stage.queue, id, |shown| shown.transfer.state == TransferState::Failed).await.transfer;
    assert!(failed.error.as_ref().unwrap().what.contains("the name of an unfinished download"), "{:?}", failed.error);
    assert!(!target.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_skipped_after_a_restart_leaves_nothing() {
    let stage = Stage::with(standing_still_after(3)).await;
    stage.put("k", &noise(FIVE, 3)).await;
    let download = NewTransfer { on_conflict: OnConflict::Skip, ..stage.download("k") };
    let id = stage.queue.enqueue(vec![download]).await.unwrap()[0];
    until(&stage.queue, id, |shown| shown.transfer.acknowledged == 24 * MIB as u64).await;
    stage.queue.close().await;
    std::fs::write(stage.target(), "mine").unwrap();
    let stage = stage.again(Faults::default()).await;
    assert_eq!(stage.end(id).await.state, TransferState::Done);
    assert_eq!(std::fs::read(stage.target()).unwrap(), b"mine");
    assert!(!stage.part().exists());
}

/// A small download that was held before its object came.
async fn held(stage: &Stage) -> TransferId {
    stage.put("k", b"x").await;
    let id = stage.begin("k").await;
    stage.queue.pause(&[id]).await.unwrap();
    until(&stage.queue, id, |shown| shown.transfer.state == TransferState::Paused).await;
    id
}

/// As a run leaves it that is killed between making the file and saying so.
#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_file_that_the_journal_does_not_know_goes_with_its_download() {
    for cancel in [true, false] {
        let stage = Stage::with(standing_still_after(0)).await;
        let id = held(&stage).await;
        make_now(&stage.part(), "half");
        if cancel {
            stage.queue.cancel(&[id]).await.unwrap();
            assert_eq!(stage.end(id).await.state, TransferState::Cancelled);
        } else {
            std::fs::create_dir(stage.target()).unwrap();
            stage.queue.go_on(&[id]).await.unwrap();
            assert_eq!(stage.end(id).await.state, TransferState::Failed, "the target exists");
        }
        assert!(!stage.part().exists(), "{cancel}");
    }
}

/// Makes a file that the disk's clock, which goes in steps of some milliseconds, takes for younger than all that has
/// happened until now.
fn make_now(path: &Path, text: &str) {
    let now = SystemTime::now();
    loop {
        std::fs::write(path, text).unwrap();
        if std::fs::metadata(path).unwrap().created().unwrap() > now {
            return;
        }
        std::fs::remove_file(path).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_that_name_that_was_there_before_stays() {
    let stage = Stage::with(standing_still_after(0)).await;
    std::fs::write(stage.part(), "mine").unwrap();
    let id = held(&stage).await;
    stage.queue.cancel(&[id]).await.unwrap();
    assert_eq!(stage.end(id).await.state, TransferState::Cancelled);
    assert_eq!(std::fs::read(stage.part()).unwrap(), b"mine");
}
