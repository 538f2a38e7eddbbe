//! The one place where SQLite's errors become sentences: a locked file or a full disk is "not now", the rest refuses.

use std::path::Path;

use sqlx::Error;

use crate::domain::display::{display, display_path};
use crate::domain::{Failure, FailureKind};

/// SQLite's primary result codes (sqlite.org/rescode.html).
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READ_ONLY: u32 = 8;
const INTERRUPT: u32 = 9;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const CANNOT_OPEN: u32 = 14;
const NO_DATABASE: u32 = 26;

/// The primary result code of an error of the database; extended codes carry it in their low byte.
pub fn code(error: &Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// Whether a statement was ended before its end (`SQLITE_INTERRUPT`).
pub fn was_interrupted(error: &Error) -> bool {
    code(error) == Some(INTERRUPT)
}

/// Whether another process holds the file just now.
pub fn is_busy(error: &Error) -> bool {
    matches!(code(error), Some(BUSY | LOCKED))
}

/// The failure for an error of the database in a file.
pub fn failure(error: &Error, path: &Path) -> Failure {
    let file = display_path(path);
    let refused = |why: &str| Failure::new(FailureKind::CatalogRefused, format!("the catalog {file} {why}"));
    match (code(error), error) {
        (Some(BUSY | LOCKED), _) | (_, Error::PoolTimedOut) => {
            Failure::new(FailureKind::CatalogAway, format!("the catalog {file} is locked by another program"))
                .hint("try again when it is done")
        }
        (Some(FULL), _) => {
            Failure::new(FailureKind::CatalogAway, format!("the disk is full, the catalog {file} cannot grow"))
                .hint("free some space, then retry")
        }
        (Some(READ_ONLY), _) => refused("cannot be written").hint("check the rights of the file and its folder"),
        (Some(CANNOT_OPEN), _) => refused("cannot be opened").hint("check the rights of the file and its folder"),
        (Some(CORRUPT), _) => refused("is damaged").hint("move it away; a new one is made"),
        (Some(NO_DATABASE), _) => refused("is no SQLite database").hint("name another file in database_url"),
        (_, Error::Database(error)) => refused(&format!("refused: {}", display(error.message()))),
        (_, other) => refused(&format!("gave an unexpected answer: {}", display(&other.to_string()))),
    }
}
