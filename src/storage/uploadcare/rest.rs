//! Files that are there: looked up, listed, kept and removed. The REST API needs the secret key and a signature on every
//! request; without a secret key a file can only be looked up, at the Upload API.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use uuid::Uuid;

use super::errors::{granted, strange};
use super::wire::{Repeat, host, reply};
use super::{CHECKSUM, NEEDS_SECRET, TRANSFER, UploadcareStore, sign};
use crate::domain::key::url_value;
use crate::domain::{Failure, FailureKind, ListPage, Listed, ObjectInfo, Result, Secret};
use crate::storage::http::{Ask, Body};
use crate::storage::{ListRequest, LostUpload, Stored};

/// The version of the REST API that this speaks.
const VERSION: &str = "application/vnd.uploadcare-v0.7+json";
const JSON: &str = "application/json";

/// Most files that one request removes (REST API reference, "Batch file delete").
pub const BATCH: usize = 100;

/// Most files a page (REST API reference, "List of files").
const PAGE: u16 = 1000;

/// The first look at a file that is still worked on comes after this; the pauses grow to the second.
const FIRST_LOOK: Duration = Duration::from_millis(250);
const LAST_LOOK: Duration = Duration::from_secs(3);

/// How far Uploadcare's clock may be from this machine's.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(15);

/// A file as both APIs describe it, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    uuid: String,
    #[serde(default)]
    original_filename: Option<String>,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    mime_type: Option<String>,
    #[serde(default)]
    is_ready: bool,
    #[serde(default)]
    datetime_uploaded: Option<DateTime<Utc>>,
    #[serde(default)]
    datetime_removed: Option<DateTime<Utc>>,
    #[serde(default)]
    metadata: Option<HashMap<String, String>>,
}

impl File {
    /// Whether it has come of exactly that upload; its size is known once it is ready.
    fn is_of(&self, lost: &LostUpload<'_>) -> bool {
        let says = |key: &str| self.metadata.as_ref()?.get(key).map(String::as_str);
        let same = says(TRANSFER) == Some(lost.transfer) && says(CHECKSUM) == Some(&lost.checksum.to_string());
        let whole = !self.is_ready || self.size == lost.size;
        self.datetime_removed.is_none() && same && whole
    }
}

impl From<File> for ObjectInfo {
    fn from(file: File) -> Self {
        Self {
            // A file is never replaced: its id names its only version.
            etag: Some(file.uuid.clone()),
            key: file.uuid,
            name: file.original_filename,
            size: file.size,
            modified: file.datetime_uploaded,
            content_type: file.mime_type.filter(|mime| !mime.is_empty()),
        }
    }
}

#[derive(Deserialize)]
struct Page {
    next: Option<String>,
    results: Vec<File>,
}

#[derive(Deserialize)]
struct Batch {
    #[serde(default)]
    problems: HashMap<String, String>,
}

impl UploadcareStore {
    /// What is known of a file that is there and ready.
    pub(super) async fn look_up(&self, key: &str) -> Result<ObjectInfo> {
        let (begun, mut pause) = (Instant::now(), FIRST_LOOK);
        loop {
            let file = self.file(key).await?;
            if file.datetime_removed.is_some() {
                return Err(self.no_such(key));
            }
            if file.is_ready {
                return Ok(file.into());
            }
            if begun.elapsed() + pause > self.http.patience().answer {
                let what = format!("Uploadcare has \"{key}\" and still works on it");
                // Without a time to wait, which would be for everything of the profile.
                return Err(Failure::new(FailureKind::Busy, what));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LAST_LOOK);
        }
    }

    async fn file(&self, key: &str) -> Result<File> {
        let id = self.id(key)?;
        if self.secret_key.is_some() {
            return self.rest("look up", Some(key), "GET", &format!("/files/{id}/"), Bytes::new()).await;
        }
        let url = format!("{}/info/?pub_key={}&file_id={id}", self.upload_base, url_value(&self.public_key));
        let ask = Ask { method: "GET", url: &url, headers: Vec::new(), body: Body::Plain(Bytes::new()), wait: None };
        let doing = self.doing("look up", Some(key));
        let reply = granted(doing, reply(&self.http, &ask, Repeat::Safe).await?)?;
        serde_json::from_slice(&reply.body).map_err(|_| strange(doing, "is no description of a file"))
    }

    /// One page, the newest files first.
    pub(super) async fn page(&self, request: &ListRequest) -> Result<ListPage> {
        if !request.prefix.is_empty() {
            let what = format!("cannot list \"{}\": {}", request.prefix, super::NO_FOLDERS);
            return Err(Failure::new(FailureKind::Unsupported, what).hint("list the whole project"));
        }
        let page = self.files(request.token.as_deref(), request.limit).await?;
        let there = page.results.into_iter().filter(|file| file.datetime_removed.is_none());
        Ok(ListPage { entries: there.map(|file| Listed::Object(file.into())).collect(), next: page.next })
    }

    /// `token` is the path and query that the page before named as the next.
    async fn files(&self, token: Option<&str>, limit: u16) -> Result<Page> {
        let first = || format!("/files/?limit={}&ordering=-datetime_uploaded", limit.clamp(1, PAGE));
        let target = token.map_or_else(first, str::to_owned);
        let page: Page = self.rest("list the files", None, "GET", &target, Bytes::new()).await?;
        let next = page.next.map(|next| self.same_origin(&next)).transpose()?;
        Ok(Page { next, results: page.results })
    }

    /// The next page's path and query. Another host would get a signature of this project.
    fn same_origin(&self, next: &str) -> Result<String> {
        let target = next.strip_prefix(&*self.api_base).filter(|target| target.starts_with('/'));
        target.map(str::to_owned).ok_or_else(|| {
            let what = format!("the next page of the files is said to be at {}, not at {}", host(next), self.api_base);
            Failure::new(FailureKind::Internal, what).hint("check api_base in the profile")
        })
    }

    /// The file whose metadata name the transfer and these bytes, among those that are not older than it.
    pub(super) async fn uploaded_as(&self, lost: &LostUpload<'_>) -> Result<Option<Stored>> {
        let since = lost.since - CLOCKS_DIFFER;
        let mut token = None;
        loop {
            let page = self.files(token.as_deref(), PAGE).await?;
            if let Some(file) = page.results.iter().find(|file| file.is_of(lost)) {
                return Ok(Some(super::stored(file.uuid.clone())));
            }
            let oldest = page.results.last().and_then(|file| file.datetime_uploaded);
            token = page.next.filter(|_| oldest.is_none_or(|oldest| oldest >= since));
            if token.is_none() {
                return Ok(None);
            }
        }
    }

    /// Keeps a file for longer than the day that is promised to every upload.
    pub(super) async fn keep_file(&self, key: &str) -> Result<()> {
        let id = self.id(key)?;
        let _file: File = self.rest("keep", Some(key), "PUT", &format!("/files/{id}/storage/"), Bytes::new()).await?;
        Ok(())
    }

    /// Removes files; answers those that stay, with why.
    pub(super) async fn remove(&self, keys: &[String]) -> Result<Vec<(String, Failure)>> {
        self.secret()?;
        let (ids, strangers): (Vec<_>, Vec<_>) = keys.iter().partition(|key| self.id(key).is_ok());
        let mut stay: Vec<_> = strangers.into_iter().map(|key| (key.clone(), self.no_such(key))).collect();
        for batch in ids.chunks(BATCH) {
            match self.remove_batch(batch).await {
                Ok(problems) => stay.extend(problems),
                Err(failure) => stay.extend(batch.iter().map(|key| ((*key).clone(), failure.clone()))),
            }
        }
        Ok(stay)
    }

    async fn remove_batch(&self, keys: &[&String]) -> Result<Vec<(String, Failure)>> {
        let body = serde_json::to_vec(keys).map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
        let answer: Batch = self.rest("delete files", None, "DELETE", "/files/storage/", body.into()).await?;
        let asked: HashSet<&str> = keys.iter().map(|key| key.as_str()).collect();
        // "Missing in the project" is what a delete is for.
        let problems = answer.problems.into_iter().filter(|(_, why)| !why.starts_with("Missing"));
        Ok(problems
            .filter(|(key, _)| asked.contains(key.as_str()))
            .map(|(key, why)| {
                let what = format!("cannot delete \"{key}\": Uploadcare says \"{why}\"");
                (key, Failure::new(FailureKind::Usage, what))
            })
            .collect())
    }

    /// One signed request, its answer read as JSON. All of them can be made twice without harm.
    async fn rest<T: DeserializeOwned>(
        &self,
        verb: &str,
        file: Option<&str>,
        method: &str,
        target: &str,
        body: Bytes,
    ) -> Result<T> {
        let date = sign::date(Utc::now());
        let signed = sign::Signed { method, target, content_type: JSON, date: &date, body: &body };
        let authorization = sign::authorization(&self.public_key, self.secret()?.expose(), &signed);
        let headers = vec![
            ("accept", VERSION.into()),
            ("content-type", JSON.into()),
            ("date", date.clone()),
            ("authorization", authorization),
        ];
        let url = format!("{}{target}", self.api_base);
        let ask = Ask { method, url: &url, headers, body: Body::Plain(body.clone()), wait: None };
        let doing = self.doing(verb, file);
        let reply = granted(doing, reply(&self.http, &ask, Repeat::Safe).await?)?;
        serde_json::from_slice(&reply.body).map_err(|_| strange(doing, "is not what the API reference describes"))
    }

    pub(super) fn secret(&self) -> Result<&Secret> {
        self.secret_key.as_ref().ok_or_else(|| {
            Failure::new(FailureKind::Unsupported, format!("Uploadcare cannot do that here: {NEEDS_SECRET}"))
                .hint("it stands in the project's API keys")
        })
    }

    /// A file's id as it stands in a URL: nothing else can be one, least of all a path.
    pub(super) fn id(&self, key: &str) -> Result<Uuid> {
        let id = Uuid::try_parse(key).ok().filter(|id| id.hyphenated().to_string() == key);
        id.ok_or_else(|| self.no_such(key).hint("files go by their ids here, which windlass ls shows"))
    }

    fn no_such(&self, key: &str) -> Failure {
        let what = format!("the project {} has no file \"{key}\"", self.public_key);
        Failure::new(FailureKind::NotFound, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FieldNames;
    use crate::domain::Checksum;
    use crate::storage::http::Patience;
    use crate::storage::uploadcare::{UploadcareSetup, open};

    fn store() -> UploadcareStore {
        open(UploadcareSetup {
            public_key: "demopublickey".into(),
            names: FieldNames::Keys,
            secret_key: None,
            upload_base: None,
            api_base: None,
            cdn_base: None,
            secure_delivery_secret: None,
            ca_file: None,
            sessions: "/nowhere".into(),
            patience: Patience::default(),
        })
        .unwrap()
    }

    #[test]
    fn a_next_page_is_taken_as_it_is_written_and_only_from_the_same_origin() {
        // As recorded; the signature is made of the same text.
        let target =
            "/files/?limit=2&ordering=-datetime_uploaded&from=2022-09-28T15%3A53%3A36.082137%2B00%3A00&offset=0";
        assert_eq!(store().same_origin(&format!("https://api.uploadcare.com{target}")).unwrap(), target);
        for elsewhere in
            ["https://api.uploadcare.com.evil.example/files/", "http://api.uploadcare.com/files/", "/files/"]
        {
            assert!(store().same_origin(elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn only_an_id_goes_into_a_url() {
        let store = store();
        assert!(store.id("a55d6b25-d03c-4038-9838-6e06bb7df598").is_ok());
        for key in
            ["", "../project", "a.txt", "A55D6B25-D03C-4038-9838-6E06BB7DF598", "a55d6b25d03c403898386e06bb7df598"]
        {
            assert_eq!(store.id(key).unwrap_err().kind, FailureKind::NotFound, "{key}");
        }
    }

    #[test]
    fn a_file_is_read_from_either_apis_description() {
        let rest = r#"{"uuid":"u","original_filename":"a.doc","size":134656,"mime_type":"application/msword","is_ready":true,
            "datetime_uploaded":"2021-09-20T09:43:33.333497Z","datetime_removed":null,"variations":null,
            "metadata":{"windlass_transfer":"t","windlass_checksum":"crc64nvme:AAAA"}}"#;
        let file: File = serde_json::from_str(rest).unwrap();
        let (ours, others) = (Checksum::crc64nvme("AAAA"), Checksum::crc64nvme("BBBB"));
        let lost = LostUpload { transfer: "t", checksum: &ours, size: 134_656, since: Utc::now() };
        assert!(file.is_of(&lost));
        assert!(!file.is_of(&LostUpload { transfer: "other", ..lost }));
        assert!(!file.is_of(&LostUpload { checksum: &others, ..lost }), "what the transfer had sent before");
        assert!(!file.is_of(&LostUpload { size: 5, ..lost }));
        let upload = r#"{"uuid":"u","size":3,"total":3,"done":3,"is_ready":false,"metadata":null,"mime_type":""}"#;
        let file: File = serde_json::from_str(upload).unwrap();
        assert!(!file.is_ready && !file.is_of(&lost));
        assert_eq!(ObjectInfo::from(file).content_type, None);
    }
}
