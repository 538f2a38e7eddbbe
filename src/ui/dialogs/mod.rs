//! Draws the dialog that is open: a box in the middle, sentences in it, and at its foot what can be chosen.

mod bucket;
mod choices;
mod conflicts;
mod doctor;
mod explained;
mod form;
pub mod input;
mod link;
mod palette;
mod questions;
mod scrolled;

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::columns::{Side, put};
use super::pane::{Cut, Piece, clear, pane};
use super::{Cursor, Look};
use crate::app::layout::{WIDEST_QUESTION, box_rows, question_columns};
use crate::app::{App, Dialog, Hit, Spot};
use crate::domain::display::{display, fit, width, wrap};

/// What has become of a dialog on the screen.
#[derive(Debug, Default)]
pub struct Drawn {
    /// Where the cursor of what is being typed stands.
    pub cursor: Cursor,
    /// All that it covers.
    pub area: Rect,
    /// What a click hits.
    pub spots: Vec<Spot>,
}

impl Drawn {
    /// A box with that room inside.
    fn around(inner: Rect) -> Self {
        let (x, y) = (inner.x.saturating_sub(2), inner.y.saturating_sub(1));
        let (width, height) = (inner.width.saturating_add(4), inner.height.saturating_add(2));
        Self { area: Rect { x, y, width, height }, ..Self::default() }
    }

    /// Takes clicks there.
    fn hits(mut self, spots: impl IntoIterator<Item = Spot>) -> Self {
        self.spots.extend(spots);
        self
    }
}

/// Draws it over everything else, and over it its keys where they are asked for.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, app: &App, dialog: &Dialog) -> Drawn {
    let drawn = draw_one(buffer, screen, look, app, dialog);
    match app.explained_dialog() {
        Some(dialog) => {
            let over = explained::draw(buffer, screen, look, dialog);
            Drawn { area: drawn.area.union(over.area), ..over }
        }
        None => drawn,
    }
}

fn draw_one(buffer: &mut Buffer, screen: Rect, look: &Look, app: &App, dialog: &Dialog) -> Drawn {
    let listens = app.listens();
    match dialog {
        Dialog::Confirm(confirm) => questions::confirm(buffer, screen, look, confirm, listens),
        Dialog::Beneath(beneath) => questions::beneath(buffer, screen, look, beneath, listens),
        Dialog::Prompt(prompt) => questions::prompt(buffer, screen, look, prompt, app.now()),
        Dialog::Tree(tree) => form::tree(buffer, screen, look, tree, app.now()),
        Dialog::Limits(limits) => form::limits(buffer, screen, look, limits),
        Dialog::Request(request) => form::request(buffer, screen, look, request),
        Dialog::Newcomer(form) => form::newcomer(buffer, screen, look, form),
        Dialog::Conflicts(conflicts) => conflicts::draw(buffer, screen, look, conflicts, app),
        Dialog::Expiry(expiry) => choices::expiry(buffer, screen, look, expiry),
        Dialog::Fields(fields) => choices::fields(buffer, screen, look, fields),
        Dialog::Profiles(profiles) => choices::profiles(buffer, screen, look, app, profiles),
        Dialog::Link(link) => link::draw(buffer, screen, look, link),
        Dialog::Palette(palette) => palette::draw(buffer, screen, look, app, palette),
        Dialog::Messages(scroll) => scrolled::messages(buffer, screen, look, &app.messages(), scroll.offset),
        Dialog::Bucket(dialog) => bucket::draw(buffer, screen, look, dialog, &app.bucket_rows(dialog)),
        Dialog::Doctor(dialog) => doctor::draw(buffer, screen, look, dialog, &app.doctor_rows(dialog)),
        Dialog::Transfer(dialog) => scrolled::details(buffer, screen, look, &app.details(dialog), dialog.scroll.offset),
    }
}

/// A box of so many rows inside its borders, centred; answers the room inside, with a blank column on each side.
fn open_box(buffer: &mut Buffer, screen: Rect, look: &Look, title: &str, rows: usize, border: Style) -> Rect {
    let width = screen.width.min(WIDEST_QUESTION);
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2).min(box_rows(screen.height));
    let area =
        Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 2, width, height };
    framed(buffer, area, look, title, border)
}

fn framed(buffer: &mut Buffer, area: Rect, look: &Look, title: &str, border: Style) -> Rect {
    clear(buffer, area, &look.theme);
    let shown = display(title);
    let title = Piece { text: &shown, style: look.theme.accent, cut: Cut::Beginning };
    let inner = pane(buffer, area, &look.theme, true, &[title], "");
    if border != look.theme.border_focus {
        paint_border(buffer, area, border);
    }
    Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner }
}

fn paint_border(buffer: &mut Buffer, area: Rect, border: Style) {
    for position in area.positions() {
        let edge = position.x == area.x
            || position.y == area.y
            || position.x + 1 == area.right()
            || position.y + 1 == area.bottom();
        if edge && let Some(cell) = buffer.cell_mut(position) {
            cell.set_style(border);
        }
    }
}

/// How wide a box's sentences can be.
fn room(screen: Rect) -> u16 {
    question_columns(screen.as_size())
}

/// Raw sentences as rows that fit.
fn rows_of(lines: &[String], columns: u16) -> Vec<String> {
    lines.iter().flat_map(|line| wrap(&display(line), columns)).collect()
}

/// The first so many rows; the last says where there are more, behind the end of a sentence where it has one.
fn begun(rows: &[String], count: usize, columns: usize) -> Vec<String> {
    let mut begun = rows.get(..count).unwrap_or(rows).to_vec();
    if let Some(last) = begun.last_mut().filter(|_| count < rows.len()) {
        let fits = last.ends_with('.') && width(last) + 2 <= columns;
        let end = last.rfind(". ").filter(|_| !fits);
        let whole = end.and_then(|end| last.get(..=end)).unwrap_or(last);
        *last = fit(&format!("{whole} …"), columns).into_owned();
    }
    begun
}

/// Writes rows from the top; answers the first free one.
fn write(buffer: &mut Buffer, area: Rect, rows: &[String], style: Style) -> u16 {
    for (y, row) in (area.y..area.bottom()).zip(rows) {
        put(buffer, area.x, y, area.width, Side::Left, row, style);
    }
    area.y.saturating_add(u16::try_from(rows.len()).unwrap_or(u16::MAX)).min(area.bottom())
}

/// A button: its word, whether it is chosen, and the key that does what it says; without one it has its place, and is dim.
type Button<'a> = (&'a str, bool, Option<KeyCode>);

/// Draws buttons on the last row, from the right; the chosen one is pointed at and coloured. Answers where they are.
fn buttons(buffer: &mut Buffer, area: Rect, look: &Look, buttons: &[Button<'_>]) -> Vec<Spot> {
    let Some(y) = area.bottom().checked_sub(1).filter(|y| *y >= area.y) else { return Vec::new() };
    let total: usize = buttons.iter().map(|(label, ..)| width(label) + 5).sum();
    let mut x = area.right().saturating_sub(u16::try_from(total).unwrap_or(u16::MAX)).max(area.x);
    let mut spots = Vec::new();
    for (label, chosen, key) in buttons {
        let text = if *chosen { format!(" ▸ {label} ") } else { format!("   {label} ") };
        let columns = u16::try_from(width(&text)).unwrap_or(0).min(area.right().saturating_sub(x));
        let style = match key {
            Some(_) if *chosen => look.theme.button,
            Some(_) => look.theme.quiet,
            None => look.theme.border.add_modifier(Modifier::DIM),
        };
        put(buffer, x, y, columns, Side::Left, &text, style);
        spots.extend(key.map(|key| Spot { area: Rect { x, y, width: columns, height: 1 }, hit: Hit::Press(key) }));
        x = x.saturating_add(columns + 1);
    }
    spots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_begun_ends_behind_a_whole_sentence_and_keeps_those_that_fit() {
        let begins = |row: &str, columns| begun(&[row.to_owned(), "more".to_owned()], 1, columns);
        assert_eq!(begins("It is final. The objects go.", 40), ["It is final. The objects go. …"]);
        assert_eq!(begins("It is final. The objects go.", 29), ["It is final. …"]);
        assert_eq!(begins("It is final. The objects", 40), ["It is final. …"]);
        assert_eq!(begins("beneath docs/: 3 objects", 40), ["beneath docs/: 3 objects …"]);
    }
}
