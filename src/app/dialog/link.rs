//! Links, whole and selectable, with what really happened to the clipboard: the one place where a presigned URL is shown.

use crossterm::event::KeyCode;
use ratatui::layout::Size;

use super::{Command, Step, closes, is_plain, motion};
use crate::action::Key;
use crate::app::message::LinkText;
use crate::domain::SecretUrl;
use crate::domain::display::{display, width, wrap};

/// What is shown.
#[derive(Debug, Clone)]
pub struct LinkDialog {
    /// What sort of text it is, in a word or two.
    pub noun: &'static str,
    /// Which of the texts go to the clipboard.
    pub copies: Copies,
    /// The texts; each is drawn over as many rows as it needs.
    pub links: Vec<LinkText>,
    /// How long they are really good, as a sentence; `None` for what never ends.
    pub good_for: Option<String>,
    /// Under what condition they work, as a sentence.
    pub note: Option<&'static str>,
    /// What happened to the clipboard; `None` while that is not known yet.
    pub said: Option<String>,
    /// The first row shown of [`LinkDialog::rows`].
    pub offset: usize,
}

/// Rows of the screen that are not its own, and of its rules.
const AROUND: usize = 4;

/// Which of the texts go to the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// All, one a line: they are of one sort.
    All,
    /// That one: they belong together, and differ.
    One(usize),
}

/// A row of the dialog's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkRow {
    /// The key whose text follows.
    Key(String),
    /// A piece of the text, as wide as the screen or its end.
    Piece(SecretUrl),
    /// Under what condition they work, or a piece of that.
    Note(String),
}

impl LinkDialog {
    /// What is copied, one a line.
    pub(crate) fn text(&self) -> SecretUrl {
        let copied = |index| self.copies == Copies::All || self.copies == Copies::One(index);
        let copied = self.links.iter().enumerate().filter(|(index, _)| copied(*index));
        let texts: Vec<&str> = copied.map(|(_, link)| link.text.expose()).collect();
        SecretUrl::new(texts.join("\n"))
    }

    /// Everything that is shown on a screen so many columns wide, fit for display: every text whole, broken where the
    /// screen ends and nowhere else.
    pub fn rows(&self, columns: u16) -> Vec<LinkRow> {
        let rows = |link: &LinkText| {
            let whole = display(link.text.expose());
            let pieces = chop(&whole, usize::from(columns.max(1)));
            let key = LinkRow::Key(display(&link.key).into_owned());
            std::iter::once(key).chain(pieces.into_iter().map(|piece| LinkRow::Piece(SecretUrl::new(piece))))
        };
        let note = self.note.map_or_else(Vec::new, |note| wrap(note, columns));
        self.links.iter().flat_map(rows).chain(note.into_iter().map(LinkRow::Note)).collect()
    }

    /// What stands below them whichever are shown: what happened to the clipboard, and how long they are good.
    pub fn foot(&self, columns: u16) -> Vec<String> {
        let parts = [self.said.as_deref(), self.good_for.as_deref()];
        let parts: Vec<String> = parts.into_iter().flatten().map(|part| display(part).into_owned()).collect();
        wrap(&parts.join("; "), columns)
    }

    /// How many of those rows a screen of that size shows at once.
    pub fn page(&self, size: Size) -> usize {
        usize::from(size.height).saturating_sub(AROUND + self.foot(size.width).len()).max(1)
    }

    pub(crate) fn key(&mut self, key: Key, size: Size) -> Step {
        let page = self.page(size);
        if let Some(steps) = motion(key, page) {
            let furthest = self.rows(size.width).len().saturating_sub(page);
            self.offset = self.offset.saturating_add_signed(steps).min(furthest);
            return Step::Stay;
        }
        match key.code {
            KeyCode::Char('y' | 'c') if is_plain(key) => self.copy(0),
            KeyCode::Char('u') if is_plain(key) && self.copies != Copies::All => self.copy(1),
            _ if closes(key) => Step::Close,
            _ => Step::Stay,
        }
    }
}

impl LinkDialog {
    fn copy(&mut self, one: usize) -> Step {
        if self.copies != Copies::All {
            self.copies = Copies::One(one);
        }
        Step::Also(Command::CopyAgain)
    }

    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        let copy = match self.copies {
            Copies::All => vec![("y", "copy again")],
            Copies::One(_) => vec![("y", "copy the line"), ("u", "copy the URL")],
        };
        copy.into_iter().chain([("j k", "scroll"), ("Esc", "close")]).collect()
    }
}

/// Pieces of so many columns.
fn chop(shown: &str, columns: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut piece, mut taken) = (String::new(), 0);
    for letter in shown.chars() {
        let wide = width(letter.encode_utf8(&mut [0; 4]));
        if taken + wide > columns && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
            taken = 0;
        }
        piece.push(letter);
        taken += wide;
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_whole_on_any_screen() {
        let text = "https://example.org/a b?x=文件";
        assert_eq!(chop(text, 10).concat(), text);
        assert!(chop(text, 10).iter().all(|piece| width(piece) <= 10));
        assert_eq!(chop("", 10), [""]);
    }
}
