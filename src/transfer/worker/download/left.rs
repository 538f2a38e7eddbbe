//! The files that downloads leave unfinished: which names are theirs, and that none stays which nobody would go on with.

use std::path::Path;
use std::sync::Arc;

use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind, Result, Transfer, key};
use crate::transfer::core::Core;
use crate::transfer::job::Resume;
use crate::transfer::source::SourceFacts;
use crate::transfer::worker::part_file::{self, PartFile};

/// Whether a target has the name of an unfinished file.
pub(super) fn is_unfinished(target: &Path) -> bool {
    target.file_name().is_some_and(|name| key::is_unfinished(&name.to_string_lossy()))
}

/// Another download would take it for its own.
pub(super) fn not_for_whole_files(target: &Path) -> Failure {
    let what = format!("{} would have the name of an unfinished download", display_path(target));
    Failure::new(FailureKind::Usage, what).hint("save it under another name")
}

/// Removes the unfinished file of a cancelled download.
///
/// # Errors
/// `Local` where it cannot be removed.
pub async fn clean_up(core: &Core, transfer: &Transfer, resume: &Resume) -> Result<()> {
    let (Some(target), Some(ours)) = (&transfer.path, resume.source.clone()) else { return Ok(()) };
    let part = part_file::path_of(target);
    let remove = move || match std::fs::metadata(&part) {
        // Only the file that this transfer has written; another one's may bear the same name.
        Ok(found) if SourceFacts::identity_of(&found) == ours => {
            std::fs::remove_file(&part).map_err(|error| Failure::io_here("remove", &part, &error))
        }
        _ => Ok(()),
    };
    core.desk.run(remove).await
}

/// Removes the unfinished files of downloads whose runs were killed before the journal knew them: made since the download
/// was queued, written by nobody, and no other download's.
///
/// # Errors
/// `Local` where one cannot be removed.
pub async fn remove_unnamed(core: &Core, downloads: Vec<Arc<Transfer>>) -> Result<()> {
    let unnamed = |download: Arc<Transfer>| {
        PartFile::made_since(&part_file::path_of(download.path.as_deref()?), download.queued_at)
    };
    let found = core.large_desk.run(move || Ok(downloads.into_iter().filter_map(unnamed).collect())).await?;
    discard_unnamed(core, found).await
}

/// Removes those of them that the journal does not know.
///
/// # Errors
/// `Local` where one cannot be removed.
pub(super) async fn discard_unnamed(core: &Core, mut found: Vec<PartFile>) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    found.retain(|file| !core.model().jobs().any(|job| job.saved.resume.source.as_ref() == Some(file.facts())));
    core.large_desk.run(move || found.into_iter().try_for_each(PartFile::discard)).await
}
