//! A damaged file: set aside with a message, or a clear failure, never a crash.

use super::*;

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
