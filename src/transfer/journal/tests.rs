use std::path::Path;

use chrono::Utc;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection as _};

use super::file::MIGRATIONS;
use super::*;
use crate::domain::transfer::{OnConflict, ProfileIdentity};
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
        path: Some(Path::new("/tmp/ü\n.bin").into()),
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
    changed.error = Some(Failure::new(FailureKind::CatalogAway, "the database is away").hint("wait").into());
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
    assert_eq!(waiting.await.unwrap(), 1);
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
        move |first| firsts.lock().unwrap().push(first)
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

#[tokio::test]
async fn only_one_living_process_runs_a_transfer_and_the_dead_are_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let (first, first_runner) = journal(folder.path()).await;
    let (second, _second_runner) = journal(folder.path()).await;
    let job = transfer("a");
    first.commit(vec![Change::Insert { transfer: job.clone(), mine: true }]).await.unwrap();
    assert_eq!(second.claim(Claim::Open).await.unwrap(), []);
    assert_eq!(second.claim(Claim::These(vec![job.id])).await.unwrap(), []);
    assert_eq!(all_of(&second).await[0].owner, Owner::Other);
    second.commit(vec![Change::Wish(job.id, Wish::Cancel)]).await.unwrap();
    assert_eq!(all_of(&first).await[0].wish, Some(Wish::Cancel));
    first.close().await;
    drop((first, first_runner));
    while all_of(&second).await[0].owner == Owner::Other {
        tokio::task::yield_now().await;
    }
    assert_eq!(second.claim(Claim::Open).await.unwrap(), [job.id]);
    assert_eq!(all_of(&second).await[0].owner, Owner::Me);
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
    assert_eq!(all_of(&journal).await, []);
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
    let rows = all_of(&journal).await;
    let keys = |rows: &[Saved]| rows.iter().map(|row| row.transfer.key.to_string()).collect::<Vec<_>>();
    assert_eq!(keys(&rows), ["old-0", "old-1"]);
    assert_eq!(rows.iter().map(|row| (row.seq, row.rank)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    assert_eq!(rows[0].resume.upload_id, Some(UploadId("u".into())));
    let (first, second) = (rows[0].transfer.id, rows[1].transfer.id);
    assert_eq!(journal.parts(first).await.unwrap().len(), 1);
    journal.commit(vec![Change::Rank(first, 2), Change::Rank(second, 1)]).await.unwrap();
    assert_eq!(keys(&all_of(&journal).await), ["old-1", "old-0"]);
    assert_eq!(journal.claim(Claim::Open).await.unwrap().len(), 2, "they go on");
}

#[tokio::test]
async fn only_what_others_changed_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let ((first, _me), (second, _other)) = (journal(folder.path()).await, journal(folder.path()).await);
    let (a, b, c) = (transfer("a"), transfer("b"), transfer("c"));
    first.commit([insert(&a), insert(&b)].concat()).await.unwrap();
    assert_eq!(new_in(&second).await, (vec!["a".into(), "b".into()], true));
    assert_eq!(new_in(&second).await, (vec![], false));
    first.commit(vec![Change::Wish(b.id, Wish::Pause)]).await.unwrap();
    assert_eq!(new_in(&second).await, (vec!["b".into()], false));
    second.commit(insert(&c)).await.unwrap();
    assert_eq!(new_in(&second).await, (vec![], false), "its own changes are no news to it");
    first.read(Which::All).await.unwrap();
    second.commit(vec![Change::Wish(a.id, Wish::Cancel)]).await.unwrap();
    first.commit(vec![Change::ClearWish(b.id)]).await.unwrap();
    assert_eq!(new_in(&first).await.0, ["a", "b"], "what came between its own changes is not missed");
}

#[tokio::test]
async fn where_transfers_were_removed_all_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let ((first, _me), (second, _other)) = (journal(folder.path()).await, journal(folder.path()).await);
    let (kept, mut over) = (transfer("kept"), (*transfer("over")).clone());
    over.state = TransferState::Done;
    let over = Arc::new(over);
    let insert_over = Change::Insert { transfer: over.clone(), mine: false };
    first.commit([insert(&kept), vec![insert_over]].concat()).await.unwrap();
    assert!(new_in(&second).await.1);
    first.commit(vec![Change::Remove(kept.id)]).await.unwrap();
    assert_eq!(new_in(&second).await, (vec![], false), "what is at work was not removed");
    first.commit(vec![Change::Remove(over.id)]).await.unwrap();
    assert_eq!(new_in(&second).await, (vec!["kept".into()], true));
}

#[tokio::test]
async fn what_was_claimed_is_read_again_and_a_death_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let ((first, first_runner), (second, _other)) = (journal(folder.path()).await, journal(folder.path()).await);
    first.commit(insert(&transfer("a"))).await.unwrap();
    assert!(new_in(&second).await.1);
    assert!(!second.anyone_died().await.unwrap());
    first.close().await;
    drop((first, first_runner));
    while !second.anyone_died().await.unwrap() {
        tokio::task::yield_now().await;
    }
    assert_eq!(second.claim(Claim::Open).await.unwrap().len(), 1);
    assert!(!second.anyone_died().await.unwrap());
    let reading = second.read(Which::New).await.unwrap();
    assert_eq!((reading.rows[0].owner, reading.whole), (Owner::Me, false));
}

/// A journal of so many pages that damage in its middle is not in the memory of whoever has it open.
async fn filled(folder: &Path) -> (Journal, Arc<Runner>) {
    let (journal, me) = journal(folder).await;
    let inserts = (0..3000).map(|number| Change::Insert { transfer: transfer(&format!("k{number}")), mine: true });
    journal.commit(inserts.collect()).await.unwrap();
    (journal, me)
}

/// Writes over the middle of the file, in the middle of a page or a whole one.
fn damage(path: &Path, whole_page: bool) {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::options().write(true).open(path).unwrap();
    let middle = file.metadata().unwrap().len() / 2 / 4096 * 4096;
    let (offset, length) = if whole_page { (middle, 4096) } else { (middle + 1500, 900) };
    file.write_all_at(&vec![0xA5; length], offset).unwrap();
}

#[tokio::test]
async fn damage_in_the_middle_of_the_file_is_set_aside_or_said_at_the_start() {
    for whole_page in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let (journal, me) = filled(folder.path()).await;
        journal.close().await;
        damage(&path, whole_page);
        let (journal, warning) = Journal::open(&path, me).await.unwrap();
        match (warning, journal.read(Which::All).await) {
            (Some(warning), read) => {
                assert!(warning.what.contains("was damaged and a new one was begun"), "{warning}");
                assert_eq!(read.unwrap().rows, []);
            }
            // The pages hang together, but what is in them is nobody's.
            (None, read) => {
                let failure = read.err().unwrap();
                assert!(failure.what.contains("journal.sqlite"), "{failure}");
            }
        }
    }
}

#[tokio::test]
async fn damage_that_shows_while_the_journal_is_open_is_a_clear_failure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let (journal, _me) = filled(folder.path()).await;
    let all = all_of(&journal).await;
    // Another one that closes empties the log, so that the file is what is read.
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    damage(&path, true);
    let failure = journal.read(Which::All).await.unwrap_err();
    assert!(failure.what.contains("is damaged"), "{failure}");
    let updates = all.iter().map(Change::update).collect();
    let failure = journal.commit(updates).await.unwrap_err();
    assert!(failure.what.contains("journal.sqlite") && failure.hint.is_some(), "{failure}");
}

#[tokio::test]
async fn a_granted_wish_goes_and_another_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _me) = journal(folder.path()).await;
    let row = transfer("k");
    journal.commit(insert(&row)).await.unwrap();
    let wishes = [
        (Change::Wish(row.id, Wish::Cancel), Some(Wish::Cancel)),
        (Change::Granted(row.id, Wish::Pause), Some(Wish::Cancel)),
        (Change::ClearWish(row.id), None),
        (Change::Wish(row.id, Wish::Pause), Some(Wish::Pause)),
        (Change::Granted(row.id, Wish::Pause), None),
        (Change::Wish(row.id, Wish::Retry), Some(Wish::Retry)),
        (Change::Granted(row.id, Wish::Cancel), None),
    ];
    for (change, left) in wishes {
        journal.commit(vec![change.clone()]).await.unwrap();
        assert_eq!(all_of(&journal).await[0].wish, left, "{change:?}");
    }
}
