//! One client for the whole S3 family: AWS, R2, B2, any compatible service and the bucket that comes with Windlass. What is
//! particular to one of them is its [`quirks::Quirks`]; the SDK's types and errors stay in here.

mod client;
mod clock;
mod config;
mod cors;
mod credentials;
mod delete;
mod endpoint;
mod errors;
mod learned;
mod links;
mod list;
mod parts;
mod place;
mod public;
pub mod quirks;
mod read;
mod retry;
mod sentences;
mod summed;
mod versions;
mod write;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use chrono::{DateTime, Utc};
use unicode_normalization::UnicodeNormalization;

use crate::domain::{
    Address, Capabilities, Checksum, CorsGuide, CorsRule, Failure, FailureKind, Link, ListPage, ObjectInfo, Result,
    VersionPage,
};
use crate::storage::http::{Connections, Target};
use crate::storage::ranges::Span;
use crate::storage::{
    Download, ListRequest, ObjectStore, OpenUpload, Part, PartRules, Payload, PutOptions, Sent, Stored, UploadId,
    UploadLink,
};

pub use crate::storage::http::Patience;
pub use config::S3Config;

use errors::Doing;
use learned::Learned;
use place::Place;

/// A bucket of the S3 family.
pub struct S3Store {
    config: S3Config,
    connections: Connections,
    at: RwLock<Arc<At>>,
    learned: Learned,
    sizes: read::Sizes,
    /// When the bucket itself was last seen to be there; held by whoever asks.
    there: tokio::sync::Mutex<Option<Instant>>,
}

/// The place in force and the clients for it; an answer may name a better region.
struct At {
    place: Place,
    client: Client,
    /// For requests that carry bytes up.
    carrier: Client,
    /// Signs links; its endpoint is the address of links.
    signer: Client,
}

/// Opens a store. Nothing is asked over the network and no certificate of the system is read yet.
///
/// # Errors
/// `Usage` where the configuration cannot work: no key, a malformed endpoint, a `ca_file` that is none.
pub fn open(config: S3Config) -> Result<S3Store> {
    let place = Place::of(&config)?;
    let keys = config.aws_profile.is_none();
    for (value, name, needed) in [
        (config.access_key_id.as_str(), "access_key_id", keys),
        (config.secret_access_key.expose(), "secret_access_key", keys),
        (config.bucket.as_str(), "bucket", true),
    ] {
        if needed && value.is_empty() {
            let what = format!("this {} profile cannot be opened, it has no {name}", config.provider.title());
            return Err(Failure::new(FailureKind::Usage, what).hint(format!("set {name} in the profile")));
        }
    }
    let encrypted = !place.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let target = Target { encrypted, loopback: place.is_loopback() };
    let connections = Connections::new(config.ca_file.as_deref(), &config.patience, target)?;
    let at = At::new(&config, place, &connections);
    let (learned, sizes) = (Learned::default(), read::Sizes::default());
    Ok(S3Store { config, connections, at: RwLock::new(Arc::new(at)), learned, sizes, there: Default::default() })
}

impl At {
    fn new(config: &S3Config, place: Place, connections: &Connections) -> Self {
        let client = client::build(config, &place, connections, place.endpoint.as_deref());
        let signer = match &place.link_endpoint {
            Some(endpoint) => client::build(config, &place, connections, Some(endpoint)),
            None => client.clone(),
        };
        let carrier = client::build_carrier(config, &place, connections);
        Self { place, client, carrier, signer }
    }
}

impl S3Store {
    /// Lets links name another endpoint from now on: the local bucket's link address moves between processes.
    pub fn point_links_to(&self, endpoint: &str) {
        let at = self.at();
        if at.place.link_endpoint.as_deref() != Some(endpoint) {
            let link_endpoint = Some(endpoint.to_owned());
            self.settle(Place { link_endpoint, ..at.place.clone() });
        }
    }

    fn at(&self) -> Arc<At> {
        self.at.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on at another place; two requests that learn of it at the same time do no harm.
    fn settle(&self, place: Place) -> Arc<At> {
        let at = Arc::new(At::new(&self.config, place, &self.connections));
        *self.at.write().unwrap_or_else(PoisonError::into_inner) = at.clone();
        at
    }

    /// Why an AWS profile has no credentials is told here, in a sentence: out of a request it would come as one that could
    /// not be signed.
    async fn has_credentials(&self) -> Result<()> {
        match &self.config.aws_profile {
            Some(profile) => profile.credentials().await.map(drop),
            None => Ok(()),
        }
    }

    /// Makes a request, once more where the answer names the bucket's region, and its error a failure.
    async fn call<T, E, F>(&self, doing: Doing<'_>, request: impl Fn(&Client, &str) -> F) -> Result<T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = std::result::Result<T, SdkError<E, HttpResponse>>>,
    {
        self.call_by(|at| &at.client, doing, request).await
    }

    /// Like [`call`](Self::call), for a request that carries bytes up.
    async fn carry<T, E, F>(&self, doing: Doing<'_>, request: impl Fn(&Client, &str) -> F) -> Result<T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = std::result::Result<T, SdkError<E, HttpResponse>>>,
    {
        self.call_by(|at| &at.carrier, doing, request).await
    }

    async fn call_by<T, E, F>(
        &self,
        which: impl Fn(&At) -> &Client,
        doing: Doing<'_>,
        request: impl Fn(&Client, &str) -> F,
    ) -> Result<T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = std::result::Result<T, SdkError<E, HttpResponse>>>,
    {
        self.connections.warm().await;
        self.has_credentials().await?;
        let at = self.at();
        let error = match request(which(&at), &at.place.bucket).await {
            Ok(output) => {
                self.is_there();
                return Ok(output);
            }
            Err(error) => error,
        };
        let Some(region) = errors::right_region(&at.place, &error) else {
            return Err(self.refused(&at.place, doing, &error));
        };
        let at = self.settle(at.place.moved_to(region));
        request(which(&at), &at.place.bucket).await.map_err(|error| self.refused(&at.place, doing, &error))
    }

    /// Why the request failed. A bucket that is said not to be there is not taken to be there any longer.
    fn refused<E>(&self, place: &Place, doing: Doing<'_>, error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failure = errors::failure(place, doing, error);
        if failure.kind == FailureKind::NoBucket {
            self.is_gone();
        }
        failure
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    fn capabilities(&self) -> Capabilities {
        let place = &self.at().place;
        Capabilities {
            prefixes: Ok(()),
            write: Ok(()),
            presign: Ok(()),
            public_url: place.public_read(self.is_private()),
            upload_link: Ok(()),
            list: Ok(()),
            delete: Ok(()),
            overwrite: Ok(()),
            from_url: Err("a bucket fetches nothing by itself: download it here, then upload the file"),
            cors: place.quirks.cors,
            versions: place.quirks.versions,
            conditional_put: place.quirks.conditional_put,
            delete_is_final: place.quirks.delete_is_final,
            names_itself: false,
            finds_uploads: true,
            streams: Ok(()),
            lists_parts: true,
        }
    }

    fn address(&self) -> Address {
        self.at().place.address()
    }

    fn part_rules(&self) -> PartRules {
        self.at().place.quirks.part_rules
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.list_page(request).await
    }

    async fn head(&self, key: &str) -> Result<(ObjectInfo, Option<Checksum>)> {
        self.head_object(key).await
    }

    async fn get(&self, key: &str, offset: u64, length: Option<u64>, if_match: Option<&str>) -> Result<Download> {
        self.get_range(key, Span { offset, length }, if_match).await
    }

    async fn put(&self, key: &str, body: Payload, options: &PutOptions, sent: &Sent) -> Result<Stored> {
        self.put_object(key, body, options, sent).await
    }

    async fn begin_upload(&self, key: &str, options: &PutOptions) -> Result<UploadId> {
        self.begin_parts(key, options).await
    }

    async fn upload_part(&self, key: &str, id: &UploadId, number: u32, body: Payload, sent: &Sent) -> Result<Part> {
        self.put_part(key, id, number, body, sent).await
    }

    async fn list_parts(&self, key: &str, id: &UploadId) -> Result<Vec<Part>> {
        self.all_parts(key, id).await
    }

    async fn finish_upload(
        &self,
        key: &str,
        id: &UploadId,
        parts: &[Part],
        size: u64,
        checksum: Option<&Checksum>,
        if_absent: bool,
    ) -> Result<Stored> {
        self.finish_parts(key, id, parts::Whole { parts, size, checksum }, if_absent).await
    }

    async fn abort_upload(&self, key: &str, id: &UploadId) -> Result<()> {
        self.abort_parts(key, id).await
    }

    async fn list_uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>> {
        self.open_uploads(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.delete_object(key).await
    }

    fn deletes_at_once(&self) -> usize {
        self.keys_at_once()
    }

    async fn delete_many(&self, keys: &[String]) -> Result<Vec<(String, Failure)>> {
        Ok(self.delete_objects(keys).await)
    }

    async fn clock(&self, key: &str) -> Option<DateTime<Utc>> {
        self.time_there(key).await
    }

    async fn link(&self, key: &str, expires: Duration, download_as: Option<&str>) -> Result<Link> {
        self.sign_read(key, expires, download_as).await
    }

    async fn upload_link(
        &self,
        key: &str,
        content_type: &str,
        size: Option<u64>,
        expires: Duration,
    ) -> Result<UploadLink> {
        self.sign_write(key, content_type, size, expires).await
    }

    async fn public_link(&self, key: &str) -> Option<Link> {
        self.unsigned(key).await
    }

    async fn cors(&self) -> Result<Vec<CorsRule>> {
        self.read_cors().await
    }

    async fn set_cors(&self, rules: &[CorsRule]) -> Result<()> {
        self.write_cors(rules).await
    }

    fn cors_guide(&self) -> CorsGuide {
        self.guide()
    }

    async fn file_urls(&self, keys: &[&str]) -> Vec<Option<String>> {
        self.guides_urls(keys).await
    }

    async fn list_versions(&self, prefix: &str, from: Option<&str>) -> Result<VersionPage> {
        self.versions_page(prefix, from).await
    }

    async fn delete_version(&self, key: &str, version: &str) -> Result<()> {
        self.remove_version(key, version).await
    }

    fn own_key(&self, key: String) -> String {
        match self.at().place.quirks.normalises_keys {
            true => key.nfc().collect(),
            false => key,
        }
    }

    fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.at().place.bucket)
    }
}
