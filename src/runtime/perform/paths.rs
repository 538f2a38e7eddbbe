//! What is at local paths that somebody typed or pasted.

use std::path::PathBuf;

use crate::app::Answer;
use crate::app::effect::{FoundPath, PathKind};

/// Looks at each path, on a thread where waiting for the disk is allowed.
pub(super) async fn look(paths: Vec<PathBuf>) -> Answer {
    let look = move || paths.into_iter().map(|path| FoundPath { kind: kind(&path), path }).collect();
    // A thread that was stopped has found nothing: the program is ending.
    Answer::Paths(tokio::task::spawn_blocking(look).await.unwrap_or_default())
}

/// What cannot be looked at counts as missing: nothing could be done with it.
fn kind(path: &std::path::Path) -> PathKind {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => PathKind::Folder,
        Ok(found) => PathKind::File { size: found.len() },
        Err(_unreadable) => PathKind::Missing,
    }
}
