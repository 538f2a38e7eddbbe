//! Downloads over the real local bucket: ranges, what survives a restart, what is never mixed, and what is said when the
//! disk is in the way.

mod killed;
mod left;

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use windlass::domain::transfer::OnConflict;
use windlass::domain::{FailureKind, ObjectInfo, Result, Transfer, TransferKind, TransferState};
use windlass::storage::{PutOptions, Sent};
use windlass::transfer::stream::to_writer;
use windlass::transfer::{Connection, NewTransfer, Queue, Scope};

use crate::support::faulty::{CUT_AFTER, Faults, Faulty};
use crate::support::home::{Wrapped, job, noise, queue, until};
use crate::support::program::Home;

const MIB: usize = 1 << 20;

/// Five ranges.
const FIVE: usize = 40 * MIB;

/// A home, its bucket, and a queue that reaches it through faults.
struct Stage {
    home: Home,
    connection: Arc<Connection>,
    faults: Arc<Faults>,
    queue: Arc<Queue>,
}

impl Stage {
    async fn with(faults: Faults) -> Self {
        Self::at(Home::new(), faults).await
    }

    async fn at(home: Home, faults: Faults) -> Self {
        let services = home.services();
        let connection = services.connect("local").await.unwrap();
        let faults = Arc::new(faults);
        let around = faults.clone();
        let connector = Wrapped::new(services, move |store| Faulty::around(store, around.clone()));
        let queue = queue(&home, connector, Scope::All).await;
        Self { home, connection, faults, queue }
    }

    /// The next run of the program, without the faults of the last.
    async fn again(self, faults: Faults) -> Self {
        self.queue.close().await;
        let Self { home, queue, connection, .. } = self;
        drop((queue, connection));
        Self::at(home, faults).await
    }

    async fn put(&self, key: &str, bytes: &[u8]) {
        let options = PutOptions { content_type: "application/octet-stream".into(), ..PutOptions::default() };
        let bytes = bytes::Bytes::copy_from_slice(bytes);
        self.connection.store.put(key, bytes.into(), &options, &Sent::default()).await.unwrap();
    }

    fn target(&self) -> PathBuf {
        self.home.path().join("down.bin")
    }

    fn part(&self) -> PathBuf {
        self.home.path().join("down.bin.windlass-part")
    }

    fn download(&self, key: &str) -> NewTransfer {
        job(TransferKind::Download, &self.connection, key, Some(&self.target()))
    }

    async fn begin(&self, key: &str) -> windlass::domain::TransferId {
        self.queue.enqueue(vec![self.download(key)]).await.unwrap()[0]
    }

    async fn end(&self, id: windlass::domain::TransferId) -> Arc<Transfer> {
        until(&self.queue, id, |shown| shown.transfer.state.is_final()).await.transfer
    }

    async fn run(&self, key: &str) -> Arc<Transfer> {
        self.end(self.begin(key).await).await
    }

    fn asked(&self) -> Vec<(u64, Option<u64>)> {
        let mut gets = self.faults.gets.lock().unwrap().clone();
        gets.sort_unstable();
        gets
    }
}

fn standing_still_after(ranges: usize) -> Faults {
    Faults { gets_before_standstill: Some(Semaphore::new(ranges)), ..Faults::default() }
}

#[track_caller]
fn is_done(transfer: &Transfer) {
    assert_eq!((transfer.state, &transfer.error), (TransferState::Done, &None));
}

#[track_caller]
fn holds(path: &Path, bytes: &[u8]) {
    assert!(std::fs::read(path).unwrap() == bytes, "{} has other bytes", path.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_comes_in_ranges_each_asked_for_once() {
    let stage = Stage::with(Faults::default()).await;
    let bytes = noise(FIVE - 5, 1);
    stage.put("k", &bytes).await;
    let down = stage.run("k").await;
    is_done(&down);
    holds(&stage.target(), &bytes);
    let range = 8 * MIB as u64;
    let expected: Vec<_> = (0..5).map(|n| (n * range, Some(if n == 4 { range - 5 } else { range }))).collect();
    assert_eq!(stage.asked(), expected);
    let (info, checksum) = stage.connection.store.head("k").await.unwrap();
    assert_eq!(down.checksum.as_deref(), checksum.as_ref());
    let modified = std::fs::metadata(stage.target()).unwrap().modified().unwrap();
    assert_eq!(chrono::DateTime::<chrono::Utc>::from(modified), info.modified.unwrap());
    assert!(!stage.part().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_large_comes_in_one_request() {
    let stage = Stage::with(Faults::default()).await;
    for size in [0, 1, MIB - 1, MIB, 16 * MIB - 1] {
        let bytes = noise(size, 2);
        stage.put("k", &bytes).await;
        stage.faults.gets.lock().unwrap().clear();
        let download =
            NewTransfer { size: Some(size as u64), on_conflict: OnConflict::Overwrite, ..stage.download("k") };
        let id = stage.queue.enqueue(vec![download]).await.unwrap()[0];
        is_done(&*stage.end(id).await);
        holds(&stage.target(), &bytes);
        assert_eq!(stage.asked(), [(0, None)], "{size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_asks_only_for_the_ranges_that_had_not_arrived() {
    let stage = Stage::with(standing_still_after(3)).await;
    let bytes = noise(FIVE, 3);
    stage.put("k", &bytes).await;
    let id = stage.begin("k").await;
    until(&stage.queue, id, |shown| shown.transfer.acknowledged == 24 * MIB as u64).await;
    let before = stage.asked();
    let stage = stage.again(Faults::default()).await;
    is_done(&*stage.end(id).await);
    holds(&stage.target(), &bytes);
    let asked = stage.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|span| !before.contains(span)), "{asked:?} after {before:?}");
    assert!(!stage.part().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_disk_lost_is_asked_for_again() {
    use std::os::unix::fs::FileExt;
    let stage = Stage::with(standing_still_after(3)).await;
    let bytes = noise(FIVE, 4);
    stage.put("k", &bytes).await;
    let id = stage.begin("k").await;
    until(&stage.queue, id, |shown| shown.transfer.acknowledged == 24 * MIB as u64).await;
    stage.queue.close().await;
    let lost = stage.asked()[1];
    let part = std::fs::OpenOptions::new().write(true).open(stage.part()).unwrap();
    part.write_all_at(&[0; 4096], lost.0 + 8192).unwrap();
    let stage = stage.again(Faults::default()).await;
    is_done(&*stage.end(id).await);
    holds(&stage.target(), &bytes);
    assert_eq!(stage.asked().len(), 3);
    assert!(stage.asked().contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_breaks_goes_on_where_it_stopped() {
    let stage = Stage::with(Faults { cut_gets: 4.into(), ..Faults::default() }).await;
    let bytes = noise(FIVE, 5);
    stage.put("k", &bytes).await;
    is_done(&*stage.run("k").await);
    holds(&stage.target(), &bytes);
    assert_eq!(stage.faults.bytes_got.load(Ordering::SeqCst), FIVE as u64, "no byte came twice");
    let gone_on = |(offset, _): &(u64, Option<u64>)| offset % (8 * MIB as u64) == CUT_AFTER;
    assert_eq!(stage.asked().iter().filter(|span| gone_on(span)).count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_object_starts_over_and_says_so() {
    let stage = Stage::with(standing_still_after(2)).await;
    stage.put("k", &noise(FIVE, 6)).await;
    let id = stage.begin("k").await;
    until(&stage.queue, id, |shown| shown.transfer.acknowledged == 16 * MIB as u64).await;
    let newer = noise(FIVE + 9, 7);
    stage.put("k", &newer).await;
    stage.faults.gets_before_standstill.as_ref().unwrap().add_permits(100);
    let down = stage.end(id).await;
    assert_eq!(down.state, TransferState::Done);
    holds(&stage.target(), &newer);
    let note = down.error.as_ref().unwrap();
    assert_eq!(note.sentence(), "k was replaced in the bucket while it was downloaded: it started over");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_replaced_between_two_runs_is_not_mixed_either() {
    let stage = Stage::with(standing_still_after(2)).await;
    stage.put("k", &noise(FIVE, 8)).await;
    let id = stage.begin("k").await;
    until(&stage.queue, id, |shown| shown.transfer.acknowledged == 16 * MIB as u64).await;
    let newer = noise(FIVE, 9);
    stage.put("k", &newer).await;
    let stage = stage.again(Faults::default()).await;
    let down = stage.end(id).await;
    assert_eq!(down.error.as_ref().map(|note| note.kind), Some(FailureKind::Changed));
    holds(&stage.target(), &newer);
    assert_eq!(stage.asked().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_replaced_again_and_again_fails() {
    let stage = Stage::with(Faults { replacing_gets: 1000.into(), ..Faults::default() }).await;
    stage.put("k", &noise(FIVE, 10)).await;
    let down = stage.run("k").await;
    assert_eq!(down.state, TransferState::Failed);
    let sentence = down.error.as_ref().unwrap().sentence();
    assert_eq!(sentence, "k was replaced in the bucket while it was downloaded: retry once nobody writes it");
    assert_eq!(stage.asked().iter().filter(|(offset, _)| *offset == 0).count(), 2, "it started over once");
    assert!(!stage.target().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_byte_is_caught_whatever_the_size_and_a_retry_starts_over() {
    for size in [9, 3 * MIB, FIVE] {
        let stage = Stage::with(Faults { wrong_gets: 1.into(), ..Faults::default() }).await;
        let bytes = noise(size, 13);
        stage.put("k", &bytes).await;
        let id = stage.begin("k").await;
        let failed = stage.end(id).await;
        assert_eq!(failed.error.as_ref().map(|failure| failure.kind), Some(FailureKind::Integrity), "{size}");
        assert!(!stage.target().exists() && !stage.part().exists(), "{size}");
        stage.queue.retry(&[id]).await.unwrap();
        let done = until(&stage.queue, id, |shown| shown.transfer.state == TransferState::Done).await.transfer;
        is_done(&done);
        holds(&stage.target(), &bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_download_leaves_nothing() {
    let stage = Stage::with(standing_still_after(2)).await;
    stage.put("k", &noise(FIVE, 14)).await;
    let id = stage.begin("k").await;
    until(&stage.queue, id, |shown| shown.transfer.acknowledged > 0).await;
    assert!(stage.part().exists());
    stage.queue.cancel(&[id]).await.unwrap();
    assert_eq!(stage.end(id).await.state, TransferState::Cancelled);
    assert!(!stage.part().exists() && !stage.target().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_vanishes_meanwhile_is_named_and_a_retry_makes_it_again() {
    let stage = Stage::with(standing_still_after(2)).await;
    let bytes = noise(FIVE, 15);
    stage.put("k", &bytes).await;
    let target = stage.home.path().join("new/folder/down.bin");
    let download = NewTransfer { path: Some(target.clone()), ..stage.download("k") };
    let id = stage.queue.enqueue(vec![download]).await.unwrap()[0];
    until(&stage.queue, id, |shown| shown.transfer.acknowledged == 16 * MIB as u64).await;
    std::fs::remove_dir_all(stage.home.path().join("new")).unwrap();
    stage.faults.gets_before_standstill.as_ref().unwrap().add_permits(100);
    let failed = stage.end(id).await;
    let sentence = failed.error.as_ref().unwrap().sentence();
    assert!(sentence.contains("/new/folder vanished while down.bin was downloaded"), "{sentence}");
    stage.queue.retry(&[id]).await.unwrap();
    until(&stage.queue, id, |shown| shown.transfer.state == TransferState::Done).await;
    holds(&target, &bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_the_target_s_place_is_not_replaced() {
    let stage = Stage::with(Faults::default()).await;
    stage.put("k", b"bytes").await;
    std::fs::create_dir(stage.target()).unwrap();
    let overwrite = NewTransfer { on_conflict: OnConflict::Overwrite, ..stage.download("k") };
    let id = stage.queue.enqueue(vec![overwrite]).await.unwrap()[0];
    let failed = stage.end(id).await;
    let sentence = failed.error.as_ref().unwrap().sentence();
    assert!(sentence.contains("down.bin is a folder: move the folder away"), "{sentence}");
    assert!(stage.asked().is_empty());
}

/// A small download as a run leaves it that was killed between giving the file its name and saying so: queued, with a file
/// of these bytes in the target's place.
async fn placed_and_killed(on_conflict: OnConflict, object: &[u8], found: &[u8]) -> (Stage, Arc<Transfer>) {
    let stage = Stage::with(Faults::default()).await;
    stage.put("k", object).await;
    stage.queue.close().await;
    let Stage { home, queue: running, connection, .. } = stage;
    let waiting = queue(&home, home.services(), Scope::Nothing).await;
    let target = home.path().join("down.bin");
    let download = NewTransfer { on_conflict, ..job(TransferKind::Download, &connection, "k", Some(&target)) };
    let id = waiting.enqueue(vec![download]).await.unwrap()[0];
    let queued_at = until(&waiting, id, |_| true).await.transfer.queued_at;
    // The clock of the disk's times moves in steps of some milliseconds.
    while std::fs::metadata(&target).map_or(true, |facts| changed_at(&facts) < queued_at) {
        std::fs::write(&target, found).unwrap();
        tokio::task::yield_now().await;
    }
    waiting.close().await;
    drop((running, waiting, connection));
    let stage = Stage::at(home, Faults::default()).await;
    let ended = stage.end(id).await;
    (stage, ended)
}

fn changed_at(facts: &std::fs::Metadata) -> DateTime<Utc> {
    DateTime::from_timestamp(facts.ctime(), u32::try_from(facts.ctime_nsec()).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_that_got_its_name_before_the_journal_knew_is_known_by_its_bytes() {
    for on_conflict in [OnConflict::Refuse, OnConflict::Skip, OnConflict::Overwrite] {
        let (stage, ended) = placed_and_killed(on_conflict, b"the bytes", b"the bytes").await;
        is_done(&ended);
        holds(&stage.target(), b"the bytes");
        assert_eq!((stage.asked().len(), stage.part().exists()), (1, false), "{on_conflict:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_else_put_into_the_target_s_place_meanwhile_is_kept() {
    for on_conflict in [OnConflict::Refuse, OnConflict::Skip] {
        let (stage, ended) = placed_and_killed(on_conflict, b"the bytes", b"not those").await;
        let skips = on_conflict == OnConflict::Skip;
        assert_eq!(ended.state, if skips { TransferState::Done } else { TransferState::Failed });
        assert_eq!(ended.error.as_ref().map(|failure| failure.kind), Some(FailureKind::Exists), "{on_conflict:?}");
        holds(&stage.target(), b"not those");
        assert!(!stage.part().exists(), "{on_conflict:?}");
    }
}

/// The object as a stream through the stage's faults, and how that ended.
async fn streamed(stage: &Stage, key: &str) -> (Result<ObjectInfo>, Vec<u8>) {
    let real = &stage.connection;
    let connection = Connection {
        profile: real.profile.clone(),
        identity: real.identity.clone(),
        store: Faulty::around(real.store.clone(), stage.faults.clone()),
        catalog: real.catalog.clone(),
        writer: real.writer.clone(),
    };
    let mut bytes = Vec::new();
    let info = to_writer(&connection, key, &mut bytes, &Sent::default()).await;
    (info, bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_over_broken_links_and_no_byte_comes_twice() {
    let stage = Stage::with(Faults { cut_gets: 3.into(), ..Faults::default() }).await;
    let bytes = noise(20 * MIB, 20);
    stage.put("k", &bytes).await;
    let (info, got) = streamed(&stage, "k").await;
    assert_eq!(info.unwrap().size, bytes.len() as u64);
    assert!(got == bytes);
    assert_eq!(stage.faults.bytes_got.load(Ordering::SeqCst), bytes.len() as u64);
    assert_eq!(stage.asked(), [0, 1, 2, 3].map(|number| (number * CUT_AFTER, None)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_says_at_its_end_that_the_bytes_were_wrong_and_never_mixes_two_versions() {
    let stage = Stage::with(Faults { wrong_gets: 1.into(), ..Faults::default() }).await;
    stage.put("k", &noise(5 * MIB, 21)).await;
    let (wrong, got) = streamed(&stage, "k").await;
    assert_eq!((wrong.unwrap_err().kind, got.len()), (FailureKind::Integrity, 5 * MIB));

    let stage = Stage::with(Faults { cut_gets: 1.into(), replacing_gets: 1.into(), ..Faults::default() }).await;
    stage.put("k", &noise(5 * MIB, 22)).await;
    let (changed, got) = streamed(&stage, "k").await;
    assert_eq!((changed.unwrap_err().kind, got.len() as u64), (FailureKind::Changed, CUT_AFTER));

    let (missing, got) = streamed(&stage, "nothing").await;
    assert_eq!((missing.unwrap_err().kind, got.len()), (FailureKind::NotFound, 0));
}
