//! Whether a bucket can be read without a signature: asked now and then, as anybody would, where the guide keeps no URL of
//! a private bucket's files.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::domain::{Link, LinkKind, SecretUrl};
use crate::storage::http::{Ask, Body, Http};

use super::S3Store;
use super::learned::Seen;

/// How long that answer may take: it comes beside a request that has just worked.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long an answer counts: somebody may change the bucket meanwhile.
const KNOWN_FOR: Duration = Duration::from_secs(600);

/// How long it counts that there was none.
const UNKNOWN_FOR: Duration = Duration::from_secs(60);

/// The most of an answer that is read, in bytes: an error is some lines.
const MOST: usize = 4096;

impl S3Store {
    /// `file_url` of each key in the guide's form.
    pub(super) async fn guides_urls(&self, keys: &[&str]) -> Vec<Option<String>> {
        let has_urls = match keys.first() {
            Some(any) => self.may_be_public(any).await,
            None => return Vec::new(),
        };
        let at = self.at();
        keys.iter().map(|key| has_urls.then(|| at.place.file_url(key))).collect()
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

    /// Not where the bucket has said that it is private.
    async fn may_be_public(&self, key: &str) -> bool {
        // In memory of its own: every upload asks, and the state of a request is kilobytes.
        !self.at().place.quirks.private_has_no_url || Box::pin(self.is_known_public(key)).await
    }

    /// Who asks meanwhile waits for the same answer, also where there is none.
    async fn is_known_public(&self, key: &str) -> bool {
        let mut seen = self.learned.public.lock().await;
        let known = seen.filter(|seen| Instant::now() < seen.until);
        let known = match known {
            Some(seen) => seen.public,
            None => {
                let url = self.at().place.file_url(key);
                let public = self.answers_anybody(&url).await;
                let counts = if public.is_some() { KNOWN_FOR } else { UNKNOWN_FOR };
                *seen = Some(Seen { public, until: Instant::now() + counts });
                public
            }
        };
        known.unwrap_or(true)
    }

    /// Whether the bucket has said that it is private.
    pub(super) fn is_private(&self) -> bool {
        // While it is asked nothing is known.
        self.learned.public.try_lock().is_ok_and(|seen| seen.is_some_and(|seen| seen.public == Some(false)))
    }

    /// A missing object is one that anybody may ask for; what is private is refused whether it is there or not (B2,
    /// "Buckets": files of a private bucket are for those who are authorized). `None` is no answer to that question: a
    /// proxy's refusal, or that of a bucket whose cap for the day is reached, which also public ones give.
    async fn answers_anybody(&self, url: &str) -> Option<bool> {
        let http = Http::over(self.connections.clone(), self.config.patience);
        let headers = vec![("range", "bytes=0-0".to_owned())];
        let ask = Ask { method: "GET", url, headers, body: Body::Plain(Bytes::new()), wait: Some(PATIENCE) };
        let answer = http.send(&ask).await.ok()?;
        match answer.status() {
            200 | 206 | 404 | 416 => Some(true),
            401 | 403 => refuses_anybody(&answer.into_bytes(MOST, PATIENCE).await.ok()?).then_some(false),
            _ => None,
        }
    }
}

/// Whether that is S3's refusal of whoever has no right, and not of everybody for today.
fn refuses_anybody(body: &[u8]) -> bool {
    let said = String::from_utf8_lossy(body).to_lowercase();
    let is_for_today = ["cap exceeded", "cap_exceeded", "capexceeded"].iter().any(|words| said.contains(words));
    said.contains("<code>") && !is_for_today
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_s3s_own_refusal_makes_a_bucket_private() {
        let error = |code: &str, words: &str| format!("<Error><Code>{code}</Code><Message>{words}</Message></Error>");
        assert!(refuses_anybody(error("UnauthorizedAccess", "bucket is not authorized: pics").as_bytes()));
        assert!(refuses_anybody(error("AccessDenied", "Access Denied").as_bytes()));
        assert!(!refuses_anybody(
            error("AccessDenied", "Cannot download file, download bandwidth or transaction (Class B) cap exceeded.")
                .as_bytes()
        ));
        assert!(!refuses_anybody(b"<html>the proxy of the house</html>") && !refuses_anybody(b""));
    }
}
