use std::path::PathBuf;

use chrono::Utc;

use super::*;
use crate::domain::transfer::OnConflict;
use crate::domain::{Transfer, TransferKind, TransferState};
use crate::storage::UploadId;
use crate::transfer::job::{Owner, Resume, Wish};
use crate::transfer::source::SourceFacts;

fn identity(name: &str) -> Arc<ProfileIdentity> {
    Arc::new(ProfileIdentity {
        name: name.into(),
        provider: "s3".into(),
        endpoint: "http://127.0.0.1:1".into(),
        bucket: "b".into(),
        key_id: "k".into(),
        catalog: "sqlite:x#s3_files".into(),
        env_file: None,
    })
}

fn transfer(key: &str) -> Arc<Transfer> {
    Arc::new(Transfer {
        id: TransferId::fresh(),
        kind: TransferKind::Upload,
        state: TransferState::Queued,
        profile: identity("p"),
        key: key.into(),
        path: Some(PathBuf::from("/tmp/ü\n.bin")),
        size: Some(u64::MAX >> 1),
        acknowledged: 0,
        content_type: Some("text/plain".into()),
        on_conflict: OnConflict::KeepBoth,
        without_record: true,
        url: None,
        checksum: None,
        etag: None,
        error: None,
        attempts: 0,
        not_before: None,
        queued_at: chrono::DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).unwrap(),
        stored_at: None,
        finished_at: None,
    })
}

async fn journal(folder: &Path) -> (Journal, Arc<Runner>) {
    let me = Arc::new(Runner::start(&folder.join("runners")).unwrap());
    let (journal, warning) = Journal::open(&folder.join("journal.sqlite"), me.clone()).await.unwrap();
    assert_eq!(warning, None);
    (journal, me)
}

#[tokio::test]
async fn what_is_committed_reads_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let queued = transfer("a/ü\u{1b}.png");
    journal.commit(vec![Change::Insert { transfer: queued.clone(), mine: true }]).await.unwrap();
    let mut changed = (*queued).clone();
    changed.state = TransferState::Recording;
    changed.error = Some(Failure::new(FailureKind::CatalogAway, "the database is away").hint("wait"));
    changed.stored_at = Some(changed.queued_at);
    changed.checksum = "crc64nvme:AAAA".parse().ok();
    let resume = Resume {
        upload_id: Some(UploadId("u".into())),
        part_size: Some(8 << 20),
        source: Some(SourceFacts { size: 1, modified: Some(changed.queued_at), inode: u64::MAX, device: 3 }),
    };
    let part = Part { number: 2, size: 5, etag: "e".into(), checksum: None };
    journal
        .commit(vec![
            Change::Update { transfer: Arc::new(changed.clone()), resume: resume.clone(), mine: true },
            Change::Part { id: queued.id, part: part.clone(), acknowledged: 5 },
        ])
        .await
        .unwrap();
    changed.acknowledged = 5;
    let rows = journal.load().await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(*rows[0].transfer, changed);
    assert_eq!(rows[0].resume, resume);
    assert_eq!(rows[0].owner, Owner::Me);
    assert_eq!(journal.parts(queued.id).await.unwrap(), [part]);
    journal.commit(vec![Change::Remove(queued.id)]).await.unwrap();
    assert_eq!(journal.load().await.unwrap().len(), 1, "what is at work is not removed");
    changed.state = TransferState::Done;
    let done = Change::Update { transfer: Arc::new(changed), resume, mine: false };
    journal.commit(vec![done, Change::Remove(queued.id)]).await.unwrap();
    assert_eq!(journal.load().await.unwrap(), []);
    assert_eq!(journal.parts(queued.id).await.unwrap(), []);
}

#[tokio::test]
async fn a_failed_commit_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let twice = transfer("twice");
    let insert = || Change::Insert { transfer: twice.clone(), mine: true };
    journal.commit(vec![insert(), insert()]).await.unwrap_err();
    assert_eq!(journal.load().await.unwrap(), []);
}

#[tokio::test]
async fn only_one_living_process_runs_a_transfer_and_the_dead_are_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let (first, first_runner) = journal(folder.path()).await;
    let (second, _second_runner) = journal(folder.path()).await;
    let job = transfer("a");
    first.commit(vec![Change::Insert { transfer: job.clone(), mine: true }]).await.unwrap();
    assert_eq!(second.claim(Claim::Open).await.unwrap(), []);
    assert_eq!(second.claim(Claim::These(vec![job.id])).await.unwrap(), []);
    assert_eq!(second.load().await.unwrap()[0].owner, Owner::Other);
    second.commit(vec![Change::Wish(job.id, Wish::Cancel)]).await.unwrap();
    assert_eq!(first.load().await.unwrap()[0].wish, Some(Wish::Cancel));
    first.close().await;
    drop((first, first_runner));
    while second.load().await.unwrap()[0].owner == Owner::Other {
        tokio::task::yield_now().await;
    }
    assert_eq!(second.claim(Claim::Open).await.unwrap(), [job.id]);
    assert_eq!(second.load().await.unwrap()[0].owner, Owner::Me);
}

#[tokio::test]
async fn what_is_over_is_not_claimed_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let mut over = (*transfer("a")).clone();
    over.state = TransferState::Failed;
    journal.commit(vec![Change::Insert { transfer: Arc::new(over.clone()), mine: false }]).await.unwrap();
    assert_eq!(journal.claim(Claim::Open).await.unwrap(), []);
    assert_eq!(journal.claim(Claim::These(vec![over.id])).await.unwrap(), [over.id]);
}

#[tokio::test]
async fn a_damaged_journal_is_set_aside_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    std::fs::write(&path, "this is no database, it is a text of some length that nobody can read as one").unwrap();
    let me = Arc::new(Runner::start(&folder.path().join("runners")).unwrap());
    let (journal, warning) = Journal::open(&path, me).await.unwrap();
    let warning = warning.unwrap().sentence();
    assert!(warning.contains("was damaged and a new one was begun"), "{warning}");
    assert_eq!(journal.load().await.unwrap(), []);
    let kept = std::fs::read_dir(folder.path()).unwrap().filter_map(Result::ok);
    assert!(kept.map(|entry| entry.file_name().into_string().unwrap()).any(|name| name.contains("damaged")));
}

/// A journal as version 1 made it, with one transfer queued.
async fn version_1(path: &Path, owner: Option<&str>) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(MIGRATIONS[0]).execute(&mut connection).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 1").execute(&mut connection).await.unwrap();
    for (number, id) in [TransferId::fresh(), TransferId::fresh()].into_iter().enumerate() {
        sqlx::query(
            "INSERT INTO transfers (id, kind, state, owner, profile, object_key, on_conflict, queued_at, upload_id)
             VALUES (?, 'upload', 'sending', ?, ?, ?, '\"refuse\"', 5, 'u')",
        )
        .bind(id.to_string())
        .bind(owner)
        .bind(serde_json::to_string(&*identity("p")).unwrap())
        .bind(format!("old-{number}"))
        .execute(&mut connection)
        .await
        .unwrap();
        let part = "INSERT INTO parts (transfer, number, size, etag) VALUES (?, 1, 7, 'e')";
        sqlx::query(part).bind(id.to_string()).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_journal_of_version_1_keeps_its_queue_and_can_be_put_in_another_order() {
    let folder = tempfile::tempdir().unwrap();
    version_1(&folder.path().join("journal.sqlite"), Some("dead")).await;
    let (journal, _me) = journal(folder.path()).await;
    let rows = journal.load().await.unwrap();
    let keys = |rows: &[Saved]| rows.iter().map(|row| row.transfer.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&rows), ["old-0", "old-1"]);
    assert_eq!(rows.iter().map(|row| (row.seq, row.rank)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    assert_eq!(rows[0].resume.upload_id, Some(UploadId("u".into())));
    let (first, second) = (rows[0].transfer.id, rows[1].transfer.id);
    assert_eq!(journal.parts(first).await.unwrap().len(), 1);
    journal.commit(vec![Change::Rank(first, 2), Change::Rank(second, 1)]).await.unwrap();
    assert_eq!(keys(&journal.load().await.unwrap()), ["old-1", "old-0"]);
    assert_eq!(journal.claim(Claim::Open).await.unwrap().len(), 2, "they go on");
}
