//! DeleteObject and DeleteObjects. Deleting what is not there succeeds, as on S3, except when a condition names what
//! should be there.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::super::conditions::Writing;
use super::super::index::objects::Target;
use super::super::store::Store;
use super::{only_version, plain};

/// Keys of one DeleteObjects at most (S3 API reference).
const MAX_KEYS: usize = 1000;

/// DeleteObject.
pub async fn one(store: &Store, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
    let input = request.input;
    only_version(input.version_id.as_deref())?;
    let only = Writing { matches: input.if_match, none_matches: None };
    delete(store, Target { bucket: input.bucket, key: input.key }, only).await?;
    let mut answer = S3Response::new(DeleteObjectOutput::default());
    answer.status = Some(hyper::StatusCode::NO_CONTENT);
    Ok(answer)
}

async fn delete(store: &Store, from: Target, only: Writing) -> S3Result<()> {
    let freed = store.index.delete(from, only, store.session.id()).await?;
    store.release(freed);
    Ok(())
}

/// DeleteObjects. The deletes wait in the writer together and share their commits.
pub async fn many(store: &Store, request: S3Request<DeleteObjectsInput>) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let input = request.input;
    if input.delete.objects.is_empty() || input.delete.objects.len() > MAX_KEYS {
        return Err(s3_error!(MalformedXML, "DeleteObjects takes 1 to {MAX_KEYS} keys."));
    }
    store.index.bucket(&input.bucket).await?;
    let deletes = input.delete.objects.into_iter().map(|object| named(store, &input.bucket, object));
    let ends = futures::future::join_all(deletes).await;
    let quiet = input.delete.quiet.unwrap_or(false);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (key, end) in ends {
        match end {
            Ok(()) if quiet => {}
            Ok(()) => deleted.push(DeletedObject { key: Some(key), ..Default::default() }),
            Err(error) => errors.push(Error {
                code: Some(error.code().as_str().to_owned()),
                key: Some(key),
                message: error.message().map(str::to_owned),
                version_id: None,
            }),
        }
    }
    plain(DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), ..Default::default() })
}

async fn named(store: &Store, bucket: &str, object: ObjectIdentifier) -> (String, S3Result<()>) {
    let key = object.key;
    if let Err(refusal) = only_version(object.version_id.as_deref()) {
        return (key, Err(refusal));
    }
    let only = Writing { matches: object.e_tag.map(ETagCondition::ETag), none_matches: None };
    let end = delete(store, Target { bucket: bucket.to_owned(), key: key.clone() }, only).await;
    (key, end)
}
