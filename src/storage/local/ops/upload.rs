//! PutObject, and what every way of sending bytes shares: what the client declares about them, and whether that holds.

use aws_smithy_types::base64;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, TrailingHeaders, s3_error};

use super::super::checksums::{Algorithm, Fields, checksum_fields, kind_of, set_checksum};
use super::super::conditions::Writing;
use super::super::fault;
use super::super::headers::headers_of;
use super::super::index::objects::{Content, Target, fresh};
use super::super::store::{Received, Store, empty_body};
use crate::domain;

/// What a client says about a body before, or right behind, its bytes.
pub struct Declared {
    /// The body's length in bytes.
    pub length: Option<i64>,
    /// `Content-MD5`.
    pub md5: Option<String>,
    /// Checksum headers.
    pub fields: Fields,
    /// The algorithm of a checksum that comes behind the body.
    pub algorithm: Option<ChecksumAlgorithm>,
    /// What came behind the body.
    pub trailers: Option<TrailingHeaders>,
}

impl Declared {
    /// Receives a body and compares it with all this. `kept` is the algorithm to compute where nothing is declared,
    /// or besides what is.
    ///
    /// # Errors
    /// `BadDigest`, `InvalidDigest`, `IncompleteBody`, or the store's own trouble.
    pub async fn receive(
        self,
        store: &Store,
        body: Option<StreamingBlob>,
        kept: Option<Algorithm>,
    ) -> S3Result<(Received, domain::Checksum)> {
        let md5 = self.md5.as_deref().map(read_md5).transpose()?;
        let header = self.fields.declared()?;
        let trailing = self.algorithm.as_ref().and_then(|name| Algorithm::named(name.as_str()));
        let named = header.as_ref().map(|(algorithm, _value)| *algorithm).or(trailing);
        let kept = kept.or(named).unwrap_or(Algorithm::Crc64Nvme);
        let received =
            store.receive(body.unwrap_or_else(empty_body), [Some(kept), named].into_iter().flatten()).await?;
        if self.length.is_some_and(|length| u64::try_from(length) != Ok(received.size)) {
            return Err(s3_error!(IncompleteBody, "The number of bytes is not the one that Content-Length announced."));
        }
        if md5.is_some_and(|md5| md5 != received.md5) {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
        if let Some((algorithm, value)) = header {
            received.checksums.check(algorithm, &value)?;
        }
        if let (Some(algorithm), Some(trailers)) = (trailing, self.trailers) {
            check_trailer(&received, algorithm, &trailers)?;
        }
        let checksum = received.checksums.get(kept);
        let checksum = checksum.ok_or_else(|| s3_error!(InternalError, "the checksum was not computed"))?;
        Ok((received, checksum))
    }
}

fn check_trailer(received: &Received, algorithm: Algorithm, trailers: &TrailingHeaders) -> S3Result<()> {
    let name = format!("x-amz-checksum-{}", algorithm.name());
    let value = trailers.read(|headers| headers.get(&name).and_then(|value| value.to_str().ok()).map(str::to_owned));
    match value.flatten() {
        Some(value) => received.checksums.check(algorithm, value.trim()),
        None => {
            let message = format!("The announced trailer {name} did not come.");
            Err(fault::named("MalformedTrailerError", hyper::StatusCode::BAD_REQUEST, message))
        }
    }
}

fn read_md5(header: &str) -> S3Result<[u8; 16]> {
    let invalid = || s3_error!(InvalidDigest, "The Content-MD5 you specified is not valid.");
    let bytes = base64::decode(header).map_err(|_not_base64| invalid())?;
    <[u8; 16]>::try_from(bytes).map_err(|_length| invalid())
}

/// Refuses what would be silently forgotten: nothing of this is kept here.
macro_rules! refuse_unkept {
    ($input:expr) => {
        $crate::storage::local::ops::upload::refuse([
            ("x-amz-tagging", $input.tagging.is_some()),
            ("x-amz-server-side-encryption-customer-algorithm", $input.sse_customer_algorithm.is_some()),
            ("x-amz-server-side-encryption-aws-kms-key-id", $input.ssekms_key_id.is_some()),
            ("x-amz-object-lock-mode", $input.object_lock_mode.is_some()),
            ("x-amz-object-lock-legal-hold", $input.object_lock_legal_hold_status.is_some()),
            ("x-amz-website-redirect-location", $input.website_redirect_location.is_some()),
            ("x-amz-acl", $input.acl.as_ref().is_some_and($crate::storage::local::ops::upload::is_foreign)),
        ])
    };
}
pub(super) use refuse_unkept;

/// Refuses the first header that is there.
pub fn refuse(headers: impl IntoIterator<Item = (&'static str, bool)>) -> S3Result<()> {
    match headers.into_iter().find(|(_name, present)| *present) {
        Some((name, _)) => Err(s3_error!(NotImplemented, "The local bucket does not implement the header {name}.")),
        None => Ok(()),
    }
}

/// Everything here belongs to one owner; an ACL that says so is fine.
pub fn is_foreign(acl: &ObjectCannedACL) -> bool {
    ![ObjectCannedACL::PRIVATE, ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL].contains(&acl.as_str())
}

/// PutObject.
pub async fn put(store: &Store, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
    let mut input = request.input;
    refuse_unkept!(input)?;
    let headers = headers_of!(input).checked()?;
    let declared = Declared {
        length: input.content_length,
        md5: input.content_md5.take(),
        fields: checksum_fields!(input),
        algorithm: input.checksum_algorithm.take(),
        trailers: request.trailing_headers,
    };
    let (received, checksum) = declared.receive(store, input.body.take(), None).await?;
    let etag = received.etag();
    let object = fresh(received.size, etag.clone(), headers, checksum.clone(), Content::Blob(received.blob.id()));
    let to = Target { bucket: input.bucket, key: input.key };
    let only = Writing { matches: input.if_match, none_matches: input.if_none_match };
    let freed = store.index.put(to, object, received.blob, only, store.session.id()).await?;
    store.release(freed);
    let mut output = PutObjectOutput { e_tag: Some(ETag::Strong(etag)), ..Default::default() };
    set_checksum!(output, &checksum);
    output.checksum_type = Some(kind_of(&checksum));
    super::plain(output)
}
