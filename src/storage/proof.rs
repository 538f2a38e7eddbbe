//! Checksums and what they prove: the CRC-64/NVME that S3 keeps with an object, joined from its parts without reading
//! them again, and the MD5 that other services show as entity tag. MD5 costs some 50 times as much, so it is computed
//! only where nothing else proves an upload.

use bytes::Bytes;
use crc_fast::CrcAlgorithm::Crc64Nvme;
use futures::FutureExt;
use futures::future::{self, BoxFuture, Shared};
use md5::{Digest, Md5};

use crate::domain::{Checksum, Failure, FailureKind, Result};
use crate::storage::Part;

/// From this size on, in bytes, MD5 is computed beside the event loop (a few milliseconds).
const AWAY_FROM: usize = 1024 * 1024;

/// CRC-64/NVME of bytes.
pub fn crc64nvme(bytes: &[u8]) -> Checksum {
    encoded(crc_fast::checksum(Crc64Nvme, bytes))
}

/// CRC-64/NVME of bytes that come piece by piece.
#[derive(Debug)]
pub struct Crc(crc_fast::Digest);

impl Default for Crc {
    fn default() -> Self {
        Self(crc_fast::Digest::new(Crc64Nvme))
    }
}

impl Crc {
    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Of all pieces so far.
    pub fn checksum(&self) -> Checksum {
        encoded(self.0.finalize())
    }
}

/// CRC-64/NVME of something that is made of parts one after another; `None` where a part's is not known.
pub fn joined(parts: &[Part]) -> Option<Checksum> {
    let mut whole = 0;
    for part in parts {
        let of_part = decoded(part.checksum.as_ref()?)?;
        whole = crc_fast::checksum_combine(Crc64Nvme, whole, of_part, part.size);
    }
    Some(encoded(whole))
}

fn encoded(crc: u64) -> Checksum {
    Checksum::crc64nvme(aws_smithy_types::base64::encode(crc.to_be_bytes()))
}

fn decoded(checksum: &Checksum) -> Option<u64> {
    if checksum.algorithm != "crc64nvme" {
        return None;
    }
    let bytes = aws_smithy_types::base64::decode(&checksum.value).ok()?;
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

/// An MD5 that is being computed; every clone gets it.
pub type Hashing = Shared<BoxFuture<'static, Result<[u8; 16]>>>;

/// Begins an MD5, beside the event loop if the bytes are many; they can be sent meanwhile. It fails only while the
/// program ends.
pub fn hashing(bytes: &Bytes) -> Hashing {
    if bytes.len() < AWAY_FROM {
        return future::ready(Ok(md5(bytes))).boxed().shared();
    }
    let bytes = bytes.clone();
    let task = tokio::task::spawn_blocking(move || md5(&bytes));
    let gone = |_| Failure::new(FailureKind::Internal, "the checksum could not be computed");
    task.map(move |md5| md5.map_err(gone)).boxed().shared()
}

fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

/// The entity tag that a single PUT of these bytes has where it is their MD5.
pub fn md5_tag_of(bytes: &[u8]) -> String {
    md5_tag(md5(bytes))
}

/// MD5 of bytes that come piece by piece.
#[derive(Debug, Default)]
pub struct Md5Sum(Md5);

impl Md5Sum {
    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Of all pieces so far.
    pub fn checksum(&self) -> Checksum {
        md5_checksum(self.0.clone().finalize().into())
    }
}

/// MD5 of bytes.
pub fn md5_checksum_of(bytes: &[u8]) -> Checksum {
    md5_checksum(md5(bytes))
}

/// The MD5 that an entity tag is; `None` for one that is something else, as those of multipart uploads are.
pub fn md5_in_tag(tag: &str) -> Option<Checksum> {
    bytes_of_tag(tag).map(md5_checksum)
}

/// An MD5 as a checksum.
pub fn md5_checksum(md5: [u8; 16]) -> Checksum {
    Checksum::md5(aws_smithy_types::base64::encode(md5))
}

/// An MD5 as an entity tag.
pub fn md5_tag(md5: [u8; 16]) -> String {
    md5.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The entity tag of a multipart object as S3 makes it: the MD5 of the parts' MD5s, and how many. `None` where a part's
/// entity tag is no MD5.
pub fn multipart_tag(parts: &[Part]) -> Option<String> {
    let mut all = Md5::new();
    for part in parts {
        all.update(bytes_of_tag(&part.etag)?);
    }
    Some(format!("{}-{}", md5_tag(all.finalize().into()), parts.len()))
}

fn bytes_of_tag(tag: &str) -> Option<[u8; 16]> {
    if tag.len() != 32 || !tag.is_ascii() {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, place) in bytes.iter_mut().zip((0..32).step_by(2)) {
        *byte = u8::from_str_radix(tag.get(place..place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// An entity tag without its quotes.
pub fn bare_tag(tag: &str) -> String {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: u32, bytes: &[u8]) -> Part {
        let md5 = md5(bytes);
        Part { number, size: bytes.len() as u64, etag: md5_tag(md5), checksum: Some(crc64nvme(bytes)) }
    }

    /// The check value of CRC-64/NVME for "123456789" is AE8B14860A799888 (catalogue of CRC algorithms).
    #[test]
    fn the_crc_is_the_one_that_s3_means() {
        assert_eq!(crc64nvme(b"123456789").value, "rosUhgp5mIg=");
        assert_eq!(decoded(&crc64nvme(b"123456789")), Some(0xAE8B_1486_0A79_9888));
    }

    #[test]
    fn parts_join_to_the_wholes_crc() {
        let parts = [part(1, b"1234"), part(2, b""), part(3, b"56789")];
        assert_eq!(joined(&parts), Some(crc64nvme(b"123456789")));
        let unknown = Part { checksum: None, ..part(1, b"x") };
        assert_eq!(joined(&[unknown]), None);
    }

    #[test]
    fn multipart_tags_are_md5_of_md5s() {
        let parts = [part(1, b"a"), part(2, b"b")];
        assert_eq!(parts[0].etag, "0cc175b9c0f1b6a831c399e269772661");
        let both = [md5(b"a"), md5(b"b")].concat();
        assert_eq!(multipart_tag(&parts), Some(format!("{}-2", md5_tag(md5(&both)))));
        assert_eq!(multipart_tag(&[Part { etag: "made-up".into(), ..part(1, b"a") }]), None);
    }

    #[test]
    fn a_tag_is_an_md5_or_something_else() {
        assert_eq!(md5_in_tag(&md5_tag_of(b"a")), Some(md5_checksum_of(b"a")));
        assert_eq!(md5_in_tag(&format!("{}-2", md5_tag_of(b"a"))), None);
        let mut pieces = Md5Sum::default();
        [&b"12"[..], b"3"].iter().for_each(|piece| pieces.update(piece));
        assert_eq!(pieces.checksum(), md5_checksum_of(b"123"));
    }

    #[test]
    fn tags_lose_their_quotes() {
        assert_eq!(bare_tag("\"abc\""), "abc");
        assert_eq!(bare_tag("W/\"abc\""), "abc");
    }

    #[tokio::test]
    async fn many_bytes_are_hashed_beside_the_event_loop() {
        let bytes = Bytes::from(vec![7; AWAY_FROM]);
        let hashing = hashing(&bytes);
        assert_eq!(hashing.clone().await.unwrap(), md5(&bytes));
        assert_eq!(hashing.await.unwrap(), md5(&bytes));
    }
}
