//! Colours for text, a line at a time: comments, strings, numbers, words and keys by the rows of [`languages`]. No grammar
//! is known, so a line can be coloured wrongly, but never lost: the pieces together are always the line.

pub mod languages;

use std::ops::Range;

use crate::domain::preview::{Ink, Open};
use languages::{Keys, Language};

/// Cuts a line into pieces with their inks; answers what it leaves open. `piece` gets each in order.
pub fn line<'t>(language: &Language, open: Open, text: &'t str, mut piece: impl FnMut(Ink, &'t str)) -> Open {
    if open == Open::Nothing
        && language.keys == Keys::Lines
        && let Some(ink) = whole_line(language, text)
    {
        piece(ink, text);
        return Open::Nothing;
    }
    let key = match language.keys {
        Keys::Before(marks) if open == Open::Nothing => first_key(text, marks),
        _ => None,
    };
    let mut lexer = Lexer { language, text, at: 0, plain: 0, open, key };
    lexer.run(&mut piece);
    lexer.open
}

/// The ink of a line that its first word decides: headings, what a change adds and takes away.
fn whole_line(language: &Language, text: &str) -> Option<Ink> {
    if language.name == "diff" {
        return Some(match text.as_bytes() {
            [b'@', b'@', ..] | [b'd', b'i', b'f', b'f', ..] => Ink::Key,
            [b'+', ..] => Ink::Str,
            [b'-', ..] => Ink::Number,
            _ => Ink::Plain,
        });
    }
    let marks = text.trim_start_matches('#');
    (text.starts_with('#') && marks.starts_with(' ')).then_some(Ink::Key)
}

/// Where the key of a line is that one of the marks follows: behind blanks and list marks, so that there is one at most. It
/// is looked for once a line, since what stands behind every word would be looked at again for each of them.
fn first_key(text: &str, marks: &str) -> Option<Range<usize>> {
    let key = text.get(run_of(text, char::is_whitespace)..)?.trim_start_matches("- ");
    key.chars().next().filter(|first| is_word(*first) && !first.is_ascii_digit())?;
    let length = run_of(key, |c| is_word(c) || c == '-' || c == '.');
    let behind = key.get(length..)?.trim_start();
    let from = text.len() - key.len();
    behind.starts_with(|c: char| marks.contains(c)).then(|| from..from + length)
}

/// One line while it is being cut.
struct Lexer<'l, 't> {
    language: &'l Language,
    text: &'t str,
    /// How far it is cut.
    at: usize,
    /// Where the plain text begins that has not been handed out.
    plain: usize,
    open: Open,
    /// What is before a mark at the line's beginning.
    key: Option<Range<usize>>,
}

impl<'t> Lexer<'_, 't> {
    fn run(&mut self, piece: &mut impl FnMut(Ink, &'t str)) {
        while self.at < self.text.len() {
            let (ink, end) = match self.open {
                Open::Comment => (Ink::Comment, self.end_of_comment()),
                Open::Quote(number) => (Ink::Str, self.end_of_quote(number)),
                Open::Nothing => self.next(),
            };
            // A step is never empty, so that every line comes to its end.
            let end = self.boundary(end.max(self.at + 1));
            if ink != Ink::Plain {
                self.flush(piece);
                piece(ink, self.slice(self.at, end));
                self.plain = end;
            }
            self.at = end;
        }
        self.flush(piece);
    }

    /// Hands out the plain text that came before.
    fn flush(&mut self, piece: &mut impl FnMut(Ink, &'t str)) {
        if self.plain < self.at {
            piece(Ink::Plain, self.slice(self.plain, self.at));
        }
        self.plain = self.at;
    }

    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn rest(&self) -> &'t str {
        self.slice(self.at, self.text.len())
    }

    /// The next end of a character from there on.
    fn boundary(&self, end: usize) -> usize {
        (end..self.text.len()).find(|end| self.text.is_char_boundary(*end)).unwrap_or(self.text.len())
    }

    /// What stands here, and where it ends.
    fn next(&mut self) -> (Ink, usize) {
        let rest = self.rest();
        if words(self.language.remarks).any(|remark| rest.starts_with(remark)) && self.may_remark() {
            return (Ink::Comment, self.text.len());
        }
        if let Some((begin, _)) = self.language.comment.filter(|(begin, _)| rest.starts_with(begin)) {
            self.open = Open::Comment;
            return (Ink::Comment, self.at + begin.len());
        }
        if let Some((number, quote)) =
            (0..).zip(words(self.language.long_quotes)).find(|(_, quote)| rest.starts_with(quote))
        {
            self.open = Open::Quote(number);
            return (Ink::Str, self.at + quote.len());
        }
        match rest.chars().next() {
            Some(quote) if self.language.quotes.contains(quote) => self.quoted(quote),
            Some(digit) if digit.is_ascii_digit() => (Ink::Number, self.at + number(rest)),
            Some(letter) if is_word(letter) => self.word(),
            Some('<') if self.language.keys == Keys::Tags => (Ink::Plain, self.at + 1),
            _ => (Ink::Plain, self.at + 1),
        }
    }

    /// `#` and `;` begin a remark only where a word could begin: not in `a#b`.
    fn may_remark(&self) -> bool {
        let sharp = self.rest().starts_with(['#', ';']);
        !sharp
            || self
                .text
                .get(..self.at)
                .is_none_or(|before| before.is_empty() || before.ends_with([' ', '\t', ';', '{']))
    }

    /// A string within this line; one before a colon can be a key.
    fn quoted(&self, quote: char) -> (Ink, usize) {
        let end = self.at + string(self.rest(), quote);
        let behind = self.slice(end, self.text.len()).trim_start();
        let is_key = self.language.keys == Keys::Strings && behind.starts_with(':');
        (if is_key { Ink::Key } else { Ink::Str }, end)
    }

    fn word(&self) -> (Ink, usize) {
        let rest = self.rest();
        let length = run_of(rest, is_word);
        let (word, end) = (rest.get(..length).unwrap_or_default(), self.at + length);
        if let Some(end) = self.key_to(end) {
            return (Ink::Key, end);
        }
        let shouts = self.language.words.starts_with(|c: char| c.is_ascii_uppercase())
            && !self.language.words.contains(char::is_lowercase);
        let is_one = |known: &str| if shouts { known.eq_ignore_ascii_case(word) } else { known == word };
        let ink = if words(self.language.words).any(is_one) { Ink::Keyword } else { Ink::Plain };
        (ink, end)
    }

    /// Where the key ends that begins with the word that ends there, if it is one.
    fn key_to(&self, end: usize) -> Option<usize> {
        match self.language.keys {
            Keys::Tags => {
                let before = self.text.get(..self.at).unwrap_or_default();
                before.ends_with(['<', '/', '?', '!']).then_some(end)
            }
            Keys::Before(_) => self.key.as_ref().filter(|key| key.start == self.at).map(|key| key.end),
            _ => None,
        }
    }

    fn end_of_comment(&mut self) -> usize {
        let end = self.language.comment.and_then(|(_, end)| Some(self.rest().find(end)? + end.len()));
        self.closed(end)
    }

    fn end_of_quote(&mut self, number: u8) -> usize {
        let quote = words(self.language.long_quotes).nth(usize::from(number)).unwrap_or("\"");
        let end = self.rest().find(quote).map(|at| at + quote.len());
        self.closed(end)
    }

    /// What is open ends there, or goes on over the end of the line.
    fn closed(&mut self, end: Option<usize>) -> usize {
        match end {
            Some(length) => {
                self.open = Open::Nothing;
                self.at + length
            }
            None => self.text.len(),
        }
    }
}

fn words(row: &'static str) -> impl Iterator<Item = &'static str> {
    row.split(' ').filter(|word| !word.is_empty())
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Bytes of the characters of a kind that stand here. Tests count them, since a line may be as long as a window.
fn run_of(rest: &str, is_part: impl Fn(char) -> bool) -> usize {
    let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    #[cfg(test)]
    tests::LOOKED_AT.with(|looked| looked.set(looked.get() + length));
    length
}

/// Bytes of the number that stands here.
fn number(rest: &str) -> usize {
    run_of(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_')
}

/// Bytes of the string that stands here, with its quotes; all of the line where it does not end.
fn string(rest: &str, quote: char) -> usize {
    let mut guarded = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if guarded => guarded = false,
            '\\' => guarded = true,
            _ if letter == quote => return at + letter.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// Bytes that were looked at to tell where something ends.
        pub(super) static LOOKED_AT: Cell<usize> = const { Cell::new(0) };
    }

    /// Were the rest of the line looked at for every word, that would be a thousand million bytes.
    #[test]
    fn a_line_as_long_as_a_window_is_looked_at_once_in_every_language() {
        let half = crate::preview::WINDOW / 2;
        let lines = [
            "a-".repeat(half),
            "1.a ".repeat(half / 2),
            " ".repeat(2 * half),
            " ".repeat(half) + &"a-".repeat(half / 2),
        ];
        for language in &languages::LANGUAGES {
            for text in &lines {
                LOOKED_AT.set(0);
                super::line(language, Open::Nothing, text, |_, _| ());
                let looked_at = LOOKED_AT.get();
                assert!(looked_at <= 2 * text.len(), "{}: {looked_at} bytes", language.name);
            }
        }
    }

    /// The pieces that have an ink.
    fn inked(language: &str, text: &str) -> Vec<(Ink, String)> {
        let language = languages::named(language).unwrap();
        let (mut open, mut pieces) = (Open::Nothing, Vec::new());
        for line in text.split('\n') {
            let mut whole = String::new();
            open = super::line(language, open, line, |ink, piece| {
                whole.push_str(piece);
                if ink != Ink::Plain {
                    pieces.push((ink, piece.to_owned()));
                }
            });
            assert_eq!(whole, line, "nothing of a line is lost");
        }
        pieces
    }

    fn told(language: &str, text: &str) -> String {
        let pieces = inked(language, text).into_iter().map(|(ink, piece)| format!("{ink:?}:{piece}"));
        pieces.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn code_has_words_strings_numbers_and_comments() {
        assert_eq!(
            told("Rust", "let x = \"a\\\"b\" + 1_000; // end"),
            "Keyword:let Str:\"a\\\"b\" Number:1_000 Comment:// end"
        );
        assert_eq!(told("SQL", "select 'x' FROM t -- y"), "Keyword:select Str:'x' Keyword:FROM Comment:-- y");
        assert_eq!(told("Shell", "echo a#b # c"), "Keyword:echo Comment:# c");
    }

    #[test]
    fn what_is_open_goes_on_in_the_next_line() {
        assert_eq!(told("C", "a /* b\nc\nd */ if"), "Comment:/* Comment: b Comment:c Comment:d */ Keyword:if");
        assert_eq!(told("Python", "'''a\nb''' if"), "Str:''' Str:a Str:b''' Keyword:if");
        assert_eq!(told("Rust", "\"not closed\nlet"), "Str:\"not closed Keyword:let");
    }

    #[test]
    fn keys_are_told_from_values() {
        assert_eq!(
            told("JSON", "{\"a\": \"b\", \"c\" : 1.5, \"d\": true}"),
            "Key:\"a\" Str:\"b\" Key:\"c\" Number:1.5 Key:\"d\" Keyword:true"
        );
        assert_eq!(told("YAML", "- first-name: no\n  b: c:d"), "Key:first-name Keyword:no Key:b");
        assert_eq!(told("TOML", "a.b = 1 # c"), "Key:a.b Number:1 Comment:# c");
        assert_eq!(told("YAML", "  - - a.b-c : d\n1a: b\n- x y: z\nä-b:"), "Key:a.b-c Number:1a Key:ä-b");
        assert_eq!(told("CSS", "a: b; /* c: d\ne: f */ g: h"), "Key:a Comment:/* Comment: c: d Comment:e: f */");
        assert_eq!(told("HTML", "<a href=\"x\">if</a>"), "Key:a Str:\"x\" Key:a");
        assert_eq!(told("Markdown", "# A heading\ntext # no"), "Key:# A heading");
        assert_eq!(told("diff", "+a\n-b\n c"), "Str:+a Number:-b");
    }

    #[test]
    fn letters_of_several_bytes_are_never_cut() {
        assert_eq!(told("Rust", "let ü = \"日本\"; é // ß"), "Keyword:let Str:\"日本\" Comment:// ß");
    }
}
