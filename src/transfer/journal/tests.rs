//! The journal against a real file: what is committed reads back the same, whatever else happens to it.

mod damage;
mod processes;

use std::path::Path;

use chrono::Utc;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection as _};

use super::file::MIGRATIONS;
use super::*;
use crate::domain::transfer::{OnConflict, ProfileIdentity, Versions};
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
    let queued_at = chrono::DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).unwrap();
    Arc::new(Transfer {
        path: Some(Path::new("/tmp/ü\n.bin").into()),
        size: Some(u64::MAX >> 1),
        content_type: Some("text/plain".into()),
        on_conflict: OnConflict::KeepBoth,
        without_record: true,
        ..Transfer::new(TransferKind::Upload, identity("p"), key, queued_at)
    })
}

async fn journal(folder: &Path) -> (Journal, Arc<Runner>) {
    let me = Arc::new(Runner::start(&folder.join("runners")).unwrap());
    let (journal, warning) = Journal::open(&folder.join("journal.sqlite"), me.clone()).await.unwrap();
    assert_eq!(warning, None);
    (journal, me)
}

async fn all_of(journal: &Journal) -> Vec<Saved> {
    let reading = journal.read(Which::All).await.unwrap();
    assert!(reading.whole);
    reading.rows
}

async fn new_in(journal: &Journal) -> (Vec<String>, bool) {
    let reading = journal.read(Which::New).await.unwrap();
    (reading.rows.iter().map(|row| row.transfer.key.to_string()).collect(), reading.whole)
}

fn insert(transfer: &Arc<Transfer>) -> Vec<Change> {
    vec![Change::Insert { transfer: transfer.clone(), mine: true }]
}

#[tokio::test]
async fn what_is_committed_reads_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let queued = transfer("a/ü\u{1b}.png");
    journal.commit(vec![Change::Insert { transfer: queued.clone(), mine: true }]).await.unwrap();
    let mut changed = (*queued).clone();
    changed.state = TransferState::Recording;
    changed.error =
        Some(Failure::new(FailureKind::CatalogAway, "the database is away").hint("wait").by_the_clock().into());
    changed.stored_at = Some(changed.queued_at);
    changed.checksum = "crc64nvme:AAAA".parse().ok().map(Arc::new);
    let resume = Resume {
        upload_id: Some(UploadId("u".into())),
        part_size: Some(8 << 20),
        source: Some(SourceFacts { size: 1, modified: Some(changed.queued_at), inode: u64::MAX, device: 3 }),
    };
    let part = Part { number: 2, size: 5, etag: "e".into(), checksum: None };
    journal
        .commit(vec![
            Change::Update { transfer: Arc::new(changed.clone()), resume: resume.clone().into(), mine: true },
            Change::Part { id: queued.id, part: part.clone(), acknowledged: 5 },
        ])
        .await
        .unwrap();
    changed.acknowledged = 5;
    let rows = all_of(&journal).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(*rows[0].transfer, changed);
    assert_eq!(*rows[0].resume, resume);
    assert_eq!(rows[0].owner, Owner::Me);
    assert_eq!(journal.parts(queued.id).await.unwrap(), [part]);
    journal.commit(vec![Change::Remove(queued.id)]).await.unwrap();
    assert_eq!(all_of(&journal).await.len(), 1, "what is at work is not removed");
    changed.state = TransferState::Done;
    let done = Change::Update { transfer: Arc::new(changed), resume: resume.into(), mine: false };
    journal.commit(vec![done, Change::Remove(queued.id)]).await.unwrap();
    assert_eq!(all_of(&journal).await, []);
    assert_eq!(journal.parts(queued.id).await.unwrap(), []);
}

#[tokio::test]
async fn what_was_queued_under_a_pooled_host_belongs_to_the_same_database_by_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let at = |host: &str| {
        let profile = ProfileIdentity { catalog: format!("{host}/db#public.r2_files"), ..(*identity("p")).clone() };
        Arc::new(Transfer { profile: Arc::new(profile), ..(*transfer("k")).clone() })
    };
    let (pooled, direct) = (at("ep-x-pooler.eu.aws.neon.tech"), at("ep-x.eu.aws.neon.tech"));
    journal.commit([insert(&pooled), insert(&direct)].concat()).await.unwrap();
    let rows = all_of(&journal).await;
    assert_eq!(rows.iter().map(|row| row.transfer.id).collect::<Vec<_>>(), [pooled.id, direct.id]);
    assert!(rows.iter().all(|row| row.transfer.profile == direct.profile), "{rows:?}");
}

#[tokio::test]
async fn a_failed_commit_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let twice = transfer("twice");
    journal.commit([insert(&twice), insert(&twice)].concat()).await.unwrap_err();
    assert_eq!(all_of(&journal).await, []);
}

#[tokio::test]
async fn a_change_that_cannot_be_made_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let kept = transfer("kept");
    let part = Part { number: 1, size: 5, etag: "e".into(), checksum: None };
    let of_nobody = vec![Change::Part { id: TransferId::fresh(), part, acknowledged: 5 }];
    // Asked for before the journal's task runs, so that they meet in one commit.
    let (refused, made) =
        tokio::join!(journal.commit(of_nobody), journal.commit(vec![Change::Insert { transfer: kept, mine: true }]));
    refused.unwrap_err();
    made.unwrap();
    assert_eq!(all_of(&journal).await.len(), 1);
}

#[tokio::test]
async fn what_follows_a_commit_happens_though_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let (told, waiting) = oneshot::channel();
    {
        let insert = vec![Change::Insert { transfer: transfer("a"), mine: true }];
        let mut commit = std::pin::pin!(journal.commit_then(insert, move |first| told.send(first).unwrap()));
        assert!(futures::poll!(commit.as_mut()).is_pending());
    }
    assert_eq!(waiting.await.unwrap().first, 1);
}

#[tokio::test]
async fn transfers_get_their_numbers_in_the_order_in_which_they_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let many = |name: &'static str, count| (0..count).map(move |number| transfer(&format!("{name}{number:03}")));
    let inserts = |transfers: Vec<Arc<Transfer>>| {
        transfers.into_iter().map(|transfer| Change::Insert { transfer, mine: false }).collect::<Vec<_>>()
    };
    let firsts = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = || {
        let firsts = firsts.clone();
        move |added: Added| firsts.lock().unwrap().push(added.first)
    };
    let (a, b) = (inserts(many("a", 150).collect()), inserts(many("b", 90).collect()));
    let (first, second) = tokio::join!(journal.commit_then(a, note()), journal.commit_then(b, note()));
    first.and(second).unwrap();
    assert_eq!(*firsts.lock().unwrap(), [1, 151]);
    let rows = all_of(&journal).await;
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=240).collect::<Vec<_>>());
    assert!(rows.is_sorted_by_key(|row| row.transfer.key.clone()));
    assert!(rows.windows(2).all(|pair| Arc::ptr_eq(&pair[0].transfer.profile, &pair[1].transfer.profile)));
}

/// Changes of every kind to few transfers, in an order that only the seed knows.
fn mixed(transfers: &[Arc<Transfer>], seed: u64) -> Vec<Change> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    };
    let states = [TransferState::Sending, TransferState::Done, TransferState::Failed, TransferState::Paused];
    (0..200)
        .map(|step| {
            let transfer = &transfers[next(transfers.len() as u64) as usize];
            let id = transfer.id;
            match next(10) {
                0 => Change::ForgetParts(id),
                1 => Change::Wish(id, Wish::Pause),
                2 => Change::ClearWish(id),
                3 => Change::Rank(id, next(50) as i64),
                4..7 => {
                    let part = Part { number: next(4) as u32, size: step, etag: format!("{step}"), checksum: None };
                    Change::Part { id, part, acknowledged: step }
                }
                _ => {
                    let mut changed = (**transfer).clone();
                    changed.state = states[next(4) as usize];
                    changed.attempts = step as u32;
                    let resume = Resume { part_size: Some(step), ..Resume::default() };
                    Change::Update { transfer: Arc::new(changed), resume: resume.into(), mine: next(2) == 0 }
                }
            }
        })
        .collect()
}

#[tokio::test]
async fn many_changes_at_once_come_to_the_same_as_one_by_one() {
    let transfers: Vec<Arc<Transfer>> = (0..5).map(|number| transfer(&format!("k{number}"))).collect();
    for seed in 1..=8 {
        let (one, all) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ((one, _), (all, _)) = (journal(one.path()).await, journal(all.path()).await);
        let inserts = transfers.iter().map(|transfer| Change::Insert { transfer: transfer.clone(), mine: true });
        let mut changes: Vec<Change> = inserts.chain(mixed(&transfers, seed)).collect();
        changes.push(Change::Remove(transfers[0].id));
        for change in &changes {
            one.commit(vec![change.clone()]).await.unwrap();
        }
        all.commit(changes).await.unwrap();
        let seen = |rows: Vec<Saved>| {
            let mut rows: Vec<Saved> = rows.into_iter().collect();
            // Whoever runs it has another name in each journal; that somebody does is what counts.
            rows.iter_mut().for_each(|row| row.owner = if row.owner == Owner::Nobody { row.owner } else { Owner::Me });
            rows
        };
        assert_eq!(seen(all_of(&all).await), seen(all_of(&one).await), "seed {seed}");
        for transfer in &transfers {
            let parts = all.parts(transfer.id).await.unwrap();
            assert_eq!(parts, one.parts(transfer.id).await.unwrap(), "seed {seed}");
        }
    }
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
    let rows = all_of(&journal).await;
    let keys = |rows: &[Saved]| rows.iter().map(|row| row.transfer.key.to_string()).collect::<Vec<_>>();
    assert_eq!(keys(&rows), ["old-0", "old-1"]);
    assert_eq!(rows.iter().map(|row| (row.seq, row.rank)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    assert_eq!(rows[0].resume.upload_id, Some(UploadId("u".into())));
    let (first, second) = (rows[0].transfer.id, rows[1].transfer.id);
    assert_eq!(journal.parts(first).await.unwrap().len(), 1);
    journal.commit(vec![Change::Rank(first, 2), Change::Rank(second, 1)]).await.unwrap();
    assert_eq!(keys(&all_of(&journal).await), ["old-1", "old-0"]);
    assert_eq!(journal.claim(Claim::Open).await.unwrap(), 2, "they go on");
}

#[tokio::test]
async fn what_an_edit_may_replace_is_in_the_journal_from_the_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let edit = Transfer { on_conflict: OnConflict::OverwriteIf, etag: Some("tag".into()), ..(*transfer("k")).clone() };
    let transfer = Arc::new(edit);
    journal.commit(vec![Change::Insert { transfer: transfer.clone(), mine: true }]).await.unwrap();
    assert_eq!(all_of(&journal).await[0].transfer, transfer);
}

#[tokio::test]
async fn a_journal_of_version_4_keeps_its_queue() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    version_1(&path, None).await;
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    for step in &MIGRATIONS[1..4] {
        sqlx::raw_sql(*step).execute(&mut connection).await.unwrap();
    }
    sqlx::raw_sql("PRAGMA user_version = 4").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let rows = all_of(&journal).await;
    assert_eq!(rows.iter().map(|row| &*row.transfer.key).collect::<Vec<_>>(), ["old-0", "old-1"]);
    assert!(rows.iter().all(|row| row.transfer.on_conflict == OnConflict::Refuse && row.transfer.etag.is_none()));
}

#[tokio::test]
async fn a_journal_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(journal(folder.path()).await);
    let path = folder.path().join("journal.sqlite");
    let url = format!("sqlite:{}", path.display());
    let mut beside = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut beside).await.unwrap();
    let me = Arc::new(Runner::start(&folder.path().join("runners")).unwrap());
    let refused = Journal::open(&path, me).await.err().unwrap();
    assert!(refused.what.contains("of a newer Windlass"), "{refused}");
}

#[tokio::test]
async fn what_takes_only_hidden_versions_is_no_delete_to_a_program_that_does_not_know_it() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let of =
        |key: &str, versions| Arc::new(Transfer { kind: TransferKind::Delete, versions, ..(*transfer(key)).clone() });
    let all = [of("seen", Versions::Seen), of("all", Versions::All), of("hidden", Versions::Hidden)];
    let insert = |transfer: &Arc<Transfer>| Change::Insert { transfer: transfer.clone(), mine: true };
    journal.commit(all.iter().map(insert).collect()).await.unwrap();
    let read: Vec<_> = all_of(&journal).await.into_iter().map(|saved| saved.transfer).collect();
    assert_eq!(read, all);
    let url = format!("sqlite:{}", folder.path().join("journal.sqlite").display());
    let mut beside = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let rows = "SELECT kind, versions FROM transfers ORDER BY seq";
    let rows: Vec<(String, i64)> = sqlx::query_as(rows).fetch_all(&mut beside).await.unwrap();
    assert_eq!(rows, [("delete".into(), 0), ("delete".into(), 1), ("purge".into(), 0)]);
}
