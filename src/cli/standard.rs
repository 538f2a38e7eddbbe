//! Standard output as the target of a download: the object's bytes and nothing else.

use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use tokio::io::AsyncWrite;

use super::context::Context;
use super::exit::Exit;
use crate::domain::{Failure, FailureKind, Result, io_reason};
use crate::storage::Sent;
use crate::storage::pace::{Pace, Rate};
use crate::transfer::stream;

/// Writes one object to standard output, at most so many bytes a second; 0 is no limit. Its checksum is compared at the
/// end: only the exit code can tell that the bytes were wrong, or that some of them were never taken, of which nothing else
/// is said: whoever leaves `less` knows.
///
/// # Errors
/// As [`stream::to_writer`]. A reader that went away is none, and is [`Exit::Unread`].
pub async fn write_object(context: &Context, key: &str, rate: u64) -> Result<Exit> {
    let connection = context.connect().await?;
    let limits = [rate, connection.profile.rate].map(Rate::new);
    let sent = Sent::default().at_pace(Pace::of(limits));
    let mut writer = StandardOutput::open()?;
    let key = connection.store.own_key(key.to_owned());
    match stream::to_writer(&connection, &key, &mut writer, &sent).await {
        Err(_unread) if writer.reader_is_gone => Ok(Exit::Unread),
        written => written.map(|_object| Exit::Done),
    }
}

/// Standard output that remembers whether its reader went away.
struct StandardOutput {
    file: tokio::fs::File,
    reader_is_gone: bool,
}

impl StandardOutput {
    fn open() -> Result<Self> {
        let opened = io::stdout().as_fd().try_clone_to_owned().map_err(|error| {
            Failure::new(FailureKind::Local, format!("cannot write to standard output: {}", io_reason(&error)))
        })?;
        let file = tokio::fs::File::from_std(std::fs::File::from(opened));
        Ok(Self { file, reader_is_gone: false })
    }

    fn noted<T>(&mut self, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &polled {
            self.reader_is_gone |= error.kind() == io::ErrorKind::BrokenPipe;
        }
        polled
    }
}

impl AsyncWrite for StandardOutput {
    fn poll_write(mut self: Pin<&mut Self>, task: &mut Task<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.file).poll_write(task, bytes);
        self.noted(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.file).poll_flush(task);
        self.noted(polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.file).poll_shutdown(task);
        self.noted(polled)
    }
}
