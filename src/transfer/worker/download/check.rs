//! Whether what arrived is the object. A CRC-64/NVME that the bucket keeps is compared with that of the bytes as they
//! came; an MD5 entity tag is compared where the object came in one range, because only then is it cheap.

use bytes::Bytes;

use super::ranges::Ranges;
use crate::domain::display::display;
use crate::domain::{Checksum, Failure, FailureKind, Result};
use crate::storage::proof;
use crate::transfer::worker::part_file::PartFile;

/// The algorithm of MD5 entity tags.
const MD5: &str = "md5";

/// Compares a whole file; answers the best checksum that is known of it. Blocks.
///
/// # Errors
/// `Integrity`, saying what differs; `Local`.
pub fn file(
    key: &str,
    file: &PartFile,
    size: u64,
    ranges: &Ranges,
    expected: Option<Checksum>,
) -> Result<Option<Checksum>> {
    let arrived = match &expected {
        Some(expected) if expected.algorithm == MD5 && ranges.is_single() => file.md5(size)?,
        _ => ranges.checksum(),
    };
    compare(key, expected, arrived)
}

/// Compares bytes in memory; answers the best checksum that is known of them.
///
/// # Errors
/// `Integrity`, saying what differs.
pub fn bytes(key: &str, pieces: &[Bytes], expected: Option<Checksum>) -> Result<Option<Checksum>> {
    let arrived = if expected.as_ref().is_some_and(|expected| expected.algorithm == MD5) {
        let mut md5 = proof::Md5Sum::default();
        pieces.iter().for_each(|piece| md5.update(piece));
        md5.checksum()
    } else {
        let mut crc = proof::Crc::default();
        pieces.iter().for_each(|piece| crc.update(piece));
        crc.checksum()
    };
    compare(key, expected, Some(arrived))
}

fn compare(key: &str, expected: Option<Checksum>, arrived: Option<Checksum>) -> Result<Option<Checksum>> {
    match (expected, arrived) {
        (Some(expected), Some(arrived)) if expected.algorithm == arrived.algorithm && expected != arrived => {
            Err(differs(key, &format!("its checksum is {expected}, {arrived} arrived")))
        }
        (expected, arrived) => Ok(expected.or(arrived)),
    }
}

/// What arrived is not the object.
pub fn differs(key: &str, how: &str) -> Failure {
    let what = format!("what arrived of {} is not the object: {how}", display(key));
    Failure::new(FailureKind::Integrity, what).hint("retry; it starts over")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_held_against_whatever_the_bucket_keeps() {
        let pieces = [Bytes::from_static(b"12"), Bytes::from_static(b"3")];
        let (crc, md5) = (proof::crc64nvme(b"123"), proof::md5_checksum_of(b"123"));
        assert_eq!(bytes("k", &pieces, None), Ok(Some(crc.clone())));
        assert_eq!(bytes("k", &pieces, Some(crc.clone())), Ok(Some(crc.clone())));
        assert_eq!(bytes("k", &pieces, Some(md5.clone())), Ok(Some(md5)));
        let failure = bytes("k", &pieces[..1], Some(crc)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Integrity);
        assert!(
            failure.what.starts_with("what arrived of k is not the object: its checksum is crc64nvme:"),
            "{failure}"
        );
    }

    #[test]
    fn an_md5_is_only_asked_of_what_came_in_one_range() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFile::make(&folder.path().join("f")).unwrap();
        part.write(0, &[Bytes::from_static(b"123")]).unwrap();
        let wrong = Some(proof::md5_checksum_of(b"124"));
        let single = Ranges::new(3, 3);
        assert_eq!(file("k", &part, 3, &single, wrong.clone()).unwrap_err().kind, FailureKind::Integrity);
        assert_eq!(file("k", &part, 3, &Ranges::new(3, 2), wrong.clone()), Ok(wrong));
    }
}
