//! Links, and the two types that keep secrets and presigned URLs out of logs, journals and error messages.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_a_secret_nor_a_presigned_url() {
        let shown = format!("{:?} {:?}", Secret::new("hunter2"), SecretUrl::new("https://x/?X-Amz-Signature=1"));
        assert_eq!(shown, "[redacted] [redacted]");
    }
}
