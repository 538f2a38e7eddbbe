//! Services that nobody knows beforehand: what they make of a checksum and of DeleteObjects is tried once and remembered,
//! whatever they answer.

use std::collections::BTreeSet;
use std::path::Path;

use bytes::Bytes;
use md5::{Digest, Md5};
use windlass::domain::{FailureKind as Kind, Provider};
use windlass::storage::local::{LocalBucket, ServedBucket};
use windlass::storage::s3::S3Store;
use windlass::storage::{ObjectStore, Payload, PutOptions, Sent};

use super::{store_at, store_with};
use crate::support::canned::{Canned, CannedServer, answer, error};

/// CRC-64/NVME of "123456789".
const CRC: &str = "rosUhgp5mIg=";

const HEADER: &str = "x-amz-checksum-crc64nvme: rosuhgp5mig=";

fn nine() -> Payload {
    Bytes::from_static(b"123456789").into()
}

fn options(if_absent: bool) -> PutOptions {
    PutOptions { if_absent, ..PutOptions::default() }
}

fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn tagged(tag: &str) -> Canned {
    answer("200 OK", &[("etag", &format!("\"{tag}\""))], "")
}

fn echoing(crc: &str) -> Canned {
    answer("200 OK", &[("etag", "\"made-up\""), ("x-amz-checksum-crc64nvme", crc)], "")
}

fn unknown_header() -> Canned {
    let body = "<Error><Code>InvalidArgument</Code>\
                <Message>Unsupported header 'x-amz-checksum-crc64nvme' received for this API call.</Message></Error>";
    answer("400 Bad Request", &[], body)
}

/// The local bucket's server, as a profile of that provider sees it.
async fn served(folder: &Path, provider: Provider) -> (ServedBucket, S3Store) {
    let bucket = LocalBucket::open(folder).await.unwrap().serve_private().await.unwrap();
    let access = &bucket.access;
    let store = store_with(provider, &access.endpoint, |config| {
        config.bucket.clone_from(&access.bucket);
        config.access_key_id.clone_from(&access.access_key_id);
        config.secret_access_key = access.secret_access_key.clone();
        config.region = Some(access.region.clone());
    });
    (bucket, store)
}

/// Puts the nine bytes; how many requests were made by then, and whether the last one carried the checksum.
async fn put(store: &dyn ObjectStore, server: &CannedServer, if_absent: bool) -> (bool, usize, bool) {
    let stored = store.put("k", nine(), &options(if_absent), &Sent::default()).await.unwrap();
    let requests = server.requests();
    (stored.proven, requests.len(), requests.last().unwrap().contains(HEADER))
}

#[tokio::test]
async fn a_service_that_echoes_the_checksum_is_sent_one_from_then_on() {
    let server = CannedServer::start([echoing(CRC)]).await;
    let store = store_at(Provider::S3, &server.url());
    assert_eq!(put(&store, &server, false).await, (true, 1, true));
    assert_eq!(put(&store, &server, false).await, (true, 2, true));
    let server = CannedServer::start([echoing("AAAAAAAAAAA=")]).await;
    let damaged = store_at(Provider::S3, &server.url()).put("k", nine(), &options(false), &Sent::default()).await;
    assert_eq!(damaged.unwrap_err().kind, Kind::Integrity);
}

#[tokio::test]
async fn a_service_that_passes_over_the_checksum_is_judged_by_its_tag() {
    for (tag, proven) in [(md5(b"123456789"), true), ("made-up".to_owned(), false)] {
        let server = CannedServer::start([tagged(&tag)]).await;
        let store = store_at(Provider::S3, &server.url());
        assert_eq!(put(&store, &server, false).await, (proven, 1, true));
        assert_eq!(put(&store, &server, false).await, (proven, 2, false), "it is not asked again");
    }
}

#[tokio::test]
async fn a_service_that_refuses_the_header_is_sent_the_bytes_without_it() {
    for refusal in [unknown_header(), error("501 Not Implemented", "NotImplemented", &[])] {
        let server = CannedServer::start([refusal, tagged(&md5(b"123456789"))]).await;
        let store = store_at(Provider::S3, &server.url());
        assert_eq!(put(&store, &server, false).await, (true, 2, false));
        assert_eq!(put(&store, &server, false).await, (true, 3, false), "it is not asked again");
    }
}

#[tokio::test]
async fn a_service_that_refuses_the_condition_is_still_sent_the_checksum() {
    let refusal = error("501 Not Implemented", "NotImplemented", &[]);
    let free = answer("404 Not Found", &[], "");
    let server = CannedServer::start([refusal.clone(), refusal, free, echoing(CRC)]).await;
    let store = store_at(Provider::S3, &server.url());
    assert_eq!(put(&store, &server, true).await, (true, 4, true));
    assert!(server.requests()[0].contains("if-none-match") && !server.requests()[3].contains("if-none-match"));
    assert_eq!(put(&store, &server, false).await, (true, 5, true), "the checksum was not what it refused");
}

#[tokio::test]
async fn r2_and_b2_are_never_asked() {
    for provider in [Provider::R2, Provider::B2] {
        let server = CannedServer::start([tagged(&md5(b"123456789"))]).await;
        assert_eq!(put(&store_at(provider, &server.url()), &server, false).await, (true, 1, false));
    }
}

#[tokio::test]
async fn the_parts_of_an_upload_learn_on_their_own() {
    let begun =
        answer("200 OK", &[], "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
    let refusal = || error("501 Not Implemented", "NotImplemented", &[]);
    let tag = md5(b"123456789");
    // Refused when it is begun; refused with a part; passed over; echoed.
    for (answers, asked) in [
        (vec![refusal(), begun.clone(), tagged(&tag)], [true, false, false]),
        (vec![begun.clone(), refusal(), tagged(&tag)], [true, true, false]),
        (vec![begun.clone(), tagged(&tag), tagged(&tag)], [true, true, false]),
        (vec![begun.clone(), echoing(CRC), echoing(CRC)], [true, true, true]),
    ] {
        let server = CannedServer::start(answers).await;
        let store = store_at(Provider::S3, &server.url());
        let id = store.begin_upload("k", &options(false)).await.unwrap();
        let mut number = 1;
        while server.requests().len() < 3 {
            let part = store.upload_part("k", &id, number, nine(), &Sent::default()).await.unwrap();
            assert_eq!(part.checksum.unwrap().value, CRC);
            number += 1;
        }
        let with_sums: Vec<bool> =
            server.requests().iter().map(|request| request.contains("x-amz-checksum-")).collect();
        assert_eq!(with_sums, asked);
    }
}

#[tokio::test]
async fn a_checksum_that_is_refused_in_words_of_its_own_is_left_out() {
    let words = "<Error><Code>InvalidArgument</Code><Message>Invalid checksum provided.</Message></Error>";
    let refusal = || answer("400 Bad Request", &[], words);
    let begun =
        answer("200 OK", &[], "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
    let tag = md5(b"123456789");
    for answers in [vec![refusal(), begun.clone(), tagged(&tag)], vec![begun.clone(), refusal(), tagged(&tag)]] {
        let server = CannedServer::start(answers).await;
        let store = store_at(Provider::S3, &server.url());
        let id = store.begin_upload("k", &options(false)).await.unwrap();
        store.upload_part("k", &id, 1, nine(), &Sent::default()).await.unwrap();
        assert!(!server.requests()[2].contains("x-amz-checksum-"));
    }
    let server = CannedServer::start([refusal(), tagged(&tag)]).await;
    let store = store_at(Provider::S3, &server.url());
    assert_eq!(put(&store, &server, false).await, (true, 2, false));
    assert_eq!(put(&store, &server, false).await, (true, 3, false), "it is not asked again");
    let server = CannedServer::start([refusal(), refusal(), tagged(&tag)]).await;
    let store = store_at(Provider::S3, &server.url());
    let refused = store.put("k", nine(), &options(false), &Sent::default()).await.unwrap_err();
    assert!(refused.what.contains("Invalid checksum provided"), "{refused}");
    assert_eq!(put(&store, &server, false).await, (true, 3, true), "what it refused is not known");
}

#[tokio::test]
async fn parts_that_are_listed_with_checksums_are_put_together_with_them() {
    let listed = format!(
        "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>9</Size>\
         <ETag>\"made-up\"</ETag><ChecksumCRC64NVME>{CRC}</ChecksumCRC64NVME></Part></ListPartsResult>"
    );
    let done = "<CompleteMultipartUploadResult><ETag>\"made-up-1\"</ETag></CompleteMultipartUploadResult>";
    let server = CannedServer::start([answer("200 OK", &[], &listed), answer("200 OK", &[], done)]).await;
    // As after a restart: this store has sent nothing itself.
    let store = store_at(Provider::S3, &server.url());
    let id = windlass::storage::UploadId("u".into());
    let parts = store.list_parts("k", &id).await.unwrap();
    store.finish_upload("k", &id, &parts, 9, None, false).await.unwrap();
    assert!(server.requests()[1].contains(HEADER), "{}", server.requests()[1]);
}

#[tokio::test]
async fn an_unknown_service_that_checks_is_proven_by_the_checksum_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (_bucket, store) = served(folder.path(), Provider::S3).await;
    let id = store.begin_upload("k", &options(false)).await.unwrap();
    let mut parts = Vec::new();
    for (number, length) in [(1, 5 << 20), (2, 3)] {
        let bytes: Payload = Bytes::from(vec![7; length]).into();
        parts.push(store.upload_part("k", &id, number, bytes, &Sent::default()).await.unwrap());
    }
    let size = (5 << 20) + 3;
    let stored = store.finish_upload("k", &id, &parts, size, None, false).await.unwrap();
    assert!(stored.proven);
    assert_eq!(stored.checksum, windlass::storage::proof::joined(&parts));
    assert_eq!(store.head("k").await.unwrap().1, stored.checksum);
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("k{number}")).collect()
}

#[tokio::test]
async fn a_thousand_keys_go_in_one_request_and_each_that_stays_is_named() {
    let body = "<DeleteResult><Error><Key>k7</Key><Code>AccessDenied</Code><Message>no</Message></Error>\
                <Error><Key>k8</Key><Code>NoSuchKey</Code></Error>\
                <Error><Key>k9</Key><Code>InternalError</Code></Error></DeleteResult>";
    let server = CannedServer::start([answer("200 OK", &[], body), answer("200 OK", &[], "<DeleteResult/>")]).await;
    let store = store_at(Provider::S3, &server.url());
    let failed = store.delete_many(&keys(1500)).await.unwrap();
    assert_eq!(store.deletes_at_once(), 1000);
    let named: Vec<_> = failed.iter().map(|(key, failure)| (key.as_str(), failure.kind)).collect();
    assert_eq!(named, [("k7", Kind::Denied), ("k9", Kind::Busy)]);
    assert!(failed[0].1.what.contains("\"k7\""), "{}", failed[0].1);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_service_without_bulk_deletes_is_sent_single_ones_from_then_on() {
    let gone = answer("204 No Content", &[], "");
    for refusal in [error("501 Not Implemented", "NotImplemented", &[]), unknown_header()] {
        let server = CannedServer::start([refusal, gone.clone()]).await;
        let store = store_at(Provider::B2, &server.url());
        assert_eq!(store.delete_many(&keys(3)).await.unwrap(), []);
        assert_eq!(store.delete_many(&keys(2)).await.unwrap(), []);
        assert!(store.deletes_at_once() < 200, "what is begun cannot be stopped");
        let posts = server.requests().iter().filter(|request| request.starts_with("post ")).count();
        assert_eq!((posts, server.requests().len()), (1, 6));
    }
}

#[tokio::test]
async fn what_refuses_everything_is_said_of_every_key() {
    let server = CannedServer::start([error("403 Forbidden", "AccessDenied", &[])]).await;
    let failed = store_at(Provider::S3, &server.url()).delete_many(&keys(3)).await.unwrap();
    assert!(failed.iter().all(|(_, failure)| failure.kind == Kind::Denied));
    assert_eq!((failed.len(), server.requests().len()), (3, 1));
}

#[tokio::test]
async fn keys_that_xml_cannot_name_go_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (_bucket, store) = served(folder.path(), Provider::Local).await;
    let odd: Vec<String> =
        ["a", "a&<b>", "ü \"x\"", "line\nfeed", "esc\u{1b}", "cr\r", "a+b%20"].map(str::to_owned).to_vec();
    for key in &odd {
        store.put(key, nine(), &options(false), &Sent::default()).await.unwrap();
    }
    store.put("stays", nine(), &options(false), &Sent::default()).await.unwrap();
    let mut all = odd.clone();
    all.push("never there".into());
    assert_eq!(store.delete_many(&all).await.unwrap(), []);
    let list = windlass::storage::ListRequest { limit: 100, ..Default::default() };
    let left: BTreeSet<String> =
        store.list(&list).await.unwrap().entries.iter().map(|entry| entry.key().to_owned()).collect();
    assert_eq!(left, BTreeSet::from(["stays".to_owned()]));
}

#[tokio::test]
async fn what_must_have_a_checksum_carries_the_one_that_the_service_takes() {
    let done = "<?xml version=\"1.0\"?><DeleteResult></DeleteResult>";
    for (provider, takes_crc) in
        [(Provider::R2, false), (Provider::B2, false), (Provider::S3, false), (Provider::Local, true)]
    {
        let server = CannedServer::start([answer("200 OK", &[], done)]).await;
        let store = store_at(provider, &server.url());
        assert!(store.delete_many(&["a".into(), "b".into()]).await.unwrap().is_empty());
        let [head] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
        let has = |header: &str| head.contains(&format!("\r\n{header}"));
        assert!(head.starts_with("post ") && has("content-md5: ") != takes_crc, "{provider:?}: {head}");
        let crc = has("x-amz-checksum-") || has("x-amz-sdk-checksum-algorithm");
        assert_eq!(crc, takes_crc, "{provider:?}: {head}");
        let signed = head.split("signedheaders=").nth(1).unwrap();
        assert_eq!(signed.split(',').next().unwrap().contains("content-md5"), !takes_crc, "{head}");
    }
}

#[tokio::test]
async fn two_forms_of_one_name_are_one_key_on_r2_alone() {
    let (composed, apart) = ("caf\u{e9}.txt", "cafe\u{301}.txt");
    let own = |provider| store_at(provider, "http://127.0.0.1:1").own_key(apart.into());
    assert_eq!(own(Provider::R2), composed);
    for provider in [Provider::S3, Provider::B2, Provider::Local] {
        assert_eq!(own(provider), apart, "{provider:?}");
    }
    let forms = |provider, key| store_at(provider, "http://127.0.0.1:1").forms(key);
    for key in [composed, apart] {
        assert_eq!(forms(Provider::R2, key), [composed, apart]);
        assert_eq!(forms(Provider::S3, key), [key]);
    }
    assert_eq!(forms(Provider::R2, "plain.txt"), ["plain.txt"]);
    let mixed = "\u{e9}e\u{301}";
    assert_eq!(forms(Provider::R2, mixed), ["\u{e9}\u{e9}", mixed, "e\u{301}e\u{301}"]);
}
