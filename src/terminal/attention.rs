//! How somebody who looks elsewhere is told that long work has ended: the terminal's bell, or a notice on the desktop by
//! OSC 9 (iTerm2's "Post a notification", which kitty, WezTerm, foot and Ghostty know too).

use crate::config::Notify;
use crate::domain::display::display;

/// Most characters of a notice; desktops show no more.
const LONGEST: usize = 200;

/// The control sequence, in the way that is set; `None` where nothing is to be told.
pub fn attention(notify: Notify, text: &str) -> Option<Vec<u8>> {
    match notify {
        Notify::Bell => Some(b"\x07".to_vec()),
        Notify::Osc9 => {
            let clean: String = display(text).chars().take(LONGEST).collect();
            Some(format!("\x1b]9;{clean}\x1b\\").into_bytes())
        }
        Notify::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_notice_ends_it_early() {
        let sent = attention(Notify::Osc9, "uploaded 1 of 1\x07\x1b]52;c;AAAA\x1b\\\u{9c}").unwrap();
        let text = String::from_utf8(sent).unwrap();
        let inside = text.strip_prefix("\x1b]9;uploaded 1 of 1").unwrap().strip_suffix("\x1b\\").unwrap();
        assert!(!inside.chars().any(char::is_control), "{inside:?}");
    }

    #[test]
    fn a_bell_rings_and_none_is_silent() {
        assert_eq!(attention(Notify::Bell, "done"), Some(b"\x07".to_vec()));
        assert_eq!(attention(Notify::None, "done"), None);
    }
}
