//! R2 and B2 as far as they refuse: a proxy in front of a good server that turns away what the provider turns away, in its
//! words, so that a profile of that provider is seen not to send it. What each refuses is from the pages and threads that
//! `storage/s3/quirks.rs` names.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_s3::Client;
use windlass::domain::Provider;
use windlass::storage::local::LocalAccess;
use windlass::storage::s3::{Patience, S3Config};

use super::bucket::client;
use super::rogue::{Ask, BUCKET, Fault, Rogue};

/// A front; it ends with the test's runtime.
pub struct Front {
    /// The proxy and the server behind it.
    pub rogue: Rogue,
    provider: Provider,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Everything in this bucket, its settings too.
    Admin,
    /// Read and write objects in this bucket.
    ReadWrite,
    /// Read and write objects in this bucket, and list none.
    Unlisted,
    /// Read and write objects in this bucket, and remove no versions.
    Versionless,
    /// Read in this bucket.
    Read,
    /// Read and write in another bucket.
    Elsewhere,
}

/// What a front remembers.
#[derive(Default)]
struct Memory {
    /// By upload the size of each part.
    parts: HashMap<String, BTreeMap<u32, u64>>,
    /// By key its versions, the oldest first; `true` where it hides what is older.
    versions: BTreeMap<String, Vec<(u32, bool)>>,
    last_version: u32,
}

impl Front {
    /// Cloudflare R2.
    pub async fn r2(right: Right) -> Self {
        Self::of(Provider::R2, right).await
    }

    /// Backblaze B2.
    pub async fn b2(right: Right) -> Self {
        Self::of(Provider::B2, right).await
    }

    async fn of(provider: Provider, right: Right) -> Self {
        let rogue = Rogue::start().await;
        let mut memory = Memory::default();
        rogue.faults(move |ask| refused(provider, right, ask, &mut memory));
        Self { rogue, provider }
    }

    /// The same bucket, which everybody may read from now on.
    pub fn public(self) -> Self {
        let provider = self.provider;
        let mut memory = Memory::default();
        self.rogue.faults(move |ask| anybody(ask).or_else(|| refused(provider, Right::ReadWrite, ask, &mut memory)));
        self
    }

    /// Somebody else's client, which sends what it is told to.
    pub fn client(&self) -> Client {
        client(&LocalAccess { endpoint: self.rogue.endpoint(), ..self.rogue.access().clone() })
    }

    /// What a store of this provider is opened with.
    pub fn config(&self) -> S3Config {
        let access = self.rogue.access();
        let mut config = S3Config::new(self.provider, BUCKET, &access.access_key_id, access.secret_access_key.expose());
        config.endpoint = Some(self.rogue.endpoint());
        config.region = Some(access.region.clone());
        config.patience = Patience { first_backoff: std::time::Duration::from_millis(1), ..Patience::default() };
        config
    }
}

fn refused(provider: Provider, right: Right, ask: &Ask, memory: &mut Memory) -> Option<Fault> {
    let refused = everybody(ask).or_else(|| denied(ask, right));
    refused.or_else(|| if provider == Provider::R2 { r2(ask, memory) } else { b2(ask, memory) })
}

/// Keys are for buckets: none of them lists all.
fn everybody(ask: &Ask) -> Option<Fault> {
    ask.bucket.is_empty().then_some(Fault::Refuse("403 Forbidden", "AccessDenied", "Access Denied"))
}

/// Whoever asks without a signature: in a public bucket they get what is there, here nothing is.
fn anybody(ask: &Ask) -> Option<Fault> {
    let signed = ask.header("authorization").is_some() || ask.asks("X-Amz-Signature");
    let looks = ask.reads();
    (looks && !signed).then(|| Fault::Say("404 Not Found", String::new()))
}

fn denied(ask: &Ask, right: Right) -> Option<Fault> {
    let writes = ask.carries_bytes() || ask.begins() || ask.deletes() || ask.completes();
    let settings = ask.key.is_empty() && ask.asks("cors");
    let denied = match right {
        Right::Admin => false,
        Right::ReadWrite => settings,
        Right::Unlisted => ask.method == "GET" && ask.key.is_empty(),
        Right::Versionless => settings || ask.method == "DELETE" && ask.asks("versionId"),
        Right::Read => writes || settings,
        Right::Elsewhere => true,
    };
    denied.then_some(Fault::Refuse("403 Forbidden", "AccessDenied", "not entitled"))
}

fn sums(ask: &Ask) -> usize {
    let is_sum = |name: &str| {
        name == "content-md5"
            || name.strip_prefix("x-amz-checksum-").is_some_and(|rest| !matches!(rest, "mode" | "type" | "algorithm"))
    };
    ask.headers.iter().filter(|(name, _)| is_sum(name)).count()
}

fn has_prefix(ask: &Ask, prefix: &str) -> bool {
    ask.headers.iter().any(|(name, _)| name.starts_with(prefix))
}

fn sets_rights(ask: &Ask) -> bool {
    ask.header("x-amz-acl").is_some() || has_prefix(ask, "x-amz-grant-") || ask.asks("acl")
}

fn r2(ask: &Ask, memory: &mut Memory) -> Option<Fault> {
    const NOT_IMPLEMENTED: &str = "501 Not Implemented";
    let streamed = ask.header("x-amz-content-sha256").is_some_and(|sum| sum.starts_with("STREAMING-AWS4-HMAC"));
    if streamed {
        let words = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD not implemented";
        return Some(Fault::Refuse(NOT_IMPLEMENTED, "NotImplemented", words));
    }
    if sums(ask) > 1 {
        let words = "You can only specify one non-default checksum at a time.";
        return Some(Fault::Refuse("400 Bad Request", "InvalidRequest", words));
    }
    if sets_rights(ask) {
        return Some(Fault::Refuse(NOT_IMPLEMENTED, "NotImplemented", "Header 'x-amz-acl' not implemented"));
    }
    if ask.asks("cors") && (has_prefix(ask, "x-amz-checksum-") || has_prefix(ask, "x-amz-sdk-checksum")) {
        return Some(Fault::Refuse(NOT_IMPLEMENTED, "NotImplemented", "Header 'x-amz-checksum-crc32' not implemented"));
    }
    if ["tagging", "versioning", "versions", "policy"].iter().any(|name| ask.asks(name)) {
        return Some(Fault::Refuse(NOT_IMPLEMENTED, "NotImplemented", "not implemented"));
    }
    if ask.completes() && ask.header("if-none-match").is_some() {
        return Some(Fault::Refuse(NOT_IMPLEMENTED, "NotImplemented", "Header 'If-None-Match' not implemented"));
    }
    unequal(ask, memory)
}

/// All parts but the last must be of one size.
fn unequal(ask: &Ask, memory: &mut Memory) -> Option<Fault> {
    let upload = ask.upload.as_deref()?;
    if let (Some(number), "PUT") = (ask.part, ask.method.as_str()) {
        memory.parts.entry(upload.to_owned()).or_default().insert(number, ask.length);
        return None;
    }
    let sizes: Vec<u64> = memory.parts.get(upload)?.values().copied().collect();
    let (_, whole) = sizes.split_last()?;
    let words = "All non-trailing parts must have the same length.";
    let unequal = ask.completes() && whole.windows(2).any(|two| two[0] != two[1]);
    unequal.then_some(Fault::Refuse("400 Bad Request", "InvalidPart", words))
}

fn b2(ask: &Ask, memory: &mut Memory) -> Option<Fault> {
    let key_id = ask.header("authorization").and_then(|value| value.split("Credential=").nth(1));
    let key_id = key_id.and_then(|value| value.split('/').next()).unwrap_or_default();
    if key_id.len() == 12 && key_id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(Fault::Refuse("403 Forbidden", "InvalidAccessKeyId", "Malformed Access Key Id"));
    }
    let writes = matches!(ask.method.as_str(), "PUT" | "POST");
    if writes && (has_prefix(ask, "x-amz-checksum-") || has_prefix(ask, "x-amz-sdk-checksum")) {
        let words = "Unsupported header 'x-amz-checksum-crc32' received for this API call.";
        return Some(Fault::Refuse("400 Bad Request", "InvalidArgument", words));
    }
    if writes && (ask.header("if-none-match").is_some() || ask.header("if-match").is_some()) {
        let words = "A header you provided implies functionality that is not implemented";
        return Some(Fault::Refuse("501 Not Implemented", "NotImplemented", words));
    }
    if sets_rights(ask) {
        return Some(Fault::Refuse("400 Bad Request", "InvalidArgument", "Unsupported value for canned acl"));
    }
    hiding(ask, memory)
}

/// What is written or deleted by name stays as a version; only a delete by version takes it away.
fn hiding(ask: &Ask, memory: &mut Memory) -> Option<Fault> {
    if ask.asks("versions") && ask.method == "GET" {
        return Some(Fault::Say("200 OK", listed(memory, &ask.query)));
    }
    let version = ask.query.split('&').find_map(|pair| pair.strip_prefix("versionId="));
    match (ask.method.as_str(), version) {
        ("DELETE", Some(version)) => {
            let versions = memory.versions.entry(ask.key.clone()).or_default();
            let newest = versions.last().is_some_and(|(number, hides)| !hides && format!("v{number}") == version);
            versions.retain(|(number, _)| format!("v{number}") != version);
            // The newest goes from the server, which knows no other.
            (!newest).then(|| Fault::Say("204 No Content", String::new()))
        }
        ("DELETE", None) if ask.upload.is_none() => memory.add(&ask.key, true),
        ("PUT", _) if ask.part.is_none() && !ask.key.is_empty() => memory.add(&ask.key, false),
        ("POST", _) if ask.completes() => memory.add(&ask.key, false),
        _ => None,
    }
}

impl Memory {
    fn add(&mut self, key: &str, hides: bool) -> Option<Fault> {
        self.last_version += 1;
        self.versions.entry(key.to_owned()).or_default().push((self.last_version, hides));
        None
    }
}

/// Two entries a page, so that every listing has several.
fn listed(memory: &Memory, query: &str) -> String {
    let value = |name: &str| {
        let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        found.map(|text| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned())
    };
    let prefix = value("prefix").unwrap_or_default();
    let after = value("key-marker").zip(value("version-id-marker"));
    let all = memory.versions.iter().filter(|(key, _)| key.starts_with(&prefix)).flat_map(|(key, versions)| {
        versions
            .iter()
            .rev()
            .enumerate()
            .map(move |(age, (number, hides))| (key.clone(), format!("v{number}"), *hides, age == 0))
    });
    let all: Vec<_> = all.collect();
    let from = after.map_or(0, |(key, version)| {
        all.iter().position(|(known, number, ..)| *known == key && *number == version).map_or(0, |at| at + 1)
    });
    let page: Vec<_> = all.iter().skip(from).take(2).collect();
    let mut xml = String::from("<?xml version=\"1.0\"?><ListVersionsResult><EncodingType>url</EncodingType>");
    if let Some((key, version, ..)) = page.last().filter(|_| all.len() > from + 2) {
        xml += &format!(
            "<IsTruncated>true</IsTruncated><NextKeyMarker>{}</NextKeyMarker><NextVersionIdMarker>{version}</NextVersionIdMarker>",
            encoded(key)
        );
    }
    for (key, version, hides, latest) in page {
        let (name, rest) =
            if *hides { ("DeleteMarker", "") } else { ("Version", "<Size>5</Size><ETag>&quot;e&quot;</ETag>") };
        xml += &format!(
            "<{name}><Key>{}</Key><VersionId>{version}</VersionId><IsLatest>{latest}</IsLatest>\
             <LastModified>2026-01-02T03:04:05.000Z</LastModified>{rest}</{name}>",
            encoded(key)
        );
    }
    xml + "</ListVersionsResult>"
}

fn encoded(key: &str) -> String {
    percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC).to_string()
}
