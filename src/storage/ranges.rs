//! Reading a part of an object, also from servers that ignore ranges or honour them without saying so.

use std::time::Duration;

use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use super::http::{Trouble, offline};
use crate::domain::{Failure, Result};

/// The bytes wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub offset: u64,
    /// How many; `None` is all that follow.
    pub length: Option<u64>,
}

impl Span {
    /// As the `Range` header says it; the whole object needs none.
    pub fn header(self) -> Option<String> {
        match (self.offset, self.length) {
            (0, None) => None,
            (offset, None) => Some(format!("bytes={offset}-")),
            (offset, Some(length)) => Some(format!("bytes={offset}-{}", offset.saturating_add(length.max(1)) - 1)),
        }
    }

    /// How many bytes of an object of that size it holds.
    pub fn within(self, size: u64) -> u64 {
        let rest = size.saturating_sub(self.offset);
        self.length.map_or(rest, |length| length.min(rest))
    }

    /// How many bytes to drop at the front of an answer of `coming` bytes that does not say which range of an object of that
    /// size it holds; `None` where it cannot be told.
    pub fn excess(self, size: u64, coming: Option<u64>) -> Option<u64> {
        match coming {
            _ if self.header().is_none() => Some(0),
            Some(coming) if coming == size => Some(self.offset),
            Some(coming) if coming == self.within(size) => Some(0),
            _ => None,
        }
    }
}

/// The whole object's size from `bytes 5-9/100`, if the range begins where it was asked to.
pub fn total_in(range: &str, offset: u64) -> Option<u64> {
    let (span, total) = range.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let (first, _) = span.split_once('-')?;
    (first.trim().parse() == Ok(offset)).then(|| total.trim().parse().ok()).flatten()
}

/// The body's bytes, its errors as failures. A server that sends nothing for `stall` is given up; only the time in which
/// somebody waits for it counts, so that a slow reader is no stall.
pub fn bytes(host: String, stall: Duration, body: ByteStream) -> BoxStream<'static, Result<Bytes>> {
    stream::try_unfold((host, body), move |(host, mut body)| async move {
        match tokio::time::timeout(stall, body.next()).await {
            Ok(Some(Ok(bytes))) => Ok(Some((bytes, (host, body)))),
            Ok(Some(Err(error))) => Err(offline(&host, &Trouble::of(&error))),
            Ok(None) => Ok(None),
            Err(_elapsed) => Err(offline(&host, &Trouble::TimedOut)),
        }
    })
    .boxed()
}

/// Drops `skip` bytes and passes on `take`; fails where there are fewer.
pub fn cut(
    body: BoxStream<'static, Result<Bytes>>,
    skip: u64,
    take: u64,
    short: Failure,
) -> BoxStream<'static, Result<Bytes>> {
    stream::try_unfold((body, skip, take, short), |(mut body, mut skip, mut take, short)| async move {
        while take > 0 {
            let Some(bytes) = body.next().await else { return Err(short) };
            let mut bytes = bytes?;
            let front = length(skip, bytes.len());
            skip -= front as u64;
            let mut bytes = bytes.split_off(front);
            bytes.truncate(length(take, bytes.len()));
            if !bytes.is_empty() {
                take -= bytes.len() as u64;
                return Ok(Some((bytes, (body, skip, take, short))));
            }
        }
        Ok(None)
    })
    .boxed()
}

/// As many of `wanted` bytes as there are.
fn length(wanted: u64, there: usize) -> usize {
    usize::try_from(wanted).map_or(there, |wanted| wanted.min(there))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FailureKind;
    use futures::TryStreamExt;

    #[test]
    fn ranges_are_asked_for_as_http_wants_them() {
        let header = |offset, length| Span { offset, length }.header();
        assert_eq!(header(0, None), None);
        assert_eq!(header(5, None).as_deref(), Some("bytes=5-"));
        assert_eq!(header(5, Some(3)).as_deref(), Some("bytes=5-7"));
        assert_eq!(header(0, Some(1)).as_deref(), Some("bytes=0-0"));
        assert_eq!(Span { offset: 8, length: Some(9) }.within(10), 2);
        assert_eq!(Span { offset: 12, length: None }.within(10), 0);
    }

    #[test]
    fn an_answer_that_does_not_say_its_range_is_known_by_its_length() {
        let excess = |coming| Span { offset: 5, length: Some(3) }.excess(20, coming);
        assert_eq!([Some(20), Some(3), Some(4), None].map(excess), [Some(5), Some(0), None, None]);
        assert_eq!(Span { offset: 0, length: None }.excess(20, None), Some(0));
    }

    #[test]
    fn the_whole_size_is_read_from_the_range_that_was_asked_for() {
        assert_eq!(total_in("bytes 5-9/100", 5), Some(100));
        assert_eq!(total_in("bytes 0-9/100", 5), None);
        assert_eq!(total_in("bytes 5-9/*", 5), None);
        assert_eq!(total_in("items 5-9/100", 5), None);
    }

    #[tokio::test]
    async fn what_was_not_asked_for_is_cut_off() {
        let body =
            || stream::iter([&b"012"[..], b"", b"345", b"678"].map(|bytes| Ok(Bytes::from_static(bytes)))).boxed();
        let short = Failure::new(FailureKind::Offline, "cut");
        let kept: Vec<Bytes> = cut(body(), 2, 5, short.clone()).try_collect().await.unwrap();
        assert_eq!(kept.concat(), b"23456");
        assert_eq!(cut(body(), 2, 8, short.clone()).try_collect::<Vec<Bytes>>().await.unwrap_err(), short);
    }
}
