//! What gzip has packed, as far as the first bytes tell: a text stands beneath its sizes, of a tar its files do. No more is
//! unpacked than a window shows, however much a few bytes promise.

use std::io::Read;

use flate2::bufread::MultiGzDecoder;

use super::archive::{self, Facts};
use super::kind::{self, Kind};
use super::{Sample, WINDOW, text};
use crate::domain::preview::{Encoding, Ink, Lines, Open, Preview, Reading};

/// The facts, and what can be seen of what is packed.
pub(super) fn preview(sample: &Sample<'_>, mut facts: Facts) -> Preview {
    let (bytes, size) = unpacked(sample.bytes);
    let name = sample.name.strip_suffix(".gz").unwrap_or(sample.name);
    let inner = Sample { name, size, from: 0, bytes: &bytes, end: None };
    let what = Kind::Gzip.name();
    match kind::of(&bytes) {
        Kind::Unknown if !bytes.is_empty() => match text::encoding(&bytes, inner.goes_on()) {
            Encoding::Bytes => Preview::Facts { what: what.into(), facts },
            encoding => beneath(&facts, &inner, encoding),
        },
        found => {
            if found == Kind::Tar {
                facts.extend(archive::tar(&inner));
            }
            Preview::Facts { what: what.into(), facts }
        }
    }
}

/// The first window of what is packed, and how much that is altogether; where there is more, it is not known how much.
fn unpacked(packed: &[u8]) -> (Vec<u8>, u64) {
    let mut bytes = Vec::new();
    let ended = MultiGzDecoder::new(packed).take(WINDOW as u64).read_to_end(&mut bytes);
    let is_whole = ended.is_ok() && bytes.len() < WINDOW;
    let size = if is_whole { bytes.len() as u64 } else { u64::MAX };
    (bytes, size)
}

fn beneath(facts: &Facts, inner: &Sample<'_>, encoding: Encoding) -> Preview {
    let mut lines = Lines::default();
    let (sizes, others): (Facts, Facts) =
        facts.iter().filter(|(_, value)| value != inner.name).cloned().partition(|(name, _)| name.ends_with("packed"));
    // Both sizes on one line, since on a low screen there are few.
    for line in [sizes, others] {
        let said: Vec<String> = line.into_iter().map(|(name, value)| format!("{name} {value}")).collect();
        if !said.is_empty() {
            lines.push(Ink::Comment, &said.join(", "));
            lines.end_line();
        }
    }
    let language = text::language(inner, encoding);
    let mut said = Kind::Gzip.name().to_owned();
    if let Preview::Text { what, lines: more, next } =
        text::preview(inner, Reading { encoding, language, open: Open::Nothing })
    {
        lines.append(&more);
        said = format!("{said}, {what}");
        if next.is_some() {
            lines.push(Ink::Comment, "… what is unpacked of its first 64 KiB ends here");
            lines.end_line();
        }
    }
    Preview::Text { what: said, lines, next: None }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::first;
    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn shown(name: &str, bytes: &[u8]) -> Vec<String> {
        let end = Some(&bytes[bytes.len().saturating_sub(WINDOW)..]);
        let window = &bytes[..bytes.len().min(WINDOW)];
        match first(&Sample { name, size: bytes.len() as u64, from: 0, bytes: window, end }) {
            Preview::Text { what, lines, next: None } => {
                std::iter::once(what).chain((0..lines.len()).map(|line| lines.text(line).to_owned())).collect()
            }
            Preview::Facts { facts, .. } => facts.into_iter().map(|(name, value)| format!("{name}: {value}")).collect(),
            other => panic!("neither text nor facts: {other:?}"),
        }
    }

    #[test]
    fn a_packed_text_stands_beneath_its_sizes() {
        let log = packed(b"one\ntwo\n");
        let sizes = format!("packed {} B, unpacked 8 B", log.len());
        assert_eq!(shown("a.log.gz", &log), ["gzip, log", &sizes, "one", "two"]);
        let other = [log.clone(), packed(b"three\n")].concat();
        assert_eq!(shown("a.txt.gz", &other).last().unwrap(), "three", "of members one behind the other all are seen");
    }

    #[test]
    fn no_more_is_unpacked_than_a_window() {
        let much = packed(&b"the same line again\n".repeat(1_000_000));
        let lines = shown("a.txt.gz", &much);
        assert!(much.len() < WINDOW);
        assert_eq!(lines.last().unwrap(), "… what is unpacked of its first 64 KiB ends here");
        assert!(lines.len() < WINDOW / 20 + 10);
    }

    #[test]
    fn what_is_packed_and_no_text_is_told_by_its_facts() {
        let mut header = vec![0; 1024];
        header[..5].copy_from_slice(b"a.txt");
        header[124..136].copy_from_slice(b"00000000012\0");
        header[257..263].copy_from_slice(b"ustar\0");
        assert!(shown("a.tgz", &packed(&header)).contains(&"     10 B: a.txt".to_owned()));
        assert_eq!(shown("a.gz", &packed(&[0, 1, 2, 3])).len(), 2);
        assert_eq!(shown("a.gz", b"\x1f\x8b\x08\0\0\0\0\0 no packed bytes at all").len(), 2);
    }

    #[test]
    fn what_ends_early_is_shown_as_far_as_it_goes() {
        let log = packed(b"one\ntwo\n");
        let lines = shown("a.log.gz", &log[..log.len() - 8]);
        assert_eq!(lines[2..], ["one", "two", "… what is unpacked of its first 64 KiB ends here"]);
    }
}
