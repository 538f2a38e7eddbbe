//! Everything said so far as rows of so many columns, the latest sentence first: what is too long for one row goes on in
//! the next.

use super::App;
use super::layout::scroll_columns;
use super::notices::Notice;
use crate::domain::HomeFolder;
use crate::domain::display::{display, wrap};

/// Columns before the sentences: the time and the level's symbol.
const BEFORE: u16 = 11;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow<'a> {
    /// The sentence that begins here; `None` where it goes on.
    pub begins: Option<&'a Notice>,
    /// A piece of it, fit for display.
    pub text: String,
}

impl App {
    /// The rows of the messages on this screen.
    pub fn messages(&self) -> Vec<MessageRow<'_>> {
        let columns = scroll_columns(self.size).saturating_sub(BEFORE);
        self.notices().log().iter().rev().flat_map(|notice| rows(notice, &self.home, columns)).collect()
    }
}

fn rows<'a>(notice: &'a Notice, home: &HomeFolder, columns: u16) -> impl Iterator<Item = MessageRow<'a>> {
    let again = if notice.times > 1 { format!(" ({} times)", notice.times) } else { String::new() };
    let pieces = wrap(&format!("{}{again}", home.shorten(&display(&notice.text))), columns).into_iter().enumerate();
    pieces.map(move |(index, text)| MessageRow { begins: (index == 0).then_some(notice), text })
}
