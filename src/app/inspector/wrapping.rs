//! Long lines of text in rows of so many columns: between words where that leaves no large gap, else in the middle of one,
//! since code has words of any length.

use std::ops::Range;

use super::InspectorRow;
use crate::domain::display::width;
use crate::domain::preview::Ink;

/// The line's rows; one that is empty where there is nothing on it.
pub(super) fn wrapped<'a>(pieces: impl Iterator<Item = (Ink, &'a str)>, columns: usize) -> Vec<InspectorRow> {
    let pieces: Vec<_> = pieces.collect();
    let line: String = pieces.iter().map(|(_, text)| *text).collect();
    rows(&line, columns).into_iter().map(|row| InspectorRow::Text(part(&pieces, &row))).collect()
}

/// Which bytes of the line each row takes.
fn rows(line: &str, columns: usize) -> Vec<Range<usize>> {
    let (mut rows, mut from) = (Vec::new(), 0);
    while let Some(rest) = line.get(from..).filter(|rest| !rest.is_empty()) {
        let fits = fitting(rest, columns);
        if fits == 0 {
            // Wider than the row: left out, so that the rest is seen.
            from += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let taken = if fits == rest.len() { fits } else { between_words(rest, fits, columns) };
        rows.push(from..from + taken);
        from += taken;
    }
    if rows.is_empty() {
        rows.push(0..0);
    }
    rows
}

/// Where to cut a text of which so much fits: behind its last blank, unless that leaves more than a third of the row empty.
fn between_words(text: &str, fits: usize, columns: usize) -> usize {
    let until = |end: usize| text.get(..end).unwrap_or_default();
    let blank = until(fits).rfind(' ').map(|blank| blank + 1);
    blank.filter(|blank| width(until(*blank)) * 3 >= columns * 2).unwrap_or(fits)
}

/// How many bytes of the text fit into so many columns.
fn fitting(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (at, letter) in text.char_indices() {
        used += width(letter.encode_utf8(&mut [0; 4]));
        if used > columns {
            return at;
        }
    }
    text.len()
}

/// Those bytes of the line, in their inks.
fn part(pieces: &[(Ink, &str)], bytes: &Range<usize>) -> Vec<(Ink, String)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (ink, text) in pieces {
        let (from, to) = (bytes.start.saturating_sub(start), bytes.end.saturating_sub(start).min(text.len()));
        if let Some(shown) = text.get(from..to).filter(|shown| !shown.is_empty()) {
            parts.push((*ink, shown.to_owned()));
        }
        start += text.len();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pieces: &[(Ink, &str)], columns: usize) -> Vec<String> {
        let text = |row| match row {
            InspectorRow::Text(pieces) => pieces.into_iter().map(|(_, text)| text).collect::<String>(),
            _ => String::new(),
        };
        wrapped(pieces.iter().copied(), columns).into_iter().map(text).collect()
    }

    #[test]
    fn lines_wrap_by_columns_and_keep_every_letter_that_fits() {
        assert_eq!(texts(&[(Ink::Plain, "abc"), (Ink::Str, "defg")], 3), ["abc", "def", "g"]);
        assert_eq!(texts(&[(Ink::Plain, "日本語x")], 3), ["日", "本", "語x"]);
        assert_eq!(texts(&[(Ink::Plain, "日x")], 1), ["x"]);
        assert_eq!(texts(&[], 5), [""]);
    }

    #[test]
    fn a_line_is_cut_at_a_blank_of_its_last_third_whatever_ink_that_has() {
        assert_eq!(texts(&[(Ink::Plain, "one two three")], 9), ["one two ", "three"]);
        assert_eq!(texts(&[(Ink::Str, "'a b'"), (Ink::Plain, " and more")], 8), ["'a b' ", "and more"]);
        let code = [(Ink::Key, "\"enabled\""), (Ink::Plain, ": "), (Ink::Keyword, "false"), (Ink::Plain, ",")];
        assert_eq!(texts(&code, 14), ["\"enabled\": ", "false,"]);
        assert_eq!(texts(&[(Ink::Plain, "    a_long_name_of_code()")], 12), ["    a_long_n", "ame_of_code(", ")"]);
    }

    #[test]
    fn every_piece_keeps_its_ink_over_the_end_of_a_row() {
        let rows = wrapped([(Ink::Plain, "ab "), (Ink::Str, "cdef")].into_iter(), 4);
        let row = |pieces: &[(Ink, &str)]| {
            InspectorRow::Text(pieces.iter().map(|(ink, text)| (*ink, (*text).to_owned())).collect())
        };
        assert_eq!(rows, [row(&[(Ink::Plain, "ab ")]), row(&[(Ink::Str, "cdef")])]);
        let rows = wrapped([(Ink::Plain, "ab"), (Ink::Str, "cdef")].into_iter(), 4);
        assert_eq!(rows, [row(&[(Ink::Plain, "ab"), (Ink::Str, "cd")]), row(&[(Ink::Str, "ef")])]);
    }
}
