//! A mouse at the terminal: what it does comes as the sequences that xterm sends for it (SGR, mode 1006), at cells that a
//! test finds by what the screen shows there. Columns and rows count from 0; the sequences count from 1.

use super::pty::Person;

/// A cell of the screen: column and row.
pub type Cell = (u16, u16);

/// The left button as xterm numbers it.
const LEFT: u16 = 0;

/// Added while the mouse moves with a button down.
const MOVING: u16 = 32;

/// The wheel, up and down.
const WHEEL: (u16, u16) = (64, 65);

impl Person {
    /// The first cell of a text, from the top, once the screen shows it.
    pub fn place_of(&mut self, text: &str) -> Cell {
        self.sees(text);
        let rows = self.whole_rows();
        let found = rows.iter().enumerate().find_map(|(y, row)| Some((row.split_once(text)?.0.chars().count(), y)));
        let (x, y) = found.unwrap_or_else(|| panic!("{text:?} is not shown:\n{}", self.text()));
        (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
    }

    /// Clicks on a text, once the screen shows it.
    pub fn clicks_on(&mut self, text: &str) -> &mut Self {
        let cell = self.place_of(text);
        self.clicks(cell)
    }

    /// Presses the left button and lets go of it.
    pub fn clicks(&mut self, cell: Cell) -> &mut Self {
        self.types(&format!("{}{}", event(LEFT, cell, 'M'), event(LEFT, cell, 'm')))
    }

    /// Clicks twice on a text, once the screen shows it.
    pub fn double_clicks_on(&mut self, text: &str) -> &mut Self {
        let cell = self.place_of(text);
        let click = format!("{}{}", event(LEFT, cell, 'M'), event(LEFT, cell, 'm'));
        self.types(&click.repeat(2))
    }

    /// Turns the wheel by so many notches over a cell; backwards where they are negative.
    pub fn wheels(&mut self, cell: Cell, notches: i32) -> &mut Self {
        let wheel = if notches < 0 { WHEEL.0 } else { WHEEL.1 };
        self.types(&event(wheel, cell, 'M').repeat(notches.unsigned_abs() as usize))
    }

    /// Takes hold at one cell, moves to another and lets go.
    pub fn drags(&mut self, from: Cell, to: Cell) -> &mut Self {
        self.types(&format!("{}{}{}", event(LEFT, from, 'M'), event(LEFT + MOVING, to, 'M'), event(LEFT, to, 'm')))
    }
}

fn event(button: u16, (column, row): Cell, end: char) -> String {
    format!("\x1b[<{button};{};{}{end}", column + 1, row + 1)
}
