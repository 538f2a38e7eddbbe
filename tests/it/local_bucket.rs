//! The local bucket through its front door: a real S3 client over http, and raw requests where a client would not send
//! what a test wants to see refused.

mod access;
mod keys;
mod multipart;
mod objects;
mod processes;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;

use crate::support::bucket::TestBucket;

const BUCKET: &str = "windlass";

async fn put(client: &Client, key: &str, body: &[u8]) {
    client.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.to_vec())).send().await.unwrap();
}

async fn get(client: &Client, key: &str) -> Vec<u8> {
    let answer = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    answer.body.collect().await.unwrap().to_vec()
}

/// The code of the error that a request must end with.
fn code<T, E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(end: Result<T, SdkError<E, R>>) -> String {
    match end {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error.code().unwrap_or_else(|| panic!("no code: {error:?}")).to_owned(),
    }
}

/// The check with a client that was not written here (issue 2, "Must show" 8).
#[tokio::test(flavor = "multi_thread")]
async fn boto3_finds_an_s3_bucket() {
    let bucket = TestBucket::start().await;
    let access = bucket.access();
    let python = std::env::var("WINDLASS_TEST_PYTHON").unwrap_or_else(|_unset| "python3".into());
    let output = tokio::process::Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/check.py"))
        .env("WINDLASS_S3_ENDPOINT", &access.endpoint)
        .env("WINDLASS_S3_REGION", &access.region)
        .env("WINDLASS_S3_ACCESS_KEY_ID", &access.access_key_id)
        .env("WINDLASS_S3_SECRET_ACCESS_KEY", access.secret_access_key.expose())
        .env("WINDLASS_S3_BUCKET", &access.bucket)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
