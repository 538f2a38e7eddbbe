//! What can be seen of a file or object without fetching all of it: lines with their inks, bytes, or facts. Plain values:
//! `preview` makes them, the screen draws them, and neither knows the other.

/// What a piece of text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ink {
    /// Anything else.
    #[default]
    Plain,
    /// A remark for people.
    Comment,
    /// A literal string.
    Str,
    /// A number.
    Number,
    /// A word of the language.
    Keyword,
    /// The name of a value, a tag or a heading.
    Key,
}

/// How bytes are read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Not at all: they are shown as numbers.
    Bytes,
    /// UTF-8, with or without its mark; what is not valid is shown as numbers.
    Utf8,
    /// UTF-16, least byte first.
    Utf16Le,
    /// UTF-16, most significant byte first.
    Utf16Be,
}

/// What a line leaves open for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Open {
    /// Nothing.
    #[default]
    Nothing,
    /// A comment of several lines.
    Comment,
    /// A string of several lines, by the number of its quote in the language's row.
    Quote(u8),
}

/// How text was read, so that what follows is read the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reading {
    /// How bytes become text.
    pub encoding: Encoding,
    /// The language by its name, where one is known.
    pub language: Option<&'static str>,
    /// What the last line left open.
    pub open: Open,
}

/// Where a preview goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Next {
    /// The first byte that was not shown, counted from the beginning of the whole.
    pub from: u64,
    /// How it is read.
    pub reading: Reading,
}

/// What can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// Text, fit for display.
    Text {
        /// What it is: "Rust", "UTF-16 text".
        what: String,
        /// The lines.
        lines: Lines,
        /// Where it goes on; `None` at the end.
        next: Option<Next>,
    },
    /// Bytes that are no text.
    Hex {
        /// What they are, where something is known: "ELF program".
        what: String,
        /// The bytes.
        bytes: Vec<u8>,
        /// Where they go on; `None` at the end.
        next: Option<Next>,
    },
    /// What the bytes say about themselves, each with its name; fit for display.
    Facts {
        /// What it is: "PDF document".
        what: String,
        /// Name and value.
        facts: Vec<(String, String)>,
    },
    /// The same of a picture that can be decoded, if somebody asks for that.
    Picture {
        /// What it is: "PNG picture".
        what: String,
        /// Name and value.
        facts: Vec<(String, String)>,
    },
}

/// Lines of text in few allocations: previews of a quarter of a MiB are kept while somebody reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    text: String,
    /// Where each line ends in the text.
    ends: Vec<u32>,
    /// Where each piece ends in the text, and its ink.
    pieces: Vec<(u32, Ink)>,
}

impl Lines {
    /// Adds a piece to the line that is being written.
    pub fn push(&mut self, ink: Ink, shown: &str) {
        if shown.is_empty() {
            return;
        }
        self.text.push_str(shown);
        let end = self.here();
        match self.pieces.last_mut() {
            // A piece may go on over the end of a line: lines are cut out by their own ends.
            Some((last, same)) if *same == ink => *last = end,
            _ => self.pieces.push((end, ink)),
        }
    }

    /// Ends the line that is being written.
    pub fn end_line(&mut self) {
        let end = self.here();
        self.ends.push(end);
    }

    /// Adds the lines of another behind these.
    pub fn append(&mut self, other: &Self) {
        for line in 0..other.len() {
            other.line(line).for_each(|(ink, text)| self.push(ink, text));
            self.end_line();
        }
    }

    fn here(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A line's text; empty where there is none of that number.
    pub fn text(&self, line: usize) -> &str {
        let (start, end) = self.bounds(line);
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// A line's pieces with their inks.
    pub fn line(&self, line: usize) -> impl Iterator<Item = (Ink, &str)> {
        let (start, end) = self.bounds(line);
        let first = self.pieces.partition_point(|(piece, _)| *piece <= start);
        let mut from = start;
        self.pieces.get(first..).unwrap_or_default().iter().map_while(move |(piece, ink)| {
            let to = (*piece).min(end);
            let text = self.text.get(from as usize..to as usize).filter(|_| from < end)?;
            from = to;
            Some((*ink, text))
        })
    }

    fn bounds(&self, line: usize) -> (u32, u32) {
        let start = line.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        (start, self.ends.get(line).copied().unwrap_or(start))
    }
}

/// A row of bytes as people read them: where it begins, the numbers in groups of eight, and what of it is ASCII.
pub fn hex_row(from: u64, bytes: &[u8], row: usize) -> (String, String, String) {
    let mut numbers = String::with_capacity(row * 3 + row / 8);
    for at in 0..row {
        if at > 0 {
            numbers.push_str(if at % 8 == 0 { "  " } else { " " });
        }
        match bytes.get(at) {
            Some(byte) => numbers.push_str(&format!("{byte:02x}")),
            None => numbers.push_str("  "),
        }
    }
    let letter = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' };
    (format!("{from:08x}"), numbers, bytes.iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(of: &[&[(Ink, &str)]]) -> Lines {
        let mut lines = Lines::default();
        for line in of {
            line.iter().for_each(|(ink, text)| lines.push(*ink, text));
            lines.end_line();
        }
        lines
    }

    #[test]
    fn lines_come_back_with_their_inks() {
        let lines = lines(&[
            &[(Ink::Keyword, "let"), (Ink::Plain, " x")],
            &[],
            &[(Ink::Plain, "y")],
            &[(Ink::Plain, "z "), (Ink::Comment, "// end")],
        ]);
        let line = |number| lines.line(number).collect::<Vec<_>>();
        assert_eq!(line(0), [(Ink::Keyword, "let"), (Ink::Plain, " x")]);
        assert_eq!((line(1), line(2)), (vec![], vec![(Ink::Plain, "y")]));
        assert_eq!(line(3), [(Ink::Plain, "z "), (Ink::Comment, "// end")]);
        assert_eq!((lines.len(), lines.text(0), line(4)), (4, "let x", vec![]));
        let mut twice = lines.clone();
        twice.append(&lines);
        assert_eq!((twice.len(), twice.text(4), twice.line(5).count()), (8, "let x", 0));
        assert_eq!(twice.line(7).collect::<Vec<_>>(), line(3));
    }

    #[test]
    fn bytes_stand_in_groups_with_their_letters() {
        let (from, numbers, letters) = hex_row(256, b"PK\x03\x04 grand", 16);
        assert_eq!(from, "00000100");
        assert_eq!(numbers.trim_end(), "50 4b 03 04 20 67 72 61  6e 64");
        assert_eq!((numbers.len(), letters.as_str()), (48, "PK.. grand"));
    }
}
