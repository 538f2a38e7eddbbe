//! What bad servers, bad networks and wrong settings answer, and the sentence that a person reads about each.

use std::time::Duration;

use futures::TryStreamExt;
use windlass::domain::{Checksum, Failure, FailureKind as Kind, Provider};
use windlass::storage::{ListRequest, ObjectStore};

use super::{store_at, store_with};
use crate::support::canned::{Canned, CannedServer, answer, cut_answer, error};
use crate::support::tls::Tls;

fn all() -> ListRequest {
    ListRequest { limit: 1000, ..ListRequest::default() }
}

async fn listing_fails(answers: impl IntoIterator<Item = Canned>) -> (Failure, CannedServer) {
    let server = CannedServer::start(answers).await;
    let failure = store_at(Provider::S3, &server.url()).list(&all()).await.unwrap_err();
    (failure, server)
}

const EMPTY: &str = "<ListBucketResult><Name>pics</Name><KeyCount>0</KeyCount></ListBucketResult>";

#[tokio::test]
async fn a_wrong_secret_names_the_key_and_the_setting() {
    let (failure, _) = listing_fails([error("403 Forbidden", "SignatureDoesNotMatch", &[])]).await;
    assert_eq!(failure.kind, Kind::Credentials);
    assert_eq!(
        failure.sentence(),
        "the secret access key does not belong to the access key id AKIATEST: check secret_access_key in the profile; \
         if it is right, check region"
    );
}

#[tokio::test]
async fn a_wrong_key_id_is_named() {
    let (failure, _) = listing_fails([error("403 Forbidden", "InvalidAccessKeyId", &[])]).await;
    assert_eq!(failure.kind, Kind::Credentials);
    assert!(failure.sentence().contains("does not know the access key id AKIATEST"), "{failure}");
}

#[tokio::test]
async fn a_missing_bucket_is_named_with_its_host() {
    let (failure, server) = listing_fails([error("404 Not Found", "NoSuchBucket", &[])]).await;
    assert_eq!(failure.kind, Kind::NoBucket);
    assert!(failure.what.contains(&format!("no bucket \"pics\" at {}", server.address)), "{failure}");
}

#[tokio::test]
async fn a_wrong_region_is_said_to_be() {
    let (failure, _) = listing_fails([error("301 Moved Permanently", "PermanentRedirect", &[])]).await;
    assert_eq!(failure.kind, Kind::Usage);
    assert!(failure.what.contains("the bucket \"pics\" is not in the region us-east-1"), "{failure}");
    assert!(failure.sentence().contains("check region and endpoint"), "{failure}");
}

#[tokio::test]
async fn a_region_that_the_answer_names_is_used_from_then_on() {
    let redirected = error("301 Moved Permanently", "PermanentRedirect", &[("x-amz-bucket-region", "eu-west-1")]);
    let malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
    for first in [redirected, answer("400 Bad Request", &[], malformed)] {
        let server = CannedServer::start([first, answer("200 OK", &[], EMPTY)]).await;
        let store = store_at(Provider::S3, &server.url());
        store.list(&all()).await.unwrap();
        store.list(&all()).await.unwrap();
        let signed_for: Vec<bool> =
            server.requests().iter().map(|request| request.contains("/eu-west-1/s3/aws4_request")).collect();
        assert_eq!(signed_for, [false, true, true]);
    }
}

#[tokio::test]
async fn head_errors_without_a_body_go_by_their_status() {
    let there = || answer("200 OK", &[], "");
    let denied = || error("403 Forbidden", "AccessDenied", &[]);
    for (status, then, kind) in [
        ("404 Not Found", there(), Kind::NotFound),
        ("404 Not Found", denied(), Kind::NotFound),
        ("403 Forbidden", denied(), Kind::Denied),
    ] {
        let server = CannedServer::start([answer(status, &[], ""), then]).await;
        let failure = store_at(Provider::S3, &server.url()).head("a b").await.unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.what.contains("\"a b\"") && failure.what.contains("\"pics\""), "{failure}");
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told_from_a_missing_object_though_head_says_neither() {
    let nothing = || answer("404 Not Found", &[], "");
    let server = CannedServer::start([nothing(), nothing()]).await;
    let failure = store_at(Provider::S3, &server.url()).head("k").await.unwrap_err();
    assert_eq!(failure.kind, Kind::NoBucket, "{failure}");
    assert!(failure.what.contains("there is no bucket \"pics\""), "{failure}");
    let server = CannedServer::start([nothing(), answer("200 OK", &[], ""), nothing()]).await;
    let store = store_at(Provider::S3, &server.url());
    for _ in 0..3 {
        assert_eq!(store.head("k").await.unwrap_err().kind, Kind::NotFound);
    }
    assert_eq!(server.requests().len(), 4, "the bucket is not asked for with every key");
    let server = CannedServer::start([answer("200 OK", &[], ""), nothing()]).await;
    let store = store_at(Provider::S3, &server.url());
    store.head("there").await.unwrap();
    assert_eq!(store.head("k").await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(server.requests().len(), 2, "nor where it has just answered");
}

#[tokio::test]
async fn a_bucket_that_was_there_is_asked_for_again_once_an_answer_says_that_it_is_gone() {
    let nothing = || answer("404 Not Found", &[], "");
    let gone = error("404 Not Found", "NoSuchBucket", &[]);
    let server = CannedServer::start([answer("200 OK", &[], EMPTY), nothing(), gone, nothing(), nothing()]).await;
    let store = store_at(Provider::S3, &server.url());
    store.list(&all()).await.unwrap();
    assert_eq!(store.head("k").await.unwrap_err().kind, Kind::NotFound, "it has just answered");
    assert_eq!(store.list(&all()).await.unwrap_err().kind, Kind::NoBucket);
    assert_eq!(store.head("k").await.unwrap_err().kind, Kind::NoBucket);
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn wrong_credentials_are_told_from_a_missing_right_though_head_says_neither() {
    for (status, code) in [("403 Forbidden", "SignatureDoesNotMatch"), ("400 Bad Request", "ExpiredToken")] {
        let server = CannedServer::start([answer(status, &[], ""), error(status, code, &[])]).await;
        let failure = store_at(Provider::S3, &server.url()).head("k").await.unwrap_err();
        assert_eq!(failure.kind, Kind::Credentials, "{failure}");
        let asked = server.requests();
        assert!(asked[1].starts_with("get ") && asked[1].contains("bytes=0-0"), "{asked:?}");
    }
}

#[tokio::test]
async fn a_long_retry_after_is_handed_to_the_caller() {
    let (failure, server) = listing_fails([error("503 Slow Down", "SlowDown", &[("retry-after", "120")])]).await;
    assert_eq!((failure.kind, failure.retry_after), (Kind::Busy, Some(Duration::from_secs(120))));
    assert!(failure.is_transient());
    assert_eq!(server.requests().len(), 1, "nobody knocks again before the time is up");
}

#[tokio::test]
async fn too_many_requests_are_tried_again() {
    let server = CannedServer::start([
        error("429 Too Many Requests", "TooManyRequests", &[]),
        error("503 Slow Down", "SlowDown", &[("retry-after", "0")]),
        answer("200 OK", &[], EMPTY),
    ])
    .await;
    store_at(Provider::R2, &server.url()).list(&all()).await.unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn b2_is_asked_more_often_than_others() {
    let mut answers = vec![error("503 Service Unavailable", "ServiceUnavailable", &[]); 7];
    answers.push(answer("200 OK", &[], EMPTY));
    let server = CannedServer::start(answers).await;
    let store = store_with(Provider::B2, &server.url(), |config| {
        config.patience.first_backoff = Duration::from_micros(10);
    });
    store.list(&all()).await.unwrap();
    assert_eq!(server.requests().len(), 8);
}

#[tokio::test]
async fn an_answer_that_is_not_s3s_is_said_to_be() {
    let (failure, _) = listing_fails([answer("200 OK", &[], "<html>hello</html>")]).await;
    assert_eq!(failure.kind, Kind::Internal);
    assert!(failure.sentence().contains("check that the endpoint is an S3 server's"), "{failure}");
    let (failure, _) = listing_fails([answer("403 Forbidden", &[], "<html>no & never</p>")]).await;
    assert_eq!(failure.kind, Kind::Denied);
    let (failure, _) = listing_fails([Canned::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())]).await;
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.what.contains("does not speak HTTP"), "{failure}");
}

#[tokio::test]
async fn a_cut_connection_fails_the_download_that_it_cuts() {
    let server = CannedServer::start([cut_answer("200 OK", &[("etag", "\"x\"")], "half", 8)]).await;
    let download = store_at(Provider::S3, &server.url()).get("k", 0, None, None).await.unwrap();
    assert_eq!(download.info.size, 8);
    let failure = download.body.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.what.contains(&server.address) && failure.what.contains("was cut"), "{failure}");
}

#[tokio::test]
async fn the_checksum_that_the_server_keeps_comes_with_the_bytes_and_they_are_not_hashed_on_the_way() {
    let damaged = answer("200 OK", &[("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")], "123456789");
    let server = CannedServer::start([damaged]).await;
    let download = store_at(Provider::Local, &server.url()).get("k", 0, None, None).await.unwrap();
    assert_eq!(download.checksum, Some(Checksum::crc64nvme("AAAAAAAAAAA=")));
    assert_eq!(download.body.try_collect::<Vec<_>>().await.unwrap().concat(), b"123456789");
    assert!(server.requests()[0].contains("x-amz-checksum-mode: enabled\r\n"), "{:?}", server.requests());
}

#[tokio::test]
async fn an_entity_tag_is_an_md5_only_where_that_is_sure() {
    let tag = "25f9e794323b453885f5181f1b624d0b";
    let md5 = Some(Checksum::md5("JfnnlDI7RTiF9RgfG2JNCw=="));
    for (provider, tag, checksum) in [
        (Provider::R2, tag, md5.clone()),
        (Provider::B2, tag, md5),
        (Provider::R2, "x-2", None),
        (Provider::S3, tag, None),
    ] {
        let answered = answer("200 OK", &[("etag", &format!("\"{tag}\""))], "123456789");
        let store = CannedServer::start([answered]).await;
        let store = store_at(provider, &store.url());
        assert_eq!(store.get("k", 0, None, None).await.unwrap().checksum, checksum, "{provider:?} {tag}");
        assert_eq!(store.head("k").await.unwrap().1, checksum, "{provider:?} {tag}");
    }
}

#[tokio::test]
async fn a_download_that_stops_coming_is_given_up() {
    let server =
        CannedServer::start([Canned::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234".to_vec())]).await;
    let store = store_with(Provider::S3, &server.url(), |config| {
        config.patience.stall = Duration::from_millis(50);
    });
    let download = store.get("k", 0, None, None).await.unwrap();
    let failure = download.body.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.what.contains("did not answer in time"), "{failure}");
}

#[tokio::test]
async fn a_reader_that_takes_its_time_is_no_stall() {
    let stall = Duration::from_millis(300);
    let pieces = "a".repeat(1 << 20);
    let server = CannedServer::start([answer("200 OK", &[], &pieces)]).await;
    let store = store_with(Provider::S3, &server.url(), |config| config.patience.stall = stall);
    let mut body = store.get("k", 0, None, None).await.unwrap().body;
    let first = body.try_next().await.unwrap().unwrap();
    // Only a clock can show that time is not what counts.
    tokio::time::sleep(2 * stall).await;
    let rest: Vec<_> = body.try_collect().await.unwrap();
    assert_eq!(first.len() + rest.concat().len(), pieces.len());
}

#[tokio::test]
async fn a_server_that_keeps_its_ranges_to_itself_is_asked_for_the_size_once() {
    let head = answer("200 OK", &[("etag", "\"x\"")], "0123456789");
    let range = |bytes: &str| answer("200 OK", &[("etag", "\"x\"")], bytes);
    let server = CannedServer::start([head, range("012"), range("345")]).await;
    let store = store_at(Provider::S3, &server.url());
    store.head("k").await.unwrap();
    for (offset, bytes) in [(0, "012"), (3, "345")] {
        let download = store.get("k", offset, Some(3), Some("x")).await.unwrap();
        assert_eq!(download.info.size, 10);
        assert_eq!(download.body.try_collect::<Vec<_>>().await.unwrap().concat(), bytes.as_bytes());
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn an_answer_without_a_length_is_read_to_its_end() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n";
    let head = answer("200 OK", &[], "123456789");
    let server = CannedServer::start([Canned::Bytes(chunked.into()), head]).await;
    let download = store_at(Provider::S3, &server.url()).get("k", 0, None, None).await.unwrap();
    assert_eq!(download.info.size, 9);
    assert_eq!(download.body.try_collect::<Vec<_>>().await.unwrap().concat(), b"123456789");
}

#[tokio::test]
async fn headers_that_are_no_text_do_not_hide_the_object() {
    let latin1 = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nx-amz-meta-name: gr\xfc\xdfe\r\n\r\nx".to_vec();
    let server = CannedServer::start([Canned::Bytes(latin1)]).await;
    let download = store_at(Provider::S3, &server.url()).get("k", 0, None, None).await.unwrap();
    assert_eq!(download.body.try_collect::<Vec<_>>().await.unwrap().concat(), b"x");
}

#[tokio::test]
async fn long_lists_of_uploads_and_parts_are_read_to_their_end() {
    let upload = |key: &str, more: &str| {
        let upload = format!("<Upload><Key>{key}</Key><UploadId>u</UploadId></Upload>");
        answer("200 OK", &[], &format!("<ListMultipartUploadsResult>{more}{upload}</ListMultipartUploadsResult>"))
    };
    let more =
        "<IsTruncated>true</IsTruncated><NextKeyMarker>k1</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>";
    // The last page claims once more that there is more, at the same place: that is no reason to ask for ever.
    let server = CannedServer::start([upload("k1", more), upload("k2", more)]).await;
    let uploads = store_at(Provider::S3, &server.url()).list_uploads("k").await.unwrap();
    assert_eq!(uploads.iter().map(|upload| upload.key.as_str()).collect::<Vec<_>>(), ["k1", "k2"]);
    assert!(server.requests()[1].contains("key-marker=k1") && server.requests().len() == 2);

    let part = |number: u32, more: bool| {
        let part = format!("<Part><PartNumber>{number}</PartNumber><ETag>e</ETag><Size>5</Size></Part>");
        let next = format!("<IsTruncated>{more}</IsTruncated><NextPartNumberMarker>{number}</NextPartNumberMarker>");
        answer("200 OK", &[], &format!("<ListPartsResult>{next}{part}</ListPartsResult>"))
    };
    let server = CannedServer::start([part(1, true), part(2, false)]).await;
    let id = windlass::storage::UploadId("u".into());
    let parts = store_at(Provider::S3, &server.url()).list_parts("k", &id).await.unwrap();
    assert_eq!(parts.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 2]);
    assert!(server.requests()[1].contains("part-number-marker=1"));
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = CannedServer::start([Canned::Silence]).await;
    let store = store_with(Provider::S3, &server.url(), |config| {
        config.patience.answer = Duration::from_millis(50);
    });
    let failure = store.list(&all()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.what.contains(&format!("{} did not answer in time", server.address)), "{failure}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_port_and_an_unknown_host_are_told_apart() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let failure = store_at(Provider::S3, &format!("http://{free}")).list(&all()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.what.contains(&format!("{free} refused the connection")), "{failure}");
    let unknown = store_at(Provider::S3, "http://no-such-host.invalid:9000");
    let failure = unknown.list(&all()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.what.contains("no-such-host.invalid:9000 is not known"), "{failure}");
}

#[tokio::test]
async fn a_certificate_of_a_foreign_authority_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, foreign) = (Tls::new(), Tls::new());
    let server = CannedServer::start_tls([answer("200 OK", &[], EMPTY)], foreign.acceptor()).await;
    let endpoint = format!("https://{}", server.address);
    let store = store_with(Provider::S3, &endpoint, |config| config.ca_file = Some(ours.ca_file(folder.path())));
    let failure = store.list(&all()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.what.contains(&format!("the certificate of {} cannot be trusted", server.address)), "{failure}");
    assert!(failure.sentence().contains("ca_file"), "{failure}");
    assert!(server.requests().is_empty());

    let store = store_with(Provider::S3, &endpoint, |config| config.ca_file = Some(foreign.ca_file(folder.path())));
    store.list(&all()).await.unwrap();
}

#[tokio::test]
async fn tls_with_a_server_that_speaks_none_says_so() {
    let server = CannedServer::start([answer("200 OK", &[], EMPTY)]).await;
    let failure = store_at(Provider::S3, &format!("https://{}", server.address)).list(&all()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.what.contains("TLS"), "{failure}");
}

#[tokio::test]
async fn ranges_are_right_whatever_the_server_makes_of_them() {
    let head = answer("200 OK", &[("etag", "\"x\"")], "0123456789");
    for (said, body) in [("206 Partial Content", "567"), ("200 OK", "567"), ("200 OK", "0123456789")] {
        let range: &[_] = if said.starts_with("206") { &[("content-range", "bytes 5-7/10")] } else { &[] };
        let server = CannedServer::start([answer(said, range, body), head.clone()]).await;
        let download = store_at(Provider::S3, &server.url()).get("k", 5, Some(3), Some("x")).await.unwrap();
        assert_eq!(download.info.size, 10);
        let bytes: Vec<_> = download.body.try_collect().await.unwrap();
        assert_eq!(bytes.concat(), b"567", "{said} {body}");
        let request = &server.requests()[0];
        assert!(request.contains("range: bytes=5-7\r\n") && request.contains("if-match: \"x\"\r\n"), "{request}");
    }
    let server = CannedServer::start([answer("200 OK", &[], "56"), head]).await;
    let odd = store_at(Provider::S3, &server.url()).get("k", 5, Some(3), None).await;
    assert_eq!(odd.err().map(|failure| failure.kind), Some(Kind::Unsupported));
}

#[tokio::test]
async fn keys_are_decoded_only_if_the_answer_says_that_they_are_encoded() {
    let page = |encoding: &str| {
        let object = "<Contents><Key>a%1B+b</Key><Size>1</Size><ETag>&quot;e&quot;</ETag></Contents>";
        let prefix = "<CommonPrefixes><Prefix>A+/</Prefix></CommonPrefixes>";
        answer("200 OK", &[], &format!("<ListBucketResult>{encoding}{object}{prefix}</ListBucketResult>"))
    };
    for (encoding, keys) in [("<EncodingType>url</EncodingType>", ["A /", "a\u{1b} b"]), ("", ["A+/", "a%1B+b"])] {
        let server = CannedServer::start([page(encoding)]).await;
        let list = store_at(Provider::S3, &server.url()).list(&all()).await.unwrap();
        assert_eq!(list.entries.iter().map(|entry| entry.key()).collect::<Vec<_>>(), keys);
        assert!(server.requests()[0].contains("encoding-type=url"));
    }
}

#[tokio::test]
async fn a_race_lost_against_the_same_content_leaves_no_upload_open() {
    let (nine, sum) = ("123456789", "25f9e794323b453885f5181f1b624d0b");
    let part = windlass::storage::Part { number: 1, size: 9, etag: sum.into(), checksum: None };
    let tag = windlass::storage::proof::multipart_tag(std::slice::from_ref(&part)).unwrap();
    let there = answer("200 OK", &[("etag", &format!("\"{tag}\""))], nine);
    let server = CannedServer::start([there.clone(), there, answer("204 No Content", &[], "")]).await;
    let store = store_at(Provider::S3, &server.url());
    let id = windlass::storage::UploadId("u".into());
    let stored = store.finish_upload("k", &id, &[part], 9, None, true).await.unwrap();
    assert_eq!(stored.etag, Some(tag));
    let requests = server.requests();
    assert!(requests.last().unwrap().starts_with("delete ") && requests.last().unwrap().contains("uploadid=u"));
}
