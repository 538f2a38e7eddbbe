//! Bytes as lines of text: decoded, coloured, tabs set, and everything a terminal would act on made visible. A window ends
//! with its last whole line, so that the next one begins with a line.

use std::borrow::Cow;

use super::Sample;
use super::lexer::{self, languages};
use crate::domain::display::{display, width};
use crate::domain::preview::{Encoding, Ink, Lines, Open, Preview, Reading};

/// Columns between two stops of a tab.
const TAB: usize = 4;

/// Columns of a line at most; what is longer ends with an ellipsis.
const WIDEST: usize = 2000;

/// One byte in so many may be no text before all are taken for something else.
const STRAY: usize = 20;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// How these first bytes are read; `goes_on` says that a character may be cut at their end.
pub(super) fn encoding(bytes: &[u8], goes_on: bool) -> Encoding {
    match bytes {
        [0xff, 0xfe, ..] => Encoding::Utf16Le,
        [0xfe, 0xff, ..] => Encoding::Utf16Be,
        _ if bytes.starts_with(UTF8_MARK) => Encoding::Utf8,
        _ if memchr::memchr(0, bytes).is_some() || strays(bytes, goes_on) * STRAY > bytes.len() => Encoding::Bytes,
        _ => Encoding::Utf8,
    }
}

/// Bytes that are no text: what is not UTF-8, and controls that no text has.
fn strays(bytes: &[u8], goes_on: bool) -> usize {
    let controls = bytes.iter().filter(|byte| byte.is_ascii_control() && !b"\t\n\r\x0c\x1b".contains(byte)).count();
    let invalid: usize = bytes.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    let cut = if goes_on { 3.min(invalid) } else { 0 };
    controls + invalid - cut
}

/// The language of a text, by its name or first line.
pub(super) fn language(sample: &Sample<'_>, encoding: Encoding) -> Option<&'static str> {
    if encoding == Encoding::Bytes {
        return None;
    }
    let first = sample.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first.get(..first.len().min(200)).unwrap_or_default());
    languages::of(sample.name, first.trim_end()).map(|language| language.name)
}

/// The window's lines.
pub(super) fn preview(sample: &Sample<'_>, reading: Reading) -> Preview {
    let bytes = whole_lines(sample, reading.encoding);
    let marked = if sample.from == 0 { without_mark(bytes) } else { bytes };
    let language = reading.language.and_then(languages::named);
    let (mut lines, mut open) = (Lines::default(), reading.open);
    let text = decoded(marked, reading.encoding);
    for line in text.strip_suffix('\n').unwrap_or(&text).split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut writer = Writer { lines: &mut lines, column: 0, full: false };
        match language {
            Some(language) => open = lexer::line(language, open, line, |ink, piece| writer.write(ink, piece)),
            None => writer.write(Ink::Plain, line),
        }
        lines.end_line();
    }
    Preview::Text { what: what(reading), lines, next: sample.next(bytes.len(), following(reading, open)) }
}

fn following(reading: Reading, open: Open) -> Reading {
    Reading { open, ..reading }
}

fn what(reading: Reading) -> String {
    match (reading.encoding, reading.language) {
        (Encoding::Utf16Le | Encoding::Utf16Be, Some(language)) => format!("{language}, UTF-16"),
        (Encoding::Utf16Le | Encoding::Utf16Be, None) => "UTF-16 text".into(),
        (_, Some(language)) => language.into(),
        (_, None) => "text".into(),
    }
}

/// The bytes up to the last line's end; all of them at the end of the whole, and where a line is longer than the window.
fn whole_lines<'a>(sample: &Sample<'a>, encoding: Encoding) -> &'a [u8] {
    let bytes = sample.bytes;
    if !sample.goes_on() {
        return bytes;
    }
    let end = match encoding {
        Encoding::Utf16Le => last_of_two(bytes, [b'\n', 0]),
        Encoding::Utf16Be => last_of_two(bytes, [0, b'\n']),
        _ => memchr::memrchr(b'\n', bytes).map(|at| at + 1),
    };
    bytes.get(..end.unwrap_or_else(|| whole_characters(bytes, encoding))).unwrap_or(bytes)
}

fn last_of_two(bytes: &[u8], wanted: [u8; 2]) -> Option<usize> {
    let pairs = bytes.chunks_exact(2);
    pairs.rev().position(|pair| pair == wanted).map(|behind| (bytes.len() / 2 - behind) * 2)
}

/// How many bytes make whole characters; never none of several.
fn whole_characters(bytes: &[u8], encoding: Encoding) -> usize {
    let cut = match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => bytes.len() % 2,
        _ => bytes.utf8_chunks().last().map_or(0, |last| last.invalid().len().min(3)),
    };
    if cut < bytes.len() { bytes.len() - cut } else { bytes.len() }
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    let rest = bytes.strip_prefix(UTF8_MARK).or_else(|| bytes.strip_prefix(b"\xff\xfe"));
    rest.or_else(|| bytes.strip_prefix(b"\xfe\xff")).unwrap_or(bytes)
}

/// The text; bytes that are none stand in it as `\xFF`.
fn decoded(bytes: &[u8], encoding: Encoding) -> Cow<'_, str> {
    match encoding {
        Encoding::Utf16Le => utf16(bytes, u16::from_le_bytes).into(),
        Encoding::Utf16Be => utf16(bytes, u16::from_be_bytes).into(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_stray) => stray(bytes).into(),
        },
    }
}

fn stray(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02X}")));
    }
    text
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?)));
    char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Writes one line: tabs to their stops, the rest fit for display, cut where it is too wide.
struct Writer<'l> {
    lines: &'l mut Lines,
    column: usize,
    full: bool,
}

impl Writer<'_> {
    fn write(&mut self, ink: Ink, piece: &str) {
        for (index, part) in piece.split('\t').enumerate() {
            if index > 0 {
                let blanks = TAB - self.column % TAB;
                self.put(ink, &" ".repeat(blanks));
            }
            self.put(ink, &display(part));
        }
    }

    fn put(&mut self, ink: Ink, shown: &str) {
        if self.full || shown.is_empty() {
            return;
        }
        let wide = width(shown);
        if self.column + wide <= WIDEST {
            self.lines.push(ink, shown);
        } else {
            self.full = true;
            self.lines.push(ink, &crate::domain::display::fit(shown, WIDEST + 1 - self.column));
        }
        self.column += wide;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{first, further};
    use super::*;

    fn sample<'a>(name: &'a str, bytes: &'a [u8], size: u64) -> Sample<'a> {
        Sample { name, size, from: 0, bytes, end: None }
    }

    fn lines(name: &str, bytes: &[u8]) -> Vec<String> {
        let Preview::Text { lines, next: None, .. } = first(&sample(name, bytes, bytes.len() as u64)) else {
            panic!("this is text, and all of it")
        };
        (0..lines.len()).map(|line| lines.text(line).to_owned()).collect()
    }

    #[test]
    fn tabs_are_set_and_controls_are_visible() {
        assert_eq!(lines("a", b"a\tb\r\n\tc\n\x1b[31mred\n"), ["a   b", "    c", "␛[31mred"]);
        assert_eq!(lines("a.rs", "\tlet x\u{202e}".as_bytes()), ["    let x⟨U+202E⟩"]);
    }

    #[test]
    fn utf_16_is_known_by_its_mark() {
        let text = "grüße\r\n日本\r\n";
        let le: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let be: Vec<u8> = [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(
            (lines("a", &le), lines("a", &be)),
            (vec!["grüße".into(), "日本".into()], vec!["grüße".into(), "日本".into()])
        );
        assert_eq!(lines("a", b"\xef\xbb\xbfmarked"), ["marked"]);
    }

    #[test]
    fn a_few_bytes_that_are_no_text_are_shown_as_numbers() {
        let latin = b"a long enough line of words in an old alphabet: gr\xfc\xdfe";
        assert_eq!(lines("a", latin), ["a long enough line of words in an old alphabet: gr\\xFC\\xDFe"]);
        assert_eq!(encoding(b"a\0b", false), Encoding::Bytes);
        assert_eq!(encoding(&[0x80, 0x81, b'a'], false), Encoding::Bytes);
    }

    #[test]
    fn a_character_cut_by_the_window_is_whole_in_the_next() {
        let text = "é".repeat(10);
        let cut = sample("a", &text.as_bytes()[..7], text.len() as u64);
        let Preview::Text { lines, next: Some(next), .. } = first(&cut) else { panic!("there is more") };
        assert_eq!((lines.text(0), next.from), ("ééé", 6));
        let rest = Sample { from: 6, bytes: &text.as_bytes()[6..], ..cut };
        let Preview::Text { lines, next: None, .. } = further(&rest, next.reading) else { panic!("this is the rest") };
        assert_eq!(lines.text(0), "é".repeat(7));
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let wide = lines("a", "x".repeat(5000).as_bytes());
        assert_eq!((wide.len(), width(&wide[0])), (1, WIDEST + 1));
        assert!(wide[0].ends_with('…'));
    }
}
