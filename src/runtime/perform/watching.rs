//! Looking now and then whether a local folder has changed, or a file in it, beside the loop, which hears of it only when it
//! has.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use crate::app::Answer;
use crate::files::{self, Stands};

/// What is looked at.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    /// The folder.
    pub(super) path: PathBuf,
    /// Each of its entries, too.
    pub(super) each: bool,
}

/// Waits until the folder is another one than it was when it was read. A disk that says nothing has not changed, and one
/// that changes all the time is left alone in between.
pub(super) async fn watch(looking: Arc<Mutex<()>>, folder: Watched, since: DateTime<Utc>, every: Duration) -> Answer {
    // A disk whose clock is ahead tells only by another time than before what comes until the next look.
    let (mut before, mut since) = (look(&looking, &folder).await, since);
    loop {
        tokio::time::sleep(every).await;
        let begun = Utc::now();
        if let Some(stands) = look(&looking, &folder).await {
            // Of two changes in one tick of the file system's clock the second leaves the same time.
            let now = Utc::now();
            if before.is_some_and(|before| before != stands) || stands.iter().any(|of| of.changed_between(since, now)) {
                return Answer::FolderChanged;
            }
            (before, since) = (Some(stands), begun);
        }
    }
}

/// One look at a time, whichever folder it is for.
async fn look(looking: &Arc<Mutex<()>>, folder: &Watched) -> Option<Vec<Stands>> {
    let (turn, folder) = (looking.clone().lock_owned().await, folder.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let stands = files::stands(&folder.path)?;
        let each = if folder.each { files::each_stands(&folder.path) } else { None };
        Some([Some(stands), each].into_iter().flatten().collect())
    });
    looked.await.ok()?
}

#[cfg(test)]
mod tests {
    use std::time::{Instant, SystemTime};

    use futures::FutureExt;

    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(1);

    fn watched(folder: &tempfile::TempDir, each: bool) -> Watched {
        Watched { path: folder.path().to_path_buf(), each }
    }

    /// What is never seen fails, and does not hang.
    async fn in_time(watching: impl Future<Output = Answer>) -> Answer {
        tokio::time::timeout(Duration::from_secs(60), watching).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_that_grows_is_seen_where_each_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let write = |text: &str| {
            let file = folder.path().join("log.txt");
            std::fs::write(&file, text).unwrap();
            // A disk whose clock stands: the bytes tell, too.
            for path in [file.as_path(), folder.path()] {
                std::fs::File::open(path).unwrap().set_modified(long_ago).unwrap();
            }
        };
        write("one line");
        let looking = Arc::default();
        let mut watching = Box::pin(watch(Arc::clone(&looking), watched(&folder, true), Utc::now(), AT_ONCE));
        assert!(watching.as_mut().now_or_never().is_none());
        drop(looking.lock().await);
        let before = files::stands(folder.path());
        write("one line, and another");
        assert_eq!(files::stands(folder.path()), before, "the folder is as it was");
        assert_eq!(in_time(watching).await, Answer::FolderChanged);
    }

    #[tokio::test]
    async fn a_file_that_others_may_read_now_is_seen_where_each_is_looked_at() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.txt");
        let allow = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        std::fs::write(&file, "text").unwrap();
        allow(0o000);
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        std::fs::File::open(folder.path()).unwrap().set_modified(long_ago).unwrap();
        let looking = Arc::default();
        let later = Utc::now() + chrono::TimeDelta::hours(1);
        let mut watching = Box::pin(watch(Arc::clone(&looking), watched(&folder, true), later, AT_ONCE));
        assert!(watching.as_mut().now_or_never().is_none());
        drop(looking.lock().await);
        allow(0o644);
        assert_eq!(in_time(watching).await, Answer::FolderChanged);
    }

    #[tokio::test]
    async fn a_file_that_comes_is_seen_and_so_is_one_that_came_while_the_folder_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let (looking, path) = (Arc::default(), watched(&folder, false));
        let (began, rest) = (Utc::now(), Duration::from_millis(30));
        std::fs::write(folder.path().join("meanwhile"), "").unwrap();
        let waiting = Instant::now();
        assert_eq!(in_time(watch(Arc::clone(&looking), path.clone(), began, rest)).await, Answer::FolderChanged);
        assert!(waiting.elapsed() >= rest, "a folder that changes all the time has its rest");

        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        std::fs::File::open(folder.path()).unwrap().set_modified(long_ago).unwrap();
        let mut watching = Box::pin(watch(Arc::clone(&looking), path, began, AT_ONCE));
        // Until it has looked once, which it has when it lets the next one look.
        assert!(watching.as_mut().now_or_never().is_none());
        drop(looking.lock().await);
        assert!(watching.as_mut().now_or_never().is_none(), "nothing has changed");
        std::fs::write(folder.path().join("later"), "").unwrap();
        assert_eq!(in_time(watching).await, Answer::FolderChanged);
    }

    #[tokio::test]
    async fn a_disk_whose_clock_is_ahead_is_compared_with_how_it_stood_before_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let set = |ahead| {
            let time = SystemTime::now() + Duration::from_secs(ahead);
            std::fs::File::open(folder.path()).unwrap().set_modified(time).unwrap();
        };
        set(3_600);
        let looking = Arc::default();
        let mut watching = Box::pin(watch(Arc::clone(&looking), watched(&folder, false), Utc::now(), AT_ONCE));
        assert!(watching.as_mut().now_or_never().is_none());
        drop(looking.lock().await);
        set(3_700);
        assert_eq!(in_time(watching).await, Answer::FolderChanged);
    }

    #[tokio::test]
    async fn nobody_looks_while_a_look_hangs() {
        let folder = tempfile::tempdir().unwrap();
        let looking = Arc::new(Mutex::new(()));
        let hangs = looking.lock().await;
        let mut watching = Box::pin(watch(looking.clone(), watched(&folder, false), DateTime::UNIX_EPOCH, AT_ONCE));
        assert!(watching.as_mut().now_or_never().is_none());
        drop(hangs);
        assert_eq!(in_time(watching).await, Answer::FolderChanged, "it was made since");
    }
}
