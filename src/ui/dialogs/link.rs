//! Links, whole: over the full width and without borders beside them, so that a mouse selects the link and nothing else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use super::write;
use crate::app::dialog::LinkDialog;
use crate::app::effect::Wanted;
use crate::domain::display::display;
use crate::domain::format;
use crate::ui::Look;
use crate::ui::columns::{Side, put};
use crate::ui::list::wrap;

/// Draws the links from `dialog.offset` on, as far as there is room.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &LinkDialog) {
    let body = body(dialog, screen.width);
    let wanted = u16::try_from(body.len()).unwrap_or(u16::MAX).saturating_add(4);
    let height = wanted.min(screen.height.saturating_sub(2));
    let area = Rect { y: screen.y + (screen.height - height) / 2, height, ..screen };
    Clear.render(area, buffer);
    rule(buffer, area, area.y, look, &title(dialog));
    let mut inner = Rect { y: area.y + 1, height: area.height.saturating_sub(3), ..area }.intersection(area);
    for line in body.iter().take(usize::from(inner.height)) {
        let style = if line.is_link { look.theme.text } else { look.theme.quiet };
        inner.y = write(buffer, Rect { height: 1, ..inner }, std::slice::from_ref(&line.text), style);
    }
    let foot = Rect { y: area.bottom().saturating_sub(2), height: 2.min(area.height), ..area }.intersection(area);
    put(buffer, foot.x + 1, foot.y, foot.width.saturating_sub(2), Side::Left, &said(dialog), look.theme.good);
    rule(buffer, area, area.bottom().saturating_sub(1), look, "");
}

/// A row of the body.
struct Line {
    text: String,
    is_link: bool,
}

fn body(dialog: &LinkDialog, columns: u16) -> Vec<Line> {
    let several = dialog.links.len() > 1;
    let mut lines = Vec::new();
    for link in dialog.links.iter().skip(dialog.offset) {
        let key = if several { display(&link.key).into_owned() } else { format!(" {}", display(&link.key)) };
        lines.push(Line { text: key, is_link: false });
        let whole = display(link.text.expose());
        lines.extend(wrap(&whole, columns).into_iter().map(|text| Line { text, is_link: true }));
    }
    lines
}

fn title(dialog: &LinkDialog) -> String {
    let noun = match dialog.wanted {
        Wanted::Presigned(_) => "link",
        Wanted::Public => "public URL",
        Wanted::Uri => "URI",
        Wanted::Curl(_) => "curl line",
    };
    match dialog.links.len() {
        1 => format!("The {noun}"),
        several => format!("{} {noun}s, from {}", format::count(several as u64), dialog.offset + 1),
    }
}

fn said(dialog: &LinkDialog) -> String {
    let parts = [dialog.said.as_deref(), dialog.good_for.as_deref()];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| display(part).into_owned()).collect();
    parts.join("; ")
}

fn rule(buffer: &mut Buffer, area: Rect, y: u16, look: &Look, title: &str) {
    let line = "─".repeat(usize::from(area.width));
    put(buffer, area.x, y, area.width, Side::Left, &line, look.theme.border_focus);
    if !title.is_empty() {
        put(buffer, area.x + 2, y, area.width.saturating_sub(4), Side::Left, &format!(" {title} "), look.theme.accent);
    }
}
