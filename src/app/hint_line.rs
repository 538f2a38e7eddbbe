//! What stands where in the line at the bottom: the filter being typed, keys that wait for more, and the hints that fit, of
//! which the last, where help is found or the way out, is always there. Drawing and clicking share it.

use std::ops::Range;

use ratatui::layout::Rect;

use super::App;
use super::hints::Hint;
use super::spots::{Hit, Spot};
use crate::domain::display::{display, width};

/// Blank columns between two hints.
const GAP: u16 = 2;

/// Columns of the filter being typed.
const FILTER: u16 = 28;

/// The line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintLine {
    area: Rect,
    /// Where the filter is typed, while it is.
    pub filter: Option<Rect>,
    /// Keys pressed so far, as shown, and their first column.
    pub pending: Option<(u16, String)>,
    /// The hints that fit, with the columns they take.
    pub hints: Vec<(Range<u16>, Hint)>,
}

impl App {
    /// What stands where in the hint line.
    pub fn hint_line(&self) -> HintLine {
        let area = self.layout().hints;
        let mut line = HintLine { area, filter: None, pending: None, hints: Vec::new() };
        let mut x = area.x + 1;
        if self.typing().is_some() {
            let field = Rect { x: x + 1, width: FILTER.min(area.width.saturating_sub(3)), ..area };
            x = field.right() + GAP;
            line.filter = Some(field);
        }
        let pending = self.pending();
        if !pending.is_empty() {
            let end = x.saturating_add(columns(&pending));
            line.pending = Some((x, pending));
            x = end.saturating_add(GAP);
        }
        line.place(x, self.hints());
        line
    }
}

impl HintLine {
    fn place(&mut self, mut x: u16, mut hints: Vec<Hint>) {
        let Some(last) = hints.pop() else { return };
        let right = self.area.right();
        for hint in hints {
            let end = x.saturating_add(needed(&hint));
            if end.saturating_add(GAP).saturating_add(needed(&last)) > right {
                break;
            }
            self.hints.push((x..end, hint));
            x = end + GAP;
        }
        let end = x.saturating_add(needed(&last));
        if end <= right {
            self.hints.push((x..end, last));
        }
    }

    /// Where the hints take clicks.
    pub fn spots(&self) -> Vec<Spot> {
        let spot = |(columns, hint): &(Range<u16>, Hint)| {
            let width = columns.end.saturating_sub(columns.start);
            Spot { area: Rect { x: columns.start, width, ..self.area }, hit: Hit::Hint(hint.clone()) }
        };
        self.hints.iter().map(spot).collect()
    }
}

fn needed(hint: &Hint) -> u16 {
    columns(&hint.keys).saturating_add(columns(&hint.text)).saturating_add(1)
}

fn columns(text: &str) -> u16 {
    u16::try_from(width(&display(text))).unwrap_or(u16::MAX / 4)
}
