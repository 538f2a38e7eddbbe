//! Draws the keys of a dialog over it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Drawn, open_box};
use crate::app::Dialog;
use crate::domain::display::width;
use crate::ui::columns::{Side, put};
use crate::ui::{Look, ascii};

/// Draws them; where there is no room for all, the last ones go.
pub fn draw(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &Dialog) -> Drawn {
    let spelt = |keys: &str| if look.ascii { ascii::spelt(keys) } else { keys.to_owned() };
    let keys: Vec<(String, &str)> = dialog.keys().into_iter().map(|(keys, does)| (spelt(keys), does)).collect();
    let inner = open_box(buffer, screen, look, "Keys of this dialog", keys.len(), look.theme.border_focus);
    let widest = keys.iter().map(|(keys, _)| width(keys)).max().unwrap_or(0);
    let column = u16::try_from(widest + 2).unwrap_or(u16::MAX).min(inner.width);
    for (y, (keys, does)) in (inner.y..inner.bottom()).zip(&keys) {
        put(buffer, inner.x, y, column, Side::Left, keys, look.theme.accent);
        put(buffer, inner.x + column, y, inner.width - column, Side::Left, does, look.theme.text);
    }
    Drawn::around(inner)
}
