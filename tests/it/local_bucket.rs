//! The local bucket through its front door: a real S3 client over http, and raw requests where a client would not send
//! what a test wants to see refused.

mod access;
mod keys;
mod multipart;
mod objects;
mod processes;
mod served;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;

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
