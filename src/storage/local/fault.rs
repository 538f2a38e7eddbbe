//! How the local bucket's own troubles are told to an S3 client. A full disk must not look like a server that may
//! recover by itself, so it has a code and a status of its own.

use std::borrow::Cow;
use std::io;

use hyper::StatusCode;
use s3s::{S3Error, S3ErrorCode, s3_error};

/// The code that answers carry when the data folder's disk is full; its status is 507.
pub const DISK_FULL: &str = "StorageFull";

/// SQLite's primary result code for a full disk (SQLite documentation, "Result and Error Codes").
const SQLITE_FULL: &str = "13";

/// An index that could not be read or written.
pub fn of_index(error: sqlx::Error) -> S3Error {
    match &error {
        sqlx::Error::Database(cause) if cause.code().as_deref() == Some(SQLITE_FULL) => disk_full(),
        _ => s3_error!(error, InternalError, "the local bucket's index cannot be read or written"),
    }
}

/// A blob file that could not be read or written.
pub fn of_file(error: io::Error) -> S3Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => disk_full(),
        _ => s3_error!(error, InternalError, "a file of the local bucket cannot be read or written"),
    }
}

/// A task of this process that ended early, which happens only while it stops.
pub fn stopping() -> S3Error {
    s3_error!(ServiceUnavailable, "the local bucket is stopping")
}

fn disk_full() -> S3Error {
    named(DISK_FULL, StatusCode::INSUFFICIENT_STORAGE, "the disk is full")
}

/// An error that S3 has and the library does not name.
pub fn named(code: &'static str, status: StatusCode, message: impl Into<Cow<'static, str>>) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}
