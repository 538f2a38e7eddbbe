//! Keys: every legal one apart from every other, and listings that tell them as they are.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use percent_encoding::percent_decode_str;

use super::{BUCKET, code, get, put};
use crate::support::bucket::TestBucket;

const ODD: [&str; 32] = [
    "a",
    "a/",
    "a//",
    "a/b",
    "a//b",
    "/",
    "//",
    "/a",
    ".",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "b ",
    " b",
    "b+c",
    "b c",
    "b%20c",
    "%",
    "%2F",
    "ä",
    "a\u{308}",
    "\u{202e}txt",
    "日本",
    "🪣",
    "\tab",
    "line\nbreak",
    "carriage\rreturn",
    "\u{1b}[31m",
    "\u{1}\u{7f}",
    "<&'\">",
    "?a=b#c\\d",
];

/// Every key below a prefix, as a client reads it that asks for url encoding, in pages.
async fn listed(client: &Client, page: i32) -> Vec<String> {
    let request = client.list_objects_v2().bucket(BUCKET).encoding_type(EncodingType::Url).max_keys(page);
    let mut pages = request.into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        for object in page.unwrap().contents() {
            keys.push(percent_decode_str(object.key().unwrap()).decode_utf8().unwrap().into_owned());
        }
    }
    keys
}

#[tokio::test]
async fn every_legal_key_is_kept_apart_from_every_other() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let long = "x".repeat(1024);
    let keys: BTreeSet<&str> = ODD.into_iter().chain([long.as_str()]).collect();
    for key in &keys {
        put(&client, key, key.as_bytes()).await;
    }
    for key in &keys {
        assert_eq!(get(&client, key).await, key.as_bytes(), "{key:?}");
    }
    for page in [1, 5, 1000] {
        assert!(listed(&client, page).await.iter().eq(keys.iter()), "in byte order, {page} a page");
    }
    let plain = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    let plain: Vec<_> = plain.contents().iter().map(|object| object.key().unwrap()).collect();
    assert!(plain.contains(&"\u{1b}[31m") && plain.contains(&"carriage\rreturn"), "controls are references in XML");
    for key in &keys {
        client.delete_object().bucket(BUCKET).key(*key).send().await.unwrap();
        assert_eq!(code(client.get_object().bucket(BUCKET).key(*key).send().await), "NoSuchKey", "{key:?}");
    }
    assert!(listed(&client, 1000).await.is_empty());
}

#[tokio::test]
async fn a_key_that_is_too_long_is_refused() {
    let bucket = TestBucket::start().await;
    let refused = bucket.client().put_object().bucket(BUCKET).key("x".repeat(1025)).send().await;
    assert_eq!(code(refused), "KeyTooLongError");
}

#[tokio::test]
async fn a_delimiter_rolls_keys_up_in_pages_of_any_size() {
    let bucket = TestBucket::start().await;
    let client = bucket.client();
    let keys: Vec<String> = (0..600).map(|n| format!("many/{:03}/{n:03}", n % 200)).collect();
    for some in keys.chunks(50) {
        futures::future::join_all(some.iter().map(|key| put(&client, key, b""))).await;
    }
    put(&client, "many/a file", b"").await;
    let expected: Vec<String> = (0..200).map(|n| format!("many/{n:03}/")).chain(["many/a file".to_owned()]).collect();
    for page in [7, 200, 1000] {
        let request = client.list_objects_v2().bucket(BUCKET).prefix("many/").delimiter("/").max_keys(page);
        let mut pages = request.into_paginator().send();
        let mut names = Vec::new();
        while let Some(answer) = pages.next().await {
            let answer = answer.unwrap();
            assert_eq!(answer.key_count(), Some((answer.contents().len() + answer.common_prefixes().len()) as i32));
            names.extend(answer.common_prefixes().iter().map(|one| one.prefix().unwrap().to_owned()));
            names.extend(answer.contents().iter().map(|one| one.key().unwrap().to_owned()));
        }
        assert_eq!(names, expected, "{page} a page");
    }
    let after = client.list_objects_v2().bucket(BUCKET).prefix("many/").delimiter("/").start_after("many/198/x");
    let after = after.send().await.unwrap();
    assert_eq!(after.common_prefixes()[0].prefix(), Some("many/199/"), "a prefix before the start is not repeated");
    let first = client.list_objects().bucket(BUCKET).prefix("many/").delimiter("/").max_keys(3).send().await.unwrap();
    assert_eq!((first.is_truncated(), first.next_marker()), (Some(true), Some("many/002/")));
    let second = client.list_objects().bucket(BUCKET).prefix("many/").delimiter("/").marker("many/002/");
    assert_eq!(second.max_keys(1).send().await.unwrap().common_prefixes()[0].prefix(), Some("many/003/"));
    let none = client.list_objects_v2().bucket(BUCKET).max_keys(0).send().await.unwrap();
    assert_eq!((none.key_count(), none.is_truncated()), (Some(0), Some(false)));
    assert_eq!(code(client.list_objects_v2().bucket(BUCKET).max_keys(-1).send().await), "InvalidArgument");
    assert_eq!(code(client.list_objects_v2().bucket(BUCKET).continuation_token("ä").send().await), "InvalidArgument");
}
