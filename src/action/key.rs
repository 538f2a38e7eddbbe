//! A key as a terminal reports it, as the keymap writes it, and as the screen shows it. Terminals differ in whether a
//! capital letter comes with Shift; one form is kept here, so that nobody else has to know.

use std::fmt::Write;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key press. Characters carry no Shift: it is in the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Control and Alt; Shift only where no character holds it.
    pub modifiers: KeyModifiers,
}

/// Keys with a name: how the keymap writes them, and how the screen shows them.
const NAMED: &[(KeyCode, &str, &str)] = &[
    (KeyCode::Up, "up", "↑"),
    (KeyCode::Down, "down", "↓"),
    (KeyCode::Left, "left", "←"),
    (KeyCode::Right, "right", "→"),
    (KeyCode::Enter, "enter", "Enter"),
    (KeyCode::Esc, "esc", "Esc"),
    (KeyCode::Backspace, "backspace", "Backspace"),
    (KeyCode::Tab, "tab", "Tab"),
    (KeyCode::Delete, "delete", "Del"),
    (KeyCode::Insert, "insert", "Ins"),
    (KeyCode::Home, "home", "Home"),
    (KeyCode::End, "end", "End"),
    (KeyCode::PageUp, "pageup", "PgUp"),
    (KeyCode::PageDown, "pagedown", "PgDn"),
    (KeyCode::Char(' '), "space", "Space"),
];

impl Key {
    /// A key in the one form.
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let kept = modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        match code {
            KeyCode::BackTab => Self { code: KeyCode::Tab, modifiers: kept | KeyModifiers::SHIFT },
            KeyCode::Char(letter) if kept.contains(KeyModifiers::CONTROL) => {
                Self { code: KeyCode::Char(letter.to_ascii_lowercase()), modifiers: kept - KeyModifiers::SHIFT }
            }
            KeyCode::Char(letter) if kept.contains(KeyModifiers::SHIFT) => {
                Self { code: KeyCode::Char(letter.to_ascii_uppercase()), modifiers: kept - KeyModifiers::SHIFT }
            }
            _ => Self { code, modifiers: kept },
        }
    }

    /// The key of a terminal's event.
    pub fn of(event: &KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }

    /// Reads `j`, `G`, `ctrl-d`, `alt-x`, `shift-tab`, `space`, `pageup`, `f1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((modifier, after)) = split_modifier(rest) {
            modifiers |= modifier;
            rest = after;
        }
        Some(Self::new(parse_code(rest)?, modifiers))
    }

    /// As the keymap writes it.
    pub fn name(self) -> String {
        self.written("ctrl-", "shift-", "alt-", |(_, name, _)| name)
    }

    /// As the screen shows it: `^d`, `S-Tab`, `↓`, `Space`.
    pub fn label(self) -> String {
        self.written("^", "S-", "M-", |(_, _, label)| label)
    }

    fn written(
        self,
        control: &str,
        shift: &str,
        alt: &str,
        word: impl Fn(&(KeyCode, &'static str, &'static str)) -> &'static str,
    ) -> String {
        let mut text = String::new();
        for (modifier, prefix) in
            [(KeyModifiers::CONTROL, control), (KeyModifiers::ALT, alt), (KeyModifiers::SHIFT, shift)]
        {
            if self.modifiers.contains(modifier) {
                text.push_str(prefix);
            }
        }
        match (NAMED.iter().find(|named| named.0 == self.code), self.code) {
            (Some(named), _) => text.push_str(word(named)),
            (None, KeyCode::Char(letter)) => text.push(letter),
            (None, KeyCode::F(number)) => {
                let letter = if control == "^" { 'F' } else { 'f' };
                // Writing to a `String` cannot fail.
                let _infallible = write!(text, "{letter}{number}");
            }
            (None, _) => text.push('?'),
        }
        text
    }
}

fn split_modifier(text: &str) -> Option<(KeyModifiers, &str)> {
    let (word, rest) = text.split_once('-')?;
    let modifier = match word.to_ascii_lowercase().as_str() {
        "ctrl" | "control" => KeyModifiers::CONTROL,
        "alt" | "meta" => KeyModifiers::ALT,
        "shift" => KeyModifiers::SHIFT,
        _ => return None,
    };
    (!rest.is_empty()).then_some((modifier, rest))
}

fn parse_code(text: &str) -> Option<KeyCode> {
    let mut letters = text.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(KeyCode::Char(letter));
    }
    let lower = text.to_ascii_lowercase();
    if let Some(named) = NAMED.iter().find(|named| named.1 == lower) {
        return Some(named.0);
    }
    match lower.as_str() {
        "del" => Some(KeyCode::Delete),
        "escape" => Some(KeyCode::Esc),
        "return" => Some(KeyCode::Enter),
        "pgup" => Some(KeyCode::PageUp),
        "pgdn" => Some(KeyCode::PageDown),
        _ => lower.strip_prefix('f')?.parse().ok().filter(|number| (1..=24).contains(number)).map(KeyCode::F),
    }
}

/// Reads a sequence of keys, parted by spaces: `g g`, `y l`, `ctrl-r`.
pub fn parse_keys(text: &str) -> Option<Vec<Key>> {
    let keys: Option<Vec<Key>> = text.split_whitespace().map(Key::parse).collect();
    keys.filter(|keys| !keys.is_empty())
}

/// A sequence as the screen shows it: `gg`, `yl`, `^r`, `o n` where a key has a long name.
pub fn keys_label(keys: &[Key]) -> String {
    let labels: Vec<String> = keys.iter().map(|key| key.label()).collect();
    let glue = if labels.iter().all(|label| label.chars().count() == 1) { "" } else { " " };
    labels.join(glue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for name in ["j", "G", "ctrl-d", "shift-tab", "space", "pageup", "f1", "alt-x", "'", "-", "ctrl--"] {
            assert_eq!(Key::parse(name).unwrap().name(), name);
        }
        assert_eq!(Key::parse("Del"), Key::parse("delete"));
        assert_eq!(Key::parse("nokey"), None);
        assert_eq!(parse_keys(""), None);
    }

    #[test]
    fn a_capital_is_the_same_key_with_and_without_shift() {
        let plain = Key::new(KeyCode::Char('G'), KeyModifiers::NONE);
        assert_eq!(Key::new(KeyCode::Char('G'), KeyModifiers::SHIFT), plain);
        assert_eq!(Key::new(KeyCode::Char('g'), KeyModifiers::SHIFT), plain);
        assert_eq!(Key::new(KeyCode::BackTab, KeyModifiers::SHIFT), Key::parse("shift-tab").unwrap());
    }

    #[test]
    fn labels_are_short() {
        let label = |text: &str| keys_label(&parse_keys(text).unwrap());
        assert_eq!((label("g g"), label("ctrl-d"), label("f1")), ("gg".into(), "^d".into(), "F1".into()));
    }
}
