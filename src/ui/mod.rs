//! Draws the application: [`view`] takes it as it is, changes nothing and waits for nothing. One file an area; every
//! text from outside goes through `domain::display`, and only rows in sight are looked at.

mod ascii;
mod columns;
mod depth;
mod dialogs;
mod header;
mod hints;
mod hits;
mod inspector;
mod keys;
mod list;
mod local;
mod notices;
mod pane;
mod picture;
mod progress;
mod remote;
mod summary;
mod theme;
mod transfers;
mod welcome;
mod wide;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use crate::app::{App, Layout, Pane, Spot};
use crate::domain::HomeFolder;
pub use depth::Depth;
pub use theme::{Palette, Theme};

use pane::{Cut, Piece};

/// How everything looks; chosen once at the start.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The colours.
    pub theme: Theme,
    /// For fonts that have no lines and arrows.
    pub ascii: bool,
    /// How many colours there are, for pictures.
    pub depth: Depth,
    /// The user's home folder, shown as `~`.
    pub home: HomeFolder,
}

impl Look {
    /// The first two pieces of a pane's title: its number and its name.
    fn title<'a>(&self, number: &'a str, name: &'a str, focused: bool) -> [Piece<'a>; 2] {
        let style = if focused { self.theme.accent } else { self.theme.text };
        [(number, self.theme.quiet), (name, style)].map(|(text, style)| Piece { text, style, cut: Cut::Beginning })
    }

    /// The border's style.
    fn border(&self, focused: bool) -> Style {
        if focused { self.theme.border_focus } else { self.theme.border }
    }
}

/// Draws everything; answers what a click on the dialog that is open, or on the hint line, hits.
pub fn view(app: &App, look: &Look, frame: &mut Frame) -> Vec<Spot> {
    let area = frame.area();
    let layout = app.layout();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, look.theme.ground);
    buffer.set_style(area, look.theme.text);
    // The application may not know yet that the window has another size: it draws once the message has come.
    if app.size() != area.as_size() {
        return Vec::new();
    }
    header::draw(buffer, layout.header, look, app);
    draw_panes(buffer, &layout, app, look);
    let (mut cursor, mut spots) = hints::draw(buffer, layout.hints, look, app);
    if let Some(dialog) = app.dialog() {
        let drawn = dialogs::draw(buffer, area, look, app, dialog);
        // A dialog stands on calm ground: what is said meanwhile has one row for its time.
        if let Some(notice) = app.notices().meanwhile() {
            notices::line(buffer, beside(&layout, drawn.area), look, notice);
        }
        cursor = drawn.cursor;
        spots.extend(drawn.spots);
    } else {
        let floor = notices_floor(&layout);
        notices::draw(buffer, floor, look, app.keymap(), app.notices().shown(), app.cursor_row(), app.now());
    }
    if look.ascii {
        ascii::flatten(buffer);
    }
    wide::cover(buffer);
    if look.theme.ground.bg.is_some() {
        calm(buffer);
    }
    if let Some(position) = cursor.filter(|position| area.contains(*position)) {
        frame.set_cursor_position(position);
    }
    spots
}

/// A row that neither a dialog nor its keys nor the header have: above the dialog or below it; the header's where it leaves
/// none.
fn beside(layout: &Layout, dialog: Rect) -> Rect {
    let free = |y: &u16| *y > layout.header.y && *y < layout.hints.y && !(dialog.y..dialog.bottom()).contains(y);
    let rows = [layout.header.bottom(), layout.hints.y.saturating_sub(1)];
    rows.into_iter().find(free).map_or(layout.header, |y| Rect { y, ..layout.header })
}

/// Gives blanks the colour of the text before them, which nobody sees: on ground of the theme's own every cell is sent, and a
/// change of colour costs more bytes than ten of them.
fn calm(buffer: &mut Buffer) {
    let told = Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT;
    let columns = usize::from(buffer.area.width).max(1);
    for row in buffer.content.chunks_mut(columns) {
        let mut before = None;
        for cell in row {
            if cell.symbol() == " " && !cell.modifier.intersects(told) {
                cell.fg = before.unwrap_or(cell.fg);
            }
            before = Some(cell.fg);
        }
    }
}

/// Where the terminal's own cursor is to be shown, if at all.
type Cursor = Option<Position>;

fn draw_panes(buffer: &mut Buffer, layout: &Layout, app: &App, look: &Look) {
    let focus = |pane| app.focus() == pane && app.dialog().is_none();
    if let Some(area) = layout.local {
        local::draw(buffer, area, look, app.keymap(), app.browser(), focus(Pane::Local), app.now());
    }
    if let Some(area) = layout.remote {
        remote::draw(buffer, area, look, app, focus(Pane::Remote));
    }
    if let Some(area) = layout.inspector {
        inspector::draw(buffer, area, look, app);
    }
    if let Some(area) = layout.transfers {
        transfers::draw(buffer, area, look, app.saying(), app.transfers(), layout.held, focus(Pane::Transfers));
    }
}

/// Notices stand on the lower border of the file panes, where lists are most often empty.
fn notices_floor(layout: &Layout) -> Rect {
    let files = layout.local.or(layout.remote).or(layout.inspector).or(layout.transfers).unwrap_or(layout.hints);
    Rect { x: 0, width: layout.hints.width, ..files }
}
