//! JSON that is safe to look at in a terminal: what `domain::display` would make visible (controls beyond ASCII,
//! direction marks, hidden characters) is written as `\u` escapes, which any reader turns back into the exact text.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::domain::display::display;

/// Appends one value and a newline.
///
/// # Errors
/// What the writer answers.
pub fn write_line<T: Serialize + ?Sized>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, VisibleFormatter))?;
    out.write_all(b"\n")
}

/// The compact form with hidden characters escaped.
struct VisibleFormatter;

impl Formatter for VisibleFormatter {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if matches!(display(fragment), std::borrow::Cow::Borrowed(_)) {
            return writer.write_all(fragment.as_bytes());
        }
        fragment.chars().try_for_each(|character| write_character(writer, character))
    }
}

fn write_character<W: ?Sized + Write>(writer: &mut W, character: char) -> io::Result<()> {
    let mut buffer = [0; 4];
    let text: &str = character.encode_utf8(&mut buffer);
    if matches!(display(text), std::borrow::Cow::Borrowed(_)) {
        return writer.write_all(text.as_bytes());
    }
    let mut units = [0; 2];
    character.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_read_back() {
        let hostile = "a\u{202e}b\u{9b}c\u{1b}[31m\nd\u{e0041}\u{7f}ü👩‍💻\"\\";
        let mut line = Vec::new();
        write_line(&mut line, hostile).unwrap();
        let text = String::from_utf8(line).unwrap();
        assert_eq!(display(text.trim_end()), text.trim_end(), "nothing hidden is left");
        assert!(text.contains("ü👩‍💻"), "visible text stays as it is: {text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
