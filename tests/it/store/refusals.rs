//! What R2 and B2 refuse, and the sentences that a person reads about it: a store of either provider in front of a server
//! that turns away what the provider turns away. That a profile sends none of the refused requests is what `table.rs` shows.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::ObjectCannedAcl;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use windlass::domain::{Failure, FailureKind as Kind};
use windlass::storage::local::LocalAccess;
use windlass::storage::s3::{S3Config, open};
use windlass::storage::{ListRequest, ObjectStore, Payload, PutOptions, Sent};

use crate::support::bucket::client_with;
use crate::support::front::{Front, Right};
use crate::support::rogue::Fault;

fn nine() -> Payload {
    Bytes::from_static(b"123456789").into()
}

async fn put(config: S3Config) -> Result<(), Failure> {
    open(config).unwrap().put("a.txt", nine(), &PutOptions::default(), &Sent::default()).await.map(drop)
}

async fn list(config: S3Config) -> Result<(), Failure> {
    let request = ListRequest { limit: 1, ..ListRequest::default() };
    open(config).unwrap().list(&request).await.map(drop)
}

#[tokio::test]
async fn a_token_of_r2_without_write_reads_and_says_what_it_lacks() {
    let front = Front::r2(Right::Read).await;
    list(front.config()).await.unwrap();
    let failure = put(front.config()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Denied);
    let key = front.rogue.access().access_key_id.clone();
    assert_eq!(
        failure.sentence(),
        format!(
            "the access key {key} may not write \"a.txt\" in \"windlass\": give the API token Object Read & Write for this \
             bucket (R2, Manage API tokens)"
        )
    );
}

#[tokio::test]
async fn b2s_master_key_is_told_by_its_looks() {
    let front = Front::b2(Right::ReadWrite).await;
    let master = S3Config { access_key_id: "0123456789ab".into(), ..front.config() };
    let failure = list(master).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Credentials);
    assert_eq!(
        failure.sentence(),
        "B2 does not know the access key id 0123456789ab: this is the account's master key, which B2's S3 API does not \
         take; make an application key for the bucket"
    );
}

#[tokio::test]
async fn a_key_of_b2_for_another_bucket_is_said_to_be() {
    let front = Front::b2(Right::Elsewhere).await;
    let failure = list(front.config()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Denied);
    assert!(
        failure
            .sentence()
            .ends_with("use an application key that may read in this bucket; many are for one bucket alone")
    );
    let failure = put(front.config()).await.unwrap_err();
    assert!(failure.sentence().contains("may write in this bucket"), "{failure}");
}

#[tokio::test]
async fn a_bucket_of_another_jurisdiction_or_region_is_looked_for_where_it_is_not() {
    for (front, hint) in [
        (Front::r2(Right::ReadWrite).await, "jurisdiction = \"eu\""),
        (Front::b2(Right::ReadWrite).await, "the endpoint is the one on the bucket's page"),
    ] {
        let elsewhere = S3Config { bucket: "elsewhere".into(), ..front.config() };
        let failure = list(elsewhere).await.unwrap_err();
        assert_eq!(failure.kind, Kind::NoBucket);
        assert!(failure.what.contains("there is no bucket \"elsewhere\" at 127.0.0.1:"), "{failure}");
        assert!(failure.sentence().contains(hint), "{failure}");
    }
}

#[tokio::test]
async fn not_now_is_tried_again_as_often_as_the_provider_says_it() {
    for (front, fault, times) in [
        (Front::r2(Right::ReadWrite).await, Fault::TooMany(None), 4),
        (Front::b2(Right::ReadWrite).await, Fault::SlowDown, 8),
    ] {
        let left = AtomicU32::new(times);
        front.rogue.faults(move |_| {
            let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            taken.is_ok().then(|| fault.clone())
        });
        list(front.config()).await.unwrap();
    }
}

/// The fronts do refuse: what is never sent would otherwise prove nothing.
#[tokio::test]
async fn the_fronts_refuse_what_their_providers_refuse() {
    let r2 = Front::r2(Right::ReadWrite).await;
    let b2 = Front::b2(Right::ReadWrite).await;
    for (front, codes) in [
        (&r2, ["NotImplemented", "AccessDenied", "InvalidRequest", "none"]),
        (&b2, ["InvalidArgument", "AccessDenied", "InvalidArgument", "NotImplemented"]),
    ] {
        let client = front.client();
        let put = || client.put_object().bucket("windlass").key("k").body(Bytes::from_static(b"123456789").into());
        let code = |error: Option<String>| error.unwrap_or_else(|| "none".into());
        let acl = put().acl(ObjectCannedAcl::PublicRead).send().await.err();
        let buckets = client.list_buckets().send().await.err();
        let sums = put().content_md5("JfnnlDI7RTiF9RgfG2JNCw==").checksum_crc32("y/Q5Jg==").send().await.err();
        let absent = put().if_none_match("*").send().await.err();
        let seen = [
            code(acl.and_then(|error| error.code().map(str::to_owned))),
            code(buckets.and_then(|error| error.code().map(str::to_owned))),
            code(sums.and_then(|error| error.code().map(str::to_owned))),
            code(absent.and_then(|error| error.code().map(str::to_owned))),
        ];
        assert_eq!(seen, codes);
    }
}

/// What an SDK does by itself with a body that it cannot read twice: pieces of it, each signed (over http) or followed by its
/// checksum, "aws-chunked". Windlass never does (`table.rs` goes through these fronts), other clients did and broke.
#[tokio::test]
async fn the_fronts_refuse_a_body_in_signed_pieces() {
    for (front, code) in
        [(Front::r2(Right::Admin).await, "NotImplemented"), (Front::b2(Right::Admin).await, "InvalidArgument")]
    {
        let access = LocalAccess { endpoint: front.rogue.endpoint(), ..front.rogue.access().clone() };
        let client = client_with(&access, RequestChecksumCalculation::WhenSupported);
        let piece = futures::stream::iter([Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"123456789")))]);
        let body = SdkBody::from_body_1_x(StreamBody::new(piece));
        let put = client.put_object().bucket("windlass").key("k").content_length(9).body(ByteStream::new(body));
        let refused = put.send().await.unwrap_err();
        assert_eq!(refused.code(), Some(code), "{refused:?}");
        let asked = front.rogue.ledger().which(|entry| entry.ask.key == "k");
        let sum = asked[0].ask.header("x-amz-content-sha256").unwrap();
        assert_eq!(sum, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "{asked:?}");
        assert_eq!(asked[0].status, None, "the server behind it never heard of it");
    }
}

#[tokio::test]
async fn the_front_of_r2_refuses_parts_of_unequal_size() {
    let front = Front::r2(Right::ReadWrite).await;
    let store = open(front.config()).unwrap();
    let id = store.begin_upload("k", &PutOptions::default()).await.unwrap();
    let mut parts = Vec::new();
    for (number, size) in [(1, 6), (2, 5), (3, 1)] {
        let piece = Bytes::from(vec![1; size << 20]);
        parts.push(store.upload_part("k", &id, number, piece.into(), &Sent::default()).await.unwrap());
    }
    let failure = store.finish_upload("k", &id, &parts, 12 << 20, None, false).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Changed, "{failure}");
}
