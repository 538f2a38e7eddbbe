//! Listings: objects a page at a time, unfinished uploads and their parts whole. Keys travel percent-encoded, because a
//! control character in one would make the XML of the whole page unreadable.

use aws_sdk_s3::primitives::DateTime as SdkTime;
use aws_sdk_s3::types::{EncodingType, MultipartUpload, Object, Part as SdkPart};
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;

use crate::domain::{Checksum, ListPage, Listed, ObjectInfo, Result};
use crate::storage::{ListRequest, OpenUpload, Part, UploadId};

use super::S3Store;
use super::errors::Doing;
use super::learned::Known;
use super::quirks::Proof;
use crate::storage::proof::bare_tag;

impl S3Store {
    pub(super) async fn list_page(&self, request: &ListRequest) -> Result<ListPage> {
        let limit = i32::from(request.limit.clamp(1, 1000));
        let delimiter = request.delimited.then_some("/");
        let page = self
            .call(Doing::bucket("list"), |client, bucket| {
                client
                    .list_objects_v2()
                    .bucket(bucket)
                    .set_prefix((!request.prefix.is_empty()).then(|| request.prefix.clone()))
                    .set_delimiter(delimiter.map(str::to_owned))
                    .set_continuation_token(request.token.clone())
                    .max_keys(limit)
                    .encoding_type(EncodingType::Url)
                    .send()
            })
            .await?;
        let names = Names::of(page.encoding_type());
        let prefixes = page.common_prefixes.unwrap_or_default().into_iter().filter_map(|common| common.prefix);
        let objects = page.contents.unwrap_or_default().into_iter().filter_map(|object| entry(object, names));
        let mut entries: Vec<Listed> =
            prefixes.map(|prefix| Listed::Prefix(names.decoded(prefix))).chain(objects).collect();
        // Each of the two lists is in key order already; together they are one, as the bucket has it.
        entries.sort_by(|one, other| one.key().as_bytes().cmp(other.key().as_bytes()));
        let more = page.is_truncated.unwrap_or_default();
        Ok(ListPage { entries, next: page.next_continuation_token.filter(|token| more && !token.is_empty()) })
    }

    pub(super) async fn open_uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>> {
        let mut found = Vec::new();
        let mut marker = (None::<String>, None::<String>);
        loop {
            let page = self
                .call(Doing::bucket("list the unfinished uploads of"), |client, bucket| {
                    client
                        .list_multipart_uploads()
                        .bucket(bucket)
                        .set_prefix((!prefix.is_empty()).then(|| prefix.to_owned()))
                        .set_key_marker(marker.0.clone())
                        .set_upload_id_marker(marker.1.clone())
                        .encoding_type(EncodingType::Url)
                        .send()
                })
                .await?;
            let names = Names::of(page.encoding_type());
            found.extend(page.uploads.unwrap_or_default().into_iter().filter_map(|upload| open_upload(upload, names)));
            let next = match page.next_key_marker {
                Some(key) => (Some(names.decoded(key)), page.next_upload_id_marker),
                // A server that does not say where it stopped stopped at what it listed last.
                None => found.last().map(|last| (last.key.clone(), last.id.0.clone())).unzip(),
            };
            if !page.is_truncated.unwrap_or_default() || next.0.is_none() || next == marker {
                // Some servers take the prefix for a hint.
                found.retain(|upload| upload.key.starts_with(prefix));
                return Ok(found);
            }
            marker = next;
        }
    }

    pub(super) async fn all_parts(&self, key: &str, id: &UploadId) -> Result<Vec<Part>> {
        let mut found = Vec::new();
        let mut marker = None::<String>;
        loop {
            let page = self
                .call(Doing::object("list the parts of", key), |client, bucket| {
                    client
                        .list_parts()
                        .bucket(bucket)
                        .key(key)
                        .upload_id(&id.0)
                        .set_part_number_marker(marker.clone())
                        .send()
                })
                .await?;
            found.extend(page.parts.unwrap_or_default().into_iter().filter_map(part));
            self.learn_from_listed(&found);
            let next = page.next_part_number_marker;
            if !page.is_truncated.unwrap_or_default() || next.is_none() || next == marker {
                found.sort_by_key(|part: &Part| part.number);
                return Ok(found);
            }
            marker = next;
        }
    }
}

impl S3Store {
    /// A service that lists the checksums of parts keeps them, and wants them named in the last step: a program that has
    /// sent none of them itself has not heard it otherwise.
    fn learn_from_listed(&self, parts: &[Part]) {
        let asked = self.at().place.quirks.multipart_proof == Proof::Crc64NvmeIfEchoed;
        if asked && parts.iter().any(|part| part.checksum.is_some()) {
            self.learned.part_crc.learn(Known::Does);
        }
    }
}

/// How a page writes names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Percent-encoded, a space as `+`.
    Encoded,
    /// As they are: the server did not heed the wish.
    Plain,
}

impl Names {
    pub(super) fn of(encoding: Option<&EncodingType>) -> Self {
        if encoding == Some(&EncodingType::Url) { Self::Encoded } else { Self::Plain }
    }

    pub(super) fn decoded(self, name: String) -> String {
        match self {
            Self::Plain => name,
            Self::Encoded => percent_decode_str(&name.replace('+', " ")).decode_utf8_lossy().into_owned(),
        }
    }
}

fn entry(object: Object, names: Names) -> Option<Listed> {
    Some(Listed::Object(ObjectInfo {
        name: None,
        key: names.decoded(object.key?),
        size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        modified: object.last_modified.as_ref().and_then(time),
        etag: object.e_tag.as_deref().map(bare_tag),
        content_type: None,
    }))
}

fn open_upload(upload: MultipartUpload, names: Names) -> Option<OpenUpload> {
    Some(OpenUpload {
        key: names.decoded(upload.key?),
        id: UploadId(upload.upload_id?),
        begun: upload.initiated.as_ref().and_then(time),
    })
}

fn part(part: SdkPart) -> Option<Part> {
    Some(Part {
        number: u32::try_from(part.part_number?).ok()?,
        size: u64::try_from(part.size?).ok()?,
        etag: bare_tag(part.e_tag.as_deref()?),
        checksum: part.checksum_crc64_nvme.map(Checksum::crc64nvme),
    })
}

/// The SDK's time as everybody else's.
pub fn time(time: &SdkTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.secs(), time.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_only_where_the_answer_says_that_they_are_encoded() {
        let encoded = Names::of(Some(&EncodingType::Url));
        assert_eq!(encoded.decoded("a+b%2Bc%1B%25/".into()), "a b+c\u{1b}%/");
        assert_eq!(Names::of(None).decoded("a+b%2B".into()), "a+b%2B");
    }
}
