//! ListObjects and ListObjectsV2: the same walk, told in two dialects. Keys are url-encoded here where the client asks for
//! it, because some legal keys cannot be written in XML at all.

use aws_smithy_types::base64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::super::checksums::{Algorithm, kind_of};
use super::super::index::listing::{Entry, ListedRow, Page, Place, Scope};
use super::super::store::Store;
use super::super::times::timestamp;
use super::{page_size, plain};
use crate::domain;

/// What stays as it is in an encoded key. A space becomes `%20` and a plus `%2B`, which reads the same to clients that
/// take `+` for a space and to those that do not.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// How names are written in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// As they are.
    Plain,
    /// Url-encoded.
    Url,
}

impl Naming {
    /// As the request asks for it.
    pub fn asked(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self::Plain),
            Some(EncodingType::URL) => Ok(Self::Url),
            Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
        }
    }

    /// As the answer tells it.
    pub fn told(self) -> Option<EncodingType> {
        (self == Self::Url).then(|| EncodingType::from_static(EncodingType::URL))
    }

    /// A name as this answer writes it.
    pub fn write(self, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::Url => utf8_percent_encode(name, KEPT).to_string(),
        }
    }

    /// A name from the index, where every key came in as text.
    pub fn write_bytes(self, name: &[u8]) -> String {
        self.write(&String::from_utf8_lossy(name))
    }

    fn write_optional(self, name: Option<&String>) -> Option<String> {
        name.map(|name| self.write(name))
    }
}

/// What a request lists.
pub fn scope(prefix: Option<&String>, delimiter: Option<&String>) -> Scope {
    let bytes = |text: Option<&String>| text.map(|text| text.clone().into_bytes()).unwrap_or_default();
    Scope { prefix: bytes(prefix), delimiter: bytes(delimiter) }
}

/// ListObjects, the first version.
pub async fn first(store: &Store, request: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
    let input = request.input;
    let naming = Naming::asked(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_keys, "max-keys")?;
    let scope = scope(input.prefix.as_ref(), input.delimiter.as_ref());
    let start = match input.marker.as_ref().filter(|marker| !marker.is_empty()) {
        Some(marker) => scope.after(marker.as_bytes()),
        None => Place::default(),
    };
    let page = store.index.list(&input.bucket, &scope, start, limit).await?;
    // Without a delimiter the last key is the marker, and S3 does not repeat it.
    let next_marker = last_name(&page).filter(|_| !scope.delimiter.is_empty()).map(|name| naming.write_bytes(name));
    plain(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(naming.write(&input.prefix.unwrap_or_default())),
        marker: Some(naming.write(&input.marker.unwrap_or_default())),
        max_keys: i32::try_from(limit).ok(),
        is_truncated: Some(page.more),
        next_marker,
        delimiter: naming.write_optional(input.delimiter.as_ref()),
        encoding_type: naming.told(),
        common_prefixes: common_prefixes(&page, naming),
        contents: contents(page, naming)?,
        ..Default::default()
    })
}

/// ListObjectsV2.
pub async fn second(
    store: &Store,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let input = request.input;
    let naming = Naming::asked(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_keys, "max-keys")?;
    let scope = scope(input.prefix.as_ref(), input.delimiter.as_ref());
    let start = match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => scope.after(&read_token(token)?),
        (None, Some(after)) if !after.is_empty() => scope.after(after.as_bytes()),
        _ => Place::default(),
    };
    let page = store.index.list(&input.bucket, &scope, start, limit).await?;
    let next_continuation_token = last_name(&page).map(base64::encode);
    plain(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(naming.write(&input.prefix.unwrap_or_default())),
        max_keys: i32::try_from(limit).ok(),
        key_count: i32::try_from(page.entries.len()).ok(),
        is_truncated: Some(page.more),
        next_continuation_token,
        continuation_token: input.continuation_token,
        start_after: naming.write_optional(input.start_after.as_ref()),
        delimiter: naming.write_optional(input.delimiter.as_ref()),
        encoding_type: naming.told(),
        common_prefixes: common_prefixes(&page, naming),
        contents: contents(page, naming)?,
        ..Default::default()
    })
}

/// The last key or common prefix of a page that has a next one. It is all that is needed to go on behind it.
fn last_name(page: &Page<ListedRow>) -> Option<&[u8]> {
    let last = page.entries.last().filter(|_| page.more)?;
    Some(match last {
        Entry::Prefix(prefix) => prefix,
        Entry::Row(row) => &row.key,
    })
}

fn read_token(token: &str) -> S3Result<Vec<u8>> {
    base64::decode(token)
        .map_err(|error| s3_error!(error, InvalidArgument, "The continuation token provided is incorrect"))
}

/// The common prefixes of a page.
pub fn common_prefixes<R>(page: &Page<R>, naming: Naming) -> Option<Vec<CommonPrefix>> {
    let prefixes = page.entries.iter().filter_map(|entry| match entry {
        Entry::Prefix(prefix) => Some(CommonPrefix { prefix: Some(naming.write_bytes(prefix)) }),
        Entry::Row(_) => None,
    });
    let prefixes: Vec<_> = prefixes.collect();
    (!prefixes.is_empty()).then_some(prefixes)
}

fn contents(page: Page<ListedRow>, naming: Naming) -> S3Result<Option<Vec<Object>>> {
    let rows = page.entries.into_iter().filter_map(|entry| match entry {
        Entry::Prefix(_) => None,
        Entry::Row(row) => Some(object(row, naming)),
    });
    let objects = rows.collect::<S3Result<Vec<_>>>()?;
    Ok((!objects.is_empty()).then_some(objects))
}

fn object(row: ListedRow, naming: Naming) -> S3Result<Object> {
    let checksum: domain::Checksum =
        row.checksum.parse().map_err(|()| s3_error!(InternalError, "an object's checksum in the index is damaged"))?;
    let algorithm = Algorithm::named(&checksum.algorithm).map(|one| one.name().to_ascii_uppercase());
    Ok(Object {
        key: Some(naming.write_bytes(&row.key)),
        size: Some(row.size),
        last_modified: Some(timestamp(row.modified)),
        e_tag: Some(ETag::Strong(row.etag)),
        checksum_algorithm: algorithm.map(|name| vec![ChecksumAlgorithm::from(name)]),
        checksum_type: Some(kind_of(&checksum)),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_names_read_the_same_with_and_without_plus_for_space() {
        assert_eq!(Naming::Url.write("a b+c%/ä\u{1b}~*"), "a%20b%2Bc%25/%C3%A4%1B~%2A");
        assert_eq!(Naming::Plain.write("a b"), "a b");
    }
}
