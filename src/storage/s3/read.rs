//! Looking an object up and reading it, whole or from a place on, also from servers that ignore or misreport ranges.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::types::ChecksumMode;
use aws_sdk_s3::types::ChecksumType;
use futures::StreamExt;
use futures::stream;

use crate::domain::{Checksum, Failure, FailureKind, ObjectInfo, Result};
use crate::storage::Download;

use super::S3Store;
use super::errors::{Doing, offline};
use super::list::time;
use super::place::Place;
use super::quirks::Proof;
use super::sentences::thing;
use crate::storage::http::Trouble;
use crate::storage::proof::{bare_tag, md5_in_tag};
use crate::storage::ranges::{Span, bytes, cut, total_in};

/// So long a bucket that has answered is taken to be there: much longer than between two looks for somebody's upload, of
/// which each that finds nothing would cost a second request.
const STAYS_THERE: Duration = Duration::from_secs(120);

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
        match self.look_up(key).await {
            Err(missing) if missing.kind == FailureKind::NotFound => Err(self.no_bucket().await.unwrap_or(missing)),
            found => found,
        }
    }

    /// The same for whoever writes next, and hears then whether there is a bucket.
    pub(super) async fn look_up(&self, key: &str) -> Result<(ObjectInfo, Option<Checksum>)> {
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

    /// That the bucket is not there either, which the same bare 404 would say. One that was there just now is not asked for
    /// again for each of many keys.
    async fn no_bucket(&self) -> Option<Failure> {
        let mut there = self.there.lock().await;
        if there.is_some_and(|when| when.elapsed() < STAYS_THERE) {
            return None;
        }
        let doing = Doing::bucket("look up");
        match self.call(doing, |client, bucket| client.head_bucket().bucket(bucket).send()).await {
            Err(failure) if failure.kind == FailureKind::NoBucket => Some(failure),
            // What cannot be asked is taken to be there, as it was until now.
            Ok(_) | Err(_) => {
                *there = Some(Instant::now());
                None
            }
        }
    }

    /// The bucket has done what it was asked for. Whoever asks right now whether it is there hears so as well.
    pub(super) fn is_there(&self) {
        if let Ok(mut there) = self.there.try_lock() {
            *there = Some(Instant::now());
        }
    }

    /// The bucket is not there: the next object that is not found has it asked for again.
    pub(super) fn is_gone(&self) {
        if let Ok(mut there) = self.there.try_lock() {
            *there = None;
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
        Ok(Download { info, checksum, skipped: 0, body: stream::empty().boxed() })
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
                (size, span.excess(size, coming).ok_or_else(|| self.other_bytes(key))?)
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
        let body = bytes(self.at().place.host(), self.config.patience.stall, output.body);
        let body = match span.header() {
            None => body,
            Some(_) => cut(body, skip, span.within(size), offline(&self.at().place, &Trouble::Cut)),
        };
        Ok(Download { info, checksum, skipped: skip, body })
    }

    fn other_bytes(&self, key: &str) -> Failure {
        let what = format!("{} answered a range of \"{key}\" with other bytes", self.at().place.host());
        Failure::new(FailureKind::Unsupported, what).hint("download it from the start")
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
