//! Links, and the two types that keep secrets and presigned URLs out of logs, journals and error messages.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::format::{parse_span, spans_of};
use super::{Failure, FailureKind, Result};

/// A secret from the configuration. `Debug` prints `[redacted]`; there is no `Display`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret itself; only for handing it to the library that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

/// A presigned URL: whoever has it can read or write the object until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Wraps a URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL itself; only for the screen, the clipboard and standard output.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

/// Who can use a link, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Signed; expires.
    Presigned,
    /// The bucket's public URL.
    Public,
    /// Uploadcare's CDN.
    Cdn,
}

impl LinkKind {
    /// As JSON writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Presigned => "presigned",
            Self::Public => "public",
            Self::Cdn => "cdn",
        }
    }
}

/// A URL to read an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The object's key.
    pub key: String,
    /// The URL, kept out of `Debug` whatever its kind.
    pub url: SecretUrl,
    /// Presigned, public or CDN.
    pub kind: LinkKind,
    /// When it ends: the least of what was asked, 7 days and the credentials' life. `None` never ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The longest life that SigV4 allows a presigned URL, in seconds: 7 days.
pub const MAX_EXPIRY_SECONDS: u64 = 7 * 24 * 3600;

/// How long links are offered to be good: seconds, and what is typed for them. [`super::format::span`] shows them.
pub const OFFERED: [(u64, &str); 4] = [(300, "5m"), (3600, "1h"), (86_400, "24h"), (MAX_EXPIRY_SECONDS, "7d")];

/// How long a presigned URL is to be good, read from a text such as `5m`: seconds.
///
/// # Errors
/// `Usage` for no length of time, and for one that no signature allows.
pub fn expiry(text: &str) -> Result<u64> {
    let seconds = parse_span(text).filter(|seconds| *seconds > 0).ok_or_else(|| no_span(text))?;
    if seconds > MAX_EXPIRY_SECONDS {
        let what = "a presigned URL is good for 7 d at most";
        return Err(Failure::new(FailureKind::Usage, what).hint("ask for 7d or less"));
    }
    Ok(seconds)
}

fn no_span(text: &str) -> Failure {
    let unit = spans_of(text).filter(|_| parse_span(text).is_none());
    let (what, hint) = match unit {
        Some(spans) => ("this number has no unit", format!("type {spans}")),
        None => ("this is no length of time", "type one such as 90s, 5m, 1h, 24h or 7d".into()),
    };
    Failure::new(FailureKind::Usage, what).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_alone_is_asked_for_its_unit() {
        assert_eq!(expiry("24").unwrap_err().sentence(), "this number has no unit: type 24s, 24m or 24h");
        assert!(expiry("0").unwrap_err().sentence().starts_with("this is no length of time: type one such as"));
    }

    #[test]
    fn what_is_offered_is_what_is_typed_for_it() {
        assert!(OFFERED.iter().all(|(seconds, typed)| expiry(typed) == Ok(*seconds)));
    }

    #[test]
    fn more_than_a_signature_allows_is_refused_and_not_cut() {
        assert_eq!((expiry("5m"), expiry("7d")), (Ok(300), Ok(604_800)));
        assert!(expiry("30d").unwrap_err().what.contains("7 d at most"));
        assert!(expiry("0").is_err() && expiry("soon").is_err());
    }

    #[test]
    fn debug_shows_neither_a_secret_nor_a_presigned_url() {
        let shown = format!("{:?} {:?}", Secret::new("hunter2"), SecretUrl::new("https://x/?X-Amz-Signature=1"));
        assert_eq!(shown, "[redacted] [redacted]");
    }
}
