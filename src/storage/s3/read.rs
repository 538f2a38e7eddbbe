//! Looking an object up and reading it, whole or from a place on, also from servers that ignore or misreport ranges.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use aws_sdk_s3::types::ChecksumType;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result};
use crate::storage::Download;

use super::S3Store;
use super::errors::{Doing, offline};
use super::list::time;
use super::place::Place;
use super::quirks::Proof;
use super::sentences::thing;
use super::transport::Trouble;
use crate::storage::proof::{bare_tag, md5_in_tag};

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
    fn header(self) -> Option<String> {
        match (self.offset, self.length) {
            (0, None) => None,
            (offset, None) => Some(format!("bytes={offset}-")),
            (offset, Some(length)) => Some(format!("bytes={offset}-{}", offset.saturating_add(length.max(1)) - 1)),
        }
    }

    /// How many bytes of an object of that size it holds.
    fn within(self, size: u64) -> u64 {
        let rest = size.saturating_sub(self.offset);
        self.length.map_or(rest, |length| length.min(rest))
    }
}

/// How many objects' sizes are remembered.
const MOST_SIZES: usize = 64;

/// The sizes of objects that were looked up lately, so that a server that does not say which part of what it answers is
/// not asked again for every range. An entity tag that is the same means bytes that are the same.
#[derive(Debug, Default)]
pub struct Sizes(Mutex<VecDeque<(String, String, u64)>>);

impl Sizes {
    fn remember(&self, info: &ObjectInfo) {
        let Some(tag) = info.etag.clone() else { return };
        if self.of(&info.key, &tag).is_none() {
            let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            sizes.truncate(MOST_SIZES - 1);
            sizes.push_front((info.key.clone(), tag, info.size));
        }
    }

    fn of(&self, key: &str, tag: &str) -> Option<u64> {
        let sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.iter().find(|known| known.0 == key && known.1 == tag).map(|known| known.2)
    }
}

impl S3Store {
    pub(super) async fn head_object(&self, key: &str) -> Result<(ObjectInfo, Option<Checksum>)> {
        let checked = self.checksum_mode();
        let found = self
            .call(Doing::object("look up", key), |client, bucket| {
                client.head_object().bucket(bucket).key(key).set_checksum_mode(checked.clone()).send()
            })
            .await;
        let found = match found {
            Ok(found) => found,
            Err(refused) => return Err(self.why_refused(key, refused).await),
        };
        let info = ObjectInfo {
            name: None,
            key: key.to_owned(),
            size: unsigned(found.content_length),
            modified: found.last_modified.as_ref().and_then(time),
            etag: found.e_tag.as_deref().map(bare_tag),
            content_type: found.content_type,
        };
        let checksum = whole_checksum(found.checksum_crc64_nvme, found.checksum_type.as_ref());
        let checksum = checksum.or_else(|| self.checksum_in_tag(info.etag.as_deref()));
        self.sizes.remember(&info);
        Ok((info, checksum))
    }

    /// An answer to HEAD has no body that could name the reason ("you receive a generic 400, 403, or 404": API reference,
    /// HeadObject), so that wrong credentials look like a right that is missing for this one object. Reading its first
    /// byte is refused in words.
    async fn why_refused(&self, key: &str, refused: Failure) -> Failure {
        if !matches!(refused.kind, FailureKind::Denied | FailureKind::Internal) {
            return refused;
        }
        let read = self.call(Doing::object("read", key), |client, bucket| {
            client.get_object().bucket(bucket).key(key).range("bytes=0-0").send()
        });
        match read.await {
            Err(said) if said.kind == FailureKind::Credentials => said,
            _ => refused,
        }
    }

    pub(super) async fn get_range(&self, key: &str, span: Span, if_match: Option<&str>) -> Result<Download> {
        if span.length == Some(0) {
            return self.nothing(key, span, if_match).await;
        }
        // With a range S3 may answer a part's checksum, which says nothing about the whole.
        let checked = self.checksum_mode().is_some() && span.header().is_none();
        let answer = self
            .call(Doing::object("read", key), |client, bucket| {
                let request = client
                    .get_object()
                    .bucket(bucket)
                    .key(key)
                    .set_range(span.header())
                    .set_if_match(if_match.map(|tag| format!("\"{tag}\"")));
                request.customize().mutate_request(move |request| ask_for_checksum(request, checked)).send()
            })
            .await;
        match answer {
            Ok(output) => self.opened(key, span, output).await,
            // A range that begins at the object's end is refused, too; to the caller it is merely empty.
            Err(failure) if failure.kind == FailureKind::Changed && span.header().is_some() => {
                self.nothing(key, span, if_match).await
            }
            Err(failure) => Err(failure),
        }
    }

    /// An empty download, for a span without bytes; HEAD tells what the object is.
    async fn nothing(&self, key: &str, span: Span, if_match: Option<&str>) -> Result<Download> {
        let (info, checksum) = self.head_object(key).await?;
        let same = if_match.is_none_or(|tag| info.etag.as_deref() == Some(tag));
        if !same || span.offset > info.size || span.within(info.size) > 0 {
            return Err(changed(&self.at().place, key));
        }
        Ok(Download { info, checksum, body: stream::empty().boxed() })
    }

    async fn opened(&self, key: &str, span: Span, output: GetObjectOutput) -> Result<Download> {
        let coming = output.content_length.and_then(|length| u64::try_from(length).ok());
        let told = match span.header() {
            None => coming,
            Some(_) => output.content_range.as_deref().and_then(|range| total_in(range, span.offset)),
        };
        let (size, skip) = match told {
            Some(size) => (size, 0),
            // An answer without a length, or from a server that ignores ranges or honours them without saying so.
            None => {
                let known = output.e_tag.as_deref().and_then(|tag| self.sizes.of(key, &bare_tag(tag)));
                let size = match known {
                    Some(size) => size,
                    None => self.head_object(key).await?.0.size,
                };
                (size, self.excess(key, span, size, coming)?)
            }
        };
        let info = ObjectInfo {
            name: None,
            key: key.to_owned(),
            size,
            modified: output.last_modified.as_ref().and_then(time),
            etag: output.e_tag.as_deref().map(bare_tag),
            content_type: output.content_type,
        };
        let checksum = whole_checksum(output.checksum_crc64_nvme, output.checksum_type.as_ref());
        let checksum = checksum.or_else(|| self.checksum_in_tag(info.etag.as_deref()));
        let body = bytes(self.at().place.clone(), self.config.patience.stall, output.body);
        let body = match span.header() {
            None => body,
            Some(_) => cut(body, skip, span.within(size), offline(&self.at().place, &Trouble::Cut)),
        };
        Ok(Download { info, checksum, body })
    }

    /// How many bytes to drop at the front of an answer that does not say which range it holds.
    fn excess(&self, key: &str, span: Span, size: u64, coming: Option<u64>) -> Result<u64> {
        match coming {
            _ if span.header().is_none() => Ok(0),
            Some(coming) if coming == size => Ok(span.offset),
            Some(coming) if coming == span.within(size) => Ok(0),
            _ => {
                let place = &self.at().place;
                let what = format!("{} answered a range of \"{key}\" with other bytes", place.host());
                Err(Failure::new(FailureKind::Unsupported, what).hint("download it from the start"))
            }
        }
    }

    /// The MD5 that an entity tag is, where that is sure: of objects that went up in one piece, at services that are known
    /// to make no other.
    fn checksum_in_tag(&self, tag: Option<&str>) -> Option<Checksum> {
        let sure = self.at().place.quirks.single_proof == Proof::EntityTag;
        tag.filter(|_| sure).and_then(md5_in_tag)
    }

    fn checksum_mode(&self) -> Option<ChecksumMode> {
        let keeps_sums = match self.at().place.quirks.single_proof {
            Proof::Crc64Nvme => true,
            Proof::Crc64NvmeIfEchoed => self.learned.may_keep_sums(),
            Proof::EntityTag | Proof::EntityTagIfItMatches => false,
        };
        keeps_sums.then_some(ChecksumMode::Enabled)
    }
}

/// Asks for the checksum by its header alone: asked by its parameter, the SDK would hash the bytes itself, and who takes
/// them does that already.
fn ask_for_checksum(request: &mut HttpRequest, wanted: bool) {
    if wanted {
        request.headers_mut().insert("x-amz-checksum-mode", "ENABLED");
    }
}

fn changed(place: &Place, key: &str) -> Failure {
    let what = format!("{} was replaced while it was read", thing(place, Doing::object("read", key)));
    Failure::new(FailureKind::Changed, what).hint("start again")
}

fn unsigned(length: Option<i64>) -> u64 {
    length.and_then(|length| u64::try_from(length).ok()).unwrap_or_default()
}

/// A checksum counts only if it is the whole object's, not one of its parts' checksums.
fn whole_checksum(value: Option<String>, kind: Option<&ChecksumType>) -> Option<Checksum> {
    value.filter(|_| kind != Some(&ChecksumType::Composite)).map(Checksum::crc64nvme)
}

/// The whole object's size from `bytes 5-9/100`, if the range begins where it was asked to.
fn total_in(range: &str, offset: u64) -> Option<u64> {
    let (span, total) = range.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let (first, _) = span.split_once('-')?;
    (first.trim().parse() == Ok(offset)).then(|| total.trim().parse().ok()).flatten()
}

/// The body's bytes, its errors as failures. A server that sends nothing for `stall` is given up; only the time in which
/// somebody waits for it counts, so that a slow reader is no stall.
fn bytes(place: Place, stall: Duration, body: ByteStream) -> BoxStream<'static, Result<Bytes>> {
    stream::try_unfold((place, body), move |(place, mut body)| async move {
        match tokio::time::timeout(stall, body.next()).await {
            Ok(Some(Ok(bytes))) => Ok(Some((bytes, (place, body)))),
            Ok(Some(Err(error))) => Err(offline(&place, &Trouble::of(&error))),
            Ok(None) => Ok(None),
            Err(_elapsed) => Err(offline(&place, &Trouble::TimedOut)),
        }
    })
    .boxed()
}

/// Drops `skip` bytes and passes on `take`; fails where there are fewer.
fn cut(
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
