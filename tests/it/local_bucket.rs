//! The local bucket through its front door: a real S3 client over http, and raw requests where a client would not send
//! what a test wants to see refused.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

use windlass::storage::local::LocalBucket;

use crate::support::bucket::{TestBucket, client};

const BUCKET: &str = "windlass";

async fn put(client: &Client, key: &str, body: &[u8]) {
    client.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.to_vec())).send().await.unwrap();
}

async fn get(client: &Client, key: &str) -> Vec<u8> {
    let answer = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    answer.body.collect().await.unwrap().to_vec()
}

#[tokio::test]
async fn what_is_put_is_got() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    for size in [0, 1, 300_000, 3_000_000] {
        let body: Vec<u8> = (0..size).map(|n: u32| (n % 251) as u8).collect();
        put(&client, "a file", &body).await;
        assert_eq!(get(&client, "a file").await, body);
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

#[tokio::test]
async fn two_openings_of_one_folder_are_one_bucket() {
    let first = TestBucket::start().await;
    let second = LocalBucket::open(&first.folder()).await.unwrap().serve_own().await.unwrap();
    assert_eq!(first.access().secret_access_key, second.access.secret_access_key);
    put(&first.client(), "shared", b"by the first").await;
    assert_eq!(get(&client(&second.access), "shared").await, b"by the first");
    put(&client(&second.access), "shared", b"by the second").await;
    assert_eq!(get(&first.client(), "shared").await, b"by the second");
}

#[tokio::test]
async fn links_point_to_the_one_that_holds_the_address_and_the_next_takes_over() {
    let first = TestBucket::start().await;
    let held = first.bucket.link_address().await.unwrap();
    assert!(held.held);
    let second = LocalBucket::open(&first.folder()).await.unwrap().serve_own().await.unwrap();
    assert_eq!(second.link_address().await.unwrap(), held);
    put(&first.client(), "linked", b"there").await;
    let (bucket, served, folder) = first.apart();
    served.shutdown().await;
    drop(bucket);
    let mut access = second.access.clone();
    access.endpoint = held.endpoint;
    while client(&access).head_bucket().bucket(BUCKET).send().await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&client(&access), "linked").await, b"there");
    drop(folder);
}
