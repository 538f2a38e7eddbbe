//! CopyObject and UploadPartCopy. The source is read and written like any upload, because the copy's entity tag and
//! checksum are those of its bytes, which for a source that came in parts nobody knows yet.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::super::checksums::{Algorithm, kind_of, set_checksum};
use super::super::conditions;
use super::super::fault;
use super::super::headers::{Headers, headers_of};
use super::super::index::objects::{Content, ObjectRow, Target, fresh};
use super::super::store::{Received, Store};
use super::super::times::timestamp;
use super::upload::refuse_unkept;
use super::{only_version, parts, plain};
use crate::domain;

/// Bytes of a source that one request copies at most (S3 API reference).
const MAX_COPY: u64 = 5 * 1024 * 1024 * 1024;

/// Reads the conditions on a copy's source.
macro_rules! source_conditions {
    ($input:expr) => {
        conditions::Reading {
            matches: $input.copy_source_if_match.clone(),
            none_matches: $input.copy_source_if_none_match.clone(),
            modified_since: $input.copy_source_if_modified_since.clone(),
            unmodified_since: $input.copy_source_if_unmodified_since.clone(),
        }
    };
}

/// CopyObject.
pub async fn object(store: &Store, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
    let input = request.input;
    refuse_unkept!(input)?;
    let from = target(&input.copy_source)?;
    let source = store.index.object(&from.bucket, &from.key).await?;
    source_conditions!(input).check_source(source.state())?;
    let headers = copied_headers(&from, &source, &input)?;
    let algorithm = match &input.checksum_algorithm {
        Some(name) => Algorithm::named(name.as_str()),
        None => Algorithm::named(&source.checksum.algorithm),
    };
    let algorithm = algorithm.unwrap_or(Algorithm::Crc64Nvme);
    let (received, checksum) = copy(store, &source, 0, source.size, algorithm).await?;
    let etag = received.etag();
    let object = fresh(received.size, etag.clone(), headers, checksum.clone(), Content::Blob(received.blob.id()));
    let modified = object.modified;
    let to = Target { bucket: input.bucket, key: input.key };
    let only = conditions::Writing::default();
    let freed = store.index.put(to, object, received.blob, only, store.session.id()).await?;
    store.release(freed);
    let mut result = CopyObjectResult {
        e_tag: Some(ETag::Strong(etag)),
        last_modified: Some(timestamp(modified)),
        checksum_type: Some(kind_of(&checksum)),
        ..Default::default()
    };
    set_checksum!(result, &checksum);
    plain(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() })
}

/// UploadPartCopy.
pub async fn part(
    store: &Store,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let input = request.input;
    parts::check_number(input.part_number)?;
    let to = Target { bucket: input.bucket.clone(), key: input.key.clone() };
    let upload = store.index.upload(&to, &input.upload_id).await?;
    let from = target(&input.copy_source)?;
    let source = store.index.object(&from.bucket, &from.key).await?;
    source_conditions!(input).check_source(source.state())?;
    let (first, end) = copied_range(input.copy_source_range.as_deref(), source.size)?;
    let (received, checksum) = copy(store, &source, first, end, upload.plan().algorithm).await?;
    let etag = received.etag();
    parts::keep(store, upload.number, input.part_number, received, &checksum).await?;
    let mut result = CopyPartResult {
        e_tag: Some(ETag::Strong(etag)),
        last_modified: Some(timestamp(super::super::index::now())),
        ..Default::default()
    };
    set_checksum!(result, &checksum);
    plain(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() })
}

async fn copy(
    store: &Store,
    source: &ObjectRow,
    from: u64,
    to: u64,
    algorithm: Algorithm,
) -> S3Result<(Received, domain::Checksum)> {
    if to - from > MAX_COPY {
        return Err(s3_error!(InvalidRequest, "The specified copy source is larger than 5 GiB."));
    }
    let (first, rest) = store.read(source, from, to).await?.map_err(fault::of_file)?;
    let body = StreamingBlob::wrap(rest.into_stream(first));
    let received = store.receive(body, [algorithm]).await?;
    let checksum = received.checksums.get(algorithm);
    let checksum = checksum.ok_or_else(|| s3_error!(InternalError, "the checksum was not computed"))?;
    Ok((received, checksum))
}

/// The source, which arrives with its percent-encoding undone.
fn target(source: &CopySource) -> S3Result<Target> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            only_version(version_id.as_deref())?;
            Ok(Target { bucket: bucket.to_string(), key: key.to_string() })
        }
        _ => Err(s3_error!(NotImplemented, "The local bucket copies from its own buckets only.")),
    }
}

fn copied_headers(from: &Target, source: &ObjectRow, input: &CopyObjectInput) -> S3Result<Headers> {
    let replace = input.metadata_directive.as_ref().map(MetadataDirective::as_str) == Some(MetadataDirective::REPLACE);
    if replace {
        return headers_of!(input).checked();
    }
    if from.bucket == input.bucket && from.key == input.key {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing anything."
        ));
    }
    Ok(source.headers.clone())
}

fn copied_range(range: Option<&str>, size: u64) -> S3Result<(u64, u64)> {
    let Some(range) = range else { return Ok((0, size)) };
    let invalid =
        || s3_error!(InvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last");
    match Range::parse(range) {
        Ok(Range::Int { first, last: Some(last) }) if last < size => Ok((first, last + 1)),
        Ok(Range::Int { last: Some(_), .. }) => Err(s3_error!(InvalidRange, "The requested range is not satisfiable")),
        _ => Err(invalid()),
    }
}
