//! The inspector as rows, so many columns wide: the fields, then what is seen of the bytes. One offset scrolls over all of
//! it; only the rows in sight are made.

use super::folding::{Facts, folded};
use super::preview::{Seen, Shown};
use super::wrapping::wrapped;
use super::{Field, Inspector, Tone};
use crate::action::Action;
use crate::app::App;
use crate::domain::display::{display, wrap};
use crate::domain::picture::Rgb;
use crate::domain::preview::{Ink, hex_row};

/// Columns of the names on the left, with the gap behind them.
pub const NAMES: u16 = 9;

/// How many screenfuls before the end the next window is asked for.
const AHEAD: usize = 2;

/// A row, fit for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InspectorRow {
    /// A piece of a field; the name is empty where it goes on with the row above.
    Field {
        /// What it tells.
        name: &'static str,
        /// The piece.
        text: String,
        /// How it is meant.
        tone: Tone,
    },
    /// What the bytes are: the heading of the preview. Behind it, how many fields there are that are not shown, and how to
    /// see them; nothing where all are.
    Heading(String, String),
    /// A piece of a line, in its inks.
    Text(Vec<(Ink, String)>),
    /// A row of bytes: where it begins, the numbers, the letters.
    Hex(String, String, String),
    /// Something that the bytes say about themselves.
    Fact(String, String),
    /// Cells of a picture: the colours of the upper and of the lower half, which may be beyond its end.
    Blocks(Vec<(Rgb, Option<Rgb>)>),
    /// What stands behind the last row.
    Remark(String),
}

impl App {
    /// The rows in sight, so many columns wide.
    pub fn inspector_rows(&self, columns: u16, most: usize) -> Vec<InspectorRow> {
        let document = self.document(columns, most);
        // What is shown may have become less since it was scrolled.
        let offset = self.inspector().map_or(0, |inspector| inspector.offset.min(document.furthest(most)));
        (offset..document.len()).flat_map(|item| document.item(item)).take(most).collect()
    }

    /// How far it is scrolled, and how far it can be, in so many columns and rows.
    pub fn inspector_scrolled(&self, columns: u16, rows: usize) -> (usize, usize) {
        let furthest = self.document(columns, rows).furthest(rows);
        (self.inspector().map_or(0, |inspector| inspector.offset.min(furthest)), furthest)
    }

    /// Scrolls the inspector; never beyond what leaves the last page full. Above what is folded stand all the fields.
    pub(in crate::app) fn scroll_inspector(&mut self, steps: isize) {
        let (columns, rows) = self.inspector_room();
        let document = self.document(columns, rows);
        let (furthest, is_folded) = (document.furthest(rows), document.unshown > 0);
        let Some(inspector) = &mut self.inspector else { return };
        if steps < 0 && inspector.offset == 0 && is_folded {
            inspector.facts = Facts::All;
        }
        inspector.offset = inspector.offset.saturating_add_signed(steps).min(furthest);
    }

    /// Asks for the next window where what is shown comes near the end of what was read.
    pub(in crate::app) fn preview_on(&mut self) {
        let (columns, rows) = self.inspector_room();
        let Some(offset) = self.inspector().filter(|inspector| inspector.seen.goes_on()).map(|seen| seen.offset) else {
            return;
        };
        let near = offset + (AHEAD + 1) * rows >= self.document(columns, rows).len();
        if let Some(inspector) = &mut self.inspector {
            inspector.read_on(near, &mut self.out);
        }
    }

    /// Columns and rows inside the inspector.
    pub(super) fn inspector_room(&self) -> (u16, usize) {
        let area = self.layout().inspector.unwrap_or_default();
        (text_columns(area.width.saturating_sub(2)), usize::from(area.height.saturating_sub(2)))
    }

    /// Rows that stand above the picture, where all of it is in sight.
    pub(super) fn above_picture(&self) -> Option<usize> {
        let (columns, rows) = self.inspector_room();
        let (document, inspector) = (self.document(columns, rows), self.inspector()?);
        let above = (document.fields.len() + 1 + inspector.seen.facts()).checked_sub(inspector.offset)?;
        (above + inspector.seen.canvas.len() <= rows).then_some(above)
    }

    fn document(&self, columns: u16, rows: usize) -> Document<'_> {
        static NOTHING: Seen = Seen::NOTHING;
        let seen = self.inspector().map_or(&NOTHING, |inspector| &inspector.seen);
        let mut document = Document { fields: Vec::new(), unshown: 0, hint: String::new(), seen, columns };
        let Some(inspector) = self.inspector().filter(|inspector| !inspector.is_preview_alone()) else {
            return document;
        };
        let fields = self.fields();
        document.fields = field_rows(&fields, columns);
        if inspector.folds(document.fields.len(), rows) {
            document.fields = folded(&fields, columns, rows);
            document.unshown = fields.len();
            let key = self.keymap.short_label(self.place(), Action::PreviewUp);
            document.hint = key.map_or_else(String::new, |key| format!("{key} all {} facts", fields.len()));
        }
        document
    }
}

impl Inspector {
    /// Whether that many rows of fields leave the preview too little of all rows.
    fn folds(&self, fields: usize, rows: usize) -> bool {
        self.facts == Facts::AsFits && self.has_bytes() && fields + self.seen.wanted(rows) > rows
    }
}

/// Columns of text in a pane that is so wide inside its borders: a blank one stands on each side.
pub fn text_columns(inside: u16) -> u16 {
    inside.saturating_sub(2)
}

fn field_rows(fields: &[Field], columns: u16) -> Vec<InspectorRow> {
    let room = columns.saturating_sub(NAMES).max(1);
    let rows = |field: &Field| {
        let pieces = wrap(&display(&field.text), room);
        let (name, tone) = (field.name, field.tone);
        let named = move |(index, text)| InspectorRow::Field { name: if index == 0 { name } else { "" }, text, tone };
        pieces.into_iter().enumerate().map(named).collect::<Vec<_>>()
    };
    fields.iter().flat_map(rows).collect()
}

/// Everything that there is to scroll over. An item is one row, or one line of text, which takes as many as it needs.
struct Document<'a> {
    fields: Vec<InspectorRow>,
    /// How many fields there are in truth, where only the most important ones are shown; else 0.
    unshown: usize,
    /// How to see them.
    hint: String,
    seen: &'a Seen,
    columns: u16,
}

impl Document<'_> {
    /// How many items there are.
    fn len(&self) -> usize {
        self.fields.len() + self.heading().map_or(0, |_| 1 + self.body() + usize::from(self.seen.end().is_some()))
    }

    /// What stands over the preview.
    fn heading(&self) -> Option<String> {
        Some(match &self.seen.shown {
            Shown::Nothing => return None,
            Shown::Reading => "reading …".into(),
            Shown::Failed(_) => "not readable".into(),
            Shown::Hex(what, _) if what.is_empty() => "bytes".into(),
            Shown::Text(what, _) | Shown::Hex(what, _) | Shown::Facts(what, _) => what.clone(),
        })
    }

    /// Items of the preview.
    fn body(&self) -> usize {
        match &self.seen.shown {
            Shown::Nothing | Shown::Reading => 0,
            Shown::Failed(_) => 1,
            Shown::Text(_, lines) => lines.len(),
            Shown::Hex(_, bytes) => bytes.len().div_ceil(self.bytes_a_row()),
            Shown::Facts(_, facts) => facts.len() + self.seen.canvas.len(),
        }
    }

    /// The rows of an item.
    fn item(&self, item: usize) -> Vec<InspectorRow> {
        let Some(behind) = item.checked_sub(self.fields.len()) else {
            return self.fields.get(item).cloned().into_iter().collect();
        };
        match behind.checked_sub(1) {
            None => self.heading().map(|text| InspectorRow::Heading(text, self.hint.clone())).into_iter().collect(),
            Some(row) if row < self.body() => self.body_rows(row),
            Some(_) => self.seen.end().map(|end| self.remark(&end)).unwrap_or_default(),
        }
    }

    fn body_rows(&self, row: usize) -> Vec<InspectorRow> {
        match &self.seen.shown {
            Shown::Nothing | Shown::Reading => Vec::new(),
            Shown::Failed(failure) => self.remark(&failure.sentence()),
            Shown::Text(_, lines) => wrapped(lines.line(row), usize::from(self.columns.max(1))),
            Shown::Hex(_, bytes) => {
                let wide = self.bytes_a_row();
                let from = row * wide;
                let shown = bytes.get(from..bytes.len().min(from + wide)).unwrap_or_default();
                let (from, numbers, letters) = hex_row(from as u64, shown, wide);
                vec![InspectorRow::Hex(from, numbers, letters)]
            }
            Shown::Facts(_, facts) => match facts.get(row) {
                Some((name, value)) => vec![InspectorRow::Fact(name.clone(), value.clone())],
                None => self.canvas_rows(row - facts.len()),
            },
        }
    }

    fn canvas_rows(&self, row: usize) -> Vec<InspectorRow> {
        self.seen.canvas.row(row).map_or_else(|remark| self.remark(remark), |row| vec![row])
    }

    fn remark(&self, text: &str) -> Vec<InspectorRow> {
        wrap(&display(text), self.columns).into_iter().map(InspectorRow::Remark).collect()
    }

    /// Bytes that fit side by side, as numbers and as letters, with the place before them.
    fn bytes_a_row(&self) -> usize {
        match self.columns {
            76.. => 16,
            42.. => 8,
            _ => 4,
        }
    }

    /// The item to begin with so that the last one is at the bottom of so many rows.
    fn furthest(&self, rows: usize) -> usize {
        let (mut first, mut left) = (self.len(), rows);
        while let Some(before) = first.checked_sub(1) {
            let Some(rest) = left.checked_sub(self.item(before).len()) else { break };
            (first, left) = (before, rest);
        }
        // A line that is longer than the screen is still shown, from its beginning.
        first.min(self.len().saturating_sub(1))
    }
}
