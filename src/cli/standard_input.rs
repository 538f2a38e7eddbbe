//! Standard input as the source of an upload: what it takes, and how it comes into the queue. It can be read only once, by
//! this process, so it is never put off.

use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::AsFd;
use std::path::PathBuf;

use futures::stream::{self, StreamExt};

use super::advice::usage;
use super::queueing::{Feed, Queued};
use crate::domain::capability::Reason;
use crate::domain::{Failure, FailureKind, Result, Transfer, TransferKind, TransferState, format, io_reason};
use crate::transfer::plan::STREAM_PART;
use crate::transfer::{NewTransfer, Queue, needs_its_reader};

/// What stands for standard input among paths.
const NAME: &str = "-";

/// Whether standard input is among these.
pub fn is_among(paths: &[PathBuf]) -> bool {
    paths.iter().any(|path| path.as_os_str() == NAME)
}

/// Refuses what cannot be done with an input that has no name and can be read only once.
///
/// # Errors
/// `Usage`, with what to do instead.
pub fn check(paths: &[PathBuf], key: Option<&str>, detach: bool, dry_run: bool) -> Result<()> {
    let refused = |what: &str, hint: &str| Err(usage(what, hint));
    match key {
        _ if paths.len() > 1 => {
            refused("standard input (-) goes up alone", "name the files in another upload; one that is called - is ./-")
        }
        _ if detach => refused("standard input (-) cannot wait in the queue", "leave out --detach, or upload a file"),
        _ if dry_run => refused("standard input (-) is not read for a dry run", "leave out --dry-run, or name a file"),
        None => refused("standard input (-) has no name", "say --key KEY; a file that is called - is ./-"),
        Some(_) => Ok(()),
    }
}

/// What is to be known beforehand where only a short input can go up, for that reason: nothing of a longer one is read where
/// its length can be seen.
///
/// # Errors
/// `Unsupported` for a file that is redirected here and is too long.
pub fn length_note(reason: Reason) -> Result<String> {
    let most = format::size(STREAM_PART);
    let long = length()?.filter(|length| *length >= STREAM_PART).map(format::size);
    match long {
        Some(long) => {
            let what = format!("standard input has {long}, and less than {most} of it can go up: {reason}");
            Err(Failure::new(FailureKind::Unsupported, what).hint("name the file itself instead of -"))
        }
        None => Ok(format!("standard input goes up to {most} here: {reason}")),
    }
}

/// How many bytes are still to come, where it is a file.
fn length() -> Result<Option<u64>> {
    let mut input = own()?;
    let metadata = input.metadata().map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let read = input.stream_position().map_err(|error| unreadable(&error))?;
    Ok(Some(metadata.len().saturating_sub(read)))
}

/// Queues an upload of everything that comes.
pub fn feed(queue: &Queue, new: NewTransfer) -> Feed<'_> {
    let queued = async move {
        let id = queue.enqueue_stream(new, Box::new(open()?)).await?;
        Ok(Queued { ids: vec![id], ..Queued::default() })
    };
    stream::once(queued).boxed()
}

fn open() -> Result<tokio::fs::File> {
    own().map(tokio::fs::File::from_std)
}

fn own() -> Result<File> {
    let own = io::stdin().as_fd().try_clone_to_owned();
    own.map(File::from).map_err(|error| unreadable(&error))
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Local, format!("cannot read standard input: {}", io_reason(error)))
}

/// Whether a transfer is lost when this process ends, or was cancelled for that: its input was not all stored.
pub fn is_lost_with_us(transfer: &Transfer) -> bool {
    let is_input = transfer.kind == TransferKind::Upload && transfer.path.is_none();
    needs_its_reader(transfer) || is_input && transfer.state == TransferState::Cancelled
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cli::fixtures::view;
    use crate::domain::TransferId;

    #[test]
    fn it_goes_up_alone_now_and_under_a_key() {
        let (one, two) = (vec![PathBuf::from("-")], vec![PathBuf::from("a"), PathBuf::from("-")]);
        assert!(is_among(&one) && is_among(&two) && !is_among(&["./-".into()]));
        assert!(check(&one, Some("k"), false, false).is_ok());
        let wrong = [(&two, Some("k"), false, false), (&one, None, false, false)];
        for (paths, key, detach, dry) in wrong.into_iter().chain([(&one, Some("k"), true, false)]) {
            assert!(check(paths, key, detach, dry).unwrap_err().hint.is_some());
        }
        assert!(check(&one, Some("k"), false, true).unwrap_err().what.contains("dry run"));
    }

    #[test]
    fn only_what_is_not_stored_is_lost() {
        let lost = |state, path: Option<&str>| {
            let shown = view(TransferId::fresh(), state, 0, None);
            is_lost_with_us(&Transfer { path: path.map(|path| Path::new(path).into()), ..(*shown.transfer).clone() })
        };
        assert!(lost(TransferState::Sending, None) && lost(TransferState::Queued, None));
        assert!(lost(TransferState::Cancelled, None) && !lost(TransferState::Cancelled, Some("/f")));
        assert!(!lost(TransferState::Recording, None) && !lost(TransferState::Sending, Some("/f")));
    }
}
