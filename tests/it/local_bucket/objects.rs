//! Objects: bytes, headers, ranges, conditions and checksums, put and got.

use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumMode, MetadataDirective};

use super::{BUCKET, code, get, put};
use crate::support::bucket::{TestBucket, client_with};

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

#[tokio::test]
async fn headers_and_metadata_come_back_and_a_link_may_change_them() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    client
        .put_object()
        .bucket(BUCKET)
        .key("page.xml")
        .body(ByteStream::from_static(b"<a>\r\n\x01</a>"))
        .content_type("application/xml")
        .content_encoding("identity")
        .content_disposition("inline")
        .content_language("de")
        .cache_control("no-transform")
        .expires(DateTime::from_secs(2_000_000_000))
        .metadata("colour", "bläulich")
        .send()
        .await
        .unwrap();
    let got = client.get_object().bucket(BUCKET).key("page.xml").send().await.unwrap();
    assert_eq!(got.content_type(), Some("application/xml"));
    assert_eq!(got.content_encoding(), Some("identity"));
    assert_eq!(got.content_language(), Some("de"));
    assert_eq!(got.cache_control(), Some("no-transform"));
    assert_eq!(got.expires_string(), Some("Wed, 18 May 2033 03:33:20 GMT"));
    assert_eq!(got.metadata().unwrap()["colour"], "=?UTF-8?B?YmzDpHVsaWNo?=", "as S3 writes what is not ASCII");
    assert_eq!(
        got.body.collect().await.unwrap().to_vec(),
        b"<a>\r\n\x01</a>",
        "an object's XML is not Windlass's to tidy"
    );
    let get = client.get_object().bucket(BUCKET).key("page.xml");
    let got = get.response_content_type("text/plain").response_content_disposition("attachment").send().await.unwrap();
    assert_eq!((got.content_type(), got.content_disposition()), (Some("text/plain"), Some("attachment")));
}

#[tokio::test]
async fn ranges_are_exact_and_impossible_ones_refused() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let body: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    put(&client, "r", &body).await;
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=262143-262144", 262_143, 262_145),
        ("bytes=999990-", 999_990, 1_000_000),
        ("bytes=-7", 999_993, 1_000_000),
        ("bytes=-2000000", 0, 1_000_000),
        ("bytes=500000-2000000", 500_000, 1_000_000),
    ] {
        let got = client.get_object().bucket(BUCKET).key("r").range(range).send().await.unwrap();
        assert_eq!(got.content_range(), Some(format!("bytes {from}-{}/1000000", to - 1).as_str()));
        assert_eq!(got.body.collect().await.unwrap().to_vec(), body[from..to], "{range}");
    }
    for range in ["bytes=1000000-", "bytes=-0"] {
        let refused = client.get_object().bucket(BUCKET).key("r").range(range).send().await;
        assert_eq!(code(refused), "InvalidRange", "{range}");
    }
    put(&client, "empty", b"").await;
    assert_eq!(code(client.get_object().bucket(BUCKET).key("empty").range("bytes=0-").send().await), "InvalidRange");
}

#[tokio::test]
async fn conditions_are_kept_when_reading() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    put(&client, "c", b"one").await;
    let head = client.head_object().bucket(BUCKET).key("c").send().await.unwrap();
    let (etag, modified) = (head.e_tag().unwrap(), *head.last_modified().unwrap());
    let request = || client.get_object().bucket(BUCKET).key("c");
    assert!(request().if_match(etag).send().await.is_ok());
    assert_eq!(code(request().if_match("\"other\"").send().await), "PreconditionFailed");
    let unchanged = request().if_none_match(etag).send().await.unwrap_err();
    assert_eq!(unchanged.raw_response().unwrap().status().as_u16(), 304);
    assert_eq!(unchanged.raw_response().unwrap().headers().get("etag"), Some(etag));
    assert!(request().if_none_match("\"other\"").send().await.is_ok());
    let unchanged = request().if_modified_since(modified).send().await.unwrap_err();
    assert_eq!(unchanged.raw_response().unwrap().status().as_u16(), 304);
    let before = DateTime::from_secs(modified.secs() - 1);
    assert_eq!(code(request().if_unmodified_since(before).send().await), "PreconditionFailed");
    let head = client.head_object().bucket(BUCKET).key("c").if_none_match(etag).send().await.unwrap_err();
    assert_eq!(head.raw_response().unwrap().status().as_u16(), 304);
    assert_eq!(get(&client, "c").await, b"one", "the connections are still in step");
}

#[tokio::test]
async fn of_many_who_write_only_if_absent_one_wins() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let tries = (0..20).map(|n| {
        let put = client.put_object().bucket(BUCKET).key("first").if_none_match("*");
        put.body(ByteStream::from(vec![n; 10])).send()
    });
    let ends = futures::future::join_all(tries).await;
    let (won, lost): (Vec<_>, Vec<_>) = ends.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.into_iter().all(|end| code(end) == "PreconditionFailed"));
    let etag = won.into_iter().next().unwrap().unwrap().e_tag.unwrap();
    let put = || client.put_object().bucket(BUCKET).body(ByteStream::from_static(b"new"));
    assert_eq!(code(put().key("first").if_match("\"x\"").send().await), "PreconditionFailed");
    assert_eq!(code(put().key("none").if_match("\"x\"").send().await), "NoSuchKey");
    put().key("first").if_match(etag).send().await.unwrap();
    assert_eq!(get(&client, "first").await, b"new");
}

#[tokio::test]
async fn checksums_are_verified_kept_and_told() {
    let bucket = TestBucket::start().await;
    // Over plain http this client signs every chunk and sends its CRC-32 behind the body.
    let client = client_with(bucket.access(), RequestChecksumCalculation::WhenSupported);
    let path = bucket.folder().join("source");
    std::fs::write(&path, vec![3; 200_000]).unwrap();
    let body = ByteStream::from_path(&path).await.unwrap();
    client.put_object().bucket(BUCKET).key("trailing").body(body).send().await.unwrap();
    let head = client.head_object().bucket(BUCKET).key("trailing").checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    assert!(head.checksum_crc32().is_some() && head.checksum_crc64_nvme().is_none());
    assert_eq!(head.content_encoding(), None);
    assert_eq!(get(&client, "trailing").await, vec![3; 200_000]);

    let plain = bucket.client();
    put(&plain, "plain", b"123456789").await;
    let get = || plain.get_object().bucket(BUCKET).key("plain");
    assert_eq!(get().send().await.unwrap().checksum_crc64_nvme(), None);
    let told = get().checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(told.checksum_crc64_nvme(), Some("rosUhgp5mIg="), "the check value of CRC-64/NVME");

    let put = || plain.put_object().bucket(BUCKET).key("wrong").body(ByteStream::from_static(b"123456789"));
    assert_eq!(code(put().checksum_crc64_nvme("AAAAAAAAAAA=").send().await), "BadDigest");
    assert_eq!(code(put().checksum_sha256("AAAA").send().await), "BadDigest");
    assert_eq!(code(put().content_md5("1B2M2Y8AsgTpgAmY7PhCfg==").send().await), "BadDigest");
    assert_eq!(code(put().content_md5("nonsense").send().await), "InvalidDigest");
    assert_eq!(code(plain.head_object().bucket(BUCKET).key("wrong").send().await), "NotFound");
    put().checksum_crc64_nvme("rosUhgp5mIg=").content_md5("JfnnlDI7RTiF9RgfG2JNCw==").send().await.unwrap();
}

#[tokio::test]
async fn copies_are_objects_of_their_own() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    client.create_bucket().bucket("another-bucket").send().await.unwrap();
    let put = client.put_object().bucket(BUCKET).key("ä b+%/c?").body(ByteStream::from_static(b"copied"));
    put.content_type("text/x-a").metadata("k", "v").send().await.unwrap();
    let source = "windlass/%C3%A4%20b%2B%25/c%3F";
    let copy = || client.copy_object().copy_source(source).bucket("another-bucket").key("copy");
    copy().send().await.unwrap();
    let head = client.head_object().bucket("another-bucket").key("copy").send().await.unwrap();
    assert_eq!((head.content_type(), head.content_length()), (Some("text/x-a"), Some(6)));
    copy().metadata_directive(MetadataDirective::Replace).content_type("text/x-b").send().await.unwrap();
    let head = client.head_object().bucket("another-bucket").key("copy").send().await.unwrap();
    assert_eq!((head.content_type(), head.metadata().unwrap().len()), (Some("text/x-b"), 0));
    let itself = client.copy_object().copy_source(source).bucket(BUCKET).key("ä b+%/c?");
    assert_eq!(code(itself.send().await), "InvalidRequest");
    assert_eq!(code(copy().copy_source_if_match("\"x\"").send().await), "PreconditionFailed");
    assert_eq!(code(copy().copy_source("windlass/none").send().await), "NoSuchKey");
    assert_eq!(code(client.delete_bucket().bucket("another-bucket").send().await), "BucketNotEmpty");
    client.delete_object().bucket("another-bucket").key("copy").send().await.unwrap();
    client.delete_bucket().bucket("another-bucket").send().await.unwrap();
    let gone = client.head_bucket().bucket("another-bucket").send().await.unwrap_err();
    assert!(gone.into_service_error().is_not_found());
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    assert_eq!(code(client.get_object().bucket(BUCKET).key("none").send().await), "NoSuchKey");
    assert_eq!(code(client.get_object().bucket("no-such-bucket").key("x").send().await), "NoSuchBucket");
    let put = client.put_object().bucket("no-such-bucket").key("x").body(ByteStream::from_static(b"x"));
    assert_eq!(code(put.send().await), "NoSuchBucket");
    assert_eq!(code(client.list_objects_v2().bucket("no-such-bucket").send().await), "NoSuchBucket");
    client.delete_object().bucket(BUCKET).key("none").send().await.unwrap();
    let tagged = client.put_object().bucket(BUCKET).key("x").tagging("a=b").send().await.unwrap_err();
    assert_eq!(tagged.code(), Some("NotImplemented"), "tags would be lost without a word");
}

#[tokio::test]
async fn a_download_that_has_begun_ends_whatever_happens_to_its_object() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let body: Vec<u8> = (0..=250).cycle().take(20_000_000).collect();
    put(&client, "going", &body).await;
    let got = client.get_object().bucket(BUCKET).key("going").send().await.unwrap();
    client.delete_object().bucket(BUCKET).key("going").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), body);
}

#[tokio::test]
async fn readers_see_one_version_or_the_other_while_writers_replace_it() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let version = |n: u8| vec![n; 1000 + usize::from(n) * 100];
    put(&client, "k", &version(0)).await;
    let writers = (0..100).map(|n| {
        let client = &client;
        async move { put(client, "k", &version(n)).await }
    });
    let readers = (0..200).map(|_| async {
        let got = get(&client, "k").await;
        assert_eq!(got, version(got[0]));
    });
    tokio::join!(futures::future::join_all(writers), futures::future::join_all(readers));
}
