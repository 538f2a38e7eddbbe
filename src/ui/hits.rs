//! What of a shown name a filter found: its text, or else its letters one after the other. It is looked for in what is shown,
//! since a name is made fit for display and cut before it is drawn.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::display::width;
use crate::domain::key::split_uuid;

/// Draws what was found in a text over it; it begins at that cell and takes so many columns.
pub fn mark(buffer: &mut Buffer, area: Rect, shown: &str, needle: &str, style: Style) {
    for hit in hits(shown, needle) {
        let before = columns(shown.get(..hit.start)).min(area.width);
        let width = columns(shown.get(hit)).min(area.width - before);
        buffer.set_style(Rect { x: area.x + before, width, height: 1, ..area }, style);
    }
}

fn columns(text: Option<&str>) -> u16 {
    u16::try_from(width(text.unwrap_or_default())).unwrap_or(u16::MAX)
}

/// Where in a text the needle stands, upper and lower case alike; else where its letters do, behind a key's random part if they
/// are there. Bytes of the text, in order.
pub fn hits(shown: &str, needle: &str) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    let letters: Vec<(Range<usize>, char)> = lower(shown).collect();
    let wanted: Vec<char> = needle.to_lowercase().chars().collect();
    let whole = whole(&letters, &wanted);
    if !whole.is_empty() {
        return whole;
    }
    let wanted: Vec<char> = wanted.into_iter().filter(|letter| !letter.is_whitespace()).collect();
    let random = split_uuid(shown).map(|(before, uuid, _)| before.len() + uuid.len());
    let cut = shown.find('…').map(|at| at + '…'.len_utf8());
    let starts = [random, cut, Some(0)];
    starts.into_iter().flatten().find_map(|start| one_by_one(&letters, &wanted, start)).unwrap_or_default()
}

/// The letters in lower case, each with the bytes it has in the text.
fn lower(text: &str) -> impl Iterator<Item = (Range<usize>, char)> + '_ {
    let bytes = |(at, letter): (usize, char)| {
        let range = at..at + letter.len_utf8();
        letter.to_lowercase().map(move |lower| (range.clone(), lower))
    };
    text.char_indices().flat_map(bytes)
}

/// Every place where the letters stand side by side.
fn whole(letters: &[(Range<usize>, char)], wanted: &[char]) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(window) = letters.get(at..at + wanted.len()) {
        if window.iter().zip(wanted).all(|((_, letter), wanted)| letter == wanted) {
            found.extend(window.first().zip(window.last()).map(|((first, _), (last, _))| first.start..last.end));
            at += wanted.len();
        } else {
            at += 1;
        }
    }
    found
}

/// Where the letters stand one after the other behind a place, each as early as can be.
fn one_by_one(letters: &[(Range<usize>, char)], wanted: &[char], start: usize) -> Option<Vec<Range<usize>>> {
    let mut rest = letters.iter().skip_while(|(range, _)| range.start < start);
    wanted.iter().map(|wanted| rest.find(|(_, letter)| letter == wanted).map(|(range, _)| range.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<'a>(text: &'a str, needle: &str) -> Vec<&'a str> {
        hits(text, needle).into_iter().map(|hit| &text[hit]).collect()
    }

    #[test]
    fn the_text_itself_is_found_wherever_it_stands() {
        assert_eq!(shown("Hero-hero.png", "HERO"), ["Hero", "hero"]);
        assert_eq!(shown("aaa", "aa"), ["aa"]);
        assert_eq!(shown("GRÜSSE", "ü"), ["Ü"]);
        assert_eq!(shown("日本語.txt", "本語"), ["本語"]);
        assert_eq!((shown("abc", ""), shown("abc", "abcd")), (vec![], vec![]));
    }

    #[test]
    fn letters_are_found_one_by_one_where_the_text_is_not() {
        assert_eq!(hits("hero-picture.png", "h png"), [0..1, 5..6, 14..15, 15..16]);
        assert_eq!(shown("abc", "az"), [""; 0]);
    }

    #[test]
    fn a_random_part_is_left_alone_where_the_rest_has_the_letters() {
        assert_eq!(hits("3f2a…-face.png", "fng").first().map(|hit| hit.start), Some("3f2a…-".len()));
        let key = "3f2a9c1e-0d1b-4c57-9f0e-2b6f4f6d8a11-face.png";
        assert_eq!(hits(key, "fng").first().map(|hit| hit.start), Some(37));
    }

    #[test]
    fn hits_are_drawn_over_wide_letters_and_stay_in_their_column() {
        let area = Rect { x: 2, y: 0, width: 5, height: 1 };
        let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width: 12, height: 1 });
        let style = Style::new().bold();
        mark(&mut buffer, area, "日本語x", "本語x", style);
        let bold = |x: u16| buffer[(x, 0)].modifier.contains(ratatui::style::Modifier::BOLD);
        assert_eq!((0..12).filter(|x| bold(*x)).collect::<Vec<_>>(), [4, 5, 6]);
    }
}
