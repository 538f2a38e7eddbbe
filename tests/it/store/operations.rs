//! What stores are asked to do, one operation each, for the conformance table: every one panics where the store does
//! otherwise, and says so where the store says beforehand that it cannot.

mod cors;

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use futures::TryStreamExt;
use futures::future::BoxFuture;
use windlass::domain::{FailureKind as Kind, Secret};
use windlass::storage::s3::{S3Config, S3Store, open};
use windlass::storage::{ListRequest, ObjectStore, Part, PutOptions, Sent, UploadId};

/// A server as a profile's store sees it.
pub struct Served {
    /// What a store is opened with.
    pub config: S3Config,
    /// The store.
    pub store: S3Store,
    /// The authority that curl is to trust.
    pub ca: Option<PathBuf>,
}

impl Served {
    pub fn new(config: S3Config) -> Self {
        let (store, ca) = (open(config.clone()).unwrap(), config.ca_file.clone());
        Self { config, store, ca }
    }
}

/// What an operation comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Works,
    /// The store says that it cannot.
    Unsupported(&'static str),
}

/// An operation.
pub type Operation = fn(Arc<Served>) -> BoxFuture<'static, Outcome>;

/// All of them, in the order of the table.
pub const ALL: &[(&str, Operation)] = &[
    ("put and get", |on| Box::pin(put_and_get(on))),
    ("put and get nothing", |on| Box::pin(put_nothing(on))),
    ("put over what is there", |on| Box::pin(replace(on))),
    ("put only where nothing is", |on| Box::pin(put_if_absent(on))),
    ("look up: size and type", |on| Box::pin(head(on))),
    ("look up what is not there", |on| Box::pin(head_of_nothing(on))),
    ("get a range", |on| Box::pin(range(on))),
    ("get, bound to an entity tag", |on| Box::pin(if_match(on))),
    ("list whole", |on| Box::pin(list(on, false, 1000))),
    ("list page by page", |on| Box::pin(list(on, false, 2))),
    ("list by prefixes", |on| Box::pin(list(on, true, 1000))),
    ("keys with spaces, + % & ? # and umlauts", |on| Box::pin(plain_odd_keys(on))),
    ("keys with //, .., a leading or closing /", |on| Box::pin(paths_as_keys(on))),
    ("keys with line ends and escapes", |on| Box::pin(control_keys(on))),
    ("upload in parts", |on| Box::pin(parts(on))),
    ("parts of unequal size", |on| Box::pin(unequal_parts(on))),
    ("list parts", |on| Box::pin(list_parts(on))),
    ("list and end unfinished uploads", |on| Box::pin(list_uploads(on))),
    ("delete", |on| Box::pin(delete(on))),
    ("delete what is not there", |on| Box::pin(delete_nothing(on))),
    ("delete many at once", |on| Box::pin(delete_many(on))),
    ("presigned read", |on| Box::pin(presigned_read(on))),
    ("presigned read under another name", |on| Box::pin(download_name(on))),
    ("presigned write", |on| Box::pin(presigned_write(on))),
    ("presigned write of another type is refused", |on| Box::pin(wrong_type(on))),
    ("presigned write of another size is refused", |on| Box::pin(wrong_size(on))),
    ("a changed link is refused", |on| Box::pin(tampered(on))),
    ("an expired link is refused", |on| Box::pin(expired(on))),
    ("a wrong secret is refused", |on| Box::pin(wrong_secret(on))),
    ("list and purge versions", |on| Box::pin(versions(on))),
    ("set and read CORS rules", |on| Box::pin(cors::cors_rules(on))),
    ("a rule's name stays", |on| Box::pin(cors::named_rule(on))),
    ("remove CORS rules", |on| Box::pin(cors::no_cors_rules(on))),
    ("a page's browser is told what the rules allow", |on| Box::pin(cors::preflight(on))),
];

const MIB: usize = 1024 * 1024;
const HOUR: Duration = Duration::from_secs(3600);

fn options(if_absent: bool) -> PutOptions {
    PutOptions { content_type: "text/plain".into(), if_absent, ..PutOptions::default() }
}

async fn put(on: &Served, key: &str, bytes: &[u8]) {
    let body = Bytes::copy_from_slice(bytes).into();
    on.store.put(key, body, &options(false), &Sent::default()).await.unwrap();
}

async fn get(on: &Served, key: &str, offset: u64, length: Option<u64>) -> Vec<u8> {
    let download = on.store.get(key, offset, length, None).await.unwrap();
    download.body.try_collect::<Vec<_>>().await.unwrap().concat()
}

async fn put_and_get(on: Arc<Served>) -> Outcome {
    put(&on, "put/small", b"hello").await;
    assert_eq!(get(&on, "put/small", 0, None).await, b"hello");
    Outcome::Works
}

async fn put_nothing(on: Arc<Served>) -> Outcome {
    put(&on, "put/empty", b"").await;
    assert_eq!(get(&on, "put/empty", 0, None).await, b"");
    Outcome::Works
}

async fn replace(on: Arc<Served>) -> Outcome {
    put(&on, "put/again", b"one").await;
    put(&on, "put/again", b"other").await;
    assert_eq!(get(&on, "put/again", 0, None).await, b"other");
    Outcome::Works
}

async fn put_if_absent(on: Arc<Served>) -> Outcome {
    on.store.put("absent", Bytes::from_static(b"x").into(), &options(true), &Sent::default()).await.unwrap();
    let again = on.store.put("absent", Bytes::from_static(b"y").into(), &options(true), &Sent::default()).await;
    assert_eq!(again.unwrap_err().kind, Kind::Exists);
    assert_eq!(get(&on, "absent", 0, None).await, b"x");
    Outcome::Works
}

async fn head(on: Arc<Served>) -> Outcome {
    put(&on, "head", b"hello").await;
    let (info, _) = on.store.head("head").await.unwrap();
    assert_eq!((info.size, info.content_type.as_deref()), (5, Some("text/plain")));
    assert!(info.modified.is_some() && info.etag.is_some());
    Outcome::Works
}

async fn head_of_nothing(on: Arc<Served>) -> Outcome {
    assert_eq!(on.store.head("none").await.unwrap_err().kind, Kind::NotFound);
    Outcome::Works
}

async fn range(on: Arc<Served>) -> Outcome {
    put(&on, "range", b"0123456789").await;
    assert_eq!(get(&on, "range", 2, Some(3)).await, b"234");
    assert_eq!(get(&on, "range", 7, None).await, b"789");
    Outcome::Works
}

async fn if_match(on: Arc<Served>) -> Outcome {
    put(&on, "match", b"hello").await;
    let changed = on.store.get("match", 0, None, Some("another")).await.err();
    assert_eq!(changed.map(|failure| failure.kind), Some(Kind::Changed));
    Outcome::Works
}

async fn keys(on: &Served, prefix: &str, delimited: bool, limit: u16) -> Vec<String> {
    let mut request = ListRequest { prefix: prefix.into(), delimited, token: None, limit };
    let mut keys = Vec::new();
    loop {
        let page = on.store.list(&request).await.unwrap();
        keys.extend(page.entries.iter().map(|entry| entry.key().to_owned()));
        request.token = page.next;
        if request.token.is_none() {
            return keys;
        }
    }
}

async fn list(on: Arc<Served>, delimited: bool, limit: u16) -> Outcome {
    let all = ["list/a", "list/b/1", "list/b/2", "list/c"];
    for key in all {
        put(&on, key, b"x").await;
    }
    let expected: &[&str] = if delimited { &["list/a", "list/b/", "list/c"] } else { &all };
    assert_eq!(keys(&on, "list/", delimited, limit).await, expected);
    Outcome::Works
}

/// Keeps them apart: each comes back with what it was given, and is listed as it is.
async fn odd(on: &Served, prefix: &str, names: &[&str]) -> Outcome {
    let mut expected: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
    for key in &expected {
        put(on, key, key.as_bytes()).await;
    }
    for key in &expected {
        assert_eq!(get(on, key, 0, None).await, key.as_bytes(), "{key:?}");
    }
    expected.sort();
    assert_eq!(keys(on, prefix, false, 1000).await, expected);
    Outcome::Works
}

async fn plain_odd_keys(on: Arc<Served>) -> Outcome {
    odd(&on, "odd/", &["sp ace+plus%25&amp;", "ünï文件", "q?u#o\"te'"]).await
}

async fn paths_as_keys(on: Arc<Served>) -> Outcome {
    odd(&on, "path/", &["a", "a//b", "a/../b", "../up", "/lead", "trail/", "."]).await
}

async fn control_keys(on: Arc<Served>) -> Outcome {
    odd(&on, "control/", &["new\nline", "esc\u{1b}[31m"]).await
}

async fn send(on: &Served, key: &str, pieces: &[Bytes]) -> (UploadId, Vec<Part>) {
    let id = on.store.begin_upload(key, &options(false)).await.unwrap();
    let mut parts = Vec::new();
    for (number, piece) in (1..).zip(pieces) {
        parts.push(on.store.upload_part(key, &id, number, piece.clone().into(), &Sent::default()).await.unwrap());
    }
    (id, parts)
}

fn pieces(sizes: &[usize]) -> Vec<Bytes> {
    sizes.iter().zip(1..).map(|(size, byte)| Bytes::from(vec![byte; *size])).collect()
}

async fn whole(on: &Served, key: &str, sizes: &[usize]) {
    let pieces = pieces(sizes);
    let (id, parts) = send(on, key, &pieces).await;
    let size = pieces.iter().map(Bytes::len).sum::<usize>() as u64;
    on.store.finish_upload(key, &id, &parts, size, None, false).await.unwrap();
    assert!(get(on, key, 0, None).await == pieces.concat());
}

async fn parts(on: Arc<Served>) -> Outcome {
    whole(&on, "parts/equal", &[5 * MIB, 5 * MIB, 7]).await;
    Outcome::Works
}

async fn unequal_parts(on: Arc<Served>) -> Outcome {
    if on.store.part_rules().equal_parts {
        return Outcome::Unsupported("all parts but the last must be of one size, and Windlass cuts them so");
    }
    whole(&on, "parts/unequal", &[6 * MIB, 5 * MIB, 7]).await;
    Outcome::Works
}

async fn list_parts(on: Arc<Served>) -> Outcome {
    let (id, parts) = send(&on, "parts/listed", &pieces(&[5 * MIB, 7])).await;
    let listed = on.store.list_parts("parts/listed", &id).await.unwrap();
    let facts = |part: &Part| (part.number, part.size, part.etag.clone());
    assert_eq!(listed.iter().map(facts).collect::<Vec<_>>(), parts.iter().map(facts).collect::<Vec<_>>());
    on.store.abort_upload("parts/listed", &id).await.unwrap();
    Outcome::Works
}

async fn list_uploads(on: Arc<Served>) -> Outcome {
    let (id, _) = send(&on, "open/a b+ü", &pieces(&[7])).await;
    let open = on.store.list_uploads("open/").await.unwrap();
    assert_eq!(open.iter().map(|upload| (upload.key.as_str(), &upload.id)).collect::<Vec<_>>(), [("open/a b+ü", &id)]);
    on.store.abort_upload("open/a b+ü", &id).await.unwrap();
    on.store.abort_upload("open/a b+ü", &id).await.unwrap();
    assert!(on.store.list_uploads("open/").await.unwrap().is_empty());
    Outcome::Works
}

async fn delete(on: Arc<Served>) -> Outcome {
    put(&on, "delete/one", b"x").await;
    on.store.delete("delete/one").await.unwrap();
    assert_eq!(on.store.head("delete/one").await.unwrap_err().kind, Kind::NotFound);
    Outcome::Works
}

async fn delete_nothing(on: Arc<Served>) -> Outcome {
    on.store.delete("delete/none").await.unwrap();
    Outcome::Works
}

async fn delete_many(on: Arc<Served>) -> Outcome {
    let many: Vec<String> = (0..20).map(|number| format!("many/{number:02} &<")).collect();
    for key in &many {
        put(&on, key, b"x").await;
    }
    assert_eq!(on.store.delete_many(&many).await.unwrap(), []);
    assert_eq!(keys(&on, "many/", false, 1000).await, [""; 0]);
    Outcome::Works
}

/// What curl makes of a URL: the status and what it got, headers first.
async fn curl(on: &Served, url: &str, arguments: &[String]) -> (u16, String) {
    let mut command = tokio::process::Command::new("curl");
    command.args(["-s", "-i", "--path-as-is", "--max-time", "30", "-w", "\n%{http_code}"]).args(arguments).arg(url);
    if let Some(ca) = &on.ca {
        command.arg("--cacert").arg(ca);
    }
    let ended = command.stdin(Stdio::null()).output().await.unwrap();
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    let (text, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), text.to_lowercase())
}

async fn presigned_read(on: Arc<Served>) -> Outcome {
    put(&on, "link/a b+ü?.txt", b"hello").await;
    let link = on.store.link("link/a b+ü?.txt", HOUR, None).await.unwrap();
    let (status, text) = curl(&on, link.url.expose(), &[]).await;
    assert!(status == 200 && text.ends_with("hello"), "{status} {text}");
    Outcome::Works
}

async fn download_name(on: Arc<Served>) -> Outcome {
    put(&on, "link/name", b"hello").await;
    let link = on.store.link("link/name", HOUR, Some("x y.txt")).await.unwrap();
    let (status, text) = curl(&on, link.url.expose(), &[]).await;
    assert!(status == 200 && text.contains("content-disposition: attachment; filename=\"x y.txt\""), "{status} {text}");
    Outcome::Works
}

/// Uploads by a link for five bytes of `image/png`.
async fn upload(on: &Served, key: &str, content_type: &str, bytes: &str) -> u16 {
    let link = on.store.upload_link(key, "image/png", Some(5), HOUR).await.unwrap();
    let mut arguments = vec!["-X".to_owned(), "PUT".into(), "--data-binary".into(), bytes.to_owned()];
    for (name, value) in &link.headers {
        let value = if name == "content-type" { content_type } else { value };
        if name != "content-length" {
            arguments.extend(["-H".to_owned(), format!("{name}: {value}")]);
        }
    }
    curl(on, link.url.expose(), &arguments).await.0
}

async fn presigned_write(on: Arc<Served>) -> Outcome {
    assert_eq!(upload(&on, "link/up", "image/png", "hello").await, 200);
    let (info, _) = on.store.head("link/up").await.unwrap();
    assert_eq!((info.size, info.content_type.as_deref()), (5, Some("image/png")));
    Outcome::Works
}

async fn wrong_type(on: Arc<Served>) -> Outcome {
    assert_eq!(upload(&on, "link/type", "text/html", "hello").await, 403);
    Outcome::Works
}

async fn wrong_size(on: Arc<Served>) -> Outcome {
    assert_eq!(upload(&on, "link/size", "image/png", "hello, world").await, 403);
    Outcome::Works
}

async fn tampered(on: Arc<Served>) -> Outcome {
    put(&on, "link/changed", b"hello").await;
    let link = on.store.link("link/changed", HOUR, None).await.unwrap();
    let changed = link.url.expose().replace("X-Amz-Expires=3600", "X-Amz-Expires=3601");
    assert_eq!(curl(&on, &changed, &[]).await.0, 403);
    Outcome::Works
}

async fn expired(on: Arc<Served>) -> Outcome {
    put(&on, "link/expired", b"hello").await;
    let link = on.store.link("link/expired", Duration::from_secs(1), None).await.unwrap();
    let ends = link.expires_at.unwrap() + chrono::TimeDelta::seconds(1);
    // Only a clock can end a link.
    tokio::time::sleep((ends - Utc::now()).to_std().unwrap_or_default()).await;
    let (status, _) = curl(&on, link.url.expose(), &[]).await;
    assert!(matches!(status, 400 | 403), "{status}");
    Outcome::Works
}

async fn wrong_secret(on: Arc<Served>) -> Outcome {
    let wrong = S3Config { secret_access_key: Secret::new("wrong"), ..on.config.clone() };
    let list = ListRequest { limit: 1, ..ListRequest::default() };
    let failure = open(wrong).unwrap().list(&list).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Credentials);
    Outcome::Works
}

async fn versions(on: Arc<Served>) -> Outcome {
    if let Err(reason) = on.store.capabilities().versions {
        return Outcome::Unsupported(reason);
    }
    for bytes in [&b"older"[..], b"newer"] {
        put(&on, "versions/a", bytes).await;
    }
    put(&on, "versions/ab", b"other").await;
    on.store.delete("versions/a").await.unwrap();
    let ids = all_versions(&on, "versions/a").await;
    for id in &ids {
        on.store.delete_version("versions/a", id).await.unwrap();
    }
    assert!(all_versions(&on, "versions/a").await.is_empty());
    assert_eq!(keys(&on, "versions/", false, 1000).await, ["versions/ab"]);
    Outcome::Works
}

async fn all_versions(on: &Served, key: &str) -> Vec<String> {
    let (mut ids, mut from) = (Vec::new(), None::<String>);
    loop {
        let page = on.store.list_versions(key, from.as_deref()).await.unwrap();
        ids.extend(page.versions.into_iter().filter(|version| version.key == key).map(|version| version.id));
        from = page.next;
        if from.is_none() {
            return ids;
        }
    }
}
