//! The one function that text from outside (keys, file names, errors, rows) goes through before it is drawn or printed,
//! so that no escape sequence reaches a terminal and no name looks like another.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// The text with every control, format, bidirectional and line-breaking character made visible: controls as their
/// pictures (`␛`), newline as `\n`, the rest as `⟨U+202E⟩`. Text without any is handed back as it is.
pub fn display(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        push_visible(&mut shown, character);
    }
    Cow::Owned(shown)
}

/// Bytes that may not be UTF-8 (local file names), shown: what is not text as `\xFF`.
pub fn display_bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(&display(chunk.valid()));
        for byte in chunk.invalid() {
            push_formatted(&mut shown, format_args!("\\x{byte:02X}"));
        }
    }
    shown
}

/// A path as it may be shown.
pub fn display_path(path: &std::path::Path) -> String {
    display_bytes(path.as_os_str().as_encoded_bytes())
}

fn push_visible(shown: &mut String, character: char) {
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + character as u32)),
        '\u{7f}' => shown.push('␡'),
        _ if is_hidden(character) => push_formatted(shown, format_args!("⟨U+{:04X}⟩", character as u32)),
        _ => shown.push(character),
    }
}

/// Writing to a `String` cannot fail.
fn push_formatted(shown: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _infallible = shown.write_fmt(arguments);
}

/// Characters that a terminal would act on, hide, or use to reorder or break the line. Zero-width joiner and variation
/// selectors inside emoji are left alone: they join what is visible.
fn is_hidden(character: char) -> bool {
    match character {
        '\u{200d}' | '\u{fe00}'..='\u{fe0f}' => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => true,
        _ => character.is_control(),
    }
}

/// How many terminal columns shown text takes.
pub fn width(shown: &str) -> usize {
    shown.chars().map(|character| character.width().unwrap_or(0)).sum()
}

/// Shown text cut to so many columns; an ellipsis says that something is missing.
pub fn fit(shown: &str, columns: usize) -> Cow<'_, str> {
    if width(shown) <= columns {
        return Cow::Borrowed(shown);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in shown.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide > columns - 1 {
            break;
        }
        kept.push(character);
        used += wide;
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// Like [`fit`], but the end is kept and the beginning goes: for paths.
pub fn fit_end(shown: &str, columns: usize) -> Cow<'_, str> {
    let total = width(shown);
    if total <= columns {
        return Cow::Borrowed(shown);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut drop = total + 1 - columns;
    let mut rest = shown.chars();
    while drop > 0 {
        let Some(character) = rest.next() else { break };
        drop = drop.saturating_sub(character.width().unwrap_or(0));
    }
    Cow::Owned(format!("…{}", rest.as_str()))
}

/// Like [`fit`], but beginning and end are kept and the middle goes: for names in a sentence.
pub fn fit_middle(shown: &str, columns: usize) -> Cow<'_, str> {
    if width(shown) <= columns {
        return Cow::Borrowed(shown);
    }
    let end = columns / 2;
    let beginning = fit(shown, columns - end);
    let end = if end == 0 { Cow::Borrowed("") } else { fit_end(shown, end + 1) };
    Cow::Owned(format!("{beginning}{}", end.strip_prefix('…').unwrap_or(&end)))
}

/// Breaks shown text into lines of so many columns, between words where it can, and a path between its parts.
pub fn wrap(shown: &str, columns: u16) -> Vec<String> {
    let columns = usize::from(columns.max(1));
    let mut lines = vec![String::new()];
    for word in shown.split(' ') {
        let taken = lines.last().map_or(0, |line| width(line));
        let mut pieces = pieces(word, columns).into_iter();
        let first = pieces.next().unwrap_or_default();
        match lines.last_mut() {
            Some(line) if taken == 0 => line.push_str(first),
            Some(line) if taken + 1 + width(word) <= columns => line.extend([" ", first]),
            _ => lines.push(first.to_owned()),
        }
        lines.extend(pieces.map(str::to_owned));
    }
    lines
}

/// Fewest columns that a word leaves for its last row, where there is room for more: one letter alone looks like dirt.
const LEAST_LEFT: usize = 4;

/// A word in rows of so many columns: it breaks behind a slash of a row's last third, a path behind any slash where what comes
/// next has a row to itself.
fn pieces(word: &str, columns: usize) -> Vec<&str> {
    let is_path = word.starts_with(['/', '~']);
    let (mut pieces, mut rest) = (Vec::new(), word);
    while is_wider(rest, columns) {
        let (piece, behind) = rest.split_at(end_of_row(rest, columns, is_path));
        pieces.push(piece);
        rest = behind;
    }
    if pieces.is_empty() || !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Whether text takes more columns; of a long one no more is measured than it takes to know.
fn is_wider(text: &str, columns: usize) -> bool {
    let head = text.char_indices().nth(columns + 1).and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    width(head) > columns || head.len() < text.len() && width(text) > columns
}

/// Where a word is cut that is longer than a row.
fn end_of_row(word: &str, columns: usize, is_path: bool) -> usize {
    let ends = || word.char_indices().map(|(at, letter)| at + letter.len_utf8());
    let until = |end: usize| width(word.get(..end).unwrap_or_default());
    let behind = |end: usize| word.get(end..).unwrap_or_default();
    let next = |end: usize| behind(end).split_inclusive('/').next().unwrap_or_default();
    let leaves_enough = |end: &usize| columns < 3 * LEAST_LEFT || is_wider(behind(*end), LEAST_LEFT - 1);
    let fitting: Vec<usize> = ends().take_while(|end| until(*end) <= columns).collect();
    let fitting = || fitting.iter().rev().copied().filter(leaves_enough);
    let slash = fitting().find(|end| word.get(..*end).is_some_and(|row| row.ends_with('/')));
    let slash = slash.filter(|end| until(*end) * 3 >= columns * 2 || is_path && !is_wider(next(*end), columns));
    // What is wider than a row by itself has one all the same.
    slash.or_else(|| fitting().next()).or_else(|| ends().next()).unwrap_or(word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_sentence_loses_its_middle() {
        let cut = |columns| fit_middle("a-long-name.jpeg", columns).into_owned();
        assert_eq!([16, 9, 4, 2, 1, 0].map(cut), ["a-long-name.jpeg", "a-lo…jpeg", "a…eg", "…g", "…", ""]);
        assert_eq!(fit_middle("日本語日本語日本語", 9), "日本…本語");
    }

    #[test]
    fn escape_sequences_newlines_and_direction_marks_are_visible() {
        assert_eq!(display("a\x1b[31mred"), "a␛[31mred");
        assert_eq!(display("two\nlines\r\t"), "two\\nlines\\r\\t");
        assert_eq!(display("\u{202e}gpj.exe"), "⟨U+202E⟩gpj.exe");
        assert_eq!(display("c1 \u{9b} zero\u{200b}width"), "c1 ⟨U+009B⟩ zero⟨U+200B⟩width");
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(display("grüße 文件 👩‍💻.png"), Cow::Borrowed(_)));
    }

    #[test]
    fn bytes_that_are_not_text_are_shown_as_numbers() {
        assert_eq!(display_bytes(b"a\xff\x1bb"), "a\\xFF␛b");
    }

    #[test]
    fn cutting_counts_columns_not_characters() {
        assert_eq!(fit("文件名字", 5), "文件…");
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit_end("/a/long/path", 6), "…/path");
        assert_eq!(width(&fit_end("/文件/文件", 5)), 5);
    }

    #[test]
    fn text_breaks_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("the link is below", 8), ["the link", "is below"]);
        assert_eq!(wrap("https://example.org/a", 8), ["https://", "example.", "org/a"]);
        assert_eq!(wrap("文件名", 4), ["文件", "名"]);
        assert_eq!(wrap("in ~/folder/a-name.txt; go", 12), ["in", "~/folder/", "a-name.txt;", "go"]);
        assert_eq!(wrap("~/a/long-name.txt/very/in-it", 16), ["~/a/", "long-name.txt/", "very/in-it"]);
        assert_eq!(wrap("/folder/a-very-long-name", 8), ["/folder/", "a-very-l", "ong-name"]);
        assert_eq!(wrap("文件", 1), ["文", "件"]);
        assert_eq!(wrap(&"x".repeat(200_000), 50).len(), 4000, "a table may hold anything, and waits for nobody");
        assert_eq!(wrap("a  b", 9), ["a  b"]);
    }

    #[test]
    fn a_long_url_breaks_behind_a_slash_and_leaves_no_letter_alone() {
        let rows = |text, columns| wrap(text, columns).join("\n");
        assert_eq!(rows("https://example.org/photos/hero.png", 30), "https://example.org/photos/\nhero.png");
        assert_eq!(rows("https://example.org/a", 20), "https://example.o\nrg/a");
        assert_eq!(rows("see https://example.org/abcdefghij.png", 29), "see\nhttps://example.org/\nabcdefghij.png");
        assert_eq!(rows("see https://example/abcdefghijklmn.png", 29), "see\nhttps://example/abcdefghijklm\nn.png");
        assert_eq!(rows("abcdefghijklmnopq", 16), "abcdefghijklm\nnopq");
    }
}
