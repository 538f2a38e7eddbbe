//! `ascii = true`, for fonts that have no lines, bars and arrows: the finished frame is gone over once and every such
//! symbol replaced, so that nothing else has to know.

use ratatui::buffer::Buffer;

/// Replaces the symbols that poor fonts lack.
pub fn flatten(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some(plain) = plain(cell.symbol()) {
            cell.set_symbol(plain);
        }
    }
}

/// A row of keys with the arrow keys by their names.
pub fn spelt(keys: &str) -> String {
    keys.replace('↑', "Up").replace('↓', "Down").replace('←', "Left").replace('→', "Right")
}

fn plain(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "╭" | "╮" | "╰" | "╯" | "├" | "┤" => "+",
        "│" => "|",
        "─" => "-",
        "━" => "=",
        "╍" => "~",
        "≥" => ">",
        "▎" | "›" | "▸" => ">",
        "‹" => "<",
        "▏" => ".",
        "┃" => "#",
        "▾" => "v",
        "✓" => "*",
        "✗" | "×" => "x",
        "●" => "o",
        "○" | "·" => ".",
        "↑" => "^",
        "↓" => "v",
        "→" => ">",
        "←" => "<",
        "…" => "~",
        "⏸" => "=",
        _ => return None,
    })
}
