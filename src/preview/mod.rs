//! What the first bytes of a file or object show: text with colours, facts of archives, documents and pictures, or the
//! bytes themselves. Pure: bytes in, [`Preview`] out; no bytes make it fail, since they come from anywhere. Pictures are
//! decoded in a process of their own ([`child`]).

mod archive;
mod bytes;
pub mod child;
mod drawing;
mod graphics;
mod kind;
mod lexer;
mod packed;
mod pdf;
mod picture;
mod text;

use crate::domain::preview::{Encoding, Next, Open, Preview, Reading};
pub use drawing::read as read_picture;
use kind::Kind;

/// Bytes that one window shows at most, and that are asked for at once.
pub const WINDOW: usize = 64 * 1024;

/// Bytes of a file or object, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Its name, which may tell the language.
    pub name: &'a str,
    /// Bytes of the whole.
    pub size: u64,
    /// The window's first byte, counted from the beginning of the whole.
    pub from: u64,
    /// The window.
    pub bytes: &'a [u8],
    /// The last bytes of the whole, where they were asked for ([`wants_end`]); they end where it ends.
    pub end: Option<&'a [u8]>,
}

impl Sample<'_> {
    /// Whether there is more behind the window.
    fn goes_on(&self) -> bool {
        self.from.saturating_add(self.bytes.len() as u64) < self.size
    }

    /// Where the next window begins, if so many bytes of this one were shown.
    fn next(&self, shown: usize, reading: Reading) -> Option<Next> {
        let from = self.from.saturating_add(shown as u64);
        (shown > 0 && from < self.size).then_some(Next { from, reading })
    }
}

/// Whether what these first bytes begin says more about itself at its end.
pub fn wants_end(bytes: &[u8]) -> bool {
    matches!(kind::of(bytes), Kind::Zip | Kind::Gzip | Kind::Pdf)
}

/// Whether all these bytes are a text that an editor can open; nothing at all is an empty one.
pub fn is_text(bytes: &[u8]) -> bool {
    kind::of(bytes) == Kind::Unknown && (bytes.is_empty() || text::encoding(bytes, false) != Encoding::Bytes)
}

/// What the first window shows.
pub fn first(sample: &Sample<'_>) -> Preview {
    if sample.bytes.is_empty() {
        return Preview::Facts { what: "empty".into(), facts: Vec::new() };
    }
    let kind = kind::of(sample.bytes);
    let facts = match kind {
        Kind::Zip => archive::zip(sample),
        Kind::Tar => archive::tar(sample),
        Kind::Gzip => archive::gzip(sample),
        Kind::Zstd => archive::zstd(sample),
        Kind::Pdf => pdf::facts(sample),
        Kind::Picture(picture) => picture::facts(picture, sample.bytes),
        Kind::Named(_) | Kind::Unknown => Vec::new(),
    };
    if !facts.is_empty() && matches!(kind, Kind::Picture(_)) {
        return Preview::Picture { what: kind.name().into(), facts };
    }
    if kind == Kind::Gzip {
        return packed::preview(sample, facts);
    }
    if !facts.is_empty() {
        return Preview::Facts { what: kind.name().into(), facts };
    }
    let encoding = match kind {
        Kind::Unknown => text::encoding(sample.bytes, sample.goes_on()),
        _ => Encoding::Bytes,
    };
    let language = text::language(sample, encoding);
    window(sample, kind.name(), Reading { encoding, language, open: Open::Nothing })
}

/// What a later window shows, read as the one before it.
pub fn further(sample: &Sample<'_>, reading: Reading) -> Preview {
    window(sample, "", reading)
}

fn window(sample: &Sample<'_>, what: &str, reading: Reading) -> Preview {
    if reading.encoding != Encoding::Bytes {
        return text::preview(sample, reading);
    }
    let bytes = sample.bytes.to_vec();
    Preview::Hex { what: what.into(), next: sample.next(bytes.len(), reading), bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every format that is known begins with, so that noise reaches the code behind each.
    const BEGINNINGS: [&[u8]; 14] = [
        b"",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x1f\x8b\x08\x1c",
        b"\x28\xb5\x2f\xfd\xc4",
        b"%PDF-1.7 /Linearized /N 3 /Title (a /Count 7",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBPVP8X",
        b"\xff\xfea\0b\0",
        b"\xfe\xff\0a\0b",
        b"\xef\xbb\xbftext",
        b"#!/usr/bin/env python\n'''",
    ];

    /// Numbers that look random and are the same every time (xorshift).
    fn noise(seed: u64) -> impl Iterator<Item = u8> {
        let mut state = seed | 1;
        std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
    }

    fn sample<'a>(name: &'a str, bytes: &'a [u8]) -> Sample<'a> {
        Sample { name, size: bytes.len() as u64, from: 0, bytes, end: None }
    }

    /// Shows all of it, window by window.
    fn shown(name: &str, bytes: &[u8], window: usize) -> Vec<Preview> {
        let mut from = 0;
        let mut previews: Vec<Preview> = Vec::new();
        let mut reading = None;
        loop {
            let end = bytes.len().min(from + window);
            let tail = &bytes[bytes.len().saturating_sub(window)..];
            let sample =
                Sample { name, size: bytes.len() as u64, from: from as u64, bytes: &bytes[from..end], end: Some(tail) };
            let preview = reading.map_or_else(|| first(&sample), |reading| further(&sample, reading));
            let next = match &preview {
                Preview::Text { next, .. } | Preview::Hex { next, .. } => *next,
                Preview::Facts { .. } | Preview::Picture { .. } => None,
            };
            previews.push(preview);
            let Some(next) = next else { return previews };
            assert!(next.from as usize > from, "every window goes on");
            (from, reading) = (next.from as usize, Some(next.reading));
        }
    }

    #[test]
    fn no_bytes_make_it_fail() {
        let names = lexer::languages::LANGUAGES.iter().map(|language| language.files.split(' ').next().unwrap());
        let names: Vec<String> = names.map(|extension| format!("a.{extension}")).collect();
        for (round, beginning) in (0..60_u64).zip(BEGINNINGS.iter().cycle()) {
            let length = [0, 1, 5, 37, 600, 3000][(round % 6) as usize];
            let mut bytes = beginning.to_vec();
            bytes.extend(noise(round * 7919 + 1).take(length));
            // Text with every control character is half noise.
            if round % 3 == 0 {
                bytes.iter_mut().skip(beginning.len()).for_each(|byte| *byte &= 0x7f);
            }
            for name in &names {
                for window in [97, 100_000] {
                    shown(name, &bytes, window);
                }
            }
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_still_shown() {
        for beginning in BEGINNINGS {
            let whole: Vec<u8> = beginning.iter().copied().chain(noise(5).take(700)).collect();
            for length in 0..whole.len() {
                let cut = Sample { size: 1 << 40, end: Some(&whole[length..]), ..sample("a.zip", &whole[..length]) };
                first(&cut);
            }
        }
    }

    #[test]
    fn windows_together_show_every_line_once() {
        let text: String = (0..500).map(|number| format!("line {number} with ümlauts\r\n")).collect();
        for window in [60, 777, 100_000] {
            let mut lines = Vec::new();
            for preview in shown("a.txt", text.as_bytes(), window) {
                let Preview::Text { lines: more, .. } = preview else { panic!("this is text") };
                lines.extend((0..more.len()).map(|line| more.text(line).to_owned()));
            }
            assert_eq!(lines.len(), 500, "windows of {window}");
            assert_eq!(lines[499], "line 499 with ümlauts");
        }
    }

    #[test]
    fn a_comment_goes_on_into_the_next_window() {
        let code = format!("/*\n{}*/\nlet x\n", "words\n".repeat(30));
        let previews = shown("a.rs", code.as_bytes(), 64);
        assert!(previews.len() > 2);
        let Preview::Text { lines, .. } = &previews[1] else { panic!("this is text") };
        assert!(
            (0..lines.len()).all(|line| lines.line(line).all(|(ink, _)| ink == crate::domain::preview::Ink::Comment))
        );
    }

    #[test]
    fn what_is_no_text_is_shown_as_bytes() {
        let bytes: Vec<u8> = b"\x7fELF\x02\x01\x01\0".iter().copied().chain(noise(3).take(100)).collect();
        let Preview::Hex { what, bytes: shown, next } = first(&sample("a.out", &bytes)) else {
            panic!("these are bytes")
        };
        assert_eq!((what.as_str(), shown, next), ("ELF program", bytes, None));
    }
}
