//! Object stores. One trait speaks ids rather than handles, because only ids survive a restart; one client serves the
//! whole S3 family, and what is particular to a provider is in its `Quirks`. No provider's error type leaves this module.

pub mod cors;
pub mod http;
pub mod local;
pub mod pace;
pub mod proof;
mod ranges;
pub mod read_only;
pub mod s3;
mod sending;
pub mod uploadcare;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::BoxStream;
use unicode_normalization::UnicodeNormalization;

use crate::domain::capability::Reason;
use crate::domain::display::display;
use crate::domain::{
    Address, Capabilities, Checksum, CorsGuide, CorsRule, Failure, FailureKind, Link, ListPage, ObjectInfo, Result,
    SecretUrl, VersionPage,
};
pub use sending::{Payload, Sent};

/// What to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// Only keys that begin with it.
    pub prefix: String,
    /// `/` groups what is deeper into prefixes; without one the listing is recursive.
    pub delimited: bool,
    /// Where the last page ended.
    pub token: Option<String>,
    /// Entries a page, 1 to 1,000.
    pub limit: u16,
}

/// What is known about bytes before they are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// MIME type.
    pub content_type: String,
    /// "Only if nothing is there", where the store can.
    pub if_absent: bool,
    /// "Only over the object with that entity tag", where the store can; else it is looked up directly before.
    pub if_match: Option<String>,
    /// The transfer's id, which stores that name files themselves keep as metadata.
    pub transfer: String,
    /// All bytes of an upload in parts, where they are known beforehand.
    pub size: Option<u64>,
    /// Bytes of each of its parts but the last.
    pub part_size: Option<u64>,
}

/// What a store says once it has an object whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The key that the store gave it, where it names files itself.
    pub key: Option<String>,
    /// Entity tag without quotes.
    pub etag: Option<String>,
    /// A whole-object checksum that the store computed or verified, where it did.
    pub checksum: Option<Checksum>,
    /// Whether the answer itself proves that the bytes arrived as they were sent.
    pub proven: bool,
}

/// By what an upload is known whose answer was lost.
#[derive(Debug, Clone, Copy)]
pub struct LostUpload<'a> {
    /// The transfer's id: [`PutOptions::transfer`] of the upload.
    pub transfer: &'a str,
    /// Of the bytes that are to be there: the transfer may have sent others before.
    pub checksum: &'a Checksum,
    /// How many bytes that are.
    pub size: u64,
    /// When the transfer was queued, UTC.
    pub since: DateTime<Utc>,
}

/// Names a multipart upload across restarts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadId(pub String);

/// One acknowledged part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// 1 to 10,000.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// Entity tag without quotes.
    pub etag: String,
    /// The part's own checksum, where the store keeps one.
    pub checksum: Option<Checksum>,
}

/// A multipart upload that is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// Its key.
    pub key: String,
    /// Its id.
    pub id: UploadId,
    /// When it was begun, UTC.
    pub begun: Option<DateTime<Utc>>,
}

/// An object on its way down.
pub struct Download {
    /// What the first answer said about the object; `size` is the whole object's.
    pub info: ObjectInfo,
    /// The whole object's checksum, where the store keeps one. Whoever takes the bytes compares it: the store does not.
    pub checksum: Option<Checksum>,
    /// Bytes that the server sends before those asked for, since it ignores ranges: they are read and dropped.
    pub skipped: u64,
    /// The bytes asked for, in order.
    pub body: BoxStream<'static, Result<Bytes>>,
}

/// A presigned PUT for somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadLink {
    /// The URL.
    pub url: SecretUrl,
    /// Headers that the uploader must send exactly.
    pub headers: Vec<(String, String)>,
    /// When it ends, UTC.
    pub expires_at: DateTime<Utc>,
}

/// A key that no object has, well-formed for every store: asked for it, a bucket shows that it is there and knows the
/// credentials.
pub const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// Single deletes that are under way at once where a store has no bulk delete.
const DELETES_AT_ONCE: usize = 16;

/// A profile's bucket. Every method is one request (or one page), none retries for longer than the provider's policy,
/// and all of them are safe to call again.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Whether it can do what somebody wants of it, before anything is asked: `Unsupported` with the store's own reason, and
    /// `ReadOnly` where only the profile forbids it.
    fn check(&self, of: &dyn Fn(&Capabilities) -> std::result::Result<(), Reason>) -> Result<()> {
        of(&self.capabilities()).map_err(|reason| Failure::new(FailureKind::Unsupported, reason))
    }

    /// Where it is.
    fn address(&self) -> Address {
        Address::default()
    }

    /// How uploads are cut: part rules of the provider.
    fn part_rules(&self) -> PartRules;

    /// One page of a listing.
    async fn list(&self, request: &ListRequest) -> Result<ListPage>;

    /// What is known about an object, with its checksum where the store keeps one; `NotFound` where there is none.
    async fn head(&self, key: &str) -> Result<(ObjectInfo, Option<Checksum>)>;

    /// An object's bytes from `offset` on (to `offset + length` where given); with `if_match`, `Changed` when the
    /// object is no longer the one with that entity tag.
    async fn get(&self, key: &str, offset: u64, length: Option<u64>, if_match: Option<&str>) -> Result<Download>;

    /// A whole object in one request; `Exists` where `if_absent` forbids it, `Changed` or `NotFound` where `if_match` does.
    async fn put(&self, key: &str, body: Payload, options: &PutOptions, sent: &Sent) -> Result<Stored>;

    /// Begins a multipart upload.
    async fn begin_upload(&self, key: &str, options: &PutOptions) -> Result<UploadId>;

    /// Sends one part.
    async fn upload_part(&self, key: &str, id: &UploadId, number: u32, body: Payload, sent: &Sent) -> Result<Part>;

    /// All parts that the bucket has acknowledged, in order; `NotFound` where the upload is gone.
    async fn list_parts(&self, key: &str, id: &UploadId) -> Result<Vec<Part>>;

    /// Turns the parts into the object. `size` is the whole object's, in bytes; `checksum` its CRC-64/NVME where known.
    async fn finish_upload(
        &self,
        key: &str,
        id: &UploadId,
        parts: &[Part],
        size: u64,
        checksum: Option<&Checksum>,
        if_absent: bool,
    ) -> Result<Stored>;

    /// Ends a multipart upload and frees its parts; one that is gone already is fine.
    async fn abort_upload(&self, key: &str, id: &UploadId) -> Result<()>;

    /// Every unfinished multipart upload whose key begins with `prefix`.
    async fn list_uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>>;

    /// Deletes an object; one that is gone already is fine.
    async fn delete(&self, key: &str) -> Result<()>;

    /// Most keys that [`delete_many`](Self::delete_many) should be given at once: what it has begun cannot be stopped.
    fn deletes_at_once(&self) -> usize {
        DELETES_AT_ONCE * 8
    }

    /// Deletes many objects, in as few requests as the store can; answers those that stay, with why. The order of the keys
    /// means nothing.
    async fn delete_many(&self, keys: &[String]) -> Result<Vec<(String, Failure)>> {
        let deletes = keys.iter().cloned().map(|key| async move {
            let answer = self.delete(&key).await;
            answer.err().map(|failure| (key, failure))
        });
        let failed = futures::stream::iter(deletes).buffer_unordered(DELETES_AT_ONCE);
        Ok(failed.filter_map(futures::future::ready).collect().await)
    }

    /// What time it is by the bucket's clock, UTC, to the second, asked by a look at this object; `None` where nothing says.
    async fn clock(&self, _key: &str) -> Option<DateTime<Utc>> {
        None
    }

    /// A presigned link to read, good for `expires` at most.
    async fn link(&self, key: &str, expires: Duration, download_as: Option<&str>) -> Result<Link>;

    /// A presigned PUT for exactly this type, and size in bytes where given.
    async fn upload_link(
        &self,
        key: &str,
        content_type: &str,
        size: Option<u64>,
        expires: Duration,
    ) -> Result<UploadLink>;

    /// The link that needs no signature, where there is one: `Public`, or `Cdn`. A bucket that is known to be private has
    /// none; whether it is may be asked first.
    async fn public_link(&self, key: &str) -> Option<Link>;

    /// Keeps an object for good that was stored for a while only, once its key is in the journal; a store that keeps all
    /// it gets has nothing to do.
    async fn keep(&self, _key: &str) -> Result<()> {
        Ok(())
    }

    /// The object that a transfer's upload has made, where the store names objects itself and its answer was lost.
    async fn find_upload(&self, _lost: &LostUpload<'_>) -> Result<Option<Stored>> {
        Ok(None)
    }

    /// Lets the store fetch an object from a URL.
    async fn fetch(&self, _url: &SecretUrl, _name: &str, _options: &PutOptions) -> Result<Stored> {
        Err(unsupported("fetch from a URL", self.capabilities().from_url))
    }

    /// The bucket's CORS rules; none is an empty list.
    async fn cors(&self) -> Result<Vec<CorsRule>> {
        Err(unsupported("read CORS rules", self.capabilities().cors))
    }

    /// Replaces the bucket's CORS rules; an empty list removes them.
    async fn set_cors(&self, _rules: &[CorsRule]) -> Result<()> {
        Err(unsupported("set CORS rules", self.capabilities().cors))
    }

    /// What the provider's guide has a person set, and where its own pages do that.
    fn cors_guide(&self) -> CorsGuide {
        CorsGuide::S3
    }

    /// One page of all versions of the objects whose keys begin with `prefix`, from where the last page ended.
    async fn list_versions(&self, _prefix: &str, _from: Option<&str>) -> Result<VersionPage> {
        Err(unsupported("list versions", self.capabilities().versions))
    }

    /// Removes one version for good; one that is gone already is fine.
    async fn delete_version(&self, _key: &str, _version: &str) -> Result<()> {
        Err(unsupported("remove versions", self.capabilities().versions))
    }

    /// `file_url` of each key in the guide's form (DESIGN.md section 5); `None` where the guide has none, as for B2's private
    /// buckets, which may be asked first whether they are: once for all of the keys.
    async fn file_urls(&self, keys: &[&str]) -> Vec<Option<String>>;

    /// `file_url` of one key.
    async fn file_url(&self, key: &str) -> Option<String> {
        self.file_urls(&[key]).await.pop().flatten()
    }

    /// The form in which the store knows a key, which may be new: where two keys that differ only in Unicode's normal form
    /// are one object, all are made in one form.
    fn own_key(&self, key: String) -> String {
        key
    }

    /// The forms in which this object or prefix may be listed or recorded, the store's own first: as somebody gave it, and as
    /// macOS names files, whose programs put both into buckets and catalogs. One form where the store tells them apart.
    fn forms(&self, key: &str) -> Vec<String> {
        let own = self.own_key(key.to_owned());
        let mut forms = vec![own];
        if !key.is_ascii() {
            for form in [key.to_owned(), key.nfd().collect()] {
                let is_the_same = forms.first() == Some(&self.own_key(form.clone()));
                if is_the_same && !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        forms
    }

    /// `s3://bucket/key`, or what names the object to the provider's own tools.
    fn uri(&self, key: &str) -> String;
}

/// An upload went out and no answer came, where nothing can be looked for: whether it was stored, a person has to see. `why`
/// is half a sentence.
pub fn in_doubt(name: &str, why: &str) -> Failure {
    let what = format!("{} may be there already, {why}", display(name));
    Failure::new(FailureKind::InDoubt, what).hint(
        "look at the project's files: if it is there, windlass record ID writes its record; if not, r sends it again",
    )
}

/// Why, where it went wrong under way.
pub const ANSWER_LOST: &str = "the answer to its upload was lost";

/// What a store cannot do, by its own reason.
fn unsupported(verb: &str, capability: std::result::Result<(), Reason>) -> Failure {
    let why = capability.err().unwrap_or("this version of Windlass cannot");
    Failure::new(FailureKind::Unsupported, format!("cannot {verb}: {why}"))
}

/// A provider's part rules (S3, R2 and B2 API references).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartRules {
    /// Smallest part but the last, bytes.
    pub min_part: u64,
    /// Largest part and largest single PUT, bytes.
    pub max_part: u64,
    /// Most parts.
    pub max_parts: u32,
    /// Parts that this store should be sent at once for one file.
    pub parallel: usize,
    /// From this size on, in bytes, an upload goes in parts.
    pub multipart_from: u64,
    /// All parts but the last must be of one size.
    pub equal_parts: bool,
}
