//! Draws the welcome in the empty rows of the pane Remote. Where there are few of them, blank rows go first, then the
//! sentences; the keys to try stay longest.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Look;
use super::columns::{Side, put};
use crate::app::welcome::Welcome;
use crate::domain::display::{width, wrap};

/// Blank columns on each side.
const MARGIN: u16 = 2;

/// One row of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line<'a> {
    Blank,
    Sentence(String),
    Key(&'a str, &'static str),
}

/// Draws it.
pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look, welcome: &Welcome) {
    let columns = area.width.saturating_sub(2 * MARGIN);
    let lines = lines(welcome, columns, usize::from(area.height));
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let top = area.y + area.height.saturating_sub(count) / 3;
    let keys = welcome.keys.iter().map(|(keys, _)| width(keys)).max().unwrap_or(0);
    let about = u16::try_from(keys).unwrap_or(0) + MARGIN;
    for (y, line) in (top..area.bottom()).zip(&lines) {
        let x = area.x + MARGIN;
        match line {
            Line::Blank => {}
            Line::Sentence(text) => put(buffer, x, y, columns, Side::Left, text, look.theme.quiet),
            Line::Key(keys, text) => {
                put(buffer, x, y, columns.min(about), Side::Left, keys, look.theme.accent);
                put(buffer, x + about, y, columns.saturating_sub(about), Side::Left, text, look.theme.text);
            }
        }
    }
}

/// As many of the rows as fit, the most useful ones.
fn lines(welcome: &Welcome, columns: u16, room: usize) -> Vec<Line<'_>> {
    let sentence = |text: &str| wrap(text, columns).into_iter().map(Line::Sentence).collect::<Vec<_>>();
    let (about, profile) = (sentence(welcome.about), sentence(&welcome.profile));
    let keys: Vec<_> = welcome.keys.iter().map(|(keys, about)| Line::Key(keys, about)).collect();
    let blank = vec![Line::Blank];
    let choices = [
        [&about[..], &blank, &keys, &blank, &profile].concat(),
        [&about[..], &keys, &profile].concat(),
        [&keys[..], &profile].concat(),
    ];
    choices.into_iter().find(|lines| lines.len() <= room).unwrap_or(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn welcome() -> Welcome {
        let keys = vec![("u".to_owned(), "upload"), ("yl".to_owned(), "link"), ("?".to_owned(), "help")];
        Welcome { about: "What this is, in so many words.", keys, profile: "P, then n: add a profile.".into() }
    }

    #[test]
    fn the_keys_to_try_stay_longest() {
        let welcome = welcome();
        let rows = |room| lines(&welcome, 20, room).len();
        assert_eq!([rows(20), rows(9), rows(8), rows(6), rows(5), rows(3), rows(1)], [9, 9, 7, 5, 5, 3, 3]);
        assert_eq!(lines(&welcome, 20, 1)[0], Line::Key("u", "upload"));
    }
}
