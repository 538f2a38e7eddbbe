//! Operations on buckets and their CORS rules. One bucket is made when the folder is; others may be made and removed, so
//! that any S3 client's own set-up works here.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::super::REGION;
use super::super::store::Store;
use super::super::times::timestamp;
use super::plain;

/// The methods that a CORS rule may allow (S3 API reference, `CORSRule`).
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// The most rules of a bucket (S3 API reference, `PutBucketCors`).
const MAX_RULES: usize = 100;

/// CreateBucket.
pub async fn create(store: &Store, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
    let name = request.input.bucket;
    let location = Some(format!("/{name}"));
    if store.index.create_bucket(name).await? {
        plain(CreateBucketOutput { location })
    } else {
        Err(s3_error!(BucketAlreadyOwnedByYou, "The bucket is there already, and it is yours."))
    }
}

/// DeleteBucket.
pub async fn delete(store: &Store, request: S3Request<DeleteBucketInput>) -> S3Result<S3Response<DeleteBucketOutput>> {
    store.index.delete_bucket(request.input.bucket).await?;
    let mut answer = S3Response::new(DeleteBucketOutput {});
    answer.status = Some(hyper::StatusCode::NO_CONTENT);
    Ok(answer)
}

/// HeadBucket.
pub async fn head(store: &Store, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
    store.index.bucket(&request.input.bucket).await?;
    plain(HeadBucketOutput { bucket_region: Some(REGION.to_owned()), ..Default::default() })
}

/// ListBuckets.
pub async fn list(store: &Store, _request: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
    let buckets = store.index.buckets().await?.into_iter().map(|bucket| Bucket {
        name: Some(bucket.name),
        creation_date: Some(timestamp(bucket.created)),
        ..Default::default()
    });
    plain(ListBucketsOutput { buckets: Some(buckets.collect()), ..Default::default() })
}

/// GetBucketLocation.
pub async fn location(
    store: &Store,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    store.index.bucket(&request.input.bucket).await?;
    // us-east-1 is told by saying nothing (S3 API reference, `GetBucketLocation`).
    plain(GetBucketLocationOutput::default())
}

/// GetBucketVersioning: there are no versions, which is told by saying nothing.
pub async fn versioning(
    store: &Store,
    request: S3Request<GetBucketVersioningInput>,
) -> S3Result<S3Response<GetBucketVersioningOutput>> {
    store.index.bucket(&request.input.bucket).await?;
    plain(GetBucketVersioningOutput::default())
}

/// GetBucketCors.
pub async fn cors(store: &Store, request: S3Request<GetBucketCorsInput>) -> S3Result<S3Response<GetBucketCorsOutput>> {
    match store.index.cors(&request.input.bucket).await? {
        Some(rules) => plain(GetBucketCorsOutput { cors_rules: Some(rules.cors_rules) }),
        None => Err(s3_error!(NoSuchCORSConfiguration, "The CORS configuration does not exist")),
    }
}

/// PutBucketCors.
pub async fn put_cors(
    store: &Store,
    request: S3Request<PutBucketCorsInput>,
) -> S3Result<S3Response<PutBucketCorsOutput>> {
    let input = request.input;
    check_rules(&input.cors_configuration.cors_rules)?;
    store.index.set_cors(input.bucket, Some(input.cors_configuration)).await?;
    plain(PutBucketCorsOutput::default())
}

/// DeleteBucketCors.
pub async fn delete_cors(
    store: &Store,
    request: S3Request<DeleteBucketCorsInput>,
) -> S3Result<S3Response<DeleteBucketCorsOutput>> {
    store.index.set_cors(request.input.bucket, None).await?;
    let mut answer = S3Response::new(DeleteBucketCorsOutput {});
    answer.status = Some(hyper::StatusCode::NO_CONTENT);
    Ok(answer)
}

fn check_rules(rules: &[CORSRule]) -> S3Result<()> {
    if rules.is_empty() || rules.len() > MAX_RULES {
        return Err(s3_error!(MalformedXML, "A bucket has 1 to {MAX_RULES} CORS rules."));
    }
    for rule in rules {
        if rule.allowed_origins.is_empty() || rule.allowed_methods.is_empty() {
            return Err(s3_error!(MalformedXML, "A CORS rule needs an AllowedOrigin and an AllowedMethod."));
        }
        let unknown = rule.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str()));
        if let Some(method) = unknown {
            return Err(s3_error!(InvalidRequest, "Found unsupported HTTP method in CORS config: {method}"));
        }
        let stars = |text: &String| text.matches('*').count() > 1;
        if rule.allowed_origins.iter().chain(rule.allowed_headers.iter().flatten()).any(stars) {
            return Err(s3_error!(InvalidRequest, "An AllowedOrigin or AllowedHeader has at most one wildcard."));
        }
    }
    Ok(())
}
