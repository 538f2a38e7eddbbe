//! What archives say about themselves without being unpacked: what is in a zip by the list at its end, in a tar by its
//! headers, and the names and sizes that gzip and zstd keep.

use chrono::DateTime;

use super::Sample;
use super::bytes::{name, rfind, slice, u16_le, u32_le, u64_le};
use crate::domain::format;

/// Files listed at most.
const LISTED: usize = 500;

pub(super) type Facts = Vec<(String, String)>;

fn fact(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// How many files there are, and their bytes.
fn files(count: u64, unpacked: Option<u64>) -> (String, String) {
    let noun = if count == 1 { "file" } else { "files" };
    let bytes = unpacked.map_or_else(String::new, |bytes| format!(", {} unpacked", format::size(bytes)));
    fact("holds", format!("{} {noun}{bytes}", format::count(count)))
}

fn sized(bytes: u64) -> String {
    format::size(bytes)
}

/// A zip's list of files stands at its end (APPNOTE.TXT 4.3.12 and 4.3.16).
pub(super) fn zip(sample: &Sample<'_>) -> Facts {
    let end = sample.end.unwrap_or(sample.bytes);
    let found = rfind(end, b"PK\x05\x06");
    let Some((count, at)) = found.and_then(|mark| Some((u16_le(end, mark + 10)?, u32_le(end, mark + 16)?))) else {
        return vec![fact("holds", "its list of files is not in reach")];
    };
    if count == u16::MAX {
        return vec![fact("holds", "65,535 files or more")];
    }
    // Where the list begins, counted from the first byte that is here; what is before that is not in reach.
    let missing = sample.size.saturating_sub(end.len() as u64);
    let listed = u64::from(at).checked_sub(missing).and_then(|at| usize::try_from(at).ok());
    let entries: Vec<(String, u64)> = listed.map_or_else(Vec::new, |at| zip_entries(end, at));
    let whole = entries.len() == usize::from(count);
    let unpacked =
        whole.then(|| entries.iter().map(|(_, size)| size).fold(0_u64, |sum, size| sum.saturating_add(*size)));
    listing(files(u64::from(count), unpacked), entries, u64::from(count))
}

fn zip_entries(bytes: &[u8], mut at: usize) -> Vec<(String, u64)> {
    let mut entries = Vec::new();
    while let Some((entry, next)) = zip_entry(bytes, at) {
        entries.push(entry);
        at = next;
    }
    entries
}

/// One entry of the list, and where the next one begins.
fn zip_entry(bytes: &[u8], at: usize) -> Option<((String, u64), usize)> {
    slice(bytes, at, 4).filter(|mark| mark == b"PK\x01\x02")?;
    let size = u32_le(bytes, at + 24)?;
    let lengths = [28, 30, 32].map(|place| u16_le(bytes, at + place).map(usize::from));
    let [Some(named), Some(extra), Some(remark)] = lengths else { return None };
    let shown = name(slice(bytes, at + 46, named)?);
    Some(((shown, u64::from(size)), at + 46 + named + extra + remark))
}

/// The head, then each file with its size, as many as are listed.
fn listing(head: (String, String), entries: Vec<(String, u64)>, count: u64) -> Facts {
    let shown = entries.len().min(LISTED);
    let mut facts = vec![head];
    facts.extend(entries.into_iter().take(LISTED).map(|(name, size)| (format!("{:>9}", sized(size)), name)));
    let rest = count.saturating_sub(shown as u64);
    if rest > 0 && shown > 0 {
        facts.push(fact("", format!("and {} more", format::count(rest))));
    }
    facts
}

/// A tar has a header of 512 bytes before every file (POSIX ustar): as many as stand in the first bytes.
pub(super) fn tar(sample: &Sample<'_>) -> Facts {
    let (mut entries, mut at) = (Vec::new(), 0_usize);
    while let Some((name, size)) = tar_entry(sample.bytes, at) {
        entries.push((name, size));
        let blocks = size.div_ceil(512).saturating_add(1);
        let Some(next) = usize::try_from(blocks.saturating_mul(512)).ok().and_then(|length| at.checked_add(length))
        else {
            break;
        };
        at = next;
    }
    let count = entries.len() as u64;
    let more = at as u64 >= sample.bytes.len() as u64 && sample.goes_on();
    let mut facts = listing(files(count, None), entries, count);
    if more {
        facts.push(fact("", "and what stands behind the first 64 KiB"));
    }
    facts
}

fn tar_entry(bytes: &[u8], at: usize) -> Option<(String, u64)> {
    let header = slice(bytes, at, 512)?;
    slice(header, 257, 5).filter(|mark| mark == b"ustar")?;
    let size = octal(slice(header, 124, 12)?)?;
    let (prefix, own) = (name(slice(header, 345, 155)?), name(slice(header, 0, 100)?));
    // GNU's own headers have other things there.
    let posix = slice(header, 257, 6).is_some_and(|mark| mark == b"ustar\0") && !prefix.is_empty();
    Some((if posix { format!("{prefix}/{own}") } else { own }, size))
}

fn octal(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok()?;
    u64::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}

/// gzip keeps the file's name and time, and at its end the size (RFC 1952).
pub(super) fn gzip(sample: &Sample<'_>) -> Facts {
    let bytes = sample.bytes;
    let mut facts = vec![fact("packed", sized(sample.size))];
    let last = sample.end.unwrap_or(bytes);
    if let Some(size) =
        last.len().checked_sub(4).filter(|_| !sample.goes_on() || sample.end.is_some()).and_then(|at| u32_le(last, at))
    {
        // The size is kept in 32 bits.
        let rest = if sample.size > u64::from(u32::MAX) { " or 4 GiB more, or 8" } else { "" };
        facts.push(fact("unpacked", format!("{}{rest}", sized(u64::from(size)))));
    }
    let flags = bytes.get(3).copied().unwrap_or(0);
    if flags & 0b1100 == 0b1000
        && let Some(named) = bytes.get(10..).filter(|_| flags & 0b1000 != 0)
    {
        facts.push(fact("name", name(named.get(..named.len().min(255)).unwrap_or_default())));
    }
    let packed_at = u32_le(bytes, 4).filter(|seconds| *seconds > 0);
    let moment = packed_at.and_then(|seconds| DateTime::from_timestamp(i64::from(seconds), 0));
    facts.extend(moment.map(|moment| fact("of", format::moment(moment))));
    facts
}

/// zstd may keep the size in its first frame's header (RFC 8878, 3.1.1.1).
pub(super) fn zstd(sample: &Sample<'_>) -> Facts {
    let mut facts = vec![fact("packed", sized(sample.size))];
    facts.extend(zstd_size(sample.bytes).map(|size| fact("unpacked", sized(size))));
    facts
}

fn zstd_size(bytes: &[u8]) -> Option<u64> {
    let flags = *bytes.get(4)?;
    let single = flags & 0b10_0000 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(flags & 0b11)];
    let at = 5 + usize::from(!single) + dictionary;
    match flags >> 6 {
        0 if single => bytes.get(at).map(|size| u64::from(*size)),
        1 => u16_le(bytes, at).map(|size| u64::from(size) + 256),
        2 => u32_le(bytes, at).map(u64::from),
        3 => u64_le(bytes, at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Preview, first};
    use super::*;

    fn told(bytes: &[u8], end: Option<&[u8]>, size: u64) -> Vec<String> {
        let Preview::Facts { facts, .. } = first(&Sample { name: "a", size, from: 0, bytes, end }) else {
            panic!("these are facts")
        };
        facts.into_iter().map(|(name, value)| format!("{}: {value}", name.trim())).collect()
    }

    /// The list at a zip's end, its first entry at `at`.
    fn zip_end(names: &[(&str, u32)], at: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, size) in names {
            let mut entry = vec![0; 46];
            entry[..4].copy_from_slice(b"PK\x01\x02");
            entry[24..28].copy_from_slice(&size.to_le_bytes());
            entry[28..30].copy_from_slice(&(name.len() as u16).to_le_bytes());
            entry.extend(name.bytes());
            bytes.extend(entry);
        }
        let mut end = vec![0; 22];
        end[..4].copy_from_slice(b"PK\x05\x06");
        end[10..12].copy_from_slice(&(names.len() as u16).to_le_bytes());
        end[16..20].copy_from_slice(&at.to_le_bytes());
        bytes.extend(end);
        bytes
    }

    #[test]
    fn a_zip_lists_its_files_from_its_end() {
        let list = zip_end(&[("docs/a.txt", 2048), ("b\x1b.txt", 10)], 30);
        let whole: Vec<u8> = b"PK\x03\x04".iter().copied().chain([0; 26]).chain(list.iter().copied()).collect();
        let expected = ["holds: 2 files, 2.0 KiB unpacked", "2.0 KiB: docs/a.txt", "10 B: b␛.txt"];
        assert_eq!(told(&whole, None, whole.len() as u64), expected);
        let size = 1_000_000;
        let list = zip_end(&[("docs/a.txt", 2048), ("b\x1b.txt", 10)], size as u32 - list.len() as u32);
        assert_eq!(told(b"PK\x03\x04 the first bytes", Some(&list), size), expected);
        let beyond = zip_end(&[("a", 1)], 7);
        assert_eq!(told(b"PK\x03\x04", Some(&beyond), size), ["holds: 1 file"]);
        assert_eq!(told(b"PK\x03\x04", None, size), ["holds: its list of files is not in reach"]);
    }

    #[test]
    fn a_tar_lists_what_its_first_bytes_have() {
        let header = |name: &str, size: u64| {
            let mut block = vec![0; 512];
            block[..name.len()].copy_from_slice(name.as_bytes());
            block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
            block[257..263].copy_from_slice(b"ustar\0");
            block
        };
        let mut bytes = header("dir/one.txt", 600);
        bytes.extend(vec![1; 1024]);
        bytes.extend(header("two.bin", 1 << 30));
        bytes.extend(vec![2; 512]);
        let more = "and what stands behind the first 64 KiB";
        assert_eq!(
            told(&bytes, None, 1 << 31),
            ["holds: 2 files", "600 B: dir/one.txt", "1.0 GiB: two.bin", &format!(": {more}")]
        );
    }

    #[test]
    fn gzip_and_zstd_tell_their_sizes() {
        let bytes = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03notes.txt\0....\x00\x04\0\0";
        assert_eq!(told(bytes, None, bytes.len() as u64), ["packed: 28 B", "unpacked: 1.0 KiB", "name: notes.txt"]);
        let bytes = b"\x28\xb5\x2f\xfd\xa0\0\x10\0\0";
        assert_eq!(told(bytes, None, 9), ["packed: 9 B", "unpacked: 4.0 KiB"]);
    }
}
