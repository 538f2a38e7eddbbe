//! How bytes go up: what a request says about them for each service, what proves that they arrived, and what the count of
//! sent bytes is when they did not.

use std::time::{Duration, Instant};

use bytes::Bytes;
use md5::{Digest, Md5};
use windlass::domain::{FailureKind as Kind, Provider};
use windlass::storage::pace::{Pace, Rate};
use windlass::storage::{ObjectStore, Part, Payload, PutOptions, Sent, UploadId};

use super::{store_at, store_with};
use crate::support::canned::{Canned, CannedServer, answer, error};

/// MD5 and CRC-64/NVME of "123456789".
const MD5: &str = "25f9e794323b453885f5181f1b624d0b";
const CRC: &str = "rosUhgp5mIg=";

fn options(if_absent: bool) -> PutOptions {
    PutOptions { content_type: "text/plain".into(), if_absent, transfer: "t".into(), ..PutOptions::default() }
}

fn nine() -> Payload {
    Bytes::from_static(b"123456789").into()
}

fn tagged(tag: &str) -> Canned {
    answer("200 OK", &[("etag", &format!("\"{tag}\""))], "")
}

#[tokio::test]
async fn services_that_are_known_not_to_check_a_crc_are_sent_none() {
    let crc = answer("200 OK", &[("etag", "\"made-up\""), ("x-amz-checksum-crc64nvme", CRC)], "");
    for (provider, reply, sends_crc) in [
        (Provider::Local, crc, true),
        (Provider::S3, tagged(MD5), true),
        (Provider::R2, tagged(MD5), false),
        (Provider::B2, tagged(MD5), false),
    ] {
        let server = CannedServer::start([reply]).await;
        let sent = Sent::default();
        let stored = store_at(provider, &server.url()).put("k", nine(), &options(false), &sent).await.unwrap();
        assert!(stored.proven, "{provider}");
        assert_eq!(sent.get(), 9);
        let request = &server.requests()[0];
        assert_eq!(request.contains("x-amz-checksum-crc64nvme: rosuhgp5mig="), sends_crc, "{request}");
        assert_eq!(request.contains("x-amz-checksum"), sends_crc, "{request}");
        assert!(request.contains("x-amz-content-sha256: unsigned-payload"), "{request}");
        assert!(request.contains("content-length: 9\r\n") && request.contains("content-type: text/plain"), "{request}");
        assert!(!request.contains("aws-chunked") && !request.contains("x-amz-trailer"), "{request}");
    }
}

#[tokio::test]
async fn other_bytes_in_the_bucket_are_an_integrity_failure() {
    let other = "00000000000000000000000000000000";
    let crc = answer("200 OK", &[("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")], "");
    for (provider, reply) in [(Provider::R2, tagged(other)), (Provider::B2, tagged(other)), (Provider::Local, crc)] {
        let server = CannedServer::start([reply]).await;
        let sent = Sent::default();
        let failure = store_at(provider, &server.url()).put("k", nine(), &options(false), &sent).await.unwrap_err();
        assert_eq!(failure.kind, Kind::Integrity, "{provider}");
        assert!(failure.what.contains("\"k\" in \"pics\" did not arrive as it was sent"), "{failure}");
        assert_eq!(sent.get(), 0);
    }
    let server = CannedServer::start([tagged(other)]).await;
    let stored = store_at(Provider::S3, &server.url()).put("k", nine(), &options(false), &Sent::default()).await;
    assert!(!stored.unwrap().proven, "an unknown service may make up its entity tags");
}

#[tokio::test]
async fn a_limit_holds_for_what_goes_into_the_socket_and_is_no_stall() {
    let server = CannedServer::start([tagged(&md5_of(&[7; 10 * 1024]))]).await;
    let store = store_with(Provider::R2, &server.url(), |config| config.patience.stall = Duration::from_millis(100));
    let sent = Sent::default().at_pace(Pace::of([Rate::new(32 * 1024)]));
    let (begun, bytes) = (Instant::now(), Bytes::from(vec![7; 10 * 1024]));
    store.put("k", bytes.into(), &options(false), &sent).await.unwrap();
    // Pieces of 2 KiB: the first goes at once, four more a sixteenth of a second after the one before.
    assert!(begun.elapsed() >= Duration::from_millis(250));
    assert_eq!(sent.get(), 10 * 1024);
}

#[tokio::test]
async fn a_retry_takes_back_what_it_counted() {
    let slow = error("503 Slow Down", "SlowDown", &[]);
    let server = CannedServer::start([slow.clone(), slow, tagged(MD5)]).await;
    let sent = Sent::default();
    store_at(Provider::R2, &server.url()).put("k", nine(), &options(false), &sent).await.unwrap();
    assert_eq!((server.requests().len(), sent.get()), (3, 9));
}

#[tokio::test]
async fn a_server_that_takes_all_bytes_and_never_answers_is_given_up() {
    let server = CannedServer::start([Canned::Silence]).await;
    let store = store_with(Provider::R2, &server.url(), |config| {
        config.patience.stall = Duration::from_millis(50);
    });
    let sent = Sent::default();
    let failure = store.put("k", nine(), &options(false), &sent).await.unwrap_err();
    assert_eq!((failure.kind, sent.get()), (Kind::Offline, 0));
}

#[tokio::test]
async fn only_if_absent_is_the_servers_decision_where_it_can() {
    let server = CannedServer::start([error("412 Precondition Failed", "PreconditionFailed", &[])]).await;
    let failure =
        store_at(Provider::R2, &server.url()).put("k", nine(), &options(true), &Sent::default()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Exists);
    assert!(server.requests()[0].contains("if-none-match: *"));
}

#[tokio::test]
async fn b2_is_looked_at_first_and_never_sent_a_condition() {
    let server = CannedServer::start([answer("404 Not Found", &[], ""), tagged(MD5)]).await;
    let store = store_at(Provider::B2, &server.url());
    assert!(store.capabilities().conditional_put.is_err());
    store.put("k", nine(), &options(true), &Sent::default()).await.unwrap();
    let requests = server.requests();
    assert!(requests[0].starts_with("head ") && requests[1].starts_with("put "), "{requests:?}");
    assert!(requests.iter().all(|request| !request.contains("if-none-match")));

    let server = CannedServer::start([tagged(MD5)]).await;
    let taken = store_at(Provider::B2, &server.url()).put("k", nine(), &options(true), &Sent::default()).await;
    assert_eq!(taken.unwrap_err().kind, Kind::Exists);
    assert_eq!(server.requests().len(), 1, "no byte was sent");
}

#[tokio::test]
async fn one_object_alone_is_replaced_by_a_condition_where_the_service_knows_it_else_by_looking_first() {
    let only = PutOptions { if_match: Some("tag".into()), ..options(false) };
    for provider in [Provider::S3, Provider::R2, Provider::Local] {
        let server = CannedServer::start([error("412 Precondition Failed", "PreconditionFailed", &[])]).await;
        let refused = store_at(provider, &server.url()).put("k", nine(), &only, &Sent::default()).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Changed, "{provider}");
        let request = &server.requests()[0];
        assert!(request.contains("if-match: \"tag\"") && !request.contains("if-none-match"), "{request}");
    }
    let server = CannedServer::start([answer("200 OK", &[("etag", "\"tag\"")], ""), tagged(MD5)]).await;
    store_at(Provider::B2, &server.url()).put("k", nine(), &only, &Sent::default()).await.unwrap();
    let requests = server.requests();
    assert!(requests[0].starts_with("head ") && requests[1].starts_with("put "), "{requests:?}");
    assert!(requests.iter().all(|request| !request.contains("if-match")), "{requests:?}");

    let server = CannedServer::start([answer("200 OK", &[("etag", "\"another\"")], "")]).await;
    let refused = store_at(Provider::B2, &server.url()).put("k", nine(), &only, &Sent::default()).await;
    assert_eq!((refused.unwrap_err().kind, server.requests().len()), (Kind::Changed, 1), "no byte was sent");
}

#[tokio::test]
async fn a_lost_answer_is_not_mistaken_for_somebody_elses_object() {
    let server = CannedServer::start([
        error("500 Internal Server Error", "InternalError", &[]),
        error("412 Precondition Failed", "PreconditionFailed", &[]),
        answer("200 OK", &[("etag", &format!("\"{MD5}\""))], "123456789"),
    ])
    .await;
    let stored = store_at(Provider::R2, &server.url()).put("k", nine(), &options(true), &Sent::default()).await;
    assert!(stored.unwrap().proven);
}

/// Two parts, "1234" and "56789", as a service with MD5 entity tags has them.
fn parts() -> Vec<Part> {
    let part = |number, size, etag: &str| Part { number, size, etag: etag.into(), checksum: None };
    vec![part(1, 4, "81dc9bdb52d04dc20036dbd8313ed055"), part(2, 5, "099ebea48ea9666a7da2177267983138")]
}

#[tokio::test]
async fn finishing_twice_finds_what_the_first_time_made() {
    let gone = error("404 Not Found", "NoSuchUpload", &[]);
    let id = UploadId("u".into());
    let tag = multipart_tag();
    let there = answer("200 OK", &[("etag", &format!("\"{tag}\""))], "123456789");
    let server = CannedServer::start([gone.clone(), there]).await;
    let stored = store_at(Provider::B2, &server.url()).finish_upload("k", &id, &parts(), 9, None, false).await.unwrap();
    assert_eq!((stored.etag, stored.proven), (Some(tag), true));

    let other = answer("200 OK", &[("etag", "\"other\"")], "123456789");
    let server = CannedServer::start([gone, other]).await;
    let failure = store_at(Provider::B2, &server.url()).finish_upload("k", &id, &parts(), 9, None, false).await;
    assert_eq!(failure.unwrap_err().kind, Kind::NotFound);
}

fn md5_of(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn multipart_tag() -> String {
    let md5s = [Md5::digest(b"1234"), Md5::digest(b"56789")].concat();
    format!("{}-2", md5_of(&md5s))
}

#[tokio::test]
async fn a_conflict_with_another_writer_is_tried_again_later() {
    let server = CannedServer::start([error("409 Conflict", "ConditionalRequestConflict", &[])]).await;
    let (store, id) = (store_at(Provider::Local, &server.url()), UploadId("u".into()));
    let put = store.put("k", nine(), &options(true), &Sent::default()).await;
    assert_eq!(put.unwrap_err().kind, Kind::Busy);
    assert_eq!(store.finish_upload("k", &id, &parts(), 9, None, true).await.unwrap_err().kind, Kind::Busy);
}

#[tokio::test]
async fn an_error_inside_a_200_fails_the_last_step() {
    let inside = answer("200 OK", &[], "<Error><Code>InternalError</Code><Message>late</Message></Error>");
    let server = CannedServer::start([inside]).await;
    let id = UploadId("u".into());
    let answer = store_at(Provider::R2, &server.url()).finish_upload("k", &id, &parts(), 9, None, false).await;
    assert_eq!(answer.unwrap_err().kind, Kind::Busy);
}

#[tokio::test]
async fn parts_that_are_not_the_whole_are_never_put_together() {
    let server = CannedServer::start([Canned::Silence]).await;
    let id = UploadId("u".into());
    let answer = store_at(Provider::R2, &server.url()).finish_upload("k", &id, &parts(), 10, None, false).await;
    assert_eq!(answer.unwrap_err().kind, Kind::Integrity);
    assert!(server.requests().is_empty());
}
