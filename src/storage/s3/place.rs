//! Where a profile's bucket is: endpoint, region, addressing and the URLs that follow from them, worked out once from the
//! configuration, so that requests, links and error sentences agree.

use crate::config::FieldNames;
use crate::domain::capability::Reason;
use crate::domain::key::url_path;
use crate::domain::{Address, Failure, FailureKind, Provider, Result};
use crate::storage::http::is_loopback;

use super::S3Config;
use super::quirks::{FileUrl, Quirks, is_aws};

/// A bucket's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the service is like.
    pub quirks: Quirks,
    /// URL without a slash at the end; `None` is AWS's own, by region.
    pub endpoint: Option<String>,
    /// The endpoint that presigned links name, where it is another.
    pub link_endpoint: Option<String>,
    /// Region that requests are signed for; an answer may correct it later.
    pub region: String,
    /// Path-style addressing.
    pub path_style: bool,
    /// Bucket.
    pub bucket: String,
    /// `public_base_url` without a slash at the end.
    pub public_base: Option<String>,
    /// Access key id, for sentences.
    pub key_id: String,
    /// What the profile's fields are called, for sentences.
    pub names: FieldNames,
}

impl Place {
    /// Works it out.
    ///
    /// # Errors
    /// `Usage` where the endpoint is no URL or something is missing that the provider needs.
    pub fn of(config: &S3Config) -> Result<Self> {
        let bucket = config.bucket.clone();
        let endpoint = match &config.endpoint {
            Some(endpoint) => Some(checked_endpoint(endpoint, &bucket)?),
            None => own_endpoint(config)?,
        };
        let host = endpoint.as_deref().map(host);
        let quirks = Quirks::of(config.provider, host);
        let quirks = if config.endpoint.is_some() { quirks.behind_an_endpoint() } else { quirks };
        let region = config.region.as_deref().or_else(|| host.and_then(Quirks::region_of_host));
        let region = region.unwrap_or(quirks.default_region).to_owned();
        let trim = |url: &String| url.trim_end_matches('/').to_owned();
        Ok(Self {
            region,
            path_style: config.path_style.unwrap_or(quirks.path_style),
            link_endpoint: config.link_endpoint.as_ref().map(trim),
            public_base: config.public_base_url.as_ref().map(trim),
            key_id: config.access_key_id.clone(),
            names: config.names.clone(),
            quirks,
            endpoint,
            bucket,
        })
    }

    /// The same bucket in the region that it turned out to be in; AWS's own endpoints follow the region.
    pub fn moved_to(&self, region: String) -> Self {
        let endpoint = self.endpoint.clone().filter(|endpoint| !is_aws(host(endpoint)));
        Self { region, endpoint, ..self.clone() }
    }

    /// Host and port, for sentences.
    pub fn host(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => with_port(endpoint),
            None => format!("{}:443", self.aws_host()),
        }
    }

    /// For the eyes.
    pub fn address(&self) -> Address {
        let endpoint = self.link_endpoint.clone().or_else(|| self.endpoint.clone());
        Address {
            endpoint: Some(endpoint.unwrap_or_else(|| format!("https://{}", self.aws_host()))),
            region: Some(self.region.clone()),
            public: self.public_url(""),
        }
    }

    /// Whether the endpoint is this machine: no proxy stands in between.
    pub fn is_loopback(&self) -> bool {
        self.endpoint.as_deref().map(host).is_some_and(is_loopback)
    }

    /// Whether there are URLs that need no signature, if the bucket is public; not where it is known to be private.
    pub fn public_read(&self, is_private: bool) -> std::result::Result<(), Reason> {
        match self.public_base {
            Some(_) => Ok(()),
            None if is_private => Err("the bucket is private"),
            None => self.quirks.public_read,
        }
    }

    /// The URL that needs no signature if the bucket is public: beneath the profile's base, else in the guide's form.
    pub fn public_url(&self, key: &str) -> Option<String> {
        self.based(key).or_else(|| self.quirks.public_read.is_ok().then(|| self.file_url(key)))
    }

    fn based(&self, key: &str) -> Option<String> {
        self.public_base.as_ref().map(|base| format!("{base}/{}", url_path(key)))
    }

    /// `file_url` in the guide's form.
    pub fn file_url(&self, key: &str) -> String {
        match self.quirks.file_url {
            FileUrl::PublicBase(otherwise) => self.based(key).unwrap_or_else(|| otherwise.into()),
            // AWS's certificates name one label before the host: a bucket with dots is reached by its path (S3 user
            // guide, "Virtual hosting of general purpose buckets").
            FileUrl::VirtualHosted if self.bucket.contains('.') => {
                format!("https://{}/{}/{}", self.aws_host(), self.bucket, url_path(key))
            }
            FileUrl::VirtualHosted => format!("https://{}.{}/{}", self.bucket, self.aws_host(), url_path(key)),
            FileUrl::EndpointPath => {
                let endpoint = self.link_endpoint.as_ref().or(self.endpoint.as_ref());
                format!("{}/{}/{}", endpoint.map_or("", String::as_str), self.bucket, url_path(key))
            }
        }
    }

    fn aws_host(&self) -> String {
        let china = if self.region.starts_with("cn-") { ".cn" } else { "" };
        format!("s3.{}.amazonaws.com{china}", self.region)
    }
}

fn own_endpoint(config: &S3Config) -> Result<Option<String>> {
    let account = config.account_id.as_deref();
    if let Some(account) = account.filter(|account| account.contains(['.', '/', ':'])) {
        let what = format!("the account_id \"{account}\" is not an account id");
        return Err(Failure::new(FailureKind::Usage, what).hint("write only the 32 characters before .r2."));
    }
    Quirks::endpoint(config.provider, account, config.jurisdiction.as_deref(), config.region.as_deref())
        .map_err(|(what, hint)| incomplete(config.provider, what, hint))
}

fn incomplete(provider: Provider, what: &str, hint: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("this {} profile cannot be opened, {what}", provider.title())).hint(hint)
}

/// The endpoint without a slash at its end; the usual slips of pasting are told apart, for a wrong endpoint otherwise
/// shows as a signature that does not match.
fn checked_endpoint(endpoint: &str, bucket: &str) -> Result<String> {
    let wrong = |why: &str, hint: String| {
        Err(Failure::new(FailureKind::Usage, format!("the endpoint \"{}\" {why}", without_secrets(endpoint)))
            .hint(hint))
    };
    let trimmed = endpoint.trim().trim_end_matches('/');
    let Some((scheme, rest)) = trimmed.split_once("://") else {
        return wrong("has no scheme", format!("write https://{trimmed}"));
    };
    if !matches!(scheme, "https" | "http") {
        return wrong("is neither https nor http", format!("write https://{rest}"));
    }
    if rest.contains("://") {
        return wrong("holds two URLs", "write one".into());
    }
    if rest.is_empty() || rest.starts_with(['/', ':']) {
        return wrong("names no host", "write https://HOST".into());
    }
    if rest.contains(['?', '#', '@', ' ']) {
        return wrong(
            "is more than scheme, host, port and path",
            "leave out what follows or stands before them".into(),
        );
    }
    match rest.split_once('/') {
        Some((host, path)) if path == bucket => {
            wrong("ends in the bucket's name", format!("write {scheme}://{host} and the name under bucket"))
        }
        _ => Ok(trimmed.to_owned()),
    }
}

/// A URL as an error may show it: without user, password and query.
fn without_secrets(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let shown = &url[..end];
    shown.rsplit_once('@').map_or(shown, |(_, place)| place)
}

/// The host of an endpoint, without port.
fn host(endpoint: &str) -> &str {
    let authority = authority(endpoint);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn authority(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn with_port(endpoint: &str) -> String {
    let authority = authority(endpoint);
    if host(endpoint) != authority {
        return authority.to_owned();
    }
    format!("{authority}:{}", if endpoint.starts_with("http://") { 80 } else { 443 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(provider: Provider, endpoint: Option<&str>) -> S3Config {
        S3Config { endpoint: endpoint.map(Into::into), ..S3Config::new(provider, "pics", "KEY", "secret") }
    }

    fn place(provider: Provider, endpoint: Option<&str>) -> Place {
        Place::of(&config(provider, endpoint)).unwrap()
    }

    #[test]
    fn file_urls_have_the_guides_forms() {
        let mut aws = config(Provider::S3, None);
        aws.region = Some("eu-west-1".into());
        assert_eq!(Place::of(&aws).unwrap().file_url("a b/ü"), "https://pics.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC");

        let b2 = place(Provider::B2, Some("https://s3.us-west-004.backblazeb2.com/"));
        assert_eq!(b2.file_url("a+b"), "https://s3.us-west-004.backblazeb2.com/pics/a%2Bb");
        assert_eq!(b2.region, "us-west-004");
        assert_eq!(b2.public_url("a+b"), Some("https://s3.us-west-004.backblazeb2.com/pics/a%2Bb".into()));

        aws.bucket = "pics.example.org".into();
        let dotted = Place::of(&aws).unwrap().public_url("a?.png").unwrap();
        assert_eq!(dotted, "https://s3.eu-west-1.amazonaws.com/pics.example.org/a%3F.png");

        let mut r2 = config(Provider::R2, None);
        r2.account_id = Some("abc".into());
        assert_eq!(Place::of(&r2).unwrap().file_url("k"), "URL not available");
        assert_eq!(Place::of(&r2).unwrap().public_url("k"), None);
        r2.public_base_url = Some("https://pub-1.r2.dev/".into());
        assert_eq!(Place::of(&r2).unwrap().file_url("a/b c"), "https://pub-1.r2.dev/a/b%20c");
        assert_eq!(Place::of(&r2).unwrap().region, "auto");
        let own_host = Some("https://abc.eu.r2.cloudflarestorage.com");
        assert_eq!(place(Provider::R2, own_host).region, "auto");
        assert_eq!(place(Provider::R2, Some("http://127.0.0.1:9000")).region, "us-east-1", "a test server, a proxy");

        let other = place(Provider::S3, Some("http://127.0.0.1:9000"));
        assert_eq!(other.file_url("k"), "http://127.0.0.1:9000/pics/k");
        assert!(other.path_style && other.is_loopback());
    }

    #[test]
    fn the_local_buckets_urls_name_the_address_of_links() {
        let mut local = config(Provider::Local, Some("http://127.0.0.1:1"));
        local.link_endpoint = Some("http://127.0.0.1:9100".into());
        assert_eq!(Place::of(&local).unwrap().file_url("k"), "http://127.0.0.1:9100/pics/k");
    }

    #[test]
    fn slips_of_pasting_are_told_apart() {
        let sentence = |endpoint: &str| {
            let failure = Place::of(&config(Provider::S3, Some(endpoint))).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Usage);
            failure.sentence()
        };
        assert_eq!(
            sentence("s3.example.org"),
            "the endpoint \"s3.example.org\" has no scheme: write https://s3.example.org"
        );
        assert!(sentence("https://https://x").contains("two URLs"));
        assert!(sentence("https://abc.r2.cloudflarestorage.com/pics").contains("ends in the bucket's name"));
        assert!(sentence("ftp://x").contains("neither https nor http"));
        assert!(sentence("https://").contains("no"));
        let secret = sentence("https://me:hunter2@host?x=1");
        assert!(!secret.contains("hunter2") && !secret.contains("x=1"), "{secret}");
    }

    #[test]
    fn what_a_provider_needs_is_named() {
        let failure = Place::of(&config(Provider::R2, None)).unwrap_err();
        assert!(failure.sentence().contains("account_id"), "{failure}");
        let failure = Place::of(&config(Provider::B2, None)).unwrap_err();
        assert!(failure.sentence().contains("endpoint"), "{failure}");
        let mut pasted = config(Provider::R2, None);
        pasted.account_id = Some("https://abc.r2.cloudflarestorage.com".into());
        assert!(Place::of(&pasted).unwrap_err().sentence().contains("is not an account id"));
    }

    #[test]
    fn a_bucket_elsewhere_is_asked_there() {
        let moved = place(Provider::S3, Some("https://s3.us-west-2.amazonaws.com")).moved_to("eu-west-1".into());
        assert_eq!((moved.endpoint.as_deref(), moved.host().as_str()), (None, "s3.eu-west-1.amazonaws.com:443"));
        let other = place(Provider::S3, Some("https://s3.example.org")).moved_to("garage".into());
        assert_eq!((other.host().as_str(), other.region.as_str()), ("s3.example.org:443", "garage"));
    }

    #[test]
    fn sentences_name_host_and_port() {
        assert_eq!(place(Provider::S3, Some("https://s3.example.org")).host(), "s3.example.org:443");
        assert_eq!(place(Provider::S3, Some("http://[::1]:9000")).host(), "[::1]:9000");
        assert_eq!(place(Provider::S3, None).host(), "s3.us-east-1.amazonaws.com:443");
    }
}
