//! Files on their way down, from the CDN. A file is never replaced, so its id is all that binds one range to the next.

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};

use super::UploadcareStore;
use super::errors::strange;
use super::wire::host;
use crate::domain::{Failure, FailureKind, ObjectInfo, Result};
use crate::storage::Download;
use crate::storage::http::{Answer, Ask, Body, Trouble, offline};
use crate::storage::ranges::{Span, bytes, cut, total_in};

/// How long a download's own link is good for.
const LINK: TimeDelta = TimeDelta::hours(1);

impl UploadcareStore {
    pub(super) async fn read(&self, key: &str, span: Span, if_match: Option<&str>) -> Result<Download> {
        self.id(key)?;
        if if_match.is_some_and(|tag| tag != key) {
            let what = format!("\"{key}\" is not the file that was read before");
            return Err(Failure::new(FailureKind::Changed, what).hint("start again"));
        }
        if span.length == Some(0) {
            return Ok(Download {
                info: self.look_up(key).await?,
                checksum: None,
                skipped: 0,
                body: stream::empty().boxed(),
            });
        }
        let url = self.cdn.signed_url(key, None, Utc::now() + LINK);
        let headers = span.header().map(|range| ("range", range)).into_iter().collect();
        let ask = Ask { method: "GET", url: &url, headers, body: Body::Plain(bytes::Bytes::new()), wait: None };
        let answer = self.http.send(&ask).await.map_err(|trouble| offline(&host(&url), &trouble))?;
        match answer.status() {
            200 | 206 => self.opened(key, span, answer).await,
            // A range that begins at the file's end.
            416 => Ok(Download {
                info: self.look_up(key).await?,
                checksum: None,
                skipped: 0,
                body: stream::empty().boxed(),
            }),
            status => Err(self.unread(key, status, &answer)),
        }
    }

    async fn opened(&self, key: &str, span: Span, answer: Answer) -> Result<Download> {
        let (size, skip) = self.extent(key, span, &answer).await?;
        let info = ObjectInfo {
            key: key.to_owned(),
            name: None,
            size,
            modified: answer.header("last-modified").and_then(time),
            etag: Some(key.to_owned()),
            content_type: answer.header("content-type").map(str::to_owned),
        };
        let host = host(self.cdn.base());
        let short = offline(&host, &Trouble::Cut);
        let body = bytes(host, self.http.patience().stall, answer.into_stream());
        Ok(Download { info, checksum: None, skipped: skip, body: cut(body, skip, span.within(size), short) })
    }

    /// How large the whole file is, and how many bytes to drop at the front of the answer.
    async fn extent(&self, key: &str, span: Span, answer: &Answer) -> Result<(u64, u64)> {
        let coming = answer.header("content-length").and_then(|length| length.parse().ok());
        let range = answer.header("content-range").filter(|_| answer.status() == 206);
        match (range.and_then(|range| total_in(range, span.offset)), coming) {
            (Some(size), _) => Ok((size, 0)),
            // The CDN need not heed ranges: then it answers the whole file.
            (None, Some(size)) if answer.status() == 200 => Ok((size, span.offset)),
            _ => {
                let size = self.look_up(key).await?.size;
                let skip = if answer.status() == 200 { Some(span.offset) } else { span.excess(size, coming) };
                let other = || strange(self.doing("read", Some(key)), "holds other bytes than asked for");
                Ok((size, skip.ok_or_else(other)?))
            }
        }
    }

    fn unread(&self, key: &str, status: u16, answer: &Answer) -> Failure {
        let what = |why: &str| format!("cannot read \"{key}\": {why}");
        match status {
            404 | 410 => Failure::new(FailureKind::NotFound, what("the CDN has no such file"))
                .hint("if the project is older than September 2025, set cdn_base = \"https://ucarecdn.com\""),
            401 | 403 => Failure::new(FailureKind::Denied, what("the CDN refuses it"))
                .hint("if the project has secure delivery, set secure_delivery_secret in the profile"),
            429 | 500.. => Failure::new(FailureKind::Busy, what(&format!("the CDN answered {status}")))
                .retry_after(answer.retry_after()),
            300..=399 => Failure::new(FailureKind::Usage, what("the CDN points elsewhere"))
                .hint("set cdn_base in the profile to the host that serves the project's files"),
            _ => strange(self.doing("read", Some(key)), &format!("is {status}")),
        }
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|time| time.to_utc())
}
