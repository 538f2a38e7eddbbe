//! Whether what arrived is the object. A CRC-64/NVME that the bucket keeps, or else the catalog, is compared with that of
//! the bytes as they came; an MD5 entity tag is compared where the object came in one range, because only then is it cheap.

use bytes::Bytes;

use super::ranges::Ranges;
use crate::domain::display::display;
use crate::domain::{Checksum, Failure, FailureKind, Result};
use crate::storage::proof;
use crate::transfer::worker::part_file::PartFile;

/// The algorithm of MD5 entity tags.
const MD5: &str = "md5";

/// What the bytes are held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// What the bucket keeps.
    Kept(Checksum),
    /// What the catalog's record of this version of the object says.
    Recorded(Checksum),
}

impl Expected {
    /// Whether the bytes can be compared with it as they come.
    pub fn is_cheap(&self, ranges: &Ranges) -> bool {
        self.checksum().algorithm != MD5 || ranges.is_single()
    }

    fn checksum(&self) -> &Checksum {
        let (Self::Kept(checksum) | Self::Recorded(checksum)) = self;
        checksum
    }

    fn said(&self) -> String {
        match self {
            Self::Kept(checksum) => format!("its checksum is {checksum}"),
            Self::Recorded(checksum) => format!("its record in the catalog says {checksum}"),
        }
    }
}

/// Compares a whole file; answers the best checksum that is known of it. Blocks.
///
/// # Errors
/// `Integrity`, saying what differs; `Local`.
pub fn file(
    key: &str,
    file: &PartFile,
    size: u64,
    ranges: &Ranges,
    expected: Option<Expected>,
) -> Result<Option<Checksum>> {
    let arrived = match &expected {
        Some(expected) if expected.checksum().algorithm == MD5 && ranges.is_single() => file.md5(size)?,
        _ => ranges.checksum(),
    };
    compare(key, expected, arrived)
}

/// Compares bytes in memory; answers the best checksum that is known of them.
///
/// # Errors
/// `Integrity`, saying what differs.
pub fn bytes(key: &str, pieces: &[Bytes], expected: Option<Expected>) -> Result<Option<Checksum>> {
    let arrived = if expected.as_ref().is_some_and(|expected| expected.checksum().algorithm == MD5) {
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

fn compare(key: &str, expected: Option<Expected>, arrived: Option<Checksum>) -> Result<Option<Checksum>> {
    let Some(expected) = expected else { return Ok(arrived) };
    let known = expected.checksum();
    match arrived {
        Some(arrived) if known.algorithm == arrived.algorithm && *known != arrived => {
            Err(differs(key, &format!("{}, {arrived} arrived", expected.said())))
        }
        _ => Ok(Some(known.clone())),
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
        assert_eq!(bytes("k", &pieces, Some(Expected::Kept(crc.clone()))), Ok(Some(crc.clone())));
        assert_eq!(bytes("k", &pieces, Some(Expected::Kept(md5.clone()))), Ok(Some(md5)));
        let recorded = bytes("k", &pieces[..1], Some(Expected::Recorded(crc.clone()))).unwrap_err();
        assert!(recorded.what.contains("its record in the catalog says crc64nvme:"), "{recorded}");
        let failure = bytes("k", &pieces[..1], Some(Expected::Kept(crc))).unwrap_err();
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
        let wrong = Expected::Kept(proof::md5_checksum_of(b"124"));
        let (single, several) = (Ranges::new(3, 3), Ranges::new(3, 2));
        assert!(wrong.is_cheap(&single) && !wrong.is_cheap(&several));
        let compared = |ranges| file("k", &part, 3, ranges, Some(wrong.clone()));
        assert_eq!(compared(&single).unwrap_err().kind, FailureKind::Integrity);
        assert_eq!(compared(&several), Ok(Some(wrong.checksum().clone())));
    }
}
