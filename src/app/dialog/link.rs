//! Links, whole and selectable, with what really happened to the clipboard: the one place where a presigned URL is shown.

use crossterm::event::KeyCode;
use ratatui::layout::Size;

use super::{Command, Step, closes, motion};
use crate::action::Key;
use crate::app::effect::Wanted;
use crate::app::layout::scroll_page;
use crate::app::message::LinkText;
use crate::domain::SecretUrl;

/// What is shown.
#[derive(Debug, Clone)]
pub struct LinkDialog {
    /// What sort of text it is.
    pub wanted: Wanted,
    /// The texts; each is drawn over as many rows as it needs.
    pub links: Vec<LinkText>,
    /// How long they are really good, as a sentence; `None` for what never ends.
    pub good_for: Option<String>,
    /// What happened to the clipboard; `None` while that is not known yet.
    pub said: Option<String>,
    /// The first link shown.
    pub offset: usize,
}

impl LinkDialog {
    /// The texts, one a line, as they are copied.
    pub(crate) fn text(&self) -> SecretUrl {
        let texts: Vec<&str> = self.links.iter().map(|link| link.text.expose()).collect();
        SecretUrl::new(texts.join("\n"))
    }

    pub(crate) fn key(&mut self, key: Key, size: Size) -> Step {
        if let Some(steps) = motion(key, scroll_page(size)) {
            self.offset = self.offset.saturating_add_signed(steps).min(self.links.len().saturating_sub(1));
            return Step::Stay;
        }
        match key.code {
            KeyCode::Char('y' | 'c') => Step::Also(Command::CopyAgain),
            _ if closes(key) => Step::Close,
            _ => Step::Stay,
        }
    }
}
