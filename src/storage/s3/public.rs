//! Whether a bucket can be read without a signature: asked once, as anybody would, where the guide keeps no URL of a private
//! bucket's files.

use std::time::Duration;

use bytes::Bytes;

use crate::domain::{Link, LinkKind, SecretUrl};
use crate::storage::http::{Ask, Body, Http};

use super::S3Store;

/// How long that answer may take: it comes beside a request that has just worked.
const PATIENCE: Duration = Duration::from_secs(5);

impl S3Store {
    /// `file_url` in the guide's form.
    pub(super) async fn guides_url(&self, key: &str) -> Option<String> {
        let url = self.at().place.file_url(key);
        self.may_be_public(key).await.then_some(url)
    }

    /// The URL that needs no signature.
    pub(super) async fn unsigned(&self, key: &str) -> Option<Link> {
        let place = self.at().place.clone();
        let url = place.public_url(key)?;
        if place.public_base.is_none() && !self.may_be_public(key).await {
            return None;
        }
        Some(Link { key: key.to_owned(), url: SecretUrl::new(url), kind: LinkKind::Public, expires_at: None })
    }

    /// Not where the bucket has said that it is private. Who gives no answer is asked again the next time.
    async fn may_be_public(&self, key: &str) -> bool {
        let place = &self.at().place;
        if !place.quirks.private_has_no_url {
            return true;
        }
        let url = place.file_url(key);
        let answer = self.learned.public.get_or_try_init(|| async { self.answers_anybody(&url).await.ok_or(()) }).await;
        answer.copied().unwrap_or(true)
    }

    /// Whether the bucket has said that it is private.
    pub(super) fn is_private(&self) -> bool {
        self.learned.public.get() == Some(&false)
    }

    /// A missing object is one that anybody may ask for; what is private is refused whether it is there or not (B2,
    /// "Buckets": files of a private bucket are for those who are authorized). `None` is no answer to that question.
    async fn answers_anybody(&self, url: &str) -> Option<bool> {
        let http = Http::over(self.connections.clone(), self.config.patience);
        let ask =
            Ask { method: "HEAD", url, headers: Vec::new(), body: Body::Plain(Bytes::new()), wait: Some(PATIENCE) };
        match http.send(&ask).await.ok()?.status() {
            200 | 404 => Some(true),
            401 | 403 => Some(false),
            _ => None,
        }
    }
}
