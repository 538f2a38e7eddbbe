//! UploadPart and ListParts. Parts arrive in any order and at once; one that is sent again replaces itself.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::super::checksums::{checksum_fields, set_checksum};
use super::super::index::objects::Target;
use super::super::index::uploads::PartRow;
use super::super::store::{Received, Store};
use super::super::times::timestamp;
use super::upload::Declared;
use super::{page_size, plain};
use crate::domain;

/// Parts of an upload at most (S3 API reference).
const MAX_PART: i32 = 10_000;

/// UploadPart.
pub async fn upload(store: &Store, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
    let mut input = request.input;
    check_number(input.part_number)?;
    let to = Target { bucket: input.bucket.clone(), key: input.key.clone() };
    let upload = store.index.upload(&to, &input.upload_id).await?;
    let declared = Declared {
        length: input.content_length,
        md5: input.content_md5.take(),
        fields: checksum_fields!(input),
        algorithm: input.checksum_algorithm.take(),
        trailers: request.trailing_headers,
    };
    let (received, checksum) = declared.receive(store, input.body.take(), Some(upload.plan().algorithm)).await?;
    let etag = received.etag();
    keep(store, upload.number, input.part_number, received, &checksum).await?;
    let mut output = UploadPartOutput { e_tag: Some(ETag::Strong(etag)), ..Default::default() };
    set_checksum!(output, &checksum);
    plain(output)
}

/// Puts a part into the index.
pub async fn keep(
    store: &Store,
    upload: i64,
    number: i32,
    received: Received,
    checksum: &domain::Checksum,
) -> S3Result<()> {
    let part = PartRow::fresh(number, received.size, received.etag(), checksum, received.blob.id());
    let freed = store.index.put_part(upload, part, received.blob, store.session.id()).await?;
    store.release(freed.into_iter().collect());
    Ok(())
}

/// Refuses a part number that S3 does not have.
pub fn check_number(number: i32) -> S3Result<()> {
    if (1..=MAX_PART).contains(&number) {
        Ok(())
    } else {
        Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and {MAX_PART}, inclusive"))
    }
}

/// ListParts.
pub async fn list(store: &Store, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
    let input = request.input;
    let of = Target { bucket: input.bucket, key: input.key };
    let upload = store.index.upload(&of, &input.upload_id).await?;
    let limit = page_size(input.max_parts, "max-parts")?;
    let behind = input.part_number_marker.unwrap_or(0);
    let one_more = i32::try_from(limit).unwrap_or(i32::MAX).saturating_add(1);
    let mut rows = store.index.parts(upload.number, behind, one_more).await?;
    let more = rows.len() > limit && limit > 0;
    rows.truncate(limit);
    let next = rows.last().map(|part| part.number);
    let parts = rows.into_iter().map(part).collect::<S3Result<Vec<_>>>()?;
    let plan = upload.plan();
    plain(ListPartsOutput {
        bucket: Some(of.bucket),
        key: Some(of.key),
        upload_id: Some(upload.id),
        part_number_marker: Some(behind),
        next_part_number_marker: next,
        max_parts: i32::try_from(limit).ok(),
        is_truncated: Some(more),
        parts: Some(parts),
        checksum_algorithm: Some(ChecksumAlgorithm::from(plan.algorithm.name().to_ascii_uppercase())),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..Default::default()
    })
}

fn part(row: PartRow) -> S3Result<Part> {
    let checksum = row.checksum()?;
    let mut part = Part {
        part_number: Some(row.number),
        size: Some(row.size),
        last_modified: Some(timestamp(row.modified)),
        e_tag: Some(ETag::Strong(row.etag)),
        ..Default::default()
    };
    set_checksum!(part, &checksum);
    Ok(part)
}
