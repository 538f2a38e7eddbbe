//! The suite against the bucket that comes with Windlass, over http and over TLS.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use windlass::config::{Profile, ProfileSource, ReadOnly};
use windlass::domain::{FailureKind as Kind, Provider};
use windlass::storage::local::{LocalAccess, LocalBucket, Server};
use windlass::storage::read_only::ReadOnlyStore;
use windlass::storage::s3::{S3Config, S3Store, open};
use windlass::storage::{ListRequest, ObjectStore, PutOptions, Sent, UploadId};

use super::conformance::{everything, links_work_without_us};
use crate::support::tls::Tls;

pub fn config(access: &LocalAccess) -> S3Config {
    let secret = access.secret_access_key.expose();
    let mut config = S3Config::new(Provider::Local, &access.bucket, &access.access_key_id, secret);
    config.endpoint = Some(access.endpoint.clone());
    config.region = Some(access.region.clone());
    config
}

fn store(access: &LocalAccess) -> S3Store {
    open(config(access)).unwrap()
}

pub async fn serve_tls(bucket: &LocalBucket, tls: &Tls, folder: &Path) -> S3Config {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let (server, acceptor) = (Server::new(bucket), tls.acceptor());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (server, acceptor) = (server.clone(), acceptor.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    server.connection(stream).await;
                }
            });
        }
    });
    let mut config = config(&bucket.access(endpoint));
    config.ca_file = Some(tls.ca_file(folder));
    config
}

#[tokio::test]
async fn the_local_bucket_does_everything_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let served = LocalBucket::open(folder.path()).await.unwrap().serve_private().await.unwrap();
    let store = store(&served.access);
    everything(&store).await;
    links_work_without_us(&store).await;
}

#[tokio::test]
async fn the_local_bucket_does_everything_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let bucket = LocalBucket::open(&folder.path().join("bucket")).await.unwrap();
    let tls = Tls::new();
    everything(&open(serve_tls(&bucket, &tls, folder.path()).await).unwrap()).await;
}

/// What a client of R2, B2 or an unknown service does must work against a server that can more.
#[tokio::test]
async fn every_providers_client_works_against_a_good_server() {
    for provider in [Provider::S3, Provider::R2, Provider::B2] {
        let folder = tempfile::tempdir().unwrap();
        let served = LocalBucket::open(folder.path()).await.unwrap().serve_private().await.unwrap();
        everything(&open(S3Config { provider, ..config(&served.access) }).unwrap()).await;
    }
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_key_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let served = LocalBucket::open(folder.path()).await.unwrap().serve_private().await.unwrap();
    let access = &served.access;
    let list = ListRequest { limit: 1, ..ListRequest::default() };
    let wrong = LocalAccess { secret_access_key: windlass::domain::Secret::new("wrong"), ..access.clone() };
    let failure = store(&wrong).list(&list).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Credentials);
    assert!(failure.sentence().contains("check secret_access_key"), "{failure}");
    let unknown = LocalAccess { access_key_id: "NOBODY".into(), ..access.clone() };
    let failure = store(&unknown).list(&list).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Credentials);
    assert!(failure.what.contains("NOBODY"), "{failure}");
    let elsewhere = LocalAccess { bucket: "elsewhere".into(), ..access.clone() };
    let failure = store(&elsewhere).list(&list).await.unwrap_err();
    assert_eq!(failure.kind, Kind::NoBucket);
    assert!(failure.what.contains("there is no bucket \"elsewhere\""), "{failure}");
    let failure = store(&elsewhere).delete("k").await.unwrap_err();
    assert_eq!(failure.kind, Kind::NoBucket, "a delete in no bucket has deleted nothing");
    let failure = store(&elsewhere).head("k").await.unwrap_err();
    assert_eq!(failure.kind, Kind::NoBucket, "a HEAD answers 404 without a word: {failure}");
    let failure = store(access).head("k").await.unwrap_err();
    assert_eq!(failure.kind, Kind::NotFound, "the bucket is there: {failure}");
}

#[tokio::test]
async fn a_read_only_store_refuses_every_write_and_reads() {
    let folder = tempfile::tempdir().unwrap();
    let served = LocalBucket::open(folder.path()).await.unwrap().serve_private().await.unwrap();
    let inner = std::sync::Arc::new(store(&served.access));
    let (options, sent, id) = (PutOptions::default(), Sent::default(), UploadId("u".into()));
    inner.put("k", Bytes::from_static(b"x").into(), &options, &sent).await.unwrap();
    let shop = ReadOnly::of(&Profile::blank("shop", ProfileSource::BuiltIn, Provider::Local));
    let store = ReadOnlyStore::new(inner, shop);
    assert!(store.capabilities().write.is_err());
    let refusals = [
        store.put("k", Bytes::new().into(), &options, &sent).await.err(),
        store.begin_upload("k", &options).await.err(),
        store.upload_part("k", &id, 1, Bytes::new().into(), &sent).await.err(),
        store.finish_upload("k", &id, &[], 0, None, false).await.err(),
        store.abort_upload("k", &id).await.err(),
        store.delete("k").await.err(),
        store.upload_link("k", "text/plain", None, Duration::from_secs(60)).await.err(),
    ];
    for refusal in refusals {
        let failure = refusal.unwrap();
        assert_eq!(failure.kind, Kind::ReadOnly);
        assert!(failure.sentence().contains("\"k\": profile shop is read-only"), "{failure}");
    }
    let refused = store.check(&|can| can.write).unwrap_err();
    assert_eq!((refused.kind, &*refused.what), (Kind::ReadOnly, "nothing was done: profile shop is read-only"));
    let cannot = store.check(&|can| can.from_url.and(can.write)).unwrap_err();
    assert_eq!(cannot.kind, Kind::Unsupported, "that is no fault of the profile's: {cannot}");
    store.check(&|can| can.list).unwrap();
    assert_eq!(store.head("k").await.unwrap().0.size, 1);
    store.link("k", Duration::from_secs(60), None).await.unwrap();
}
