//! Dialogs with lines to fill in, all drawn alike: what it is about, the lines with their names on the left, why what was
//! filled in will not do, and what is to be known.

use chrono::{DateTime, Utc};
use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Drawn, begun, input, open_box, room, rows_of, write};
use crate::app::dialog::newcomer::Stage;
use crate::app::dialog::{Form, LimitsDialog, Line, NewcomerDialog, RequestDialog, Shown, TreeDialog};
use crate::app::{Hit, Spot};
use crate::domain::display::width;
use crate::ui::columns::{Side, put};
use crate::ui::theme::{Theme, over};
use crate::ui::{Cursor, Look};

/// Columns of the names before what is filled in.
const NAMES: u16 = 19;

/// A dialog with a form.
struct Sheet<'a> {
    title: &'a str,
    above: Vec<String>,
    form: &'a Form,
    /// What has become of it, beneath what is wrong.
    said: Vec<String>,
    notes: Vec<String>,
    /// Nothing can be typed now.
    working: bool,
}

/// What somebody else is to upload.
pub fn request(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &RequestDialog) -> Drawn {
    let place = format!("to {}/{} (profile {})", dialog.profile.bucket, dialog.prefix, dialog.profile.name);
    let what =
        "Whoever has the URL may upload such a file; the bucket refuses another type, and another size if given.";
    let sheet = Sheet::new("Have somebody upload", &dialog.form);
    Sheet { notes: vec![place, what.into()], ..sheet }.draw(buffer, screen, look)
}

/// The limits of a profile.
pub fn limits(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &LimitsDialog) -> Drawn {
    let title = format!("Limits of {}", dialog.profile.name);
    let note = "In force at once, until Windlass ends. 512K, 10M or 1G bytes a second; 0 is no limit.";
    let beside = "Files below 1 MiB and deletes go beside large ones; bytes a second hold for all.";
    Sheet { notes: vec![beside.into(), note.into()], ..Sheet::new(&title, &dialog.form) }.draw(buffer, screen, look)
}

/// A whole folder or prefix.
pub fn tree(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &TreeDialog, now: DateTime<Utc>) -> Drawn {
    let (above, notes) = (dialog.lines(), dialog.notes(now));
    Sheet { above, notes, ..Sheet::new(&dialog.title, &dialog.form) }.draw(buffer, screen, look)
}

/// A new profile.
pub fn newcomer(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &NewcomerDialog) -> Drawn {
    let said = match &dialog.stage {
        Stage::Typing | Stage::Emptying => Vec::new(),
        Stage::Trying(_) => vec!["asking bucket and database …".into()],
        Stage::Refused(reasons) => reasons.iter().cloned().chain(["^s saves it all the same.".into()]).collect(),
        Stage::Saving => vec!["writing the configuration file …".into()],
    };
    let working = matches!(dialog.stage, Stage::Trying(_) | Stage::Saving);
    let sheet = Sheet::new("New profile", &dialog.form);
    Sheet { said, working, notes: vec![dialog.note()], ..sheet }.draw(buffer, screen, look)
}

impl<'a> Sheet<'a> {
    fn new(title: &'a str, form: &'a Form) -> Self {
        Self { title, form, above: Vec::new(), said: Vec::new(), notes: Vec::new(), working: false }
    }

    /// Draws it. What is filled in matters most where there is no
    /// room for everything, but why Enter did nothing has up to half of it: the line that takes the keys stays in sight.
    fn draw(&self, buffer: &mut Buffer, screen: Rect, look: &Look) -> Drawn {
        let (theme, columns) = (&look.theme, room(screen));
        let wrong: Vec<String> = self.form.problem.iter().chain(&self.said).cloned().collect();
        let wrong = rows_of(&wrong, columns);
        let (above, notes) = (rows_of(&self.above, columns), rows_of(&self.notes, columns));
        let apart = |rows: &[String]| if rows.is_empty() { 0 } else { rows.len() + 1 };
        let lines = self.form.lines().len();
        let wanted = apart(&above) + lines + apart(&wrong) + apart(&notes);
        let inner = open_box(buffer, screen, look, self.title, wanted, theme.border_focus);

        let mut spare = usize::from(inner.height).saturating_sub(lines);
        let of_wrong = wrong.len().min(spare.max(usize::from(inner.height / 2)));
        let wrong = begun(&wrong, of_wrong, columns.into());
        spare = spare.saturating_sub(of_wrong);
        let mut take = |rows: usize| {
            let taken = rows.min(spare);
            spare -= taken;
            u16::try_from(taken).unwrap_or(0)
        };
        let (of_above, gap) = (take(apart(&above)), take(1));
        let of_wrong = u16::try_from(of_wrong).unwrap_or(0);
        let mut left = inner;
        let shown = begun(&above, of_above.into(), columns.into());
        write(buffer, split(&mut left, of_above), &shown, theme.text);
        let shown = u16::try_from(lines).unwrap_or(u16::MAX).min(left.height.saturating_sub(of_wrong));
        let mut drawn = filled(buffer, split(&mut left, shown), theme, self.form);
        if of_wrong > 0 {
            split(&mut left, gap);
        }
        let style = if self.working { theme.accent } else { theme.bad };
        write(buffer, split(&mut left, of_wrong), &wrong, style);
        if left.height > 1 {
            split(&mut left, 1);
            write(buffer, left, &notes, theme.quiet);
        }
        if self.working {
            drawn = Drawn::default();
        }
        Drawn { area: Drawn::around(inner).area, ..drawn }
    }
}

/// So many rows from the top.
fn split(area: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    let top = Rect { height: rows, ..*area };
    *area = Rect { y: area.y + rows, height: area.height - rows, ..*area };
    top
}

/// Draws the lines; where there is no room for all, the one that takes the keys stays in sight.
fn filled(buffer: &mut Buffer, area: Rect, theme: &Theme, form: &Form) -> Drawn {
    let first = (form.at() + 1).saturating_sub(area.height.into());
    let mut drawn = Drawn::default();
    for (y, (index, line)) in (area.y..area.bottom()).zip(form.lines().iter().enumerate().skip(first)) {
        let (here, area) = (index == form.at(), Rect { y, height: 1, ..area });
        drawn.spots.push(Spot { area, hit: Hit::Line(index) });
        let cursor = row(buffer, area, theme, line, here);
        if here {
            drawn.cursor = cursor;
            drawn.spots.extend(arrows(area, line));
        }
    }
    drawn
}

/// The arrows around the word that is chosen.
fn arrows(area: Rect, line: &Line) -> Vec<Spot> {
    let Shown::Chosen(word) = line.shown() else { return Vec::new() };
    let wide = u16::try_from(width(word)).unwrap_or(u16::MAX);
    let places = [(0, KeyCode::Left), (wide.saturating_add(3), KeyCode::Right)];
    let spot = |(column, code)| {
        let x = area.x.saturating_add(NAMES).saturating_add(column);
        Spot { area: Rect { x, width: 1, ..area }, hit: Hit::Press(code) }
    };
    places.map(spot).to_vec()
}

/// One line: its name, and what was typed or chosen.
fn row(buffer: &mut Buffer, area: Rect, theme: &Theme, line: &Line, here: bool) -> Cursor {
    let names = NAMES.min(area.width);
    let style = match (line.wrong, here) {
        (true, _) => theme.bad,
        (false, true) => theme.accent,
        (false, false) => theme.quiet,
    };
    put(buffer, area.x, area.y, names, Side::Left, &line.label(), style);
    let room = Rect { x: area.x + names, width: area.width - names, ..area };
    let text = |buffer: &mut Buffer, text: &str, style: Style| {
        put(buffer, room.x, room.y, room.width, Side::Left, text, style);
    };
    match line.shown() {
        Shown::Chosen(word) if here => text(buffer, &format!("← {word} →"), theme.accent),
        Shown::Chosen(word) => text(buffer, word, theme.text),
        Shown::Offered(offered) => {
            let offered = tui_input::Input::new(offered);
            // As what is selected in a form of any other program: it goes with the first letter.
            let style = if here { over(theme.text, theme.cursor) } else { theme.text };
            return input::draw(buffer, room, style, &offered);
        }
        Shown::Typed(typed) => {
            if typed.value().is_empty() {
                text(buffer, line.empty, theme.border);
            }
            return input::draw(buffer, room, theme.text, &typed);
        }
    }
    None
}
