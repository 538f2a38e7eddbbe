//! Uploadcare as a store like the others. It names a file itself, in its answer to the upload, and has neither folders nor
//! overwriting; what it cannot do is said by its capabilities, with the reason.

mod cdn;
mod config;
mod errors;
mod form;
mod from_url;
mod read;
mod rest;
mod session;
mod sign;
mod upload;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::config::FieldNames;
use crate::domain::capability::Reason;
use crate::domain::{
    Capabilities, Checksum, Failure, FailureKind, Link, LinkKind, ListPage, ObjectInfo, Result, Secret, SecretUrl,
};
use crate::storage::http::{Http, Target};
use crate::storage::ranges::Span;
use crate::storage::{
    Download, ListRequest, LostUpload, ObjectStore, OpenUpload, Part, PartRules, Payload, PutOptions, Sent, Stored,
    UploadId, UploadLink,
};

pub use config::UploadcareSetup;

use cdn::Cdn;
use errors::Doing;
use session::Sessions;

/// Uploadcare's own hosts (API references).
const UPLOAD_BASE: &str = "https://upload.uploadcare.com";
const API_BASE: &str = "https://api.uploadcare.com";

/// The file's metadata under which a transfer finds its own upload again, and only of the bytes that it is to have.
const TRANSFER: &str = "windlass_transfer";
const CHECKSUM: &str = "windlass_checksum";

const NEEDS_SECRET: Reason = "the profile has no secret_key (UPLOADCARE_SECRET_KEY)";
const NO_FOLDERS: Reason = "Uploadcare has no folders";
const NO_OVERWRITE: Reason = "every upload to Uploadcare is a file of its own";
const NEEDS_SIZE: Reason = "Uploadcare has to know how large a large file is";
const NO_PRESIGNED_PUT: Reason = "Uploadcare has no presigned PUT; its uploads are forms";

/// Limits of the Upload API (reference, "Multipart uploads"): from 10 MiB on, equal parts of 5 MiB to 5 GiB.
const PART_RULES: PartRules = PartRules {
    min_part: 5 << 20,
    max_part: 5 << 30,
    max_parts: 10_000,
    parallel: 4,
    multipart_from: 10 << 20,
    equal_parts: true,
};

/// A project.
pub struct UploadcareStore {
    http: Http,
    public_key: String,
    names: FieldNames,
    secret_key: Option<Secret>,
    upload_base: String,
    api_base: String,
    cdn: Cdn,
    sessions: Sessions,
}

/// Opens a store. Nothing is asked over the network.
///
/// # Errors
/// `Usage` where the configuration cannot work: no public key, a secret that is none, a `ca_file` that is none.
pub fn open(setup: UploadcareSetup) -> Result<UploadcareStore> {
    if setup.public_key.is_empty() {
        let what = "this Uploadcare profile cannot be opened, it has no public_key";
        return Err(Failure::new(FailureKind::Usage, what).hint("set public_key in the profile"));
    }
    let base = |base: Option<String>, own: &str| base.map_or(own.into(), |base| base.trim_end_matches('/').to_owned());
    let (upload_base, api_base) = (base(setup.upload_base, UPLOAD_BASE), base(setup.api_base, API_BASE));
    let cdn = Cdn::new(&setup.public_key, setup.cdn_base.as_deref(), setup.secure_delivery_secret.as_ref())?;
    let target = Target::of(&upload_base).and(Target::of(&api_base)).and(Target::of(cdn.base()));
    Ok(UploadcareStore {
        http: Http::new(setup.ca_file.as_deref(), setup.patience, target)?,
        public_key: setup.public_key,
        names: setup.names,
        secret_key: setup.secret_key,
        upload_base,
        api_base,
        cdn,
        sessions: Sessions::new(setup.sessions),
    })
}

/// What is known of a file right after its upload: its id, and nothing that would prove its bytes. The id is its entity tag,
/// too, because a file is never replaced.
fn stored(id: String) -> Stored {
    Stored { etag: Some(id.clone()), key: Some(id), checksum: None, proven: false }
}

impl UploadcareStore {
    fn doing<'a>(&'a self, verb: &'a str, file: Option<&'a str>) -> Doing<'a> {
        Doing { verb, file, public_key: &self.public_key, names: &self.names }
    }

    fn with_secret(&self) -> std::result::Result<(), Reason> {
        self.secret_key.as_ref().map(|_| ()).ok_or(NEEDS_SECRET)
    }

    fn cdn_link(&self, key: &str, url: String, expires_at: Option<DateTime<Utc>>) -> Link {
        Link { key: key.to_owned(), url: SecretUrl::new(url), kind: LinkKind::Cdn, expires_at }
    }
}

#[async_trait]
impl ObjectStore for UploadcareStore {
    fn capabilities(&self) -> Capabilities {
        let secure = self.cdn.is_secure();
        Capabilities {
            prefixes: Err(NO_FOLDERS),
            write: Ok(()),
            presign: if secure { Ok(()) } else { Err("links to Uploadcare's CDN do not expire") },
            public_url: if secure { Err("the project's files are read with a token only") } else { Ok(()) },
            upload_link: Err(NO_PRESIGNED_PUT),
            list: self.with_secret(),
            delete: self.with_secret(),
            overwrite: Err(NO_OVERWRITE),
            from_url: Ok(()),
            cors: Err("Uploadcare's APIs take uploads from every origin"),
            versions: Err("Uploadcare keeps one version of a file"),
            conditional_put: Err(NO_OVERWRITE),
            delete_is_final: Ok(()),
            names_itself: true,
            finds_uploads: self.secret_key.is_some(),
            streams: Err(NEEDS_SIZE),
            lists_parts: false,
        }
    }

    fn part_rules(&self) -> PartRules {
        PART_RULES
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.page(request).await
    }

    async fn head(&self, key: &str) -> Result<(ObjectInfo, Option<Checksum>)> {
        self.look_up(key).await.map(|info| (info, None))
    }

    async fn get(&self, key: &str, offset: u64, length: Option<u64>, if_match: Option<&str>) -> Result<Download> {
        self.read(key, Span { offset, length }, if_match).await
    }

    async fn put(&self, key: &str, body: Payload, options: &PutOptions, sent: &Sent) -> Result<Stored> {
        self.upload_whole(key, body, options, sent).await
    }

    async fn begin_upload(&self, key: &str, options: &PutOptions) -> Result<UploadId> {
        self.start(key, options).await
    }

    async fn upload_part(&self, key: &str, id: &UploadId, number: u32, body: Payload, sent: &Sent) -> Result<Part> {
        self.send_part(key, id, number, body, sent).await
    }

    /// Uploadcare does not tell which parts it has; an upload whose links are not here cannot be gone on with.
    async fn list_parts(&self, key: &str, id: &UploadId) -> Result<Vec<Part>> {
        match self.sessions.find(&id.0).await? {
            Some(_) => Ok(Vec::new()),
            None => Err(upload::no_links(key)),
        }
    }

    async fn finish_upload(
        &self,
        key: &str,
        id: &UploadId,
        _parts: &[Part],
        _size: u64,
        _checksum: Option<&Checksum>,
        _if_absent: bool,
    ) -> Result<Stored> {
        self.complete(key, id).await
    }

    /// Uploadcare forgets an upload that is not finished by itself, within a day.
    async fn abort_upload(&self, _key: &str, id: &UploadId) -> Result<()> {
        self.sessions.forget(&id.0).await
    }

    async fn list_uploads(&self, _prefix: &str) -> Result<Vec<OpenUpload>> {
        Ok(Vec::new())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.remove(&[key.to_owned()]).await?.pop() {
            Some((_, failure)) => Err(failure),
            None => Ok(()),
        }
    }

    fn deletes_at_once(&self) -> usize {
        rest::BATCH
    }

    async fn delete_many(&self, keys: &[String]) -> Result<Vec<(String, Failure)>> {
        self.remove(keys).await
    }

    async fn link(&self, key: &str, expires: Duration, download_as: Option<&str>) -> Result<Link> {
        self.id(key)?;
        let end = Utc::now() + TimeDelta::from_std(expires).unwrap_or(TimeDelta::MAX);
        let url = self.cdn.signed_url(key, download_as, end);
        Ok(self.cdn_link(key, url, self.cdn.is_secure().then_some(end)))
    }

    async fn upload_link(&self, key: &str, _: &str, _: Option<u64>, _: Duration) -> Result<UploadLink> {
        let what = format!("cannot sign an upload of \"{key}\": {NO_PRESIGNED_PUT}");
        Err(Failure::new(FailureKind::Unsupported, what).hint("upload the file with Windlass"))
    }

    async fn public_link(&self, key: &str) -> Option<Link> {
        let public = !self.cdn.is_secure() && self.id(key).is_ok();
        public.then(|| self.cdn_link(key, self.cdn.url(key, None), None))
    }

    /// With a secret key only: without one every upload is kept from the beginning.
    async fn keep(&self, key: &str) -> Result<()> {
        if self.secret_key.is_some() {
            self.keep_file(key).await?;
        }
        self.sessions.forget(key).await
    }

    async fn find_upload(&self, lost: &LostUpload<'_>) -> Result<Option<Stored>> {
        match self.secret_key {
            Some(_) => self.uploaded_as(lost).await,
            // Without a secret key nothing can be looked for.
            None => Ok(None),
        }
    }

    async fn fetch(&self, url: &SecretUrl, name: &str, options: &PutOptions) -> Result<Stored> {
        self.fetch_url(url, name, options).await
    }

    async fn file_urls(&self, keys: &[&str]) -> Vec<Option<String>> {
        keys.iter().map(|key| Some(self.cdn.url(key, None))).collect()
    }

    fn uri(&self, key: &str) -> String {
        format!("uploadcare://{}/{key}", self.public_key)
    }
}
