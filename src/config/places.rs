//! Where Windlass keeps its files, by the XDG rules (crate `directories`): configuration, state (journal, log) and data
//! (local bucket, SQLite catalogs). State and data folders are the user's alone (0700).

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::domain::{Failure, FailureKind, Result};

/// The three folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `config.toml` lives here.
    pub config: PathBuf,
    /// Journal, log and what the screen remembers.
    pub state: PathBuf,
    /// The local bucket and SQLite catalogs.
    pub data: PathBuf,
}

impl Places {
    /// The user's folders; nothing is made yet.
    ///
    /// # Errors
    /// `Usage` where there is no home folder.
    pub fn of_user() -> Result<Self> {
        let folders = directories::ProjectDirs::from("", "", "windlass").ok_or_else(|| {
            Failure::new(FailureKind::Usage, "there is no home folder").hint("set HOME to a folder you can write to")
        })?;
        let data = folders.data_dir().to_path_buf();
        let state = folders.state_dir().map_or_else(|| data.join("state"), Path::to_path_buf);
        Ok(Self { config: folders.config_dir().to_path_buf(), state, data })
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The queue's journal.
    pub fn journal(&self) -> PathBuf {
        self.state.join("journal.sqlite")
    }

    /// The links of unfinished uploads to Uploadcare.
    pub fn uploadcare(&self) -> PathBuf {
        self.state.join("uploadcare")
    }

    /// What the screen remembers.
    pub fn screen(&self) -> PathBuf {
        self.state.join("screen.toml")
    }

    /// Texts of objects while they are edited.
    pub fn edits(&self) -> PathBuf {
        self.state.join("edits")
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.state.join("windlass.log")
    }

    /// The local bucket's folder.
    pub fn local_bucket(&self) -> PathBuf {
        self.data.join("local")
    }

    /// The SQLite catalog of a profile without a `database_url`.
    pub fn catalog(&self, profile: &str) -> PathBuf {
        let safe: String =
            profile.chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' }).collect();
        self.data.join("catalogs").join(format!("{safe}.sqlite"))
    }
}

/// Makes a folder, and those above it, for the user alone.
///
/// # Errors
/// `Local` or `DiskFull`, naming the folder.
pub fn private_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| Failure::io("make the folder", path, &error))
}
