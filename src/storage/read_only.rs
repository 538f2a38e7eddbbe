//! A store that refuses every write before a request is made: `read_only = true` holds in the store itself, so that no
//! path through screen, queue or command line gets around it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::config::ReadOnly;
use crate::domain::capability::Reason;
use crate::domain::{
    Address, Capabilities, Checksum, CorsGuide, CorsRule, Failure, Link, ListPage, ObjectInfo, Result, SecretUrl,
    VersionPage,
};

use super::{
    Download, ListRequest, LostUpload, ObjectStore, OpenUpload, Part, PartRules, Payload, PutOptions, Sent, Stored,
    UploadId, UploadLink,
};

/// Why nothing can be written, as a capability says it.
const REASON: &str = "the profile is read-only";

/// A store that is only read.
pub struct ReadOnlyStore(Arc<dyn ObjectStore>, ReadOnly);

impl ReadOnlyStore {
    /// Wraps a store.
    pub fn new(store: Arc<dyn ObjectStore>, read_only: ReadOnly) -> Self {
        Self(store, read_only)
    }

    fn refused<T>(&self, verb: &str, key: &str) -> Result<T> {
        Err(self.1.refuses(&format!("cannot {verb} \"{key}\"")))
    }
}

#[async_trait]
impl ObjectStore for ReadOnlyStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            write: Err(REASON),
            upload_link: Err(REASON),
            delete: Err(REASON),
            overwrite: Err(REASON),
            from_url: Err(REASON),
            conditional_put: Err(REASON),
            ..self.0.capabilities()
        }
    }

    fn check(&self, of: &dyn Fn(&Capabilities) -> std::result::Result<(), Reason>) -> Result<()> {
        // What the store cannot do anyway is no fault of the profile's.
        self.0.check(of)?;
        of(&self.capabilities()).map_err(|_read_only| self.1.refuses("nothing was done"))
    }

    fn address(&self) -> Address {
        self.0.address()
    }

    fn part_rules(&self) -> PartRules {
        self.0.part_rules()
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.0.list(request).await
    }

    async fn head(&self, key: &str) -> Result<(ObjectInfo, Option<Checksum>)> {
        self.0.head(key).await
    }

    async fn get(&self, key: &str, offset: u64, length: Option<u64>, if_match: Option<&str>) -> Result<Download> {
        self.0.get(key, offset, length, if_match).await
    }

    async fn put(&self, key: &str, _: Payload, _: &PutOptions, _: &Sent) -> Result<Stored> {
        self.refused("write", key)
    }

    async fn begin_upload(&self, key: &str, _: &PutOptions) -> Result<UploadId> {
        self.refused("write", key)
    }

    async fn upload_part(&self, key: &str, _: &UploadId, _: u32, _: Payload, _: &Sent) -> Result<Part> {
        self.refused("write", key)
    }

    async fn list_parts(&self, key: &str, id: &UploadId) -> Result<Vec<Part>> {
        self.0.list_parts(key, id).await
    }

    async fn finish_upload(
        &self,
        key: &str,
        _: &UploadId,
        _: &[Part],
        _: u64,
        _: Option<&Checksum>,
        _: bool,
    ) -> Result<Stored> {
        self.refused("write", key)
    }

    async fn abort_upload(&self, key: &str, _: &UploadId) -> Result<()> {
        self.refused("abort the upload of", key)
    }

    async fn list_uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>> {
        self.0.list_uploads(prefix).await
    }

    async fn delete_many(&self, keys: &[String]) -> Result<Vec<(String, Failure)>> {
        self.refused("delete", keys.first().map_or("", String::as_str))
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.refused("delete", key)
    }

    async fn clock(&self, key: &str) -> Option<DateTime<Utc>> {
        self.0.clock(key).await
    }

    async fn link(&self, key: &str, expires: Duration, download_as: Option<&str>) -> Result<Link> {
        self.0.link(key, expires, download_as).await
    }

    async fn upload_link(&self, key: &str, _: &str, _: Option<u64>, _: Duration) -> Result<UploadLink> {
        self.refused("sign an upload of", key)
    }

    async fn public_link(&self, key: &str) -> Option<Link> {
        self.0.public_link(key).await
    }

    async fn keep(&self, key: &str) -> Result<()> {
        self.refused("keep", key)
    }

    async fn find_upload(&self, lost: &LostUpload<'_>) -> Result<Option<Stored>> {
        self.0.find_upload(lost).await
    }

    async fn fetch(&self, _: &SecretUrl, name: &str, _: &PutOptions) -> Result<Stored> {
        self.refused("write", name)
    }

    async fn cors(&self) -> Result<Vec<CorsRule>> {
        self.0.cors().await
    }

    async fn set_cors(&self, _: &[CorsRule]) -> Result<()> {
        self.refused("change the CORS rules of", &self.0.uri(""))
    }

    fn cors_guide(&self) -> CorsGuide {
        self.0.cors_guide()
    }

    async fn list_versions(&self, prefix: &str, from: Option<&str>) -> Result<VersionPage> {
        self.0.list_versions(prefix, from).await
    }

    async fn delete_version(&self, key: &str, _: &str) -> Result<()> {
        self.refused("delete a version of", key)
    }

    async fn file_urls(&self, keys: &[&str]) -> Vec<Option<String>> {
        self.0.file_urls(keys).await
    }

    fn own_key(&self, key: String) -> String {
        self.0.own_key(key)
    }

    fn uri(&self, key: &str) -> String {
        self.0.uri(key)
    }
}
