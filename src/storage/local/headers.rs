//! What an upload said about its bytes, kept to be said again with every download: the standard content headers and the
//! user's own metadata. Kept as JSON, because nothing ever searches in it.

use std::collections::BTreeMap;

use s3s::dto::{Metadata, Timestamp, TimestampFormat};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// What S3 answers for an object that was put without a type.
const DEFAULT_TYPE: &str = "binary/octet-stream";

/// Most bytes of user metadata, names and values (R2's limit; S3 allows 2 KiB).
const MAX_METADATA: usize = 8192;

/// An object's headers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Headers {
    /// `Content-Type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `Content-Encoding`, without `aws-chunked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// `Content-Disposition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    /// `Content-Language`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// `Cache-Control`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// `Expires`, as an HTTP date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// `x-amz-meta-*`, names without that.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// The fields as the S3 operations name them; four of these have all of them.
macro_rules! headers_of {
    ($input:expr) => {
        $crate::storage::local::headers::Headers {
            content_type: $input.content_type.clone(),
            content_encoding: $input.content_encoding.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_language: $input.content_language.clone(),
            cache_control: $input.cache_control.clone(),
            expires: $input.expires.as_ref().and_then($crate::storage::local::times::http_date),
            metadata: $input.metadata.clone().unwrap_or_default().into_iter().collect(),
        }
    };
}
pub(super) use headers_of;

impl Headers {
    /// Takes out what concerns the transport only, and refuses what is too much to keep.
    pub fn checked(mut self) -> S3Result<Self> {
        self.content_encoding = self.content_encoding.and_then(|encoding| without_chunked(&encoding));
        let bytes: usize = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > MAX_METADATA {
            return Err(s3_error!(MetadataTooLarge, "user metadata is limited to {MAX_METADATA} bytes"));
        }
        Ok(self)
    }

    /// The type to answer with.
    pub fn answered_type(&self) -> String {
        self.content_type.clone().unwrap_or_else(|| DEFAULT_TYPE.to_owned())
    }

    /// The metadata to answer with.
    pub fn answered_metadata(&self) -> Option<Metadata> {
        (!self.metadata.is_empty()).then(|| self.metadata.clone().into_iter().collect())
    }

    /// `Expires` to answer with.
    pub fn answered_expires(&self) -> Option<Timestamp> {
        self.expires.as_deref().and_then(|date| Timestamp::parse(TimestampFormat::HttpDate, date).ok())
    }
}

/// `aws-chunked` says how this request was sent, not what the object is (S3 API reference, SigV4 streaming).
fn without_chunked(encoding: &str) -> Option<String> {
    let kept: Vec<&str> =
        encoding.split(',').map(str::trim).filter(|one| !one.is_empty() && *one != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_chunked_is_no_property_of_the_object() {
        assert_eq!(without_chunked("aws-chunked"), None);
        assert_eq!(without_chunked("aws-chunked, gzip").as_deref(), Some("gzip"));
        assert_eq!(without_chunked("gzip").as_deref(), Some("gzip"));
    }

    #[test]
    fn too_much_metadata_is_refused() {
        let metadata = [("a".to_owned(), "x".repeat(MAX_METADATA))].into();
        assert!(Headers { metadata, ..Headers::default() }.checked().is_err());
    }
}
