//! What a PDF says about itself in its first and last bytes (ISO 32000-1): version, pages, title. What is packed inside
//! streams stays unread.

use memchr::memmem;

use super::Sample;
use super::bytes::name;
use crate::domain::display::display;

/// Bytes of a title at most.
const TITLE: usize = 400;

/// Version, pages and title, as far as they are in reach.
pub(super) fn facts(sample: &Sample<'_>) -> Vec<(String, String)> {
    let parts = [sample.bytes, sample.end.unwrap_or_default()];
    let version = sample.bytes.get(5..).unwrap_or_default();
    let end = version.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(0);
    let mut facts = vec![("version".to_owned(), name(version.get(..end.min(8)).unwrap_or_default()))];
    facts.extend(pages(parts).map(|pages| ("pages".to_owned(), pages.to_string())));
    facts.extend(parts.into_iter().find_map(title).map(|title| ("title".to_owned(), title)));
    if memmem::find(parts[1], b"/Encrypt").is_some() || memmem::find(parts[0], b"/Encrypt").is_some() {
        facts.push(("encrypted".to_owned(), "yes".to_owned()));
    }
    facts
}

/// A linearized file says it at its beginning; else the root of the pages has the greatest count.
fn pages(parts: [&[u8]; 2]) -> Option<u32> {
    let head = parts[0].get(..parts[0].len().min(1024)).unwrap_or_default();
    let linearized = memmem::find(head, b"/Linearized").and_then(|at| head.get(at..));
    if let Some(pages) = linearized.and_then(|rest| numbers(rest, b"/N ").next()) {
        return Some(pages);
    }
    parts
        .into_iter()
        .filter(|part| memmem::find(part, b"/Pages").is_some())
        .flat_map(|part| numbers(part, b"/Count"))
        .max()
}

/// The numbers that stand behind a name.
fn numbers<'a>(bytes: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = u32> + 'a {
    memmem::find_iter(bytes, name).filter_map(move |at| {
        let rest = bytes.get(at + name.len()..)?.trim_ascii_start();
        let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        std::str::from_utf8(rest.get(..end.min(9))?).ok()?.parse().ok()
    })
}

/// The title, written in parentheses: in the document's own alphabet, or in UTF-16 with its mark.
fn title(bytes: &[u8]) -> Option<String> {
    let at = memmem::find(bytes, b"/Title")? + b"/Title".len();
    let rest = bytes.get(at..)?.trim_ascii_start().strip_prefix(b"(")?;
    let raw = literal(rest.get(..rest.len().min(TITLE))?);
    let text = match raw.strip_prefix(b"\xfe\xff") {
        Some(units) => {
            let units = units.chunks_exact(2).filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)));
            char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        None => raw.iter().map(|byte| char::from(*byte)).collect::<String>(),
    };
    let text = text.trim();
    (!text.is_empty()).then(|| display(text).into_owned())
}

/// The bytes up to the parenthesis that closes, a backslash guarding the next one.
fn literal(bytes: &[u8]) -> Vec<u8> {
    let (mut raw, mut depth, mut rest) = (Vec::new(), 0_u32, bytes.iter().copied());
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => raw.extend(rest.next()),
            b')' if depth == 0 => break,
            _ => {
                depth = depth + u32::from(byte == b'(') - u32::from(byte == b')');
                raw.push(byte);
            }
        }
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::super::{Preview, first};
    use super::*;

    fn told(bytes: &[u8], end: Option<&[u8]>) -> Vec<String> {
        let sample = Sample { name: "a.pdf", size: 1 << 20, from: 0, bytes, end };
        let Preview::Facts { what, facts } = first(&sample) else { panic!("these are facts") };
        assert_eq!(what, "PDF document");
        facts.into_iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn a_linearized_document_tells_its_pages_at_once() {
        let bytes = b"%PDF-1.7\n1 0 obj << /Linearized 1 /L 5 /N 12 >> << /Title (A \\(small\\) (nested) title) >>";
        assert_eq!(told(bytes, None), ["version: 1.7", "pages: 12", "title: A (small) (nested) title"]);
    }

    #[test]
    fn others_tell_them_at_the_end() {
        let end =
            b"<< /Type /Pages /Count 3 >> << /Type /Pages /Count 40 >> /Title (\xfe\xff\0G\0r\0\xfc\0n) /Encrypt 4 0 R";
        assert_eq!(told(b"%PDF-1.4\n%", Some(end)), ["version: 1.4", "pages: 40", "title: Grün", "encrypted: yes"]);
        assert_eq!(told(b"%PDF-2.0\n", None), ["version: 2.0"]);
    }
}
