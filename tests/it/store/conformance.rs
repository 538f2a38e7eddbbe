//! What every object store does, whoever made it: one suite, run against each server that can be had.

use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use windlass::domain::{FailureKind as Kind, Listed};
use windlass::storage::proof::crc64nvme;
use windlass::storage::{Download, ListRequest, ObjectStore, Part, PutOptions, Sent, UploadId};

use crate::support::http;

const MIB: usize = 1024 * 1024;

/// Keys that have broken other programs.
const ODD: [&str; 14] = [
    "a",
    "a/b",
    "a//b",
    "a/../b",
    "../up",
    "/lead",
    "trail/",
    "sp ace+plus%25&amp;",
    "ünï/文件",
    "q?u#o\"te'",
    "esc\u{1b}[31m",
    "new\nline",
    "\u{202e}gpj.exe",
    ".",
];

/// Everything, one after the other; what a step leaves is told apart by its prefix.
pub async fn everything(store: &dyn ObjectStore) {
    objects_come_back_as_they_went(store).await;
    ranges_and_conditions(store).await;
    nothing_is_made_up(store).await;
    odd_keys_are_kept_apart(store).await;
    listings_page_and_group(store).await;
    parts_make_a_whole(store).await;
    uploads_can_be_found_and_aborted(store).await;
}

fn options(content_type: &str, if_absent: bool) -> PutOptions {
    PutOptions { content_type: content_type.into(), if_absent, transfer: "t".into(), ..PutOptions::default() }
}

async fn put(store: &dyn ObjectStore, key: &str, bytes: &[u8]) {
    let body = Bytes::copy_from_slice(bytes);
    let sent = Sent::default();
    let stored = store.put(key, body.into(), &options("text/plain", false), &sent).await.unwrap();
    assert!(stored.proven, "{key:?} was not proven to have arrived");
    assert_eq!(sent.get(), bytes.len() as u64);
}

async fn read(download: Download) -> Vec<u8> {
    download.body.try_collect::<Vec<_>>().await.unwrap().concat()
}

async fn get(store: &dyn ObjectStore, key: &str) -> Vec<u8> {
    read(store.get(key, 0, None, None).await.unwrap()).await
}

async fn objects_come_back_as_they_went(store: &dyn ObjectStore) {
    let large: Vec<u8> = (0..3 * MIB).map(|index| (index * 7 + index / 251) as u8).collect();
    for (key, bytes) in [("whole/empty", &b""[..]), ("whole/small", b"hello"), ("whole/large", &large)] {
        put(store, key, bytes).await;
        let (info, _) = store.head(key).await.unwrap();
        assert_eq!((info.key.as_str(), info.size), (key, bytes.len() as u64));
        assert_eq!(info.content_type.as_deref(), Some("text/plain"));
        assert!(info.modified.is_some());
        let download = store.get(key, 0, None, info.etag.as_deref()).await.unwrap();
        assert_eq!((download.info.size, &download.info.etag), (info.size, &info.etag));
        assert!(read(download).await == bytes, "{key}");
    }
    put(store, "whole/small", b"other").await;
    assert_eq!(get(store, "whole/small").await, b"other");
    store.delete("whole/small").await.unwrap();
    assert_eq!(store.head("whole/small").await.unwrap_err().kind, Kind::NotFound);
    store.delete("whole/small").await.unwrap();
}

async fn ranges_and_conditions(store: &dyn ObjectStore) {
    put(store, "range/k", b"0123456789").await;
    for (offset, length, expected) in [
        (0, Some(4), &b"0123"[..]),
        (5, None, b"56789"),
        (5, Some(2), b"56"),
        (8, Some(9), b"89"),
        (0, Some(0), b""),
        (10, None, b""),
    ] {
        let download = store.get("range/k", offset, length, None).await.unwrap();
        assert_eq!(download.info.size, 10);
        assert_eq!(read(download).await, expected, "{offset} {length:?}");
    }
    put(store, "range/empty", b"").await;
    assert_eq!(read(store.get("range/empty", 0, Some(5), None).await.unwrap()).await, b"");
    let beyond = store.get("range/k", 11, None, None).await.err();
    assert_eq!(beyond.map(|failure| failure.kind), Some(Kind::Changed));
    let changed = store.get("range/k", 2, None, Some("another")).await.err();
    assert_eq!(changed.map(|failure| failure.kind), Some(Kind::Changed));

    let absent = options("text/plain", true);
    let taken = store.put("range/k", Bytes::from_static(b"x").into(), &absent, &Sent::default()).await;
    assert_eq!(taken.unwrap_err().kind, Kind::Exists);
    assert_eq!(get(store, "range/k").await, b"0123456789");
    store.put("range/new", Bytes::from_static(b"x").into(), &absent, &Sent::default()).await.unwrap();
}

async fn nothing_is_made_up(store: &dyn ObjectStore) {
    assert_eq!(store.head("none").await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(store.get("none", 0, None, None).await.err().map(|failure| failure.kind), Some(Kind::NotFound));
    let gone = UploadId("bm9uZQ".into());
    assert_eq!(store.list_parts("none", &gone).await.unwrap_err().kind, Kind::NotFound);
    store.abort_upload("none", &gone).await.unwrap();
}

async fn keys(store: &dyn ObjectStore, prefix: &str, delimited: bool, limit: u16) -> Vec<String> {
    let mut request = ListRequest { prefix: prefix.into(), delimited, token: None, limit };
    let mut keys = Vec::new();
    loop {
        let page = store.list(&request).await.unwrap();
        assert!(page.entries.len() <= usize::from(limit));
        keys.extend(page.entries.iter().map(|entry| entry.key().to_owned()));
        request.token = page.next;
        if request.token.is_none() {
            return keys;
        }
    }
}

async fn odd_keys_are_kept_apart(store: &dyn ObjectStore) {
    for key in ODD {
        put(store, &format!("odd/{key}"), key.as_bytes()).await;
    }
    for key in ODD {
        assert_eq!(get(store, &format!("odd/{key}")).await, key.as_bytes(), "{key:?}");
    }
    let mut expected: Vec<String> = ODD.iter().map(|key| format!("odd/{key}")).collect();
    expected.sort();
    assert_eq!(keys(store, "odd/", false, 1000).await, expected);
    for key in ODD {
        store.delete(&format!("odd/{key}")).await.unwrap();
    }
    assert!(keys(store, "odd/", false, 1000).await.is_empty());
}

async fn listings_page_and_group(store: &dyn ObjectStore) {
    for key in ["list/a", "list/b/1", "list/b/2", "list/b0", "list/c/1", "list/d"] {
        put(store, key, b"x").await;
    }
    let all = ["list/a", "list/b/1", "list/b/2", "list/b0", "list/c/1", "list/d"];
    let grouped = ["list/a", "list/b/", "list/b0", "list/c/", "list/d"];
    for limit in [1, 2, 1000] {
        assert_eq!(keys(store, "list/", false, limit).await, all, "{limit} a page");
        assert_eq!(keys(store, "list/", true, limit).await, grouped, "{limit} a page");
    }
    let page = store.list(&ListRequest { prefix: "list/".into(), delimited: true, token: None, limit: 1000 }).await;
    let page = page.unwrap();
    assert!(matches!(&page.entries[1], Listed::Prefix(prefix) if prefix == "list/b/"));
    assert!(matches!(&page.entries[0], Listed::Object(object) if object.size == 1 && object.etag.is_some()));
}

async fn send_parts(store: &dyn ObjectStore, key: &str, id: &UploadId, pieces: &[Bytes]) -> Vec<Part> {
    let mut parts = Vec::new();
    for (number, piece) in (1..).zip(pieces) {
        let sent = Sent::default();
        let part = store.upload_part(key, id, number, piece.clone().into(), &sent).await.unwrap();
        assert_eq!((part.number, part.size, sent.get()), (number, piece.len() as u64, piece.len() as u64));
        parts.push(part);
    }
    parts
}

async fn parts_make_a_whole(store: &dyn ObjectStore) {
    let key = "parts/ü +%.bin";
    let pieces = [Bytes::from(vec![1; 5 * MIB]), Bytes::from(vec![2; 5 * MIB]), Bytes::from_static(b"the end")];
    let whole = pieces.concat();
    let id = store.begin_upload(key, &options("application/x-windlass", true)).await.unwrap();
    let parts = send_parts(store, key, &id, &pieces).await;
    assert_eq!(store.head(key).await.unwrap_err().kind, Kind::NotFound, "not before it is finished");

    let listed = store.list_parts(key, &id).await.unwrap();
    let facts = |part: &Part| (part.number, part.size, part.etag.clone());
    assert_eq!(listed.iter().map(facts).collect::<Vec<_>>(), parts.iter().map(facts).collect::<Vec<_>>());

    let size = whole.len() as u64;
    let checksum = crc64nvme(&whole);
    // The parts as a resumed upload knows them: from the listing.
    let stored = store.finish_upload(key, &id, &listed, size, Some(&checksum), true).await.unwrap();
    assert!(stored.proven);
    let (info, kept) = store.head(key).await.unwrap();
    assert_eq!((info.size, info.content_type.as_deref()), (size, Some("application/x-windlass")));
    assert!(kept.is_none() || kept == Some(checksum.clone()), "{kept:?}");
    assert!(get(store, key).await == whole);

    let again = store.finish_upload(key, &id, &parts, size, Some(&checksum), true).await.unwrap();
    assert_eq!(again.etag, stored.etag, "a step whose answer was lost is taken again");

    let late = store.begin_upload(key, &options("", true)).await.unwrap();
    let parts = send_parts(store, key, &late, &[Bytes::from_static(b"other")]).await;
    let refused = store.finish_upload(key, &late, &parts, 5, None, true).await;
    assert_eq!(refused.unwrap_err().kind, Kind::Exists);
    store.abort_upload(key, &late).await.unwrap();
}

async fn uploads_can_be_found_and_aborted(store: &dyn ObjectStore) {
    let key = "open/a b+ü";
    let id = store.begin_upload(key, &options("", false)).await.unwrap();
    let other = store.begin_upload("opener", &options("", false)).await.unwrap();
    send_parts(store, key, &id, &[Bytes::from_static(b"x")]).await;
    let open = store.list_uploads("open/").await.unwrap();
    assert_eq!(open.iter().map(|upload| (upload.key.as_str(), &upload.id)).collect::<Vec<_>>(), [(key, &id)]);
    assert!(open[0].begun.is_some());
    store.abort_upload(key, &id).await.unwrap();
    store.abort_upload(key, &id).await.unwrap();
    store.abort_upload("opener", &other).await.unwrap();
    assert!(store.list_uploads("").await.unwrap().is_empty());
    assert_eq!(store.list_parts(key, &id).await.unwrap_err().kind, Kind::NotFound);
}

/// Links, used as other people's programs use them; for servers that are reached over http.
pub async fn links_work_without_us(store: &dyn ObjectStore) {
    let hour = Duration::from_secs(3600);
    put(store, "link/a b+ü?.txt", b"hello").await;
    let link = store.link("link/a b+ü?.txt", hour, Some("grüße \"x\".txt")).await.unwrap();
    let answer = http::request("GET", link.url.expose(), &[], b"").await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"hello"[..]));
    assert!(answer.head.contains("content-disposition: attachment; filename="), "{}", answer.head);
    let tampered = link.url.expose().replace("X-Amz-Expires=3600", "X-Amz-Expires=3601");
    assert_eq!(http::request("GET", &tampered, &[], b"").await.status, 403);

    let link = store.upload_link("link/up", "image/png", Some(5), hour).await.unwrap();
    assert_eq!(http::request("PUT", link.url.expose(), &link.headers, b"hello").await.status, 200);
    assert_eq!(store.head("link/up").await.unwrap().0.content_type.as_deref(), Some("image/png"));
    let other = [("content-type".to_owned(), "text/html".to_owned())];
    assert_eq!(http::request("PUT", link.url.expose(), &other, b"hello").await.status, 403);
}
