//! Multipart uploads: begun, listed, finished and ended. Finishing checks everything that S3 checks, then only writes the
//! index, for the parts stay the files that they are.

use aws_smithy_types::base64;
use md5::{Digest, Md5};
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};
use uuid::Uuid;

use super::super::checksums::{Algorithm, Plan, bad_digest, checksum_fields, kind_of, set_checksum};
use super::super::conditions::Writing;
use super::super::headers::headers_of;
use super::super::index::listing::{Entry, Page, Place};
use super::super::index::objects::{Content, Target, fresh};
use super::super::index::uploads::{PartRow, UploadRow, invalid_part};
use super::super::store::{Store, hex};
use super::super::times::timestamp;
use super::listing::{Naming, common_prefixes, scope};
use super::upload::refuse_unkept;
use super::{page_size, plain};
use crate::domain;

/// Bytes of every part but the last, at least (S3 API reference).
const MIN_PART: i64 = 5 * 1024 * 1024;

/// CreateMultipartUpload.
pub async fn create(
    store: &Store,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let input = request.input;
    refuse_unkept!(input)?;
    let headers = headers_of!(input).checked()?;
    let algorithm = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str);
    let plan = Plan::asked(algorithm, input.checksum_type.as_ref())?;
    // Ids sort by time, so that a key's uploads are listed in the order in which they were begun.
    let id = Uuid::now_v7().simple().to_string();
    let to = Target { bucket: input.bucket.clone(), key: input.key.clone() };
    store.index.begin_upload(to, id.clone(), headers, plan).await?;
    plain(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: input.checksum_algorithm,
        checksum_type: input.checksum_type,
        ..Default::default()
    })
}

/// AbortMultipartUpload.
pub async fn abort(
    store: &Store,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let input = request.input;
    let of = Target { bucket: input.bucket, key: input.key };
    let upload = store.index.upload(&of, &input.upload_id).await?;
    let freed = store.index.abort_upload(upload.number, store.session.id()).await?;
    store.release(freed);
    let mut answer = S3Response::new(AbortMultipartUploadOutput::default());
    answer.status = Some(hyper::StatusCode::NO_CONTENT);
    Ok(answer)
}

/// CompleteMultipartUpload.
pub async fn complete(
    store: &Store,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let input = request.input;
    let to = Target { bucket: input.bucket.clone(), key: input.key.clone() };
    let upload = store.index.upload(&to, &input.upload_id).await?;
    let wanted = input.multipart_upload.as_ref().and_then(|all| all.parts.clone()).unwrap_or_default();
    let there = store.index.parts(upload.number, 0, i32::MAX).await?;
    let used = chosen(&wanted, there)?;
    let size = used.iter().map(|part| part.size).sum::<i64>();
    if input.mpu_object_size.is_some_and(|announced| announced != size) {
        return Err(s3_error!(InvalidRequest, "The parts' sizes do not add up to x-amz-mp-object-size."));
    }
    let (etag, checksum) = (etag(&used)?, compose(&upload, &used)?);
    if let Some((algorithm, value)) = checksum_fields!(input).declared()? {
        check_whole(algorithm, &value, &checksum)?;
    }
    let count = i32::try_from(used.len()).map_err(|error| s3_error!(error, InvalidRequest))?;
    let content = Content::Parts { upload: upload.number, count };
    let size = u64::try_from(size).map_err(|error| s3_error!(error, InternalError))?;
    let object = fresh(size, etag.clone(), upload.headers()?, checksum.clone(), content);
    let only = Writing { matches: input.if_match, none_matches: input.if_none_match };
    let freed = store.index.finish_upload(to, upload.number, used, object, only, store.session.id()).await?;
    store.release(freed);
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, Naming::Url.write(&input.key))),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(ETag::Strong(etag)),
        checksum_type: Some(kind_of(&checksum)),
        ..Default::default()
    };
    set_checksum!(output, &checksum);
    plain(output)
}

/// The parts that a client lists, as they are here.
fn chosen(wanted: &[CompletedPart], there: Vec<PartRow>) -> S3Result<Vec<PartRow>> {
    if wanted.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part"));
    }
    let mut there: std::collections::HashMap<i32, PartRow> =
        there.into_iter().map(|part| (part.number, part)).collect();
    let (mut used, mut last) = (Vec::with_capacity(wanted.len()), 0);
    for part in wanted {
        let number = part.part_number.ok_or_else(|| s3_error!(MalformedXML, "A part has no number."))?;
        if number <= last {
            return Err(s3_error!(InvalidPartOrder, "The list of parts was not in ascending order."));
        }
        last = number;
        let row = there.remove(&number).ok_or_else(invalid_part)?;
        check_part(part, &row)?;
        used.push(row);
    }
    let all_but_last = used.iter().rev().skip(1);
    if all_but_last.into_iter().any(|part| part.size < MIN_PART) {
        return Err(s3_error!(EntityTooSmall, "A part other than the last is smaller than 5 MiB."));
    }
    Ok(used)
}

fn check_part(wanted: &CompletedPart, row: &PartRow) -> S3Result<()> {
    if wanted.e_tag.as_ref().is_none_or(|etag| etag.value() != row.etag) {
        return Err(invalid_part());
    }
    let stored = row.checksum()?;
    match checksum_fields!(wanted).declared()? {
        Some((algorithm, value)) if algorithm.name() == stored.algorithm && value != stored.value => {
            Err(invalid_part())
        }
        _ => Ok(()),
    }
}

/// MD5 of the parts' MD5s, and their count: what S3 and R2 answer for multipart objects.
fn etag(parts: &[PartRow]) -> S3Result<String> {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(unhex(&part.etag).ok_or_else(|| s3_error!(InternalError, "a part's entity tag is damaged"))?);
    }
    Ok(format!("{}-{}", hex(&md5.finalize()), parts.len()))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    Some(digits?.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect())
}

fn compose(upload: &UploadRow, parts: &[PartRow]) -> S3Result<domain::Checksum> {
    let checksums = parts.iter().map(|part| Ok((part.checksum()?, u64::try_from(part.size).unwrap_or(0))));
    upload.plan().compose(&checksums.collect::<S3Result<Vec<_>>>()?)
}

/// A composite checksum may be declared without its parts' count.
fn check_whole(algorithm: Algorithm, value: &str, checksum: &domain::Checksum) -> S3Result<()> {
    let same = checksum.value == value || checksum.value.split('-').next() == Some(value);
    if algorithm.name() == checksum.algorithm && same && base64::decode(value.split('-').next().unwrap_or("")).is_ok() {
        Ok(())
    } else {
        Err(bad_digest(algorithm))
    }
}

/// ListMultipartUploads.
pub async fn list(
    store: &Store,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let input = request.input;
    let naming = Naming::asked(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_uploads, "max-uploads")?;
    let scope = scope(input.prefix.as_ref(), input.delimiter.as_ref());
    let start = match (input.key_marker.as_deref().filter(|key| !key.is_empty()), &input.upload_id_marker) {
        (None, _) => Place::default(),
        (Some(key), Some(id)) if !id.is_empty() && scope.rolled_up(key.as_bytes()).is_none() => {
            Place { key: key.as_bytes().to_vec(), id: id.clone() }
        }
        (Some(key), _) => scope.after(key.as_bytes()),
    };
    let page = store.index.uploads(&input.bucket, &scope, start, limit).await?;
    let (next_key_marker, next_upload_id_marker) = next_markers(&page, naming);
    plain(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        key_marker: Some(naming.write(&input.key_marker.unwrap_or_default())),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        next_key_marker,
        next_upload_id_marker,
        prefix: input.prefix.map(|prefix| naming.write(&prefix)),
        delimiter: input.delimiter.map(|delimiter| naming.write(&delimiter)),
        max_uploads: i32::try_from(limit).ok(),
        is_truncated: Some(page.more),
        encoding_type: naming.told(),
        common_prefixes: common_prefixes(&page, naming),
        uploads: Some(open_uploads(page, naming)),
        ..Default::default()
    })
}

fn next_markers(page: &Page<UploadRow>, naming: Naming) -> (Option<String>, Option<String>) {
    match page.entries.last().filter(|_| page.more) {
        Some(Entry::Row(upload)) => (Some(naming.write_bytes(&upload.key)), Some(upload.id.clone())),
        Some(Entry::Prefix(prefix)) => (Some(naming.write_bytes(prefix)), None),
        None => (None, None),
    }
}

fn open_uploads(page: Page<UploadRow>, naming: Naming) -> Vec<MultipartUpload> {
    let rows = page.entries.into_iter().filter_map(|entry| match entry {
        Entry::Row(row) => Some(row),
        Entry::Prefix(_) => None,
    });
    rows.map(|row| MultipartUpload {
        key: Some(naming.write_bytes(&row.key)),
        initiated: Some(timestamp(row.begun)),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        upload_id: Some(row.id),
        ..Default::default()
    })
    .collect()
}
