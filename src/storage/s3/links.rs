//! Presigned links: to read, and for somebody else to write. They are signed for the address of links, which for the
//! local bucket is not the one that requests go to, and they never outlive the credentials.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use chrono::{DateTime, SubsecRound, Utc};

use crate::domain::key::url_value;
use crate::domain::link::MAX_EXPIRY_SECONDS;
use crate::domain::{Failure, FailureKind, Link, LinkKind, Result, SecretUrl};
use crate::storage::UploadLink;

use super::S3Store;

/// How long a link is good for, from when on.
struct Life {
    signing: PresigningConfig,
    ends: DateTime<Utc>,
}

impl S3Store {
    pub(super) async fn sign_read(&self, key: &str, expires: Duration, download_as: Option<&str>) -> Result<Link> {
        let at = self.at();
        let life = self.life(expires).await?;
        let signed = at
            .signer
            .get_object()
            .bucket(&at.place.bucket)
            .key(key)
            .set_response_content_disposition(download_as.map(disposition))
            .presigned(life.signing)
            .await
            .map_err(|error| unsigned(key, &error))?;
        let url = SecretUrl::new(signed.uri());
        Ok(Link { key: key.to_owned(), url, kind: LinkKind::Presigned, expires_at: Some(life.ends) })
    }

    pub(super) async fn sign_write(
        &self,
        key: &str,
        content_type: &str,
        size: Option<u64>,
        expires: Duration,
    ) -> Result<UploadLink> {
        let at = self.at();
        let life = self.life(expires).await?;
        let signed = at
            .signer
            .put_object()
            .bucket(&at.place.bucket)
            .key(key)
            .content_type(content_type)
            .set_content_length(size.and_then(|size| i64::try_from(size).ok()))
            .presigned(life.signing)
            .await
            .map_err(|error| unsigned(key, &error))?;
        Ok(UploadLink { url: SecretUrl::new(signed.uri()), headers: headers(&signed), expires_at: life.ends })
    }

    /// When the credentials end, UTC; `None` never ends.
    async fn credentials_end(&self) -> Result<Option<DateTime<Utc>>> {
        match &self.config.aws_profile {
            Some(profile) => profile.end().await,
            None => Ok(self.config.credentials_end),
        }
    }

    /// The least of what was asked, 7 days and the credentials' life.
    async fn life(&self, asked: Duration) -> Result<Life> {
        // Signatures know whole seconds.
        let now = Utc::now().trunc_subsecs(0);
        let start = SystemTime::from(now);
        let mut seconds = asked.as_secs().clamp(1, MAX_EXPIRY_SECONDS);
        if let Some(end) = self.credentials_end().await? {
            let left = u64::try_from((end - now).num_seconds()).unwrap_or_default();
            if left == 0 {
                return Err(Failure::new(FailureKind::Credentials, "the session of these credentials has expired")
                    .hint("renew the credentials, then open the profile again"));
            }
            seconds = seconds.min(left);
        }
        let life = Duration::from_secs(seconds);
        let signing = PresigningConfig::builder().start_time(start).expires_in(life).build();
        let signing = signing.map_err(|_| Failure::new(FailureKind::Internal, "the link's life is out of range"))?;
        Ok(Life { signing, ends: now + life })
    }
}

/// The headers that are part of the signature, but for the host, which every client sends by itself.
fn headers(signed: &PresignedRequest) -> Vec<(String, String)> {
    signed
        .headers()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn unsigned<E>(key: &str, _: &SdkError<E, HttpResponse>) -> Failure {
    Failure::new(FailureKind::Internal, format!("no link to \"{key}\" could be signed"))
}

/// `attachment` with a name: plain for old clients, percent-encoded for all others (RFC 6266).
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|character| match character {
            '"' | '\\' | '%' | ';' => '_',
            ' '..='~' => character,
            _ => '_',
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", url_value(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Provider;
    use crate::storage::s3::{S3Config, open};

    fn store(change: impl FnOnce(&mut S3Config)) -> S3Store {
        let mut config = S3Config::new(Provider::Local, "pics", "KEY", "hunter2");
        config.endpoint = Some("http://127.0.0.1:1".into());
        change(&mut config);
        open(config).unwrap()
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn names_for_downloads_survive_quotes_and_umlauts() {
        assert_eq!(
            disposition("gr\"ü%n.png"),
            "attachment; filename=\"gr___n.png\"; filename*=UTF-8''gr%22%C3%BC%25n.png"
        );
    }

    #[tokio::test]
    async fn links_name_the_address_of_links_and_no_secret() {
        let store = store(|config| config.link_endpoint = Some("http://127.0.0.1:9100".into()));
        let link = store.sign_read("a b/ü?", HOUR, Some("x.png")).await.unwrap();
        let url = link.url.expose();
        assert!(url.starts_with("http://127.0.0.1:9100/pics/a%20b/%C3%BC%3F?"), "{url}");
        assert!(url.contains("X-Amz-Expires=3600") && url.contains("response-content-disposition="), "{url}");
        assert!(!url.contains("hunter2") && !format!("{link:?}").contains("Signature"));

        store.point_links_to("http://127.0.0.1:9200");
        let link = store.sign_read("k", HOUR, None).await.unwrap();
        assert!(link.url.expose().starts_with("http://127.0.0.1:9200/pics/k?"));
    }

    #[tokio::test]
    async fn no_link_outlives_seven_days_or_the_credentials() {
        let week = store(|_| ()).sign_read("k", 1000 * HOUR, None).await.unwrap();
        assert!(week.url.expose().contains("X-Amz-Expires=604800"));
        let end = Utc::now() + chrono::Duration::seconds(100);
        let short = store(|config| config.credentials_end = Some(end)).sign_read("k", HOUR, None).await.unwrap();
        assert!(short.expires_at.unwrap() <= end);
        let over = store(|config| config.credentials_end = Some(Utc::now())).sign_read("k", HOUR, None).await;
        assert_eq!(over.unwrap_err().kind, FailureKind::Credentials);
    }

    #[tokio::test]
    async fn a_link_to_write_signs_type_and_size() {
        let link = store(|_| ()).sign_write("k", "image/png", Some(5), HOUR).await.unwrap();
        let url = link.url.expose();
        assert!(url.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost"), "{url}");
        assert!(link.headers.contains(&("content-type".into(), "image/png".into())), "{:?}", link.headers);
        assert!(link.headers.contains(&("content-length".into(), "5".into())), "{:?}", link.headers);
    }
}
