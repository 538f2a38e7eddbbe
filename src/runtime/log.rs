//! The log file: only Windlass's own messages, for the user's eyes alone. Libraries are left out, because some of them
//! print requests and connection parameters, secrets and all, at their debug level.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::places::private_folder;
use crate::domain::{Failure, Result};

/// A log that has grown to this many bytes is set aside at the next start.
const SET_ASIDE_FROM: u64 = 1 << 20;

/// Opens the log, in a folder made where it is missing, and sends Windlass's messages to it.
///
/// # Errors
/// `Local` or `DiskFull`, naming the file.
pub fn start(path: &Path) -> Result<()> {
    let file = open(path)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(Mutex::new(file)).with_ansi(false);
    let own = Targets::new().with_target("windlass", LevelFilter::DEBUG);
    // A second start in one process (tests) keeps the first log.
    let _already_set = tracing_subscriber::registry().with(own).with(lines).try_init();
    Ok(())
}

fn open(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    if std::fs::metadata(path).is_ok_and(|facts| facts.len() >= SET_ASIDE_FROM) {
        std::fs::rename(path, path.with_extension("log.1"))
            .map_err(|error| Failure::io("set aside the log", path, &error))?;
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Failure::io("open the log", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_log_is_the_users_alone_and_set_aside_when_large() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/windlass.log");
        drop(open(&path).unwrap());
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, vec![b'x'; SET_ASIDE_FROM as usize]).unwrap();
        drop(open(&path).unwrap());
        assert_eq!(path.metadata().unwrap().len(), 0);
        assert!(path.with_extension("log.1").exists());
    }
}
