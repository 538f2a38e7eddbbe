//! GetObject and HeadObject: conditions, ranges, single parts, and the bytes as a stream that never holds more than a
//! little of the object.

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::super::blobs::Reading;
use super::super::checksums::{kind_of, set_checksum};
use super::super::conditions;
use super::super::fault;
use super::super::index::objects::{Content, ObjectRow};
use super::super::store::Store;
use super::super::times::timestamp;
use super::{only_version, plain};

/// How often a download looks an object up again that was replaced between the look and the opening of its file.
const LOOKS: u32 = 5;

/// What of an object is asked for, in bytes: all of it, or from `from` to before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: u64,
    to: u64,
    partial: bool,
}

impl Span {
    fn content_range(self, size: u64) -> Option<String> {
        self.partial.then(|| match self.to.checked_sub(1) {
            Some(last) => format!("bytes {}-{last}/{size}", self.from),
            None => format!("bytes */{size}"),
        })
    }

    fn length(self) -> Option<i64> {
        i64::try_from(self.to - self.from).ok()
    }
}

/// GetObject.
pub async fn get(store: &Store, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
    let input = request.input;
    only_version(input.version_id.as_deref())?;
    let conditions = conditions::Reading {
        matches: input.if_match,
        none_matches: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    for _look in 0..LOOKS {
        let object = store.index.object(&input.bucket, &input.key).await?;
        conditions.check(object.state())?;
        let span = span(store, &object, input.range, input.part_number).await?;
        match store.read(&object, span.from, span.to).await? {
            Ok((first, rest)) => {
                let body = body(first, rest);
                return plain(answer(&object, span, body, input.part_number, checksums_wanted(&input.checksum_mode)));
            }
            Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(fault::of_file(error)),
        }
    }
    Err(s3_error!(InternalError, "the object's bytes are missing from the local bucket's folder"))
}

/// HeadObject.
pub async fn head(store: &Store, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
    let input = request.input;
    only_version(input.version_id.as_deref())?;
    let conditions = conditions::Reading {
        matches: input.if_match,
        none_matches: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    let object = store.index.object(&input.bucket, &input.key).await?;
    conditions.check(object.state())?;
    let span = span(store, &object, input.range, input.part_number).await?;
    let get = answer(&object, span, None, input.part_number, checksums_wanted(&input.checksum_mode));
    plain(head_of(get))
}

fn head_of(get: GetObjectOutput) -> HeadObjectOutput {
    HeadObjectOutput {
        accept_ranges: get.accept_ranges,
        cache_control: get.cache_control,
        checksum_crc32: get.checksum_crc32,
        checksum_crc32c: get.checksum_crc32c,
        checksum_crc64nvme: get.checksum_crc64nvme,
        checksum_sha1: get.checksum_sha1,
        checksum_sha256: get.checksum_sha256,
        checksum_type: get.checksum_type,
        content_disposition: get.content_disposition,
        content_encoding: get.content_encoding,
        content_language: get.content_language,
        content_length: get.content_length,
        content_range: get.content_range,
        content_type: get.content_type,
        e_tag: get.e_tag,
        expires: get.expires,
        last_modified: get.last_modified,
        metadata: get.metadata,
        parts_count: get.parts_count,
        ..Default::default()
    }
}

fn checksums_wanted(mode: &Option<ChecksumMode>) -> bool {
    mode.as_ref().is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED)
}

fn body(first: bytes::Bytes, rest: Reading) -> Option<StreamingBlob> {
    Some(if rest.is_at_end() {
        StreamingBlob::from(s3s::Body::from(first))
    } else {
        StreamingBlob::wrap(rest.into_stream(first))
    })
}

fn answer(
    object: &ObjectRow,
    span: Span,
    body: Option<StreamingBlob>,
    part: Option<i32>,
    checksums: bool,
) -> GetObjectOutput {
    let headers = &object.headers;
    let mut output = GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        body,
        cache_control: headers.cache_control.clone(),
        content_disposition: headers.content_disposition.clone(),
        content_encoding: headers.content_encoding.clone(),
        content_language: headers.content_language.clone(),
        content_length: span.length(),
        content_range: span.content_range(object.size),
        content_type: Some(headers.answered_type()),
        e_tag: Some(ETag::Strong(object.etag.clone())),
        expires: headers.answered_expires(),
        last_modified: Some(timestamp(object.modified)),
        metadata: headers.answered_metadata(),
        ..Default::default()
    };
    if let (Some(_), Content::Parts { count, .. }) = (part, object.content) {
        output.parts_count = Some(count);
    }
    // The checksum is the whole object's; clients would compare it with the range.
    if checksums && !span.partial {
        set_checksum!(output, &object.checksum);
        output.checksum_type = Some(kind_of(&object.checksum));
    }
    output
}

async fn span(store: &Store, object: &ObjectRow, range: Option<Range>, part: Option<i32>) -> S3Result<Span> {
    match (range, part) {
        (None, None) => Ok(Span { from: 0, to: object.size, partial: false }),
        (Some(_), Some(_)) => {
            Err(s3_error!(InvalidRequest, "Cannot specify both Range header and partNumber query parameter"))
        }
        (Some(range), None) => match range.check(object.size) {
            Ok(range) => Ok(Span { from: range.start, to: range.end, partial: true }),
            Err(_) => Err(unsatisfiable(object.size)),
        },
        (None, Some(number)) => part_span(store, object, number).await,
    }
}

async fn part_span(store: &Store, object: &ObjectRow, number: i32) -> S3Result<Span> {
    let status = hyper::StatusCode::RANGE_NOT_SATISFIABLE;
    let invalid = || fault::named("InvalidPartNumber", status, "The requested partnumber is not satisfiable");
    match object.content {
        Content::Blob(_) if number == 1 => Ok(Span { from: 0, to: object.size, partial: false }),
        Content::Parts { upload, .. } if number > 0 => {
            let (start, size) = store.index.nth_part(upload, number).await?.ok_or_else(invalid)?;
            let start = u64::try_from(start).unwrap_or(0);
            Ok(Span { from: start, to: start + u64::try_from(size).unwrap_or(0), partial: true })
        }
        _ => Err(invalid()),
    }
}

fn unsatisfiable(size: u64) -> S3Error {
    let mut error = s3_error!(InvalidRange, "The requested range is not satisfiable");
    error.set_status_code(hyper::StatusCode::RANGE_NOT_SATISFIABLE);
    if let Ok(range) = format!("bytes */{size}").parse() {
        error.set_headers([(hyper::header::CONTENT_RANGE, range)].into_iter().collect());
    }
    error
}
