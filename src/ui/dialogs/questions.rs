//! Questions with yes and no, and questions for a line of text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{buttons, input, open_box, room, rows_of, write};
use crate::app::dialog::{Confirm, Prompt};
use crate::domain::display::{display, width};
use crate::ui::columns::{Side, put};
use crate::ui::list::wrap;
use crate::ui::{Cursor, Look};

/// Draws a question with yes and no.
pub fn confirm(buffer: &mut Buffer, screen: Rect, look: &Look, confirm: &Confirm) {
    let rows = rows_of(&confirm.lines, room(screen));
    let border = if confirm.danger { look.theme.bad } else { look.theme.border_focus };
    let inner = open_box(buffer, screen, look, &confirm.title, rows.len() + 2, border);
    write(buffer, above_buttons(inner), &rows, look.theme.text);
    buttons(buffer, inner, look, &[("No", !confirm.yes), (&capital(confirm.verb), confirm.yes)]);
}

fn above_buttons(inner: Rect) -> Rect {
    Rect { height: inner.height.saturating_sub(1), ..inner }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Draws a question for a line of text; answers where its cursor stands.
pub fn prompt(buffer: &mut Buffer, screen: Rect, look: &Look, prompt: &Prompt) -> Cursor {
    let theme = &look.theme;
    let rows = rows_of(&prompt.lines, room(screen));
    let problem = prompt.problem.as_deref().map_or_else(Vec::new, |problem| wrap(&display(problem), room(screen)));
    let blank = usize::from(!rows.is_empty());
    let inner =
        open_box(buffer, screen, look, &prompt.title, rows.len() + blank + 1 + problem.len(), theme.border_focus);
    // What is typed matters most where there is no room for everything.
    let spare = inner.height.saturating_sub(1);
    let above = Rect { height: spare.min(u16::try_from(rows.len()).unwrap_or(spare)), ..inner };
    let mut y = write(buffer, above, &rows, theme.text);
    if y + 1 < inner.bottom() {
        y += u16::try_from(blank).unwrap_or(0);
    }
    put(buffer, inner.x, y, inner.width, Side::Left, prompt.label, theme.quiet);
    let taken = u16::try_from(width(prompt.label) + 1).unwrap_or(0).min(inner.width);
    let field = Rect { x: inner.x + taken, y, width: inner.width - taken, height: u16::from(y < inner.bottom()) };
    let below = Rect { y: y + 1, height: inner.bottom().saturating_sub(y + 1), ..inner };
    write(buffer, below, &problem, theme.bad);
    input::draw(buffer, field, theme.text, &prompt.input)
}
