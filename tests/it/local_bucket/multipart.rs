//! Multipart uploads from their beginning to their object, or to nothing.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart};

use super::{BUCKET, code, get, put};
use crate::support::bucket::TestBucket;

const PART: usize = 5 * 1024 * 1024;

async fn begin(client: &Client, key: &str) -> String {
    let begun = client.create_multipart_upload().bucket(BUCKET).key(key).content_type("text/x-parts").send().await;
    begun.unwrap().upload_id.unwrap()
}

async fn send(client: &Client, key: &str, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let part = client.upload_part().bucket(BUCKET).key(key).upload_id(id).part_number(number);
    let part = part.body(ByteStream::from(body)).send().await.unwrap();
    CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build()
}

fn all(parts: impl IntoIterator<Item = CompletedPart>) -> CompletedMultipartUpload {
    CompletedMultipartUpload::builder().set_parts(Some(parts.into_iter().collect())).build()
}

/// How many blob files there are.
fn files(bucket: &TestBucket) -> usize {
    let Ok(folders) = std::fs::read_dir(bucket.folder().join("blobs")) else { return 0 };
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

/// Waits until files that nothing refers to any more are gone.
async fn files_come_to(bucket: &TestBucket, count: usize) {
    while files(bucket) != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn parts_sent_in_any_order_become_one_object() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let id = begin(&client, "big").await;
    let (one, two, three) = (vec![1; PART], vec![2; PART + 1], vec![3; 10]);
    send(&client, "big", &id, 2, vec![9; 100]).await;
    let (third, first, second) = tokio::join!(
        send(&client, "big", &id, 7, three.clone()),
        send(&client, "big", &id, 1, one.clone()),
        send(&client, "big", &id, 2, two.clone()),
    );
    send(&client, "big", &id, 8, b"left out".to_vec()).await;
    let listed = client.list_parts().bucket(BUCKET).key("big").upload_id(&id).max_parts(2).send().await.unwrap();
    assert_eq!(listed.parts().iter().map(|part| part.size().unwrap()).sum::<i64>() as usize, 2 * PART + 1);
    assert_eq!((listed.is_truncated(), listed.next_part_number_marker()), (Some(true), Some("2")));
    let rest = client.list_parts().bucket(BUCKET).key("big").upload_id(&id).part_number_marker("2");
    assert_eq!(rest.send().await.unwrap().parts().len(), 2);
    let complete = client.complete_multipart_upload().bucket(BUCKET).key("big").upload_id(&id);
    let done = complete.multipart_upload(all([first, second, third])).send().await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-3\""));
    assert_eq!(get(&client, "big").await, [one, two, three].concat());
    files_come_to(&bucket, 3).await;
    let across = client.get_object().bucket(BUCKET).key("big").range(format!("bytes={}-{}", PART - 1, 2 * PART + 3));
    let across = across.send().await.unwrap().body.collect().await.unwrap().to_vec();
    assert_eq!(across, [vec![1], vec![2; PART + 1], vec![3; 3]].concat());
    let second = client.get_object().bucket(BUCKET).key("big").part_number(2).send().await.unwrap();
    assert_eq!((second.parts_count(), second.content_length()), (Some(3), Some(PART as i64 + 1)));
    put(&client, "big", b"small again").await;
    files_come_to(&bucket, 1).await;
}

#[tokio::test]
async fn a_wrong_list_of_parts_is_refused_and_the_upload_goes_on() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let id = begin(&client, "k").await;
    let first = send(&client, "k", &id, 1, vec![1; 100]).await;
    let second = send(&client, "k", &id, 2, vec![2; 100]).await;
    let wrong = CompletedPart::builder().part_number(1).e_tag("\"00000000000000000000000000000000\"").build();
    let missing = CompletedPart::builder().part_number(3).set_e_tag(first.e_tag.clone()).build();
    let complete = |parts: Vec<CompletedPart>| {
        let request = client.complete_multipart_upload().bucket(BUCKET).key("k").upload_id(&id);
        request.multipart_upload(all(parts)).send()
    };
    assert_eq!(code(complete(vec![]).await), "MalformedXML");
    assert_eq!(code(complete(vec![second.clone(), first.clone()]).await), "InvalidPartOrder");
    assert_eq!(code(complete(vec![wrong]).await), "InvalidPart");
    assert_eq!(code(complete(vec![missing]).await), "InvalidPart");
    assert_eq!(code(complete(vec![first.clone(), second.clone()]).await), "EntityTooSmall");
    put(&client, "k", b"there").await;
    let only = client.complete_multipart_upload().bucket(BUCKET).key("k").upload_id(&id).if_none_match("*");
    assert_eq!(code(only.multipart_upload(all([first.clone()])).send().await), "PreconditionFailed");
    let size = client.complete_multipart_upload().bucket(BUCKET).key("k").upload_id(&id).mpu_object_size(7);
    assert_eq!(code(size.multipart_upload(all([first.clone()])).send().await), "InvalidRequest");
    complete(vec![first]).await.unwrap();
    assert_eq!(get(&client, "k").await, vec![1; 100]);
    assert_eq!(code(complete(vec![second]).await), "NoSuchUpload");
    let late = client.upload_part().bucket(BUCKET).key("k").upload_id(&id).part_number(1);
    assert_eq!(code(late.body(ByteStream::from_static(b"x")).send().await), "NoSuchUpload");
    for number in [0, 10_001] {
        let part = client.upload_part().bucket(BUCKET).key("k").upload_id(&id).part_number(number);
        assert_eq!(code(part.body(ByteStream::from_static(b"x")).send().await), "InvalidArgument");
    }
}

#[tokio::test]
async fn an_ended_upload_leaves_nothing() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let id = begin(&client, "k").await;
    send(&client, "k", &id, 1, vec![1; 100]).await;
    assert_eq!(files(&bucket), 1);
    client.abort_multipart_upload().bucket(BUCKET).key("k").upload_id(&id).send().await.unwrap();
    files_come_to(&bucket, 0).await;
    let again = client.abort_multipart_upload().bucket(BUCKET).key("k").upload_id(&id).send().await;
    assert_eq!(code(again), "NoSuchUpload");
}

#[tokio::test]
async fn open_uploads_are_listed_page_by_page() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let mut begun = Vec::new();
    for key in ["a/1", "a/2", "a/2", "a/2", "b"] {
        begun.push((key.to_owned(), begin(&client, key).await));
    }
    let (mut key, mut id, mut seen) = (None, None, Vec::new());
    loop {
        let request = client.list_multipart_uploads().bucket(BUCKET).max_uploads(2);
        let page = request.set_key_marker(key).set_upload_id_marker(id).send().await.unwrap();
        seen.extend(page.uploads().iter().map(|one| (one.key().unwrap().into(), one.upload_id().unwrap().into())));
        (key, id) = (page.next_key_marker.clone(), page.next_upload_id_marker.clone());
        if page.is_truncated() != Some(true) {
            break;
        }
    }
    assert_eq!(seen, begun);
    let rolled = client.list_multipart_uploads().bucket(BUCKET).delimiter("/").send().await.unwrap();
    assert_eq!(rolled.common_prefixes()[0].prefix(), Some("a/"));
    assert_eq!(rolled.uploads().len(), 1);
    let below = client.list_multipart_uploads().bucket(BUCKET).prefix("a/2").send().await.unwrap();
    assert_eq!(below.uploads().len(), 3);
}

#[tokio::test]
async fn a_whole_objects_checksum_is_combined_from_its_parts_and_verified() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let request = client.create_multipart_upload().bucket(BUCKET).key("sum");
    let request = request.checksum_algorithm(ChecksumAlgorithm::Crc64Nvme).checksum_type(ChecksumType::FullObject);
    let id = request.send().await.unwrap().upload_id.unwrap();
    let first = send(&client, "sum", &id, 1, vec![b'a'; PART]).await;
    let second = send(&client, "sum", &id, 2, b"tail".to_vec()).await;
    put(&client, "same", &[vec![b'a'; PART], b"tail".to_vec()].concat()).await;
    let head = |key: &str| client.head_object().bucket(BUCKET).key(key).checksum_mode(ChecksumMode::Enabled).send();
    let expected = head("same").await.unwrap().checksum_crc64_nvme.unwrap();
    let complete = |sum: &str| {
        let request = client.complete_multipart_upload().bucket(BUCKET).key("sum").upload_id(&id);
        let request = request.checksum_type(ChecksumType::FullObject).checksum_crc64_nvme(sum);
        request.multipart_upload(all([first.clone(), second.clone()])).send()
    };
    assert_eq!(code(complete("AAAAAAAAAAA=").await), "BadDigest");
    let done = complete(&expected).await.unwrap();
    assert_eq!(done.checksum_crc64_nvme(), Some(expected.as_str()));
    let head = head("sum").await.unwrap();
    assert_eq!(head.checksum_crc64_nvme(), Some(expected.as_str()));
    assert_eq!(head.checksum_type(), Some(&ChecksumType::FullObject));
}

#[tokio::test]
async fn parts_can_be_copied_from_objects() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    put(&client, "source", b"0123456789").await;
    let id = begin(&client, "target").await;
    let copy = |number: i32, range: &str| {
        let request = client.upload_part_copy().bucket(BUCKET).key("target").upload_id(&id).part_number(number);
        request.copy_source("windlass/source").copy_source_range(range).send()
    };
    assert_eq!(code(copy(1, "bytes=5-10").await), "InvalidRange");
    assert_eq!(code(copy(1, "bytes=5-").await), "InvalidArgument");
    let etag = copy(1, "bytes=3-5").await.unwrap().copy_part_result.unwrap().e_tag;
    let part = CompletedPart::builder().part_number(1).set_e_tag(etag).build();
    let complete = client.complete_multipart_upload().bucket(BUCKET).key("target").upload_id(&id);
    complete.multipart_upload(all([part])).send().await.unwrap();
    assert_eq!(get(&client, "target").await, b"345");
}
