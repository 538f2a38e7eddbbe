//! Whether a bucket is public: B2's guide keeps no URL of a private bucket's files, and that is asked once, without a
//! signature, as anybody would.

use windlass::domain::Provider;
use windlass::storage::ObjectStore;
use windlass::storage::s3::open;

use crate::store::store_at;
use crate::support::canned::{CannedServer, answer};
use crate::support::front::{Front, Right};
use crate::support::program::Home;

#[tokio::test]
async fn a_private_bucket_of_b2_has_no_urls_and_is_asked_once() {
    let front = Front::b2(Right::ReadWrite).await;
    let store = open(front.config()).unwrap();
    assert_eq!(store.capabilities().public_url, Ok(()), "nobody knows yet");
    assert_eq!((store.file_url("a b").await, store.public_link("a b").await), (None, None));
    assert_eq!(store.capabilities().public_url, Err("the bucket is private"));
    let asked = front.rogue.ledger().which(|entry| entry.ask.header("authorization").is_none());
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((asked[0].ask.method.as_str(), asked[0].ask.key.as_str()), ("GET", "a b"));
}

#[tokio::test]
async fn a_public_bucket_of_b2_has_the_guides_urls() {
    let front = Front::b2(Right::ReadWrite).await.public();
    let store = open(front.config()).unwrap();
    let url = format!("{}/windlass/a%20b", front.rogue.endpoint());
    assert_eq!(store.file_url("a b").await, Some(url.clone()));
    assert_eq!(store.public_link("a b").await.unwrap().url.expose(), url);
}

#[tokio::test]
async fn who_does_not_say_is_no_private_bucket_and_is_not_asked_at_every_file() {
    let cap = "<Error><Code>AccessDenied</Code><Message>Cannot download file, cap exceeded.</Message></Error>";
    for refused in [
        answer("503 Service Unavailable", &[], ""),
        answer("403 Forbidden", &[], "<html>the proxy of the house</html>"),
        answer("403 Forbidden", &[], cap),
    ] {
        let server = CannedServer::start([refused]).await;
        let store = store_at(Provider::B2, &server.url());
        let (one, other) = tokio::join!(store.file_url("a"), store.file_url("b"));
        assert!(one.is_some() && other.is_some() && store.public_link("c").await.is_some());
        assert_eq!(server.requests().len(), 1, "the others take the same answer");
    }
}

#[tokio::test]
async fn nobody_else_is_asked() {
    let server = CannedServer::start([answer("403 Forbidden", &[], "")]).await;
    for provider in [Provider::S3, Provider::R2, Provider::Local] {
        let store = store_at(provider, &server.url());
        assert!(store.file_url("a").await.is_some(), "{provider:?}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_file_in_a_private_bucket_of_b2_has_no_url() {
    for (front, has_url) in
        [(Front::b2(Right::ReadWrite).await, false), (Front::b2(Right::ReadWrite).await.public(), true)]
    {
        let home = Home::new();
        front.rogue.configure(&home, "b2", &format!("sqlite:{}", home.path().join("c.sqlite").display()));
        home.file("a.txt", "text");
        let uploaded = home.run(["upload", "a.txt", "--key", "a.txt", "--json"]).with(0).json();
        let url = format!("{}/windlass/a.txt", front.rogue.endpoint());
        let expected = if has_url { serde_json::json!(url) } else { serde_json::Value::Null };
        assert_eq!(uploaded.last().unwrap()["url"], expected);
        assert_eq!(home.run(["ls", "--json"]).with(0).json()[0]["url"], expected);
        assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).json()[0]["url"], expected);
        let public = home.run(["link", "a.txt", "--public"]);
        if has_url {
            assert_eq!(public.with(0).out.trim(), url);
        } else {
            let hint = "set public_base_url in the profile, or leave --public away for a signed link";
            assert_eq!(public.with(1).sentence(), format!("the bucket is private: {hint}"));
        }
    }
}
