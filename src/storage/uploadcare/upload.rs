//! Bytes on their way up: a form for small files, links for the parts of large ones. What is uploaded is named by
//! Uploadcare, so a form is sent twice only where the first was surely refused.

use bytes::Bytes;
use chrono::Utc;
use serde::Deserialize;
use serde_json::Value;

use super::errors::{granted, is_complete_already, strange};
use super::form::{Fields, encoded, with_file};
use super::session::Session;
use super::wire::{Repeat, Reply, Unanswered, is_in_doubt, reply};
use super::{CHECKSUM, NEEDS_SIZE, TRANSFER, UploadcareStore, sign};
use crate::domain::{Checksum, Failure, FailureKind, Result, key};
use crate::storage::http::{Ask, Body};
use crate::storage::{ANSWER_LOST, Part, Payload, PutOptions, Sent, Stored, UploadId, in_doubt};

/// How long an upload's signature is good for, in seconds: it must last until the last byte of a form has arrived.
const SIGNED_FOR: i64 = 30 * 60;

/// The field that the file has in a form; the answer names the id by it.
const FIELD: &str = "file";

/// What two fields are called, which is not the same everywhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    pub(super) public_key: &'static str,
    pub(super) store: &'static str,
}

const UPLOADS: Names = Names { public_key: "UPLOADCARE_PUB_KEY", store: "UPLOADCARE_STORE" };

const URLENCODED: &str = "application/x-www-form-urlencoded";

#[derive(Deserialize)]
struct Started {
    uuid: String,
    parts: Vec<String>,
}

impl UploadcareStore {
    pub(super) async fn upload_whole(
        &self,
        key: &str,
        body: Payload,
        options: &PutOptions,
        sent: &Sent,
    ) -> Result<Stored> {
        let doing = self.doing("upload", Some(key));
        let fields = self.fields(options, UPLOADS, Some(&body.crc));
        let form = with_file(&fields, FIELD, key::name(key), &options.content_type);
        let url = format!("{}/base/", self.upload_base);
        let body = Body::Counted { head: form.head, bytes: body.bytes, tail: form.tail, sent };
        let ask =
            Ask { method: "POST", url: &url, headers: vec![("content-type", form.content_type)], body, wait: None };
        let answered = reply(&self.http, &ask, Repeat::OnlyIfRefused).await;
        if self.is_lost_for_good(&answered) {
            return Err(in_doubt(key::name(key), ANSWER_LOST));
        }
        let reply = granted(doing, answered?)?;
        let answer: Option<Value> = serde_json::from_slice(&reply.body).ok();
        let id = answer.as_ref().and_then(|answer| answer.get(FIELD)).and_then(Value::as_str);
        self.named(id).ok_or_else(|| strange(doing, "does not name the file"))
    }

    pub(super) fn named(&self, id: Option<&str>) -> Option<Stored> {
        id.filter(|id| self.id(id).is_ok()).map(|id| super::stored(id.to_owned()))
    }

    /// Whether there may be a file that nobody can look for: without a secret key it is kept, too, and a second one would be.
    pub(super) fn is_lost_for_good(&self, answered: &Result<Reply, Unanswered>) -> bool {
        self.secret_key.is_none() && is_in_doubt(answered)
    }

    /// What goes with every upload, `checksum` where it is known of the bytes. With a secret key a file is kept only once its
    /// id is in the journal; without one nothing could keep it later.
    pub(super) fn fields(&self, options: &PutOptions, names: Names, checksum: Option<&Checksum>) -> Fields {
        let mut fields = vec![(names.public_key.into(), self.public_key.clone())];
        let store = if self.secret_key.is_some() { "0" } else { "1" };
        fields.push((names.store.into(), store.into()));
        if let Some(secret) = &self.secret_key {
            let expire = Utc::now().timestamp() + SIGNED_FOR;
            fields.push(("signature".into(), sign::upload(secret.expose(), expire)));
            fields.push(("expire".into(), expire.to_string()));
        }
        if !options.transfer.is_empty() {
            fields.push((format!("metadata[{TRANSFER}]"), options.transfer.clone()));
            fields.extend(checksum.map(|checksum| (format!("metadata[{CHECKSUM}]"), checksum.to_string())));
        }
        fields
    }

    /// Begins an upload in parts; its links are on disk when this returns.
    pub(super) async fn start(&self, key: &str, options: &PutOptions) -> Result<UploadId> {
        let doing = self.doing("upload", Some(key));
        let Some((size, part_size)) = options.size.zip(options.part_size) else {
            let what = format!("cannot upload \"{key}\": {NEEDS_SIZE}");
            return Err(Failure::new(FailureKind::Unsupported, what).hint("write it to a file, then upload that"));
        };
        let mut fields = self.fields(options, UPLOADS, None);
        fields.push(("filename".into(), key::name(key).into()));
        fields.push(("size".into(), size.to_string()));
        fields.push(("part_size".into(), part_size.to_string()));
        fields.push(("content_type".into(), options.content_type.clone()));
        let reply = granted(doing, self.post("/multipart/start/", &fields, Repeat::OnlyIfRefused).await?)?;
        let started: Option<Started> = serde_json::from_slice(&reply.body).ok();
        let whole = |started: &Started| started.parts.len() as u64 == size.div_ceil(part_size.max(1));
        let started = started.filter(|started| self.id(&started.uuid).is_ok() && whole(started));
        let started = started.ok_or_else(|| strange(doing, "does not name all parts"))?;
        self.sessions.keep(&started.uuid, Session::new(started.parts)).await?;
        Ok(UploadId(started.uuid))
    }

    pub(super) async fn send_part(
        &self,
        key: &str,
        id: &UploadId,
        number: u32,
        body: Payload,
        sent: &Sent,
    ) -> Result<Part> {
        let session = self.sessions.find(&id.0).await?;
        let link = session.and_then(|session| session.link(number)).ok_or_else(|| no_links(key))?;
        let (crc, size) = (body.crc.clone(), body.size());
        let body = Body::Counted { head: Bytes::new(), bytes: body.bytes, tail: Bytes::new(), sent };
        // Another host: it must not see any credentials, and its answers are another service's.
        let headers = vec![("content-type", "application/octet-stream".into())];
        let ask = Ask { method: "PUT", url: link.expose(), headers, body, wait: None };
        let reply = reply(&self.http, &ask, Repeat::Safe).await?;
        match reply.status {
            200..300 => Ok(Part { number, size, etag: reply.etag.unwrap_or_default(), checksum: Some(crc) }),
            400 | 403 if is_passing(&reply.body) => Err(busy(key, &reply)),
            400 | 403 | 404 => Err(no_links(key)),
            429 | 500.. => Err(busy(key, &reply)),
            status => Err(strange(self.doing("upload", Some(key)), &format!("to a part is {status}"))),
        }
    }

    /// Puts the parts together; done before is as good as done now.
    pub(super) async fn complete(&self, key: &str, id: &UploadId) -> Result<Stored> {
        let fields = vec![(UPLOADS.public_key.into(), self.public_key.clone()), ("uuid".into(), id.0.clone())];
        let reply = self.post("/multipart/complete/", &fields, Repeat::Safe).await?;
        if !is_complete_already(&reply) {
            granted(self.doing("upload", Some(key)), reply)?;
        }
        Ok(super::stored(id.0.clone()))
    }

    pub(super) async fn post(&self, path: &str, fields: &Fields, repeat: Repeat) -> Result<Reply, Unanswered> {
        let url = format!("{}{path}", self.upload_base);
        let headers = vec![("content-type", URLENCODED.into())];
        let wait = Some(self.http.patience().finish);
        let ask = Ask { method: "POST", url: &url, headers, body: Body::Plain(encoded(fields)), wait };
        reply(&self.http, &ask, repeat).await
    }
}

/// Whether a part's refusal is of these bytes on this line, not of the link: parts go to S3, which says so in its own codes
/// (S3 API reference, "Error responses").
fn is_passing(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    ["RequestTimeout", "IncompleteBody", "BadDigest", "RequestTimeTooSkewed"]
        .iter()
        .any(|code| text.contains(&format!("<Code>{code}</Code>")))
}

/// The queue starts over when it hears this.
pub(super) fn no_links(key: &str) -> Failure {
    let what = format!("the links for the parts of \"{key}\" have ended or are not on this machine");
    Failure::new(FailureKind::NotFound, what)
}

fn busy(key: &str, reply: &Reply) -> Failure {
    let what = format!("{} takes no part of \"{key}\" now (it answered {})", reply.host, reply.status);
    Failure::new(FailureKind::Busy, what).retry_after(reply.retry_after)
}
