//! Questions with yes and no, and questions for a line of text.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Button, Drawn, begun, buttons, input, open_box, room, rows_of, write};
use crate::app::dialog::confirm::{Told, furthest};
use crate::app::dialog::{BeneathDialog, Confirm, Prompt};
use crate::app::layout::box_rows;
use crate::app::{Hit, Spot};
use crate::domain::display::{display, width, wrap};
use crate::domain::format;
use crate::ui::Look;
use crate::ui::columns::{Side, put};
use crate::ui::keys::fit_key;

/// The button that leaves all as it is, where it is chosen.
const fn no(chosen: bool) -> Button<'static> {
    ("No", chosen, Some(KeyCode::Char('n')))
}

/// Draws a question with yes and no, neither of them chosen before it listens.
pub fn confirm(buffer: &mut Buffer, screen: Rect, look: &Look, confirm: &Confirm, listens: bool) -> Drawn {
    asked(buffer, screen, look, confirm, listens, true)
}

/// Draws the question before everything beneath prefixes goes: yes is not to be had before it is known what goes, but has
/// its place, so that no is never where yes comes to stand.
pub fn beneath(buffer: &mut Buffer, screen: Rect, look: &Look, beneath: &BeneathDialog, listens: bool) -> Drawn {
    asked(buffer, screen, look, &beneath.question, listens, beneath.is_ready())
}

fn asked(buffer: &mut Buffer, screen: Rect, look: &Look, confirm: &Confirm, listens: bool, ready: bool) -> Drawn {
    let (inner, more) = question(buffer, screen, look, confirm);
    let chosen = confirm.yes && ready;
    let yes = (&*capital(confirm.verb), listens && chosen, ready.then_some(KeyCode::Char('y')));
    Drawn::around(inner).hits(buttons(buffer, inner, look, &[no(listens && !chosen), yes])).hits(more)
}

/// Draws a question but for its buttons; answers the room that it has, and where it can be read on.
fn question(buffer: &mut Buffer, screen: Rect, look: &Look, confirm: &Confirm) -> (Rect, Option<Spot>) {
    let facts = confirm.sentences(&look.home, room(screen));
    let border = if confirm.danger { look.theme.bad } else { look.theme.border_focus };
    let wanted = facts.iter().map(Vec::len).sum::<usize>() + named(confirm, usize::MAX, 0).len() + 2;
    let inner = open_box(buffer, screen, look, &confirm.title, wanted, border);
    let above = above_buttons(inner);
    let rows = confirm.rows(&look.home, room(screen));
    let furthest = furthest(rows.len(), above.height.into());
    let more = (furthest > 0).then(|| read_on(buffer, inner, look, confirm.read >= furthest));
    if let Some(passed) = confirm.read.min(furthest).checked_sub(1) {
        told(buffer, above, look, &rows, passed);
        return (inner, more);
    }
    // Where something happens matters more than what all the names are, but one of those is always shown.
    let room = usize::from(above.height).saturating_sub(usize::from(needs_names(confirm)));
    let facts = in_room(&facts, room, above.width);
    let y = write(buffer, above, &facts, look.theme.text);
    let below = Rect { y, height: above.bottom() - y, ..above };
    let names = named(confirm, below.height.into(), below.width.into());
    write(buffer, below, &names, look.theme.accent);
    (inner, more)
}

/// Draws a question as it is, from a row on.
fn told(buffer: &mut Buffer, area: Rect, look: &Look, rows: &[Told], passed: usize) {
    for (y, row) in (area.y..area.bottom()).zip(rows.iter().skip(passed)) {
        let (text, style) = match row {
            Told::Fact(text) => (Cow::from(text), look.theme.text),
            Told::Name(name) => (fit_key(&display(name), area.width.into()).into_owned().into(), look.theme.accent),
            Told::More(text) => (Cow::from(text), look.theme.accent),
        };
        put(buffer, area.x, y, area.width, Side::Left, &text, style);
    }
}

/// Says beside the buttons that there is more, or that this is its end.
fn read_on(buffer: &mut Buffer, inner: Rect, look: &Look, ended: bool) -> Spot {
    let (key, text) = if ended { ('k', "k: back") } else { ('j', "j: more") };
    let area = Rect { y: inner.bottom().saturating_sub(1), width: 7.min(inner.width), height: 1, ..inner };
    put(buffer, area.x, area.y, area.width, Side::Left, text, look.theme.accent);
    Spot { area, hit: Hit::Press(KeyCode::Char(key)) }
}

/// Whether only the names tell what it is about: a single one may stand in the title.
fn needs_names(confirm: &Confirm) -> bool {
    let is_in_title = |name: &String| confirm.count == 1 && confirm.title.contains(name.as_str());
    confirm.count > 0 && !confirm.names.first().is_some_and(is_in_title)
}

/// Sentences on so many rows: where they need more, each has its first one, as far as there are any, and those before are
/// told further than those behind.
pub(super) fn in_room(lines: &[Vec<String>], room: usize, columns: u16) -> Vec<String> {
    let mut spare = room.saturating_sub(lines.len());
    let taken = lines.iter().take(room).flat_map(|rows| {
        let taken = rows.len().min(1 + spare);
        spare -= taken.saturating_sub(1);
        begun(rows, taken, columns.into())
    });
    taken.collect()
}

/// The names on so many rows, a row each, and how many there are besides: on a row of its own where that leaves room for
/// all names that are known, else behind the last one.
fn named(confirm: &Confirm, rows: usize, columns: usize) -> Vec<String> {
    let shown = confirm.names.len().min(rows.max(1));
    let rest = confirm.count.saturating_sub(shown);
    let more = format!("and {} more", format::count(rest as u64));
    let apart = rest > 0 && shown < rows;
    let names = confirm.names.iter().take(shown).enumerate().map(|(index, name)| {
        let name = display(name);
        match rest > 0 && !apart && index + 1 == shown {
            true => format!("{} {more}", fit_key(&name, columns.saturating_sub(width(&more) + 1))),
            false => fit_key(&name, columns).into_owned(),
        }
    });
    names.chain(apart.then(|| format!("… {more}"))).collect()
}

fn above_buttons(inner: Rect) -> Rect {
    Rect { height: inner.height.saturating_sub(1), ..inner }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Draws a question for a line of text.
pub fn prompt(buffer: &mut Buffer, screen: Rect, look: &Look, prompt: &Prompt, now: DateTime<Utc>) -> Drawn {
    let theme = &look.theme;
    let problem = prompt.problem().map_or_else(Vec::new, |problem| wrap(&display(problem), room(screen)));
    let rows = above(prompt, problem.len(), screen);
    let is_full = rows.len() + problem.len() + 1 >= inside(screen) && !problem.is_empty();
    let blank = usize::from(!rows.is_empty() && !is_full);
    let notes = rows_of(&prompt.notes(now), room(screen));
    let inner = open_box(
        buffer,
        screen,
        look,
        &prompt.title,
        rows.len() + blank + 1 + notes.len() + problem.len(),
        theme.border_focus,
    );
    // What is typed matters most where there is no room for everything.
    let spare = inner.height.saturating_sub(1);
    let upper = Rect { height: spare.min(u16::try_from(rows.len()).unwrap_or(spare)), ..inner };
    let mut y = write(buffer, upper, &rows, theme.text);
    if y + 1 < inner.bottom() {
        y += u16::try_from(blank).unwrap_or(0);
    }
    put(buffer, inner.x, y, inner.width, Side::Left, prompt.label, theme.quiet);
    let taken = u16::try_from(width(prompt.label) + 1).unwrap_or(0).min(inner.width);
    let field = Rect { x: inner.x + taken, y, width: inner.width - taken, height: u16::from(y < inner.bottom()) };
    let below = Rect { y: y + 1, height: inner.bottom().saturating_sub(y + 1), ..inner };
    let y = write(buffer, below, &problem, theme.bad);
    let below = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
    write(buffer, below, &notes, theme.quiet);
    Drawn { cursor: input::draw(buffer, field, theme.text, &prompt.input), ..Drawn::around(inner) }
}

/// The sentences above the line. Why the text will not do matters more: where there is no room for both, the last ones go.
fn above(prompt: &Prompt, problem: usize, screen: Rect) -> Vec<String> {
    let fits = |rows: &Vec<String>| problem == 0 || rows.len() + 1 + problem <= inside(screen);
    let fewer = (0..=prompt.lines.len()).rev().filter_map(|count| prompt.lines.get(..count));
    fewer.map(|lines| rows_of(lines, room(screen))).find(fits).unwrap_or_default()
}

/// How many rows a box has at most.
fn inside(screen: Rect) -> usize {
    usize::from(box_rows(screen.height).saturating_sub(2))
}
