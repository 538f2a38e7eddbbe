//! The S3 operations, one room for each kind. This file only names them: the crate `s3s` has parsed the request and
//! checked its signature, and turns what is answered here into HTTP; what is not named here it answers with
//! `NotImplemented`.

mod buckets;
mod copy;
mod delete;
mod download;
mod listing;
mod parts;
mod upload;
mod uploads;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::store::Store;

/// S3 over a store.
#[derive(Debug, Clone)]
pub struct Operations {
    /// What it works on.
    pub store: Store,
}

/// Answers with an output and nothing else.
fn plain<T>(output: T) -> S3Result<S3Response<T>> {
    Ok(S3Response::new(output))
}

/// Passes operations on to the functions of the rooms, which take the operation's input.
macro_rules! operations {
    ($($name:ident($input:ty) -> $output:ty = $room:ident::$function:ident;)*) => {
        #[async_trait::async_trait]
        impl S3 for Operations {
            $(
                async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                    $room::$function(&self.store, request).await
                }
            )*
        }
    };
}

operations! {
    create_bucket(CreateBucketInput) -> CreateBucketOutput = buckets::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete;
    delete_bucket_cors(DeleteBucketCorsInput) -> DeleteBucketCorsOutput = buckets::delete_cors;
    get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput = buckets::cors;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = buckets::versioning;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    put_bucket_cors(PutBucketCorsInput) -> PutBucketCorsOutput = buckets::put_cors;
    list_objects(ListObjectsInput) -> ListObjectsOutput = listing::first;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = listing::second;
    get_object(GetObjectInput) -> GetObjectOutput = download::get;
    head_object(HeadObjectInput) -> HeadObjectOutput = download::head;
    put_object(PutObjectInput) -> PutObjectOutput = upload::put;
    copy_object(CopyObjectInput) -> CopyObjectOutput = copy::object;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete::one;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete::many;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = uploads::create;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = uploads::complete;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = uploads::abort;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = uploads::list;
    upload_part(UploadPartInput) -> UploadPartOutput = parts::upload;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = copy::part;
    list_parts(ListPartsInput) -> ListPartsOutput = parts::list;
}

/// Refuses a version other than the only one that there is.
fn only_version(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("null") => Ok(()),
        Some(_) => Err(s3_error!(NoSuchVersion, "The local bucket keeps no versions.")),
    }
}

/// A page size from a request: S3's limit where none is asked for, and never more than that.
fn page_size(asked: Option<i32>, name: &str) -> S3Result<usize> {
    let asked = asked.unwrap_or(MAX_PAGE);
    usize::try_from(asked.min(MAX_PAGE)).map_err(|_negative| s3_error!(InvalidArgument, "{name} must not be negative"))
}

/// Entries of a page at most (S3 API reference).
const MAX_PAGE: i32 = 1000;
